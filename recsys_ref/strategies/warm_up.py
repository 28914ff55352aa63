"""Trust the history more, the longer it is.

Book section 9.1.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.standardized import standardized


@dataclass(eq=False)
class WarmUp(Recommender):
    r"""Mix strategies by weights that depend on how much is known of a user.

    score(u, i) = sum over m of weight_m(n_u) z(score_m(u, i))

    where n_u is the number of items in the history of user u, and z takes the
    mean over all items away and divides by the standard deviation, so that the
    parts are in one unit. A part that scores all items alike gives 0, as EASE
    does for a user without events: the others then decide.

    Attributes:
        parts: M strategies. Copies are fitted; they stay as they are.
        weights: For a number of known items, the M weights that hold from
            there on. It must say what holds from 0 on.
        parts_: The M fitted strategies; set by `fit`.

    Raises:
        ValueError: From `fit`, if weights are missing for 0, are not M finite
            numbers, or a number of items is not whole.

    References:
        Book section 9.1 chooses the weights on validation users.

    Examples:
        >>> import pandas as pd
        >>> from recsys_ref.strategies.ease import EASE
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 8, 9],
        ... }), user_ids=[1, 2, 3, 4, 5])
        >>> mixed = WarmUp([Popularity(), EASE(1.0)], {0: (1, 0), 1: (0, 1)})
        >>> mixed.fit(table).recommend([2, 4], k=1).items
        array([[0],
               [1]])
    """

    parts: Sequence[Recommender]
    weights: Mapping[int, Sequence[float]]
    parts_: list[Recommender] = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self._check()
        self.parts_ = [copy(part).fit(interactions) for part in self.parts]

    def _fold_in(self, interactions: Interactions) -> None:
        self.parts_ = [part.fold_in(interactions) for part in self.parts_]

    def _check(self) -> None:
        if 0 not in self.weights:
            raise ValueError(f"weights: must have some from 0 on, got {self.weights}")
        for known, given in self.weights.items():
            if not isinstance(known, (int, np.integer)) or known < 0:
                raise ValueError(f"weights: must be for whole numbers, got {known!r}")
            row = np.asarray(given, dtype=np.float64)
            if row.shape != (len(self.parts),) or not np.isfinite(row).all():
                raise ValueError(
                    f"weights: must be {len(self.parts)} finite numbers, one a part, "
                    f"got {given} from {known} on"
                )

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the weighted sum of the standardized scores, `float32[B, I]`."""
        users = self._check_users(users)
        known = np.diff(self.seen_.indptr)[users]
        steps = np.array(sorted(self.weights))
        rows = np.array([self.weights[step] for step in steps], dtype=np.float64)
        weights = rows[np.searchsorted(steps, known, side="right") - 1]  # [B, M]
        scores = np.zeros((len(users), self.seen_.shape[1]))
        for part, weight in zip(self.parts_, weights.T, strict=True):
            scores += weight[:, None] * standardized(part.score(users))
        return scores.astype(np.float32)
