"""What each method costs, beside what it is worth.

    python benchmarks/cost.py

writes `recsys_ref/results/cost.json`.

Each method is measured in a fresh process, by CPU time on one thread: it is trained,
and recommends 10 films to all users in one batch. EASE (l2 = 400, on the published
split of seed 42) takes turns with it in the same process, and ratios are to that.
Cheap methods have a run to warm up and then ROUNDS rounds, of which the median
counts; those in ONCE are trained and served once, without warming up. Memory is by
how much the process's peak rose, over one that holds libraries, ratings and vectors
of films; for the language model that ranks, its weights are part of it.

Before all that a language model reads the catalog, once: in the first process, not
beside EASE. A sample of SAMPLE texts is
read without a cache and the time scaled up by tokens. Tokens are those of the texts,
without padding, and floating-point operations those of `lm.flops`, of language models
only. "all" is catalog, training and one batch for 943 users together.

The language model that ranks is SmolLM2: it reorders the 20 best of EASE by the
likelihood of their titles after the user's last 10 films, for USERS users; there EASE
and the same candidates in random order stand beside it. Costs of long texts are those
of `long_text.json`, measured on another occasion, where a user costs a text.

Quality is nDCG@10, taken from the file that the row names. Compare it within a
regime only.
"""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from os import times
from statistics import median
from time import process_time

import cold_items
import numpy as np
import protocol
import sequences
import torch
import warm
from protocol import K, digits
from tqdm import tqdm

from recsys_ref import results
from recsys_ref.content.whiten import Whitening
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import TEMPLATE
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.cost import measure_cost, peak_memory
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.significance import paired_bootstrap
from recsys_ref.lm.encode import encode
from recsys_ref.lm.flops import Shape, reading_flops
from recsys_ref.lm.pretrained import load_causal, load_encoder
from recsys_ref.lm.scoring import ROW, log_likelihood, tokenize
from recsys_ref.lm.text_model import TextModel
from recsys_ref.profiles.history import history_text
from recsys_ref.ranking import Ranking
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.cold_start import ColdStart
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import Hybrid
from recsys_ref.strategies.lm_ranker import LMRanker
from recsys_ref.strategies.sasrec import SASRec

SEED, ROUNDS, SAMPLE, USERS = 42, 3, 200, 50
EVERYONE = 943
WARM = (
    *warm.MODELS,
    "EASE + IALS",
    "Prior EASE + IALS",
    "Prior EASE + IALS + AlphaRec",
)
LAST = ("recency EASE", "SASRec from text")
NEW = ("genre + year", "+ all three")
RANKER, FIRST, RANDOM = "SmolLM2 ranks 20", "EASE", "20 in random order"
LONG = ("first window", "256, mean", "counted summary", "model's summary")
ONCE = ("AlphaRec", "Prior EASE + IALS + AlphaRec", LAST[1], RANKER)
HEADING = "A person who likes films watched these, one after another:\n"
ENDING = "\nNext, this person watched:"
BOTH = ("MiniLM", "SmolLM2")
READERS = {  # method: what has to be read of the catalog
    **{name: BOTH for name in WARM if name in warm.WITH_TEXT and "Genre" not in name},
    "SASRec from text": ("MiniLM",),
    "+ all three": ("MiniLM", "SmolLM2, question", "surprise"),
}
Method = tuple[str, str]  # regime, name
METHODS: tuple[Method, ...] = (
    *(("known users and films", name) for name in WARM),
    *(("last film", name) for name in LAST),
    *(("new films", name) for name in NEW),
    ("20 candidates", RANKER),
)


@cache
def split_of_seed() -> Split:
    """Cut as the published benchmark does, with its first seed."""
    ratings = load_movielens_100k().interactions
    return stratified_split(ratings, ratio=protocol.RATIO, seed=SEED)


@cache
def events_of(regime: str) -> tuple[Interactions, np.ndarray | None]:
    """Return the train part, and the only films to recommend, if not all."""
    ratings = load_movielens_100k().interactions
    if regime == "last film":
        return sequences.split_of(("random", 0)).train, None
    if regime == "new films":
        split = cold_items.split_of(ratings, SEED)
        return split.train, split.cold
    return split_of_seed().train, None


@cache
def vectors_of(regime: str) -> dict[str, np.ndarray]:
    """Return what a regime's methods know of the films."""
    if regime == "known users and films":
        return {"text": warm.text_vectors(), "genres": warm.genre_vectors()}
    if regime == "last film":
        return {"text": sequences.text_vectors()}
    if regime == "new films":
        items = load_movielens_100k().items
        likelihood = np.array(results.load("cold_items")["surprise"])
        blocks = cold_items.describe(items, likelihood)
        return {n: cold_items.vectors_of(blocks, cold_items.BLOCKS[n]) for n in NEW}
    return {}


