"""Plans against the exact distribution, and kept over many simulated tests."""

import numpy as np
import pytest
from scipy import stats

from recsys_ref.evaluation.ab_test import two_arms
from recsys_ref.evaluation.power import (
    minimum_detectable_effect,
    power_of,
    sd_of_shares,
    users_per_arm,
)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_a_planned_test_finds_its_effect_as_often_as_planned(power):
    rng = np.random.default_rng(2)
    effect, sd = 0.5, 1.5
    n = users_per_arm(effect, sd, power=power)
    found = [
        two_arms(rng.normal(3, sd, n), rng.normal(3 + effect, sd, n)).p_value < 0.05
        for _ in range(1500)
    ]
    error = np.sqrt(power * (1 - power) / 1500)
    assert abs(np.mean(found) - power) < 3 * error + 0.005


def test_a_planned_test_of_shares_finds_its_effect_as_often_as_planned():
    rng = np.random.default_rng(3)
    n = users_per_arm(0.06, sd_of_shares(0.10, 0.16))
    found = [
        two_arms(rng.binomial(1, 0.10, n), rng.binomial(1, 0.16, n)).p_value < 0.05
        for _ in range(1500)
    ]
    assert abs(np.mean(found) - 0.8) < 0.035


@pytest.mark.parametrize(("effect", "n"), [(0.05, 400), (0.2, 300), (-0.2, 300)])
def test_power_is_the_noncentral_one_of_students_test(effect, n):
    shift = effect / np.sqrt(2 / n)
    critical = stats.t.ppf(0.975, 2 * n - 2)
    exact = stats.nct.sf(critical, 2 * n - 2, shift) + stats.nct.cdf(
        -critical, 2 * n - 2, shift
    )
    assert power_of(effect, 1.0, n) == pytest.approx(exact, abs=2e-3)


@pytest.mark.parametrize("power", [0.6, 0.8, 0.9])
@pytest.mark.parametrize("level", [0.9, 0.99])
def test_plan_power_and_smallest_effect_are_one_formula(power, level):
    n = users_per_arm(0.07, 0.9, power=power, level=level)
    assert power_of(0.07, 0.9, n, level=level) >= power
    assert power_of(0.07, 0.9, int(0.99 * n), level=level) < power
    smallest = minimum_detectable_effect(0.9, n, power=power, level=level)
    assert 0.07 * (1 - 1 / n) < smallest <= 0.07


def test_half_the_effect_needs_four_times_the_users_and_no_effect_the_level():
    assert users_per_arm(0.01, 1.0) == pytest.approx(4 * users_per_arm(0.02, 1.0), 1e-4)
    assert users_per_arm(-0.02, 1.0) == users_per_arm(0.02, 1.0)
    assert power_of(0.0, 1.0, 50, level=0.9) == pytest.approx(0.1)
    assert users_per_arm(100.0, 1.0) == 2


def test_the_planning_spread_of_shares_is_that_of_both_arms():
    spread = sd_of_shares(0.1, 0.3)
    assert spread**2 == pytest.approx((0.09 + 0.21) / 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: users_per_arm(0.0, 1.0), "effect: must be finite and not 0, got 0.0"),
        (lambda: users_per_arm(0.1, 0.0), "sd: must be a finite number > 0, got 0.0"),
        (lambda: users_per_arm(0.1, 1.0, power=1.0), "power: must be in"),
        (lambda: users_per_arm(0.1, 1.0, level=1.0), "level: must be in"),
        (lambda: power_of(0.1, 1.0, 1), "n: must be a whole number .* 2, got 1"),
        (lambda: power_of(np.nan, 1.0, 5), "effect: must be finite, got nan"),
        (lambda: minimum_detectable_effect(1.0, 2.5), "n: .* got 2.5"),
        (lambda: sd_of_shares(0.0, 0.5), "control: must be in"),
        (lambda: sd_of_shares(0.5, 1.5), "treatment: must be in"),
    ],
)
def test_senseless_plans_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
