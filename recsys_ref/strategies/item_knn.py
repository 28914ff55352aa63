"""Item-kNN: offer what resembles the items of a user's history."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, Self, get_args

import numpy as np
from scipy.sparse import coo_array, csr_array

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender

Similarity = Literal["cosine", "jaccard", "lift", "counts"]
DAY = 86_400  # seconds


def item_similarity(
    interactions: csr_array, similarity: Similarity = "cosine", shrinkage: float = 0.0
) -> csr_array:
    r"""Compare every two items by the users who chose both.

    With n_i users of item i and c_ij users of both i and j, the similarity is
    one of these:

        cosine   c_ij / sqrt(n_i n_j)
        jaccard  c_ij / (n_i + n_j - c_ij)
        lift     c_ij / (n_i n_j)
        counts   c_ij

    and is multiplied by c_ij / (c_ij + `shrinkage`), which distrusts what
    few users say.

    Args:
        interactions: Sparse `float[U, I]`, non-zero where a user chose an
            item. Only where counts, not how much.
        similarity: One of the names above.
        shrinkage: In users, at least 0. At c_ij = `shrinkage` the
            similarity is halved.

    Returns:
        Sparse symmetric `float64[I, I]`. No item is its own neighbour: the
        diagonal is empty. Costs O(sum of squared history lengths).

    Raises:
        ValueError: If `similarity` is no such name or `shrinkage` < 0.

    References:
        Deshpande and Karypis (2004), https://doi.org/10.1145/963770.963776

    Examples:
        >>> chosen = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]]))
        >>> item_similarity(chosen, "jaccard").toarray().round(2)
        array([[0.  , 0.67, 0.33],
               [0.67, 0.  , 0.  ],
               [0.33, 0.  , 0.  ]])
    """
    if similarity not in get_args(Similarity):
        raise ValueError(
            f"similarity: must be one of {get_args(Similarity)}, got {similarity!r}"
        )
    if not shrinkage >= 0:
        raise ValueError(f"shrinkage: must be at least 0, got {shrinkage}")
    chosen = (interactions != 0).astype(np.float64)
    both = (chosen.T @ chosen).tocoo()
    (i, j), common = both.coords, both.data
    count = chosen.sum(axis=0)
    if similarity == "cosine":
        value = common / np.sqrt(count[i] * count[j])
    elif similarity == "jaccard":
        value = common / (count[i] + count[j] - common)
    elif similarity == "lift":
        value = common / (count[i] * count[j])
    else:
        value = common
    value = value * common / (common + shrinkage)
    apart = i != j
    return coo_array((value[apart], (i[apart], j[apart])), both.shape).tocsr()


def nearest_neighbours(similarity: csr_array, neighbours: int) -> csr_array:
    """Keep in every row the largest entries, ties at the border included.

    Args:
        similarity: Sparse `float[I, I]`, no entry below 0.
        neighbours: Entries to keep in a row, at least 1. More are kept only
            where they equal the last one: to choose among equals by item id
            would favour popular items.

    Returns:
        Sparse `float[I, I]`.

    Raises:
        ValueError: If `neighbours` is not a whole number of at least 1.

    Examples:
        >>> rows = csr_array(np.array([[0.0, 0.9, 0.5], [0.2, 0.0, 0.2]]))
        >>> nearest_neighbours(rows, 1).toarray()
        array([[0. , 0.9, 0. ],
               [0.2, 0. , 0.2]])
    """
    check_whole_number("neighbours", neighbours, 1)
    kept = csr_array(similarity, copy=True)
    for start, end in pairwise(kept.indptr.tolist()):
        row = kept.data[start:end]
        if len(row) > neighbours:
            row[row < np.partition(row, -neighbours)[-neighbours]] = 0
    kept.eliminate_zeros()
    return kept


@dataclass
class ItemKNN(Recommender):
    """Score an item by its similarity to each item of the user's history.

    score(u, j) = sum over i of affinity(u, i) x similarity(i, j). The
    affinity is 1, or the sum of the user's values for the item (`use_values`),
    each halved for every `half_life` that lies between it and the last
    event of the table. An item's similarity to itself is left out, so the score
    of a seen item tells how well the rest of the history explains it.
    A user without events gets the score 0 for every item.

    Attributes:
        similarity: See `item_similarity`.
        neighbours: For each item, how many of the most similar others may
            vote for it. None: all.
        shrinkage: See `item_similarity`, in users.
        half_life: In seconds. None: old events count like new ones.
        use_values: Whether values (ratings) weigh the history.
        affinity_: Sparse `float64[U, I]`; set by `fit`.
        weights_: Sparse `float64[I, I]`, column j votes for item j; set by
            `fit`.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3], "item_id": [7, 8, 7, 8, 7],
        ... }))
        >>> ItemKNN("jaccard").fit(table).recommend([2], k=1).items
        array([[1]])

    References:
        Sarwar et al. (2001), https://doi.org/10.1145/371920.372071
    """

    similarity: Similarity = "cosine"
    neighbours: int | None = None
    shrinkage: float = 0.0
    half_life: float | None = None
    use_values: bool = False
    affinity_: csr_array = field(init=False, repr=False)
    weights_: csr_array = field(init=False, repr=False)

    @classmethod
    def sar(cls) -> Self:
        """Return Microsoft's SAR as its published benchmark sets it.

        Jaccard similarity, ratings as affinity, a half-life of 30 days.

        References:
            https://github.com/recommenders-team/recommenders
            (`models/sar/sar_singlenode.py`); book section 3.5 meets its
            published figures to six digits.
        """
        return cls("jaccard", half_life=30.0 * DAY, use_values=True)

    def _fit(self, interactions: Interactions) -> None:
        similarity = item_similarity(
            interactions.matrix(), self.similarity, self.shrinkage
        )
        if self.neighbours is not None:
            similarity = nearest_neighbours(similarity, self.neighbours)
        self.affinity_ = self._affinity(interactions)
        self.weights_ = similarity.T.tocsr()

    def _fold_in(self, interactions: Interactions) -> None:
        self.affinity_ = self._affinity(interactions)

    def _affinity(self, interactions: Interactions) -> csr_array:
        weights = interactions.value if self.use_values else None
        if self.half_life is not None:
            if not self.half_life > 0:
                raise ValueError(f"half_life: must be > 0, got {self.half_life}")
            last = interactions.timestamp.max(initial=np.iinfo(np.int64).min)
            decay = np.exp2((interactions.timestamp - last) / self.half_life)
            weights = decay if weights is None else weights * decay
        return interactions.matrix(weights)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the votes of each user's history, `float32[B, I]`."""
        users = self._check_users(users)
        return (self.affinity_[users] @ self.weights_).toarray().astype(np.float32)
