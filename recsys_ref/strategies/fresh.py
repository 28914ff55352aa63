"""Freshness: what another strategy says, weighed against the age of an item.

Book section 6.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


@dataclass(eq=False)
class Fresh(Recommender):
    r"""Add an item's freshness to the score of another strategy.

    If interest falls by half in every half-life h, an item of age a is worth
    2^(-a / h) of what it was, and taking logarithms turns the product into a sum:

    .. math:: \text{score}(u, i) = w\, s(u, i) - a_i / h.

    So w says how many half-lives of age a unit of s makes good. All items grow old at
    the same pace, so the difference of two of them never changes: the order does not
    depend on when it is asked for, and `a` is taken up to the latest item. What has
    not been published at that time must be kept out by `candidates`.

    Attributes:
        inner: What learns from the events; a copy of it is fitted.
        published: `float[I]`, when each item appeared, in seconds; finite.
        half_life: h, in seconds, > 0; infinite: age does not count.
        weight: w, in half-lives (nothing else where `half_life` is infinite). 0: the
            newest first.
        inner_: The fitted strategy; set by `fit`.
        freshness_: `float32[I]`, -a / h; set by `fit`.

    Raises:
        ValueError: From `fit`, if `published` does not fit the events or a
            hyperparameter is out of its range.

    References:
        Chakraborty et al. (2017), https://doi.org/10.1145/3038912.3052656, on what
        recency and relevance cost each other.

    Examples:
        >>> import pandas as pd
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 2, 3], "item_id": [7, 7, 8]}))
        >>> Fresh(Popularity(), [0, 7200], half_life=3600).fit(table).score([0])
        array([[0., 1.]], dtype=float32)
    """

    inner: Recommender
    published: Sequence[float] = field(repr=False)
    half_life: float = 6 * 3600.0
    weight: float = 1.0
    inner_: Recommender = field(init=False, repr=False)
    freshness_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        published = np.asarray(self.published, dtype=np.float64)
        if published.shape != (interactions.n_items,):
            raise ValueError(
                f"published: must have shape [{interactions.n_items}], got "
                f"{published.shape}"
            )
        if not np.isfinite(published).all() or not np.isfinite(self.weight):
            raise ValueError("published, weight: must be finite")
        if self.half_life != np.inf:
            check_positive("half_life", self.half_life)
        age = published.max() - published
        self.freshness_ = (-age / self.half_life).astype(np.float32)
        self.inner_ = replace(self.inner).fit(interactions)

    def _fold_in(self, interactions: Interactions) -> None:
        self.inner_ = self.inner_.fold_in(interactions)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the weighted score and the freshness, `float32[B, I]`."""
        users = self._check_users(users)
        return np.float32(self.weight) * self.inner_.score(users) + self.freshness_
