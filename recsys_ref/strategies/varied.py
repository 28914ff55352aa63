"""A dial for variety in front of any strategy. Book section 6.2."""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.ranking import Ranking
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.mmr import mmr


@dataclass(eq=False)
class Varied:
    """Let a strategy propose many items, and pick a varied list by MMR.

    Attributes:
        first: A fitted strategy.
        vectors: `float[I, D]`, what the items are; alike vectors, alike items.
        weight: Of the first strategy's order, in [0, 1], see `mmr`. 1: its
            list as it is.
        pool: How many items it proposes, at least the length of the list.

    References:
        Book section 6.2.

    Examples:
        >>> import pandas as pd
        >>> from recsys_ref.data.interactions import Interactions
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 1, 2, 2, 3], "item_id": [7, 8, 9, 7, 8, 7],
        ... }), user_ids=[1, 2, 3, 4])
        >>> topics = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> model = Popularity().fit(table)
        >>> model.recommend([3], k=2).items, Varied(model, topics, 0.2).recommend(
        ...     [3], k=2).items
        (array([[0, 1]]), array([[0, 2]]))
    """

    first: Recommender
    vectors: np.ndarray = field(repr=False)
    weight: float = 0.7
    pool: int = 100

    def recommend(
        self,
        users: np.ndarray,
        *,
        k: int = 10,
        candidates: np.ndarray | None = None,
        rng: np.random.Generator | int = 0,
    ) -> Ranking:
        """Rank k varied items for each user.

        Args:
            users: `int64[B]`, user indices.
            k: Length of each list.
            candidates: `int64[C]`, the only items to offer. Default: all.
            rng: Seed that breaks ties of the first strategy.

        Raises:
            ValueError: If `pool` < `k`, or as the strategy and `mmr`.
        """
        check_whole_number("pool", self.pool, k)
        proposed = self.first.recommend(
            users, k=self.pool, candidates=candidates, rng=rng
        )
        return mmr(proposed, self.vectors, k=k, weight=self.weight)