def text_product(vectors: np.ndarray, dimensions: int, prior: float) -> DotProduct:
    """Whiten, and compare with the mean of the history."""
    white = Whitening(dimensions).fit(vectors).transform(vectors)
    return DotProduct(white, cosine=True, prior=prior)


def warm_model(name: str, vectors: Mapping[str, np.ndarray]) -> Recommender:
    """Build a method with the hyperparameters of `warm.json`."""
    chosen = results.load("warm")["chosen"]
    if name in warm.BLENDS:
        parts = [warm_model(part, vectors) for part in warm.BLENDS[name]]
        return Hybrid(parts, [chosen[name][part] for part in warm.BLENDS[name]])
    if name == "Text":
        return text_product(vectors["text"], **chosen[name])
    return warm.MODELS[name](vectors, **chosen.get(name, {}))


def build(method: Method, vectors: Mapping[str, np.ndarray]) -> Recommender:
    """Build a method, as it was chosen in the file that tells its quality."""
    regime, name = method
    if regime == "known users and films":
        return warm_model(name, vectors)
    if regime == "last film":
        chosen = results.load("sequences")["chosen"]
        if name == "recency EASE":
            return EASE(**chosen[name])
        start = vectors["text"] if name == "SASRec from text" else None
        return SASRec(start, dropout=chosen["SASRec"]["dropout"], rng=0)
    if regime == "new films":
        how = results.load("cold_items")["search"]["maps"][name]["chosen"]
        return ColdStart(vectors[name], EASE(l2=cold_items.EASE_L2), **how)
    return ranker(load_causal())


def read_films(history: Interactions) -> str:
    """Write a user's last films down, for the ranker to go on."""
    told = history_text(
        warm.films(), history, n_last=10, template="{natural_title}", rng=SEED
    )
    return f"{HEADING}{told.text}{ENDING}"


def ranker(model: TextModel) -> LMRanker:
    """Let a language model reorder what EASE retrieved."""
    titles = [" " + t for t in warm.films().text("{natural_title}")]
    return LMRanker(
        EASE(l2=400.0),
        lambda prompt, texts: log_likelihood(model, prompt, texts),
        read_films,
        titles,
    )


def asked_users(train: Interactions, name: str) -> np.ndarray:
    """Return everyone, or the users that the ranker serves."""
    if name != RANKER:
        return np.arange(train.n_users)
    rng = np.random.default_rng(SEED)
    return np.sort(rng.choice(train.n_users, USERS, replace=False))


def run_once(
    make: Callable[[], Recommender],
    train: Interactions,
    users: np.ndarray,
    films: np.ndarray | None = None,
) -> tuple[float, float, np.ndarray]:
    """Train and serve: CPU seconds, CPU milliseconds a user, and the lists."""
    lists = []
    cost = measure_cost(
        lambda: make().fit(train),
        lambda model: lists.append(model.recommend(users, k=K, candidates=films)),
        n_users=len(users),
    )
    return cost.fit_seconds, cost.ms_per_user, lists[0].items


def measure(
    method: Method,
    train: Interactions,
    films: np.ndarray | None,
    vectors: Mapping[str, np.ndarray],
    base: Interactions,
) -> dict:
    """Measure a method and EASE in turns; called in a process of its own."""
    torch.set_num_threads(1)
    name, users = method[1], asked_users(train, method[1])
    if name == RANKER:
        warm.films()  # read the file before the clock runs
    before = peak_memory()
    kept = load_causal() if name == RANKER else None

    def make() -> Recommender:
        return build(method, vectors) if kept is None else ranker(kept)

    rounds = [run_once(make, train, users, films)]
    added = peak_memory() - before
    everyone, ease = np.arange(base.n_users), []
    run_once(lambda: EASE(l2=400.0), base, everyone)  # to warm up
    for _ in range(ROUNDS):
        if name not in ONCE:
            rounds.append(run_once(make, train, users, films))
        ease.append(run_once(lambda: EASE(l2=400.0), base, everyone))
    counted = rounds if name in ONCE else rounds[1:]
    return {
        "train_cpu_seconds": median(row[0] for row in counted),
        "ms_per_user": median(row[1] for row in counted),
        "peak_mib": added,
        "rounds": len(counted),
        "ease": [median(row[i] for row in ease) for i in (0, 1)],
        "lists": rounds[0][2],
    }


