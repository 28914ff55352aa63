"""Each check of chapter 2 passes what is right and hints at what is not."""

import math

import numpy as np
import pytest
import torch

from recsys_ref.check import concepts as check
from recsys_ref.data.split import stratified_split

GARBAGE = ("many", None, [[1.0, 2.0]], np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def chances(causal, text):
    """The probabilities of the next token, without the library's scoring."""
    ids = torch.tensor([causal.tokenizer.encode(text)])
    with torch.no_grad():
        return torch.softmax(causal.model(ids).logits[0, -1], dim=0)


def test_product(causal):
    pieces = [" of", " the", " Rings"]
    tokens = [causal.tokenizer.encode(piece)[0] for piece in pieces]
    right, text = 0.0, "The Lord"
    for piece, token in zip(pieces, tokens, strict=True):
        right += math.log(chances(causal, text)[token])
        text += piece
    start = chances(causal, "The Lord")
    assert check.product(right, causal)
    for word, wrong in {
        "above zero": -right,
        "a probability": math.exp(right),
        "bits": right / math.log(2),
        "natural one": right / math.log(10),
        "mean": right / 3,
        "text grow": sum(math.log(start[token]) for token in tokens),
        "first token": math.log(start[tokens[0]]),
        "before it": 5.0,
    }.items():
        hints(check.product(wrong, causal), word, f"{right:.1f}", f"{right:.2f}")


@pytest.fixture(scope="module")
def parts(movielens):
    """What is known and what is to be found, as tables of true and false."""
    split = stratified_split(movielens.interactions)
    return tuple(part.matrix().toarray() > 0 for part in (split.train, split.test))


def ndcg(score, parts):
    """Mean nDCG@10 over users, one user after the other."""
    values = []
    discount = 1 / np.log2(np.arange(2, 12))
    for user, (known, wanted) in enumerate(zip(*parts, strict=True)):
        own = np.where(known, -np.inf, score[user])
        found = wanted[np.argsort(-own, kind="stable")[:10]]
        best = discount[: min(10, wanted.sum())].sum()
        values.append(found @ discount / best)
    return np.mean(values)


def test_random(parts):
    drawn = np.random.default_rng(7).random(parts[0].shape)
    right = ndcg(drawn, parts)
    assert check.random(right)
    count = parts[0].sum(axis=0)
    order = np.broadcast_to(-np.arange(1682), parts[0].shape)
    for word, wrong in {
        "now and then": 0.0,
        "low numbers": ndcg(order, parts),
        "popularity": ndcg(np.broadcast_to(count, parts[0].shape), parts),
        "ties at random": 0.5,
    }.items():
        hints(check.random(wrong), word, f"{right:.3f}", f"{right:.2f}")


def test_prior(parts):
    vectors = np.random.default_rng(0).normal(size=(1682, 8))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    known = parts[0]
    mean = known @ unit / known.sum(axis=1, keepdims=True)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    count = known.sum(axis=0)
    text = ndcg(mean @ unit.T, parts)
    popular = ndcg(np.broadcast_to(count, known.shape), parts)
    together = ndcg(mean @ unit.T + 0.5 * np.log1p(count), parts)
    right = np.array([together - text, together - popular])
    assert check.prior(right, vectors)
    secrets = [f"{value:.2f}" for value in right]
    for word, wrong in {
        "order": right[::-1],
        "comes first": -right,
        "sum itself": [together, together],
        "the parts": [text, popular],
        "which list": [0.9, 0.9],
    }.items():
        hints(check.prior(wrong, vectors), word, *secrets)


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer, causal):
    for verdict in (
        check.product(answer, causal),
        check.random(answer),
        check.prior(answer, np.eye(1682, 2)),
    ):
        assert not verdict
        assert verdict.message
