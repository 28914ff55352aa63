"""A simulation of music: what comes next, with repeats, sessions and playlists.

Five simulated audiences, one a seed. Three tasks on each: the tracks of a
user's last session, heard before or new; the second half of that session, its
first half being known; and a playlist of which the name and some tracks are
known. Then how long each method's radio would be followed, exactly. What is
tuned is tuned on the session before the last, or on other playlists, of the
first seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import protocol

from recsys_ref.content.whiten import Centring
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.order import places
from recsys_ref.data.sessions import sessions_after, sessions_as_users
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.metrics import ndcg, recall
from recsys_ref.evaluation.seeds import pool_seeds
from recsys_ref.evaluation.tuning import grid_search
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import load_encoder
from recsys_ref.ranking import top_k
from recsys_ref.simulate.listening import Listening, listen
from recsys_ref.simulate.staying import expected_tracks
from recsys_ref.simulate.world import World, make_world
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import Hybrid, blend
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.relistening import Relistening
from recsys_ref.strategies.session_knn import SessionKNN

SEEDS, K = (0, 1, 2, 3, 4), 10
WORLD = {"n_users": 300, "n_items": 600, "n_topics": 8, "concentration": 0.5}
HABITS = {
    "sessions": 16,
    "tracks": 8.0,
    "repeat": 0.5,
    "recency": 1.0,
    "focus": 0.8,
}
PLAYLIST = 8  # tracks of a playlist
KNOWN = (0, 1, 3)  # tracks of a playlist that are known
RADIO = 30  # tracks of a radio
# What people may call a playlist; no word of it is in a track's title.
NAMES = (
    "outer space",
    "whodunits",
    "marriage",
    "military history",
    "nightmares",
    "wild west",
    "classical instruments",
    "pets and wildlife",
)


@dataclass(frozen=True, eq=False)
class Audience:
    """One simulated audience, and what a language model reads of its tracks.

    Attributes:
        world: Tastes and tracks.
        heard: All sessions.
        vectors: `float32[I, D]`, the tracks' titles, centered.
        names: `float32[T, D]`, the playlists' names, centered by the titles.
    """

    world: World
    heard: Listening
    vectors: np.ndarray
    names: np.ndarray

    def closeness(self) -> np.ndarray:
        """Return the cosine of each name with each track, `float32[T, I]`."""
        return unit_rows(self.names) @ unit_rows(self.vectors).T

    def text_profile(self, **how: object) -> DotProduct:
        """Return the strategy that reads titles alone."""
        return DotProduct(self.vectors, cosine=True, weighting="order", **how)


def audience(seed: int, model) -> Audience:
    """Make the audience of a seed and read its titles."""
    world = make_world(**WORLD, rng=seed)
    heard = listen(world, **HABITS, rng=seed)
    titles = encode(model, world.titles.tolist())
    center = Centring().fit(titles)
    names = center.transform(encode(model, list(NAMES)))
    return Audience(world, heard, center.transform(titles), names)


@dataclass(frozen=True, eq=False)
class Task:
    """What is learned from, what is known, and what is to be found.

    Attributes:
        train: What models are fitted on.
        known: What is known of each row that is to be served; folded in.
        relevant: What is to be found.
        repeats: Whether tracks that are known may be recommended.
    """

    train: Interactions
    known: Interactions
    relevant: Interactions
    repeats: bool

    def measure(self, model: Recommender, seed: int) -> Evaluation:
        """Fit, fold in, recommend, measure."""
        rows = np.unique(self.relevant.user)
        fitted = model.fit(self.train)
        if self.known is not self.train:
            fitted = fitted.fold_in(self.known)
        lists = fitted.recommend(rows, k=K, exclude_seen=not self.repeats, rng=seed)
        return evaluate(lists, self.relevant.matrix(), metrics=(ndcg, recall))


def next_session(heard: Listening, back: int, *, new: bool) -> Task:
    """Find the tracks of each user's session `back` before the last.

    Args:
        heard: All sessions.
        back: 0 for the test, 1 for the validation.
        new: Whether only tracks count that he had not heard; else all do.
    """
    number = sessions_after(heard.interactions, heard.session)
    train = heard.interactions.select(number > back)
    wanted = (number == back) & ~(heard.repeat if new else np.zeros_like(heard.repeat))
    return Task(train, train, heard.interactions.select(wanted), repeats=not new)


def continuation(heard: Listening, back: int) -> Task:
    """Find the second half of the sessions `back` before the last."""
    number = sessions_after(heard.interactions, heard.session)
    place, count = places(heard.session, heard.interactions.timestamp)
    now = (number == back) & (count >= 4)
    first = place < count // 2
    return Task(
        sessions_as_users(heard.interactions, heard.session, number > back),
        sessions_as_users(heard.interactions, heard.session, now & first),
        sessions_as_users(heard.interactions, heard.session, now & ~first),
        repeats=False,
    )


def session_methods(a: Audience, chosen: Mapping) -> dict[str, Recommender]:
    """Return the methods of the second task, tuned."""
    knn = SessionKNN(**chosen["session kNN"])
    text = a.text_profile(**chosen["text"])
    return {
        "popularity": Popularity(),
        "text profile": text,
        "EASE": EASE(**chosen["EASE"]),
        "session kNN": knn,
        "session kNN + text": Hybrid([knn, text], [1.0, chosen["blend"]["weight"]]),
    }


def user_methods(a: Audience, chosen: Mapping) -> dict[str, Recommender]:
    """Return the methods of the first task, tuned."""
    again, ease = Relistening(**chosen["relistening"]), EASE(**chosen["EASE"])
    text = a.text_profile(**chosen["text"])
    weights = chosen["blend"]
    return {
        "popularity": Popularity(),
        "text profile": text,
        "EASE": ease,
        "relistening": again,
        "EASE + relistening": Hybrid([ease, again], [1.0, weights["again"]]),
        "all three": Hybrid(
            [ease, again, text], [1.0, weights["again"], weights["text"]]
        ),
    }


def search(make: Callable[..., Recommender], task: Task, space: Mapping) -> dict:
    """Choose by nDCG on a validation task, and say what was tried."""

    def objective(**given: object) -> np.ndarray:
        return task.measure(make(**given), 0).per_user[f"ndcg@{K}"].to_numpy()

    return protocol.search_record(grid_search(objective, space, progress=False), space)


SPACES = {
    "EASE": {"l2": [5.0, 20.0, 80.0, 320.0, 1280.0], "half_life": [None, 10.0, 40.0]},
    "relistening": {"decay": [0.0, 0.5, 1.0, 1.5, 2.0, 3.0]},
    "text": {"half_life": [1.0, 3.0, 10.0, 40.0, 160.0]},
    "session kNN": {"neighbours": [25, 50, 100, 200, 800], "half_life": [None, 2.0]},
}


def tuned_for_users(a: Audience, task: Task) -> dict[str, dict]:
    """Tune the methods of the first task; the blends last."""
    found = {
        "EASE": search(EASE, task, SPACES["EASE"]),
        "relistening": search(Relistening, task, SPACES["relistening"]),
        "text": search(
            a.text_profile,
            task,
            SPACES["text"],
        ),
    }
    ease, again = (
        EASE(**found["EASE"]["chosen"]),
        Relistening(**found["relistening"]["chosen"]),
    )
    text = a.text_profile(**found["text"]["chosen"])
    found["blend"] = search(
        lambda again_, text_: Hybrid([ease, again, text], [1.0, again_, text_]),
        task,
        {"again_": [0.5, 1.0, 2.0, 4.0, 8.0], "text_": [0.0, 0.1, 0.3, 1.0]},
    )
    found["blend"]["chosen"] = {
        name.rstrip("_"): value for name, value in found["blend"]["chosen"].items()
    }
    return found


def tuned_for_sessions(a: Audience, task: Task) -> dict[str, dict]:
    """Tune the methods of the second task."""
    found = {
        "EASE": search(EASE, task, SPACES["EASE"]),
        "text": search(
            a.text_profile,
            task,
            SPACES["text"],
        ),
        "session kNN": search(SessionKNN, task, SPACES["session kNN"]),
    }
    knn = SessionKNN(**found["session kNN"]["chosen"])
    text = a.text_profile(**found["text"]["chosen"])
    found["blend"] = search(
        lambda weight: Hybrid([knn, text], [1.0, weight]),
        task,
        {"weight": [0.1, 0.3, 1.0]},
    )
    return found


def playlists(a: Audience, seed: int) -> tuple[Interactions, np.ndarray]:
    """Return playlists of distinct tracks, a row each, and the topic of each name."""
    lists = listen(
        a.world, sessions=3, tracks=float(PLAYLIST), repeat=0.0, recency=0.0,
        focus=0.9, rng=seed + 100,
    )  # fmt: skip
    place, count = places(lists.session, lists.interactions.timestamp)
    kept = (count >= PLAYLIST) & (place < PLAYLIST)
    table = sessions_as_users(lists.interactions, lists.session, kept)
    return table, lists.mood[np.asarray(table.user_ids)]


def playlist_scores(
    a: Audience, table: Interactions, topic: np.ndarray, held: np.ndarray, known: int
) -> tuple[dict[str, np.ndarray], Interactions, Interactions]:
    """Score the tracks for held-out playlists of which some tracks are known.

    Returns:
        `float[B, I]` for each part, what is known and what is to be found.
    """
    place, _ = places(table.user, table.timestamp)
    mine = held[table.user]
    begun = table.select(mine & (place < known))
    knn = SessionKNN(neighbours=200).fit(table.select(~mine)).fold_in(begun)
    popular = Popularity().fit(table.select(~mine)).fold_in(begun)
    rows = np.flatnonzero(held)
    words = [set(title.split()) for title in a.world.titles]
    shared = np.array(
        [[len(set(name.split()) & track) for track in words] for name in NAMES]
    )
    parts = {
        "popularity": popular.score(rows),
        "words shared with the name": shared[topic[rows]].astype(float),
        "name read by MiniLM": a.closeness()[topic[rows]],
        "session kNN": knn.score(rows),
    }
    return parts, begun, table.select(mine & (place >= known))


def playlist_runs(
    a: Audience,
    seed: int,
    held: np.ndarray,
    lists: tuple[Interactions, np.ndarray],
    chosen: Mapping[str, float],
) -> dict[int, dict[str, Evaluation]]:
    """Measure every method for every number of known tracks."""
    rows, runs = np.flatnonzero(held), {}
    for known in KNOWN:
        parts, begun, relevant = playlist_scores(a, *lists, held, known)
        own = [parts[n] for n in ("session kNN", "name read by MiniLM", "popularity")]
        parts["all three"] = blend(own, [1.0, chosen["name"], chosen["popular"]])
        runs[known] = {
            name: evaluate(
                top_k(scores, K, users=rows, excluded=begun.matrix()[rows], rng=seed),
                relevant.matrix(),
                metrics=(ndcg, recall),
            )
            for name, scores in parts.items()
        }
    return runs


def tuned_for_playlists(a: Audience) -> dict:
    """Choose the weights of the blend on playlists that are not of the test."""
    lists = playlists(a, SEEDS[0])
    number = np.arange(lists[0].n_users) % 4
    table, topic = lists[0].select(number[lists[0].user] > 0), lists[1]

    def objective(**given: float) -> np.ndarray:
        runs = playlist_runs(a, SEEDS[0], number == 1, (table, topic), given)
        values = [run["all three"].per_user[f"ndcg@{K}"] for run in runs.values()]
        return np.mean(values, axis=0)

    space = {"name": [0.3, 1.0, 3.0], "popular": [0.0, 0.1, 0.3, 1.0]}
    return protocol.search_record(grid_search(objective, space, progress=False), space)


def radio(a: Audience, chosen: Mapping) -> dict[str, np.ndarray]:
    """Return the exact number of tracks heard of each method's radio, `float64[U]`."""
    users = np.arange(a.world.n_users)
    train = a.heard.interactions
    lists = {
        name: model.fit(train).recommend(users, k=RADIO, exclude_seen=False).items
        for name, model in user_methods(a, chosen).items()
    }
    rng = np.random.default_rng(0)
    catalog = np.tile(np.arange(a.world.n_items), (len(users), 1))
    lists["at random"] = rng.permuted(catalog, axis=1)[:, :RADIO]
    best = top_k(a.world.attraction(users), RADIO, users=users)
    lists["the best there is"] = best.items
    return {
        name: expected_tracks(a.world, users, items) for name, items in lists.items()
    }


