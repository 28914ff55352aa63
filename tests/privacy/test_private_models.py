"""Private recommenders: without noise they are the plain ones; with it, noisy."""

import numpy as np
import pytest

from recsys_ref.data.synthetic import checkerboard
from recsys_ref.privacy.differential import (
    attack_ceiling,
    composed_sigma,
    gaussian_sigma,
)
from recsys_ref.privacy.membership import attack_auc
from recsys_ref.privacy.private_models import PrivateEASE, PrivatePopularity, exposure
from recsys_ref.strategies.ease import EASE


@pytest.fixture
def board():
    return checkerboard(12, 10).train


def test_without_noise_or_clipping_it_is_ease(board):
    plain = EASE(l2=3.0).fit(board)
    private = PrivateEASE(np.inf, clip=100.0, n_items=10, l2=3.0).fit(board)
    np.testing.assert_allclose(
        private.score([0, 5]), plain.score([0, 5]), rtol=1e-4, atol=1e-6
    )


def test_without_noise_popularity_counts_users(board):
    rows = board.matrix().toarray()
    by_hand = sum(row / np.sqrt(row.sum()) for row in rows)
    private = PrivatePopularity(np.inf).fit(board).score([0, 3])
    np.testing.assert_allclose(private, [by_hand, by_hand], rtol=1e-6)


def test_noise_of_popularity_is_as_large_as_epsilon_says(board):
    exact = PrivatePopularity(np.inf).fit(board).counts_
    draws = [PrivatePopularity(2.0, rng=r).fit(board).counts_ for r in range(400)]
    sigma = gaussian_sigma(2.0, 1e-4)
    assert (draws - exact).std() == pytest.approx(sigma, rel=0.05)


def test_the_two_releases_together_spend_the_budget(board):
    model = PrivateEASE(2.0, 1e-5, count_share=0.3).fit(board)
    assert composed_sigma(model.sigmas_) == pytest.approx(gaussian_sigma(2.0, 1e-5))
    assert model.sigmas_[0] ** -2 / sum(s**-2 for s in model.sigmas_) == (
        pytest.approx(0.3)
    )


def test_the_same_seed_gives_the_same_noise_and_another_does_not(board):
    one, same, other = (PrivateEASE(1.0, rng=s).fit(board).gram_ for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_items_that_were_not_chosen_come_last(board):
    model = PrivateEASE(np.inf, n_items=4, l2=1.0).fit(board)
    scores = model.score(np.arange(12))
    rest = np.setdiff1d(np.arange(10), model.items_)
    assert scores[:, rest].max(axis=1).max() < scores[:, model.items_].min()
    order = rest[np.argsort(-model.counts_[rest], kind="stable")]
    assert (np.diff(scores[:, order], axis=1) < 0).all()


def test_the_informed_attacker_meets_the_ceiling_and_not_more(movielens):
    """Over many releases, for what the noise of one does to all cancels in pairs.

    Rows are as long as the clips: nearly everyone saw one of the 50 films.
    """
    x, values = movielens.interactions, []
    member = np.random.default_rng(0).random(x.n_users) < 0.5
    train = x.select(member[x.user])
    for seed in range(60):
        model = PrivateEASE(4.0, clip=1.0, n_items=50, rng=seed).fit(train)
        values.append(exposure(model, x))
    found = attack_auc(np.concatenate(values), np.tile(member, 60))
    ceiling = attack_ceiling(gaussian_sigma(4.0, 1e-4))
    assert ceiling - 0.03 < found < ceiling + 0.015


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"epsilon": 0.0}, "epsilon: must be"),
        ({"delta": 1.0}, "delta: must be"),
        ({"clip": 0.0}, "clip: must be"),
        ({"l2": 0.0}, "l2: must be"),
        ({"n_items": 0}, "n_items: must be"),
        ({"count_share": 1.0}, "count_share: must be"),
    ],
)
def test_wrong_hyperparameters_are_named(board, wrong, match):
    with pytest.raises(ValueError, match=match):
        PrivateEASE(**wrong).fit(board)
