"""Recommend from a long text: cut it, pool its windows, or have it summarized.

    python benchmarks/long_text.py

writes `recsys_ref/results/long_text.json`. No vector is taken from the cache.

The text is the written history of a heavy user: one line for each of the films
of his train part, oldest first, with year, genres and rating. The 100 users with
most ratings are measured, the 60 after them serve to choose hyperparameters, on
three quarters of their train part of seed 42. Each way of reading gives a vector
of the text, from which films are scored with one of two heads:

    product   inner product with the films' vectors, all centred and of length 1
    map       the same, with a ridge regression from a film's vector to its row of
              EASE's weights in place of the film's vector

and popularity is added with a weight: 0, or the one that was chosen. Each way of
reading has its own choice. A summary by the language model costs too much to
choose for; it takes what was chosen for the summary by counting.

A second test needs no recommender: planted texts, of which one sentence tells the
topic, at the start, in the middle or at the end.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
import protocol
from protocol import K, digits
from tqdm import tqdm

from recsys_ref.content.chunk_vectors import ChunkVectors, encode_chunks
from recsys_ref.content.embed import embed_items
from recsys_ref.content.long_text import chunk, truncate
from recsys_ref.content.summary import Summary, summarize
from recsys_ref.data.features import popularity
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.planted_text import planted_text, topic_query
from recsys_ref.data.split import stratified_split
from recsys_ref.data.synthetic import TOPIC_WORDS
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import pool_seeds
from recsys_ref.evaluation.tuning import Search, grid_search
from recsys_ref.lm.encode import count_tokens, encode
from recsys_ref.lm.flops import Shape, reading_flops, writing_flops
from recsys_ref.lm.pretrained import load_causal, load_encoder
from recsys_ref.lm.text_model import TextModel
from recsys_ref.profiles.behaviour import profile
from recsys_ref.profiles.history import history_text
from recsys_ref.ranking import top_k
from recsys_ref.strategies.ease import EASE, ease_weights
from recsys_ref.strategies.popularity import Popularity

SEEDS, EASE_L2, METRIC = (42, 43, 44), 400.0, "ndcg@10"
N_USERS, N_TUNING, N_PANEL, TUNING_RATIO = 100, 60, 30, 0.75
PRIORS = [0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
SPACES = {
    "product": {"prior": PRIORS},
    "map": {"l2": [0.1, 1.0, 10.0, 100.0], "prior": PRIORS},
}
FIRST, LAST, RANDOM = "first window", "last window", "random window"
CHUNKS, ITEMS, COUNTED = "256, mean", "mean of films", "counted summary"
CUTS = {FIRST: "start", LAST: "end", RANDOM: "random"}
POOLED = {  # size, overlap, pooling
    CHUNKS: (256, 0, "mean"),
    "256, by length": (256, 0, "length"),
    "256, max": (256, 0, "max"),
    "256, overlap 64, mean": (256, 64, "mean"),
    "128, mean": (128, 0, "mean"),
    "64, mean": (64, 0, "mean"),
}
ALL_SEEDS = (*CUTS, CHUNKS, "256, by length", "256, max", COUNTED, ITEMS)
SUMMARY, PARTS, PARTS_POOLED = "model's summary", "segment summaries", "parts, mean"
INSTRUCTIONS = {
    "part": "Here are films that one person watched and rated from 1 to 5:\n\n{text}"
    "\n\nIn one sentence, what kind of films does this person like?",
    "whole": "Here are notes on the taste of one person:\n\n{text}"
    "\n\nIn one sentence, what kind of films does this person like?",
}
SEGMENT, ANSWER = 1024, 32
PLANTED_INSTRUCTIONS = {  # after a look at two texts of another seed
    "asked what it is about": {
        "part": "What is this text about? Answer in one short sentence.\n\n{text}",
        "whole": "Here are notes on the parts of one text. What is the text about? "
        "Answer in one short sentence.\n\n{text}",
    },
    "asked what else it is about": {
        "part": "{text}\n\nMost of this text is office routine. "
        "In one short sentence, say what else it is about.",
        "whole": "{text}\n\nMost of these notes are about office routine. "
        "In one short sentence, say what else they are about.",
    },
}
SENTENCES, COPIES, PLANTED_SEGMENT, PLANTED_ANSWER = 120, 3, 256, 24
PLACES = ("start", "middle", "end")


@dataclass(frozen=True, eq=False)
class Task:
    """Users, what is known of them and what is withheld, and what that gives.

    Attributes:
        split: Train and test part.
        users: `int64[B]`.
        texts: The B written histories.
        vectors: `float32[I, D]` of the films.
        maps: `float64[I, D]` for each ridge strength: what stands in for the
            films' vectors so that a product gives a row of EASE.
    """

    split: Split
    users: np.ndarray
    texts: list[str]
    vectors: np.ndarray
    maps: Mapping[float, np.ndarray]


def make_task(items: Items, vectors: np.ndarray, split: Split, users) -> Task:
    """Write the histories of some users and fit the maps."""
    maps = fit_maps(vectors, split.train, SPACES["map"]["l2"])
    texts = [written(items, split.train, user) for user in users]
    return Task(split, users, texts, vectors, maps)


def written(items: Items, train: Interactions, user: int) -> str:
    """Write a user's whole history, the oldest film first."""
    history = train.select(train.user == user)
    return history_text(items, history, with_ratings=True).text


