"""Methods for news on a made-up newsroom, hour by hour.

    python benchmarks/news.py

writes `recsys_ref/results/news.json`.

Everything here is a simulation. Five newsrooms (seeds 0 to 4) of eight days are drawn
by `recsys_ref.simulate.newsroom`; readers see pages of 20 articles drawn at random
from those on the site. Hyperparameters are chosen for each newsroom on the windows of
days five and six by nDCG@10 a page; days seven and eight are the test. A window is an
hour: a method learns what was before it, and orders the pages of that hour.

The score of each method is a weighted sum of parts (text, clicks, age), as
`strategies.fresh.Fresh` adds them. Parts are computed once, so that the search over
weights costs nothing; the tests compare with the strategies themselves.

Intervals are over readers: a reader's value is the mean over his pages, because his
pages are alike. In the shuffled control headlines are dealt to other articles, with
the hyperparameters chosen for the true ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
import protocol
from protocol import digits, interval
from tqdm import tqdm

from recsys_ref.data.impressions import Impressions
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.rolling import Window, rolling_windows
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.impressions import COLUMNS, evaluate_impressions
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import load_encoder
from recsys_ref.ranking import top_k
from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.newsroom import Newsroom, make_newsroom, random_pages
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.click_rate import ClickRate
from recsys_ref.strategies.cold_start import ColdStart
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.pages import score_windows
from recsys_ref.strategies.recent_popularity import RecentPopularity

SEEDS = (0, 1, 2, 3, 4)
READERS, DAYS, PAGE, ETA, BREAKING = 600, 8, 20, 0.5, {156.5: 3.0}
SHARPNESS = 6.0
HOUR, DAY = 3600, 86_400
VALIDATION, TEST = (4 * DAY, 6 * DAY), (6 * DAY, 8 * DAY)
RETRAIN = (1, 4, 12, 24)  # hours
ASSUMED = (0.75, 1.5, 3.0, 6.0, 12.0, 24.0, 48.0)  # half-lives, in hours
INF = float("inf")
SPACE = {
    "half_life": [3.0, 4.5, 6.0, 9.0, 14.0, INF],  # hours
    "weight": [0.5, 1.0, 2.0, 4.0, 8.0, 16.0],  # half-lives a unit of cosine
    "clicks": [0.0, 0.25, 0.5, 1.0, 2.0],  # half-lives a unit of the next
    "counted": [
        "recent inf",
        "rate inf",
        "rate 6",
    ],  # log of clicks, or per (fresh) look
    "l2": [20.0, 80.0],  # of EASE
    "map": [0.3, 3.0],  # l2 of the map from text
    "recent": [1.0, 3.0, 6.0, 12.0, 24.0, INF],  # hours
}
TEXTS = ("sections", "words", "text", "topics")
LISTED = 10


@dataclass(frozen=True, eq=False)
class Site:
    """A newsroom, what was logged of it, and what can be known of its articles."""

    room: Newsroom
    pages: Impressions
    vectors: Mapping[str, np.ndarray]

    @property
    def clicks(self):
        """The events of all pages."""
        return self.pages.clicks()


def make_site(seed: int) -> Site:
    """Draw a newsroom and its log, and read its headlines."""
    room = make_newsroom(
        READERS, days=DAYS, rng=seed, breaking=BREAKING, sharpness=SHARPNESS
    )
    pages = random_pages(room, k=PAGE, eta=ETA, rng=1000 + seed)
    return Site(room, pages, vectors_of(room))


def vectors_of(room: Newsroom) -> dict[str, np.ndarray]:
    """Describe the articles in four ways, each less its mean of the first days."""
    titles = room.world.titles.tolist()
    words = sorted({word for title in titles for word in title.split()})
    bag = np.array([[word in title.split() for word in words] for title in titles])
    described = {
        "sections": np.eye(4)[room.section],
        "words": bag.astype(np.float64),
        "text": encode(load_encoder(), titles).astype(np.float64),
        "topics": np.eye(room.world.n_topics)[room.world.item_topic],
    }
    known = room.published < VALIDATION[0]
    return {name: v - v[known].mean(axis=0) for name, v in described.items()}


def shuffled(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Deal descriptions to other articles."""
    return np.random.default_rng(seed).permutation(vectors)


