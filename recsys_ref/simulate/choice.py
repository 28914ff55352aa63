"""What happens to a list that is shown: clicks, or one choice. Book section 6."""

from itertools import product

import numpy as np

from recsys_ref.ranking import PADDING

MOST_PLACES = 12  # of a list whose choices are enumerated: 2^12 ways to look


def clicks(
    attraction: np.ndarray,
    examination: np.ndarray,
    rng: np.random.Generator | int,
) -> np.ndarray:
    """Draw clicks by the position-based model.

    A place is clicked if it is looked at and what stands there attracts; both
    are independent, of each other and of the other places. So the chance of a
    click is the product of both.

    Args:
        attraction: `float64[N, K]`, chance of a click if looked at.
        examination: `float64[K]`, chance of a look.
        rng: Seed or generator of the draws.

    Returns:
        `bool[N, K]`.

    Raises:
        ValueError: If a probability is not in [0, 1], or the lengths differ.

    References:
        Craswell et al. (2008), https://doi.org/10.1145/1341531.1341545

    Examples:
        >>> seen = clicks(np.full((10_000, 2), 0.5), np.array([1.0, 0.2]), rng=0)
        >>> seen.mean(axis=0).round(2)
        array([0.5, 0.1])
    """
    attraction, examination = _checked(attraction, examination, probability=True)
    rng = np.random.default_rng(rng)
    return rng.random(attraction.shape) < attraction * examination


def one_choice(
    utility: np.ndarray,
    examination: np.ndarray,
    rng: np.random.Generator | int,
) -> np.ndarray:
    """Draw at most one choice from each list by a multinomial logit.

    Each place is looked at or not. Among what is looked at and the choice of
    nothing, whose utility is 0, each is taken with a probability proportional
    to the exponential of its utility.

    Args:
        utility: `float64[N, K]`, -inf for what cannot be taken.
        examination: `float64[K]`, chance of a look.
        rng: Seed or generator of the draws.

    Returns:
        `int64[N]`, the place taken, from 0; -1 for nothing.

    Raises:
        ValueError: If a chance is not in [0, 1], a utility is NaN or +inf, or
            the lengths differ.

    Examples:
        >>> taken = one_choice(np.zeros((10_000, 1)), np.array([1.0]), rng=0)
        >>> float((taken == 0).mean().round(1))
        0.5
    """
    utility, examination = _checked(utility, examination, probability=False)
    rng = np.random.default_rng(rng)
    looked = rng.random(utility.shape) < examination
    with np.errstate(invalid="ignore"):
        keys = np.where(looked, utility, -np.inf) + rng.gumbel(size=utility.shape)
    nothing = rng.gumbel(size=(len(utility), 1))
    return np.argmax(np.hstack([nothing, keys]), axis=1).astype(np.int64) - 1


def choice_probabilities(utility: np.ndarray, examination: np.ndarray) -> np.ndarray:
    """Return the exact chance that `one_choice` takes each place.

    All 2^K ways to look at a list are added up, so a list may have at most
    `MOST_PLACES` places.

    Args:
        utility: `float64[N, K]`, -inf for what cannot be taken.
        examination: `float64[K]`, chance of a look.

    Returns:
        `float64[N, K]`; what is missing to 1 is the choice of nothing.

    Raises:
        ValueError: As `one_choice`, or if K is above `MOST_PLACES`.

    Examples:
        >>> choice_probabilities(np.zeros((1, 2)), np.array([1.0, 0.5])).round(3)
        array([[0.417, 0.167]])
    """
    utility, examination = _checked(utility, examination, probability=False)
    places = utility.shape[1]
    if places > MOST_PLACES:
        raise ValueError(
            f"utility: lists may have at most {MOST_PLACES} places, got {places}"
        )
    weight, total = np.exp(utility), np.zeros_like(utility)
    for looked in product((False, True), repeat=places):
        chance = np.prod(np.where(looked, examination, 1 - examination))
        seen = weight * looked
        total += chance * seen / (1 + seen.sum(axis=1, keepdims=True))
    return total


def at(values: np.ndarray, items: np.ndarray, missing: float) -> np.ndarray:
    """Take the values of listed items from `float64[N, I]`.

    Args:
        values: One row a list.
        items: `int64[N, K]`, item indices or padding.
        missing: What padding gets.

    Returns:
        `float64[N, K]`.

    Examples:
        >>> at(np.array([[0.1, 0.2, 0.3]]), np.array([[2, 0, -1]]), missing=0.0)
        array([[0.3, 0.1, 0. ]])
    """
    items = np.asarray(items, dtype=np.int64)
    taken = np.take_along_axis(values, np.where(items == PADDING, 0, items), axis=1)
    return np.where(items == PADDING, missing, taken)


def _checked(
    values: np.ndarray, examination: np.ndarray, *, probability: bool
) -> tuple[np.ndarray, np.ndarray]:
    name = "attraction" if probability else "utility"
    values = np.asarray(values, dtype=np.float64)
    examination = np.asarray(examination, dtype=np.float64)
    if values.ndim != 2 or examination.shape != values.shape[1:]:
        raise ValueError(
            f"examination: must have the K places of {name}[N, K], got "
            f"{examination.shape} for {values.shape}"
        )
    if not ((examination >= 0) & (examination <= 1)).all():
        raise ValueError(f"examination: must be in [0, 1], got {examination}")
    if probability and not ((values >= 0) & (values <= 1)).all():
        raise ValueError(
            f"attraction: must be in [0, 1], got {values.min()} to {values.max()}"
        )
    if np.isnan(values).any() or (values == np.inf).any():
        raise ValueError(f"{name}: must be a number below infinity, got NaN or +inf")
    return values, examination
