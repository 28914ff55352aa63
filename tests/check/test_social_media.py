"""Each check of chapter 6.2 passes what is right and hints at what is not."""

import numpy as np
import pytest

from recsys_ref.check import social_media as check

GARBAGE = ("many", None, np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def test_path():
    # Bob copies (1/2) Ann of his two friends (1/2); then Eve copies (1/2) Bob.
    right = 0.5 * 0.5 * 0.5
    assert check.path(2, right)
    for turn, word in ((1, "just before"), (0, "own taste"), (3, "shorter way")):
        hints(check.path(turn, right), word, "2", "0.125")
    for chance, word in ((0.5, "last step"), (0.25, "more than one friend")):
        hints(check.path(2, chance), word, "0.125", "eighth")
    hints(check.path(2, 0.0625), "single friend", "0.125", "eighth")


def test_small():
    rng = np.random.default_rng(0)
    error = [rng.normal(size=(4000, n)).mean(axis=1).std() for n in (20, 200)]
    assert error[0] / error[1] == pytest.approx(10**0.5, abs=0.15)
    assert check.small(10**0.5)
    assert check.small(3.2)
    for factor, word in ((10, "number of rounds"), (1, "more evidence")):
        hints(check.small(factor), word, "3.1", "3.2", "square root")
    hints(check.small(10**-0.5), "other way round", "3.1", "3.2")


def test_drift():
    assert check.drift("lists")
    assert check.drift("Lists ")
    for wrong, word in (("both", "moves a taste"), ("neither", "still learns")):
        hints(check.drift(wrong), word, "lists")
    hints(check.drift("tastes"), "moves a taste", "lists")


def weeks_active(low, high, good, prior=0.5, prior_visits=2.0):
    """Expected weeks of twelve, one week after another."""
    here, total = 1.0, 0.0
    for visits in range(1, 13):
        total += here
        share = (good * visits + prior * prior_visits) / (visits + prior_visits)
        here *= low + (high - low) * share
    return total


def test_kind():
    lows = (0.75, 0.97)
    right = [weeks_active(x, 1.0, 1) - weeks_active(x, 1.0, 0) for x in lows]
    assert check.kind(right)
    mistakes = {
        "less kind": right[::-1],
        "imagines": [
            weeks_active(x, 1.0, 1, 1.0) - weeks_active(x, 1.0, 0, 0.0) for x in lows
        ],
        "happiest": [weeks_active(x, 0.98, 1) - weeks_active(x, 0.98, 0) for x in lows],
        "add up": [1.0, 1.0],
    }
    for word, wrong in mistakes.items():
        hints(check.kind(wrong), word, *(f"{x:.1f}" for x in right))


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer):
    for verdict in (
        check.path(answer, 0.5),
        check.path(2, answer),
        check.small(answer),
        check.small([answer]),
        check.drift(answer),
        check.kind(answer),
    ):
        assert not verdict
        assert verdict.message
