r"""Bought together: what goes with what one has, and what it makes needless.

Two kinds of products stand close to each other. Substitutes serve one need, and
who has bought one buys no second. Complements are bought because of each other.
What is bought by the same people tells them apart, but it is rare. Similar texts
can lend each other their purchases.

Book section 6.1.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.vectors import check_vectors, unit_rows
from recsys_ref.strategies.base import Recommender


def text_kernel(vectors: np.ndarray, width: float) -> np.ndarray:
    r"""Say how much each item borrows from which: K_ij ~ exp(cosine_ij / width).

    Args:
        vectors: `float[I, D]`, finite.
        width: > 0, in cosines. Near 0 every item keeps to itself; large, all
            items are one.

    Returns:
        `float64[I, I]`, rows sum to 1.

    Raises:
        ValueError: If `width` is not positive or a vector is not finite.

    Examples:
        >>> text_kernel(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 0.2).round(2)
        array([[0.5 , 0.5 , 0.  ],
               [0.5 , 0.5 , 0.  ],
               [0.01, 0.01, 0.99]])
    """
    check_positive("width", width)
    unit = unit_rows(check_vectors("vectors", vectors)).astype(np.float64)
    kernel = np.exp((unit @ unit.T - 1) / width)
    return kernel / kernel.sum(axis=1, keepdims=True)


def pooled_lift(
    purchases: csr_array | np.ndarray,
    kernel: np.ndarray | None = None,
    *,
    prior: float = 1.0,
) -> np.ndarray:
    r"""Compare how often two items are bought together with how often by chance.

    With n_i buyers of item i, c_ij of both, e_ij = n_i n_j / U what independence
    would give, and both 0 on the diagonal,

        ln (K c K^T + prior m) - ln (K e K^T + prior m),  m the mean of e.

    Above 0 the two go together, below 0 one makes the other needless.

    Args:
        purchases: `float[U, I]`, sparse or not, non-zero where a user bought an
            item.
        kernel: K, `float64[I, I]`, how much items borrow from each other, as
            from `text_kernel`. None: each item stands alone.
        prior: > 0. How many average pairs are added to both sides; it pulls
            pairs of rare items to 0.

    Returns:
        `float64[I, I]`, symmetric. Without a purchase all are 0. The items' own
        column is what is said of *others like it*; without a kernel it is 0.
        Costs O(I^3) time with a kernel.

    Raises:
        ValueError: If `prior` is not positive or the kernel has another shape.

    References:
        McAuley, Pandey and Leskovec (2015), https://arxiv.org/abs/1506.08839,
        name the two kinds and learn them from text and links.

    Examples:
        >>> bought = csr_array(np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 0]]))
        >>> pooled_lift(bought).round(2)
        array([[ 0.  , -0.75,  0.19],
               [-0.75,  0.  , -0.23],
               [ 0.19, -0.23,  0.  ]])
    """
    check_positive("prior", prior)
    chosen = csr_array(purchases != 0).astype(np.float64)
    n_items = chosen.shape[1]
    if kernel is not None and np.shape(kernel) != (n_items, n_items):
        raise ValueError(
            f"kernel: must have shape {(n_items, n_items)}, got {np.shape(kernel)}"
        )
    both = (chosen.T @ chosen).toarray()
    buyers = both.diagonal().copy()
    chance = np.outer(buyers, buyers) / max(chosen.shape[0], 1)
    np.fill_diagonal(both, 0)
    np.fill_diagonal(chance, 0)
    mean = prior * chance.mean()
    if not mean:
        return np.zeros((n_items, n_items))
    if kernel is not None:
        both, chance = (kernel @ table @ kernel.T for table in (both, chance))
    return np.log(both + mean) - np.log(chance + mean)


@dataclass(eq=False)
class BoughtTogether(Recommender):
    """Score an item by its lifts with everything that the user has.

    The score is the sum of `pooled_lift` over the user's items: log odds, as far
    as his items speak independently. A user without events gets 0 everywhere.
    With vectors, an item without events borrows from those with like texts.

    Attributes:
        item_vectors: `float[I, D]`; None: items do not borrow.
        width: See `text_kernel`.
        prior: See `pooled_lift`.
        lift_: `float32[I, I]`; set by `fit`.

    Raises:
        ValueError: From `fit`, if the vectors do not fit the events or a
            hyperparameter is out of its range.

    References:
        Book section 6.1.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> BoughtTogether().fit(table).recommend([2], k=1).items
        array([[1]])
    """

    item_vectors: np.ndarray | None = field(default=None, repr=False)
    width: float = 0.2
    prior: float = 1.0
    lift_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        kernel = None
        if self.item_vectors is not None:
            vectors = check_vectors(
                "item_vectors", self.item_vectors, rows=interactions.n_items
            )
            kernel = text_kernel(vectors, self.width)
        lift = pooled_lift(interactions.matrix(), kernel, prior=self.prior)
        self.lift_ = lift.astype(np.float32)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the summed lifts, `float32[B, I]`."""
        users = self._check_users(users)
        return self.seen_[users].astype(np.float32) @ self.lift_
