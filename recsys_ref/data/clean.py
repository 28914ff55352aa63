"""Cleaning: a raw table in, a typed table and an account of every row out.

Book section 3.1.
"""

import math
import re
from typing import Literal

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import COLUMNS
from recsys_ref.data.raw import read_table
from recsys_ref.data.repair import repair_text
from recsys_ref.data.report import CleaningReport, Sieve, Step

__all__ = ["CleaningReport", "Step", "clean_interactions", "read_table", "repair_text"]

MAX_SECONDS = 2**53  # whole numbers up to here survive a float64
WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")


def clean_interactions(
    frame: pd.DataFrame,
    *,
    value_range: tuple[float, float] | None = (1.0, 5.0),
    time_range: tuple[float, float] | None = None,
    duplicates: Literal["first", "last", "mean", "error"] = "last",
    min_user_events: int = 1,
    min_item_events: int = 1,
) -> tuple[pd.DataFrame, CleaningReport]:
    """Drop what cannot be an event, keep one event a pair, and say what was done.

    In this order: missing fields; numbers that are none; values and times out
    of range; the same user and item again; the k-core. A dropped row is
    counted once, under the first fault found.

    Args:
        frame: One event a row, fields as text or as numbers. Needs the
            columns user_id, item_id, value and timestamp; others are not
            carried over. An empty text and one of spaces count as missing.
        value_range: Lowest and highest possible value, both allowed. None: any
            finite one.
        time_range: Earliest and latest possible time in Unix seconds, both
            allowed, such as `(0, now)`. None: any.
        duplicates: Which event stands for several of one user and item: the
            "first" or the "last" in time (of tied ones, in the table), the
            last with the "mean" of all values, or none ("error").
        min_user_events: Users with fewer events are dropped with their
            events, and so are items by `min_item_events`, in turns, until
            neither finds any: the k-core.
        min_item_events: As for users.

    Returns:
        The events left, in their order and with the row labels of `frame`:
        ids `int64` in a column where every id is a whole number, else text;
        value `float64`; timestamp `int64`, a part of a second cut off. And
        the report, whose steps speak of those labels.

    Raises:
        KeyError: If a column is missing.
        ValueError: If a range is not (low, high), a minimum is below 1,
            `duplicates` is something else, or it is "error" and there are
            some.

    References:
        Batagelj and Zaversnik (2002), https://arxiv.org/abs/cs/0202039, for
        cores; book section 3.1.

    Examples:
        >>> raw = pd.DataFrame({
        ...     "user_id": ["1", "1", "2", "2", ""],
        ...     "item_id": ["7", "7", "7", "8", "8"],
        ...     "value": ["5", "3", "six", "9", "4"],
        ...     "timestamp": ["10", "20", "20", "20", "20"],
        ... })
        >>> clean, report = clean_interactions(raw)
        >>> clean
           user_id  item_id  value  timestamp
        1        1        7    3.0         20
        >>> frame = report.to_frame()
        >>> frame[frame.rows > 0]
                                   reason   action  rows examples
        0                 user_id missing  dropped     1        4
        5              value not a number  dropped     1        2
        12        value not in [1.0, 5.0]  dropped     1        3
        13  same user and item: kept last  dropped     1        0
    """
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        raise KeyError(f"frame: lacks {missing}, has {list(frame.columns)}")
    if duplicates not in ("first", "last", "mean", "error"):
        raise ValueError(
            f"duplicates: must be first, last, mean or error, got {duplicates!r}"
        )
    if pd.api.types.is_datetime64_any_dtype(frame["timestamp"]):
        raise ValueError(
            f"timestamp: must be Unix seconds, got {frame['timestamp'].dtype}"
        )
    sieve = Sieve(frame[list(COLUMNS)])
    for name in ("user_id", "item_id"):
        _clean_ids(sieve, name)
    for name in ("value", "timestamp"):
        _clean_numbers(sieve, name)
    _clean_seconds(sieve)
    _check_range(sieve, "value", "value_range", value_range)
    _check_range(sieve, "timestamp", "time_range", time_range)
    _merge_duplicates(sieve, duplicates)
    _keep_core(sieve, min_user_events, min_item_events)
    ids = {name: _typed(sieve.frame[name]) for name in ("user_id", "item_id")}
    return sieve.frame.assign(**ids), sieve.report()


