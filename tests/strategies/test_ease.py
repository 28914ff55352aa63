"""EASE against ridge regressions and against the closed form."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies import ease
from recsys_ref.strategies.ease import EASE, ease_weights


def clicks(n_users, n_items, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((n_users, n_items)) < 0.3).astype(float)


def test_each_column_is_a_ridge_regression_on_the_other_items():
    matrix, l2 = clicks(50, 9), 3.0
    weights = ease_weights(matrix, l2)
    for item in range(9):
        others = np.delete(matrix, item, axis=1)
        ridge = Ridge(alpha=l2, fit_intercept=False).fit(others, matrix[:, item])
        np.testing.assert_allclose(
            np.delete(weights[:, item], item), ridge.coef_, atol=2e-6
        )
    assert (weights.diagonal() == 0).all()


@given(
    st.integers(1, 30),
    st.integers(1, 20),
    st.sampled_from([0.5, 5.0, 500.0]),
    st.integers(0, 2**32 - 1),
)
def test_the_weights_are_the_closed_form_in_float64(n_users, n_items, l2, seed):
    matrix = clicks(n_users, n_items, seed)
    inverse = np.linalg.inv(matrix.T @ matrix + l2 * np.eye(n_items))
    expected = -inverse / inverse.diagonal()
    np.fill_diagonal(expected, 0)
    ours = ease_weights(csr_array(matrix), l2)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, atol=2e-5)


def test_blocks_that_do_not_divide_the_items_change_nothing(monkeypatch):
    matrix = clicks(60, 23)
    whole = ease_weights(matrix, 2.0)
    for block in (1, 5, 22, 23):
        monkeypatch.setattr(ease, "BLOCK", block)
        np.testing.assert_allclose(ease_weights(matrix, 2.0), whole, atol=1e-6)


def test_a_score_is_the_sum_of_the_weights_of_the_users_items():
    matrix = clicks(30, 8)
    user, item = matrix.nonzero()
    ones = np.ones(len(user))
    table = Interactions(user, item, 5 * ones, 0 * ones, range(30), range(8))
    strategy = EASE(l2=2.0).fit(table)
    for row, scores in enumerate(strategy.score(np.arange(30))):
        expected = sum(strategy.weights_[i] for i in np.flatnonzero(matrix[row]))
        np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-7)


def test_the_weights_are_the_only_matrix_of_their_size():
    matrix = csr_array(clicks(10, 1500))
    tracemalloc.start()
    weights = ease_weights(matrix, 10.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.4 * weights.nbytes


def test_too_many_items_are_refused_before_memory_is_taken():
    table = Interactions([0], [7], [1.0], [0], [0], range(200_000))
    tracemalloc.start()
    with pytest.raises(
        ValueError, match=r"200,000 items need weights of 160,000,000,000 bytes.*max_b"
    ):
        EASE().fit(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_the_limit_is_exact():
    table = Interactions([0], [7], [1.0], [0], [0], range(10))
    EASE(max_bytes=400).fit(table)
    with pytest.raises(ValueError, match="max_bytes = 399"):
        EASE(max_bytes=399).fit(table)


@pytest.mark.parametrize("l2", [0.0, -1.0, float("nan"), float("inf")])
def test_a_ridge_that_is_no_ridge_is_named(l2):
    with pytest.raises(ValueError, match=f"l2: must be a finite number > 0, got {l2}"):
        ease_weights(clicks(5, 3), l2)


def test_a_ridge_lost_in_rounding_is_named():
    alike = np.ones((1, 2))
    with pytest.raises(ValueError, match="l2: 1e-12 is too small"):
        ease_weights(alike, 1e-12)


def dated(half_life, items=(0, 1, 2), times=(5, 5, 60)):
    ones = np.ones(len(items))
    table = Interactions([0] * len(items), items, ones, times, ["ann", "bob"], range(4))
    return EASE(l2=1.0, half_life=half_life).fit(table)


def test_with_a_half_life_recent_items_count_more():
    """Item 2 is last; 0 and 1 share a second, so both have 1.5 events after."""
    model = dated(half_life=1.5)
    weights = np.array([0.5, 0.5, 1.0, 0.0]) / 2
    np.testing.assert_allclose(model.score([0])[0], weights @ model.weights_, rtol=1e-6)
    assert (model.score([1]) == 0).all()
    plain = dated(None)
    assert (model.weights_ == plain.weights_).all()
    assert plain.history_ is None
    total = plain.score([0])[0]
    assert (total == np.float32([1, 1, 1, 0]) @ plain.weights_).all()


def test_a_very_long_half_life_ranks_as_none_does():
    table = dated(None).seen_
    assert table.shape == (2, 4)
    np.testing.assert_allclose(
        3 * dated(half_life=1e9).score([0]), dated(None).score([0]), rtol=1e-5
    )


def test_a_half_life_that_is_not_positive_is_refused():
    for half_life in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="half_life: must be > 0"):
            dated(half_life)
