"""Uniqueness and inferred attributes, against loops and a peer."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from recsys_ref.privacy.disclosure import _ridge_guess, infer_attribute, unicity
from recsys_ref.privacy.membership import attack_auc


def test_with_all_facts_known_it_is_whether_anyone_else_has_them_all():
    rng = np.random.default_rng(0)
    table = rng.random((40, 8)) < 0.5
    table[:, 0] = True
    user, fact = table.nonzero()
    k = 4
    found = unicity(user, fact, k, n_users=40, draws=3, rng=0)
    for each, mine in enumerate(table):
        if mine.sum() == k:
            alone = sum((other[mine]).all() for other in table) == 1
            assert found[each] == alone
        if mine.sum() < k:
            assert np.isnan(found[each])


def test_the_share_of_draws_is_the_share_of_pairs():
    user = np.array([0, 0, 0, 1, 1, 2])
    fact = np.array([4, 5, 6, 4, 5, 9])  # of the first user, 4 and 5 are shared
    found = unicity(user, fact, 2, n_users=3, draws=4000, rng=0)
    assert found[0] == pytest.approx(2 / 3, abs=0.03)
    assert found[1] == 0
    assert np.isnan(found[2])


def test_more_facts_never_hide_anyone(movielens):
    x = movielens.interactions
    coarse, fine = (
        np.nanmean(unicity(x.user, fact, 5, n_users=943, draws=2, rng=0))
        for fact in (x.item, 6 * x.item + x.value.astype(int))
    )
    assert coarse < 0.25 < 0.9 < fine


def test_the_guess_is_that_of_ridge_regression():
    rng = np.random.default_rng(0)
    known, asked, told = rng.random((30, 50)), rng.random((7, 50)), rng.random(30) < 0.4
    centred = known - known.mean(axis=0)
    alpha = 0.3 * np.linalg.eigvalsh(centred @ centred.T).mean()
    peer = Ridge(alpha=alpha).fit(known, told)
    mine = _ridge_guess(known, told, asked, [0.3])
    np.testing.assert_allclose(mine, peer.predict(asked) - told.mean())


def test_an_attribute_that_is_planted_is_found_and_one_that_is_not_is_not():
    """Simulated: 300 users, 40 items, the attribute moves one of them."""
    rng = np.random.default_rng(0)
    features, attribute = rng.normal(size=(300, 40)), rng.random(300) < 0.5
    blind = infer_attribute(features, attribute, rng=0)
    assert 0.4 < attack_auc(blind, attribute) < 0.6
    features[:, 3] += 2 * attribute
    assert attack_auc(infer_attribute(features, attribute, rng=0), attribute) > 0.85


def test_equal_rows_tell_nothing():
    attribute = np.arange(20) % 3 == 0
    guess = infer_attribute(np.ones((20, 4)), attribute, rng=0)
    assert (guess == 0).all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: unicity([0], [0], 0, n_users=1, rng=0), "k: must be"),
        (lambda: unicity([0, 1], [0], 1, n_users=2, rng=0), "user: must be one"),
        (lambda: unicity([2], [0], 1, n_users=2, rng=0), "user: must be one"),
        (lambda: infer_attribute(np.ones((3, 2)), [1, 0], rng=0), "attribute: must"),
        (
            lambda: infer_attribute(np.ones((3, 2)), [1, 0, 1], folds=1, rng=0),
            "folds: must be",
        ),
        (
            lambda: infer_attribute(np.ones((3, 2)), [1, 0, 1], strengths=[0], rng=0),
            "strengths: must be",
        ),
    ],
)
def test_wrong_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
