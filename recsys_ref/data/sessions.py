"""Sessions: stretches of a user's events without a long pause. Book section 6.5."""

import numpy as np

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.order import places

HALF_HOUR = 1800  # seconds


def number_sessions(
    interactions: Interactions, *, gap: float = HALF_HOUR
) -> np.ndarray:
    """Number the sessions: a new one begins after a pause longer than `gap`.

    Args:
        interactions: N events.
        gap: In seconds, > 0.

    Returns:
        `int64[N]`, from 0; users in their order, each one's sessions in time.

    Raises:
        ValueError: If `gap` is not a finite number > 0.

    Examples:
        >>> x = Interactions(
        ...     [1, 0, 0, 0], [0, 0, 1, 2], [1] * 4, [0, 0, 60, 9000],
        ...     ["ann", "bob"], [5, 6, 7])
        >>> number_sessions(x)
        array([2, 0, 0, 1])
    """
    check_positive("gap", gap)
    order = np.lexsort((interactions.timestamp, interactions.user))
    user, time = interactions.user[order], interactions.timestamp[order]
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (np.diff(user) != 0) | (np.diff(time) > gap)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(starts) - 1
    return number


def sessions_after(interactions: Interactions, session: np.ndarray) -> np.ndarray:
    """Count how many sessions of its user come after an event's own.

    Args:
        interactions: N events.
        session: `int64[N]`, numbers that rise with time within a user.

    Returns:
        `int64[N]`, 0 for the last session of each user.

    Examples:
        >>> x = Interactions(
        ...     [0, 0, 1], [0, 1, 0], [1] * 3, [0, 9000, 0], ["ann", "bob"], [5, 6])
        >>> sessions_after(x, number_sessions(x))
        array([1, 0, 0])
    """
    session = np.asarray(session, dtype=np.int64)
    names, first = np.unique(session, return_index=True)
    place, count = places(interactions.user[first], names)
    return (count - 1 - place)[np.searchsorted(names, session)]


def sessions_as_users(
    interactions: Interactions, session: np.ndarray, rows: np.ndarray
) -> Interactions:
    """Put a session in the place of the user, so that any strategy continues it.

    Args:
        interactions: N events.
        session: `int64[N]`, numbers.
        rows: `bool[N]`, the events to keep.

    Returns:
        The events kept, whose users are the sessions that have any of them, by
        number.

    Examples:
        >>> x = Interactions(
        ...     [0, 0, 1], [0, 1, 0], [1] * 3, [0, 9000, 0], ["ann", "bob"], [5, 6])
        >>> late = np.array([False, True, True])
        >>> sessions_as_users(x, number_sessions(x), late).user_ids.tolist()
        [1, 2]
    """
    session = np.asarray(session, dtype=np.int64)[rows]
    names = np.unique(session)
    return Interactions(
        np.searchsorted(names, session),
        interactions.item[rows],
        interactions.value[rows],
        interactions.timestamp[rows],
        names,
        interactions.item_ids,
    )
