"""What text adds where there are plenty of ratings: hybrids on the published split.

    python benchmarks/warm.py

writes `recsys_ref/results/warm.json`.

The protocol is that of `movielens_100k.py`: 75 % of each film's ratings are
train, seeds 42 to 46, everyone gets 10 of the films that he has not rated in
train. ItemKNN, EASE and IALS have the hyperparameters that were chosen there.
All others are chosen here in the same way: by nDCG@10 on five cuts, of a tenth
each, of the train part of seed 42, and kept for all seeds. AlphaRec, which
takes seconds to train, is chosen on the first two cuts.

The text of a film is its title, year and genres, read by MiniLM and by
SmolLM2 (layer 16, first token dropped). The centered vectors of the two, each
of length 1, stand side by side. Genre and year alone, as plain numbers, are
the control without a language model.

Blends add up standardized scores (`strategies.hybrid`). EASE with IALS, no
text, is the control for what a blend gains by being one. In the shuffled
control of a method the same text vectors are dealt to other films at random,
a new deal for each seed, with the same hyperparameters.

p-values are two-sided, by sign flips of the users' differences from EASE
pooled over seeds, and adjusted by Holm over all methods with text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import protocol
import torch
from protocol import SEEDS, K, digits
from tqdm import tqdm

import recsys_ref.results
from recsys_ref.content.embed import embed_items
from recsys_ref.content.whiten import Centring, Whitening
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import over_seeds, pool_seeds
from recsys_ref.evaluation.significance import holm, permutation_test
from recsys_ref.evaluation.tuning import Search
from recsys_ref.lm.pretrained import load_causal, load_encoder
from recsys_ref.ranking import top_k
from recsys_ref.strategies.alpharec import AlphaRec
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.collective_ease import CollectiveEASE
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import blend
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.prior_ease import PriorEASE

METRIC = f"ndcg@{K}"
FILM = "Film: {title}[ ({year})][: {genres}]"  # two tokens at least, as SmolLM2 needs
YEAR_WEIGHT = 0.3
DIMENSIONS = (32, 64, 128)
SPACES = {
    "Text": {"dimensions": list(DIMENSIONS), "prior": [0.05, 0.1, 0.2, 0.4, 0.8]},
    "Collective EASE": {
        "text": [10.0, 30.0, 100.0],
        "l2": [300.0, 400.0, 500.0, 700.0],
    },
    "Prior EASE": {
        "neighbours": [10, 30, 100],
        "strength": [0.2, 0.35, 0.5, 0.7],
        "l2": [400.0, 600.0, 800.0],
    },
    "Genre prior EASE": {
        "neighbours": [10, 30, 100],
        "strength": [0.2, 0.35, 0.5, 0.7],
        "l2": [400.0, 600.0, 800.0],
    },
    "AlphaRec": {"temperature": [0.1, 0.15, 0.2], "steps": [100, 200, 300]},
}
MODELS: dict[str, Callable[..., Recommender]] = {
    "Popularity": lambda _: Popularity(),
    "ItemKNN": lambda _, **chosen: ItemKNN(**chosen),
    "EASE": lambda _, **chosen: EASE(**chosen),
    "IALS": lambda _, **chosen: IALS(**chosen),
    "Text": lambda v, dimensions, prior: DotProduct(
        v[f"white {dimensions}"], cosine=True, prior=prior
    ),
    "Collective EASE": lambda v, **chosen: CollectiveEASE(v["text"], **chosen),
    "Prior EASE": lambda v, **chosen: PriorEASE(v["text"], **chosen),
    "Genre prior EASE": lambda v, **chosen: PriorEASE(v["genres"], **chosen),
    "AlphaRec": lambda v, **chosen: AlphaRec(v["text"], **chosen),
}
IALS_WEIGHTS = [0.5, 1.0, 2.0, 4.0]
TEXT_WEIGHTS = [0.0, 0.1, 0.3, 0.5, 1.0]
BLENDS = {  # the first part has the weight 1; the others are chosen from these
    "EASE + text": {"EASE": [1.0], "Text": TEXT_WEIGHTS},
    "EASE + AlphaRec": {"EASE": [1.0], "AlphaRec": TEXT_WEIGHTS},
    "EASE + IALS": {"EASE": [1.0], "IALS": IALS_WEIGHTS},
    "EASE + IALS + text": {
        "EASE": [1.0],
        "IALS": IALS_WEIGHTS,
        "Text": TEXT_WEIGHTS,
    },
    "EASE + IALS + AlphaRec": {
        "EASE": [1.0],
        "IALS": IALS_WEIGHTS,
        "AlphaRec": TEXT_WEIGHTS,
    },
    "Genre prior EASE + IALS": {"Genre prior EASE": [1.0], "IALS": IALS_WEIGHTS},
    "Prior EASE + IALS": {"Prior EASE": [1.0], "IALS": IALS_WEIGHTS},
    "Prior EASE + IALS + AlphaRec": {
        "Prior EASE": [1.0],
        "IALS": IALS_WEIGHTS,
        "AlphaRec": TEXT_WEIGHTS,
    },
}
NO_TEXT = ("Popularity", "ItemKNN", "EASE", "IALS", "EASE + IALS")
METHODS = (*MODELS, *BLENDS)
WITH_TEXT = tuple(name for name in METHODS if name not in NO_TEXT)
PAIRS = (  # what else is compared
    ("EASE + IALS + text", "EASE + IALS"),
    ("EASE + IALS + AlphaRec", "EASE + IALS"),
    ("Prior EASE + IALS", "EASE + IALS"),
    ("Prior EASE + IALS + AlphaRec", "EASE + IALS"),
    ("Genre prior EASE + IALS", "EASE + IALS"),
    ("Prior EASE + IALS", "Genre prior EASE + IALS"),
    ("Prior EASE", "Genre prior EASE"),
    ("Collective EASE", "Genre prior EASE"),
)


@cache
def films() -> Items:
    """Return the films of MovieLens-100K."""
    return load_movielens_100k().items


def side_by_side(*parts: np.ndarray) -> np.ndarray:
    """Center each part, bring its rows to length 1, and join the parts."""
    return np.hstack([unit_rows(Centring().fit(v).transform(v)) for v in parts])


@cache
def text_vectors() -> np.ndarray:
    """Let both language models read the films, `float32[I, D]`."""
    minilm = embed_items(load_encoder(), films())
    smollm2 = embed_items(
        load_causal(), films(), template=FILM, layer=16, drop_first=True
    )
    return side_by_side(minilm, smollm2)


@cache
def genre_vectors() -> np.ndarray:
    """Put genres and year into numbers without a language model, `float32[I, D]`."""
    year = np.where(np.isnan(films().year), np.nanmean(films().year), films().year)
    year = (year - year.mean()) / year.std()
    genres = side_by_side(films().genres.astype(np.float32))
    return np.c_[genres, YEAR_WEIGHT * year].astype(np.float32)


@cache
def item_vectors() -> dict[str, np.ndarray]:
    """Collect what the methods know of the films, by name."""
    white = {
        f"white {d}": Whitening(d).fit(text_vectors()).transform(text_vectors())
        for d in DIMENSIONS
    }
    return {"text": text_vectors(), "genres": genre_vectors(), **white}


def shuffled(vectors: Mapping[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    """Deal the vectors to other films, all in the same way."""
    deal = np.random.default_rng(seed).permutation(len(films()))
    return {name: v[deal] for name, v in vectors.items()}


@dataclass(eq=False)
class Bench:
    """One split, and the scores of what was fitted to it.

    Attributes:
        split: Train and test part.
        vectors: What is known of the films.
        kept: Scores of fitted models, by name and hyperparameters.
    """

    split: Split
    vectors: Mapping[str, np.ndarray]
    kept: dict = field(default_factory=dict)

    def scores(self, name: str, parameters: Mapping, keep: bool = True) -> np.ndarray:
        """Fit a model, unless it is kept, and score all films for all users."""
        key = (name, *parameters.items())
        if key in self.kept:
            return self.kept[key]
        users = np.arange(self.split.train.n_users)
        model = MODELS[name](self.vectors, **parameters)
        scores = model.fit(self.split.train).score(users)
        if keep:
            self.kept[key] = scores
        return scores

    def measure(self, scores: np.ndarray) -> Evaluation:
        """Rank what is not in train, and compare with test."""
        seen = self.split.train.matrix()
        ranking = top_k(scores, K, users=np.arange(len(scores)), excluded=seen)
        return evaluate(ranking, self.split.test.matrix(), metrics=[metrics.ndcg])

    def method(self, name: str, chosen: Mapping[str, Mapping]) -> Evaluation:
        """Measure a model or a blend with the hyperparameters chosen."""
        if name in MODELS:
            return self.measure(self.scores(name, chosen.get(name, {})))
        parts = [self.scores(part, chosen.get(part, {})) for part in BLENDS[name]]
        weights = [chosen[name][part] for part in BLENDS[name]]
        return self.measure(blend(parts, weights))


def search_model(name: str, benches: list[Bench]) -> Search:
    """Choose a model's hyperparameters."""
    return protocol.tune(
        lambda bench, **parameters: bench.measure(
            bench.scores(name, parameters, keep=False)
        ),
        SPACES[name],
        benches,
        METRIC,
    )


