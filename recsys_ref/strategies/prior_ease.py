"""EASE with a prior: where events say little, items of like text go together.

Book section 9.2.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.checks import (
    GIB,
    check_memory,
    check_not_negative,
    check_positive,
    check_whole_number,
)
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ease import (
    BLOCK,
    gram_matrix,
    ridge_inverse,
    weights_of_gram,
)
from recsys_ref.strategies.text_directions import text_directions


def text_neighbours(directions: np.ndarray, neighbours: int) -> csr_array:
    """Link every item to the items whose texts are closest to its own.

    Args:
        directions: `float32[I, D]`, rows of length 1, or 0 for no text.
        neighbours: How many, at least 1; only those of positive cosine count.

    Returns:
        S, sparse `float32[I, I]`: row i holds the cosines of item i's
        neighbours, scaled to the sum 1; the diagonal is 0. Rows of items
        without a text, or without anything like them, are empty.

    Raises:
        ValueError: If `neighbours` is not a whole number of at least 1.

    Examples:
        >>> directions = np.array([[1, 0], [0.6, 0.8], [-1, 0]], dtype=np.float32)
        >>> text_neighbours(directions, 1).toarray().round(1)
        array([[0., 1., 0.],
               [1., 0., 0.],
               [0., 0., 0.]], dtype=float32)
    """
    check_whole_number("neighbours", neighbours, 1)
    n_items = len(directions)
    kept = min(neighbours, n_items - 1)
    rows, columns, values = [], [], []
    for start in range(0, n_items if kept else 0, BLOCK):
        cosines = directions[start : start + BLOCK] @ directions.T
        here = np.arange(start, start + len(cosines))
        cosines[here - start, here] = -np.inf
        best = np.argpartition(-cosines, kept - 1, axis=1)[:, :kept]
        value = np.maximum(np.take_along_axis(cosines, best, axis=1), 0)
        total = value.sum(axis=1, keepdims=True)
        value = np.divide(value, total, out=np.zeros_like(value), where=total > 0)
        rows.append(np.repeat(here, kept))
        columns.append(best.ravel())
        values.append(value.ravel())
    empty = np.zeros(0, dtype=np.int64)
    cells = [np.concatenate([empty, *part]) for part in (rows, columns)]
    data = np.concatenate([empty.astype(np.float32), *values])
    links = csr_array((data, tuple(cells)), shape=(n_items, n_items))
    links.eliminate_zeros()
    return links


def prior_weights(
    interactions: csr_array | np.ndarray, prior: csr_array | np.ndarray, l2: float
) -> np.ndarray:
    r"""Solve all ridge regressions, shrunk to a prior instead of to zero.

    Minimises `|X - X B|^2 + l2 |B - S|^2` with a zero diagonal. With a Lagrange
    multiplier for each diagonal cell and P the inverse of X^T X + l2,

        B = I + D - P diag(m),  D = l2 P S,  m_j = (1 + D_jj) / P_jj.

    So B is linear in S: with a prior twice as strong it moves twice as far from
    the weights of EASE.

    Args:
        interactions: `float[U, I]`, 1 where user u chose item i, else 0.
        prior: S, `float[I, I]` with a zero diagonal, best sparse. Without an
            entry the result is that of `ease_weights`, to the bit.
        l2: Ridge strength, in users, > 0: the prior weighs as much as so many
            users that agree with it.

    Returns:
        `float32[I, I]` with a zero diagonal. Takes O(I^3) time and 8 I^2
        bytes.

    Raises:
        ValueError: If `l2` is out of its range, or the prior has another
            shape or something on its diagonal.

    References:
        Steck (2019), https://arxiv.org/abs/1905.03375, is the case S = 0.

    Examples:
        >>> clicks = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
        >>> alike = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        >>> prior_weights(clicks, alike, l2=1.0).round(2)
        array([[ 0.  ,  0.33,  0.2 ],
               [ 0.5 ,  0.  , -0.1 ],
               [ 0.  ,  0.  ,  0.  ]], dtype=float32)
    """
    check_positive("l2", l2)
    prior = csr_array(prior, dtype=np.float32)
    n_items = interactions.shape[1]
    if prior.shape != (n_items, n_items):
        raise ValueError(
            f"prior: must have shape [{n_items}, {n_items}], got {prior.shape}"
        )
    if prior.diagonal().any():
        raise ValueError("prior: an item must not predict itself, got a diagonal")
    gram = gram_matrix(csr_array(interactions, dtype=np.float32))
    if not prior.count_nonzero():
        return weights_of_gram(gram, l2)
    ridge_inverse(gram, l2)
    shift = prior.T.tocsr() @ gram  # (P S)^T, as P is symmetric
    shift *= l2
    gram *= ((1 + shift.diagonal()) / gram.diagonal())[:, None]
    shift -= gram
    del gram
    np.fill_diagonal(shift, 0.0)
    return np.ascontiguousarray(shift.T)


@dataclass(eq=False)
class PriorEASE(Recommender):
    r"""EASE whose weights are shrunk to a graph of neighbours in text.

    An item that many users chose is predicted as the events say, one that few
    chose more as its text says: l2 is weighed against the user counts. Where
    an item has no text (a vector of zeros) it has no neighbours. If no item
    has one, or all have the same, this is EASE to the bit. A user without
    events gets the score 0 for every item.

    Attributes:
        item_vectors: `float[I, D]`, finite; zeros where there is no text.
            They are centred and brought to length 1 first.
        neighbours: How many neighbours an item has, at least 1.
        strength: What the prior weights of an item add up to, >= 0. 0: EASE.
        l2: As in EASE.
        max_bytes: The most memory that I x I matrices may take, in bytes;
            8 I^2 are needed, for two.
        weights_: `float32[I, I]`, column j predicts item j; set by `fit`.

    Raises:
        ValueError: From `fit`, before anything is allocated, if the matrices
            would take more than `max_bytes`; if a hyperparameter is out of its
            range; or if the vectors do not fit the items or are not finite.

    References:
        Steck (2019), https://arxiv.org/abs/1905.03375, for the ridge without
        a prior. See `prior_weights`.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 2, 3], "item_id": [7, 8, 9],
        ... }))
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]])
        >>> PriorEASE(vectors, l2=1.0).fit(table).recommend([0], k=1).items
        array([[2]])
    """

    item_vectors: np.ndarray = field(repr=False)
    neighbours: int = 30
    strength: float = 0.35
    l2: float = 400.0
    max_bytes: int = GIB
    weights_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_memory(
            interactions.n_items,
            self.max_bytes,
            need="2 matrices of together",
            matrices=2,
        )
        check_positive("l2", self.l2)
        check_not_negative("strength", self.strength)
        directions = text_directions(self.item_vectors, interactions.n_items)
        prior = self.strength * text_neighbours(directions, self.neighbours)
        self.weights_ = prior_weights(interactions.matrix(), prior, self.l2)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the summed weights of each user's items, `float32[B, I]`."""
        users = self._check_users(users)
        return self.seen_[users].astype(np.float32) @ self.weights_
