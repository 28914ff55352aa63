"""Each check of chapter 6 passes what is right and hints at what is not."""

import math

import numpy as np
import pytest

from recsys_ref.check import scenarios as check
from recsys_ref.simulate.log import Log
from recsys_ref.simulate.policy import SoftmaxPolicy

GARBAGE = ("many", None, [[1.0]], np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def planned(p, q, both_spread=True):
    """Users for 80 % power at 5 %, as a textbook writes it."""
    z = 1.959964 + 0.841621
    variance = p * (1 - p) + (q * (1 - q) if both_spread else p * (1 - p))
    return math.ceil(z**2 * variance / (q - p) ** 2)


def test_rare():
    right = [planned(0.03, 0.033), planned(0.03, 0.036)]
    assert check.rare(right)
    assert check.rare(np.array(right) + 50), "roughly is enough"
    mistakes = {
        "two groups": [2 * n for n in right],
        "few who buy": [planned(0.03, 0.13), planned(0.03, 0.23)],
        "a quarter": [right[0], right[0] / 4],
        "both groups": [planned(0.03, q, False) for q in (0.033, 0.036)],
    }
    for word, wrong in mistakes.items():
        hints(check.rare(wrong), word, *map(str, right))


def test_peek():
    quiet = math.prod([0.95] * 7)
    assert check.peek(1 - quiet)
    mistakes = {"twice": 0.35, "one look": 0.05, "every look": 0.05**7}
    for word, wrong in (mistakes | {"opposite": quiet}).items():
        hints(check.peek(wrong), word, "0.3")


@pytest.fixture
def weeks():
    rng = np.random.default_rng(0)
    before = rng.normal(size=500)
    return before, 0.8 * before + rng.normal(size=500)


def test_past(weeks):
    before, after = weeks
    line = np.polyfit(before, after, 1)
    left = (after - np.polyval(line, before)).var() / after.var()
    assert check.past(left, *weeks)
    mistakes = {"explains": 1 - left, "correlation": math.sqrt(1 - left)}
    for word, wrong in (mistakes | {"deviation": math.sqrt(left)}).items():
        hints(check.past(wrong, *weeks), word, f"{left:.2f}")
    with pytest.raises(ValueError, match="same users"):
        check.past(left, before, after[:-1])


def test_cap():
    assert check.cap("down")
    assert check.cap(" Down")
    hints(check.cap("up"), "smaller", "down")
    hints(check.cap("neither"), "fewer decisions", "down")


@pytest.fixture
def a_log():
    """Four lists of two among three items, drawn evenly, and another policy."""
    items = [[0, 1], [1, 0], [2, 0], [0, 2]]
    even = np.tile([1 / 3, 1 / 2], (4, 1))
    log = Log(np.zeros(4), items, even, np.zeros((4, 2)), np.zeros(4))
    return log, SoftmaxPolicy(np.log([[1.0, 2.0, 5.0]]))


def test_lists(a_log):
    firsts = np.array([1 / 8, 2 / 8, 5 / 8, 1 / 8]) * 3
    thens = np.array([2 / 7, 1 / 6, 1 / 3, 5 / 7]) * 2
    size = [w.sum() ** 2 / (w @ w) for w in (firsts, firsts * thens)]
    log, target = a_log
    big = Log(*(np.repeat(getattr(log, n), 500, axis=0) for n in Log.__annotations__))
    right = 500 * np.array(size)
    assert check.lists(right, big, target)
    alone = 500 * thens.sum() ** 2 / (thens @ thens)
    added = firsts + thens
    mistakes = {
        "So many rows": [2000, 2000],
        "by itself": [right[0], alone],
        "added": [right[0], 500 * added.sum() ** 2 / (added @ added)],
        "wrong way": [
            500 * (1 / w).sum() ** 2 / ((1 / w) @ (1 / w))
            for w in (firsts, firsts * thens)
        ],
    }
    for word, wrong in mistakes.items():
        hints(check.lists(wrong, big, target), word, f"{right[1]:.0f}")


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer, weeks, a_log):
    for verdict in (
        check.rare(answer),
        check.peek(answer),
        check.past(answer, *weeks),
        check.cap(str(answer)),
        check.lists(answer, *a_log),
    ):
        assert not verdict
        assert verdict.message
