"""Real friendships with real listening: the six files of HetRec-2011 Last.fm.

The reader of the book downloads the folder; this module reads it, line by
line, and says of every line that it leaves out why. Book section 6.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.raw import check_files, read_table
from recsys_ref.data.report import CleaningReport, Sieve, Step
from recsys_ref.data.social import Relations, read_hetrec_friends

FIELDS = {
    "artists.dat": ("id", "name", "url", "pictureURL"),
    "tags.dat": ("tagID", "tagValue"),
    "user_artists.dat": ("userID", "artistID", "weight"),
    "user_taggedartists-timestamps.dat": ("userID", "artistID", "tagID", "timestamp"),
}
FRIENDS = "user_friends.dat"
# The names of artists are in many scripts; the tags were written in Latin-1.
ENCODING = {"tags.dat": "latin-1"}
# By the official readme of version 1.0.
README = {
    "users": 1_892,
    "artists": 17_632,
    "listening counts": 92_834,
    "tags": 11_946,
    "tag assignments": 186_479,
    "friendships": 12_717,
}


@dataclass(frozen=True, eq=False)
class HetrecLastfm:
    """What was read from the folder.

    Attributes:
        interactions: One event for each user and artist; `value` is how often
            he listened. The file has no times: every timestamp is 0, so no
            split by time can be made of it.
        artists: One artist a row, in the order of `interactions.item_ids`:
            `artist_id`, `name` and `tags`, the tags that most users gave him,
            the most frequent first, joined by commas; "" where there is none.
        assignments: Who gave which tag to whom: `user_id`, `artist_id`,
            `tag`, and `timestamp` in Unix seconds UTC.
        friends: The friendships between the users of `interactions`.
        reports: For each file, what was left out and why, by line number.
    """

    interactions: Interactions
    artists: pd.DataFrame
    assignments: pd.DataFrame
    friends: Relations
    reports: Mapping[str, CleaningReport]

    def __repr__(self) -> str:
        return f"HetrecLastfm({self.interactions!r}, {self.friends!r})"

    def text(self) -> np.ndarray:
        """Say what each artist is, for a language model to read, `str[I]`."""
        pairs = zip(self.artists["name"], self.artists["tags"], strict=True)
        lines = [f"{name}: {tags}" if tags else name for name, tags in pairs]
        return np.array(lines, dtype=str)

    def counts(self) -> pd.DataFrame:
        """Set what was read beside what the official readme counts."""
        read = {
            "users": self.interactions.n_users,
            "artists": self.reports["artists.dat"].rows_out,
            "listening counts": len(self.interactions),
            "tags": self.reports["tags.dat"].rows_out,
            "tag assignments": len(self.assignments),
            "friendships": len(self.friends),
        }
        return pd.DataFrame({"read": read, "readme": README})


def read_hetrec_lastfm(folder: Path | str, *, max_tags: int = 10) -> HetrecLastfm:
    r"""Read the folder of `hetrec2011-lastfm-2k.zip`.

    Left out, and reported by line number: a line with too few or too many
    fields or with bytes of another encoding, an id or a number that is none,
    a listening count below 1, an artist or a tag that its table does not
    have, and what is said a second time (the first stays). An artist without
    listeners stays among the items; a user without listening counts is no
    user. A tag time before 1970, which the real file has, is kept and
    reported. `user_taggedartists.dat` holds the same assignments by the day
    and is not read.

    Args:
        folder: Where the files lie.
        max_tags: How many tags an artist's text may have, at least 1. Of tags
            given equally often the one with the smaller id comes first.

    Raises:
        FileNotFoundError: If a file is missing; the error names all that are.
        ValueError: If a file's first line is not its header, `max_tags` is
            below 1 or no listening count is left.

    References:
        Cantador, Brusilovsky and Kuflik (2011),
        https://grouplens.org/datasets/hetrec-2011/; non-commercial use. Book
        section 6.2.

    Examples:
        >>> import tempfile
        >>> from recsys_ref.data.hetrec_example import write_hetrec_example
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_hetrec_example(folder, rng=0)
        ...     data = read_hetrec_lastfm(folder)
        >>> data.reports["user_artists.dat"]
        CleaningReport(607 rows in, 600 out: 1 blank line, 2 not 3 fields, 1
        weight not a whole number, 1 weight below 1, 1 artistID not in
        artists.dat, 1 listed before)
    """
    check_whole_number("max_tags", max_tags, 1)
    folder = Path(folder)
    archive = "hetrec2011-lastfm-2k.zip (https://grouplens.org/datasets/hetrec-2011/)"
    check_files(folder, (*FIELDS, FRIENDS), archive)
    reports: dict[str, CleaningReport] = {}
    artists = _table(folder, "artists.dat", ("id",), ("id",), reports)
    tags = _table(folder, "tags.dat", ("tagID",), ("tagID",), reports)
    known = {"artistID": ("artists.dat", artists["id"])}
    pair = ("userID", "artistID")
    listens = _table(
        folder, "user_artists.dat", (*pair, "weight"), pair, reports, known
    )
    if listens.empty:
        raise ValueError(f"{folder / 'user_artists.dat'}: no listening count is left")
    interactions = Interactions.from_frame(
        listens.set_axis(["user_id", "item_id", "value"], axis=1),
        item_ids=artists["id"].to_numpy(),
    )
    file = "user_taggedartists-timestamps.dat"
    triple = (*pair, "tagID")
    known["tagID"] = ("tags.dat", tags["tagID"])
    given = _table(folder, file, (*triple, "timestamp"), triple, reports, known)
    friends, reports[FRIENDS] = read_hetrec_friends(
        folder / FRIENDS, interactions.user_ids
    )
    return HetrecLastfm(
        interactions,
        pd.DataFrame(
            {
                "artist_id": artists["id"].to_numpy(),
                "name": artists["name"].to_numpy(),
                "tags": _tag_text(artists, tags, given, max_tags),
            }
        ),
        pd.DataFrame(
            {
                "user_id": given["userID"].to_numpy(),
                "artist_id": given["artistID"].to_numpy(),
                "tag": tags.set_index("tagID")["tagValue"]
                .reindex(given["tagID"])
                .to_numpy(),
                "timestamp": given["timestamp"].to_numpy() // 1000,
            }
        ),
        friends,
        reports,
    )


def _table(
    folder: Path,
    file: str,
    numbers: Sequence[str],
    key: Sequence[str],
    reports: dict[str, CleaningReport],
    known: Mapping[str, tuple[str, pd.Series]] | None = None,
) -> pd.DataFrame:
    """Read one file; `numbers` are whole, `key` is unique, `known` exist."""
    columns, encoding = FIELDS[file], ENCODING.get(file, "utf-8")
    with open(folder / file, encoding=encoding, errors="replace") as lines:
        header = tuple(lines.readline().lstrip("\ufeff").rstrip("\n").split("\t"))
    if header != columns:
        raise ValueError(f"{folder / file}, line 1: must be {columns}, got {header}")
    frame, lines_report = read_table(
        folder / file, columns, encoding=encoding, header=True
    )
    sieve = Sieve(frame)
    for name in numbers:
        whole = sieve.frame[name].str.fullmatch(r"-?[0-9]{1,18}").astype(bool)
        sieve.drop(f"{name} not a whole number", ~whole)
        sieve.frame = sieve.frame.assign(**{name: sieve.frame[name].astype("int64")})
    if "weight" in columns:
        sieve.drop("weight below 1", sieve.frame["weight"] < 1)
    for name in set(columns) & {"name", "tagValue"}:
        sieve.drop(f"{name} empty", sieve.frame[name].str.strip() == "")
    for name, (where, ids) in (known or {}).items():
        if name in columns:
            sieve.drop(f"{name} not in {where}", ~sieve.frame[name].isin(ids))
    sieve.drop("listed before", sieve.frame.duplicated(list(key)))
    report = lines_report.then(sieve.report())
    if "timestamp" in columns:
        early = sieve.frame.index[sieve.frame["timestamp"] < 0]
        kept = Step.of("timestamp before 1970", "kept", early)
        report = report.then(CleaningReport(report.rows_out, report.rows_out, (kept,)))
    reports[file] = report
    return sieve.frame


def _tag_text(
    artists: pd.DataFrame, tags: pd.DataFrame, given: pd.DataFrame, max_tags: int
) -> np.ndarray:
    """Join each artist's most frequent tags, `str[I]`."""
    times = given.groupby(["artistID", "tagID"]).size().rename("times").reset_index()
    times = times.sort_values(["artistID", "times", "tagID"], ascending=[1, 0, 1])
    times = times.groupby("artistID").head(max_tags)
    words = times["tagID"].map(tags.set_index("tagID")["tagValue"])
    joined = words.groupby(times["artistID"], sort=False).agg(", ".join)
    return joined.reindex(artists["id"]).fillna("").to_numpy(dtype=str)