def fresh_looks(site: Site, half_life: float) -> Interactions:
    """Weigh each look by the freshness of what was looked at."""
    looks = site.pages.looks(position_examination(PAGE, ETA))
    age = looks.timestamp / HOUR - site.room.world.arrival[looks.item]
    return replace(looks, value=looks.value * np.exp2(-age / half_life))


def strategies(site: Site, seed: int) -> dict[str, Recommender]:
    """Build the parts of all scores."""
    vectors = site.vectors
    texts = {**vectors, "shuffled": shuffled(vectors["text"], seed)}
    parts: dict[str, Recommender] = {
        name: DotProduct(unit_rows(v), cosine=True) for name, v in texts.items()
    }
    parts["text, last day"] = DotProduct(
        unit_rows(vectors["text"]), weighting="recency", half_life=DAY, cosine=True
    )
    parts |= {f"recent {h:g}": RecentPopularity(h * HOUR) for h in SPACE["recent"]}
    for h in (INF, 6.0):
        parts[f"rate {h:g}"] = ClickRate(fresh_looks(site, h))
    parts["knn"] = ItemKNN()
    for l2 in SPACE["l2"]:
        parts[f"ease {l2:g}"] = EASE(l2=l2)
    for l2, strength in product(SPACE["l2"], SPACE["map"]):
        parts[f"cold {l2:g} {strength:g}"] = ColdStart(
            unit_rows(vectors["text"]), EASE(l2=l2), l2=strength
        )
    return parts


