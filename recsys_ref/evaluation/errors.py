"""How far predicted ratings are from those given.

An error is over N ratings, not over users: who rates more counts more. It
says nothing about the items that were not rated, nor about a list's order.
"""

import numpy as np


def rmse(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Root of the mean squared error, in rating points.

    Args:
        predicted: `float64[N]`.
        actual: `float64[N]`, the same ratings in the same order.

    Returns:
        The root of the squared errors' sum divided by N; NaN for N = 0.

    Raises:
        ValueError: If the shapes differ or a value is not finite.

    Examples:
        >>> rmse(np.array([4.0, 2.0]), np.array([5.0, 2.0]))
        0.7071067811865476
    """
    errors = _errors(predicted, actual)
    return float(np.sqrt(np.mean(errors**2))) if errors.size else float("nan")


def mae(predicted: np.ndarray, actual: np.ndarray) -> float:
    """Mean absolute error, in rating points.

    Args:
        predicted: `float64[N]`.
        actual: `float64[N]`, the same ratings in the same order.

    Returns:
        The absolute errors' sum divided by N; NaN for N = 0.

    Raises:
        ValueError: If the shapes differ or a value is not finite.

    Examples:
        >>> mae(np.array([4.0, 2.0]), np.array([5.0, 2.0]))
        0.5
    """
    errors = _errors(predicted, actual)
    return float(np.mean(np.abs(errors))) if errors.size else float("nan")


def _errors(predicted: np.ndarray, actual: np.ndarray) -> np.ndarray:
    predicted = np.asarray(predicted, dtype=np.float64)
    actual = np.asarray(actual, dtype=np.float64)
    if predicted.ndim != 1 or predicted.shape != actual.shape:
        raise ValueError(
            "predicted, actual: must be float64[N] of one length, "
            f"got {predicted.shape} and {actual.shape}"
        )
    for name, values in (("predicted", predicted), ("actual", actual)):
        if not np.isfinite(values).all():
            place = int(np.argmin(np.isfinite(values)))
            raise ValueError(f"{name}: must be finite, got {values[place]} in {place}")
    return predicted - actual
