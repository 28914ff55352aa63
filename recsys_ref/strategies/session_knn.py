"""Sessions like this one went on like this: neighbours among sessions.

A session takes the place of a user, in a table with a row for each session.
Book section 6.5.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.profiles.behaviour import history_weights
from recsys_ref.strategies.base import Recommender


@dataclass(eq=False)
class SessionKNN(Recommender):
    """Score items by the fitted sessions that are most like the given one.

    Likeness is the cosine of the sessions' items; in the given session recent
    items may count more. The score of an item is the summed likeness of the
    neighbours that hold it. Of a fitted session it is itself a neighbour, which
    adds to items that it has already. A session without items gets the score 0
    for everything.

    Attributes:
        neighbours: How many sessions count, at least 1; more where likeness
            is equal at the border.
        half_life: In events, > 0: after how many later ones an item of the
            given session counts half. None: all count alike.
        sessions_: Sparse `float64[S, I]`, the fitted sessions, of length 1; set
            by `fit`.
        history_: Sparse `float64[U, I]`, the sessions to be continued; set by
            `fit` and `fold_in`.

    Raises:
        ValueError: From `fit`, if `neighbours` is no such number or
            `half_life` is not positive.

    References:
        Ludewig and Jannach (2018), Evaluation of session-based recommendation
        algorithms, User Modeling and User-Adapted Interaction 28, 331-390.

    Examples:
        >>> table = Interactions(
        ...     [0, 0, 1, 1, 2], [0, 1, 0, 1, 2], [1] * 5, [0] * 5,
        ...     ["s", "t", "u"], ["a", "b", "c"])
        >>> begun = Interactions([0], [0], [1], [0], ["now"], table.item_ids)
        >>> SessionKNN(neighbours=2).fit(table).fold_in(begun).recommend([0], k=1).items
        array([[1]])
    """

    neighbours: int = 100
    half_life: float | None = None
    sessions_: csr_array = field(init=False, repr=False)
    history_: csr_array = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_whole_number("neighbours", self.neighbours, 1)
        self._fold_in(interactions)
        self.sessions_ = _unit_rows(interactions.matrix())

    def _fold_in(self, interactions: Interactions) -> None:
        if self.half_life is None:
            self.history_ = _unit_rows(interactions.matrix())
        else:
            weights = history_weights(interactions, "order", half_life=self.half_life)
            self.history_ = _unit_rows(weights)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return summed likenesses, `float32[B, I]`."""
        users = self._check_users(users)
        likeness = (self.history_[users] @ self.sessions_.T).toarray()  # [B, S]
        n_sessions = likeness.shape[1]
        if self.neighbours < n_sessions:
            place = n_sessions - self.neighbours
            border = np.partition(likeness, place, axis=1)[:, place]
            likeness[likeness < border[:, None]] = 0.0
        holds = (self.sessions_ != 0).astype(np.float64)
        return (likeness @ holds).astype(np.float32)


def _unit_rows(matrix: csr_array) -> csr_array:
    """Bring each row to length 1; an empty one stays."""
    length = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return csr_array(matrix.multiply(scale[:, None]))
