"""Each check of chapter 9.3 passes what is right and hints at what is not."""

import math

import numpy as np
import pytest

from recsys_ref.check import long_text as check
from recsys_ref.content.long_text import chunk

GARBAGE = ("many", None, np.nan, lambda *_: "one")


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def test_count():
    def right(tokens, room, repeated):
        return max(1, math.ceil((tokens - repeated) / (room - repeated)))

    assert check.count(right)
    mistakes = {
        "how many fit": lambda t, s, o: t // s + 1,
        "left at the end": lambda t, s, o: t // s,
        "fewer new tokens": lambda t, s, o: math.ceil(t / s),
        "first window": lambda t, s, o: max(
            1, math.ceil(t / (s - o)) - (t > 50 and o > 0)
        ),
        "has to be read": lambda t, s, o: math.ceil((t - o) / (s - o)),
    }
    for word, wrong in mistakes.items():
        hints(check.count(wrong), word, "ceil", "max")


def test_count_agrees_with_the_library(encoder):
    for tokens, room, repeated in ((95, 10, 0), (100, 10, 4), (10, 10, 4), (3, 10, 4)):
        text = " ".join(["toys"] * tokens)  # one token each
        parts = chunk(encoder, text, size=room + 2, overlap=repeated)
        assert check._windows(tokens, room, repeated) == len(parts)


def test_dilute():
    assert check.dilute([1 / 2, 1 / 4, 1 / 8])
    assert check.dilute([0.5, 0.25, 0.12])
    mistakes = {
        "How long": [1 / 4, 1 / 16, 1 / 64],
        "above one": [2, 4, 8],
        "others alone": [0, 0, 0],
        "best window": [1, 1, 1],
        "unit matrix": [0.9, 0.8, 0.7],
    }
    for word, wrong in mistakes.items():
        hints(check.dilute(wrong), word, "0.5", "0.25", "sqrt")


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    before = rng.normal(size=(6, 8)) + 2
    return before, before + rng.normal(size=(6, 8))


def cosines(before, after, center, center_after=None):
    """Mean cosine with the own and with the others' vectors, pair by pair."""
    own, others = [], []
    after = after - (center if center_after is None else center_after)
    for i, a in enumerate(before - center):
        for j, b in enumerate(after):
            cosine = a @ b / math.sqrt((a @ a) * (b @ b))
            (own if i == j else others).append(cosine)
    return np.mean(own), np.mean(others)


def test_shuffle(vectors):
    before, after = vectors
    center = before.mean(axis=0)
    own, others = cosines(before, after, center)
    assert check.shuffle([own, others], *vectors)
    mistakes = {
        "in common": cosines(before, after, 0),
        "order": (others, own),
        "history itself": (own, (own + 5 * others) / 6),
        "each by itself": cosines(before, after, center, after.mean(axis=0)),
        "left": cosines(before, before, center),
        "length 1": (0.1, 0.2),
    }
    for word, wrong in mistakes.items():
        hints(check.shuffle(wrong, *vectors), word, f"{own:.2f}", f"{others:.2f}")
    with pytest.raises(ValueError, match="same N >= 2 histories"):
        check.shuffle([own, others], before, after[:-1])


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer, vectors):
    for verdict in (
        check.count(answer),
        check.dilute(answer),
        check.dilute([answer]),
        check.shuffle(answer, *vectors),
    ):
        assert not verdict
        assert verdict.message
