"""Popularity: the same list for everyone, the baseline that must be beaten."""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


@dataclass
class Popularity(Recommender):
    """Score an item by the number of users who chose it.

    A user without events gets the same scores as everyone.

    Attributes:
        popularity_: `float32[I]`, users per item; set by `fit`.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 3], "item_id": [7, 8, 8, 9],
        ... }))
        >>> Popularity().fit(table).recommend([2], k=1).items
        array([[1]])

    References:
        Book section 3.5: what it takes to beat it.
    """

    popularity_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self.popularity_ = interactions.matrix().sum(axis=0).astype(np.float32)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the popularity of every item, once a user, `float32[B, I]`."""
        users = self._check_users(users)
        return np.tile(self.popularity_, (len(users), 1))
