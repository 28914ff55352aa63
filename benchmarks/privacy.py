"""Attack recommenders, and measure what protection costs.

    python benchmarks/privacy.py

writes `recsys_ref/results/privacy.json`.

Membership: MovieLens-100K's users are cut in halves, eight times. A model is
trained on each of the 16 halves. Five of them are attacked; the others, but for
the complement, are the attacker's shadow models. He knows each user's whole
history, and sees: `lists`, the ten films recommended for a random half of the
history, of which he counts those of the other half; `scores`, the mean score of
the user's films when he enters the history; each also calibrated by the
likelihood ratio of the shadow models; and, of EASE, the weights themselves.

Noise: private models on the published splits. Their hyperparameters are chosen
for each epsilon on a cut of the train part of seed 42, two draws of the noise;
that choice itself is not private. A user's value is his mean over five draws.
The attacks are repeated on the private models trained on halves: by the
calibrated scores, and by one who knows all other users, over 20 draws.

Disclosure: how many known facts single a user out; what is left when titles
that fewer than so many users chose are hidden; and what a ranking loses: the
mean of MiniLM's vectors of what is left of the lines stands for a hosted model
that reads them, with a prior of popularity whose weight is chosen on the cut.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import protocol
from protocol import SEEDS, K, digits
from tqdm import tqdm

from recsys_ref.content.embed import embed_items
from recsys_ref.content.whiten import Centring
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import over_seeds, pool_seeds
from recsys_ref.evaluation.tuning import grid_search
from recsys_ref.lm.pretrained import load_encoder
from recsys_ref.privacy.differential import attack_ceiling, gaussian_sigma
from recsys_ref.privacy.disclosure import infer_attribute, unicity
from recsys_ref.privacy.inversion import gram_of_weights, leverage
from recsys_ref.privacy.membership import (
    attack_auc,
    attack_quality,
    likelihood_ratio,
    own_fit,
    paired_halves,
)
from recsys_ref.privacy.private_models import PrivateEASE, PrivatePopularity, exposure
from recsys_ref.privacy.pseudonym import generalized
from recsys_ref.profiles.behaviour import profile
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity

PAIRS, TARGETS, RNG = 8, (0, 2, 4, 6, 8), 0
METRIC = f"ndcg@{K}"
TUNED = {  # chosen in movielens_100k.py
    "EASE": lambda: EASE(l2=400.0),
    "ItemKNN": lambda: ItemKNN(neighbours=100, shrinkage=30.0),
    "iALS": lambda: IALS(factors=64, l2=40.0, alpha=4.0),
    "Popularity": Popularity,
}
EPSILONS, DELTA = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, np.inf), 1e-4
SPACE = {"n_items": [100, 200, 400], "l2": [3.0, 10.0, 30.0, 100.0], "clip": [2.0, 4.0]}
TUNING_DRAWS, DRAWS, INFORMED_DRAWS = 2, 5, 20
KNOWN = (1, 2, 3, 5, 8, 12, 20)
LEAST = (1, 10, 30, 100, 300, 944)
PRIORS = {"prior": [0.0, 0.05, 0.1, 0.2, 0.4]}


def read_vectors() -> np.ndarray:
    """Return MiniLM's vectors of the films, centered, of length 1."""
    vectors = embed_items(load_encoder(), load_movielens_100k().items)
    return unit_rows(Centring().fit(vectors).transform(vectors))


def of_users(x: Interactions, chosen: np.ndarray) -> Interactions:
    """Keep the events of some users, `bool[U]`."""
    return x.select(chosen[x.user])


def answers(
    make: Callable[[], Recommender], x: Interactions, halves: np.ndarray
) -> dict[str, np.ndarray]:
    """Train on each half; return both statistics, `float64[M, U]` each."""
    everyone = np.arange(x.n_users)
    first = np.random.default_rng(RNG).random(len(x)) < 0.5
    shown, withheld = x.select(first), x.select(~first).matrix().toarray()
    found: dict[str, list] = {"lists": [], "scores": []}
    for half in halves:
        model = make().fit(of_users(x, half))
        found["scores"].append(own_fit(model.fold_in(x).score(everyone), x.matrix()))
        lists = model.fold_in(shown).recommend(everyone, k=K)
        hits = withheld[everyone[:, None], lists.items].sum(axis=1)
        found["lists"].append(hits)
    return {name: np.array(rows) for name, rows in found.items()}


