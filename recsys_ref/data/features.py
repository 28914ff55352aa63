"""Features: from events and attributes to one number a user or an item.

Every function is pure, gives one row a member of the vocabulary, and says
NaN where nothing is known: a user without events has no mean, not a mean of 0.
To keep the future out of a feature, pass the training part of a split.
"""

from typing import Literal

import numpy as np
import pandas as pd

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items

DAY = 86_400  # seconds
By = Literal["user", "item"]


def activity(interactions: Interactions) -> np.ndarray:
    """Count the events of each user, `int64[U]`, repeated ones included."""
    return np.bincount(interactions.user, minlength=interactions.n_users)


def popularity(interactions: Interactions) -> np.ndarray:
    """Count the users of each item, `int64[I]`, each user once."""
    items = interactions.matrix().indices
    return np.bincount(items, minlength=interactions.n_items)


def mean_value(interactions: Interactions, by: By = "user") -> np.ndarray:
    """Average the values of each user's or item's events.

    Args:
        interactions: The events.
        by: "user" or "item".

    Returns:
        `float64[U]` or `float64[I]`; NaN where there are no events.

    Examples:
        >>> table = Interactions.from_frame(
        ...     pd.DataFrame({"user_id": [1, 1], "item_id": [7, 8], "value": [5, 2]}),
        ...     user_ids=[1, 2],
        ... )
        >>> mean_value(table)
        array([3.5, nan])
    """
    index, size = _grouping(interactions, by)
    total = np.bincount(index, weights=interactions.value, minlength=size)
    count = np.bincount(index, minlength=size)
    return np.divide(total, count, out=np.full(size, np.nan), where=count > 0)


def recency(interactions: Interactions, now: int, by: By = "user") -> np.ndarray:
    """Measure how long each user's or item's last event is past.

    Args:
        interactions: The events.
        now: Unix seconds UTC from which to look back. No event may be later.
        by: "user" or "item".

    Returns:
        Seconds, `float64[U]` or `float64[I]`; NaN where there are no events.

    Raises:
        ValueError: If an event is later than `now`.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2], "item_id": [7, 8, 8], "timestamp": [10, 40, 30],
        ... }))
        >>> recency(table, now=50)
        array([10., 20.])
    """
    if len(interactions) and interactions.timestamp.max() > now:
        raise ValueError(
            f"now: must be at or after the last event "
            f"({interactions.timestamp.max()}), got {now}"
        )
    return now - _extreme(interactions, np.fmax, by)


def span(interactions: Interactions, by: By = "user") -> np.ndarray:
    """Measure the time from each user's or item's first event to its last.

    Args:
        interactions: The events.
        by: "user" or "item".

    Returns:
        Seconds, `float64[U]` or `float64[I]`; 0 for a single event, NaN where
        there are none.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2], "item_id": [7, 8, 8], "timestamp": [10, 40, 30],
        ... }))
        >>> span(table)
        array([30.,  0.])
    """
    last = _extreme(interactions, np.fmax, by)
    return last - _extreme(interactions, np.fmin, by)


def genre_profile(interactions: Interactions, items: Items) -> np.ndarray:
    """Measure the share of each user's events that fall on each genre.

    An event counts in full for every genre of its item, so a row may add up
    to more than 1, and to less where an item has no known genre.

    Args:
        interactions: The events.
        items: The same items as in `interactions`, in the same order.

    Returns:
        `float64[U, G]`; a row of NaN where a user has no events.

    Raises:
        ValueError: If `items` are not the items of `interactions`.

    Examples:
        >>> table = Interactions.from_frame(
        ...     pd.DataFrame({"user_id": [1, 1, 2], "item_id": [7, 8, 8]})
        ... )
        >>> films = Items(
        ...     pd.Index([7, 8]), ["Alien", "M"], [1979, 1931],
        ...     [[True, True], [True, False]], ("Thriller", "Sci-Fi"),
        ... )
        >>> genre_profile(table, films)
        array([[1. , 0.5],
               [1. , 0. ]])
    """
    _check_items(interactions, items)
    events = interactions.matrix(np.ones(len(interactions)))
    chosen = events @ items.genres.astype(np.float64)
    count = activity(interactions)[:, None]
    return np.divide(chosen, count, out=np.full(chosen.shape, np.nan), where=count > 0)


def item_age(items: Items, now: int) -> np.ndarray:
    """Count the calendar years from release to `now` (Unix seconds UTC).

    Returns:
        `float64[I]`; NaN where the year is unknown, negative before release.

    Examples:
        >>> films = Items(
        ...     pd.Index([7, 8]), ["Alien", "?"], [1979, np.nan],
        ...     np.ones((2, 1)), ("Thriller",),
        ... )
        >>> item_age(films, now=883_612_800)  # 1 January 1998
        array([19., nan])
    """
    return pd.Timestamp(now, unit="s").year - items.year


def user_features(
    interactions: Interactions, items: Items, *, now: int
) -> pd.DataFrame:
    """Collect what the events say of each user.

    Args:
        interactions: The events.
        items: The same items as in `interactions`, in the same order.
        now: Unix seconds UTC from which to look back.

    Returns:
        One row a user, named by id: activity (events), mean_value,
        recency and span (days), and one column a genre (share of events).

    Raises:
        ValueError: If an event is later than `now` or `items` are others.
    """
    genres = genre_profile(interactions, items)
    columns = {
        "activity": activity(interactions),
        "mean_value": mean_value(interactions),
        "recency": recency(interactions, now) / DAY,
        "span": span(interactions) / DAY,
        **dict(zip(items.genre_names, genres.T, strict=True)),
    }
    return pd.DataFrame(columns, index=interactions.user_ids.rename("user_id"))


def item_features(
    interactions: Interactions, items: Items, *, now: int
) -> pd.DataFrame:
    """Collect what the events and the catalogue say of each item.

    Args:
        interactions: The events.
        items: The same items as in `interactions`, in the same order.
        now: Unix seconds UTC from which to look back.

    Returns:
        One row an item, named by id: popularity (users), mean_value, recency
        and span (days), year, age (years) and text.

    Raises:
        ValueError: If an event is later than `now` or `items` are others.
    """
    _check_items(interactions, items)
    columns = {
        "popularity": popularity(interactions),
        "mean_value": mean_value(interactions, "item"),
        "recency": recency(interactions, now, "item") / DAY,
        "span": span(interactions, "item") / DAY,
        "year": items.year,
        "age": item_age(items, now),
        "text": items.text(),
    }
    return pd.DataFrame(columns, index=interactions.item_ids.rename("item_id"))


def _grouping(interactions: Interactions, by: By) -> tuple[np.ndarray, int]:
    if by not in ("user", "item"):
        raise ValueError(f"by: must be 'user' or 'item', got {by!r}")
    if by == "user":
        return interactions.user, interactions.n_users
    return interactions.item, interactions.n_items


def _extreme(interactions: Interactions, fold: np.ufunc, by: By) -> np.ndarray:
    """Fold timestamps by `fmax` or `fmin`, which pass over the NaN of no events."""
    index, size = _grouping(interactions, by)
    times = np.full(size, np.nan)
    fold.at(times, index, interactions.timestamp.astype(np.float64))
    return times


def _check_items(interactions: Interactions, items: Items) -> None:
    if not items.ids.equals(interactions.item_ids):
        raise ValueError(
            f"items: must be the {interactions.n_items} items of the interactions "
            f"in their order, got {len(items)} items"
        )