def radio_by_name(a: Audience, chosen: Mapping) -> dict[str, np.ndarray]:
    """Return the same for listeners without a history who name what they want.

    Each names his best topic, in the words of `NAMES`.
    """
    users = np.arange(a.world.n_users)
    wanted = a.world.taste.argmax(axis=1)
    popular = np.tile(np.bincount(a.heard.interactions.item), (len(users), 1))
    named = a.closeness()[wanted]
    weights = [chosen["name"], chosen["popular"]]
    scores = {
        "popularity": popular.astype(float),
        "name": named,
        "name + popularity": blend([named, popular], weights),
    }
    return {
        name: expected_tracks(a.world, users, top_k(each, RADIO, users=users).items)
        for name, each in scores.items()
    }


def collect() -> dict:
    """Run all tasks on all seeds."""
    model = load_encoder()
    audiences = {seed: audience(seed, model) for seed in SEEDS}
    first = audiences[SEEDS[0]]
    searched = {
        "next session": tuned_for_users(
            first, next_session(first.heard, back=1, new=False)
        ),
        "new tracks": tuned_for_users(
            first, next_session(first.heard, back=1, new=True)
        ),
        "continuation": tuned_for_sessions(first, continuation(first.heard, back=1)),
        "playlist": {"blend": tuned_for_playlists(first)},
    }
    chosen = {
        task: {name: record["chosen"] for name, record in found.items()}
        for task, found in searched.items()
    }
    tables: dict[str, dict[str, dict[int, Evaluation]]] = {}
    radios: dict[str, list[np.ndarray]] = {}
    named: dict[str, list[np.ndarray]] = {}
    for seed, a in audiences.items():
        tasks = {
            "next session": next_session(a.heard, back=0, new=False),
            "new tracks": next_session(a.heard, back=0, new=True),
            "continuation": continuation(a.heard, back=0),
        }
        for task, given in tasks.items():
            make = session_methods if task == "continuation" else user_methods
            for name, method in make(a, chosen[task]).items():
                run = given.measure(method, seed)
                tables.setdefault(task, {}).setdefault(name, {})[seed] = run
        lists = playlists(a, seed)
        held = np.arange(lists[0].n_users) % 4 == 0
        weights = chosen["playlist"]["blend"]
        for known, runs in playlist_runs(a, seed, held, lists, weights).items():
            for name, run in runs.items():
                task = f"playlist, {known} known"
                tables.setdefault(task, {}).setdefault(name, {})[seed] = run
        for name, heard in radio(a, chosen["next session"]).items():
            radios.setdefault(name, []).append(heard)
        for name, heard in radio_by_name(a, weights).items():
            named.setdefault(name, []).append(heard)
    bases = {"continuation": "session kNN"}
    return {
        "protocol": {
            "simulation": WORLD | HABITS,
            "seeds": list(SEEDS),
            "k": K,
            "playlist": PLAYLIST,
            "names": list(NAMES),
            "radio": RADIO,
            "tuned_on": "the session before the last, seed 0",
        },
        "search": searched,
        "chosen": chosen,
        "tasks": {
            task: {
                name: {
                    "seeds": protocol.seed_means(runs),
                    "pooled": {
                        metric: protocol.digits(mean)
                        for metric, mean in pool_seeds(runs).means().items()
                    },
                    "versus": protocol.versus(
                        runs, methods[bases.get(task, _base(task))]
                    ),
                }
                for name, runs in methods.items()
            }
            for task, methods in tables.items()
        },
        "radio": _radio_table(radios, "EASE"),
        "radio, no history": _radio_table(named, "popularity"),
    }


def _base(task: str) -> str:
    return "session kNN" if task.startswith("playlist") else "EASE"


def _radio_table(radios: Mapping[str, list[np.ndarray]], base: str) -> dict:
    """Return mean tracks of each radio, and the difference to one of them."""
    runs = {
        name: Evaluation(pd.DataFrame({"tracks": np.concatenate(heard)}))
        for name, heard in radios.items()
    }
    return {
        name: {
            "tracks": protocol.digits(run.per_user["tracks"].mean()),
            "versus": protocol.bound(run, runs[base], metric="tracks"),
        }
        for name, run in runs.items()
    }


def report(results: Mapping) -> str:
    """Lay out the pooled nDCG of each task."""
    lines = []
    for task, methods in results["tasks"].items():
        lines.append(task)
        for name, row in methods.items():
            gap = protocol.in_words(row["versus"]["pooled"])
            lines.append(f"  {name:28}{row['pooled'][f'ndcg@{K}']:.4f}  {gap}")
    for which in ("radio", "radio, no history"):
        lines.append(f"tracks heard: {which}")
        for name, row in results[which].items():
            gap = protocol.in_words(row["versus"])
            lines.append(f"  {name:28}{row['tracks']:.3f}  {gap}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
