"""Rating errors against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error

from recsys_ref.evaluation.errors import mae, rmse


@pytest.mark.parametrize("seed", range(5))
def test_errors_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    actual = rng.integers(1, 6, 50)
    predicted = actual + rng.standard_normal(50)
    assert rmse(predicted, actual) == pytest.approx(
        np.sqrt(mean_squared_error(actual, predicted))
    )
    assert mae(predicted, actual) == pytest.approx(
        mean_absolute_error(actual, predicted)
    )


@pytest.mark.parametrize("error", [rmse, mae])
def test_the_error_of_no_ratings_is_undefined(error):
    assert np.isnan(error([], []))


@pytest.mark.parametrize("error", [rmse, mae])
@pytest.mark.parametrize(
    ("predicted", "actual", "message"),
    [
        ([1.0], [1.0, 2.0], r"one length, got \(1,\) and \(2,\)"),
        ([[1.0]], [[1.0]], r"must be float64\[N\]"),
        ([1.0, np.nan], [1.0, 2.0], "predicted: must be finite, got nan in 1"),
        ([1.0], [np.inf], "actual: must be finite, got inf in 0"),
    ],
)
def test_what_is_no_pair_of_ratings_is_refused(error, predicted, actual, message):
    with pytest.raises(ValueError, match=message):
        error(predicted, actual)
