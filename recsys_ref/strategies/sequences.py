"""Histories as sequences: in the order of time, cut to windows, in batches.

A sequence is padded behind its end. Where each place sees only those before
it, padding is then never looked at, and needs no mask.

Book section 9.2.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from recsys_ref.data.interactions import Interactions


def histories(interactions: Interactions, tie: np.ndarray) -> list[np.ndarray]:
    """Put each user's items in the order of time.

    Args:
        interactions: Events with timestamps.
        tie: `float[N]`, one a row; orders a user's events of one second.

    Returns:
        `U` arrays `int64[T]`, the oldest item first.

    Examples:
        >>> x = Interactions(
        ...     [0, 0, 0], [2, 0, 1], [1, 1, 1], [9, 5, 9], ["ann", "bob"], [1, 2, 3])
        >>> histories(x, np.array([0.8, 0.5, 0.1]))
        [array([0, 1, 2]), array([], dtype=int64)]
    """
    order = np.lexsort((tie, interactions.timestamp, interactions.user))
    ends = np.searchsorted(interactions.user[order], np.arange(1, interactions.n_users))
    return np.split(interactions.item[order], ends)


def windows(
    sequences: Sequence[np.ndarray], length: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Cut sequences into windows, so that each item but a first is predicted once.

    Neighboring windows share one item: the last target of the one is the
    first input of the next. Where a sequence needs several windows, its first
    has a random length, so that the cuts fall elsewhere each time.

    Args:
        sequences: As from `histories`.
        length: The most inputs in a window, at least 1; a window has one item
            more, its last target.
        rng: Generator of the cuts.

    Returns:
        `int64[T]` each, T from 2 to `length` + 1. Sequences of fewer than two
        items have nothing to predict and give none.

    Examples:
        >>> windows([np.arange(6), np.arange(1)], 3, np.random.default_rng(0))
        [array([0, 1, 2, 3]), array([3, 4, 5])]
    """
    parts = []
    for sequence in sequences:
        last = len(sequence) - 1  # inputs are 0 .. last - 1
        first = length if last <= length else int(rng.integers(1, length + 1))
        starts = [0, *range(first, last, length)]
        stops = [*starts[1:], last]
        parts += [
            sequence[start : stop + 1]
            for start, stop in zip(starts, stops, strict=True)
            if stop > start
        ]
    return parts


def batches(
    sequences: Sequence[np.ndarray], tokens: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Put sequences of like length together, and the batches in random order.

    Args:
        sequences: Each with at least one item.
        tokens: The most items in a padded batch. A longer sequence makes a
            batch of its own.
        rng: Generator: of the order among sequences of like length, and of
            the batches.

    Yields:
        `int64[B, T]`, padded with -1.

    Examples:
        >>> parts = [np.arange(4), np.arange(30), np.arange(3)]
        >>> for batch in batches(parts, 40, np.random.default_rng(0)):
        ...     print(batch.shape)
        (2, 4)
        (1, 30)
    """
    lengths = np.array([len(each) for each in sequences], dtype=np.int64)
    groups, current = [], []
    for place in np.argsort(lengths + 8 * rng.random(len(lengths))):
        longest = max([lengths[place], *lengths[current]])
        if current and (len(current) + 1) * longest > tokens:
            groups.append(current)
            current = []
        current.append(place)
    groups += [current] if current else []
    for group in rng.permutation(len(groups)):
        yield padded([sequences[place] for place in groups[group]])


def padded(sequences: Sequence[np.ndarray]) -> np.ndarray:
    """Stack sequences into `int64[B, T]`, with -1 behind the shorter ones."""
    longest = max((len(each) for each in sequences), default=0)
    table = np.full((len(sequences), longest), -1, dtype=np.int64)
    for row, sequence in enumerate(sequences):
        table[row, : len(sequence)] = sequence
    return table