def calibrated(statistic: np.ndarray, halves: np.ndarray, target: int) -> np.ndarray:
    """Compare a target's statistic with all other models but its complement."""
    others = np.arange(len(halves)) // 2 != target // 2
    return likelihood_ratio(statistic[target], statistic[others], halves[others])


def quality(statistics: list[np.ndarray], halves: np.ndarray) -> dict:
    """Return AUC and share caught over the targets, as the file holds them."""
    table = attack_quality(
        np.array(statistics), halves[list(TARGETS)], n_resamples=300, rng=RNG
    )
    return {
        row: {name: digits(table.loc[row, name]) for name in table}
        for row in table.index
    }


def attack(make: Callable[[], Recommender], x: Interactions, halves: np.ndarray):
    """Attack one kind of model in all ways; return the record."""
    record = {}
    for name, statistic in answers(make, x, halves).items():
        record[name] = quality([statistic[t] for t in TARGETS], halves)
        ratios = [calibrated(statistic, halves, t) for t in TARGETS]
        record[f"{name}, calibrated"] = quality(ratios, halves)
    return record


def by_scores(make: Callable[[], Recommender], x: Interactions, halves: np.ndarray):
    """Attack one kind of model by its calibrated scores alone."""
    statistic = answers(make, x, halves)["scores"]
    return quality([calibrated(statistic, halves, t) for t in TARGETS], halves)


def attack_weights(x: Interactions, halves: np.ndarray) -> dict:
    """Invert EASE's weights; accuse whoever the counts can hold."""
    found = []
    for target in TARGETS:
        model = TUNED["EASE"]().fit(of_users(x, halves[target]))
        gram = gram_of_weights(model.weights_, model.l2)
        found.append(-leverage(gram, x.matrix()))
    return quality(found, halves)


def measure(model: Recommender, split: Split) -> Evaluation:
    """Recommend to all users and compare with their test events."""
    ranking = model.recommend(np.arange(split.train.n_users), k=K)
    return evaluate(ranking, split.test.matrix(), metrics=[metrics.ndcg])


def over_draws(make: Callable, split: Split, draws: int) -> Evaluation:
    """Average each user's value over draws of the noise."""
    runs = {r: measure(make(rng=r).fit(split.train), split) for r in range(draws)}
    return pool_seeds(runs)


def choose(cut: Split) -> dict[float, object]:
    """Search for each epsilon on one cut."""

    def search(epsilon: float):
        def objective(**given: object) -> np.ndarray:
            run = over_draws(
                lambda rng: PrivateEASE(epsilon, DELTA, rng=rng, **given),
                cut,
                1 if epsilon == np.inf else TUNING_DRAWS,
            )
            return run.per_user[METRIC].to_numpy()

        return grid_search(objective, SPACE)

    return {epsilon: search(epsilon) for epsilon in EPSILONS}


def utility(splits: Mapping[int, Split], chosen: Mapping[float, Mapping]) -> dict:
    """Measure private and plain models on the published splits."""
    runs: dict[str, dict[int, Evaluation]] = {}
    for seed, split in tqdm(splits.items(), desc="utility"):
        for name in ("EASE", "Popularity"):
            run = measure(TUNED[name]().fit(split.train), split)
            runs.setdefault(name, {})[seed] = run
        for epsilon in EPSILONS:
            for name, make in (
                (f"private EASE, {epsilon:g}", PrivateEASE),
                (f"private popularity, {epsilon:g}", PrivatePopularity),
            ):
                given = chosen[epsilon] if make is PrivateEASE else {}
                runs.setdefault(name, {})[seed] = over_draws(
                    lambda rng, e=epsilon, m=make, g=given: m(e, DELTA, rng=rng, **g),
                    split,
                    1 if epsilon == np.inf else DRAWS,
                )
    return {
        "over_seeds": {
            name: {k: digits(v) for k, v in over_seeds(by).loc[METRIC].items()}
            for name, by in runs.items()
        },
        "minus_popularity": {
            name: protocol.versus(by, runs["Popularity"])
            for name, by in runs.items()
            if name != "Popularity"
        },
    }


