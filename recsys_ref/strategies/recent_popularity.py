"""Recent popularity: what is being read now, the baseline of a newsroom."""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


@dataclass
class RecentPopularity(Recommender):
    """Score an item by its events, of which older ones count less.

    With n_i the sum of 2^(-age / half_life) over the events of item i, the score is
    log(1 + n_i), the same for everyone. The age is up to the last event of the
    table; items in one order at one time are in that order later too.

    Attributes:
        half_life: In seconds, > 0; infinite: all events count alike.
        popularity_: `float32[I]`, the scores; set by `fit`.

    Raises:
        ValueError: From `fit`, if `half_life` is not positive.

    References:
        Book section 6.4.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 2, 3], "item_id": [7, 7, 8], "timestamp": [0, 0, 7200],
        ... }))
        >>> RecentPopularity(half_life=3600).fit(table).score([0]).round(2)
        array([[0.41, 0.69]], dtype=float32)
    """

    half_life: float = 6 * 3600.0
    popularity_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        if self.half_life != np.inf:
            check_positive("half_life", self.half_life)
        time = interactions.timestamp
        weight = np.exp2((time - time.max(initial=0)) / self.half_life)
        count = np.bincount(interactions.item, weight, interactions.n_items)
        self.popularity_ = np.log1p(count).astype(np.float32)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the score of every item, once a user, `float32[B, I]`."""
        users = self._check_users(users)
        return np.tile(self.popularity_, (len(users), 1))