def search_blend(name: str, benches: list[Bench], chosen: Mapping) -> Search:
    """Choose a blend's weights, its parts being chosen."""
    return protocol.tune(
        lambda bench, **weights: bench.method(name, {**chosen, name: weights}),
        BLENDS[name],
        benches,
        METRIC,
    )


def search_all(train) -> tuple[dict[str, dict], dict[str, dict]]:
    """Choose everything by one train part; return the choices and the record."""
    benches = [Bench(cut, item_vectors()) for cut in protocol.validation_cuts(train)]
    chosen = dict(recsys_ref.results.load("movielens_100k")["chosen"])
    record = {}
    for name, space in SPACES.items():
        some = benches[:2] if name == "AlphaRec" else benches
        search = search_model(name, some)
        chosen[name] = search.best
        record[name] = protocol.search_record(search, space)
    for name, space in BLENDS.items():
        search = search_blend(name, benches, chosen)
        chosen[name] = search.best
        record[name] = protocol.search_record(search, space)
    return chosen, record


def run(splits: Mapping[int, Split], chosen: Mapping) -> tuple[dict, dict]:
    """Measure all methods on all splits, and those with text on shuffled text."""
    runs = {name: {} for name in METHODS}
    controls = {name: {} for name in WITH_TEXT}
    for seed, split in tqdm(splits.items(), desc="splits"):
        bench = Bench(split, item_vectors())
        for name in METHODS:
            runs[name][seed] = bench.method(name, chosen)
        without = {k: v for k, v in bench.kept.items() if k[0] in NO_TEXT}
        control = Bench(split, shuffled(item_vectors(), seed), without)
        for name in WITH_TEXT:
            controls[name][seed] = control.method(name, chosen)
    return runs, controls


