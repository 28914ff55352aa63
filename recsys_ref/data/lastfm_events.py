"""Who listened to what, and when: the events of the Last.fm 1K users data set.

Nineteen million lines, so the file is read as a stream: of each line only three
numbers are kept. Book section 6.5.
"""

import os
from array import array
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from tqdm import tqdm

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.raw import check_files, read_table
from recsys_ref.data.report import CleaningReport, Sieve, Step

EVENTS = "userid-timestamp-artid-artname-traid-traname.tsv"
PROFILES = "userid-profile.tsv"
PROFILE = ("user_id", "gender", "age", "country", "registered")
SIX_FIELDS, NO_TEXT = "not 6 fields", "not utf-8"
NO_USER, NO_NAME = "user without id", "artist or track without name"
NO_TIME = "time not like 2009-04-08T01:57:47Z"
NOT_ASKED, AGAIN = "user not asked for", "same user, time and item before"
REASONS = ("blank line", NO_TEXT, SIX_FIELDS, NO_USER, NOT_ASKED, NO_NAME, NO_TIME)


@dataclass(frozen=True, eq=False)
class LastfmEvents:
    """What was read from the folder.

    Attributes:
        interactions: One event a listening, values 1, oldest first for each
            user. A user who hears an item again has another event.
        items: One item a row, in the order of `interactions.item_ids`:
            `item_id`, `artist` and, where items are tracks, `track`.
        users: One user a row, in the order of `interactions.user_ids`:
            `user_id`, `gender` ("m", "f" or ""), `age` in years, NaN where
            unknown, `country` and `registered`, "" where unknown.
        reports: Of both files, what was left out and why, by line number.
    """

    interactions: Interactions
    items: pd.DataFrame
    users: pd.DataFrame
    reports: Mapping[str, CleaningReport]

    def __repr__(self) -> str:
        return f"LastfmEvents({self.interactions!r})"


def read_lastfm_events(
    folder: Path | str,
    *,
    items: Literal["tracks", "artists"] = "tracks",
    users: Iterable[str] | None = None,
    progress: bool = False,
) -> LastfmEvents:
    r"""Read the folder of `lastfm-dataset-1K.tar.gz`.

    An item is known by its names, since many lines have no MusicBrainz id. Left
    out, and reported by line number: a line without six fields or with bytes
    that are not UTF-8, a user without id, an artist or a track without name, a
    time in another form, and a line that says again what another line said. The
    file has each user's newest event first; here the oldest comes first, so
    that events of one second keep their order too.

    Args:
        folder: Where the two files lie.
        items: Whether items are tracks (an artist's name and a title) or
            artists.
        users: Ids of the users to keep, such as "user_000639"; their lines
            alone take memory. Default: all, about 400 MB for the whole file.
        progress: Whether to draw a bar of bytes read on stderr, if a terminal.

    Raises:
        FileNotFoundError: If a file is missing; the error names all that are.
        ValueError: If `items` is neither, or no event is left.

    References:
        Celma (2010), Music Recommendation and Discovery,
        https://doi.org/10.1007/978-3-642-13287-2; by the readme of version 1.0
        there are 19,150,868 lines of 992 users; non-commercial use.

    Examples:
        >>> import tempfile
        >>> from recsys_ref.data.lastfm_example import write_lastfm_example
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_lastfm_example(folder, rng=0)
        ...     data = read_lastfm_events(folder)
        >>> data
        LastfmEvents(Interactions(240 events, 6 users, 40 items, density 50.00%))
        >>> data.reports[EVENTS].dropped
        7
    """
    folder = Path(folder)
    check_files(folder, (EVENTS, PROFILES), "lastfm-dataset-1K.tar.gz")
    if items not in ("tracks", "artists"):
        raise ValueError(f"items: must be 'tracks' or 'artists', got {items!r}")
    wanted = None if users is None else frozenset(users)
    interactions, names, report = _events(folder / EVENTS, items, wanted, progress)
    profiles, profile_report = _profiles(folder / PROFILES, interactions.user_ids)
    columns = ["artist", "track"] if items == "tracks" else ["artist"]
    table = pd.DataFrame(names, columns=columns)
    table.insert(0, "item_id", interactions.item_ids)
    reports = {EVENTS: report, PROFILES: profile_report}
    return LastfmEvents(interactions, table, profiles, reports)


