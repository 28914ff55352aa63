"""Substitutes fall, complements rise, and like texts lend each other purchases."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.synthetic import checkerboard
from recsys_ref.strategies.bought_together import (
    BoughtTogether,
    pooled_lift,
    text_kernel,
)


def loop(bought, kernel, prior):
    """The definition, pair by pair."""
    n_users, n = bought.shape
    both, chance = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                both[i, j] = sum(row[i] and row[j] for row in bought)
                chance[i, j] = bought[:, i].sum() * bought[:, j].sum() / n_users
    lift, m = np.zeros((n, n)), prior * chance.mean()
    for i in range(n):
        for j in range(n):
            weights = np.outer(kernel[i], kernel[j])
            lift[i, j] = np.log(
                ((weights * both).sum() + m) / ((weights * chance).sum() + m)
            )
    return lift


@pytest.fixture
def bought():
    return (np.random.default_rng(0).random((30, 6)) < 0.4).astype(int)


def test_the_lift_is_what_its_definition_gives(bought):
    vectors = np.random.default_rng(1).normal(size=(6, 3))
    kernel = text_kernel(vectors, 0.3)
    found = pooled_lift(csr_array(bought), kernel, prior=0.5)
    np.testing.assert_allclose(found, loop(bought, kernel, 0.5))
    alone = pooled_lift(csr_array(bought), prior=0.5)
    np.testing.assert_allclose(alone, loop(bought, np.eye(6), 0.5), atol=1e-12)


def test_a_kernel_of_no_width_is_no_kernel(bought):
    narrow = text_kernel(np.random.default_rng(1).normal(size=(6, 3)), 1e-3)
    np.testing.assert_allclose(narrow, np.eye(6), atol=1e-12)
    np.testing.assert_allclose(
        pooled_lift(csr_array(bought), narrow),
        pooled_lift(csr_array(bought)),
        atol=1e-12,
    )
    wide = text_kernel(np.random.default_rng(1).normal(size=(6, 3)), 1e6)
    np.testing.assert_allclose(wide, 1 / 6, atol=1e-5)


def test_independent_purchases_have_no_lift_and_a_prior_dampens():
    half = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_allclose(pooled_lift(csr_array(half)), 0, atol=1e-12)
    pair = csr_array(np.array([[1, 1], [1, 1], [0, 0], [0, 0]]))
    lifts = [pooled_lift(pair, prior=prior)[0, 1] for prior in (0.01, 1.0, 100.0)]
    assert np.log(2) > lifts[0] > lifts[1] > lifts[2] > 0


def test_like_texts_lend_an_item_that_nobody_bought():
    """Tents 0 and 3 have one text; bags go with tent 0; tent 3 is new."""
    bought = csr_array(np.array([[1, 1, 0, 0]] * 5 + [[0, 0, 1, 0]] * 5))
    vectors = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
    alone = pooled_lift(bought)
    lent = pooled_lift(bought, text_kernel(vectors, 0.1))
    assert alone[3, 1] == 0
    assert lent[3, 1] > 0.1
    assert lent[3, 1] == pytest.approx(lent[0, 1])
    np.testing.assert_allclose(lent, lent.T)


def test_scores_are_sums_over_what_a_user_has(bought):
    user, item = np.nonzero(bought)
    events = Interactions(
        user,
        item,
        np.ones(user.size),
        np.zeros(user.size),
        pd.RangeIndex(30),
        pd.RangeIndex(6),
    )
    found = BoughtTogether(prior=0.5).fit(events).score(np.arange(30))
    wanted = bought @ loop(bought, np.eye(6), 0.5)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert not found[bought.sum(axis=1) == 0].any(), "who has nothing"


def test_what_does_not_fit_is_refused(bought):
    with pytest.raises(ValueError, match="width"):
        text_kernel(np.eye(3), 0.0)
    with pytest.raises(ValueError, match="prior"):
        pooled_lift(csr_array(bought), prior=0.0)
    with pytest.raises(ValueError, match=r"kernel: must have shape \(6, 6\)"):
        pooled_lift(csr_array(bought), np.eye(5))
    with pytest.raises(ValueError, match="item_vectors"):
        BoughtTogether(np.eye(5)).fit(checkerboard(6, 6).train)


def test_without_purchases_nothing_is_said():
    assert not pooled_lift(csr_array((4, 3))).any()