def score_parts(
    site: Site, names: list[str], windows: list[Window], seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Score the pages of the windows by each part, `float64[M, K]`.

    Pages of another length than `PAGE` are left out; there are next to none.

    Returns:
        The pages, and the scores by the name of the part; "age" is in hours.
    """
    parts = strategies(site, seed)
    full = site.pages.select([len(shown) == PAGE for shown in site.pages.shown])
    clicks, scores = site.clicks, {}
    for name in names:
        rows, values = score_windows(parts[name], clicks, full, windows)
        scores[name] = np.stack(values).astype(np.float64)
    shown = np.stack([full.shown[row] for row in rows])
    scores["age"] = full.timestamp[rows, None] / HOUR - site.room.world.arrival[shown]
    return full.select(rows), scores


def quick_ndcg(scores: np.ndarray, clicked: np.ndarray, seed: int) -> float:
    """Return the mean nDCG@10 of pages; equal scores in random order."""
    tie = np.random.default_rng(seed).random(scores.shape)
    order = np.lexsort((tie, -scores), axis=1)[:, :LISTED]
    hits = np.take_along_axis(clicked, order, axis=1)
    return float(np.nanmean(metrics.ndcg(hits, clicked.sum(axis=1))))


def combine(chosen: Mapping, scores: Mapping[str, np.ndarray]) -> np.ndarray:
    """Add up the parts of a method: weight x part + clicks x popularity - age / h."""
    total = -scores["age"] / chosen.get("half_life", INF)
    if "part" in chosen:
        total = total + chosen.get("weight", 1.0) * scores[chosen["part"]]
    if chosen.get("clicks"):
        total = total + chosen["clicks"] * scores[chosen["counted"]]
    return total


def candidates() -> dict[str, list[dict]]:
    """List what is tried of each method."""
    ages, weights = SPACE["half_life"], SPACE["weight"]
    clicks = [
        {"clicks": c, "counted": n}
        for n, c in product(SPACE["counted"], SPACE["clicks"])
    ]
    of = {
        "EASE": [f"ease {l2:g}" for l2 in SPACE["l2"]],
        "map": [f"cold {a:g} {b:g}" for a, b in product(SPACE["l2"], SPACE["map"])],
    }
    tried: dict[str, list[dict]] = {
        "Random": [{}],
        "Newest first": [{"half_life": 1.0}],
        "Popularity": [{"part": "recent inf"}],
        "Recent popularity": [{"part": f"recent {h:g}"} for h in SPACE["recent"]],
        "ItemKNN": [{"part": "knn"}],
        "EASE": [{"part": part} for part in of["EASE"]],
        "Text": [{"part": "text"}, {"part": "text, last day"}],
        "Age, clicks": [{"half_life": h} | c for h in ages for c in clicks],
        "Click rate": [{"part": part} for part in SPACE["counted"][1:]],
    }
    grids = {
        **{f"Age, clicks, {name}": [name] for name in TEXTS},
        "Age, clicks, EASE": of["EASE"],
        "Age, clicks, text map": of["map"],
    }
    tried["Age, text"] = [
        {"part": "text", "half_life": h, "weight": w} for h in ages for w in weights
    ]
    for name, parts in grids.items():
        tried[name] = [
            {"part": part, "half_life": h, "weight": w} | c
            for part, h, w, c in product(parts, ages, weights, clicks)
        ]
    return tried


def tune(site: Site, seed: int) -> dict[str, dict]:
    """Choose the best of what is tried on the windows of the validation days."""
    windows = rolling_windows(*VALIDATION, length=HOUR)
    names = list(strategies(site, seed))
    pages, scores = score_parts(site, names, windows, seed)
    clicked = np.stack(pages.clicked)
    chosen = {}
    for method, tried in candidates().items():
        means = [quick_ndcg(combine(each, scores), clicked, seed) for each in tried]
        best = int(np.argmax(means))
        chosen[method] = tried[best] | {"validation": digits(means[best])}
    return chosen


def methods(chosen: Mapping[str, Mapping]) -> dict[str, dict]:
    """Add the control to what was chosen, and drop the record of the search."""
    kept = {
        name: {key: value for key, value in each.items() if key != "validation"}
        for name, each in chosen.items()
    }
    shuffled_text = kept["Age, clicks, text"] | {"part": "shuffled"}
    return kept | {"Age, clicks, shuffled text": shuffled_text}


def needed(chosen: Mapping[str, Mapping]) -> list[str]:
    """Name the parts that the methods use."""
    parts = {each["part"] for each in methods(chosen).values() if "part" in each}
    counted = {e["counted"] for e in methods(chosen).values() if "counted" in e}
    return sorted(parts | counted)


def run_test(
    site: Site, chosen: Mapping, seed: int, retrain: int = 1
) -> tuple[Impressions, dict[str, np.ndarray]]:
    """Score the test pages by every method, `float64[M, K]` each."""
    windows = rolling_windows(*TEST, length=HOUR, retrain=retrain * HOUR)
    pages, scores = score_parts(site, needed(chosen), windows, seed)
    return pages, {
        name: combine(each, scores) for name, each in methods(chosen).items()
    }


def by_reader(values: np.ndarray, readers: np.ndarray) -> pd.Series:
    """Average pages over each reader; NaN for one whose pages have no click."""
    return pd.Series(values).groupby(readers).mean()


def measure(
    pages: Impressions, scores: Mapping[str, np.ndarray], seed: int
) -> dict[str, pd.DataFrame]:
    """Evaluate each method, one row a page."""
    return {
        name: evaluate_impressions(list(rows), pages.clicked, rng=seed)
        for name, rows in scores.items()
    }


def lists(
    site: Site, chosen: Mapping, seed: int, every: int = 4
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Let each method make its own lists of ten at every fourth test visit.

    Offered is what is on the site at the beginning of the hour and was not clicked
    before by the reader.

    Returns:
        Readers, hours of the visits, and `int64[N, 10]` lists by method; "Best
        possible" knows the attractions.
    """
    room, clicks = site.room, site.clicks
    windows = rolling_windows(*TEST, length=HOUR)
    parts = strategies(site, seed)
    used = methods(chosen)
    rows_all, made = [], {name: [] for name in [*used, "Best possible"]}
    for window in windows:
        rows = np.flatnonzero(window.holds(site.pages.timestamp))[::every]
        if not rows.size:
            continue
        train, now = window.train(clicks), window.start / HOUR
        readers, offered = site.pages.user[rows], room.alive(now)
        seen, shape = train.matrix()[readers], (len(rows), len(offered))
        fitted = {name: parts[name].fit(train) for name in needed(chosen)}
        scores = {
            name: model.score(readers)[:, offered].astype(np.float64)
            for name, model in fitted.items()
        }
        scores["age"] = np.broadcast_to(now - room.world.arrival[offered], shape)
        attraction = room.world.attraction(readers, now)[:, offered]
        for name in made:
            known = name in used
            score = combine(used[name], scores) if known else attraction
            ranked = top_k(
                np.broadcast_to(score, shape), LISTED, users=rows,
                excluded=seen[:, offered], rng=seed,
            )  # fmt: skip
            made[name].append(offered[ranked.items])
        rows_all.append(rows)
    rows = np.concatenate(rows_all)
    tables = {name: np.concatenate(each) for name, each in made.items()}
    return site.pages.user[rows], site.pages.timestamp[rows] / HOUR, tables


def click_through(site: Site, chosen: Mapping, seed: int) -> dict[str, pd.DataFrame]:
    """Return exact expectations of each method, one row a visit.

    Columns: `clicks` on a list of ten; `any`, the chance of at least one; `reader`.
    """
    readers, hours, tables = lists(site, chosen, seed)
    out = {}
    for name, items in tables.items():
        chance = site.room.expected_clicks(readers, items, hours, ETA)
        out[name] = pd.DataFrame(
            {
                "clicks": chance.sum(axis=1),
                "any": 1 - np.prod(1 - chance, axis=1),
                "reader": readers,
            }
        )
    return out


def leak(site: Site, seed: int) -> dict[str, dict[str, float]]:
    """Measure the same pages by models that know the future, and by honest ones.

    A fifth of the pages of the test days is tested on. The random split learns from
    the clicks of all other pages, later ones included; the temporal one from those
    before the hour.
    """
    rng = np.random.default_rng(seed)
    inside = np.flatnonzero(site.pages.timestamp >= TEST[0])
    full = [row for row in inside if len(site.pages.shown[row]) == PAGE]
    chosen = np.sort(rng.choice(full, len(full) // 5, replace=False))
    rest = np.setdiff1d(np.arange(len(site.pages)), chosen)
    tested, others = site.pages.select(chosen), site.pages.select(rest).clicks()
    parts, clicked = strategies(site, seed), np.stack(tested.clicked)
    hours = rolling_windows(*TEST, length=HOUR)
    whole = [Window(TEST[1], TEST[1], TEST[1] + DAY)]
    late = Impressions(
        tested.user, np.full(len(tested), TEST[1]), tested.shown, tested.clicked,
        tested.history, tested.user_ids, tested.item_ids,
    )  # fmt: skip
    result: dict[str, dict[str, float]] = {}
    for name, part in {
        "Popularity": "recent inf",
        "ItemKNN": "knn",
        "EASE": "ease 20",
        "Text": "text",
    }.items():
        result[name] = {}
        for split, pages, windows in (
            ("random", late, whole),
            ("temporal", tested, hours),
        ):
            _, scores = score_windows(parts[part], others, pages, windows)
            value = quick_ndcg(np.stack(scores), clicked, seed)
            result[name][split] = digits(value)
    return result


def story_share(site: Site, chosen: Mapping, seed: int) -> dict[str, list[float]]:
    """Return the share of lists with the breaking story, by hours since it arrived."""
    (story,) = site.room.breaking
    _, hours, tables = lists(site, chosen, seed, every=2)
    age = np.floor(hours) - np.ceil(site.room.world.arrival[story])
    return {
        name: [
            digits((items[age == hour] == story).any(axis=1).mean())
            for hour in range(12)
        ]
        for name, items in tables.items()
    }


def assumed_half_lives(
    pages: Impressions, scores: Mapping[str, np.ndarray], chosen: Mapping, seed: int
) -> dict[str, list[float]]:
    """Return nDCG@10 on the test pages for half-lives that may be wrong."""
    clicked, used = np.stack(pages.clicked), methods(chosen)
    return {
        name: [
            digits(
                quick_ndcg(
                    combine(used[name] | {"half_life": h}, scores), clicked, seed
                )
            )
            for h in ASSUMED
        ]
        for name in ("Age, clicks", "Age, clicks, text")
    }


PAIRS = (
    ("Age, clicks", "Newest first"),
    ("Age, text", "Newest first"),
    ("Age, clicks, text", "Age, clicks"),
    ("Age, clicks, shuffled text", "Age, clicks"),
    ("Age, clicks, sections", "Age, clicks"),
    ("Age, clicks, words", "Age, clicks"),
    ("Age, clicks, text", "Age, clicks, sections"),
    ("Age, clicks, text", "Age, clicks, words"),
    ("Age, clicks, topics", "Age, clicks, text"),
    ("Age, clicks, EASE", "Age, clicks"),
    ("Age, clicks, text map", "Age, clicks"),
)


def run_seed(seed: int) -> dict:
    """Do everything for one newsroom; tables of readers are kept for pooling."""
    site = make_site(seed)
    chosen = tune(site, seed)
    found: dict = {"chosen": chosen, "means": {}, "readers": {}, "retrain": {}}
    for retrain in RETRAIN:
        windows = rolling_windows(*TEST, length=HOUR, retrain=retrain * HOUR)
        pages, parts = score_parts(site, needed(chosen), windows, seed)
        scores = {n: combine(each, parts) for n, each in methods(chosen).items()}
        clicked = np.stack(pages.clicked)
        found["retrain"][str(retrain)] = {
            name: digits(quick_ndcg(rows, clicked, seed))
            for name, rows in scores.items()
        }
        if retrain == RETRAIN[0]:
            for name, table in measure(pages, scores, seed).items():
                found["means"][name] = {c: digits(table[c].mean()) for c in COLUMNS}
                found["readers"][name] = by_reader(
                    table["ndcg@10"].to_numpy(), pages.user
                )
            found["assumed"] = assumed_half_lives(pages, parts, chosen, seed)
    found["visits"] = click_through(site, chosen, seed)
    found["leak"], found["story"] = leak(site, seed), story_share(site, chosen, seed)
    return found


def pooled(tables: Mapping[int, pd.Series]) -> pd.Series:
    """Put the readers of all newsrooms, who are different people, side by side."""
    return pd.concat(tables, names=["seed", "reader"])


def collect() -> dict:
    """Do everything; return what the file holds."""
    runs = {seed: run_seed(seed) for seed in tqdm(SEEDS, desc="newsrooms")}
    ctr = {
        name: pooled(
            {
                s: r["visits"][name].groupby("reader")["clicks"].mean()
                for s, r in runs.items()
            }
        )
        for name in runs[SEEDS[0]]["visits"]
    }
    ndcg = {
        name: pooled({s: r["readers"][name] for s, r in runs.items()})
        for name in runs[SEEDS[0]]["readers"]
    }

    def versus(values: Mapping[str, pd.Series]) -> dict:
        return {
            f"{a} - {b}": {
                **{str(s): interval(values[a][s], values[b][s]) for s in SEEDS},
                "pooled": interval(values[a], values[b]),
            }
            for a, b in PAIRS
        }

    by_seed = {str(seed): run for seed, run in runs.items()}
    return {
        "protocol": {
            "seeds": list(SEEDS),
            "readers": READERS,
            "days": DAYS,
            "page": PAGE,
            "eta": ETA,
            "sharpness": SHARPNESS,
            "breaking": {str(h): boost for h, boost in BREAKING.items()},
        },
        "search": {"space": {k: [str(v) for v in vs] for k, vs in SPACE.items()}},
        "chosen": {
            s: {
                name: {
                    key: "inf" if value == INF else value for key, value in each.items()
                }
                for name, each in run["chosen"].items()
            }
            for s, run in by_seed.items()
        },
        "means": {s: run["means"] for s, run in by_seed.items()},
        "versus": versus(ndcg),
        "retrain": {s: run["retrain"] for s, run in by_seed.items()},
        "assumed": {"hours": list(ASSUMED)}
        | {s: run["assumed"] for s, run in by_seed.items()},
        "click_through": {
            s: {
                name: {c: digits(table[c].mean()) for c in ("clicks", "any")}
                for name, table in run["visits"].items()
            }
            for s, run in by_seed.items()
        },
        "click_through_versus": versus(ctr),
        "leak": {s: run["leak"] for s, run in by_seed.items()},
        "story": {s: run["story"] for s, run in by_seed.items()},
    }


def report(results: Mapping) -> str:
    """Lay the results out for people."""
    means = pd.DataFrame(
        {
            s: {name: values["ndcg@10"] for name, values in table.items()}
            for s, table in results["means"].items()
        }
    )
    clicks = pd.DataFrame(
        {
            s: {name: values["clicks"] for name, values in table.items()}
            for s, table in results["click_through"].items()
        }
    )
    gaps = [
        f"{pair:<52}{protocol.in_words(values['pooled'])}"
        for pair, values in results["versus"].items()
    ]
    return "\n\n".join(
        [
            "nDCG@10 by seed\n" + means.round(4).to_string(),
            "expected clicks a list\n" + clicks.round(4).to_string(),
            "nDCG@10, pooled over readers\n" + "\n".join(gaps),
        ]
    )


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
