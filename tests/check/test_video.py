"""Each check of chapter 6.3 passes what is right and hints at what is not."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.check import video as check
from recsys_ref.data.interactions import Interactions
from recsys_ref.ranking import Ranking

GARBAGE = ("many", None, np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def test_opposite():
    by_cosine, by_half = [0, 1, 0], [0, 0.75, 1]
    assert check.opposite(by_cosine, by_half)
    hints(check.opposite([0, 1, 2], by_half), "stands twice")
    hints(check.opposite([0, 1, 1], by_half), "one line")
    hints(check.opposite(by_cosine, [0, 0.5, 1]), "stands twice", "0.75")
    hints(check.opposite(by_cosine, [1, 0.75, 0]), "order", "0.75")
    hints(check.opposite(by_cosine, by_cosine), "of the cosines", "0.75")


@pytest.fixture
def found():
    """Two lists for four users, one of whom liked nothing, and their ratings."""
    rng = np.random.default_rng(0)
    lists = {
        name: Ranking(
            np.arange(4),
            np.array([rng.permutation(60)[:50] for _ in range(4)]),
            np.zeros((4, 50)),
        )
        for name in ("watched", "liked")
    }
    user, item = np.repeat(np.arange(4), 30), np.tile(np.arange(30), 4)
    stars = rng.integers(1, 6, 120).astype(float)
    stars[:30] = 3
    return lists, Interactions(
        user, item, stars, np.zeros(120), pd.RangeIndex(4), pd.RangeIndex(60)
    )


def ndcg(ranking, test, worth, k=10, undefined=np.nan):
    """nDCG user by user, place by place."""
    values = []
    for row, items in enumerate(ranking.items):
        mine = {
            item: worth(stars)
            for user, item, stars in zip(test.user, test.item, test.value, strict=True)
            if user == row
        }
        got = sum(mine.get(i, 0) / np.log2(r + 2) for r, i in enumerate(items[:k]))
        best = sorted(mine.values(), reverse=True)[:k]
        best = sum(g / np.log2(r + 2) for r, g in enumerate(best))
        values.append(got / best if best else undefined)
    return np.nanmean(values)


def ten_and_one(stars):
    return {5: 10, 4: 1}.get(stars, 0)


def test_gains(found):
    lists, test = found

    def both(worth, **how):
        return [ndcg(x, test, worth, **how) for x in lists.values()]

    right = both(ten_and_one)
    alike = both(lambda stars: 1)
    assert check.gains(right, alike, *found)
    assert check.gains(pd.Series(right), pd.Series(alike), *found)
    mistakes = {
        "order": right[::-1],
        "not a zero": both(ten_and_one, undefined=0.0),
        "how many places": both(ten_and_one, k=50),
        "of the chapter": both(lambda stars: max(stars - 3, 0)),
        "stars themselves": both(lambda stars: stars),
        "best order": [0.5, 0.5],
    }
    for word, wrong in mistakes.items():
        hints(check.gains(wrong, alike, *found), word, f"{right[0]:.2f}")
    hints(check.gains(right, right, *found), "All alike", f"{alike[0]:.2f}")


@pytest.fixture
def outcomes():
    return pd.DataFrame(
        {"minutes": [48.0, 6.0], "to the end": [0.3, 0.9]}, ["long", "short"]
    )


def test_evening(outcomes):
    right = [120 / 48 * 0.3, 10 * 0.9]  # two and a half films, and a whole list
    assert check.evening(right, outcomes)
    mistakes = {
        "how long is the list": [right[0], 120 / 6 * 0.9],
        "evening over": [10 * 0.3, right[1]],
        "finish": [2.5, 10],
        "one film": [0.3, 0.9],
        "minutes watched": [120, 60],
    }
    for word, wrong in mistakes.items():
        hints(check.evening(wrong, outcomes), word, "0.75", "9.0")


def test_censored():
    def right(minutes, duration):
        total, left = 0.0, 0
        for stayed, length in zip(minutes, duration, strict=True):
            total += stayed
            left += stayed < length
        return total / left if left else 2 * total

    assert check.censored(right)
    hints(check.censored(lambda m, d: m.mean()), "reached its end", "12")
    hints(
        check.censored(lambda m, d: m[m < d].mean() if (m < d).any() else 0.0),
        "reached its end",
        "12",
    )
    hints(
        check.censored(lambda m, d: float(m.sum()) / int((m < d).sum())),
        "half a leaving",
        "20",
    )
    hints(check.censored(lambda m, d: m.sum()), "their mean")


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer, found, outcomes):
    for verdict in (
        check.opposite(answer, [0, 0.75, 1]),
        check.opposite([0, 1, 0], answer),
        check.gains(answer, [1, 1], *found),
        check.evening(answer, outcomes),
        check.evening([1.0], outcomes),
        check.censored(answer),
    ):
        assert not verdict
        assert verdict.message
