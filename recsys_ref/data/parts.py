"""The two parts of a split table, and the proof that they are what they claim.

What a split promises is checked where it is made, whoever makes it: a fault in
a splitter, or in a split built by hand, cannot reach an evaluation.

Book section 3.5.
"""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import pandas as pd

from recsys_ref.data.checks import plural
from recsys_ref.data.interactions import Interactions

Entity = Literal["user", "item"]
ROW = ("user", "item", "value", "timestamp")


@dataclass(frozen=True, eq=False)
class Split:
    """Two parts of one table, over the same users and items.

    Attributes:
        train: The events to learn from.
        test: The events withheld.

    Raises:
        ValueError: If the parts have different vocabularies.

    Examples:
        >>> import pandas as pd
        >>> whole = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2], "item_id": [7, 8, 8],
        ... }))
        >>> Split(whole.select([0, 2]), whole.select([1])).check(whole)
        Split(2 train + 1 test events)
        >>> Split(whole.select([0, 2]), whole.select([2])).check(whole)
        Traceback (most recent call last):
            ...
        ValueError: train and test are not the whole table: 1 row lost (user 1,
        item 8, value 1.0, timestamp 0); 1 row invented or shared (user 2, item
        8, value 1.0, timestamp 0)
    """

    train: Interactions
    test: Interactions

    def __post_init__(self) -> None:
        _check_vocabularies("test", self.train, self.test)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({len(self.train):,} train + "
            f"{len(self.test):,} test events)"
        )

    def check(self, whole: Interactions) -> Self:
        """Prove that no row of `whole` was lost, invented or put in both parts.

        Rows are compared as multisets: a row that `whole` holds twice must
        occur twice in the parts.

        Args:
            whole: The table that was split.

        Returns:
            This split.

        Raises:
            ValueError: If train and test together are not `whole`; the
                message counts the rows and shows one.
        """
        _check_vocabularies("whole", self.train, whole)
        rows = pd.concat(
            pd.DataFrame({column: getattr(table, column) for column in ROW}).assign(
                surplus=sign
            )
            for table, sign in ((whole, 1), (self.train, -1), (self.test, -1))
        )
        surplus = rows.groupby(list(ROW)).surplus.sum()  # of whole over its parts
        faults = [
            f"{plural(wrong.abs().sum(), 'row')} {fault} "
            f"({_describe(whole, *wrong.index[0])})"
            for fault, wrong in (
                ("lost", surplus[surplus > 0]),
                ("invented or shared", surplus[surplus < 0]),
            )
            if len(wrong)
        ]
        if faults:
            raise ValueError(
                "train and test are not the whole table: " + "; ".join(faults)
            )
        return self

    @property
    def repeats(self) -> int:
        """Test events whose (user, item) pair is in train too.

        None where every pair occurs once in the whole table. A recommender
        that masks seen items can never be right about the others.
        """
        train, test = (
            part.user * part.n_items + part.item for part in (self.train, self.test)
        )
        return int(np.isin(test, train).sum())


@dataclass(frozen=True, eq=False, repr=False)
class TemporalSplit(Split):
    """A split at one moment for all users.

    Attributes:
        at: Unix seconds; train events are earlier, test events not.

    Raises:
        ValueError: If an event is on the wrong side of `at`.
    """

    at: int

    def __post_init__(self) -> None:
        super().__post_init__()
        early = int((self.test.timestamp < self.at).sum())
        late = int((self.train.timestamp >= self.at).sum())
        if early or late:
            raise ValueError(
                f"at: {late} train events are not before {self.at}, "
                f"{early} test events are"
            )


@dataclass(frozen=True, eq=False, repr=False)
class LastOutSplit(Split):
    """A split that withholds the last events of each user.

    Attributes:
        n: Events withheld of each user in the test part.

    Raises:
        ValueError: If a user has another number of test events than `n` or
            none, or a train event later than one of his test events.
    """

    n: int

    def __post_init__(self) -> None:
        super().__post_init__()
        count = np.bincount(self.test.user, minlength=self.test.n_users)
        if not np.isin(count, (0, self.n)).all():
            raise ValueError(
                f"test: every user must have 0 or {self.n} events, "
                f"got {sorted(set(count.tolist()))}"
            )
        first = np.full(self.test.n_users, np.iinfo(np.int64).max)
        np.minimum.at(first, self.test.user, self.test.timestamp)
        late = int((self.train.timestamp > first[self.train.user]).sum())
        if late:
            raise ValueError(
                f"train: {plural(late, 'event')} later than a test event of "
                "the same user"
            )


@dataclass(frozen=True, eq=False, repr=False)
class ColdSplit(Split):
    """A split that withholds some items, or some users, whole.

    Attributes:
        cold: `int64[C]`, the indices held out, ascending.
        by: Whether `cold` are items or users.
        known: Events of each of them that train may hold. Those are
            `train.select(np.isin(train.user, cold))` where `by` is "user".

    Raises:
        ValueError: If a test event is not of a cold one, or train has more
            than `known` events of a cold one.
    """

    cold: np.ndarray
    by: Entity
    known: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        cold = np.unique(np.asarray(self.cold, dtype=np.int64))
        cold.flags.writeable = False
        object.__setattr__(self, "cold", cold)
        warm = int((~np.isin(entity_index(self.test, self.by), cold)).sum())
        if warm:
            raise ValueError(f"test: {plural(warm, 'event')} not of a cold {self.by}")
        index = entity_index(self.train, self.by)
        left = np.bincount(index[np.isin(index, cold)], minlength=1)
        if left.max() > self.known:
            raise ValueError(
                f"train: may hold {plural(self.known, 'event')} of a cold "
                f"{self.by}, holds {left.max()} of {self.by} index {left.argmax()}"
            )


def entity_index(x: Interactions, by: Entity) -> np.ndarray:
    """Return the `int64[N]` user or item index of every event.

    Raises:
        ValueError: If `by` is neither "user" nor "item".
    """
    if by not in ("user", "item"):
        raise ValueError(f'by: must be "user" or "item", got {by!r}')
    return x.user if by == "user" else x.item


def _check_vocabularies(name: str, train: Interactions, other: Interactions) -> None:
    for ids in ("user_ids", "item_ids"):
        if not getattr(train, ids).equals(getattr(other, ids)):
            raise ValueError(f"{name}: must have the {ids} of train, in that order")


def _describe(x: Interactions, user: int, item: int, value: float, time: int) -> str:
    return (
        f"user {x.user_ids[user]}, item {x.item_ids[item]}, value {value}, "
        f"timestamp {time}"
    )
