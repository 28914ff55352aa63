"""Recommend what a user's friends chose: nothing of himself need be known.

Book section 9.1.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.social import Relations
from recsys_ref.strategies.base import Recommender


@dataclass(eq=False)
class Social(Recommender):
    r"""Score an item by the share of a user's friends who chose it.

    Friends are few, so their share is smoothed by the share of all users:

        score(u, i) = (friends of u who chose i + smoothing x share_i)
                      / (friends of u + smoothing)

    Counted are friends who have events in the fitted table; of the others
    nothing is known. A user without such friends gets the share of all users,
    which is popularity. His own history is not looked at.

    Attributes:
        friends: Who is whose friend, over user ids. It may hold users whom
            the table does not, such as those who are yet to come, and need
            not hold all of the table's.
        smoothing: In friends, > 0: how many friends who choose like everyone
            are added to a user's own.
        shares_: `float64[I]`, the share of the users with events who chose
            each item; set by `fit`.
        histories_: Sparse `float64[F, I]`, the events of all users in
            `friends`; set by `fit`.
        ties_: Sparse `float64[U, F]`, 1 for a friend with events; set by `fit`
            and by `fold_in`.

    Raises:
        ValueError: From `fit`, if `smoothing` is not a finite number > 0.

    References:
        Book section 9.1.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": ["ann", "ann", "bob", "eve"], "item_id": [7, 8, 8, 9],
        ... }))
        >>> friends = Relations([[0, 1]], ["eve", "new"], "hand")
        >>> model = Social(friends, smoothing=1.0).fit(table)
        >>> new = Interactions([], [], [], [], ["new", "zoe"], table.item_ids)
        >>> model.fold_in(new).score([0, 1]).round(2)
        array([[0.17, 0.33, 0.67],
               [0.33, 0.67, 0.33]], dtype=float32)
    """

    friends: Relations
    smoothing: float = 5.0
    shares_: np.ndarray = field(init=False, repr=False)
    histories_: csr_array = field(init=False, repr=False)
    ties_: csr_array = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_positive("smoothing", self.smoothing)
        chosen = interactions.matrix()
        users = max(np.unique(interactions.user).size, 1)
        self.shares_ = chosen.sum(axis=0) / users
        self.histories_ = _rows(chosen, interactions.user_ids, self.friends.user_ids)
        self._tie(interactions.user_ids)

    def _fold_in(self, interactions: Interactions) -> None:
        self._tie(interactions.user_ids)

    def _tie(self, user_ids: pd.Index) -> None:
        """Store the friends of these users who have a history."""
        ties = _rows(self.friends.adjacency(), self.friends.user_ids, user_ids)
        has_history = np.diff(self.histories_.indptr) > 0
        ties = csr_array(ties * has_history[None, :].astype(np.float64))
        ties.eliminate_zeros()
        self.ties_ = ties

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the smoothed share of friends who chose, `float32[B, I]`."""
        users = self._check_users(users)
        ties = self.ties_[users]
        chose = (ties @ self.histories_).toarray() + self.smoothing * self.shares_
        friends = np.diff(ties.indptr)[:, None] + self.smoothing
        return (chose / friends).astype(np.float32)


def _rows(matrix: csr_array, has: pd.Index, wanted: pd.Index) -> csr_array:
    """Pick the rows of the wanted ids, an empty row where there is none."""
    place = has.get_indexer(wanted)
    there = np.flatnonzero(place >= 0)
    pick = csr_array(
        (np.ones(there.size), (there, place[there])), shape=(len(wanted), len(has))
    )
    return csr_array(pick @ matrix)
