"""Pages that were shown: what stood on each, and what was clicked.

A table of clicks does not say what a reader saw and passed over; a table of
impressions does. Book section 6.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from recsys_ref.data.columns import distinct_ids
from recsys_ref.data.interactions import Interactions


@dataclass(frozen=True, eq=False)
class Impressions:
    """An immutable table of N pages, each a list of its own length.

    Attributes:
        user: `int64[N]`, index of the reader of each page.
        timestamp: `int64[N]`, Unix seconds UTC.
        shown: N arrays `int64[K_n]`, indices of the items in the order shown, none
            twice and at least one.
        clicked: N arrays `bool[K_n]`, which of them were clicked.
        history: N arrays `int64[H_n]`, what the reader had chosen before, if the
            source says so; empty arrays otherwise.
        user_ids: `U` distinct ids as the source wrote them.
        item_ids: `I` distinct ids as the source wrote them.

    Raises:
        ValueError: If the columns differ in length, an index lies outside its
            vocabulary, a page is empty or holds an item twice, or its clicks are
            not one for each item.

    Examples:
        >>> pages = Impressions.from_lists(
        ...     ["ann", "bob"], [60, 0], [[0, 2], [1]], [[False, True], [False]],
        ...     item_ids=["N1", "N2", "N3"])
        >>> pages
        Impressions(2 pages, 2 users, 3 items, 3 shown, 1 clicked)
        >>> pages.clicks().to_frame()
          user_id item_id  value  timestamp
        0     ann      N3    1.0         60
    """

    user: np.ndarray
    timestamp: np.ndarray
    shown: tuple[np.ndarray, ...]
    clicked: tuple[np.ndarray, ...]
    history: tuple[np.ndarray, ...]
    user_ids: pd.Index
    item_ids: pd.Index

    def __post_init__(self) -> None:
        for name in ("user_ids", "item_ids"):
            object.__setattr__(self, name, distinct_ids(name, getattr(self, name)))
        for name in ("user", "timestamp"):
            column = np.array(getattr(self, name), dtype=np.int64)
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        for name, dtype in (("shown", int), ("clicked", bool), ("history", int)):
            rows = tuple(np.array(row, dtype=dtype) for row in getattr(self, name))
            object.__setattr__(self, name, rows)
        self._check()

    def _check(self) -> None:
        columns = ("user", "timestamp", "shown", "clicked", "history")
        lengths = {name: len(getattr(self, name)) for name in columns}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns must have one length, got {lengths}")
        _check_index("user", self.user, len(self.user_ids))
        for name in ("shown", "history"):
            rows = getattr(self, name)
            everything = np.concatenate(rows) if rows else np.empty(0, np.int64)
            _check_index(name, everything, len(self.item_ids))
        for page, (shown, clicked) in enumerate(
            zip(self.shown, self.clicked, strict=True)
        ):
            if not shown.size or len(np.unique(shown)) < shown.size:
                raise ValueError(
                    f"shown: a page must hold distinct items and at least one, got "
                    f"{shown.tolist()} on page {page}"
                )
            if clicked.shape != shown.shape:
                raise ValueError(
                    f"clicked: must have one value an item, got {clicked.size} for "
                    f"{shown.size} on page {page}"
                )

    @classmethod
    def from_lists(
        cls,
        users: Sequence,
        timestamps: Sequence[int],
        shown: Sequence,
        clicked: Sequence,
        history: Sequence | None = None,
        *,
        item_ids: Sequence,
        user_ids: Sequence | None = None,
    ) -> Self:
        """Number the readers; items are numbered already.

        Args:
            users: N ids.
            timestamps: N times, Unix seconds UTC.
            shown: N lists of item indices.
            clicked: N lists of bool.
            history: N lists of item indices. Default: none is known.
            item_ids: The I items.
            user_ids: The readers in the wanted order. Default: sorted.

        Raises:
            ValueError: As the class, or if a reader is not in `user_ids`.
        """
        ids = pd.Index(np.sort(pd.unique(pd.Series(users)))
                       if user_ids is None else user_ids)  # fmt: skip
        user = ids.get_indexer(pd.Index(users))
        none = np.empty(0, dtype=np.int64)
        history = [none] * len(user) if history is None else history
        return cls(user, timestamps, shown, clicked, history, ids, item_ids)

    def __len__(self) -> int:
        return len(self.user)

    def __repr__(self) -> str:
        places = sum(map(len, self.shown))
        clicks = sum(int(row.sum()) for row in self.clicked)
        return (
            f"Impressions({len(self):,} pages, {len(self.user_ids):,} users, "
            f"{len(self.item_ids):,} items, {places:,} shown, {clicks:,} clicked)"
        )

    def select(self, rows: np.ndarray) -> Self:
        """Keep some pages, `bool[N]` or `int64[M]`, and both vocabularies."""
        rows = np.arange(len(self))[rows]
        return type(self)(
            self.user[rows],
            self.timestamp[rows],
            *(
                tuple(column[row] for row in rows)
                for column in (self.shown, self.clicked, self.history)
            ),
            self.user_ids,
            self.item_ids,
        )

    def clicks(self) -> Interactions:
        """Return the clicks as events of value 1, at the time of their page."""
        count = np.array([row.sum() for row in self.clicked], dtype=np.int64)
        chosen = [
            shown[hit] for shown, hit in zip(self.shown, self.clicked, strict=True)
        ]
        return Interactions(
            np.repeat(self.user, count),
            np.concatenate([np.empty(0, np.int64), *chosen]),
            np.ones(count.sum()),
            np.repeat(self.timestamp, count),
            self.user_ids,
            self.item_ids,
        )

    def histories(self) -> Interactions:
        """Return what the readers had chosen before, each pair once, of value 1.

        When that was is not known; it is set to one second before the first page.
        """
        count = np.array([len(row) for row in self.history], dtype=np.int64)
        item = np.concatenate([np.empty(0, np.int64), *self.history])
        pairs = np.stack([np.repeat(self.user, count), item])
        user, item = np.unique(pairs, axis=1)
        before = self.timestamp.min(initial=np.iinfo(np.int64).max) - 1
        return Interactions(
            user,
            item,
            np.ones(user.size),
            np.full(user.size, before),
            self.user_ids,
            self.item_ids,
        )

    def looks(self, examination: np.ndarray) -> Interactions:
        """Return what was shown as events, each with the chance of a look as value.

        Args:
            examination: `float64[K]`, the chance that each place is looked at; K at
                least the longest page.

        Raises:
            ValueError: If a page is longer than `examination`.
        """
        count = np.array([len(row) for row in self.shown], dtype=np.int64)
        longest = int(count.max(initial=0))
        if longest > len(examination):
            raise ValueError(
                f"examination: must reach the {longest} places of the longest page, "
                f"got {len(examination)}"
            )
        chances = [np.asarray(examination, float)[:length] for length in count]
        return Interactions(
            np.repeat(self.user, count),
            np.concatenate([np.empty(0, np.int64), *self.shown]),
            np.concatenate([np.empty(0), *chances]),
            np.repeat(self.timestamp, count),
            self.user_ids,
            self.item_ids,
        )


def _check_index(name: str, index: np.ndarray, size: int) -> None:
    if index.size and not 0 <= index.min() <= index.max() < size:
        raise ValueError(
            f"{name}: every index must be in [0, {size}), "
            f"got {index.min()} to {index.max()}"
        )
