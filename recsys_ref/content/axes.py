"""Principal axes: the directions in which vectors differ most.

Book section 3.3.
"""

import numpy as np
from scipy.linalg import svd


def principal_axes(
    vectors: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the mean of some vectors and the directions they differ in.

    Args:
        vectors: `float[N, D]`, finite, N at least 1.

    Returns:
        `float64[D]`, the mean; `float64[R, D]`, orthonormal axes, the one of
        most variance first; `float64[R]`, the variance along each (divisor
        N - 1). R is the rank: a direction whose spread is within rounding of
        0 is none. Of an axis and its opposite `fixed_signs` decides. Costs
        O(N D min(N, D)).

    Examples:
        >>> mean, axes, variances = principal_axes(
        ...     np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> mean, axes, variances
        (array([2., 5.]), array([[1., 0.]]), array([2.]))
    """
    data = np.asarray(vectors, dtype=np.float64)
    mean = data.mean(axis=0)
    mean += (data - mean).mean(axis=0)  # what the first sum lost to rounding
    _, spread, axes = svd(data - mean, full_matrices=False)
    precision = np.finfo(np.result_type(vectors, np.float32)).eps
    rounding = np.abs(data).max() * np.sqrt(data.size)  # of the numbers themselves
    noise = precision * max(max(data.shape) * spread.max(), rounding)
    rank = int((spread > noise).sum())
    variances = spread[:rank] ** 2 / max(len(data) - 1, 1)
    return mean, fixed_signs(axes[:rank].T).T, variances


def fixed_signs(columns: np.ndarray) -> np.ndarray:
    """Choose between each column and its opposite, alike on every machine.

    In each column the first entry that has more than half of the largest
    size becomes positive. (The largest itself will not do: where two are
    equally large, rounding would choose.)

    Args:
        columns: `float[N, K]`.

    Examples:
        >>> fixed_signs(np.array([[-0.1, 0.0], [-0.9, 1.0]]))
        array([[0.1, 0. ],
               [0.9, 1. ]])
    """
    if not columns.size:
        return columns
    size = np.abs(columns)
    first = (size > size.max(axis=0) / 2).argmax(axis=0)
    signs = np.sign(columns[first, np.arange(columns.shape[1])])
    return columns * np.where(signs == 0, 1.0, signs) + 0.0  # no -0.0
