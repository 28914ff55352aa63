"""The checks of chapter 3.4 let the right answer pass and name typical mistakes."""

import numpy as np
import pytest

from recsys_ref.check import strategy as check
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import stratified_split

GARBAGE = ["many", None, {}, [[1, 2, 3]]]
DAN = np.log([3, 3, 1, 2])  # two saw A, two saw B, one saw D


def _says(verdict, words):
    assert not verdict
    assert words in verdict.message


def test_nobody_agrees_with_counting():
    assert check.nobody(DAN)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.zeros(4), "zero vector"),
        ([2, 2, 0, 1], "What does the prior make"),
        (DAN / np.log(2), "natural logarithm"),
        (np.log([2, 2, 1, 1]), "one user more"),
        (DAN + check.FILMS @ check.FILMS.mean(axis=0), "mean of all films"),
        ([3, 3, 3, 3], "Work out"),
        ("DC", "shape (4,)"),
        *((thing, "") for thing in GARBAGE),
    ],
)
def test_nobody_hints(answer, words):
    verdict = check.nobody(answer)
    _says(verdict, words)
    assert not any(f"{value:.1f}" in verdict.message for value in DAN if value)


def test_lengths_agrees_with_plain_sorting():
    rng = np.random.default_rng(0)
    scores, prior = rng.standard_normal((50, 9)), 2 * rng.standard_normal(9)
    factor = rng.uniform(0.2, 5, size=(50, 1))

    def same(added):
        one, other = (np.argsort(s + added) for s in (scores, scores * factor))
        return (one == other).all()

    assert same(0)
    assert not same(prior)
    assert check.lengths("with a prior")
    assert check.lengths(" With a prior ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [("never", "Is the prior divided"), ("without a prior", "share one factor"),
     ("always", "Divide a row"), ("sometimes", "none of the choices"),
     (0.46, "none of the choices"), (None, "none of the choices"),
     ([1, 2], "none of the choices")],
)  # fmt: skip
def test_lengths_hints(answer, words):
    _says(check.lengths(answer), words)


@pytest.fixture(scope="module")
def oracles():
    """Solve EASE in closed form, and count what an oracle finds."""
    part = stratified_split(load_movielens_100k().interactions)
    past = part.train.matrix().toarray() > 0
    truth = part.test.matrix().toarray() > 0
    x = past.astype(float)
    inverse = np.linalg.inv(x.T @ x + 400 * np.eye(x.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    gain = 1 / np.log2(np.arange(2, 12))
    tested = np.random.default_rng(0).permutation(len(past))[24:64]
    found = {}
    for n in (10, 20, 100):
        values = []
        for user in tested:
            scores = np.where(past[user], -np.inf, x[user] @ weights)
            hits = truth[user, np.argsort(-scores)[:n]].sum()
            values.append(gain[:hits].sum() / gain[: truth[user].sum()].sum())
        found[n] = np.mean(values)
    return found


def test_ceiling_agrees_with_counting_hits(oracles):
    right, ten, over_all, unordered = check._ceilings()
    assert check.ceiling(oracles[20], oracles[100])
    assert np.isclose(ten, oracles[10], atol=2e-3)
    for answer, words in (
        ((1.0, 1.0), "among the candidates"),
        (right[::-1], "cannot be worse"),
        ((oracles[10], oracles[10]), "first ten"),
        (over_all, "mean over everyone"),
        ((unordered, unordered), "own order"),
        ((0.1, 0.2), "to the front"),
        (("low", "high"), "shape (2,)"),
        (([1, 2], 3), "shape (2,)"),
        ((None, None), "to the front"),
    ):
        verdict = check.ceiling(*answer)
        _says(verdict, words)
        assert not any(f"{value:.2f}" in verdict.message for value in right)
