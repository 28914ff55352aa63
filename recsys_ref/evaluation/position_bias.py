"""Clicks tell what was looked at, too. Take the place out of them.

In the position-based model a place is clicked if it is looked at and what
stands there attracts. A click in a place that one in four looks at then stands
for four, and dividing by the chance of a look (the examination) leaves the
attraction.

Book section 6.
"""

import numpy as np

from recsys_ref.ranking import PADDING


def examination_of_shuffled(clicks: np.ndarray) -> np.ndarray:
    """Estimate how often each place is looked at from lists in random order.

    If the order is drawn, every place holds the same items on average, and
    places differ in clicks by nothing but looks. Only ratios can be known:
    the first place is set to 1.

    Args:
        clicks: `bool[N, K]`, on N lists whose order was drawn uniformly.

    Returns:
        `float64[K]`, the clicks of each place over those of the first.

    Raises:
        ValueError: If the shape is another or nobody clicked the first place.

    References:
        Joachims, Swaminathan and Schnabel (2017),
        https://arxiv.org/abs/1608.04468, who swap places at random for this.

    Examples:
        >>> examination_of_shuffled(np.array([[1, 1], [1, 0], [0, 0], [0, 0]]))
        array([1. , 0.5])
    """
    clicks = np.asarray(clicks, dtype=np.float64)
    if clicks.ndim != 2 or not clicks.size or not clicks[:, 0].any():
        raise ValueError(
            "clicks: must be bool[N, K] with a click in the first place, got shape "
            f"{clicks.shape}"
        )
    return clicks.mean(axis=0) / clicks[:, 0].mean()


def debias(clicks: np.ndarray, examination: np.ndarray) -> np.ndarray:
    """Divide each click by the chance that its place was looked at.

    The expectation of the result is the attraction of what stood there. Rare
    looks make it vary: a click in the last place counts 1 / examination.

    Args:
        clicks: `bool[N, K]`.
        examination: `float64[K]`, in (0, 1].

    Returns:
        `float64[N, K]`.

    Raises:
        ValueError: If the lengths differ or an examination is not in (0, 1].

    References:
        Joachims, Swaminathan and Schnabel (2017),
        https://arxiv.org/abs/1608.04468

    Examples:
        >>> debias(np.array([[1, 1], [0, 1]]), np.array([1.0, 0.25]))
        array([[1., 4.],
               [0., 4.]])
    """
    clicks = np.asarray(clicks, dtype=np.float64)
    examination = np.asarray(examination, dtype=np.float64)
    if clicks.ndim != 2 or examination.shape != clicks.shape[1:]:
        raise ValueError(
            "examination: must have the K places of clicks[N, K], got "
            f"{examination.shape} for {clicks.shape}"
        )
    if not ((examination > 0) & (examination <= 1)).all():
        raise ValueError(f"examination: must be in (0, 1], got {examination}")
    return clicks / examination


def item_means(items: np.ndarray, values: np.ndarray, n_items: int) -> np.ndarray:
    """Average a value over the exposures of each item.

    Args:
        items: `int64[N, K]`, what was shown; padding (-1) counts for nothing.
        values: `float64[N, K]`, such as clicks, or those that `debias` returns.
        n_items: I.

    Returns:
        `float64[I]`, NaN for an item that was never shown.

    Raises:
        ValueError: If the shapes differ or an item is not below `n_items`.

    Examples:
        >>> item_means(np.array([[0, 1], [1, -1]]), np.array([[1, 0], [1, 0]]), 3)
        array([1. , 0.5, nan])
    """
    items, values = np.asarray(items), np.asarray(values, dtype=np.float64)
    if items.shape != values.shape:
        raise ValueError(
            f"values: must have the shape of items, {items.shape}, got {values.shape}"
        )
    shown = items != PADDING
    listed = items[shown]
    if listed.size and not 0 <= listed.min() <= listed.max() < n_items:
        raise ValueError(
            f"items: must be in [-1, {n_items}), got {listed.min()} to {listed.max()}"
        )
    times = np.bincount(listed, minlength=n_items)
    total = np.bincount(listed, values[shown], minlength=n_items)
    return np.divide(total, times, out=np.full(n_items, np.nan), where=times > 0)
