"""What cleaning did: a report that accounts for every row.

Book section 3.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

EXAMPLES = 3


@dataclass(frozen=True)
class Step:
    """One thing that was looked for.

    Attributes:
        reason: What was wrong with the rows.
        action: What was done to them: "dropped", "repaired", or "kept" as
            they were and only reported.
        rows: How many there were, 0 included.
        examples: Labels of the first three of them.
    """

    reason: str
    action: Literal["dropped", "repaired", "kept"]
    rows: int
    examples: tuple = ()

    @classmethod
    def of(
        cls,
        reason: str,
        action: Literal["dropped", "repaired", "kept"],
        labels: Iterable,
    ) -> "Step":
        """Count the labels of the rows concerned and keep the first three."""
        labels = list(labels)
        return cls(reason, action, len(labels), tuple(labels[:EXAMPLES]))


@dataclass(frozen=True)
class CleaningReport:
    """Every row that went in is in the result or counted in a step.

    Attributes:
        rows_in: Rows of the input.
        rows_out: Rows of the result.
        steps: What was looked for, in the order of the search.

    Raises:
        ValueError: If rows are unaccounted for.

    Examples:
        >>> report = CleaningReport(5, 4, (
        ...     Step("value missing", "dropped", 1, ("line 3",)),
        ...     Step("duplicate", "dropped", 0)))
        >>> report
        CleaningReport(5 rows in, 4 out: 1 value missing)
        >>> report.to_frame()
                  reason   action  rows examples
        0  value missing  dropped     1   line 3
        1      duplicate  dropped     0
        >>> CleaningReport(5, 4, ())
        Traceback (most recent call last):
            ...
        ValueError: rows_out: 5 rows in less 0 dropped is not 4
    """

    rows_in: int
    rows_out: int
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if self.rows_in - self.dropped != self.rows_out:
            raise ValueError(
                f"rows_out: {self.rows_in:,} rows in less {self.dropped:,} dropped "
                f"is not {self.rows_out:,}"
            )

    @property
    def dropped(self) -> int:
        """Rows that are not in the result."""
        return sum(step.rows for step in self.steps if step.action == "dropped")

    def __getitem__(self, reason: str) -> Step:
        """Return the step of that reason; KeyError lists those there are."""
        for step in self.steps:
            if step.reason == reason:
                return step
        raise KeyError(f"no step {reason!r}, have {[s.reason for s in self.steps]}")

    def then(self, *later: "CleaningReport") -> "CleaningReport":
        """Join reports of one table, each of what the one before it left.

        Examples:
            >>> lines = CleaningReport(5, 4, (Step("blank", "dropped", 1),))
            >>> lines.then(CleaningReport(4, 2, (Step("again", "dropped", 2),)))
            CleaningReport(5 rows in, 2 out: 1 blank, 2 again)
        """
        reports = (self, *later)
        steps = tuple(step for report in reports for step in report.steps)
        return CleaningReport(self.rows_in, reports[-1].rows_out, steps)

    def __repr__(self) -> str:
        found = [f"{step.rows:,} {step.reason}" for step in self.steps if step.rows]
        return (
            f"CleaningReport({self.rows_in:,} rows in, {self.rows_out:,} out: "
            f"{', '.join(found) or 'nothing found'})"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one step a row: reason, action, rows, examples as text."""
        return pd.DataFrame(
            {
                "reason": [step.reason for step in self.steps],
                "action": [step.action for step in self.steps],
                "rows": np.array([step.rows for step in self.steps], dtype=np.int64),
                "examples": [", ".join(map(str, s.examples)) for s in self.steps],
            }
        )


class Sieve:
    """A table under cleaning, and the steps that it has been through.

    Args:
        frame: The table. It is not changed; `frame` of the sieve is a copy.

    Examples:
        >>> sieve = Sieve(pd.DataFrame({"value": [1, -1]}, index=["a", "b"]))
        >>> sieve.drop("negative", sieve.frame.value < 0)
        >>> sieve.report()
        CleaningReport(2 rows in, 1 out: 1 negative)
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame.copy()
        self._rows_in = len(frame)
        self._steps: list[Step] = []

    def drop(self, reason: str, where: np.ndarray) -> None:
        """Leave out the rows marked by `bool[N]`."""
        where = np.asarray(where, dtype=bool)
        self._steps.append(Step.of(reason, "dropped", self.frame.index[where]))
        self.frame = self.frame[~where]

    def repair(self, reason: str, where: np.ndarray, **columns: pd.Series) -> None:
        """Replace columns, and count the rows marked by `bool[N]` as changed."""
        where = np.asarray(where, dtype=bool)
        self._steps.append(Step.of(reason, "repaired", self.frame.index[where]))
        self.frame = self.frame.assign(**columns)

    def report(self) -> CleaningReport:
        """Account for all rows."""
        return CleaningReport(self._rows_in, len(self.frame), tuple(self._steps))
