"""Train and test parts of an interactions table, each with its proof.

Every splitter returns a `Split` that has shown two things of itself: that its
parts together are the input, row by row, and that nothing it promises to
withhold is left in the train part.

Book section 3.5.
"""

from typing import Literal

import numpy as np

from recsys_ref.data.checks import check_share, check_whole_number, plural
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.order import places
from recsys_ref.data.parts import (
    ColdSplit,
    Entity,
    LastOutSplit,
    Split,
    TemporalSplit,
    entity_index,
)

__all__ = [
    "ColdSplit",
    "LastOutSplit",
    "Split",
    "TemporalSplit",
    "cold_items",
    "cold_users",
    "leave_last_out",
    "random_split",
    "stratified_split",
    "temporal_split",
]


def random_split(
    x: Interactions, *, test_share: float = 0.2, rng: np.random.Generator | int
) -> Split:
    """Withhold events drawn uniformly, whosever they are.

    Args:
        x: At least two events.
        test_share: Share of the events to withhold, in (0, 1), rounded to
            whole events, at least one on each side.
        rng: Seed or generator of the draw.

    Raises:
        ValueError: If `test_share` is not in (0, 1) or `x` has fewer than two
            events.

    Examples:
        >>> from recsys_ref.data.synthetic import checkerboard
        >>> random_split(checkerboard(8, 8).train, test_share=0.25, rng=0)
        Split(18 train + 6 test events)
    """
    check_share("test_share", test_share)
    in_test = np.zeros(len(x), dtype=bool)
    in_test[_draw(np.arange(len(x)), test_share, "events", rng)] = True
    return Split(*_parts(x, in_test)).check(x)


def stratified_split(
    x: Interactions, *, ratio: float = 0.75, by: Entity = "item", seed: int = 42
) -> Split:
    """Keep the same share of every item's (or user's) events in train.

    With the defaults this is the protocol of the benchmark of
    recommenders-team/recommenders: one draw of NumPy's legacy generator for
    each row in file order; within an item the rows are ordered by their draw;
    the first `round(ratio * count)` of them are train (halves to even). An
    item whose count rounds to `count` has no test event.

    Args:
        x: Events in the order of the source file, which the draw depends on.
        ratio: Share of train, in (0, 1).
        by: What is kept in proportion.
        seed: Seed of `np.random.RandomState`, whose stream is frozen.

    Raises:
        ValueError: If `ratio` is not in (0, 1), `by` is something else, or a
            part would be empty.

    References:
        https://github.com/recommenders-team/recommenders
        `examples/06_benchmarks/movielens.ipynb`; book section 3.5.

    Examples:
        >>> from recsys_ref.data.synthetic import checkerboard
        >>> split = stratified_split(checkerboard(8, 8).train)
        >>> np.bincount(split.test.item)  # one of the three events of each
        array([1, 1, 1, 1, 1, 1, 1, 1])
    """
    check_share("ratio", ratio)
    group = entity_index(x, by)
    draw = np.random.RandomState(seed).rand(len(x))
    place, count = places(group, draw)
    return Split(*_parts(x, place >= np.round(ratio * count))).check(x)


def temporal_split(
    x: Interactions, *, at: int | None = None, test_share: float | None = None
) -> TemporalSplit:
    """Cut all users' events at one moment: learn from before, test on after.

    Events of one second are never parted. The only split here that could have
    been made by someone who did not know the future.

    Args:
        x: Events at two different times at least.
        at: Unix seconds; events at this time or later are test.
        test_share: Instead of `at`, the share of events to withhold, in
            (0, 1). Of all possible cuts the one is taken whose share is
            nearest, the earlier of two.

    Raises:
        ValueError: If not exactly one of `at` and `test_share` is given,
            `test_share` is not in (0, 1), or a part would be empty.

    References:
        Ji et al. (2023), https://arxiv.org/abs/2010.11060: what other splits
        leak; book section 3.5.

    Examples:
        >>> import pandas as pd
        >>> x = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 2, 1, 2], "item_id": [7, 7, 8, 9],
        ...     "timestamp": [10, 20, 20, 30],
        ... }))
        >>> temporal_split(x, test_share=0.25).at
        30
        >>> temporal_split(x, at=20)
        TemporalSplit(1 train + 3 test events)
    """
    if (at is None) == (test_share is None):
        raise ValueError(
            f"give exactly one of at and test_share, got {at} and {test_share}"
        )
    if at is None:
        check_share("test_share", test_share)
        times, counts = np.unique(x.timestamp, return_counts=True)
        if times.size < 2:
            raise ValueError(f"x: needs events at two times or more, got {times.size}")
        withheld = len(x) - np.cumsum(counts)[:-1]  # if the cut is at times[1:]
        at = int(times[1:][np.abs(withheld - test_share * len(x)).argmin()])
    return TemporalSplit(*_parts(x, x.timestamp >= at), at=at).check(x)


