"""The users, with what the source says of each."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from recsys_ref.data.columns import distinct_ids, frozen_column


@dataclass(frozen=True, eq=False)
class Users:
    """An immutable table of U users, in the order of `ids`.

    Attributes:
        ids: `U` distinct ids as the source wrote them.
        age: `int64[U]`, in years.
        gender: `str[U]`, as the source wrote it ("M" and "F" in MovieLens).
        occupation: `str[U]`.
        zip_code: `str[U]`; text, for some start with 0 and some hold letters.

    Raises:
        ValueError: If the columns differ in length, an id occurs twice or
            an age is negative.

    Examples:
        >>> users = Users([1, 2], [24, 53], ["M", "F"], ["writer", "other"],
        ...               ["85711", "02139"])
        >>> users
        Users(2 users)
        >>> users.to_frame().zip_code.tolist()
        ['85711', '02139']
    """

    ids: pd.Index
    age: np.ndarray
    gender: np.ndarray
    occupation: np.ndarray
    zip_code: np.ndarray

    def __post_init__(self) -> None:
        ids = distinct_ids("ids", self.ids)
        object.__setattr__(self, "ids", ids)
        for name, dtype in (
            ("age", int),
            ("gender", str),
            ("occupation", str),
            ("zip_code", str),
        ):
            column = frozen_column(name, getattr(self, name), dtype, (len(ids),))
            object.__setattr__(self, name, column)
        if (self.age < 0).any():
            row = int(np.flatnonzero(self.age < 0)[0])
            raise ValueError(
                f"age: must not be negative, got {self.age[row]} in row {row}"
            )

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Users({len(self):,} users)"

    def select(self, rows: np.ndarray) -> Self:
        """Keep some users, in the order given.

        Args:
            rows: `bool[U]`, or `int64[M]` positions, each at most once.
        """
        return type(self)(
            self.ids[rows],
            self.age[rows],
            self.gender[rows],
            self.occupation[rows],
            self.zip_code[rows],
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one user a row: user_id, age, gender, occupation, zip_code."""
        return pd.DataFrame(
            {
                "user_id": self.ids,
                "age": self.age,
                "gender": self.gender,
                "occupation": self.occupation,
                "zip_code": self.zip_code,
            }
        )