def informed(x: Interactions, half: np.ndarray, epsilon: float, given: Mapping):
    """Attack as one who knows all others, over draws of the noise."""
    train = of_users(x, half)
    values = [
        exposure(PrivateEASE(epsilon, DELTA, rng=rng, **given).fit(train), x)
        for rng in range(INFORMED_DRAWS)
    ]
    return attack_auc(np.concatenate(values), np.tile(half, INFORMED_DRAWS))


def attack_private(x: Interactions, halves: np.ndarray, chosen: Mapping) -> dict:
    """Repeat the attacks at each epsilon."""
    record = {}
    for epsilon in tqdm(EPSILONS, desc="attacks on private models"):
        seeds = iter(range(100, 100 + len(halves)))

        def make(epsilon=epsilon, seeds=seeds):
            return PrivateEASE(epsilon, DELTA, rng=next(seeds), **chosen[epsilon])

        record[f"{epsilon:g}"] = {
            "ceiling": digits(attack_ceiling(gaussian_sigma(epsilon, DELTA))),
            "informed": digits(informed(x, halves[0], epsilon, chosen[epsilon]))
            if epsilon < np.inf
            else 1.0,
            "scores, calibrated": by_scores(make, x, halves),
        }
    return record


def facts(x: Interactions) -> dict[str, np.ndarray]:
    """Return what each event may say, `int64[N]` each."""
    day = x.timestamp // 86_400
    return {
        "film": x.item,
        "film, month": x.item * 1_000 + (day - day.min()) // 30,
        "film, rating": x.item * 10 + x.value.astype(np.int64),
        "film, day": x.item * 10_000 + (day - day.min()),
    }


def singled_out(x: Interactions, fact: np.ndarray, k: int) -> dict[str, float]:
    """Return the mean share singled out by k facts."""
    shares = unicity(x.user, fact, k, n_users=x.n_users, draws=10, rng=RNG)
    return protocol.interval(shares, np.zeros(len(shares)), n_resamples=2000)


def inferred(x: Interactions, label: np.ndarray, attribute: np.ndarray) -> dict:
    """Return the AUC of an attribute guessed from what is left of histories."""
    table = pd.crosstab(x.user, label[x.item]).to_numpy(float)
    features = np.sqrt(table / table.sum(axis=1, keepdims=True))
    guess = infer_attribute(features, attribute, rng=RNG)
    row = attack_quality(guess, attribute, n_resamples=300, rng=RNG).loc["auc"]
    return {name: digits(value) for name, value in row.items()}


def reader(vectors: np.ndarray, read: np.ndarray, train: Interactions, prior: float):
    """Make the stand-in for a hosted model, which reads lines with vectors `read`."""
    return DotProduct(vectors, user_vectors=profile(train, read), prior=prior)


def read_lines(least: int) -> np.ndarray:
    """Return the vectors of what is left of each film's line."""
    movielens, encoder = load_movielens_100k(), load_encoder()
    centring = Centring().fit(embed_items(encoder, movielens.items))
    left = generalized(movielens.items, movielens.interactions, least)
    return unit_rows(centring.transform(embed_items(encoder, left.items)))


