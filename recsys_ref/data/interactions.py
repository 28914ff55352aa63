"""X, the behaviour data: who chose what, how much, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref.data.columns import frozen_matrix

COLUMNS = ("user_id", "item_id", "value", "timestamp")


@dataclass(frozen=True, eq=False)
class Interactions:
    """An immutable table of N events between U users and I items.

    Users and items are numbered from 0 in the order of `user_ids` and
    `item_ids`. Parts of a table (`select`) keep both vocabularies, so the
    matrices of a train and a test part always have the same shape.

    Attributes:
        user: `int64[N]`, index of the user of each event.
        item: `int64[N]`, index of the item of each event.
        value: `float64[N]`, the rating, the watch time or 1. Finite.
        timestamp: `int64[N]`, Unix seconds UTC.
        user_ids: `U` distinct ids as the source wrote them.
        item_ids: `I` distinct ids as the source wrote them.

    Raises:
        ValueError: If the columns differ in length, an index or a timestamp
            is not a whole number, an index falls outside its vocabulary, a
            value is not finite, or an id is missing or occurs twice.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": ["ann", "bob", "ann"],
        ...     "item_id": [10, 10, 30],
        ...     "value": [5.0, 3.0, 4.0],
        ...     "timestamp": [0, 60, 120],
        ... }))
        >>> table
        Interactions(3 events, 2 users, 2 items, density 75.00%)
        >>> table.matrix().toarray()
        array([[1., 1.],
               [1., 0.]])
        >>> table.matrix(table.value).toarray()
        array([[5., 4.],
               [3., 0.]])
    """

    user: np.ndarray
    item: np.ndarray
    value: np.ndarray
    timestamp: np.ndarray
    user_ids: pd.Index
    item_ids: pd.Index

    def __post_init__(self) -> None:
        for name in ("user", "item", "value", "timestamp"):
            given = getattr(self, name)
            column = (  # own copy
                np.array(given, dtype=np.float64)
                if name == "value"
                else _whole_numbers(name, given)
            )
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        for name in ("user_ids", "item_ids"):
            ids = pd.Index(getattr(self, name), name=None)
            if not ids.is_unique:
                twice = ids[ids.duplicated()].tolist()[:3]
                raise ValueError(f"{name}: ids must be distinct, got {twice} twice")
            if ids.hasnans:
                raise ValueError(f"{name}: an id must not be missing, got NaN")
            object.__setattr__(self, name, ids)
        self._check()

    def _check(self) -> None:
        lengths = {
            name: len(getattr(self, name))
            for name in ("user", "item", "value", "timestamp")
        }
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns must have one length, got {lengths}")
        for name, size in (("user", self.n_users), ("item", self.n_items)):
            index = getattr(self, name)
            if index.size and not 0 <= index.min() <= index.max() < size:
                raise ValueError(
                    f"{name}: every index must be in [0, {size}), "
                    f"got {index.min()} to {index.max()}"
                )
        if not np.isfinite(self.value).all():
            row = int(np.flatnonzero(~np.isfinite(self.value))[0])
            raise ValueError(
                f"value: must be finite, got {self.value[row]} in row {row}"
            )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        user_ids: Iterable | None = None,
        item_ids: Iterable | None = None,
    ) -> Self:
        """Number the ids of a table with the columns `COLUMNS`.

        Args:
            frame: One event a row. A missing `value` column counts as 1, a
                missing `timestamp` column as 0.
            user_ids: The users in the wanted order. Default: those in
                `frame`, sorted.
            item_ids: The items in the wanted order. Default: as for users.

        Raises:
            KeyError: If a column is missing, or an id is not in the
                vocabulary given.
        """
        missing = [name for name in COLUMNS[:2] if name not in frame]
        if missing:
            raise KeyError(f"frame: lacks {missing}, has {list(frame.columns)}")
        index, vocabulary = {}, {}
        for name, ids in (("user_id", user_ids), ("item_id", item_ids)):
            ids = pd.Index(np.sort(frame[name].unique()) if ids is None else ids)
            vocabulary[name], index[name] = ids, _lookup(ids, frame[name], name)
        events = len(frame)
        return cls(
            user=index["user_id"],
            item=index["item_id"],
            value=frame["value"] if "value" in frame else np.ones(events),
            timestamp=frame["timestamp"]
            if "timestamp" in frame
            else np.zeros(events, dtype=np.int64),
            user_ids=vocabulary["user_id"],
            item_ids=vocabulary["item_id"],
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the events with their original ids, in their order."""
        return pd.DataFrame(
            {
                "user_id": self.user_ids.take(self.user),
                "item_id": self.item_ids.take(self.item),
                "value": self.value,
                "timestamp": self.timestamp,
            }
        )

    @property
    def n_users(self) -> int:
        """U, users in the vocabulary, with or without events."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """I, items in the vocabulary, with or without events."""
        return len(self.item_ids)

    @property
    def density(self) -> float:
        """Share of the U x I cells that hold an event; NaN if there are none."""
        cells = self.n_users * self.n_items
        return self.matrix().nnz / cells if cells else float("nan")

    def __len__(self) -> int:
        return len(self.user)

    def __repr__(self) -> str:
        return (
            f"Interactions({len(self):,} events, {self.n_users:,} users, "
            f"{self.n_items:,} items, density {self.density:.2%})"
        )

    @cached_property
    def _binary(self) -> csr_array:
        matrix = self.matrix(np.ones(len(self)))
        matrix.data[:] = 1.0
        return frozen_matrix(matrix)

    def matrix(self, weights: np.ndarray | None = None) -> csr_array:
        """View the events as a sparse matrix.

        Args:
            weights: `float64[N]`, one a event; repeated (user, item) pairs
                are added up. Default: 1 for each pair that occurs.

        Returns:
            `float64[U, I]` in canonical form. Without `weights` it is made
            once and read-only.
        """
        if weights is None:
            return self._binary
        cells = (np.asarray(weights, dtype=np.float64), (self.user, self.item))
        matrix = csr_array(cells, shape=(self.n_users, self.n_items))
        matrix.sum_duplicates()
        return matrix

    def select(self, rows: np.ndarray) -> Self:
        """Keep some events and both vocabularies.

        Args:
            rows: `bool[N]`, or `int64[M]` positions.
        """
        return type(self)(
            self.user[rows],
            self.item[rows],
            self.value[rows],
            self.timestamp[rows],
            self.user_ids,
            self.item_ids,
        )

    def user_index(self, ids: Sequence) -> np.ndarray:
        """Return the `int64[B]` indices of user ids; KeyError names unknown ones."""
        return _lookup(self.user_ids, ids, "user_id")

    def item_index(self, ids: Sequence) -> np.ndarray:
        """Return the `int64[B]` indices of item ids; KeyError names unknown ones."""
        return _lookup(self.item_ids, ids, "item_id")


def _whole_numbers(name: str, given: Sequence) -> np.ndarray:
    """Copy a column to `int64`; ValueError if a number would change on the way."""
    given = np.asarray(given)
    if given.size and given.dtype.kind not in "iufO":
        raise ValueError(f"{name}: must be whole numbers, got {given.dtype}")
    with np.errstate(invalid="ignore"):
        column = given.astype(np.int64)
    changed = column != given
    if changed.any():
        row = int(np.argmax(changed))
        raise ValueError(
            f"{name}: must be whole numbers, got {given[row]} in row {row}"
        )
    return column


def _lookup(vocabulary: pd.Index, ids: Sequence, name: str) -> np.ndarray:
    ids = pd.Index(ids)
    index = vocabulary.get_indexer(ids)
    if (index < 0).any():
        unknown = ids[index < 0].unique().tolist()[:5]
        raise KeyError(f"{name}: not in the vocabulary: {unknown}")
    return index.astype(np.int64)
