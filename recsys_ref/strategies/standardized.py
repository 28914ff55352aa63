"""One unit for scores of any kind: standard deviations above their mean.

Book sections 3.4 and 9.2.
"""

import numpy as np


def standardized(scores: np.ndarray) -> np.ndarray:
    """Give each row mean 0 and standard deviation 1; zeros where all are alike.

    Args:
        scores: `float[..., I]`, finite.

    Returns:
        `float64[..., I]`.

    Examples:
        >>> standardized(np.array([1, 3])), standardized(np.array([0.1, 0.1, 0.1]))
        (array([-1.,  1.]), array([0., 0., 0.]))
        >>> standardized(np.array([[1, 3], [0.1, 0.1]]))
        array([[-1.,  1.],
               [ 0.,  0.]])
    """
    scores = np.asarray(scores, dtype=np.float64)
    if not scores.size:
        return scores
    _, exponent = np.frexp(np.abs(scores).max(axis=-1, keepdims=True))
    scores = np.ldexp(scores, -exponent)  # squares of huge ones would overflow
    flat = np.ptp(scores, axis=-1, keepdims=True) == 0
    centred = np.where(flat, 0.0, scores - scores.mean(axis=-1, keepdims=True))
    return centred / np.where(flat, 1.0, centred.std(axis=-1, keepdims=True))
