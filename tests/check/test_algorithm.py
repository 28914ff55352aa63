"""Each check of chapter 3 passes what is right and hints at what is not."""

import numpy as np
import pytest

from recsys_ref.check import algorithm as check
from recsys_ref.data.split import random_split
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.lm.encode import encode

GARBAGE = ("many", None, [[1.0, 2.0]], np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def test_order():
    assert check.order("vectors", "Titles ")
    hints(check.order("titles", "titles"), "mean taken", "vectors")
    hints(check.order("vectors", "vectors"), "prompt", "titles")


def ndcg(score, known, wanted):
    """Mean nDCG@10 over the users who have something to be found, one by one."""
    values = []
    discount = 1 / np.log2(np.arange(2, 12))
    for own, seen, hidden in zip(score, known, wanted, strict=True):
        if hidden.any():
            ranked = np.argsort(-np.where(seen, -np.inf, own), kind="stable")
            best = discount[: min(10, hidden.sum())].sum()
            values.append(hidden[ranked[:10]] @ discount / best)
    return np.mean(values)


def by_hand(encoder, noise):
    """nDCG@10 of the titles' vectors and, as a mean of many draws, of lots."""
    data = planted_topics(200, 120, 6, events_per_user=20, noise=noise, rng=0)
    split = random_split(data.interactions, test_share=0.2, rng=0)
    known, wanted = (part.matrix().toarray() > 0 for part in (split.train, split.test))
    vectors = encode(encoder, list(data.titles))
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    users = known @ vectors
    users /= np.linalg.norm(users, axis=1, keepdims=True)
    rng = np.random.default_rng(1)
    lots = [ndcg(rng.random(known.shape), known, wanted) for _ in range(20)]
    return ndcg(users @ vectors.T, known, wanted), np.mean(lots)


def test_noise(encoder):
    text, lots = by_hand(encoder, 1.0)
    assert check.noise(text, lots, encoder)
    secrets = f"{text:.2f}", f"{lots:.2f}"
    for word, wrong in {
        "How noisy": by_hand(encoder, 0.1)[0],
        "half of the choices": by_hand(encoder, 0.5)[0],
        "now and then": 0.0,
        "hidden fifth": 0.9,
    }.items():
        hints(check.noise(wrong, lots, encoder), word, *secrets)
    for word, wrong in {
        "now and then": 0.0,
        "share of the hidden": 4 / 120,
        "same score": 0.9,
    }.items():
        hints(check.noise(text, wrong, encoder), word, *secrets)


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer, encoder):
    for verdict in (
        check.order(answer, "titles"),
        check.order("vectors", answer),
        check.noise(answer, 0.06, encoder),
    ):
        assert not verdict
        assert verdict.message
