"""Read the training data's counts back off the published weights of EASE.

Book section 8.1.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_positive
from recsys_ref.data.vectors import check_vectors

UNIT = 1e-3  # of the largest co-count: what is smaller is rounding


def gram_of_weights(weights: np.ndarray, l2: float) -> np.ndarray:
    r"""Recover X^T X from the weights of EASE, exactly.

    The weights are B_ij = -P_ij / P_jj with P the symmetric inverse of
    X^T X + l2. Symmetry says P_ii / P_jj = B_ij / B_ji, so the diagonal of P is
    known up to one factor, and P with it. Its inverse is a multiple of
    X^T X + l2. Off the diagonal that holds counts of users, of which the
    smallest is 1: this fixes the factor, and rounding removes the rest.

    Args:
        weights: `float[I, I]` with a zero diagonal, as `EASE.weights_`.
        l2: Ridge strength that the model was fitted with, > 0.

    Returns:
        `float64[I, I]`, whole numbers: how many users chose both. Items that
        nobody chose have zeros. Costs O(I^3) time.

    Raises:
        ValueError: If `l2` is not positive, or the weights are no square
            matrix or all zero. The counts are wrong in silence where no pair
            was chosen by exactly one user, where one was chosen by more than
            1,000, or where the items fall apart into groups without a common
            user.

    Examples:
        >>> from recsys_ref.strategies.ease import ease_weights
        >>> x = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
        >>> gram_of_weights(ease_weights(x, l2=2.0), l2=2.0)
        array([[3., 2., 1.],
               [2., 2., 1.],
               [1., 1., 1.]])
    """
    check_positive("l2", l2)
    weights = check_vectors("weights", weights).astype(np.float64)
    if weights.shape[0] != weights.shape[1]:
        raise ValueError(f"weights: must be [I, I], got {weights.shape}")
    seen = np.flatnonzero(weights.any(axis=0))
    if not seen.size:
        raise ValueError("weights: must not all be zero")
    b = weights[np.ix_(seen, seen)]
    # Of all scales d the one with the least sum of (B_ij d_j - B_ji d_i)^2.
    misfit = np.diag((b**2).sum(axis=0)) - b * b.T
    misfit.flat[:: len(b) + 1] += 1e-12 * misfit.max()
    factor, scale = cho_factor(misfit), np.ones(len(b))
    for _ in range(5):  # inverse iteration: to the smallest eigenvector
        scale = cho_solve(factor, scale)
        scale /= np.abs(scale).max()
    scale = np.abs(scale)
    inverse = -b * scale
    inverse.flat[:: len(b) + 1] = scale
    found = np.linalg.inv((inverse + inverse.T) / 2)
    off = np.abs(found[~np.eye(len(b), dtype=bool)])
    off = off[off > UNIT * off.max()]
    unit = off.min()
    for _ in range(5):  # the unit again, from all counts together
        counts = np.rint(off / unit)
        unit = (off @ counts) / (counts @ counts)
    gram = np.zeros_like(weights)
    gram[np.ix_(seen, seen)] = np.rint(found / unit - l2 * np.eye(len(b)))
    return gram


def leverage(
    gram: np.ndarray, histories: csr_array | np.ndarray, ridge: float = 1e-6
) -> np.ndarray:
    r"""Measure how far a history lies outside of what the counts can hold.

    h(x) = x^T (X^T X + ridge)^-1 x. A row x of X has h(x) < 1, whatever the
    others are: X^T X - x x^T has no negative eigenvalue. A history that is no
    combination of the rows of X has a part in the null space of X^T X, which
    counts 1 / ridge. So h(x) > 1 proves that x was not there.

    Args:
        gram: `float64[I, I]`, X^T X.
        histories: `float[B, I]`, sparse or not, each user's items.
        ridge: Added to the diagonal, > 0 and small against 1.

    Returns:
        `float64[B]`.

    Raises:
        ValueError: If `ridge` is not positive.

    Examples:
        >>> x = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        >>> leverage(x.T @ x, np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])).round(1)
        array([1.000000e+00, 5.000003e+05])
    """
    check_positive("ridge", ridge)
    rows = csr_array(histories).astype(np.float64)
    factor = cho_factor(gram + ridge * np.eye(len(gram)), overwrite_a=True)
    return (rows.toarray() * cho_solve(factor, rows.T.toarray()).T).sum(axis=1)
