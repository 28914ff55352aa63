"""Clicks per look: popularity that does not favor what was shown more often."""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


@dataclass(eq=False)
class ClickRate(Recommender):
    r"""Score an item by its clicks, divided by the looks that it got.

    .. math:: \text{score}(i) = \ln \frac{c_i + m r}{s_i + m} - \ln r,

    with the clicks c and the looks s of item i and the rate r of all items
    together. The prior of m looks keeps two clicks on two looks from being the best
    news of the day. An item that nobody has looked at gets 0, the average; so does
    every item where there are no clicks or no looks at all.

    Attributes:
        looks: What was shown, one event a place, with the chance of a look as its
            value, >= 0; such as `Impressions.looks`. The items are those of the
            events. Looks later than the last event are not known yet, and left out.
        prior: m, in looks, > 0.
        rate_: `float32[I]`, the scores; set by `fit`.

    Raises:
        ValueError: From `fit`, if the looks are of other items or negative, or
            `prior` is not positive.

    References:
        Book section 6.4; section 6 takes the place out of clicks.

    Examples:
        >>> from recsys_ref.data.impressions import Impressions
        >>> pages = Impressions.from_lists(
        ...     ["a", "b", "a"], [0, 1, 2], [[0, 1], [0, 1], [0, 2]],
        ...     [[True, False], [False, True], [False, False]],
        ...     item_ids=["N1", "N2", "N3"])
        >>> looks = pages.looks(np.array([1.0, 0.5]))
        >>> ClickRate(looks, prior=1.0).fit(pages.clicks()).score([0]).round(2)
        array([[-0.18,  0.22,  0.  ]], dtype=float32)
    """

    looks: Interactions = field(repr=False)
    prior: float = 10.0
    rate_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_positive("prior", self.prior)
        if not interactions.item_ids.equals(self.looks.item_ids):
            raise ValueError(
                f"looks: must have the {interactions.n_items} items of the events in "
                f"their order, got {self.looks.n_items} others"
            )
        if (self.looks.value < 0).any():
            raise ValueError(f"looks: must be >= 0, got {self.looks.value.min()}")
        n_items, time = interactions.n_items, interactions.timestamp
        known = self.looks.timestamp <= (time.max() if time.size else -np.inf)
        seen = np.bincount(self.looks.item[known], self.looks.value[known], n_items)
        clicks = np.bincount(interactions.item, minlength=n_items)
        self.rate_ = np.zeros(n_items, dtype=np.float32)
        if clicks.any() and seen.any():
            rate = clicks.sum() / seen.sum()
            smooth = (clicks + self.prior * rate) / (seen + self.prior)
            self.rate_ = np.log(smooth / rate).astype(np.float32)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the score of every item, once a user, `float32[B, I]`."""
        users = self._check_users(users)
        return np.tile(self.rate_, (len(users), 1))
