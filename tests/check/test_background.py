"""Each check of chapter 1 passes what is right and hints at what is not."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.check import background as check

GARBAGE = ("many", None, [[1.0, 2.0]], np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def test_shelves():
    right = 80_000 / 943 / (1_682 + 10_000)
    assert check.shelves(right, " Stays")
    mistakes = {
        "before the clerk": 80_000 / 943 / 1_682,
        "test part": 100_000 / 943 / 11_682,
        "old films": 80_000 / 943 / 10_000,
        "percent": 100 * right,
        "which of the two": 0.5,
    }
    for word, wrong in mistakes.items():
        hints(check.shelves(wrong, "stays"), word, "0.007", "0.73")
    hints(check.shelves(right, "falls"), "push", "stays")
    hints(check.shelves(right, "rises"), "without users", "stays")


def test_one_film():
    assert check.one_film("Popularity")
    for wrong, word in {
        "item-kNN": "similarities",
        "EASE": "weights",
        "genres": "differ in their genres",
    }.items():
        hints(check.one_film(wrong), word, "opularity")


@pytest.fixture(scope="module")
def pairs(movielens):
    """Who rated what, in two columns."""
    return movielens.interactions.to_frame()[["user_id", "item_id"]].to_numpy()


def rare(pairs, side):
    """The pairs whose user (0) or film (1) has fifty or more."""
    _, place, count = np.unique(pairs[:, side], return_inverse=True, return_counts=True)
    return pairs[count[place] >= 50]


def sizes(pairs):
    return len(set(pairs[:, 0])), len(set(pairs[:, 1]))


def test_core(pairs):
    left, before = pairs, 0
    while len(left) != before:
        before = len(left)
        left = rare(rare(left, 1), 0)
    users, films = sizes(left)
    assert check.core(users, films)
    mistakes = {
        "whole table": sizes(pairs),
        "lost events": sizes(rare(rare(pairs, 0), 1)),
        "Films must": sizes(rare(pairs, 0)),
        "Users must": sizes(rare(pairs, 1)),
        "order": (films, users),
        "Drop, count": (1, 1),
    }
    for word, wrong in mistakes.items():
        hints(check.core(*wrong), word, str(users), str(films))


def test_chance(movielens):
    rows = movielens.interactions.matrix().toarray() > 0
    by_pair, of_both = [], []
    for u in range(0, 943):
        both = (rows[u + 1 :] & rows[u]).sum(axis=1)
        of_both.extend(both)
        by_pair.extend(rows[u].sum() * rows[u + 1 :].sum(axis=1) / 1_682)
    blind, observed = np.mean(by_pair), np.mean(of_both)
    assert check.chance(blind, observed)
    secrets = f"{blind:.1f}", f"{observed:.1f}"
    for word, wrong in {
        "do share": observed,
        "out of how many": blind * 1_682,
        "not of users": blind * 1_682 / 943,
        "median": np.median(rows.sum(axis=1)) ** 2 / 1_682,
        "multiply": 0.0,
    }.items():
        hints(check.chance(wrong, observed), word, *secrets)
    n = rows.sum(axis=0)
    for word, wrong in {
        "blind picks would": blind,
        "himself": (n**2).sum() / 943 / 942,
        "once": observed / 2,
        "how many pairs": 0.0,
    }.items():
        hints(check.chance(blind, wrong), word, *secrets)


TABLE = pd.DataFrame(
    {
        "100%": [0.3, 0.4, 0.5, 0.2],
        "25%": [0.1, 0.4, 0.3, 0.2],
        "10%": [0.1, 0.3, 0.2, 0.4],
    },
    ["item-kNN", "EASE, l2 50", "EASE, l2 500", "popularity"],
)


def test_shrinkage():
    right = ["EASE, l2 500", "EASE, l2 50", "popularity"]
    assert check.shrinkage(right, TABLE)
    assert check.shrinkage(tuple(right), TABLE)
    assert check.shrinkage(TABLE.idxmax(), TABLE), "a Series, as pandas gives it"
    for place, wrong, word in (
        (0, "popularity", "lowest"),
        (0, "EASE, l2 50", "all brakes"),
        (1, "popularity", "meet often"),
        (1, "EASE, l2 500", "with fewer"),
        (2, "EASE, l2 500", "with fewer"),
        (2, "item-kNN", "lowest"),
    ):
        answer = right.copy()
        answer[place] = wrong
        hints(check.shrinkage(answer, TABLE), word, right[place])
    hints(check.shrinkage("popularity", TABLE), "three names")


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer):
    for verdict in (
        check.shelves(answer, "stays"),
        check.shelves(80_000 / 943 / 11_682, answer),
        check.one_film(answer),
        check.core(answer, 560),
        check.chance(answer, 1.0),
        check.shrinkage(answer, TABLE),
        check.shrinkage([answer] * 3, TABLE),
    ):
        assert not verdict
        assert verdict.message
