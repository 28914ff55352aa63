"""The checks of chapter 6.5 let the right answer pass and name typical mistakes."""

import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.check import music as check
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.relistening import Relistening


def _says(verdict, words, *secrets):
    assert not verdict
    assert words in verdict.message
    for secret in secrets:
        assert secret not in verdict.message


def test_none_agrees_with_drawing_plays():
    rng = np.random.default_rng(0)
    new = rng.random((100_000, 100)) < 0.1
    new[:, 0] = True
    drawn = new.sum(axis=1).mean()
    assert abs(drawn - 10.9) < 0.05
    assert check.none(10.9)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(90, "no track known"), (1 + 99 * 0.9, "Which share"), (10, "ever be a repeat"),
     (11, "counted twice"), (50, "formula"), ("eleven", "single number"),
     ([10.9, 1], "single number")],
)  # fmt: skip
def test_none_hints(answer, words):
    _says(check.none(answer), words, "10.9")


def _count(pause):
    """Count sessions by a plain loop over the log."""
    log, last, count = check._heard()[1].interactions, {}, 0
    order = np.argsort(log.timestamp, kind="stable")
    for user, time in zip(log.user[order], log.timestamp[order], strict=True):
        count += user not in last or time - last[user] > pause
        last[user] = time
    return count


def test_gap_agrees_with_a_plain_loop_and_hints():
    right = [_count(pause) for pause in (180, 1800, 86_400)]
    secrets = [str(count) for count in right]
    assert check.gap(right)
    assert check.gap(np.array(right))
    for answer, words in (
        ([count - 1 for count in right], "from zero"),
        ([_count(pause) for pause in (3, 30, 1440)], "seconds"),
        (right[::-1], "order"),
        ([1, 2, 3], "four minutes"),
        (right[0], "shape (3,)"),
        (["a", "b", "c"], "shape (3,)"),
        ({"a": 1}, "shape (3,)"),
    ):
        _says(check.gap(answer), words, *secrets)


def test_memory_agrees_with_lists_made_by_hand():
    train, chosen = check._train(), results.load("music")["chosen"]["next session"]
    users = np.arange(train.n_users)
    ease = EASE(**chosen["EASE"]).fit(train).score(users).astype(float)
    again = Relistening(**chosen["relistening"]).fit(train).score(users).astype(float)
    known = train.matrix().toarray() > 0

    def top(scores, left_out=known):
        return np.argsort(np.where(left_out, np.inf, -scores), axis=1)[:, :10]

    def standard(scores):
        return (scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True)

    both = standard(ease) + standard(again)
    share = np.mean(top(both) == top(ease))
    assert share > 0.99
    assert check.memory(share)
    with_known = np.mean(top(both, False) == top(ease, False))
    assert with_known < 0.1
    _says(check.memory(with_known), "he knows", "1.0")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(0.0, "Memory alone"), (0.5, "never heard"), ("all", "single number"),
     ([1.0, 1.0], "single number")],
)  # fmt: skip
def test_memory_hints(answer, words):
    _says(check.memory(answer), words, "1.0")


def test_boredom_agrees_with_a_plain_loop():
    heard, there = 0.0, 1.0
    for _ in range(30):
        heard, there = heard + there, there * 0.9
    assert check.boredom(heard)
    assert check.boredom(round(heard, 2))
    for answer, words in (
        (27, "each one before"),
        (10, "never ends"),
        (heard * 0.9, "by everyone"),
        (heard - 0.9**29, "missing"),
        (3, "for certain"),
        (np.full(300, heard), "single number"),
        ("none", "single number"),
        (object(), "single number"),
    ):
        _says(check.boredom(answer), words, f"{heard:.2f}", f"{heard:.1f}")
