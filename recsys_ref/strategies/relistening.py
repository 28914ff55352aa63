"""What was heard lately and often will be heard again. Book section 6.5."""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_not_negative
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.order import places
from recsys_ref.strategies.base import Recommender


@dataclass(eq=False)
class Relistening(Recommender):
    r"""Score an item by how often and how lately its user had it.

    The score is a sum over his events of the item,

    .. math:: \mathrm{score}(u, i) = \frac{1}{Z_u}
              \sum_{e \in E_{ui}} \mathrm{age}(e)^{-d},

    where the age of an event is its number counted back from his last one, 1
    for the last, and Z makes his scores sum to 1. Events of one second stand
    in the order of the table. What he never had gets 0, and so does everything
    for a user without events. To be of use it must be allowed to recommend
    what was seen: `recommend(..., exclude_seen=False)`.

    Attributes:
        decay: d, >= 0. 0 counts; the larger, the more the last events count.
        heard_: Sparse `float32[U, I]`, the scores; set by `fit` and `fold_in`.

    Raises:
        ValueError: From `fit`, if `decay` is negative.

    References:
        The decay by a power of the age is the base-level activation of the
        memory model ACT-R, used for music by Reiter-Haas et al. (RecSys 2021,
        pages 702-707), https://github.com/socialcomplab/recsys21-relistening-actr,
        with ages in time.

    Examples:
        >>> table = Interactions(
        ...     [0, 0, 0, 0], [0, 1, 1, 2], [1, 1, 1, 1], [0, 1, 2, 3], ["ann"],
        ...     ["a", "b", "c", "d"])
        >>> Relistening(decay=1.0).fit(table).score([0]).round(2)
        array([[0.12, 0.4 , 0.48, 0.  ]], dtype=float32)
    """

    decay: float = 0.5
    heard_: csr_array = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_not_negative("decay", self.decay)
        self._fold_in(interactions)

    def _fold_in(self, interactions: Interactions) -> None:
        place, count = places(interactions.user, interactions.timestamp)
        weight = (count - place).astype(np.float64) ** -self.decay
        total = np.bincount(interactions.user, weight, interactions.n_users)
        share = weight / total[interactions.user]
        self.heard_ = interactions.matrix(share).astype(np.float32)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return each item's share of a user's memory, `float32[B, I]`."""
        users = self._check_users(users)
        return self.heard_[users].toarray()
