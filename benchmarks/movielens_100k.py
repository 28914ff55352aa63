"""Reproduce the published MovieLens-100K table and put our strategies beside it.

    python benchmarks/movielens_100k.py

writes `recsys_ref/results/movielens_100k.json`.

The protocol is that of recommenders-team/recommenders: of each film's ratings
75 % are train, drawn with seed 42; every test rating is relevant; each user
gets 10 of the films that he has not rated in train. MAP divides by all of a
user's relevant films, nDCG by the best sum that 10 places allow.

Hyperparameters are chosen by nDCG on parts cut from the train part of seed 42
alone, and then kept for all seeds. The cuts withhold a tenth, five times over.
Cuts of a quarter would leave a sparser train part, which wants a stronger
ridge than the one it is chosen for: they choose l2 = 800 for EASE.
"""

from collections.abc import Callable, Mapping

import numpy as np
import protocol
from protocol import SEEDS, VALIDATION_CUTS, VALIDATION_RATIO, K, digits
from tqdm import tqdm

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.parts import Split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import over_seeds
from recsys_ref.evaluation.tuning import Search
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity

METRICS = {
    "map": metrics.average_precision,
    "ndcg": metrics.ndcg,
    "precision": metrics.precision,
    "recall": metrics.recall,
}
SOURCE = (
    "recommenders-team/recommenders, examples/06_benchmarks/movielens.ipynb, "
    "output committed at b02c95e2"
)
PUBLISHED = {  # in the order of METRICS
    "ALS": (0.003276, 0.033186, 0.038494, 0.013406),
    "SVD": (0.012060, 0.094445, 0.089077, 0.030094),
    "SAR": (0.114038, 0.393819, 0.340615, 0.185377),
    "NCF": (0.095231, 0.368634, 0.326935, 0.163221),
    "BPR": (0.133977, 0.444991, 0.388653, 0.216555),
    "BiVAE": (0.143562, 0.468673, 0.408165, 0.220898),
    "LightGCN": (0.120902, 0.416371, 0.359173, 0.195985),
}
SPACES = {
    "ItemKNN": {
        "similarity": ["cosine", "jaccard"],
        "neighbours": [50, 100, 200],
        "shrinkage": [0.0, 10.0, 30.0, 100.0],
    },
    "EASE": {"l2": [100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0]},
    "IALS": {
        "factors": [64],
        "l2": [10.0, 20.0, 40.0, 80.0],
        "alpha": [1.0, 2.0, 4.0, 8.0],
        "l2_exponent": [0.0, 1.0],
    },
}
TUNED: dict[str, Callable[..., Recommender]] = {
    "ItemKNN": ItemKNN,
    "EASE": EASE,
    "IALS": IALS,
}
BASELINE = "EASE"


def measure(strategy: Recommender, split: Split) -> Evaluation:
    """Fit on train, recommend to everyone, measure on test."""
    users = np.arange(split.train.n_users)
    ranking = strategy.fit(split.train).recommend(users, k=K)
    result = evaluate(ranking, split.test.matrix(), metrics=METRICS.values())
    return Evaluation(result.per_user.set_axis(list(METRICS), axis=1))


def tune(strategy: Callable[..., Recommender], space: Mapping, cuts: list[Split]):
    """Search a strategy's hyperparameters on validation cuts."""
    return protocol.tune(
        lambda cut, **parameters: measure(strategy(**parameters), cut),
        space,
        cuts,
        "ndcg",
    )


def search_all(train: Interactions) -> dict[str, Search]:
    """Choose every strategy's hyperparameters by the train part alone."""
    cuts = protocol.validation_cuts(train)
    return {name: tune(TUNED[name], space, cuts) for name, space in SPACES.items()}


def run(splits: Mapping[int, Split], chosen: Mapping[str, Mapping]):
    """Measure every strategy on every split: a dict of dicts of evaluations."""
    strategies = {
        "Popularity": Popularity,
        "SAR": ItemKNN.sar,
        **{name: lambda n=name: TUNED[n](**chosen[n]) for name in TUNED},
    }
    pairs = [(name, seed) for name in strategies for seed in splits]
    runs: dict[str, dict[int, Evaluation]] = {name: {} for name in strategies}
    for name, seed in tqdm(pairs, desc="test runs"):
        runs[name][seed] = measure(strategies[name](), splits[seed])
    return runs


def counts(split: Split) -> dict:
    """Count what the splitter made of the ratings."""
    return {
        "split": "stratified_split(ratings, ratio=0.75, by='item', seed=seed)",
        "k": K,
        "seeds": list(SEEDS),
        "train_events": len(split.train),
        "test_events": len(split.test),
        "users": len(np.unique(split.test.user)),
        "train_items": len(np.unique(split.train.item)),
        "test_items": len(np.unique(split.test.item)),
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    splits = protocol.published_splits()
    searches = search_all(splits[SEEDS[0]].train)
    runs = run(splits, {name: search.best for name, search in searches.items()})
    return {
        "protocol": counts(splits[SEEDS[0]]),
        "published": {
            "source": SOURCE,
            "rows": {
                name: dict(zip(METRICS, row, strict=True))
                for name, row in PUBLISHED.items()
            },
        },
        "search": {
            "metric": f"nDCG@{K}",
            "of": f"train of seed {SEEDS[0]}",
            "ratio": VALIDATION_RATIO,
            "cuts": list(VALIDATION_CUTS),
            "spaces": SPACES,
            "means": {
                name: [digits(mean) for mean in search.trials["mean"]]
                for name, search in searches.items()
            },
        },
        "chosen": {name: search.best for name, search in searches.items()},
        "seeds": {name: protocol.seed_means(by_seed) for name, by_seed in runs.items()},
        "over_seeds": {
            name: over_seeds(by_seed)[["mean", "std", "min", "max"]]
            .map(digits)
            .to_dict("index")
            for name, by_seed in runs.items()
        },
        f"ndcg_minus_{BASELINE.lower()}": {
            name: protocol.versus(by_seed, runs[BASELINE], "ndcg")
            for name, by_seed in runs.items()
            if name != BASELINE
        },
    }


def report(results: Mapping) -> str:
    """Lay the published rows and ours side by side, the worst first."""
    first, base = str(SEEDS[0]), BASELINE
    rows = [
        (f"{name} (published)", row)
        for name, row in results["published"]["rows"].items()
    ]
    rows += [
        (f"{name} (ours)", by_seed[first]) for name, by_seed in results["seeds"].items()
    ]
    rows.sort(key=lambda row: row[1]["ndcg"])
    lines = [f"{'seed ' + first:24}" + "".join(f"{name:>11}" for name in METRICS)]
    lines += [
        f"{name:24}" + "".join(f"{row[metric]:11.6f}" for metric in METRICS)
        for name, row in rows
    ]
    lines += ["", f"{'nDCG, seeds 42 to 46':24}{'mean':>8}{'std':>8}   minus {base}"]
    for name, row in results["over_seeds"].items():
        line = f"{name:24}{row['ndcg']['mean']:8.4f}{row['ndcg']['std']:8.4f}"
        if name != base:
            gap = results[f"ndcg_minus_{base.lower()}"][name]["pooled"]
            line += f"   {protocol.in_words(gap)}"
        lines.append(line)
    lines += ["", *(f"{name}: {best}" for name, best in results["chosen"].items())]
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
