"""EASE with a text prior, against one ridge regression a column."""

import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csr_array

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies import prior_ease
from recsys_ref.strategies.ease import EASE, ease_weights
from recsys_ref.strategies.prior_ease import (
    PriorEASE,
    prior_weights,
    text_neighbours,
)
from recsys_ref.strategies.text_directions import text_directions


def clicks(n_users, n_items, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((n_users, n_items)) < 0.3).astype(float)


def some_prior(n_items, seed=1):
    rng = np.random.default_rng(seed)
    prior = rng.random((n_items, n_items)) * (rng.random((n_items, n_items)) < 0.4)
    np.fill_diagonal(prior, 0)
    return prior


def events(matrix):
    user, item = matrix.nonzero()
    ones = np.ones(len(user))
    shape = map(range, matrix.shape)
    return Interactions(user, item, ones, 0 * ones, *shape)


def test_each_column_is_a_ridge_regression_shrunk_to_its_prior():
    """Of column j the others' rows: (A^T A + l2) b = A^T x_j + l2 s_j."""
    matrix, prior, l2 = clicks(40, 9), some_prior(9), 3.0
    weights = prior_weights(matrix, prior, l2)
    for item in range(9):
        others = np.delete(matrix, item, axis=1)
        wanted = np.linalg.solve(
            others.T @ others + l2 * np.eye(8),
            others.T @ matrix[:, item] + l2 * np.delete(prior[:, item], item),
        )
        np.testing.assert_allclose(np.delete(weights[:, item], item), wanted, atol=2e-6)
    assert (weights.diagonal() == 0).all()
    assert weights.dtype == np.float32


def test_a_strong_ridge_leaves_the_prior_alone_and_no_prior_leaves_ease():
    matrix, prior = clicks(30, 7), some_prior(7)
    np.testing.assert_allclose(prior_weights(matrix, prior, 1e6), prior, atol=1e-4)
    nothing = prior_weights(matrix, np.zeros((7, 7)), 2.0)
    assert (nothing == ease_weights(matrix, 2.0)).all()


def test_the_weights_move_from_those_of_ease_in_proportion_to_the_prior():
    matrix, prior = clicks(30, 7), some_prior(7)
    none, one, three = (prior_weights(matrix, c * prior, 2.0) for c in (0, 1, 3))
    np.testing.assert_allclose(three - none, 3 * (one - none), atol=1e-5)


def test_neighbours_are_those_of_a_plain_loop(monkeypatch):
    directions = text_directions(np.random.default_rng(3).normal(size=(23, 5)), 23)
    wanted = np.zeros((23, 23))
    for item, row in enumerate(directions @ directions.T):
        row[item] = -1
        for other in np.argsort(-row)[:4]:
            wanted[item, other] = max(row[other], 0)
        wanted[item] /= wanted[item].sum()
    for block in (1, 5, 23, 256):
        monkeypatch.setattr(prior_ease, "BLOCK", block)
        ours = text_neighbours(directions, 4).toarray()
        np.testing.assert_allclose(ours, wanted, atol=1e-6)


def test_more_neighbours_than_there_are_items_are_all():
    directions = np.ones((3, 1), dtype=np.float32)
    assert text_neighbours(directions, 50).toarray() == pytest.approx(
        (1 - np.eye(3)) / 2
    )
    assert text_neighbours(directions[:1], 5).nnz == 0


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3])
def test_without_a_text_that_tells_items_apart_it_is_ease_to_the_bit(value):
    table = events(clicks(30, 8))
    vectors = np.full((8, 3), value)
    ours = PriorEASE(vectors, l2=2.0).fit(table).weights_
    assert (ours == EASE(l2=2.0).fit(table).weights_).all()


def test_items_without_a_text_have_no_neighbours():
    vectors = np.random.default_rng(0).normal(size=(8, 3))
    vectors[[2, 5]] = 0
    links = text_neighbours(text_directions(vectors, 8), 7).toarray()
    assert not links[[2, 5]].any()
    assert not links[:, [2, 5]].any()
    assert PriorEASE(vectors).fit(events(clicks(30, 8))).score([0]).shape == (1, 8)


def test_20_000_items_are_refused_before_memory_is_taken():
    table = Interactions([0], [7], [1.0], [0], [0], range(20_000))
    vectors = np.zeros((20_000, 1), dtype=np.float32)
    tracemalloc.start()
    with pytest.raises(
        ValueError,
        match=r"20,000 items need 2 matrices of together 3,200,000,000 bytes.*max_by",
    ):
        PriorEASE(vectors).fit(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_two_matrices_are_the_most_that_are_held():
    matrix = csr_array(clicks(10, 1500))
    prior = csr_array((np.ones(1), ([0], [1])), shape=(1500, 1500))
    tracemalloc.start()
    weights = prior_weights(matrix, prior, 10.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.4 * weights.nbytes


def test_the_limit_is_exact():
    table = events(clicks(5, 10))
    vectors = np.eye(10)
    PriorEASE(vectors, max_bytes=800).fit(table)
    with pytest.raises(ValueError, match="max_bytes = 799"):
        PriorEASE(vectors, max_bytes=799).fit(table)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": -0.1}, "strength: must be a finite number >= 0, got -0.1"),
        ({"strength": float("nan")}, "strength: must be a finite"),
        ({"l2": 0.0}, "l2: must be a finite number > 0"),
        ({"neighbours": 0}, "neighbours: must be"),
        ({"item_vectors": np.ones((7, 2))}, r"item_vectors: must have shape \[8, D\]"),
        ({"item_vectors": np.full((8, 2), np.nan)}, "item_vectors: must be finite"),
    ],
)
def test_bad_input_is_named(options, message):
    given = {"item_vectors": np.eye(8)} | options
    with pytest.raises(ValueError, match=message):
        PriorEASE(**given).fit(events(clicks(5, 8)))


def test_a_prior_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"prior: must have shape \[8, 8\]"):
        prior_weights(clicks(5, 8), np.zeros((7, 7)), 1.0)
    with pytest.raises(ValueError, match="an item must not predict itself"):
        prior_weights(clicks(5, 8), np.eye(8), 1.0)
