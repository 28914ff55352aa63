"""The article's formula: R = U V^T.

Book section 3.4; section 4.1 works an example by hand.
"""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.features import popularity
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.vectors import check_vectors, unit_rows
from recsys_ref.profiles.behaviour import Weighting, last_events, profile
from recsys_ref.strategies.base import Recommender


@dataclass(eq=False)
class DotProduct(Recommender):
    r"""Score an item by the inner product of its vector with the user's.

    score(u, i) = u . v_i + prior x log(1 + n_i), where n_i is the number of
    training users of item i. Where the user's vector comes from: given, or
    the profile of his history. A user without events has the zero vector,
    so he is scored by the prior alone, and without one 0 for every item.

    Attributes:
        item_vectors: V, `float[I, D]`, finite.
        user_vectors: U, `float[U, D]`, finite, such as encoded textual
            profiles. None: profiles are made from the training events, and
            the next three say how.
        weighting: See `profiles.behaviour.history_weights`.
        half_life: See there.
        last: How many of a user's last events make his profile. None: all.
        cosine: Whether to bring all vectors to length 1 first; zeros stay.
        prior: Weight of log popularity, in units of the product. 0: none.
        rng: Seed that orders events of the same second for `last`.
        user_vectors_: `float32[U, D]`; set by `fit`.
        item_vectors_: `float32[I, D]`; set by `fit`.
        prior_: `float32[I]`; set by `fit`.

    Raises:
        ValueError: From `fit`, if a shape does not fit the events, a number
            is not finite, or a hyperparameter is out of its range; from
            `fold_in`, if `user_vectors` were given.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 2], "item_id": [7, 9],
        ... }), item_ids=[7, 8, 9, 10])
        >>> vectors = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
        >>> DotProduct(vectors).fit(table).recommend([0, 1], k=1).items
        array([[1],
               [3]])
    """

    item_vectors: np.ndarray = field(repr=False)
    user_vectors: np.ndarray | None = field(default=None, repr=False)
    weighting: Weighting = "mean"
    half_life: float | None = None
    last: int | None = None
    cosine: bool = False
    prior: float = 0.0
    rng: int = 0
    user_vectors_: np.ndarray = field(init=False, repr=False)
    item_vectors_: np.ndarray = field(init=False, repr=False)
    prior_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        if not np.isfinite(self.prior):
            raise ValueError(f"prior: must be finite, got {self.prior}")
        items = check_vectors(
            "item_vectors", self.item_vectors, rows=interactions.n_items
        )
        users = self._users(interactions, items)
        if self.cosine:
            items, users = unit_rows(items), unit_rows(users)
        prior = self.prior * np.log1p(popularity(interactions))
        self.item_vectors_ = items.astype(np.float32)
        self.user_vectors_ = users.astype(np.float32)
        self.prior_ = prior.astype(np.float32)

    def _fold_in(self, interactions: Interactions) -> None:
        if self.user_vectors is not None:
            raise ValueError(
                "user_vectors: were given, one a user of the fitted table, so there "
                f"are none for the {interactions.n_users} users to fold in; fit anew"
            )
        users = self._users(
            interactions, check_vectors("item_vectors", self.item_vectors)
        )
        users = unit_rows(users) if self.cosine else users
        self.user_vectors_ = users.astype(np.float32)

    def _users(self, interactions: Interactions, items: np.ndarray) -> np.ndarray:
        if self.user_vectors is None:
            if self.last is not None:
                interactions = last_events(interactions, self.last, rng=self.rng)
            return profile(
                interactions, items, weighting=self.weighting, half_life=self.half_life
            )
        users = check_vectors(
            "user_vectors", self.user_vectors, rows=interactions.n_users
        )
        if users.shape[1] != items.shape[1]:
            raise ValueError(
                f"user_vectors: must have length {items.shape[1]}, as item_vectors, "
                f"got {users.shape[1]}"
            )
        return users

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return U V^T and the prior, `float32[B, I]`."""
        users = self._check_users(users)
        return self.user_vectors_[users] @ self.item_vectors_.T + self.prior_
