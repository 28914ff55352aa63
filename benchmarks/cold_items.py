"""Measure what a text, and a language model that reads it, says of a new film.

    python benchmarks/cold_items.py

writes `recsys_ref/results/cold_items.json`.

A fifth of the films is withheld with all their ratings, ten times over. A
method sees the other films' ratings and the text of all, and ranks the withheld
films for every user: binary nDCG@10, every rating relevant, ties at random.

Every map has its ridge strength, and the Gaussian ones their width, chosen by
films withheld again from the train part of seed 42; so have the weights of the
blocks been, once, by hand. Films that are withheld by one of the other seeds
are mostly in that train part: the numbers of seed 42 alone are free of this.

The harder task is one list of all films. A quarter of each warm film's ratings
is withheld as well; the list is made once and read twice, with the withheld
ratings of warm films as the relevant ones and with those of cold films.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import protocol
from protocol import K, digits
from scipy.sparse import csr_array
from tqdm import tqdm

from recsys_ref.content.blocks import stack_blocks, year_bumps
from recsys_ref.content.embed import embed_items
from recsys_ref.data.features import popularity
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import ColdSplit
from recsys_ref.data.split import cold_items, stratified_split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import over_seeds
from recsys_ref.evaluation.tuning import Search
from recsys_ref.lm.pretrained import load_causal, load_encoder
from recsys_ref.lm.scoring import log_likelihood
from recsys_ref.ranking import Ranking, top_k
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.calibration import match_scale
from recsys_ref.strategies.cold_start import ColdStart, text_map
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.ials import IALS

SHARE, SEEDS, CUTS = 0.2, tuple(range(42, 52)), (100, 101, 102, 103, 104)
EASE_L2 = 400.0  # chosen on warm films, see movielens_100k.json
QUESTION = 'The genre of the film "{natural_title}" is'
PROMPT, TITLE = "The film", ' "{natural_title}"'
WEIGHTS = {"genres": 0.5, "year": 1.0, "MiniLM": 1.0, "SmolLM2": 1.0, "surprise": 3.0}
PLAIN, LM = ("genres", "year"), ("MiniLM", "SmolLM2", "surprise")
BLOCKS = {  # method: the blocks that its map reads
    "MiniLM": ("MiniLM",),
    "SmolLM2": ("SmolLM2",),
    "surprise": ("surprise",),
    "all three": LM,
    "genre + year": PLAIN,
    "+ MiniLM": (*PLAIN, "MiniLM"),
    "+ SmolLM2": (*PLAIN, "SmolLM2"),
    "+ surprise": (*PLAIN, "surprise"),
    "+ MiniLM + SmolLM2": (*PLAIN, "MiniLM", "SmolLM2"),
    "+ SmolLM2 + surprise": (*PLAIN, "SmolLM2", "surprise"),
    "+ all three": (*PLAIN, *LM),
    "+ all three, texts shuffled": (*PLAIN, "shuffled"),
    "+ title length": (*PLAIN, "length"),
}
LINEAR = ("genre + year", "+ MiniLM", "+ MiniLM + SmolLM2", "+ all three")
BEST, BASE = "+ all three", "genre + year, linear"
PAIRS = [  # a, b: the difference a - b is given with its interval
    (BEST, BASE),
    (BEST, "genre + year"),
    ("+ MiniLM", "genre + year"),
    ("+ SmolLM2", "genre + year"),
    ("+ surprise", "genre + year"),
    ("+ MiniLM + SmolLM2", "genre + year"),
    ("+ MiniLM + SmolLM2", "+ MiniLM"),
    ("+ MiniLM + SmolLM2", "+ SmolLM2"),
    (BEST, "+ MiniLM + SmolLM2"),
    (BEST, "+ surprise"),
    (BEST, "+ SmolLM2 + surprise"),
    (BEST, "all three"),
    (BEST, "+ all three, linear"),
    (BEST, "+ all three, from iALS"),
    ("genre + year", BASE),
    ("+ title length", "genre + year"),
    ("+ all three, texts shuffled", "genre + year"),
    (BEST, "+ all three, texts shuffled"),
]
FACTORS = {"factors": 64, "l2": 40.0, "alpha": 4.0}  # of movielens_100k.json
SPACES = {
    "linear": {"l2": [3.0, 10.0, 30.0, 100.0, 300.0]},
    "Gaussian": {"l2": [0.1, 0.3, 1.0], "width": [4.0, 7.0, 12.0]},
}
ONE_LIST_SEEDS = SEEDS[:5]
OFFSETS = [-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0]
PLACES = (1, 2, 3)  # at the end of a list, kept free for cold films
RATIOS = (0.75, 0.9)  # share of warm films' ratings that stays in train
LOSS = 0.01  # of warm nDCG, that an offset may cost
COLD_TARGET = 0.15


def surprise(items: Items, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Measure how little a title surprises SmolLM2, `float64[N]`, nats a token."""
    titles = items.text(TITLE)[rows].tolist()
    return log_likelihood(load_causal(), PROMPT, titles, normalize="tokens")