def p_values(runs: Mapping[str, Mapping[int, Evaluation]]) -> dict[str, dict]:
    """Test every method with text against EASE, and adjust for their number."""
    base = pool_seeds(runs["EASE"]).per_user[METRIC]
    p = [
        permutation_test(pool_seeds(runs[name]).per_user[METRIC], base, rng=0)
        for name in WITH_TEXT
    ]
    return {
        name: {"p": digits(raw), "holm": digits(adjusted)}
        for name, raw, adjusted in zip(WITH_TEXT, p, holm(np.array(p)), strict=True)
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    torch.set_num_threads(1)
    splits = protocol.published_splits()
    chosen, record = search_all(splits[SEEDS[0]].train)
    runs, controls = run(splits, chosen)
    versus = protocol.versus
    return {
        "protocol": {
            "split": "stratified_split(ratings, ratio=0.75, by='item', seed=seed)",
            "k": K,
            "seeds": list(SEEDS),
            "text": "MiniLM beside SmolLM2 (layer 16, first token dropped)",
            "control": "the same vectors dealt to other films, once a seed",
            "chosen_on": "five cuts of a tenth of the train part of seed 42",
        },
        "search": record,
        "chosen": {name: chosen[name] for name in METHODS if name in chosen},
        "seeds": {name: protocol.seed_means(runs[name]) for name in METHODS},
        "controls": {name: protocol.seed_means(controls[name]) for name in WITH_TEXT},
        "over_seeds": {
            name: {k: digits(v) for k, v in over_seeds(by).loc[METRIC].items()}
            for name, by in runs.items()
        },
        "minus_ease": {
            name: versus(runs[name], runs["EASE"]) for name in METHODS if name != "EASE"
        },
        "minus_ials": {
            name: versus(runs[name], runs["IALS"]) for name in METHODS if name != "IALS"
        },
        "minus_control": {
            name: versus(runs[name], controls[name]) for name in WITH_TEXT
        },
        "control_minus_ease": {
            name: versus(controls[name], runs["EASE"]) for name in WITH_TEXT
        },
        "pairs": {f"{a} - {b}": versus(runs[a], runs[b]) for a, b in PAIRS},
        "p_values": p_values(runs),
    }


def seeds_above_zero(intervals: Mapping[str, Mapping]) -> int:
    """Count the seeds whose interval lies above zero."""
    return sum(intervals[str(seed)]["low"] > 0 for seed in SEEDS)


def report(results: Mapping) -> str:
    """Lay the methods out, the worst first."""
    lines = [
        f"{'nDCG@10, seeds 42 to 46':30}{'mean':>7}{'minus EASE':>27}{'seeds':>6}"
        f"{'minus IALS':>27}{'minus shuffled':>27}{'Holm p':>8}"
    ]

    def cell(table: str, name: str) -> str:
        if name not in results[table]:
            return f"{'':27}"
        gap = results[table][name]["pooled"]
        return f"{gap['mean']:+10.4f} [{gap['low']:+.4f},{gap['high']:+.4f}]"

    means = {name: row["mean"] for name, row in results["over_seeds"].items()}
    for name in sorted(means, key=means.get):
        above = results["minus_ease"].get(name)
        p = results["p_values"].get(name)
        lines.append(
            f"{name:30}{means[name]:7.4f}{cell('minus_ease', name)}"
            f"{seeds_above_zero(above) if above else '':>6}"
            f"{cell('minus_ials', name)}{cell('minus_control', name)}"
            + (f"{p['holm']:8.4f}" if p else "")
        )
    lines += [""]
    for pair, gaps in results["pairs"].items():
        gap = gaps["pooled"]
        lines.append(
            f"{pair}: {protocol.in_words(gap)}, "
            f"above zero in {seeds_above_zero(gaps)} seeds"
        )
    lines += ["", *(f"{name}: {best}" for name, best in results["chosen"].items())]
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