def _clean_ids(sieve: Sieve, name: str) -> None:
    ids = sieve.frame[name].map(_id_text)
    sieve.drop(f"{name} missing", ids.isna())
    raw, ids = sieve.frame[name], ids[ids.notna().to_numpy()].astype(str)
    spaced = [isinstance(x, str) and x != y for x, y in zip(raw, ids, strict=True)]
    sieve.repair(f"{name} within spaces", spaced, **{name: ids})


def _id_text(value: object) -> str | None:
    """Write 7, 7.0 and " 7 " alike; None where there is no id."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            return None
        value = int(value) if value == int(value) else value
    return str(value)


def _clean_numbers(sieve: Sieve, name: str) -> None:
    raw = sieve.frame[name]
    blank = raw.map(lambda x: isinstance(x, str) and not x.strip()).astype(bool)
    sieve.drop(f"{name} missing", blank | raw.isna())
    number = pd.to_numeric(sieve.frame[name], errors="coerce").astype("float64")
    sieve.frame = sieve.frame.assign(**{name: number})
    sieve.drop(f"{name} not a number", sieve.frame[name].isna())
    sieve.drop(f"{name} not finite", np.isinf(sieve.frame[name]))


def _clean_seconds(sieve: Sieve) -> None:
    reason = "timestamp beyond 2**53 seconds"
    sieve.drop(reason, sieve.frame["timestamp"].abs() > MAX_SECONDS)
    seconds = np.floor(sieve.frame["timestamp"])
    cut = seconds != sieve.frame["timestamp"]
    sieve.repair("part of a second cut off", cut, timestamp=seconds.astype("int64"))


def _check_range(
    sieve: Sieve, column: str, argument: str, allowed: tuple[float, float] | None
) -> None:
    if allowed is None:
        return
    low, high = allowed
    if not low <= high:
        raise ValueError(f"{argument}: must be (low, high), got ({low}, {high})")
    inside = sieve.frame[column].between(low, high)
    sieve.drop(f"{column} not in [{low}, {high}]", ~inside)


def _merge_duplicates(sieve: Sieve, policy: str) -> None:
    pair, frame = ["user_id", "item_id"], sieve.frame
    if policy == "error":
        again = frame[frame.duplicated(pair).to_numpy()]
        if len(again):
            raise ValueError(
                f'duplicates: "error", and {len(again):,} rows repeat a user and '
                f"item, first user {again.user_id.iloc[0]}, "
                f"item {again.item_id.iloc[0]} in row {again.index[0]}"
            )
        return
    order = np.argsort(frame["timestamp"].to_numpy(), kind="stable")
    keep = "first" if policy == "first" else "last"
    again = np.empty(len(frame), dtype=bool)
    again[order] = frame.iloc[order].duplicated(pair, keep=keep)
    mean = frame.groupby(pair)["value"].transform("mean")[~again]
    sieve.drop(f"same user and item: kept {keep}", again)
    if policy == "mean":
        changed = mean != sieve.frame["value"]
        sieve.repair("same user and item: mean of values", changed, value=mean)


def _keep_core(sieve: Sieve, min_user_events: int, min_item_events: int) -> None:
    sides = {"user": min_user_events, "item": min_item_events}
    codes = {side: pd.factorize(sieve.frame[f"{side}_id"])[0] for side in sides}
    out = {side: np.zeros(len(sieve.frame), dtype=bool) for side in sides}
    for side, least in sides.items():
        check_whole_number(f"min_{side}_events", least, 1)
    left, before = len(sieve.frame), None
    while left != before:  # a fixed point: a round that drops nothing
        before = left
        for side, least in sides.items():
            kept = ~(out["user"] | out["item"])
            count = np.bincount(codes[side][kept], minlength=len(kept) + 1)
            out[side] |= kept & (count[codes[side]] < least)
        left = np.count_nonzero(~(out["user"] | out["item"]))
    for side, where in (("user", out["user"]), ("item", out["item"][~out["user"]])):
        if sides[side] > 1:
            sieve.drop(f"{side} with fewer than {sides[side]} events", where)


def _typed(ids: pd.Series) -> pd.Series:
    whole = all(WHOLE_NUMBER.fullmatch(text) for text in ids.unique())
    return ids.astype("int64" if whole else str)
