"""EASE: every item predicted from all others by one ridge regression."""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_array

from recsys_ref.data.checks import GIB, check_memory, check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.profiles.behaviour import history_weights
from recsys_ref.strategies.base import Recommender

BLOCK = 256  # rows or columns of the I x I matrix worked on at once


def ease_weights(interactions: csr_array | np.ndarray, l2: float) -> np.ndarray:
    r"""Solve every item's ridge regression on the other items at once.

    With P the inverse of X^T X + l2, the weights are B_ij = -P_ij / P_jj
    off the diagonal. P is computed in place from a Cholesky factor.

    Args:
        interactions: `float[U, I]`, 1 where user u chose item i, else 0;
            sparse or not.
        l2: Ridge strength (lambda), in users: it is added to each item's
            user count. Must be > 0. Of float32's seven digits about
            log10(largest eigenvalue of X^T X / l2) are lost.

    Returns:
        `float32[I, I]` with a zero diagonal. Column j predicts item j.
        Costs O(I^3) time and 4 I^2 bytes.

    Raises:
        ValueError: If `l2` is not positive, or too small for the matrix to
            be inverted in float32.

    References:
        Steck (2019), https://arxiv.org/abs/1905.03375

    Examples:
        >>> clicks = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
        >>> ease_weights(clicks, l2=1.0).round(3)
        array([[0.   , 0.5  ],
               [0.667, 0.   ]], dtype=float32)
    """
    check_positive("l2", l2)
    return weights_of_gram(gram_matrix(csr_array(interactions, dtype=np.float32)), l2)


def weights_of_gram(gram: np.ndarray, l2: float) -> np.ndarray:
    """Turn X^T X, `float32[I, I]`, into the weights of EASE, in place."""
    ridge_inverse(gram, l2)
    gram /= -gram.diagonal()
    np.fill_diagonal(gram, 0.0)
    return gram


def gram_matrix(interactions: csr_array) -> np.ndarray:
    """Return X^T X, `float32[I, I]`, with no second matrix of that size."""
    by_item, columns = interactions.T.tocsr(), interactions.tocsc()
    n_items = interactions.shape[1]
    gram = np.empty((n_items, n_items), dtype=np.float32)
    for start in range(0, n_items, BLOCK):
        block = slice(start, start + BLOCK)
        gram[:, block] = by_item @ columns[:, block].toarray()
    return gram


def ridge_inverse(matrix: np.ndarray, l2: float) -> None:
    """Add l2 to the diagonal of a Gram matrix, `float32[I, I]`; invert in place.

    Raises:
        ValueError: If `l2` is too small for an inverse in float32.
    """
    matrix.flat[:: len(matrix) + 1] += l2
    # LAPACK counts in columns: what it calls the lower triangle of the
    # transposed view is the upper triangle of `matrix`.
    factor, failed = lapack.spotrf(matrix.T, lower=1, clean=0, overwrite_a=1)
    if not failed:
        inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ValueError(f"l2: {l2} is too small, the matrix is singular in float32")
    assert np.shares_memory(inverse, matrix), "LAPACK must work in place"
    for start in range(0, len(matrix), BLOCK):  # mirror the upper triangle
        stop = start + BLOCK
        corner = np.triu(matrix[start:stop, start:stop])
        matrix[start:stop, start:stop] = corner + np.triu(corner, 1).T
        matrix[stop:, start:stop] = matrix[start:stop, stop:].T


@dataclass
class EASE(Recommender):
    """Score items by a linear model without a hidden layer.

    The scores of a user are the sum of the weights of his items. A user
    without events gets the score 0 for every item.

    With a `half_life` recent items count more: what is learned stays as it
    is, and a user's scores become the mean of the weights of his items, an
    item with b of his events after it weighing 2^(-b / half_life). Events of
    the same second share their mean place. Book section 9.2.

    Attributes:
        l2: Ridge strength, in users: it is added to each item's user count.
        half_life: In events, > 0; after how many later ones an event counts
            half. None: all count alike.
        max_bytes: The most memory that the weights may take, in bytes;
            4 I^2 are needed.
        weights_: `float32[I, I]`, column j predicts item j; set by `fit`.
        history_: Sparse `float64[U, I]`, how much each item of a user counts;
            None where all count 1. Set by `fit`.

    Raises:
        ValueError: From `fit`, before anything is allocated, if the weights
            would take more than `max_bytes` or `half_life` is not positive;
            or as `ease_weights`.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> EASE(l2=1.0).fit(table).recommend([2], k=1).items
        array([[1]])

    References:
        Steck (2019), https://arxiv.org/abs/1905.03375
    """

    l2: float = 500.0
    max_bytes: int = 4 * GIB
    half_life: float | None = None
    weights_: np.ndarray = field(init=False, repr=False)
    history_: csr_array | None = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_memory(interactions.n_items, self.max_bytes)
        self._fold_in(interactions)
        self.weights_ = ease_weights(interactions.matrix(), self.l2)

    def _fold_in(self, interactions: Interactions) -> None:
        self.history_ = None
        if self.half_life is not None:
            self.history_ = history_weights(
                interactions, "order", half_life=self.half_life
            )

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the (weighted) sum over each user's items, `float32[B, I]`."""
        users = self._check_users(users)
        history = self.seen_ if self.history_ is None else self.history_
        return history[users].astype(np.float32) @ self.weights_