def describe(items: Items, likelihood: np.ndarray) -> dict[str, np.ndarray]:
    """Make the blocks; `likelihood` as from `surprise`."""
    causal = load_causal()
    titles = items.text("{natural_title}")
    blocks = {
        "genres": items.genres.astype(float),
        "year": year_bumps(items.year),
        "MiniLM": embed_items(load_encoder(), items),
        "SmolLM2": embed_items(causal, items, template=QUESTION, pooling="last"),
        "surprise": np.asarray(likelihood)[:, None],
        "length": np.array([[len(t), len(t.split())] for t in titles], float),
    }
    read = stack_blocks({n: blocks[n] for n in LM}, {n: WEIGHTS[n] for n in LM})
    blocks["shuffled"] = np.random.default_rng(0).permutation(read)
    return blocks


def vectors_of(blocks: Mapping[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    """Stack some blocks; the shuffled ones weigh what they weigh together."""
    weights = WEIGHTS | {"shuffled": sum(WEIGHTS[n] for n in LM)}
    weights["length"] = WEIGHTS["surprise"]
    return stack_blocks({n: blocks[n] for n in names}, {n: weights[n] for n in names})


@dataclass(frozen=True)
class Task:
    """A split with what a behavioural model, fitted once, says of warm films."""

    split: ColdSplit
    scores: np.ndarray  # float32[U, W]
    warm: np.ndarray  # int64[W]

    @classmethod
    def of(cls, split: ColdSplit, model: Recommender | None = None) -> "Task":
        """Fit the model on the warm films."""
        fitted = (model or EASE(l2=EASE_L2)).fit(split.train)
        warm = np.flatnonzero(popularity(split.train))
        return cls(split, fitted.score(np.arange(split.train.n_users))[:, warm], warm)

    def rank(self, cold_scores: np.ndarray) -> Evaluation:
        """Rank the cold films by `float[U, C]`, or `float[C]` for everyone."""
        scores = np.zeros((self.split.train.n_users, self.split.train.n_items))
        scores[:, self.split.cold] = cold_scores
        ranking = top_k(scores.astype(np.float32), K, candidates=self.split.cold)
        return evaluate(ranking, self.split.test.matrix(), metrics=[metrics.ndcg])

    def carry(self, vectors: np.ndarray, **how: float) -> Evaluation:
        """Rank by a map; `ColdStart` does the same and fits its model each time."""
        carried = text_map(vectors[self.warm], vectors[self.split.cold], **how)
        return self.rank(self.scores @ carried.astype(np.float32))


def split_of(x: Interactions, seed: int) -> ColdSplit:
    """Withhold a fifth of the films."""
    return cold_items(x, share=SHARE, rng=seed)


def label(name: str, kind: str) -> str:
    """Name a method by its blocks; Gaussian goes without saying."""
    return name if kind == "Gaussian" else f"{name}, linear"


def maps() -> dict[str, tuple[str, str]]:
    """Return the blocks and the kind of every map by its name."""
    plan = [(name, "Gaussian") for name in BLOCKS] + [(n, "linear") for n in LINEAR]
    return {label(name, kind): (name, kind) for name, kind in plan}


def search_maps(train: Interactions, blocks: Mapping) -> dict[str, Search]:
    """Choose ridge and width of every map by films withheld from train."""
    tasks = [Task.of(split_of(train, seed)) for seed in CUTS]

    def search(name: str, kind: str) -> Search:
        vectors = vectors_of(blocks, BLOCKS[name])
        return protocol.tune(
            lambda task, **how: task.carry(vectors, **how),
            SPACES[kind],
            tasks,
            f"ndcg@{K}",
        )

    return {method: search(*how) for method, how in maps().items()}


def references(task: Task, blocks: Mapping) -> dict[str, Evaluation]:
    """Measure what learns no map."""
    cold, raw = task.split.cold, blocks["MiniLM"]

    def cosine(vectors: np.ndarray) -> Evaluation:
        model = DotProduct(vectors, cosine=True).fit(task.split.train)
        return task.rank(model.score(np.arange(len(task.scores)))[:, cold])

    return {
        "random": task.rank(np.zeros(len(cold))),
        "MiniLM, raw cosine": cosine(raw),
        "MiniLM, centered cosine": cosine(raw - raw.mean(axis=0)),
        "surprise, the same for all": task.rank(blocks["surprise"][cold, 0]),
        "true popularity (a leak)": task.rank(popularity(task.split.test)[cold]),
    }


def run(splits: Mapping, blocks: Mapping, chosen: Mapping) -> dict:
    """Measure every method on every split: a dict of dicts of evaluations."""
    runs: dict[str, dict[int, Evaluation]] = {}
    vectors = {name: vectors_of(blocks, BLOCKS[name]) for name in BLOCKS}
    for seed, split in tqdm(splits.items(), desc="splits"):
        task, factors = Task.of(split), Task.of(split, IALS(**FACTORS))
        results = references(task, blocks)
        for method, (name, _) in maps().items():
            results[method] = task.carry(vectors[name], **chosen[method])
        how = chosen[BEST]
        results[f"{BEST}, from iALS"] = factors.carry(vectors[BEST], **how)
        for method, result in results.items():
            runs.setdefault(method, {})[seed] = result
    return runs


@dataclass(frozen=True)
class OneList:
    """All films in one list: scores, and the ratings of warm and cold withheld."""

    scores: np.ndarray  # float32[U, I]
    cold: np.ndarray  # bool[I]
    seen: csr_array
    relevant: Mapping[str, csr_array]

    @classmethod
    def of(cls, split: ColdSplit, seed: int, ratio: float, vectors, how) -> "OneList":
        """Withhold a share of the warm films' ratings too, and fit on the rest."""
        parts = stratified_split(split.train, ratio=ratio, seed=seed)
        model = ColdStart(vectors, EASE(l2=EASE_L2), **how).fit(parts.train)
        warm, cold = parts.test.matrix(), split.test.matrix()
        cold_rows = np.zeros(split.train.n_items, dtype=bool)
        cold_rows[split.cold] = True
        return cls(
            model.score(np.arange(split.train.n_users)),
            cold_rows,
            parts.train.matrix(),
            {"warm": warm, "cold": cold, "all": csr_array(warm + cold)},
        )

    def measure(self, ranking: Ranking) -> dict[str, Evaluation]:
        """Read one list three times, for each kind of relevant film."""
        return {
            kind: evaluate(ranking, relevant, metrics=[metrics.ndcg])
            for kind, relevant in self.relevant.items()
        }

    def rank(self, scores: np.ndarray, only: np.ndarray | None = None) -> Ranking:
        """Rank all unseen films, or some of them."""
        some = None if only is None else np.flatnonzero(only)
        return top_k(scores, K, excluded=self.seen, candidates=some)

    def policies(self) -> dict[str, Ranking]:
        """Make the lists: warm only, as predicted, places kept free, calibrated."""
        warm = self.rank(self.scores, ~self.cold)
        cold = self.rank(self.scores, self.cold)
        lists = {"warm only": warm, "as predicted": self.rank(self.scores)}
        for n in PLACES:
            lists[f"last {n} cold"] = Ranking(
                warm.users,
                np.hstack([warm.items[:, : K - n], cold.items[:, :n]]),
                np.hstack([warm.scores[:, : K - n], cold.scores[:, :n]]),
            )
        for offset in OFFSETS:
            matched = match_scale(self.scores, self.cold, self.seen, offset=offset)
            lists[f"offset {offset:g}"] = self.rank(matched)
        return lists


def one_list(splits: Mapping, ratio: float, vectors: np.ndarray, how: Mapping):
    """Measure every policy: evaluations by policy, kind and seed."""
    runs: dict = {}
    for seed, split in tqdm(splits.items(), desc="one list"):
        task = OneList.of(split, seed, ratio, vectors, how)
        for policy, ranking in task.policies().items():
            for kind, result in task.measure(ranking).items():
                runs.setdefault(policy, {}).setdefault(kind, {})[seed] = result
    return runs


def mean_of(by_seed: Mapping[int, Evaluation]) -> float:
    """Average over seeds the mean over users."""
    return digits(np.mean([run.means()[f"ndcg@{K}"] for run in by_seed.values()]))


def choose_offsets(runs: Mapping) -> dict[str, float]:
    """Choose by validation: within the loss allowed, and for the best list."""
    means = {
        policy: {k: mean_of(v) for k, v in r.items()} for policy, r in runs.items()
    }
    least = (1 - LOSS) * means["warm only"]["warm"]
    by_offset = {offset: means[f"offset {offset:g}"] for offset in OFFSETS}
    allowed = [o for o, mean in by_offset.items() if mean["warm"] >= least]
    return {
        "within the loss": max(allowed, default=OFFSETS[0]),
        "most relevant films": max(OFFSETS, key=lambda o: by_offset[o]["all"]),
        "cold target": min(
            (o for o in OFFSETS if by_offset[o]["cold"] >= COLD_TARGET),
            default=OFFSETS[-1],
        ),
    }


def one_list_record(runs: Mapping) -> dict:
    """Return means of every policy, and intervals against warm films only."""
    base = runs["warm only"]
    return {
        policy: {
            kind: {
                "mean": mean_of(by_seed),
                "less warm only": protocol.versus(by_seed, base[kind], f"ndcg@{K}"),
            }
            for kind, by_seed in kinds.items()
        }
        for policy, kinds in runs.items()
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    movielens = load_movielens_100k()
    x, items = movielens.interactions, movielens.items
    likelihood = np.round(surprise(items), 4)
    blocks = describe(items, likelihood)
    splits = {seed: split_of(x, seed) for seed in SEEDS}
    train = splits[SEEDS[0]].train
    searches = search_maps(train, blocks)
    chosen = {name: search.best for name, search in searches.items()}
    runs = run(splits, blocks, chosen)
    vectors, how = vectors_of(blocks, BLOCKS[BEST]), chosen[BEST]
    few = {seed: splits[seed] for seed in ONE_LIST_SEEDS}
    inner = {seed: split_of(train, seed) for seed in CUTS[:3]}
    validation = one_list(inner, RATIOS[0], vectors, how)
    return {
        "protocol": {
            "text": " ".join(__doc__.split("\n\n", 2)[2].split()),
            "split": "cold_items(ratings, share=0.2, rng=seed)",
            "k": K,
            "seeds": list(SEEDS),
            "cold_items": len(splits[SEEDS[0]].cold),
            "weights": WEIGHTS,
            "target": f"EASE(l2={EASE_L2:g})",
            "question": QUESTION,
            "surprise": f"log likelihood a token of {TITLE!r} after {PROMPT!r}",
        },
        "search": {
            "of": f"train of seed {SEEDS[0]}",
            "cuts": list(CUTS),
            "maps": {
                method: protocol.search_record(search, SPACES[maps()[method][1]])
                for method, search in searches.items()
            },
        },
        "seeds": {name: protocol.seed_means(by_seed) for name, by_seed in runs.items()},
        "over_seeds": {
            name: over_seeds(by_seed)[["mean", "std", "min", "max"]]
            .map(digits)
            .to_dict("index")[f"ndcg@{K}"]
            for name, by_seed in runs.items()
        },
        "versus": {
            f"{a} less {b}": protocol.versus(runs[a], runs[b], f"ndcg@{K}")
            for a, b in PAIRS
        },
        "one_list": {
            "loss": LOSS,
            "seeds": list(ONE_LIST_SEEDS),
            "offsets": OFFSETS,
            "validation": one_list_record(validation),
            "chosen": choose_offsets(validation),
            "tests": {
                f"{1 - ratio:.0%}": one_list_record(one_list(few, ratio, vectors, how))
                for ratio in RATIOS
            },
        },
        "surprise": likelihood.tolist(),
    }


def report(results: Mapping) -> str:
    """Lay the means of the methods and of the one list under each other."""
    lines = [f"{'cold films only':34}{'mean':>8}{'std':>8}"]
    rows = sorted(results["over_seeds"].items(), key=lambda row: row[1]["mean"])
    lines += [f"{name:34}{row['mean']:8.4f}{row['std']:8.4f}" for name, row in rows]
    lines.append("")
    for name, row in results["versus"].items():
        gap = row["pooled"]
        above = sum(row[str(seed)]["low"] > 0 for seed in SEEDS)
        interval = protocol.in_words(gap)
        lines.append(f"{name:60} {interval}, above zero on {above} of {len(SEEDS)}")
    for share, policies in results["one_list"]["tests"].items():
        lines += [
            "",
            f"{'one list, ' + share + ' withheld':20}    warm    cold     all",
        ]
        for policy, kinds in policies.items():
            means = "".join(f"{kinds[k]['mean']:8.4f}" for k in ("warm", "cold", "all"))
            lines.append(f"{policy:20}{means}")
    lines += ["", f"offsets chosen: {results['one_list']['chosen']}"]
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
