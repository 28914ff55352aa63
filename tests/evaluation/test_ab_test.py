"""Two arms against SciPy, and their promises kept over many simulated tests."""

import numpy as np
import pytest
from scipy import stats

from recsys_ref.evaluation.ab_test import cuped, two_arms


def arms(seed=0, sizes=(80, 50), gain=0.3, spread=2.0):
    rng = np.random.default_rng(seed)
    control = rng.exponential(1.0, sizes[0])
    return control, gain + spread * rng.exponential(1.0, sizes[1])


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("seed", range(5))
def test_the_test_and_its_interval_are_scipys(seed, level):
    control, treatment = arms(seed)
    ours = two_arms(control, treatment, level=level)
    theirs = stats.ttest_ind(treatment, control, equal_var=False)
    interval = theirs.confidence_interval(level)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert ours.difference == pytest.approx(treatment.mean() - control.mean())
    assert (ours.n_control, ours.n_treatment) == (80, 50)
    assert (ours.low > 0 or ours.high < 0) == (ours.p_value < 1 - level)


def test_a_a_tests_raise_a_false_alarm_as_often_as_they_say():
    rng = np.random.default_rng(1)
    p_values = [
        two_arms(*rng.binomial(10, 0.1, (2, 200)).astype(float)).p_value
        for _ in range(2000)
    ]
    assert 0.036 < np.mean(np.array(p_values) < 0.05) < 0.064  # 3 standard errors


def paired_with_a_past(rng, n=300, gain=0.4, correlation=0.8):
    before = rng.standard_normal((2, n))
    noise = np.sqrt(1 - correlation**2) * rng.standard_normal((2, n))
    after = correlation * before + noise
    after[1] += gain
    return after, before


def test_the_past_takes_the_variance_that_it_explains():
    rng = np.random.default_rng(4)
    after, before = paired_with_a_past(rng, n=20_000)
    adjusted = cuped(*after, control_before=before[0], treatment_before=before[1])
    for plain, less in zip(after, adjusted, strict=True):
        assert less.var() / plain.var() == pytest.approx(1 - 0.8**2, abs=0.02)


def test_the_past_leaves_the_effect_and_the_coverage_in_place():
    rng = np.random.default_rng(5)
    plain, less, covered = [], [], []
    for _ in range(600):
        after, before = paired_with_a_past(rng, n=100)
        adjusted = cuped(*after, control_before=before[0], treatment_before=before[1])
        plain.append(two_arms(*after).difference)
        effect = two_arms(*adjusted)
        less.append(effect.difference)
        covered.append(effect.low <= 0.4 <= effect.high)
    error = np.std(less) / np.sqrt(600)
    assert abs(np.mean(less) - 0.4) < 3.5 * error
    assert np.var(less) / np.var(plain) == pytest.approx(0.36, abs=0.08)
    assert 0.92 < np.mean(covered) < 0.975


def test_the_slope_is_that_of_a_regression_with_the_arm_in_it():
    rng = np.random.default_rng(6)
    after, before = paired_with_a_past(rng, n=40)
    arm = np.repeat([0.0, 1.0], 40)
    design = np.column_stack([np.ones(80), arm, before.ravel()])
    coefficients = np.linalg.lstsq(design, after.ravel(), rcond=None)[0]
    adjusted = cuped(*after, control_before=before[0], treatment_before=before[1])
    assert two_arms(*adjusted).difference == pytest.approx(coefficients[1])


@pytest.mark.parametrize(
    ("control", "treatment", "message"),
    [
        ([1.0], [1.0, 2.0], r"control: .* at least two users, got shape \(1,\)"),
        ([1.0, 2.0], [[1.0, 2.0]], r"treatment: .* got shape \(1, 2\)"),
        ([1.0, np.nan], [1.0, 2.0], "control: must be finite, got nan in place 1"),
        ([1.0, 1.0], [2.0, 2.0], "differ within an arm, got only 1.0 and 2.0"),
    ],
)
def test_arms_that_cannot_be_compared_are_refused(control, treatment, message):
    with pytest.raises(ValueError, match=message):
        two_arms(np.array(control), np.array(treatment))


def test_a_past_of_other_users_or_without_news_is_refused():
    y = np.array([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="treatment_before: must be of the 3 users"):
        cuped(y, y, control_before=y, treatment_before=y[:2])
    with pytest.raises(ValueError, match="must differ among the users of an arm"):
        cuped(y, y, control_before=0 * y, treatment_before=0 * y)


def test_a_level_in_percent_is_refused():
    with pytest.raises(ValueError, match=r"level: must be in \(0, 1\), got 95"):
        two_arms(np.array([1.0, 2.0]), np.array([1.0, 3.0]), level=95)