def catalog(
    model: TextModel, texts: Sequence[str], layer: int | None = None, **how: object
) -> dict:
    """Count what it takes to turn texts into vectors; time a sample."""
    counts = np.array([len(ids) for ids in model.token_ids(list(texts))])
    shape = Shape.of(model.model.config)
    shape = replace(shape, layers=shape.layers if layer is None else layer)
    flops = sum(reading_flops(shape, int(n), logits=0) for n in counts)
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(len(texts), SAMPLE, replace=False)
    sample, how = [texts[i] for i in chosen], how | {"layer": layer, "cache": False}
    encode(model, sample[:8], **how)  # to warm up
    begun = process_time()
    encode(model, sample, **how)
    share = counts[chosen].sum() / counts.sum()
    seconds = (process_time() - begun) / share
    return {"tokens": int(counts.sum()), "flops": flops, "cpu_seconds": seconds}


def scored(model: TextModel, prompt: str, texts: Sequence[str]) -> dict[str, int]:
    """Count tokens and operations of `log_likelihood`.

    The prompt is read once. Candidates follow in rows, each without its last token;
    in a row all are computed, and the mask hides one from another.
    """
    start, ends = tokenize(model, prompt, list(texts))
    rows: list[list[int]] = []
    for size in map(len, ends):
        if not rows or sum(rows[-1]) + size > ROW:
            rows.append([])
        rows[-1].append(size)
    shape, first = Shape.of(model.model.config), len(start)
    inner = [sum(row) - len(row) for row in rows]
    flops = reading_flops(shape, first) + sum(
        reading_flops(shape, n, cached=first, logits=n) for n in inner
    )
    return {"tokens": first + sum(inner), "flops": flops}


def read_catalog() -> dict[str, dict]:
    """Measure every reading of the catalog that a method needs."""
    items, minilm, causal = load_movielens_100k().items, load_encoder(), load_causal()
    titles = items.text(cold_items.TITLE).tolist()
    some = np.random.default_rng(SEED).choice(len(titles), SAMPLE, replace=False)
    sample = [titles[i] for i in some]
    begun = process_time()
    log_likelihood(causal, cold_items.PROMPT, sample, normalize="tokens")
    seconds = process_time() - begun
    surprise = scored(causal, cold_items.PROMPT, titles)
    share = scored(causal, cold_items.PROMPT, sample)["tokens"] / surprise["tokens"]
    asked = items.text(cold_items.QUESTION).tolist()
    return {
        "MiniLM": catalog(minilm, items.text(TEMPLATE).tolist()),
        "SmolLM2": catalog(
            causal, items.text(warm.FILM).tolist(), layer=16, drop_first=True
        ),
        "SmolLM2, question": catalog(causal, asked, pooling="last"),
        "surprise": {**surprise, "cpu_seconds": seconds / share},
    }


def qualities() -> dict[Method, tuple[float, str]]:
    """Return nDCG@10 of every method, and the file it stands in."""
    known = results.load("warm")["over_seeds"]
    last = results.load("sequences")["ties"]["random"]["over_seeds"]
    new = results.load("cold_items")["over_seeds"]
    return {
        **{(METHODS[0][0], n): (known[n]["mean"], "warm") for n in WARM},
        **{("last film", n): (last[n][f"ndcg@{K}"], "sequences") for n in LAST},
        **{("new films", n): (new[n]["mean"], "cold_items") for n in NEW},
    }


def row_of(method: Method, found: Mapping, read: Mapping[str, Mapping]) -> dict:
    """Lay out what a method cost, as the file holds it."""
    need = [read[name] for name in READERS.get(method[1], ())]
    once = {k: sum(r[k] for r in need) for k in ("tokens", "flops", "cpu_seconds")}
    train, serve = found["train_cpu_seconds"], found["ms_per_user"]
    whole = once["cpu_seconds"] + train + EVERYONE * serve / 1e3
    ease_train, ease_serve = found["ease"]
    ease = ease_train + EVERYONE * ease_serve / 1e3
    return {
        "method": method[1],
        "regime": method[0],
        "catalog_cpu_seconds": digits(once["cpu_seconds"]),
        "train_cpu_seconds": digits(train),
        "ms_per_user": digits(serve),
        "peak_mib": round(found["peak_mib"], 1),
        "rounds": found["rounds"],
        "tokens": {"catalog": once["tokens"], "read_per_user": 0.0},
        "flops": {"catalog": once["flops"], "per_user": 0.0},
        "ratio_to_ease": {
            "train": digits(train / ease_train),
            "serve": digits(serve / ease_serve),
            "all": digits(whole / ease),
        },
        "ease": {
            "train_cpu_seconds": digits(ease_train),
            "ms_per_user": digits(ease_serve),
        },
    }


