"""New items: what their text says, in the terms of those that are known.

Book section 9.1.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from recsys_ref.data.checks import check_positive
from recsys_ref.data.features import popularity
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.vectors import check_vectors
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.calibration import match_scale
from recsys_ref.strategies.ease import EASE


def text_map(
    warm: np.ndarray, cold: np.ndarray, *, l2: float, width: float | None = None
) -> np.ndarray:
    r"""Weigh warm items so that their weighted sum stands for a cold one.

    A ridge regression from vectors to targets, with an intercept, is linear
    in the targets: what it predicts of a cold item is a sum over the warm
    ones. So the weights are found once and serve any target: score columns,
    columns of weights, item factors, counts. With k the inner product of
    vectors (less the mean of the warm ones) or a Gaussian of their distance,

        (k(warm, warm) + l2 I)^-1 k(warm, cold),

    plus in every column the same number, which makes its sum 1.

    Args:
        warm: `float[W, D]`, vectors of the items with events.
        cold: `float[C, D]`, of those without.
        l2: Ridge strength, > 0, in units of k.
        width: Standard deviation of the Gaussian, > 0, in units of the
            vectors. None: inner products, that is a linear map.

    Returns:
        `float64[W, C]`. Costs O(W^3 + W^2 C) time. If all vectors are equal
        each weight is 1 / W: every cold item is the average one.

    Raises:
        ValueError: If `l2` or `width` is not positive and finite, or the
            vectors are no finite `float[N, D]` of one D.

    References:
        Gantner et al. (2010), https://doi.org/10.1109/ICDM.2010.129, learn
        the map to item factors.

    Examples:
        >>> warm, cold = np.array([[-1.0], [0.0], [1.0]]), np.array([[1.0], [3.0]])
        >>> columns = np.array([[2.0, 4.0, 6.0]])  # 4 + 2 x
        >>> (columns @ text_map(warm, cold, l2=1e-9)).round(3)
        array([[ 6., 10.]])
    """
    check_positive("l2", l2)
    if width is not None:
        check_positive("width", width)
    warm, cold = check_vectors("warm", warm), check_vectors("cold", cold)
    if warm.shape[1] != cold.shape[1]:
        raise ValueError(f"cold: must have length {warm.shape[1]}, got {cold.shape[1]}")
    if not len(warm) or not len(cold):
        return np.zeros((len(warm), len(cold)))
    mean = warm.mean(axis=0, dtype=np.float64)
    warm, cold = warm - mean, cold - mean
    ridge = _kernel(warm, warm, width)
    ridge.flat[:: len(ridge) + 1] += l2
    weights = cho_solve(cho_factor(ridge), _kernel(warm, cold, width))
    return weights + (1 - weights.sum(axis=0)) / len(warm)


def _kernel(a: np.ndarray, b: np.ndarray, width: float | None) -> np.ndarray:
    product = a @ b.T
    if width is None:
        return product
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * product
    return np.exp(np.maximum(squared, 0) / (-2 * width**2))


@dataclass(eq=False)
class ColdStart(Recommender):
    """Score warm items by their behaviour, cold ones by a map from text to it.

    Warm is an item with a training event. The scores that a behavioural
    model gives to warm items are the targets; `text_map` carries them over to
    cold items, of which nothing but a vector is known. The language model
    that made the vector stays as it is: what is learned is the map.

    A user without events gets what the behavioural model gives him (EASE: 0
    everywhere) and the prior. An item whose vector is that of the average
    item, such as one without a text after `content.blocks.stack_blocks`, gets
    about the average column. Without cold items it is the behavioural model,
    and without warm ones all scores are 0.

    Attributes:
        item_vectors: `float[I, D]`, finite, of warm and cold items.
        behaviour: What learns from the events; a copy of it is fitted.
        l2: See `text_map`.
        width: See `text_map`.
        prior: Weight of log(1 + n_i), in units of the score, where n_i is the
            number of users of a warm item; of a cold one the map predicts
            the logarithm.
        offset: None: cold scores stay as predicted, fit to rank cold items
            among themselves. A number: they are brought to the scale of the
            warm ones and lifted by it, see `calibration.match_scale`.
        behaviour_: The fitted behavioural model; set by `fit`.
        cold_: `bool[I]`, which items have no event; set by `fit`.
        map_: `float32[W, C]`, see `text_map`; set by `fit`.
        prior_: `float32[I]`; set by `fit`.

    Raises:
        ValueError: From `fit`, if the vectors do not fit the events or a
            hyperparameter is out of its range.

    References:
        Gantner et al. (2010), https://doi.org/10.1109/ICDM.2010.129

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3], "item_id": [7, 8, 7, 8, 9],
        ... }), item_ids=[7, 8, 9, 10])
        >>> vectors = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [1.0, 0.1]])
        >>> model = ColdStart(vectors, EASE(l2=1.0), l2=0.1).fit(table)
        >>> model.recommend([0, 2], k=1, candidates=[3]).scores.round(2)
        array([[0.65],
               [0.  ]], dtype=float32)
    """

    item_vectors: np.ndarray = field(repr=False)
    behaviour: Recommender = field(default_factory=EASE)
    l2: float = 1.0
    width: float | None = None
    prior: float = 0.0
    offset: float | None = None
    behaviour_: Recommender = field(init=False, repr=False)
    cold_: np.ndarray = field(init=False, repr=False)
    map_: np.ndarray = field(init=False, repr=False)
    prior_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        vectors = check_vectors(
            "item_vectors", self.item_vectors, rows=interactions.n_items
        )
        for name in ("prior", "offset"):
            value = getattr(self, name)
            if not np.isfinite(value or 0.0):
                raise ValueError(f"{name}: must be finite, got {value}")
        count = popularity(interactions)
        cold = count == 0
        carry = text_map(vectors[~cold], vectors[cold], l2=self.l2, width=self.width)
        prior = np.log1p(count)
        prior[cold] = prior[~cold] @ carry
        self.prior_ = (self.prior * prior).astype(np.float32)
        self.cold_, self.map_ = cold, carry.astype(np.float32)
        self.behaviour_ = replace(self.behaviour).fit(interactions)

    def _fold_in(self, interactions: Interactions) -> None:
        self.behaviour_ = self.behaviour_.fold_in(interactions)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the scores of warm and cold items, `float32[B, I]`."""
        users = self._check_users(users)
        scores = np.array(self.behaviour_.score(users))
        scores[:, self.cold_] = scores[:, ~self.cold_] @ self.map_
        scores += self.prior_
        if self.offset is None:
            return scores
        seen = self.seen_[users]
        return match_scale(scores, self.cold_, seen, offset=self.offset)