def counted(items: Items, train: Interactions, user: int) -> str:
    """Summarize a history without a language model: count, and name the best."""
    history = train.select(train.user == user)
    genres = np.argsort(-items.genres[history.item].sum(axis=0), kind="stable")[:5]
    years = items.year[history.item]
    decades, times = np.unique(years[~np.isnan(years)] // 10, return_counts=True)
    eras = decades[np.argsort(-times, kind="stable")][:2]
    best = np.lexsort((history.item, -history.timestamp, -history.value))[:8]
    titles = items.select(history.item[best]).text("{natural_title}")
    return (
        f"Films of {', '.join(items.genre_names[g] for g in genres)}, from the "
        f"{' and '.join(f'{10 * era:.0f}s' for era in eras)}, "
        f"such as {', '.join(titles)}."
    )


def fit_maps(vectors: np.ndarray, train: Interactions, l2s) -> dict[float, np.ndarray]:
    """Fit ridge regressions from films' vectors to their rows of EASE's weights."""
    weights = ease_weights(train.matrix(), EASE_L2).astype(np.float64)
    x = (vectors - vectors.mean(axis=0)).astype(np.float64)
    gram, target = x.T @ x, x.T @ (weights - weights.mean(axis=0))
    maps = {}
    for l2 in l2s:
        ridge = l2 * np.trace(gram) / len(gram) * np.eye(len(gram))
        rows = np.linalg.solve(gram + ridge, target).T
        maps[l2] = rows / np.linalg.norm(rows, axis=1).mean()
    return maps


def cut_vectors(encoder: TextModel, texts: list[str], keep: str) -> np.ndarray:
    """Encode one window of each text."""
    windows = [truncate(encoder, t, keep=keep, rng=row) for row, t in enumerate(texts)]
    return encode(encoder, windows, cache=False)


def read_all(
    encoder: TextModel, items: Items, task: Task, names, label: str
) -> tuple[dict[str, np.ndarray], ChunkVectors | None]:
    """Read the texts in each way: `float32[B, D]` by name, and windows of 64."""
    found: dict[str, np.ndarray] = {}
    windows: dict[tuple, ChunkVectors] = {}
    train, texts = task.split.train, task.texts
    for name in tqdm(names, desc=label):
        if name in CUTS:
            found[name] = cut_vectors(encoder, texts, CUTS[name])
        elif name in POOLED:
            size, overlap, how = POOLED[name]
            if (size, overlap) not in windows:
                windows[size, overlap] = encode_chunks(
                    encoder, texts, size=size, overlap=overlap, cache=False
                )
            found[name] = windows[size, overlap].pool(how)
        elif name == COUNTED:
            notes = [counted(items, train, user) for user in task.users]
            found[name] = encode(encoder, notes, cache=False)
        else:
            found[ITEMS] = profile(train, task.vectors)[task.users]
    return found, windows.get((64, 0))


def scores(task: Task, vectors: np.ndarray, l2: float | None = None) -> np.ndarray:
    """Score all films for texts that have vectors: `float64[B, I]`."""
    texts = unit_rows((vectors - vectors.mean(axis=0)).astype(np.float64))
    if l2 is not None:
        return texts @ task.maps[l2].T
    return texts @ unit_rows(task.vectors - task.vectors.mean(axis=0)).T


def best_window_scores(task: Task, windows: ChunkVectors) -> np.ndarray:
    """Score films by the windows that are like them."""
    centred = replace(windows, vectors=windows.vectors - windows.vectors.mean(axis=0))
    films = unit_rows(task.vectors - task.vectors.mean(axis=0))
    return centred.score(films).astype(np.float64)


def measure(task: Task, content: np.ndarray, prior: float) -> Evaluation:
    """Rank by scores and popularity; measure on test."""
    train = task.split.train
    ranking = top_k(
        content + prior * np.log1p(popularity(train)),
        K,
        users=task.users,
        excluded=train.matrix()[task.users],
    )
    return evaluate(ranking, task.split.test.matrix(), metrics=[metrics.ndcg])


def choose(task: Task, give: Callable[..., np.ndarray], head: str) -> Search:
    """Search a head's hyperparameters for one way of reading."""

    def objective(prior: float, l2: float | None = None) -> np.ndarray:
        run = measure(task, give(l2), prior)
        return run.per_user[METRIC].to_numpy()

    return grid_search(objective, SPACES[head])


def baselines(task: Task) -> dict[str, Evaluation]:
    """Measure what reads no text."""
    runs = {}
    for name, model in (("Popularity", Popularity()), ("EASE", EASE(l2=EASE_L2))):
        ranking = model.fit(task.split.train).recommend(task.users, k=K)
        runs[name] = evaluate(ranking, task.split.test.matrix(), metrics=[metrics.ndcg])
    return runs


def heavy_users(x: Interactions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the measured users, those who choose, and those of the panel."""
    order = np.argsort(-np.bincount(x.user, minlength=x.n_users), kind="stable")
    users = np.sort(order[:N_USERS])
    panel = np.random.default_rng(0).choice(users, N_PANEL, replace=False)
    return users, np.sort(order[N_USERS : N_USERS + N_TUNING]), np.sort(panel)


def others(n: int) -> np.ndarray:
    """Give each of n a place that is not his own."""
    order = np.random.default_rng(0).permutation(n)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.roll(order, 1)
    return place


def heads_of(vectors: Mapping[str, np.ndarray]) -> list[tuple[str, str]]:
    """List each way of reading with each head."""
    return [(head, name) for head in SPACES for name in vectors]


def run_heavy(encoder: TextModel, items: Items, vectors: np.ndarray) -> dict:
    """Choose on some users, measure on others."""
    x = load_movielens_100k().interactions
    users, tuning, _ = heavy_users(x)
    splits = {seed: stratified_split(x, seed=seed) for seed in SEEDS}
    inner = stratified_split(splits[SEEDS[0]].train, ratio=TUNING_RATIO, seed=SEEDS[0])
    names = (*CUTS, *POOLED, COUNTED, ITEMS)
    task = make_task(items, vectors, inner, tuning)
    read, windows = read_all(encoder, items, task, names, "choose")
    searches = {
        head: {
            name: choose(task, lambda l2, v=v, t=task: scores(t, v, l2), head)
            for name, v in read.items()
        }
        for head in SPACES
    }
    best = best_window_scores(task, windows)
    searches["product"]["64, best window"] = choose(task, lambda _: best, "product")
    runs: dict[str, dict[int, Evaluation]] = {}

    def keep(name: str, seed: int, run: Evaluation) -> None:
        runs.setdefault(name, {})[seed] = run

    tokens = {}
    for seed, split in splits.items():
        task = make_task(items, vectors, split, users)
        wanted = names if seed == SEEDS[0] else ALL_SEEDS
        read, windows = read_all(encoder, items, task, wanted, f"seed {seed}")
        tokens[str(seed)] = count_tokens(encoder, task.texts).tolist()
        for name, run in baselines(task).items():
            keep(name, seed, run)
        for name, found in read.items():
            keep(f"{name} | bare", seed, measure(task, scores(task, found), 0.0))
        for head, name in heads_of(read):
            chosen = searches[head][name].best
            found = scores(task, read[name], chosen.get("l2"))
            keep(f"{name} | {head}", seed, measure(task, found, chosen["prior"]))
            if name in (CHUNKS, ITEMS):
                wrong = measure(task, found[others(len(users))], chosen["prior"])
                keep(f"{name}, another's | {head}", seed, wrong)
        if windows is not None:
            found = best_window_scores(task, windows)
            keep("64, best window | bare", seed, measure(task, found, 0.0))
            prior = searches["product"]["64, best window"].best["prior"]
            keep("64, best window | product", seed, measure(task, found, prior))
    return {"searches": searches, "runs": runs, "tokens": tokens}


def record_runs(runs: Mapping[str, Mapping[int, Evaluation]]) -> dict:
    """Return means and differences as the file holds them."""

    def against(base: str, head: str | None = None) -> dict:
        rows = {}
        for name, by_seed in runs.items():
            shared = {s: runs[base][s] for s in by_seed}
            if name != base and (head is None or name.endswith(f"| {head}")):
                rows[name] = protocol.versus(by_seed, shared, METRIC)
        return rows

    return {
        "seeds": {name: protocol.seed_means(by) for name, by in runs.items()},
        "means": {
            name: digits(pool_seeds(by).means()[METRIC]) for name, by in runs.items()
        },
        "minus_popularity": against("Popularity"),
        "minus_last_window": {
            head: against(f"{LAST} | {head}", head) for head in ("bare", *SPACES)
        },
        "minus_mean_of_films": {
            head: against(f"{ITEMS} | {head}", head) for head in ("bare", *SPACES)
        },
    }


@dataclass
class Cost:
    """What one way of reading took of one text."""

    seconds: float = 0.0
    read: int = 0
    written: int = 0
    flops: float = 0.0


def run_panel(
    encoder: TextModel, causal: TextModel, items: Items, vectors, searches
) -> dict:
    """Summarize by the language model; time all ways of reading side by side."""
    x = load_movielens_100k().interactions
    panel = heavy_users(x)[2]
    task = make_task(items, vectors, stratified_split(x, seed=SEEDS[0]), panel)
    ways = panel_ways(encoder, causal, items, task)
    found: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    told: dict[int, Summary] = {}
    for row in tqdm(range(len(panel)), desc="panel"):
        order = list(ways) if row % 2 else list(ways)[::-1]
        for name in order:
            begun = process_time()
            vector, cost, summary = ways[name](row)
            cost.seconds = process_time() - begun
            found[name].append(vector)
            costs[name].append(cost)
            if summary is not None:
                told[row] = summary
    read = {name: np.array(rows) for name, rows in found.items()}
    read[ITEMS] = profile(task.split.train, vectors)[panel]
    parts = ["\n".join(told[row].parts) for row in sorted(told)]
    read[PARTS_POOLED] = np.array([mean_of_lines(encoder, part) for part in parts])
    read[f"{SUMMARY}, another's"] = read[SUMMARY][others(len(panel))]
    runs, best_on_test = {**baselines(task)}, {}
    for head, name in heads_of(read):
        own = name in searches[head]
        chosen = searches[head][name if own else COUNTED].best
        content = scores(task, read[name], chosen.get("l2"))
        runs[f"{name} | {head}"] = measure(task, content, chosen["prior"])
        if not own:
            test = choose(task, lambda l2, v=read[name]: scores(task, v, l2), head)
            best_on_test[f"{name} | {head}"] = digits(test.best_mean)
    return {
        "users": panel.tolist(),
        "runs": runs,
        "best_on_test": best_on_test,
        "costs": costs,
        "examples": [
            {"parts": list(told[row].parts), "text": told[row].text}
            for row in list(told)[:3]
        ],
        "levels": [told[row].levels for row in told],
        "distinct": len({told[row].text for row in told}),
    }


def mean_of_lines(encoder: TextModel, text: str) -> np.ndarray:
    """Encode each line and average; zeros for a text that says nothing."""
    lines = [line for line in text.split("\n") if line.strip()]
    vectors = encode(encoder, lines, cache=False)
    return vectors.mean(axis=0) if lines else np.zeros(vectors.shape[1])


def panel_ways(encoder: TextModel, causal: TextModel, items: Items, task: Task):
    """Return functions that read one text: vector, cost, and a summary if any."""
    shapes = [Shape.of(model.network.config) for model in (encoder, causal)]

    def windows(texts: list[str]) -> tuple[np.ndarray, Cost]:
        counts = count_tokens(encoder, texts).tolist()
        flops = sum(reading_flops(shapes[0], n, logits=0) for n in counts)
        vectors = encode(encoder, texts, cache=False)
        return vectors.mean(axis=0), Cost(read=sum(counts), flops=flops)

    def cut(keep: str):
        return lambda row: (
            *windows([truncate(encoder, task.texts[row], keep=keep, rng=row)]),
            None,
        )

    def pooled(size: int, overlap: int):
        return lambda row: (
            *windows(chunk(encoder, task.texts[row], size=size, overlap=overlap)),
            None,
        )

    def count(row: int):
        return *windows([counted(items, task.split.train, task.users[row])]), None

    def model(row: int):
        made = summarize(
            causal,
            task.texts[row],
            size=SEGMENT,
            answer_tokens=ANSWER,
            **INSTRUCTIONS,
        )
        vector, cost = windows([made.text or "nothing"])
        cost.read += made.read
        cost.written += made.written
        cost.flops += sum(writing_flops(shapes[1], r, w) for r, w in made.calls)
        return vector, cost, made

    return {
        **{name: cut(keep) for name, keep in CUTS.items()},
        **{
            name: pooled(size, overlap)
            for name, (size, overlap, how) in POOLED.items()
            if how == "mean"
        },
        COUNTED: count,
        SUMMARY: model,
    }


def record_panel(panel: Mapping) -> dict:
    """Return what the panel gave as the file holds it."""
    runs, costs = panel["runs"], panel["costs"]
    base = np.array([cost.seconds for cost in costs[LAST]])
    table = {}
    for name, rows in costs.items():
        ratios = np.array([cost.seconds for cost in rows]) / base
        table[name] = {
            "read": digits(np.mean([cost.read for cost in rows])),
            "written": digits(np.mean([cost.written for cost in rows])),
            "gigaflops": digits(np.mean([cost.flops for cost in rows]) / 1e9),
            "seconds": digits(np.mean([cost.seconds for cost in rows])),
            "ratio": dict(
                zip(
                    ("low", "median", "high"),
                    map(digits, np.quantile(ratios, [0.25, 0.5, 0.75])),
                    strict=True,
                )
            ),
        }
    pairs = {}
    for head in SPACES:
        mine = f"{SUMMARY} | {head}"
        for other in (FIRST, LAST, CHUNKS, COUNTED, ITEMS, f"{SUMMARY}, another's"):
            pairs[f"{mine} - {other}"] = protocol.bound(
                runs[mine], runs[f"{other} | {head}"], METRIC
            )
        pairs[f"{mine} - Popularity"] = protocol.bound(
            runs[mine], runs["Popularity"], METRIC
        )
        pairs[f"{PARTS_POOLED} | {head} - {SUMMARY}"] = protocol.bound(
            runs[f"{PARTS_POOLED} | {head}"], runs[mine], METRIC
        )
        pairs[f"{PARTS_POOLED} | {head} - Popularity"] = protocol.bound(
            runs[f"{PARTS_POOLED} | {head}"], runs["Popularity"], METRIC
        )
    return {
        "users": panel["users"],
        "segment": SEGMENT,
        "answer_tokens": ANSWER,
        "instructions": INSTRUCTIONS,
        "means": {name: digits(run.means()[METRIC]) for name, run in runs.items()},
        "best_on_test": panel["best_on_test"],
        "differences": pairs,
        "costs": table,
        "summaries": {
            "examples": panel["examples"],
            "levels": panel["levels"],
            "distinct": panel["distinct"],
        },
    }


def planted_texts() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Write texts; return them with their topics and places, both `int64[N]`."""
    cells = [
        (copy, topic, place)
        for copy in range(COPIES)
        for topic in range(len(TOPIC_WORDS))
        for place in range(len(PLACES))
    ]
    texts = [
        planted_text(topic, place=PLACES[place], n_sentences=SENTENCES, rng=seed)
        for seed, (_, topic, place) in enumerate(cells)
    ]
    return texts, np.array([c[1] for c in cells]), np.array([c[2] for c in cells])


def rare_words(texts: list[str], n: int = 5) -> list[str]:
    """Summarize each text by its words that fewest texts have."""
    words = [
        list(dict.fromkeys(text.lower().replace(".", "").replace(",", "").split()))
        for text in texts
    ]
    have: dict[str, int] = {}
    for each in words:
        for word in each:
            have[word] = have.get(word, 0) + 1
    return [" ".join(sorted(each, key=have.__getitem__)[:n]) for each in words]


def planted_hits(
    vectors: np.ndarray | ChunkVectors, queries: np.ndarray, topics: np.ndarray
) -> np.ndarray:
    """Return `float64[N]`, 1 where a text is nearest to its own topic's query."""
    queries = unit_rows(queries - queries.mean(axis=0))
    if isinstance(vectors, ChunkVectors):
        centre = vectors.vectors.mean(axis=0)
        found = replace(vectors, vectors=vectors.vectors - centre).score(queries)
    else:
        found = unit_rows(vectors - vectors.mean(axis=0)) @ queries.T
    return (found.argmax(axis=1) == topics).astype(np.float64)


def run_planted(encoder: TextModel, causal: TextModel) -> dict:
    """Find the topic of planted texts in each way."""
    texts, topics, places = planted_texts()
    queries = encode(
        encoder, [topic_query(t) for t in range(len(TOPIC_WORDS))], cache=False
    )
    windows = {
        size: encode_chunks(encoder, texts, size=size, cache=False)
        for size in (256, 64)
    }
    read = {name: cut_vectors(encoder, texts, keep) for name, keep in CUTS.items()}
    for size in windows:
        read[f"{size}, mean"] = windows[size].pool()
        read[f"{size}, max"] = windows[size].pool("max")
        read[f"{size}, best window"] = windows[size]
    read["rare words"] = encode(encoder, rare_words(texts), cache=False)
    hits = {name: planted_hits(v, queries, topics) for name, v in read.items()}
    few = np.flatnonzero((np.arange(len(texts)) < 36) & (topics % 2 == 0))
    few_hits, named, examples = {}, {}, {}
    for asked, instructions in PLANTED_INSTRUCTIONS.items():
        told = [
            summarize(
                causal,
                texts[i],
                size=PLANTED_SEGMENT,
                answer_tokens=PLANTED_ANSWER,
                **instructions,
            )
            for i in tqdm(few, desc=asked)
        ]
        parts = ["\n".join(summary.parts) for summary in told]
        for kind, lines in ((SUMMARY, [s.text for s in told]), (PARTS, parts)):
            found = [mean_of_lines(encoder, line) for line in lines]
            hit = planted_hits(np.array(found), queries, topics[few])
            few_hits[f"{kind}, {asked}"] = hit
        for kind, lines in ((SUMMARY, [s.text for s in told]), (PARTS, parts)):
            named[f"{kind}, {asked}"] = digits(np.mean(says(lines, topics[few])))
        examples[asked] = {"parts": list(told[0].parts), "text": told[0].text}
    return {
        "texts": len(texts),
        "sentences": SENTENCES,
        "tokens": digits(count_tokens(encoder, texts).mean()),
        "chance": digits(1 / len(TOPIC_WORDS)),
        "hits": by_place(hits, places),
        "model": {
            "texts": len(few),
            "hits": by_place(few_hits, places[few]),
            "beside": by_place({n: h[few] for n, h in hits.items()}, places[few]),
            "instructions": PLANTED_INSTRUCTIONS,
            "names_a_word_of_the_topic": named,
            "examples": examples,
        },
    }


def says(lines: list[str], topics: np.ndarray) -> list[bool]:
    """Say of each text whether a word of its topic is in it."""
    return [
        not set(TOPIC_WORDS[topic]).isdisjoint(re.findall("[a-z]+", line.lower()))
        for line, topic in zip(lines, topics, strict=True)
    ]


def by_place(hits: Mapping[str, np.ndarray], places: np.ndarray) -> dict:
    """Return each way's share of hits at each place, and over all, with 95 %."""
    rng = np.random.default_rng(0)
    table = {}
    for name, values in hits.items():
        draws = values[rng.integers(len(values), size=(10_000, len(values)))]
        low, high = np.quantile(draws.mean(axis=1), [0.025, 0.975])
        table[name] = {
            **{
                place: digits(values[places == row].mean())
                for row, place in enumerate(PLACES)
            },
            "all": digits(values.mean()),
            "low": digits(low),
            "high": digits(high),
        }
    return table


def collect() -> dict:
    """Do everything; return what the file holds."""
    encoder, causal = load_encoder(), load_causal()
    movielens = load_movielens_100k()
    users, tuning, _ = heavy_users(movielens.interactions)
    vectors = embed_items(encoder, movielens.items, cache=False)
    heavy = run_heavy(encoder, movielens.items, vectors)
    searches = heavy["searches"]
    panel = run_panel(encoder, causal, movielens.items, vectors, searches)
    tokens = {
        seed: {
            "mean": digits(np.mean(counts)),
            "min": min(counts),
            "max": max(counts),
        }
        for seed, counts in heavy["tokens"].items()
    }
    return {
        "protocol": {
            "split": "stratified_split(ratings, ratio=0.75, by='item', seed=seed)",
            "k": K,
            "seeds": list(SEEDS),
            "users": users.tolist(),
            "tuning_users": tuning.tolist(),
            "tuning_part": "stratified_split(train of seed 42, ratio=0.75, seed=42)",
            "ease_l2": EASE_L2,
            "context": encoder.context,
            "tokens": tokens,
        },
        "search": {
            head: {
                name: protocol.search_record(search, SPACES[head])
                for name, search in by_name.items()
            }
            for head, by_name in searches.items()
        },
        **record_runs(heavy["runs"]),
        "panel": record_panel(panel),
        "planted": run_planted(encoder, causal),
    }


def report(results: Mapping) -> str:
    """Lay the ways of reading side by side."""
    lines = [f"{'nDCG@10':38}{'mean':>8}   minus popularity"]
    for name, mean in results["means"].items():
        line = f"{name:38}{mean:8.4f}"
        if name in results["minus_popularity"]:
            gap = results["minus_popularity"][name]["pooled"]
            line += f"   {protocol.in_words(gap)}"
        lines.append(line)
    lines += ["", f"{'panel':38}{'mean':>8}"]
    lines += [f"{n:38}{v:8.4f}" for n, v in results["panel"]["means"].items()]
    lines += [f"best on test: {results['panel']['best_on_test']}"]
    for name, gap in results["panel"]["differences"].items():
        lines.append(f"{name:60} {protocol.in_words(gap)}")
    for name, cost in results["panel"]["costs"].items():
        lines.append(
            f"{name:24} read {cost['read']:7.0f} written {cost['written']:5.0f} "
            f"GFLOP {cost['gigaflops']:8.1f} ratio {cost['ratio']['median']:7.1f}"
        )
    for part in (results["planted"], results["planted"]["model"]):
        lines += ["", f"{'planted':24}" + "".join(f"{p:>9}" for p in (*PLACES, "all"))]
        for name, row in part["hits"].items():
            shares = "".join(f"{row[p]:9.2f}" for p in (*PLACES, "all"))
            lines.append(f"{name:24}{shares} [{row['low']:.2f}, {row['high']:.2f}]")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