def disclosure(x: Interactions, splits: Mapping[int, Split], cut: Split) -> dict:
    """Measure what histories tell, whole and with rare titles hidden."""
    movielens, vectors = load_movielens_100k(), read_vectors()
    search = grid_search(
        lambda prior: (
            measure(reader(vectors, vectors, cut.train, prior).fit(cut.train), cut)
            .per_user[METRIC]
            .to_numpy()
        ),
        PRIORS,
    )
    users = movielens.users
    attributes = {"gender": users.gender == "F", "under 30": users.age < 30}
    hidden, runs = {}, {}
    for least in tqdm(LEAST, desc="hiding"):
        left = generalized(movielens.items, x, least)
        read = read_lines(least)
        runs[least] = {
            seed: measure(
                reader(vectors, read, split.train, **search.best).fit(split.train),
                split,
            )
            for seed, split in splits.items()
        }
        hidden[str(least)] = {
            "titles kept": digits((left.level[x.item] == 0).mean()),
            "names": len(np.unique(left.label)),
            "unicity": singled_out(x, left.label[x.item], 8),
            METRIC: digits(over_seeds(runs[least]).loc[METRIC, "mean"]),
            "minus all titles": protocol.versus(runs[least], runs[1])["pooled"],
            **{n: inferred(x, left.label, v) for n, v in attributes.items()},
        }
    return {
        "prior": protocol.search_record(search, PRIORS),
        "unicity": {
            name: {str(k): singled_out(x, fact, k) for k in KNOWN}
            for name, fact in facts(x).items()
        },
        "hidden": hidden,
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    x, splits = load_movielens_100k().interactions, protocol.published_splits()
    halves = paired_halves(x.n_users, PAIRS, rng=RNG)
    vectors = read_vectors()
    models = TUNED | {"Text": lambda: DotProduct(vectors)}
    attacks = {
        name: attack(make, x, halves) for name, make in tqdm(models.items(), "attacks")
    }
    attacks["EASE"]["weights"] = attack_weights(x, halves)
    cut = protocol.validation_cuts(splits[SEEDS[0]].train)[0]
    searches = choose(cut)
    chosen = {epsilon: search.best for epsilon, search in searches.items()}
    return {
        "protocol": {
            "words": " ".join(__doc__.split("\n\n", 3)[3].split()),
            "pairs": PAIRS,
            "targets": list(TARGETS),
            "k": K,
            "delta": DELTA,
            "epsilons": [f"{e:g}" for e in EPSILONS],
        },
        "attacks": attacks,
        "search": {
            f"{e:g}": protocol.search_record(s, SPACE) for e, s in searches.items()
        },
        "utility": utility(splits, chosen),
        "private": attack_private(x, halves, chosen),
        "disclosure": disclosure(x, splits, cut),
    }


def report(results: Mapping) -> str:
    """Lay the results out."""
    lines = [f"{'model':12}{'attacker':22}{'AUC':>7}{'caught at 1 %':>15}"]
    for model, ways in results["attacks"].items():
        for way, row in ways.items():
            auc, caught = row["auc"]["mean"], row["caught"]["mean"]
            lines.append(f"{model:12}{way:22}{auc:7.3f}{caught:15.3f}")
    lines.append("")
    for name, row in results["utility"]["over_seeds"].items():
        line = f"{name:26}{row['mean']:8.4f}"
        if name != "Popularity":
            gap = results["utility"]["minus_popularity"][name]["pooled"]
            line += f"   minus popularity {protocol.in_words(gap)}"
        lines.append(line)
    lines.append("")
    for epsilon, row in results["private"].items():
        auc = row["scores, calibrated"]["auc"]["mean"]
        lines.append(
            f"epsilon {epsilon:4} ceiling {row['ceiling']:.3f}, informed "
            f"{row['informed']:.3f}, scores {auc:.3f}, "
            f"{results['search'][epsilon]['chosen']}"
        )
    lines.append("")
    for name, row in results["disclosure"]["unicity"].items():
        shares = " ".join(f"{k}: {v['mean']:.3f}" for k, v in row.items())
        lines.append(f"{name:14}{shares}")
    for least, row in results["disclosure"]["hidden"].items():
        lines.append(
            f"least {least:4} unicity {row['unicity']['mean']:.3f} {METRIC} "
            f"{row[METRIC]:.4f} {protocol.in_words(row['minus all titles'])} gender "
            f"{row['gender']['mean']:.3f} under 30 {row['under 30']['mean']:.3f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
