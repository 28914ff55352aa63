"""Standard deviations above the mean, at any scale."""

import numpy as np
import pytest

from recsys_ref.strategies.standardized import standardized


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_standardized_scores_have_mean_0_and_deviation_1(scale):
    scores = standardized(np.array([3.0, -1.0, 4.0, 1.0]) * scale)
    np.testing.assert_allclose([scores.mean(), scores.std()], [0, 1], atol=1e-12)
    assert np.argsort(scores).tolist() == [1, 3, 0, 2]
    assert standardized(np.full(3, scale)).tolist() == [0, 0, 0]
    assert standardized(np.array([])).shape == (0,)


def test_huge_and_flat_rows_are_standardized():
    rows = np.array([[1e30, 3e30], [0.1, 0.1]])
    expected = np.array([[-1, 1], [0, 0]])
    assert standardized(rows) == pytest.approx(expected)


def test_a_row_is_standardized_like_a_vector():
    rows = np.random.default_rng(0).normal(size=(3, 7))
    for row, alone in zip(standardized(rows), rows, strict=True):
        np.testing.assert_array_equal(row, standardized(alone))
        assert row == pytest.approx((alone - alone.mean()) / alone.std())
