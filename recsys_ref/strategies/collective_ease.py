"""Collective EASE: the words of a text are treated as further users.

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
)
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ease import BLOCK, gram_matrix, weights_of_gram
from recsys_ref.strategies.text_directions import text_directions


@dataclass(eq=False)
class CollectiveEASE(Recommender):
    r"""EASE on the events with the item vectors T stacked below them.

    The weights minimise `|X - X B|^2 + text |T^T - T^T B|^2 + l2 |B|^2` with a
    zero diagonal: an item is to be predicted from others both as users choose
    it and as texts describe it. T has rows of length 1, centred. Only the sum
    of two Gram matrices is needed, X^T X + text T T^T, and nothing is stacked.

    Items without a text (vectors of zeros) get nothing added. If no item has
    one, or all have the same, this is EASE. A user without events gets the
    score 0 for every item.

    Attributes:
        item_vectors: T, `float[I, D]`, finite; zeros where there is no text.
        text: Weight of the text, >= 0, in users: it is added to the user
            count of each item with a text. 0: EASE.
        l2: As in EASE.
        max_bytes: The most memory that the weights may take, in bytes;
            4 I^2 are needed.
        weights_: `float32[I, I]`, column j predicts item j; set by `fit`.

    Raises:
        ValueError: From `fit`, before anything is allocated, if the weights
            would take more than `max_bytes`; if a hyperparameter is out of its
            range; or if the vectors do not fit the items or are not finite.

    References:
        Jeunen, Van Balen and Goethals (2020),
        https://doi.org/10.1145/3383313.3418480

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 3], "item_id": [7, 8, 7, 9],
        ... }))
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]])
        >>> both = CollectiveEASE(vectors, text=9.0, l2=1.0).fit(table)
        >>> both.recommend([1], k=1).items
        array([[2]])
    """

    item_vectors: np.ndarray = field(repr=False)
    text: float = 30.0
    l2: float = 500.0
    max_bytes: int = GIB
    weights_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_memory(interactions.n_items, self.max_bytes)
        check_positive("l2", self.l2)
        check_not_negative("text", self.text)
        texts = text_directions(self.item_vectors, interactions.n_items)
        gram = gram_matrix(csr_array(interactions.matrix(), dtype=np.float32))
        if texts.any() and self.text:
            for start in range(0, len(gram), BLOCK):
                block = slice(start, start + BLOCK)
                gram[block] += self.text * (texts[block] @ texts.T)
        self.weights_ = weights_of_gram(gram, self.l2)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the summed weights of each user's items, `float32[B, I]`."""
        users = self._check_users(users)
        return self.seen_[users].astype(np.float32) @ self.weights_