def leave_last_out(
    x: Interactions,
    *,
    n: int = 1,
    ties: Literal["random", "order"] = "random",
    rng: np.random.Generator | int | None = None,
) -> LastOutSplit:
    """Withhold the last `n` events of each user who has more than `n`.

    Users with `n` events or fewer are kept whole in train. Train holds events
    that are later than other users' test events: the split respects each
    user's time and not the world's (`temporal_split` does).

    Args:
        x: Events with timestamps.
        n: Events to withhold of each user, at least 1.
        ties: Which of a user's events at the same second counts as later:
            "random", drawn from `rng`, or "order", the lower row of the table.
            In MovieLens-100K the last two ratings of 44 % of the users are
            tied, so results depend on it, and a table sorted by item id leaks
            popularity into "order".
        rng: Seed or generator of the tie-break; needed where `ties` is
            "random".

    Raises:
        ValueError: If `n` < 1, `ties` is something else, `rng` is missing, or
            no user has more than `n` events.

    References:
        Book section 3.5.

    Examples:
        >>> import pandas as pd
        >>> x = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 1, 2], "item_id": [7, 8, 9, 9],
        ...     "timestamp": [10, 20, 20, 30],
        ... }))
        >>> leave_last_out(x, ties="order").test.to_frame().item_id.tolist()
        [9]
        >>> sorted({int(leave_last_out(x, rng=seed).test.item[0])
        ...         for seed in range(9)})  # items 8 and 9, by the seed
        [1, 2]
    """
    check_whole_number("n", n, 1)
    if ties == "order":
        tie = np.arange(len(x))
    elif ties != "random":
        raise ValueError(f'ties: must be "random" or "order", got {ties!r}')
    elif rng is None:
        raise ValueError('rng: needed where ties is "random"')
    else:
        tie = np.random.default_rng(rng).permutation(len(x))
    place, count = places(x.user, x.timestamp, tie)
    in_test = (place >= count - n) & (count > n)
    return LastOutSplit(*_parts(x, in_test), n=n).check(x)


def cold_items(
    x: Interactions, *, share: float = 0.2, rng: np.random.Generator | int
) -> ColdSplit:
    """Withhold all events of some items, as if these were new.

    Args:
        x: Events of at least two items.
        share: Share of the items with events to hold out, in (0, 1), rounded
            to whole items, at least one on each side.
        rng: Seed or generator that draws the items, all equally likely.

    Raises:
        ValueError: If `share` is not in (0, 1) or fewer than two items have
            events.

    References:
        Book section 9.1.

    Examples:
        >>> from recsys_ref.data.synthetic import checkerboard
        >>> split = cold_items(checkerboard(8, 8).train, share=0.25, rng=0)
        >>> split, split.cold
        (ColdSplit(18 train + 6 test events), array([5, 7]))
    """
    check_share("share", share)
    cold = _draw(np.unique(x.item), share, "items with events", rng)
    in_test = np.isin(x.item, cold)
    return ColdSplit(*_parts(x, in_test), cold=cold, by="item").check(x)


def cold_users(
    x: Interactions,
    *,
    share: float = 0.2,
    rng: np.random.Generator | int,
    known: int = 0,
) -> ColdSplit:
    """Withhold some users, all but their first `known` events.

    Args:
        x: Events of at least two users.
        share: Share to hold out of the users with more than `known` events,
            in (0, 1), rounded to whole users, at least one on each side.
        rng: Seed or generator that draws the users, all equally likely, and
            orders a user's events of the same second.
        known: Events of each held-out user that stay in train, his earliest,
            so that a model can be shown a short history.

    Raises:
        ValueError: If `share` is not in (0, 1), `known` < 0, or fewer than
            two users have more than `known` events.

    References:
        Book section 9.1.

    Examples:
        >>> from recsys_ref.data.synthetic import checkerboard
        >>> whole = checkerboard(8, 8).train
        >>> split = cold_users(whole, share=0.25, rng=0, known=1)
        >>> split, split.cold, np.isin(split.train.user, split.cold).sum()
        (ColdSplit(20 train + 4 test events), array([2, 3]), np.int64(2))
    """
    check_share("share", share)
    check_whole_number("known", known, 0)
    rng = np.random.default_rng(rng)
    place, count = places(x.user, x.timestamp, rng.permutation(len(x)))
    kind = f"users with more than {plural(known, 'event')}"
    cold = _draw(np.unique(x.user[count > known]), share, kind, rng)
    in_test = np.isin(x.user, cold) & (place >= known)
    return ColdSplit(*_parts(x, in_test), cold=cold, by="user", known=known).check(x)


def _parts(x: Interactions, in_test: np.ndarray) -> tuple[Interactions, Interactions]:
    for part, rows in (("train", ~in_test), ("test", in_test)):
        if not rows.any():
            raise ValueError(
                f"x: this split leaves the {part} part of {plural(len(x), 'event')} "
                "empty"
            )
    return x.select(~in_test), x.select(in_test)


def _draw(
    pool: np.ndarray, share: float, kind: str, rng: np.random.Generator | int
) -> np.ndarray:
    if pool.size < 2:
        raise ValueError(f"x: needs two {kind} or more, got {pool.size}")
    size = min(max(round(share * pool.size), 1), pool.size - 1)
    return np.sort(np.random.default_rng(rng).choice(pool, size, replace=False))
