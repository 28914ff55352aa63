"""Forgetting equals never having known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.synthetic import checkerboard
from recsys_ref.privacy import deletion
from recsys_ref.privacy.deletion import ForgettingEASE, downdate, gram_inverse
from recsys_ref.strategies.ease import EASE


@given(seed=st.integers(0, 10**6), gone=st.integers(1, 4))
def test_a_downdate_is_the_inverse_without_those_users(seed, gone):
    x = (np.random.default_rng(seed).random((9, 7)) < 0.5).astype(float)
    after = downdate(gram_inverse(x, 2.0), x[:gone])
    np.testing.assert_allclose(after, gram_inverse(x[gone:], 2.0), atol=1e-10)


def test_forgetting_on_real_data_equals_retraining(movielens):
    x = movielens.interactions
    gone = np.arange(3, 943, 10)
    model, before = ForgettingEASE(l2=400.0).fit(x), EASE(l2=400.0).fit(x)
    np.testing.assert_allclose(model.weights_, before.weights_, atol=2e-4)
    for user in gone[:30]:
        model.forget([user])  # one by one
    model.forget(gone[30:])  # and many at once
    anew = ForgettingEASE(l2=400.0).fit(x.select(~np.isin(x.user, gone)))
    assert np.abs(model.weights_ - anew.weights_).max() < 1e-9
    assert (model.seen_ != anew.seen_).nnz == 0
    assert np.abs(model.weights_ - before.weights_).max() > 0.01


def test_of_a_user_without_events_there_is_nothing_to_forget():
    board = checkerboard(12, 10).train
    model = ForgettingEASE(l2=1.0).fit(board).forget([3])
    weights = model.weights_.copy()
    np.testing.assert_array_equal(model.forget([3]).weights_, weights)


def test_who_was_never_there_cannot_be_forgotten():
    x = np.eye(3)
    with pytest.raises(ValueError, match="cannot all have been"):
        downdate(gram_inverse(x, 0.01), np.array([[1.0, 1.0, 1.0]]))


def test_users_are_checked():
    model = ForgettingEASE(l2=1.0)
    with pytest.raises(RuntimeError, match="call fit first"):
        model.forget([0])
    model.fit(checkerboard(12, 10).train)
    with pytest.raises(KeyError, match="users: must be in"):
        model.forget([12])
    with pytest.raises(ValueError, match="users: must be distinct"):
        model.forget([1, 1])
    with pytest.raises(ValueError, match="l2: must be"):
        gram_inverse(np.eye(2), 0.0)


def test_costs_count_multiplications():
    assert deletion.retraining_cost(10, 25) == 1025
    assert deletion.forgetting_cost(10, 3) == 130
    with pytest.raises(ValueError, match="n_items: must be"):
        deletion.retraining_cost(-1, 0)
    with pytest.raises(ValueError, match="history: must be"):
        deletion.forgetting_cost(1, -1)
