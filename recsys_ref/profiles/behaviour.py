"""Behaviour profiles: a user as the weighted mean of what he chose.

U = W V, where row u of W says how much each event of user u counts.

Book section 3.2.
"""

from typing import Literal, get_args

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.order import places
from recsys_ref.data.vectors import check_vectors

Weighting = Literal["mean", "value", "rating", "recency", "order"]
DECAYS = ("recency", "order")


def history_weights(
    interactions: Interactions,
    weighting: Weighting = "mean",
    *,
    half_life: float | None = None,
) -> csr_array:
    """Say how much each item counts in each user's profile.

    An event of user u weighs, before each row is divided by the sum of its
    absolute weights:

        mean      1
        value     its value
        rating    its value less the mean of the user's values: what he
                  liked less than usual counts against its like
        recency   2^(-a / half_life), a the seconds to his last event
        order     2^(-b / half_life), b the number of his events after it;
                  events of one second share their mean place

    Repeated events of an item add up. A row of zeros cannot be divided: a
    user whose values are all alike (or all 0, under "value") shows no
    preference, and counts as under "mean".

    Args:
        interactions: X, the training part.
        weighting: One of the names above.
        half_life: For "recency", in seconds, and "order", in events; > 0.

    Returns:
        Sparse `float64[U, I]`. Absolute values sum to 1 in each row (to less
        where repeated events cancel); a user without events has an empty row.

    Raises:
        ValueError: If `weighting` is no such name, `half_life` is missing,
            not positive or not asked for, or a value is negative under
            "value".

    Examples:
        >>> x = Interactions(
        ...     [0, 0, 0], [0, 1, 2], [5, 4, 1], [0, 60, 120], ["ann"], [7, 8, 9])
        >>> history_weights(x, "order", half_life=1).toarray().round(3)
        array([[0.143, 0.286, 0.571]])
        >>> history_weights(x, "rating").toarray().round(3)
        array([[ 0.357,  0.143, -0.5  ]])
    """
    _check(weighting, half_life)
    weight = _raw_weights(interactions, weighting, half_life)
    total = _per_user(interactions, np.abs(weight))
    scale = _per_user(interactions, np.abs(interactions.value))
    flat = total <= 1e-12 * scale  # a mean may be off its values by rounding
    weight = np.where(flat[interactions.user], 1.0, weight)
    total = _per_user(interactions, np.abs(weight))
    return interactions.matrix(weight / total[interactions.user])


def profile(
    interactions: Interactions,
    vectors: np.ndarray,
    *,
    weighting: Weighting = "mean",
    half_life: float | None = None,
    centre: np.ndarray | None = None,
) -> np.ndarray:
    """Compute U from X and V: the weighted mean of the vectors of a history.

    Args:
        interactions: X, the training part. Histories count in full; what is
            to be left out is left out before, as by `last_events`.
        vectors: V, `float[I, D]`, finite.
        weighting: See `history_weights`.
        half_life: See `history_weights`.
        centre: `float[D]`, taken from every vector first. With the mean of
            V, profiles say how a user differs from the catalogue.

    Returns:
        `float32[U, D]`. A user without events gets a vector of zeros: of him
        nothing is known, and every inner product with it is 0. (With
        `centre`, that is the centre.)

    Raises:
        ValueError: As `history_weights`, or if a shape is wrong or a number
            not finite.

    Examples:
        >>> x = Interactions([0, 0], [0, 1], [5, 3], [0, 60], ["ann", "bob"], [1, 2])
        >>> profile(x, np.array([[1.0, 0.0], [0.0, 1.0]]))
        array([[0.5, 0.5],
               [0. , 0. ]], dtype=float32)
    """
    vectors = check_vectors("vectors", vectors, rows=interactions.n_items)
    if centre is not None:
        centre = check_vectors("centre", np.asarray(centre)[None])[0]
        if centre.size != vectors.shape[1]:
            raise ValueError(
                f"centre: must have length {vectors.shape[1]}, got {centre.size}"
            )
        vectors = vectors - centre
    weights = history_weights(interactions, weighting, half_life=half_life)
    return (weights @ vectors.astype(np.float64)).astype(np.float32)


def last_events(
    interactions: Interactions, n: int, *, rng: np.random.Generator | int
) -> Interactions:
    """Keep the last `n` events of each user, in the order of the table.

    Args:
        interactions: Events with timestamps.
        n: At least 1. Shorter histories are kept whole.
        rng: Seed or generator that orders a user's events of the same
            second; by row would leak whatever the table is sorted by.

    Returns:
        The same vocabularies; `len` before and after tells what was cut.

    Raises:
        ValueError: If `n` < 1.

    Examples:
        >>> x = Interactions([0, 0, 0], [0, 1, 2], [1, 1, 1], [9, 5, 7], [7], [1, 2, 3])
        >>> last_events(x, 2, rng=0).item
        array([0, 2])
    """
    check_whole_number("n", n, 1)
    tie = np.random.default_rng(rng).permutation(len(interactions))
    before_last, _ = places(interactions.user, -interactions.timestamp, tie)
    return interactions.select(before_last < n)


def _check(weighting: str, half_life: float | None) -> None:
    if weighting not in get_args(Weighting):
        raise ValueError(
            f"weighting: must be one of {get_args(Weighting)}, got {weighting!r}"
        )
    decays = weighting in DECAYS
    if decays and (half_life is None or not half_life > 0):
        raise ValueError(f"half_life: must be > 0 for {weighting!r}, got {half_life}")
    if not decays and half_life is not None:
        raise ValueError(
            f"half_life: only for {DECAYS}, got {half_life} for {weighting!r}"
        )


def _raw_weights(
    interactions: Interactions, weighting: Weighting, half_life: float | None
) -> np.ndarray:
    value = interactions.value
    if weighting == "value":
        if (value < 0).any():
            raise ValueError(f"value: must not be negative, got {value.min()}")
        return value
    if weighting == "rating":
        count = _per_user(interactions, np.ones(len(interactions)))
        mean = _per_user(interactions, value) / np.maximum(count, 1)
        return value - mean[interactions.user]
    if weighting == "mean":
        return np.ones(len(interactions))
    age = _seconds_past if weighting == "recency" else _events_past
    return np.exp2(-age(interactions) / half_life)


def _seconds_past(interactions: Interactions) -> np.ndarray:
    last = np.full(interactions.n_users, np.iinfo(np.int64).min)
    np.maximum.at(last, interactions.user, interactions.timestamp)
    return (last[interactions.user] - interactions.timestamp).astype(np.float64)


def _events_past(interactions: Interactions) -> np.ndarray:
    """Count each event's later ones, and half of the others of its second."""
    keys = np.stack([interactions.user, -interactions.timestamp])
    _, group, size = np.unique(keys, axis=1, return_inverse=True, return_counts=True)
    group = group.ravel()
    before = np.cumsum(size) - size  # events of earlier users and later seconds
    first = np.searchsorted(np.sort(interactions.user), interactions.user)
    return before[group] - first + (size[group] - 1) / 2


def _per_user(interactions: Interactions, weight: np.ndarray) -> np.ndarray:
    return np.bincount(interactions.user, weight, minlength=interactions.n_users)