def ranked(train: Interactions, lists: np.ndarray) -> tuple[dict, dict]:
    """Say what the ranker's lists are worth, and what they took."""
    model, test = load_causal(), split_of_seed().test.matrix()
    users = asked_users(train, RANKER)
    first = EASE(l2=400.0).fit(train)
    best, rng = first.recommend(users, k=20).items, np.random.default_rng(SEED)
    drawn = np.stack([rng.permutation(row)[:K] for row in best])
    values = {}
    for name, items in ((RANKER, lists), (FIRST, best[:, :K]), (RANDOM, drawn)):
        ranking = Ranking(users, items, np.tile(-np.arange(K, dtype=float), (USERS, 1)))
        run = evaluate(ranking, test, metrics=[metrics.ndcg])
        values[name] = run.per_user[f"ndcg@{K}"]
    titles = ranker(model).texts
    counts = [
        scored(model, read_films(train.select(train.user == user)), texts)
        for user, row in zip(users, best, strict=True)
        for texts in [[titles[i] for i in row]]
    ]
    gaps = {
        f"{RANKER} minus {name}": paired_bootstrap(values[RANKER], values[name], rng=0)
        for name in (FIRST, RANDOM)
    }
    worth = {
        "users": USERS,
        "ndcg": {name: digits(value.mean()) for name, value in values.items()},
        "differences": {
            name: {part: digits(getattr(gap, part)) for part in ("mean", "low", "high")}
            for name, gap in gaps.items()
        },
    }
    took = {k: digits(np.mean([c[k] for c in counts])) for k in ("tokens", "flops")}
    return worth, took


def long_rows() -> list[dict]:
    """Return what `long_text.json` says of reading a user's long text."""
    panel = results.load("long_text")["panel"]
    return [
        {
            "method": name,
            "regime": "long text",
            "ndcg": panel["means"][f"{name} | map"],
            "ndcg_from": "long_text",
            "ms_per_user": digits(1e3 * panel["costs"][name]["seconds"]),
            "tokens": {
                "read_per_user": panel["costs"][name]["read"],
                "written_per_user": panel["costs"][name]["written"],
            },
            "flops": {"per_user": 1e9 * panel["costs"][name]["gigaflops"]},
        }
        for name in LONG
    ]


def collect() -> dict:
    """Do everything; return what the file holds."""
    torch.set_num_threads(1)
    begun = sum(times()[:4])
    base, read, rows, worth = events_of("20 candidates")[0], read_catalog(), [], {}
    known = qualities()
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for method in tqdm(METHODS):
            train, films = events_of(method[0])
            vectors = vectors_of(method[0])
            found = pool.submit(measure, method, train, films, vectors, base).result()
            row = row_of(method, found, read)
            if method[1] == RANKER:
                worth, took = ranked(train, found["lists"])
                row["tokens"]["read_per_user"] = took["tokens"]
                row["flops"]["per_user"] = took["flops"]
                row |= {"ndcg": worth["ndcg"][RANKER], "ndcg_from": "cost"}
            else:
                row |= dict(zip(("ndcg", "ndcg_from"), known[method], strict=True))
            rows.append(row)
    return {
        "cpu_seconds": round(sum(times()[:4]) - begun),  # with those of the children
        "protocol": {
            "text": " ".join(__doc__.split("\n\n", 3)[3].split()),
            "k": K,
            "seed": SEED,
            "users": EVERYONE,
            "sample": SAMPLE,
            "rounds": ROUNDS,
            "once": list(ONCE),
        },
        "catalog": {
            name: {k: digits(v) for k, v in found.items()}
            for name, found in read.items()
        },
        "rows": rows + long_rows(),
        "ranker": worth,
    }


def report(found: Mapping) -> str:
    """Lay the methods out, by regime."""
    lines = [
        f"{'CPU time on one thread':32}{'nDCG@10':>8}{'catalog s':>10}{'train s':>9}"
        f"{'ms/user':>10}{'MiB':>7}{'tokens/user':>12}{'x EASE':>9}"
    ]
    for row in found["rows"]:
        ratio = row.get("ratio_to_ease", {}).get("all", float("nan"))
        lines.append(
            f"{row['method']:32}{row['ndcg']:8.4f}"
            f"{row.get('catalog_cpu_seconds', 0):10.1f}"
            f"{row.get('train_cpu_seconds', 0):9.3f}{row['ms_per_user']:10.3f}"
            f"{row.get('peak_mib', 0):7.0f}{row['tokens']['read_per_user']:12.0f}"
            f"{ratio:9.2f}  {row['regime']}"
        )
    for name, cost in found["catalog"].items():
        lines.append(
            f"catalog by {name}: {cost['tokens']:.0f} tokens, "
            f"{cost['flops'] / 1e9:.0f} GFLOP, {cost['cpu_seconds']:.1f} s"
        )
    for name, gap in found["ranker"]["differences"].items():
        lines.append(f"{name}: {protocol.in_words(gap)}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
