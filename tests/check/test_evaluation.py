"""The checks of chapter 3.5 let the right answer pass and name typical mistakes."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from recsys_ref.check import evaluation as check
from recsys_ref.data.split import leave_last_out, temporal_split

GAIN = 1 / np.log2(np.arange(2, 8))
NDCG = np.array([GAIN[:3].sum(), GAIN[3:].sum()]) / GAIN[:5].sum()
GARBAGE = ["many", None, {}, [[1, 2, 3]]]


def _says(verdict, words):
    assert not verdict
    assert words in verdict.message


def _ease(matrix, l2):
    """Return EASE's scores, solved item by item in closed form."""
    gram = matrix.T @ matrix + l2 * np.eye(matrix.shape[1])
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return matrix @ weights


def test_order_agrees_with_the_formula():
    assert check.order([0.5, 0.5], NDCG)


@pytest.mark.parametrize(
    ("precision", "ndcg", "words"),
    [
        ([0.6, 0.6], NDCG, "What does precision divide by"),
        ([0.5, 0.4], NDCG, "count the hits"),
        ([0.5, 0.5], NDCG * GAIN[:5].sum(), "that is the DCG"),
        ([0.5, 0.5], NDCG * GAIN[:5].sum() / GAIN[:3].sum(), "not only those"),
        ([0.5, 0.5], NDCG * GAIN[:5].sum() / GAIN.sum(), "each of the six"),
        ([0.5, 0.5], NDCG[::-1], "put first"),
        ([0.5, 0.5], [0.9, 0.1], "log2"),
        *((thing, NDCG, "") for thing in GARBAGE),
        *(([0.5, 0.5], thing, "") for thing in GARBAGE),
    ],
)
def test_order_hints(precision, ndcg, words):
    verdict = check.order(precision, ndcg)
    _says(verdict, words)
    assert not any(f"{value:.2f}" in verdict.message for value in NDCG)


@pytest.fixture(scope="module")
def rates(movielens):
    """Rank by counting, and draw competitors by the formula of an urn."""
    part = leave_last_out(movielens.interactions, rng=0)
    past = part.train.matrix().toarray() > 0
    full, drawn = [], []
    for l2 in (20, 5000):
        scores = _ease(past.astype(float), l2)
        hit, above, below = [], [], []
        for user, film in zip(part.test.user, part.test.item, strict=True):
            others = ~past[user]
            others[film] = False
            better = (scores[user, others] > scores[user, film]).sum()
            hit.append(better < 10)
            above.append(better)
            below.append(others.sum() - better)
        full.append(np.mean(hit))
        size = np.add(above, below)
        drawn.append(hypergeom.cdf(9, size, above, 50).mean())
    return np.array(full), np.array(drawn)


def test_sample_agrees_with_counting(rates):
    full, few, one_seed = check._hit_rates()
    assert np.allclose(full, rates[0], atol=2e-3)
    assert np.allclose(few, rates[1], atol=0.015), "five draws of what is expected"
    assert full.argmax() != few.argmax(), "the sample turns the order around"
    assert check.sample(rates[0], few)
    for answer, words in (
        ((full[::-1], few), "All films: the weak"),
        ((few, few), "All films: you drew"),
        (([0.5, 0.5], few), "first ten"),
        ((full, few[::-1]), "Drawn films: the weak"),
        ((full, full), "among all films"),
        ((full, one_seed), "one draw"),
        ((full, [0.5, 0.5]), "mean over the seeds"),
        *(((thing, few), "") for thing in GARBAGE),
        *(((full, thing), "") for thing in GARBAGE),
    ):
        verdict = check.sample(*answer)
        _says(verdict, words)
        assert not any(f"{v:.2f}" in verdict.message for v in (*full, *few))


def test_users_agrees_with_drawing():
    rng = np.random.default_rng(1)
    values = rng.standard_normal(943)

    def width(sample):
        means = rng.choice(sample, (2000, sample.size)).mean(axis=1)
        return np.ptp(np.quantile(means, [0.025, 0.975]))

    few = np.mean([width(rng.choice(values, 100, replace=False)) for _ in range(20)])
    assert check.users(few / width(values))


@pytest.mark.parametrize(
    ("answer", "words"),
    [(9.43, "error of a mean"), (1, "before the interval"), (0.326, "narrow one"),
     (5, "mean width"), ("wide", "single number"), ([3, 3], "single number"),
     (None, "mean width")],
)  # fmt: skip
def test_users_hints(answer, words):
    verdict = check.users(answer)
    _says(verdict, words)
    assert "3.1" not in verdict.message


@pytest.fixture(scope="module")
def by_loop(movielens):
    """Rank with plain sorting: both methods together, then each alone."""
    part = temporal_split(movielens.interactions, test_share=0.2)
    past = part.train.matrix().toarray() > 0
    truth = part.test.matrix().toarray() > 0
    popular = np.tile(past.sum(axis=0).astype(float), (len(past), 1))
    ease = _ease(past.astype(float), 600)
    noise = np.random.default_rng(0).uniform(0, 1e-6, ease.shape)
    gain = 1 / np.log2(np.arange(2, 12))
    tested = np.flatnonzero(truth.any(axis=1))
    found = {}
    for name in ("both", "popular", "ease"):
        values = []
        for user in tested:
            own = name == "ease" or (name == "both" and past[user].any())
            scores = (ease if own else popular)[user] + noise[user]
            best = np.argsort(-np.where(past[user], -np.inf, scores))[:10]
            ideal = gain[: truth[user].sum()].sum()
            values.append(gain[truth[user, best]].sum() / ideal)
        found[name] = np.mean(values)
    return found


def test_strangers_agrees_with_a_plain_loop(by_loop):
    both, popular, ease, seen_too, known = check._remedies()
    assert both > popular > ease
    assert check.strangers(by_loop["both"])
    for answer, words in (
        (by_loop["popular"], "popularity for everyone"),
        (ease, "EASE for everyone"),
        (seen_too, "not offered again"),
        (known, "Count everyone"),
        (0.9, "Replace the rows"),
        *((thing, "") for thing in GARBAGE),
    ):
        verdict = check.strangers(answer)
        _says(verdict, words)
        assert f"{both:.2f}" not in verdict.message
