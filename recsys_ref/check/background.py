"""Tell whether an answer to an exercise on sparsity and cold start is right.

Book section 1.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.features import activity, popularity
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import MovieLens, load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import random_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.metrics import ndcg
from recsys_ref.ranking import top_k
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity

SEED = 0
NEW_FILMS = 10_000
LEAST = 50  # events of everybody in the core
COLUMNS = ("All ratings", "A quarter", "A tenth")


def shelves(density: object, change: object) -> Verdict:
    """Check what films that nobody has rated do to density and to the lists.

    Args:
        density: Density of the training table with ten thousand films added.
        change: What the nDCG of item-kNN does: "falls", "rises" or "stays".

    Returns:
        The verdict, first on the density.

    Examples:
        >>> shelves(0.0504, "stays")
        Not yet. This is the density before the clerk came. Which factor has grown?
    """
    x, train = _movielens().interactions, _split().train
    wide = x.n_items + NEW_FILMS
    right = len(train) / (x.n_users * wide)
    found = matches(
        density,
        right,
        because="",
        hint="Cells with an event over all cells: which of the two has changed?",
        mistakes=[
            (
                train.density,
                "This is the density before the clerk came. Which factor has grown?",
            ),
            (
                len(x) / (x.n_users * wide),
                "This counts the ratings of the test part as well.",
            ),
            (
                len(train) / (x.n_users * NEW_FILMS),
                "The old films are still in the catalog.",
            ),
            (100 * right, "This is in percent. A density is a share."),
        ],
        tolerance=1e-4,
    )
    if not found:
        return found
    hints = {
        "falls": "Which films could push a film of the old lists out of its place? "
        "What is their score?",
        "rises": "What would item-kNN have to learn from films without users?",
        "stays": "Measure it: add films to the table and evaluate again.",
    }
    what = _change()
    hints.pop(what)
    return chooses(
        change,
        what,
        because="Cells were added, but no two users meet there.",
        hints=hints,
    )


def one_film(same: object) -> Verdict:
    """Check which of four lists does not depend on the film that was told.

    Args:
        same: "popularity", "item-kNN", "EASE" or "genres".

    Returns:
        The verdict, from the lists for *Alien* and for *Dumbo*.

    Examples:
        >>> one_film("genres")
        Not yet. The two films differ in their genres. What does the list look for?
    """
    lists = zip(*(_offers(title).items() for title in ("Alien", "Dumbo")), strict=True)
    (right,) = [name for (name, a), (_, b) in lists if np.array_equal(a, b)]
    hints = {
        "popularity": "What does it count, and does the new user matter for that?",
        "item-kNN": "It adds up similarities to what the user has. To which film?",
        "EASE": "Its weights lead from films that a user has to others. From which?",
        "genres": "The two films differ in their genres. What does the list look for?",
    }
    hints.pop(right)
    return chooses(
        same, right, because="It is the same for all, and heard nothing.", hints=hints
    )


def core(users: object, films: object) -> Verdict:
    """Check how many users and films the 50-core has.

    Args:
        users: Users who are left.
        films: Films that are left.

    Returns:
        The verdict.

    Examples:
        >>> core(943, 1682)
        Not yet. This is the whole table. Who has fewer events than asked for?
    """
    sizes = _sizes()
    right = sizes["core"]
    again = "Somebody who is left may have lost events to the cut. Look again."
    return matches(
        [users, films],
        right,
        because="Each cut may push others below the limit, so it takes rounds.",
        hint="Drop, count anew, drop again, until nobody has too few events.",
        mistakes=[
            (
                sizes["all"],
                "This is the whole table. Who has fewer events than asked for?",
            ),
            (sizes["users, then films"], again),
            (sizes["films, then users"], again),
            (sizes["users"], "Films must have enough events, too."),
            (sizes["films"], "Users must have enough events, too."),
            (right[::-1], "In which order? First the users."),
        ],
        tolerance=0.5,
    )


def chance(blind: object, observed: object) -> Verdict:
    """Check how many films two users share, if they pick blindly and in truth.

    Args:
        blind: Mean over all pairs of users of the films shared by blind picks.
        observed: Mean over all pairs of the films that both have rated.

    Returns:
        The verdict, first on the blind picks, each to a twentieth of a film.

    Examples:
        >>> chance(0.0, 18.8)
        Not yet. Blind picks: take the two users' numbers of films, multiply, divide.
        Then the mean.
    """
    x = _movielens().interactions
    a, n = activity(x).astype(float), popularity(x).astype(float)
    ordered = x.n_users * (x.n_users - 1)  # each pair from both sides
    by_chance = (a.sum() ** 2 - (a**2).sum()) / ordered / x.n_items
    shared = (n * (n - 1)).sum() / ordered
    found = matches(
        blind,
        by_chance,
        because="",
        hint="Blind picks: take the two users' numbers of films, multiply, divide. "
        "Then the mean.",
        mistakes=[
            (shared, "Blind picks: this is what the users do share."),
            (by_chance * x.n_items, "Blind picks: out of how many films?"),
            (
                by_chance * x.n_items / x.n_users,
                "Blind picks: divide by the number of films, not of users.",
            ),
            (
                np.median(a) ** 2 / x.n_items,
                "Blind picks: this is for two median users. The mean is asked.",
            ),
        ],
        tolerance=0.05,
    )
    if not found:
        return found
    return matches(
        observed,
        shared,
        because="It follows from how popular the films are, and from no taste.",
        hint="Observed: how many pairs of users share a film that n users rated?",
        mistakes=[
            (by_chance, "Observed: this is what blind picks would give."),
            (
                (n**2).sum() / ordered,
                "Observed: a user and he himself are not a pair.",
            ),
            (
                shared / 2,
                "Observed: count each pair once, above the line and below it.",
            ),
            (
                shared * 2,
                "Observed: count each pair once, above the line and below it.",
            ),
        ],
        tolerance=0.05,
    )


def shrinkage(best: object, table: pd.DataFrame) -> Verdict:
    """Check which method is best where all, a quarter and a tenth is kept.

    Args:
        best: Three names of rows, in the order of the columns.
        table: The nDCG of each method, a row each, in three columns: all training
            ratings, a quarter, a tenth.

    Returns:
        The verdict on the first column that is wrong.

    Examples:
        >>> ndcg = [[0.4, 0.2, 0.1], [0.2, 0.1, 0.0]]
        >>> table = pd.DataFrame(ndcg, ["EASE", "item-kNN"], ["100%", "25%", "10%"])
        >>> shrinkage(["item-kNN"] * 3, table)
        Not yet. All ratings: this is the lowest. Of nDCG more is better.
    """
    several = isinstance(best, Iterable) and not isinstance(best, str)
    best = list(best) if several else []
    if len(best) != len(COLUMNS):
        return Verdict(False, "Give three names of rows, one for each column.")
    for place, (answer, name) in enumerate(zip(best, COLUMNS, strict=True)):
        column = table.iloc[:, place]
        right, first = column.idxmax(), table.iloc[:, 0].idxmax()
        hints = {row: _on_row(row, column, first, place) for row in column.index}
        hints = {row: f"{name}: {hint}" for row, hint in hints.items()}
        hints.pop(right)
        found = chooses(
            answer,
            right,
            because="What is best depends on how much there is to learn from.",
            hints=hints,
        )
        if not found:
            break
    return found


def _on_row(row: str, column: pd.Series, first: str, place: int) -> str:
    """Say what to think about who takes this row for the best."""
    if row == column.idxmin():
        return "this is the lowest. Of nDCG more is better."
    if row == first and place:
        return "this one wins with all ratings. Does it with fewer?"
    if row == "popularity":
        return "where histories meet often, how does counting do?"
    return "compare all rows of the column, with all brakes and with none."


@cache
def _movielens() -> MovieLens:
    return load_movielens_100k()


@cache
def _split() -> Split:
    return random_split(_movielens().interactions, test_share=0.2, rng=SEED)


@cache
def _sizes() -> dict[str, list[int]]:
    """Return users and films of the core, and of what is not yet the core."""
    frame = _movielens().interactions.to_frame()
    core, _ = clean_interactions(frame, min_user_events=LEAST, min_item_events=LEAST)

    def cut(left: pd.DataFrame, side: str) -> pd.DataFrame:
        return left[left.groupby(side)[side].transform("size") >= LEAST]

    users, films = cut(frame, "user_id"), cut(frame, "item_id")
    tables = {
        "core": core,
        "all": frame,
        "users": users,
        "films": films,
        "users, then films": cut(users, "item_id"),
        "films, then users": cut(films, "user_id"),
    }
    return {
        name: [table["user_id"].nunique(), table["item_id"].nunique()]
        for name, table in tables.items()
    }


@cache
def _change(few: int = 300) -> str:
    """Say what films without users do to item-kNN; a few are enough to see it."""
    x = _movielens().interactions
    shelf = np.append(x.item_ids, x.item_ids.max() + 1 + np.arange(few))

    def measured(item_ids: np.ndarray) -> float:
        parts = (
            Interactions.from_frame(
                part.to_frame(), user_ids=x.user_ids, item_ids=item_ids
            )
            for part in (_split().train, _split().test)
        )
        train, test = parts
        lists = ItemKNN().fit(train).recommend(np.arange(x.n_users), k=10)
        return float(evaluate(lists, test.matrix(), metrics=[ndcg]).means().iloc[0])

    before, after = measured(x.item_ids), measured(shelf)
    if np.isclose(before, after):
        return "stays"
    return "falls" if after < before else "rises"


@cache
def _offers(title: str) -> dict[str, np.ndarray]:
    """Return three films for a guest who has told one, by each method."""
    x, items = _movielens().interactions, _movielens().items
    film = int(np.flatnonzero(items.title == title)[0])
    guest = {"user_id": 0, "item_id": x.item_ids[film], "value": 5.0}
    guest = pd.DataFrame([guest | {"timestamp": int(x.timestamp.max())}])
    table = Interactions.from_frame(
        pd.concat([x.to_frame(), guest]), item_ids=x.item_ids
    )
    row = table.user_index([0])
    offers = {
        name: model.fit(table).recommend(row, k=3).items[0]
        for name, model in (
            ("popularity", Popularity()),
            ("item-kNN", ItemKNN()),
            ("EASE", EASE()),
        )
    }
    genres = items.genres - items.genres.mean(axis=0)
    genres /= np.linalg.norm(genres, axis=1, keepdims=True)
    had = table.matrix()[row]
    scores = (had @ genres) @ genres.T
    offers["genres"] = top_k(scores, 3, users=row, excluded=had).items[0]
    return offers
