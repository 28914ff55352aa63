"""A probe: what can be read off vectors by a linear map, and what cannot.

Book section 3.3; section 5.2 puts the same question to other models.
"""

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.vectors import check_vectors


def cross_predict(
    vectors: np.ndarray,
    targets: np.ndarray,
    *,
    l2: float = 1.0,
    folds: int = 5,
    rng: np.random.Generator | int,
) -> np.ndarray:
    """Predict each row's targets by a ridge regression that never saw the row.

    The rows are dealt into folds at random. For each fold a regression with
    an intercept is fitted on the others, so what is predicted well is in the
    vectors, and not only in the regression's memory.

    Args:
        vectors: `float[N, D]`, finite.
        targets: `float[N, T]`, finite; 0 and 1 for what is true or not.
        l2: Ridge strength, in units of the mean variance of a coordinate;
            > 0. The scale of `vectors` does not matter.
        folds: At least 2, at most N.
        rng: Seed that deals the rows.

    Returns:
        `float64[N, T]`. Costs O(folds D^2 (N + D)) time.

    Raises:
        ValueError: If a shape does not fit, a number is not finite, `l2` is
            not positive, or `folds` is out of its range.

    Examples:
        >>> x = np.arange(6.0)[:, None]
        >>> cross_predict(x, 2 * x + 1, l2=1e-9, rng=0).round(3).ravel()
        array([ 1.,  3.,  5.,  7.,  9., 11.])
    """
    vectors = check_vectors("vectors", vectors).astype(np.float64)
    targets = check_vectors("targets", targets, rows=len(vectors)).astype(np.float64)
    if not 0 < l2 < np.inf:
        raise ValueError(f"l2: must be > 0 and finite, got {l2}")
    check_whole_number("folds", folds, 2)
    if folds > len(vectors):
        raise ValueError(f"folds: must be at most {len(vectors)} rows, got {folds}")
    fold = np.random.default_rng(rng).permutation(np.arange(len(vectors)) % folds)
    predicted = np.empty_like(targets)
    for part in range(folds):
        out = fold == part
        mean, weights, level = _ridge(vectors[~out], targets[~out], l2)
        predicted[out] = (vectors[out] - mean) @ weights + level
    return predicted


def _ridge(
    vectors: np.ndarray, targets: np.ndarray, l2: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit; return `float64[D]`, `float64[D, T]` and `float64[T]`."""
    mean, level = vectors.mean(axis=0), targets.mean(axis=0)
    centred = vectors - mean
    gram = centred.T @ centred
    ridge = l2 * np.trace(gram) / len(gram)
    if not ridge:  # equal vectors tell nothing
        return mean, np.zeros((len(gram), targets.shape[1])), level
    gram[np.diag_indices_from(gram)] += ridge
    return mean, np.linalg.solve(gram, centred.T @ (targets - level)), level
