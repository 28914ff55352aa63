"""Membership inference, against peers, loops and cases with known answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from recsys_ref.privacy import membership as m


@st.composite
def attacks(draw):
    """Values with ties, and both members and others."""
    values = draw(st.lists(st.integers(0, 5), min_size=2, max_size=30))
    member = draw(
        st.lists(st.booleans(), min_size=len(values), max_size=len(values)).filter(
            lambda v: 0 < sum(v) < len(v)
        )
    )
    return np.array(values, dtype=float), np.array(member)


@given(attacks())
def test_auc_and_roc_are_those_of_scikit_learn(attack):
    values, member = attack
    assert m.attack_auc(values, member) == pytest.approx(roc_auc_score(member, values))
    curve = m.roc(values, member)
    false, true, _ = roc_curve(member, values, drop_intermediate=False)
    np.testing.assert_allclose(curve["false_positive"], false)
    np.testing.assert_allclose(curve["true_positive"], true)


@given(attacks())
def test_auc_is_the_share_of_pairs_in_order(attack):
    values, member = attack
    pairs = [(a > b) + (a == b) / 2 for a in values[member] for b in values[~member]]
    assert m.attack_auc(values, member) == pytest.approx(np.mean(pairs))


@given(attacks())
def test_those_caught_are_above_a_threshold_that_few_others_reach(attack):
    values, member = attack
    best = max(
        (values[member] >= t).mean()
        for t in [*values, np.inf]
        if (values[~member] >= t).mean() <= 0.2
    )
    assert m.caught(values, member, false_positive=0.2) == pytest.approx(best)


def test_halves_are_complements_of_equal_size():
    halves = m.paired_halves(11, 4, rng=1)
    assert (halves[::2] ^ halves[1::2]).all()
    assert halves[::2].sum(axis=1).tolist() == [5] * 4
    assert len({tuple(row) for row in halves}) == 8


def test_own_fit_averages_the_users_own_scores():
    rng = np.random.default_rng(0)
    scores, mine = rng.random((6, 9)), rng.random((6, 9)) < 0.4
    mine[2] = False
    by_hand = [row[own].mean() if own.any() else np.nan for row, own in zip(scores, mine, strict=True)]  # fmt: skip # noqa: E501
    np.testing.assert_allclose(m.own_fit(scores, csr_array(mine * 3.0)), by_hand)


def test_the_likelihood_ratio_is_that_of_two_normal_densities():
    rng = np.random.default_rng(3)
    member = m.paired_halves(7, 4, rng=0)
    shadows, observed = rng.normal(size=(8, 7)), rng.normal(size=7)
    ratio = m.likelihood_ratio(observed, shadows, member)
    for user in range(7):
        inside, outside = (
            shadows[member[:, user], user],
            shadows[~member[:, user], user],
        )
        spread = ((inside - inside.mean()) ** 2).sum()
        spread += ((outside - outside.mean()) ** 2).sum()
        sd = np.sqrt(spread / 6)
        by_hand = norm.logpdf(observed[user], inside.mean(), sd) - norm.logpdf(
            observed[user], outside.mean(), sd
        )
        assert ratio[user] == pytest.approx(by_hand)


def test_a_statistic_that_ignores_membership_says_nothing():
    member = m.paired_halves(5, 3, rng=0)
    same = np.tile(np.arange(5.0), (6, 1))
    assert (m.likelihood_ratio(same[0], same, member) == 0).all()


def test_calibration_finds_what_differences_between_users_hide():
    """Simulated: a shift of 1 at membership, under users who differ by 10."""
    rng = np.random.default_rng(0)
    member = m.paired_halves(2000, 9, rng=1)
    statistic = 10 * rng.normal(size=2000) + member + rng.normal(size=member.shape)
    raw = m.attack_auc(statistic[0], member[0])
    ratio = m.likelihood_ratio(statistic[0], statistic[2:], member[2:])
    assert raw == pytest.approx(0.528, abs=0.04)  # F(1 / sqrt(2 (100 + 1)))
    # Known means and variance would give F(1 / sqrt 2) = 0.760.
    assert 0.70 < m.attack_auc(ratio, member[0]) < 0.78


def test_the_intervals_hold_the_truth_about_as_often_as_they_say():
    """Simulated: two normal populations, one apart; the AUC is F(1 / sqrt 2)."""
    rng, truth, held = np.random.default_rng(0), norm.cdf(1 / np.sqrt(2)), 0
    member = np.arange(100) < 50
    for _ in range(60):
        values = rng.normal(size=100) + member
        row = m.attack_quality(values, member, n_resamples=200, rng=rng).loc["auc"]
        held += row["low"] <= truth <= row["high"]
    assert 51 <= held <= 60


def test_quality_averages_over_splits():
    rng = np.random.default_rng(0)
    members = m.paired_halves(60, 1, rng=0)
    values = rng.normal(size=(2, 60)) + members
    table = m.attack_quality(values, members, n_resamples=50, rng=0)
    pairs = list(zip(values, members, strict=True))
    assert table.loc["auc", "mean"] == np.mean([m.attack_auc(*p) for p in pairs])
    assert table.loc["caught", "mean"] == np.mean([m.caught(*p) for p in pairs])
    assert (table["low"] <= table["mean"]).all()
    assert (table["mean"] <= table["high"]).all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: m.paired_halves(1, 1, 0), "n_users: must be"),
        (lambda: m.own_fit(np.ones((2, 2)), csr_array((2, 3))), "scores: must have"),
        (lambda: m.roc(np.ones(3), np.ones(3, bool)), "both members"),
        (lambda: m.roc(np.array([1, np.nan]), np.array([1, 0])), "must be finite"),
        (lambda: m.roc(np.ones(2), np.ones(3)), "statistic: must be one"),
        (
            lambda: m.caught(np.ones(2), np.array([1, 0]), false_positive=1.0),
            "false_positive: must be in",
        ),
        (
            lambda: m.likelihood_ratio(np.ones(2), np.ones((3, 2)), np.eye(3, 2)),
            "inside and outside of two",
        ),
        (
            lambda: m.likelihood_ratio(np.ones(2), np.ones((3, 2)), np.eye(2)),
            "shadows: must be",
        ),
    ],
)
def test_wrong_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
