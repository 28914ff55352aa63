"""The weights of EASE hold the counts that they were computed from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_ref.privacy.inversion import gram_of_weights, leverage
from recsys_ref.strategies.ease import ease_weights


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), l2=st.sampled_from([0.5, 3.0, 50.0]))
def test_random_counts_come_back_exactly(seed, l2):
    rng = np.random.default_rng(seed)
    x = (rng.random((30, 12)) < 0.3).astype(float)
    x[0], x[1] = 1, 0  # one user joins all items
    x[:, 5] = 0  # an item that nobody chose
    gram = x.T @ x
    if (gram[~np.eye(12, dtype=bool)] == 1).any():  # a pair of one user
        np.testing.assert_array_equal(gram_of_weights(ease_weights(x, l2), l2), gram)


def test_the_counts_of_half_of_movielens_come_back_from_float32(movielens):
    x = movielens.interactions.matrix()[::2]
    found = gram_of_weights(ease_weights(x, 400.0), 400.0)
    np.testing.assert_array_equal(found, (x.T @ x).toarray())


@given(seed=st.integers(0, 10**6))
def test_no_member_has_a_leverage_above_one(seed):
    rng = np.random.default_rng(seed)
    x = (rng.random((8, 10)) < 0.4).astype(float)
    assert (leverage(x.T @ x, x) <= 1 + 1e-9).all()


def test_leverage_is_the_diagonal_of_the_hat_matrix():
    x = np.random.default_rng(0).normal(size=(20, 4))
    hat = x @ np.linalg.inv(x.T @ x + 0.1 * np.eye(4)) @ x.T
    np.testing.assert_allclose(leverage(x.T @ x, x, ridge=0.1), hat.diagonal())


def test_a_stranger_outside_the_row_space_stands_out():
    x = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    strangers = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    outside, between = leverage(x.T @ x, strangers)
    assert outside > 1e5
    assert between == pytest.approx(2, abs=1e-3)  # above 1 as well: two rows


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: gram_of_weights(np.zeros((2, 3)), 1.0), "weights: must be"),
        (lambda: gram_of_weights(np.zeros((2, 2)), 1.0), "must not all be zero"),
        (lambda: gram_of_weights(np.ones((2, 2)), 0.0), "l2: must be"),
        (lambda: leverage(np.eye(2), np.eye(2), ridge=0.0), "ridge: must be"),
    ],
)
def test_wrong_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