def _events(
    path: Path, items: str, wanted: frozenset[str] | None, progress: bool
) -> tuple[Interactions, list[tuple[str, ...]], CleaningReport]:
    user_code: dict[str, int] = {}
    item_code: dict[tuple[str, ...], int] = {}
    columns = [array("q") for _ in range(4)]  # user, item, time, line
    faults: dict[str, list[int]] = {reason: [] for reason in REASONS}
    bar = tqdm(
        total=os.path.getsize(path),
        unit="B",
        unit_scale=True,
        desc=path.name[:20],
        disable=None if progress else True,
    )
    n_lines = 0
    with bar, open(path, "rb") as file:
        for number, raw in enumerate(file, start=1):
            n_lines = number
            bar.update(len(raw))
            if number == 1:
                raw = raw.removeprefix(BOM_UTF8)
            found = _event(raw, items, wanted)
            if isinstance(found, str):
                faults[found].append(number)
                continue
            user, names, time = found
            event = (
                user_code.setdefault(user, len(user_code)),
                item_code.setdefault(names, len(item_code)),
                time,
                number,
            )
            for column, value in zip(columns, event, strict=True):
                column.append(value)
    user, item, time, line = (np.array(column, dtype=np.int64) for column in columns)
    order = np.lexsort((-line, time, user))  # oldest first, ties as they happened
    user, item, time, line = user[order], item[order], time[order], line[order]
    events = pd.DataFrame({"user": user, "item": item, "time": time})
    again = events.duplicated(keep="last").to_numpy()
    steps = [Step.of(reason, "dropped", lines) for reason, lines in faults.items()]
    steps.append(Step.of(AGAIN, "dropped", np.sort(line[again]).tolist()))
    user, item, time = user[~again], item[~again], time[~again]
    report = CleaningReport(n_lines, len(user), tuple(steps))
    if not len(user):
        raise ValueError(f"{path}: no event is left: {report}")
    names = list(item_code)
    ids = [" - ".join(parts) for parts in names]
    if len(set(ids)) < len(ids):  # "a - b", "c" and "a", "b - c"
        ids = [f"{name} [{place}]" for place, name in enumerate(ids)]
    table = Interactions(user, item, np.ones(len(user)), time, list(user_code), ids)
    return table, names, report


def _event(
    raw: bytes, items: str, wanted: frozenset[str] | None
) -> tuple[str, tuple[str, ...], int] | str:
    """Return user, names of the item and Unix seconds; or what is wrong."""
    try:
        line = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return NO_TEXT
    if not line.strip():
        return "blank line"
    fields = line.split("\t")
    if len(fields) != 6:
        return SIX_FIELDS
    user, time, _, artist, _, track = (field.strip() for field in fields)
    if not user:
        return NO_USER
    if wanted is not None and user not in wanted:
        return NOT_ASKED
    names = (artist, track) if items == "tracks" else (artist,)
    if not all(names):
        return NO_NAME
    if len(time) != 20 or time[10] != "T" or time[-1] != "Z":
        return NO_TIME
    try:
        return user, names, int(datetime.fromisoformat(time).timestamp())
    except ValueError:
        return NO_TIME


def _profiles(path: Path, user_ids: pd.Index) -> tuple[pd.DataFrame, CleaningReport]:
    """Read the users' table; who is not in it keeps empty fields."""
    with open(path, encoding="utf-8", errors="replace") as file:
        header = file.readline().startswith("#")
    frame, lines = read_table(path, PROFILE, header=header)
    sieve = Sieve(frame)
    sieve.drop("user without events", ~frame["user_id"].isin(user_ids))
    sieve.drop("user listed before", sieve.frame["user_id"].duplicated())
    bad = ~sieve.frame["gender"].isin(["m", "f", ""])
    sieve.drop("gender not m, f or empty", bad)
    whole = sieve.frame["age"].str.fullmatch(r"\d*")
    sieve.drop("age not a whole number or empty", ~whole)
    report = lines.then(sieve.report())
    found = sieve.frame.set_index("user_id").reindex(user_ids)
    table = pd.DataFrame(
        {
            "user_id": user_ids,
            "gender": found["gender"].fillna("").to_numpy(),
            "age": pd.to_numeric(found["age"].replace("", np.nan)).to_numpy(float),
            "country": found["country"].fillna("").to_numpy(),
            "registered": found["registered"].fillna("").to_numpy(),
        }
    )
    return table, report
