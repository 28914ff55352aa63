"""Chances are those of a logistic regression; greed trades them for money."""

import numpy as np
import pytest
from scipy.special import expit

from recsys_ref.strategies.margin import Chances, by_margin, calibrate


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e4])
def test_the_curve_is_found_again_in_any_unit(scale):
    rng = np.random.default_rng(0)
    scores = rng.normal(3.0, 1.0, 40_000)
    happened = rng.random(40_000) < expit(-4 + 1.5 * scores)
    curve = calibrate(scores * scale, happened)
    assert curve.intercept == pytest.approx(-4, abs=0.15)
    assert curve.slope * scale == pytest.approx(1.5, abs=0.05)
    # the likelihood equations: chances agree with outcomes on the whole
    chance = curve(scores * scale)
    assert chance.mean() == pytest.approx(happened.mean(), abs=1e-6)
    assert (chance * scores).mean() == pytest.approx(
        (happened * scores).mean(), abs=1e-5
    )


def test_scores_that_say_nothing_give_the_share():
    scores = np.tile([0.0, 1.0], 50)
    happened = np.repeat([True, False, False, False, False], 20)
    np.testing.assert_allclose(calibrate(scores, happened)(scores), 0.2, atol=1e-6)


def test_greed_moves_from_chance_to_margin():
    chance, margin = np.array([[0.4, 0.2, 0.01]]), np.array([1.0, 3.0, 10.0])
    best = [by_margin(chance, margin, greed).argmax() for greed in (0, 1, 5)]
    assert best == [0, 1, 2]
    np.testing.assert_allclose(by_margin(chance, margin, 1.0), chance * margin)
    np.testing.assert_allclose(by_margin(chance, margin, 0.0), chance)


def test_the_order_does_not_depend_on_the_currency():
    rng = np.random.default_rng(0)
    chance, margin = rng.random((5, 20)), rng.random(20) + 0.1
    orders = [
        by_margin(chance, margin * rate, 0.7).argsort(axis=1) for rate in (1, 7.5)
    ]
    np.testing.assert_array_equal(*orders)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="both outcomes"):
        calibrate(np.arange(3.0), np.zeros(3, bool))
    with pytest.raises(ValueError, match="both outcomes"):
        calibrate(np.ones(3), np.array([True, False, True]))
    with pytest.raises(ValueError, match="scores: must be finite"):
        calibrate(np.array([0.0, np.nan]), np.array([True, False]))
    with pytest.raises(ValueError, match="scores: must be finite and have"):
        calibrate(np.zeros(3), np.array([True, False]))
    with pytest.raises(ValueError, match="greed"):
        by_margin(np.ones((1, 2)), np.ones(2), -1.0)
    with pytest.raises(ValueError, match="margin: must be float"):
        by_margin(np.ones((1, 2)), np.ones(3), 1.0)
    with pytest.raises(ValueError, match="> 0"):
        by_margin(np.ones((1, 2)), np.array([1.0, 0.0]), 1.0)
    assert Chances(0.0, 0.0)([1.0]).tolist() == [0.5]
