"""No recommender: lists drawn by lot, the control of every comparison.

Book section 6.2.
"""

from dataclasses import dataclass

import numpy as np

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


@dataclass
class Uniform(Recommender):
    """Score every item 0, so that the draw that breaks ties decides.

    Each list is a uniform draw without replacement from what a user has not
    seen; `recommend` takes the seed.

    References:
        Book section 6.2.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2], "item_id": [7, 8, 9],
        ... }))
        >>> Uniform().fit(table).recommend([0], k=2).items
        array([[ 2, -1]])
    """

    def _fit(self, interactions: Interactions) -> None:
        self.n_items_ = interactions.n_items

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return zeros, `float32[B, I]`."""
        users = self._check_users(users)
        return np.zeros((len(users), self.n_items_), dtype=np.float32)
