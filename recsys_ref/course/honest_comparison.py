"""What the assignment `honest_comparison` hands out beside its data.

A strategy whose scores are known, so that a measurement can be checked by hand,
and a long table of what each withheld film is worth.

Book sections 3.5 and 11.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from recsys_ref.data.interactions import Interactions
from recsys_ref.ranking import PADDING, Ranking
from recsys_ref.strategies.base import Recommender


def events(
    pairs: Iterable[tuple[int, int]], n_users: int, n_items: int
) -> Interactions:
    """Return a table of (user, item) pairs over users and items from 0.

    Examples:
        >>> events([(0, 1), (1, 0)], n_users=2, n_items=3).matrix().toarray()
        array([[0., 1., 0.],
               [1., 0., 0.]])
    """
    frame = pd.DataFrame(list(pairs), columns=["user_id", "item_id"], dtype=np.int64)
    return Interactions.from_frame(
        frame, user_ids=range(n_users), item_ids=range(n_items)
    )


@dataclass(eq=False)
class FixedScores(Recommender):
    """A strategy that learns nothing and says what it was fitted on.

    Attributes:
        scores: `float[U, I]`, what it answers.
        name: To tell several apart.
        fitted: The tables that `fit` got, in order.

    Examples:
        >>> strategy = FixedScores(np.array([[0.1, 0.9, 0.5]]))
        >>> train = events([(0, 1)], n_users=1, n_items=3)
        >>> strategy.fit(train).recommend([0], k=2).items
        array([[2, 0]])
        >>> strategy.fitted == [train]
        True
    """

    scores: np.ndarray = field(repr=False)
    name: str = ""
    fitted: list[Interactions] = field(default_factory=list, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self.fitted.append(interactions)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the given rows, `float32[B, I]`."""
        users = self._check_users(users)
        return np.asarray(self.scores, dtype=np.float32)[users]


def shares_of_ndcg(rankings: Mapping[str, Ranking], test: Interactions) -> pd.DataFrame:
    """Say of each withheld item what it adds to its user's nDCG.

    At rank r of a list of K an item adds 1 / log2(r + 1), divided by the best
    sum that the user could have; outside the list it adds 0. So a user's shares
    add up to his nDCG@K.

    Args:
        rankings: Lists of several strategies, by name.
        test: The events withheld, each pair of user and item once.

    Returns:
        One row an event: `user`, `item` and a column a strategy.

    Examples:
        >>> mine = Ranking(np.array([0]), np.array([[2, 1]]), np.zeros((1, 2)))
        >>> shares_of_ndcg({"mine": mine}, events([(0, 1), (0, 0)], 1, 3)).round(3)
           user  item   mine
        0     0     1  0.387
        1     0     0  0.000
    """
    count = np.bincount(test.user, minlength=test.n_users)
    table = pd.DataFrame({"user": test.user, "item": test.item})
    for name, ranking in rankings.items():
        discount = 1 / np.log2(np.arange(ranking.k) + 2)  # [K]
        best = np.cumsum(discount)[np.clip(count, 1, ranking.k) - 1]  # [U]
        worth = np.zeros((test.n_users, test.n_items))
        row, place = np.nonzero(ranking.items != PADDING)
        worth[ranking.users[row], ranking.items[row, place]] = discount[place]
        table[name] = worth[test.user, test.item] / best[test.user]
    return table
