"""The checks of the exercises on whether it works."""

import numpy as np
import pytest

from recsys_ref.check import does_it_work as check
from recsys_ref.results import load
from recsys_ref.strategies.prior_ease import text_neighbours


@pytest.fixture(scope="module")
def text(movielens):
    """Genres stand in for what a language model reads."""
    genres = movielens.items.genres.astype(float)
    return np.column_stack([genres, np.ones(len(genres))])


def weights_by_columns(vectors, neighbours, strength, l2):
    """EASE with a prior, from its normal equations, one column at a time."""
    x = check._split().train.matrix().toarray()
    x = (x > 0).astype(float)
    unit = vectors - vectors.mean(axis=0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    prior = strength * text_neighbours(unit, neighbours).toarray()
    gram = x.T @ x + l2 * np.eye(x.shape[1])
    inverse = np.linalg.inv(gram)
    free = inverse @ (x.T @ x + l2 * prior)
    return x, free - inverse * (np.diag(free) / np.diag(inverse))


def test_random_from_the_normal_equations(text):
    drawn = np.random.default_rng(0).normal(size=text.shape)
    chosen = load("warm")["chosen"]["Prior EASE"]
    x, weights = weights_by_columns(drawn, **chosen)
    scores = np.where(x > 0, -np.inf, x @ weights)
    hidden = check._split().test.matrix().toarray() > 0
    discount = 1 / np.log2(np.arange(2, 12))
    values = [
        new[np.argsort(-row)[:10]] @ discount / discount[: min(10, new.sum())].sum()
        for row, new in zip(scores, hidden, strict=True)
        if new.any()
    ]
    right = np.mean(values)
    assert check.random(right, text)
    for wrong, word in (
        (check._no_prior(), "without any prior"),
        (0.9, "Only the vectors"),
    ):
        verdict = check.random(wrong, text)
        assert not verdict
        assert word in verdict.message
        assert f"{right:.2f}" not in verdict.message


def weight(copies, strength):
    """The chapter's equation for two inputs, solved with pencil and paper."""
    a, b, c = 2 * copies + 1, copies, copies + 1
    return c * 0.5 * strength / (a * c - b * b)


def test_strength_by_hand():
    assert check.strength(weight)
    assert check.strength(lambda copies, strength: np.float32(weight(copies, strength)))


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (lambda copies, strength: 0.5 * strength, "Without users"),
        (lambda copies, strength: weight(copies, 1.0), "Without a prior"),
        (lambda copies, strength: weight(copies, strength**2), "nothing else"),
        (lambda copies, strength: weight(1, strength), "ridge"),
        (lambda copies, strength: weight(min(copies, 2), strength), "becomes"),
        (lambda copies: 0.2, "raised TypeError"),
        (lambda copies, strength: None, "returned nothing"),
        (lambda copies, strength: [1, 2], "single number"),
        (0.2, "function itself"),
    ],
)
def test_strength_says_what_is_wrong(function, word):
    verdict = check.strength(function)
    assert not verdict
    assert word in verdict.message


def test_paper_by_hand():
    assert check.paper((26 - 24) / (26 - 20), (26 - 27) / 100)


@pytest.mark.parametrize(
    ("share", "gain", "word"),
    [
        (2 / 3, -0.01, "survives"),
        (0.02, -0.01, "Divide"),
        (2 / 26, -0.01, "level"),
        (100 / 3, -0.01, "between zero and one"),
        (1 / 3, 0.06, "Popularity"),
        (1 / 3, 0.02, "control"),
        (1 / 3, 0.01, "sign"),
        (1 / 3, 0.5, "reads no text"),
        (0.9, 0.5, "does not come"),
    ],
)
def test_paper_says_what_is_wrong(share, gain, word):
    verdict = check.paper(share, gain)
    assert not verdict
    assert word in verdict.message


@pytest.mark.parametrize("answer", ["garbage", [[1, 2], [3]], {}, [0.5] * 5])
def test_garbage_is_refused(answer, text):
    for verdict in (
        check.random(answer, text),
        check.paper(answer, 0.0),
        check.paper(1 / 3, answer),
    ):
        assert not verdict
        assert "The answer should be" in verdict.message
    assert "function itself" in check.strength(answer).message
