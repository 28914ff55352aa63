"""Intervals and tests against SciPy, exact counts, and truth by construction."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from recsys_ref.evaluation import significance
from recsys_ref.evaluation.significance import holm, paired_bootstrap, permutation_test


def two_strategies(n_users=200, gain=0.05, seed=0):
    rng = np.random.default_rng(seed)
    luck = rng.random(n_users)  # users differ more than strategies do
    return luck + gain + 0.2 * rng.standard_normal(n_users), luck


def test_the_interval_is_scipys_percentile_interval():
    a, b = two_strategies()
    ours = paired_bootstrap(a, b, n_resamples=20_000, rng=1)
    theirs = stats.bootstrap(
        (a - b,), np.mean, method="percentile", n_resamples=20_000, rng=2
    )
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.mean == pytest.approx((a - b).mean())
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.03 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.03 * width)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    covered = []
    for seed in range(400):
        a, b = two_strategies(n_users=60, gain=0.05, seed=seed)
        interval = paired_bootstrap(a, b, level=0.8, n_resamples=400, rng=seed)
        covered.append(interval.low <= 0.05 <= interval.high)
    assert 0.74 < np.mean(covered) < 0.86  # 0.8 give or take 3 standard errors


def test_pairing_sees_what_luck_between_users_hides():
    a, b = two_strategies()
    assert paired_bootstrap(a, b, rng=0).low > 0
    shuffled = np.random.default_rng(5).permutation(b)
    assert paired_bootstrap(a, shuffled, rng=0).low < 0


def test_p_is_scipys():
    a, b = two_strategies(n_users=40, gain=0.05, seed=4)
    ours = permutation_test(a, b, n_resamples=20_000, rng=1)
    theirs = stats.permutation_test(
        (a, b),
        lambda x, y, axis: (x - y).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=2,
    ).pvalue
    assert ours == pytest.approx(theirs, abs=0.01)
    assert 0.01 < theirs < 0.5, "the case decides nothing"


def test_p_is_that_of_all_sign_patterns():
    differences = np.array([0.3, -0.1, 0.2, 0.4, 0.1, -0.2])
    observed = abs(differences.sum())
    patterns = [
        abs(np.dot(signs, differences)) >= observed - 1e-9
        for signs in product([-1, 1], repeat=6)
    ]
    p = permutation_test(differences, np.zeros(6), n_resamples=50_000, rng=0)
    assert p == pytest.approx(np.mean(patterns), abs=0.01)


def test_p_is_never_zero_and_one_for_equals():
    a = np.ones(1000)
    assert permutation_test(a, 0 * a, n_resamples=99, rng=0) == 0.01
    assert permutation_test(a, a, n_resamples=99, rng=0) == 1.0


def test_p_is_uniform_where_there_is_no_difference():
    p_values = [
        permutation_test(*two_strategies(30, gain=0, seed=seed), n_resamples=199, rng=0)
        for seed in range(300)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_users_undefined_in_both_are_left_out_and_counted():
    a, b = two_strategies(n_users=50)
    gaps = np.arange(50) % 5 == 0
    with_gaps = paired_bootstrap(
        np.where(gaps, np.nan, a), np.where(gaps, np.nan, b), rng=0
    )
    without = paired_bootstrap(a[~gaps], b[~gaps], rng=0)
    assert (with_gaps.n_users, with_gaps.n_left_out) == (40, 10)
    assert (with_gaps.mean, with_gaps.low) == (without.mean, without.low)


@pytest.mark.parametrize("function", [paired_bootstrap, permutation_test])
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([1.0, np.nan], [1.0, 2.0], "got nan and 2.0 in place 1"),
        ([1.0], [1.0, 2.0], r"one length, got \(1,\) and \(2,\)"),
        ([1.0, np.inf], [1.0, 2.0], "must be finite, or NaN where undefined"),
        ([np.nan], [np.nan], "need a user with a value, got 1 without"),
        ([], [], "need a user with a value, got 0 without"),
        (pd.Series([1.0, 2.0]), pd.Series([1.0, 2.0], index=[1, 0]), "same users"),
    ],
)
def test_what_does_not_pair_is_refused(function, a, b, message):
    with pytest.raises(ValueError, match=message):
        function(a, b, rng=0)


def test_senseless_settings_are_refused():
    with pytest.raises(ValueError, match=r"level: must be in \(0, 1\), got 95"):
        paired_bootstrap([1.0], [2.0], level=95, rng=0)
    with pytest.raises(ValueError, match="n_resamples: must be at least 1, got 0"):
        permutation_test([1.0], [2.0], n_resamples=0, rng=0)


def test_batches_change_no_count_and_bound_the_memory(monkeypatch):
    a, b = two_strategies(n_users=50)
    monkeypatch.setattr(significance, "CELLS", 1000)
    assert significance._batches(45, 50) == [20, 20, 5]
    assert significance._batches(3, 5000) == [1, 1, 1]
    interval = paired_bootstrap(a, b, n_resamples=2000, rng=0)
    assert interval.low < interval.mean < interval.high
    assert permutation_test(a, a, n_resamples=45, rng=0) == 1.0


def test_one_seed_gives_one_answer():
    a, b = two_strategies()
    assert paired_bootstrap(a, b, rng=3) == paired_bootstrap(
        a, b, rng=np.random.default_rng(3)
    )
    assert paired_bootstrap(a, b, rng=3) != paired_bootstrap(a, b, rng=4)
    assert permutation_test(a, b + 0.04, rng=3) == permutation_test(a, b + 0.04, rng=3)


def loop_holm(p_values):
    """Step down by the definition: the largest so far of (tests left) x p."""
    adjusted, largest = {}, 0.0
    for place, index in enumerate(
        sorted(range(len(p_values)), key=p_values.__getitem__)
    ):
        largest = max(largest, (len(p_values) - place) * p_values[index])
        adjusted[index] = min(1.0, largest)
    return [adjusted[index] for index in range(len(p_values))]


@pytest.mark.parametrize("seed", range(20))
def test_holm_is_that_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    p_values = np.round(rng.random(rng.integers(0, 9)) ** 3, 2)  # with ties
    assert holm(p_values).tolist() == pytest.approx(loop_holm(p_values.tolist()))


@pytest.mark.parametrize("p_value", [-0.1, 1.1, np.nan])
def test_holm_refuses_what_is_no_probability(p_value):
    with pytest.raises(ValueError, match=r"p_values: each must be in \[0, 1\]"):
        holm(np.array([0.5, p_value]))
