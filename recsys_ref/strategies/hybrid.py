"""A hybrid at the level of scores: what several strategies say, added up.

Book section 9.2.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.standardized import standardized


def blend(parts: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """Add up standardized scores, `float[B, I]` each, to `float32[B, I]`."""
    total = np.zeros(np.shape(parts[0]), dtype=np.float32)
    for scores, weight in zip(parts, weights, strict=True):
        total += np.float32(weight) * standardized(scores)
    return total


@dataclass(eq=False)
class Hybrid(Recommender):
    """Rank by a weighted sum of the standardized scores of other strategies.

    Scores of two strategies have no common unit; what they share is how far
    an item stands above the user's other items, in standard deviations. A
    part that gives all of a user's items one score (he has no events, the
    part has no text) leaves him to the others.

    Attributes:
        parts: Strategies, at least one. `fit` fits copies of them.
        weights: One for each part, finite.
        standardize: Whether to standardize. False for parts that share a unit, such
            as log odds: then they are added up as they are. Book section 6.4.
        parts_: The fitted copies; set by `fit`.

    Raises:
        ValueError: From `fit`, if there are no parts, the weights are not as
            many or not finite, or a part refuses.

    References:
        Burke (2002), https://doi.org/10.1023/A:1021240730564: the weighted
        hybrid.

    Examples:
        >>> import pandas as pd
        >>> from recsys_ref.strategies.ease import EASE
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> both = Hybrid([EASE(l2=1.0), Popularity()], weights=[1.0, 0.1])
        >>> both.fit(table).recommend([2], k=1).items
        array([[1]])
    """

    parts: Sequence[Recommender]
    weights: Sequence[float]
    standardize: bool = True
    parts_: tuple[Recommender, ...] = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        weights = np.asarray(self.weights, dtype=np.float64)
        if not len(self.parts) or weights.shape != (len(self.parts),):
            raise ValueError(
                f"weights: must be one for each of the {len(self.parts)} parts "
                f"(at least one), got shape {weights.shape}"
            )
        if not np.isfinite(weights).all():
            raise ValueError(f"weights: must be finite, got {self.weights}")
        self.parts_ = tuple(copy(part).fit(interactions) for part in self.parts)

    def _fold_in(self, interactions: Interactions) -> None:
        self.parts_ = tuple(part.fold_in(interactions) for part in self.parts_)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the blended scores, in standard deviations, `float32[B, I]`."""
        users = self._check_users(users)
        parts = [part.score(users) for part in self.parts_]
        if self.standardize:
            return blend(parts, self.weights)
        return sum(np.float32(w) * p for w, p in zip(self.weights, parts, strict=True))
