"""Recommenders whose learned part is differentially private.

What is private is what was learned of the items, the part that is published or
served to others. A user's own list is made from it and from his own history,
which only he gets to see.

Book section 8.1.
"""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.checks import check_positive, check_share, check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.privacy.differential import (
    clip_rows,
    denoised,
    gaussian_sigma,
    noisy_gram,
    noisy_sums,
)
from recsys_ref.strategies.base import Recommender


@dataclass
class PrivatePopularity(Recommender):
    """Score an item by a noisy number of users, each of whom counts for one.

    A user's row is clipped to length 1, so that the many items of an active
    user count less. All users get the same scores.

    Attributes:
        epsilon: > 0; infinite for no noise.
        delta: In (0, 1), less than one in the number of users.
        rng: Seed of the noise. A secret: who knows it can take the noise off.
        counts_: `float64[I]`, noisy; set by `fit`.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 3], "item_id": [7, 8, 8, 9],
        ... }))
        >>> PrivatePopularity(epsilon=float("inf")).fit(table).counts_.round(2)
        array([0.71, 1.71, 1.  ])
    """

    epsilon: float = 1.0
    delta: float = 1e-4
    rng: np.random.Generator | int = 0
    counts_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        sigma = gaussian_sigma(self.epsilon, self.delta)
        self.counts_ = noisy_sums(interactions.matrix(), 1.0, sigma, self.rng)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the noisy counts, once a user, `float32[B, I]`."""
        users = self._check_users(users)
        return np.tile(self.counts_.astype(np.float32), (len(users), 1))


@dataclass
class PrivateEASE(Recommender):
    """EASE from noisy counts of a few popular items.

    Two releases, which share the budget: the items' counts, which choose the
    items, and the Gram matrix of those items, its users' rows clipped. The
    rest is post-processing: eigenvalues that drown in the noise are removed
    (`denoised`) and the weights of EASE are computed. Items that were not
    chosen come last, in the order of their counts.

    Fewer items mean less noise: the largest eigenvalue of the noise grows with
    the square root of their number.

    Attributes:
        epsilon: > 0; infinite for no noise.
        delta: In (0, 1), less than one in the number of users.
        clip: The longest row among the chosen items, > 0. A row of ones is left
            as it is up to clip^2 items.
        n_items: How many items are chosen, at least 1; all, if there are fewer.
        l2: Ridge strength, in users, > 0.
        count_share: Share of 1 / sigma^2 that the counts get, in (0, 1).
        rng: Seed of the noise. A secret: who knows it can take the noise off.
        sigmas_: Noise per unit of sensitivity of counts and Gram; set by `fit`.
        counts_: `float64[I]`, noisy; set by `fit`.
        items_: `int64[n_items]`, those chosen, by count; set by `fit`.
        gram_: `float64[n_items, n_items]`, as released; set by `fit`.
        weights_: `float32[n_items, n_items]`; set by `fit`.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range.

    References:
        McSherry and Mironov (2009), https://doi.org/10.1145/1557019.1557090,
        for the plan: private counts once, then any recommender from them.
    """

    epsilon: float = 4.0
    delta: float = 1e-4
    clip: float = 2.0
    n_items: int = 200
    l2: float = 10.0
    count_share: float = 0.1
    rng: np.random.Generator | int = 0
    sigmas_: tuple[float, float] = field(init=False, repr=False)
    counts_: np.ndarray = field(init=False, repr=False)
    items_: np.ndarray = field(init=False, repr=False)
    gram_: np.ndarray = field(init=False, repr=False)
    weights_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_positive("clip", self.clip)
        check_positive("l2", self.l2)
        check_whole_number("n_items", self.n_items, 1)
        check_share("count_share", self.count_share)
        sigma = gaussian_sigma(self.epsilon, self.delta)
        shares = np.array([self.count_share, 1 - self.count_share])
        self.sigmas_ = tuple((sigma / np.sqrt(shares)).tolist())
        rng = np.random.default_rng(self.rng)
        matrix = interactions.matrix()
        self.counts_ = noisy_sums(matrix, 1.0, self.sigmas_[0], rng)
        self.items_ = np.argsort(-self.counts_, kind="stable")[: self.n_items]
        rows = matrix[:, self.items_]
        self.gram_ = noisy_gram(rows, self.clip, self.sigmas_[1], rng)
        edge = self.clip**2 * self.sigmas_[1] * np.sqrt(2 * len(self.items_))
        inverse = denoised(self.gram_, edge)
        inverse.flat[:: len(inverse) + 1] += self.l2
        inverse = np.linalg.inv(inverse)
        weights = -inverse / inverse.diagonal()
        np.fill_diagonal(weights, 0.0)
        self.weights_ = weights.astype(np.float32)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return scores as of EASE; items not chosen below them, `float32[B, I]`."""
        users = self._check_users(users)
        seen = self.seen_[users][:, self.items_].astype(np.float32)
        chosen = seen @ self.weights_
        place = np.empty(len(self.counts_), dtype=np.float32)
        place[np.argsort(-self.counts_, kind="stable")] = np.linspace(
            0, 1, len(self.counts_), dtype=np.float32
        )
        scores = chosen.min(axis=1, keepdims=True, initial=0) - 1 - place
        scores[:, self.items_] = chosen
        return scores


def exposure(model: PrivateEASE, interactions: Interactions) -> np.ndarray:
    r"""Attack a private model as one who knows every user but one.

    For each user the attacker knows all others of the training part. He takes
    them off both releases; what is left is noise, or noise and the user. The
    statistic is the log likelihood ratio, the best that there is.

    Args:
        model: Fitted, with noise. Its releases are attacked.
        interactions: All users, in the order of those fitted. Whoever has no
            events in the fitted table was not in it; whoever has some, has all.

    Returns:
        `float64[U]`, higher for members. Over many releases its AUC is at most
        `attack_ceiling`, which is met by users whose rows are as long as the
        clips. Within one release the noise moves users of like taste together,
        so that pairs of them are told apart more often.

    Raises:
        RuntimeError: If `fit` has not been called.
    """
    users = model._check_users(np.arange(interactions.n_users))
    member = model.seen_[users].sum(axis=1) > 0
    whole = interactions.matrix()
    ratio = np.zeros(len(users))
    rows = clip_rows(whole, 1.0)
    known = noisy_sums(model.seen_, 1.0, 0.0, 0)
    ratio += _ratio(
        rows @ (model.counts_ - known) + member * (rows**2).sum(axis=1),
        (rows**2).sum(axis=1),
        model.sigmas_[0],
    )
    rows = clip_rows(whole[:, model.items_], model.clip)
    rest = model.gram_ - noisy_gram(model.seen_[:, model.items_], model.clip, 0.0, 0)
    size = (rows**2).sum(axis=1) ** 2
    along = (rows @ rest * rows).sum(axis=1) + member * size
    return ratio + _ratio(along, size, model.clip**2 * model.sigmas_[1])


def _ratio(along: np.ndarray, size: np.ndarray, scale: float) -> np.ndarray:
    """Return log N(y; d, scale) / N(y; 0, scale), along = y . d, size = d . d."""
    return (along - size / 2) / scale**2
