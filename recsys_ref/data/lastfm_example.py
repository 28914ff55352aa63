"""A small folder in the format of Last.fm's listening events, made up.

For trying out `lastfm_events` without the download, bad lines included. Its
users, artists and tracks do not exist. Book section 6.5.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from recsys_ref.data.lastfm_events import EVENTS, PROFILES

USERS, TRACKS, PLAYS = 6, 40, 40
START = datetime(2009, 4, 1, 12, tzinfo=UTC)
BAD = (
    b"",
    b"user_000001\t2009-04-08T01:57:47Z\t\tArtist 1\t",
    b"user_000001\t08.04.2009 01:57\t\tArtist 1\t\tTrack 1",
    b"user_000001\t2009-02-30T01:57:47Z\t\tArtist 1\t\tTrack 1",
    b"user_000001\t2009-04-08T01:57:47Z\t\tArtist 1\t\t",
    b"user_000001\t2009-04-08T01:57:47Z\t\tAm\xe9lie\t\tTrack 1",
)


def write_lastfm_example(folder: Path | str, *, rng: np.random.Generator | int) -> None:
    """Write both files.

    Six users play 40 tracks each, four minutes apart, from 40 tracks that all
    have one artist in four; every user hears 20 of them. The newest event of a
    user comes first, as in the real file. Then come six lines that cannot be
    read and one that repeats another.

    Args:
        folder: Where to; it must exist.
        rng: Seed or generator of who plays what.
    """
    rng = np.random.default_rng(rng)
    lines: list[bytes] = []
    for user in range(USERS):
        known = (np.arange(TRACKS // 2) * 2 + user) % TRACKS
        played = rng.permutation(np.concatenate([known, known]))[:PLAYS]
        for place, track in reversed(list(enumerate(played))):
            time = START + timedelta(days=user, minutes=4 * place)
            # Many real lines lack one of the MusicBrainz ids, or both.
            mbid = f"00000000-0000-4000-8000-{track:012d}" if track % 3 else ""
            lines.append(
                f"user_{user + 1:06d}\t{time:%Y-%m-%dT%H:%M:%SZ}\t\t"
                f"Artist {track % 4}\t{mbid}\tTrack {track}".encode()
            )
    lines += [*BAD, lines[0]]
    Path(folder, EVENTS).write_bytes(b"\n".join(lines) + b"\n")
    rows = ["#id\tgender\tage\tcountry\tregistered"]
    genders, ages = ("m", "f", ""), ("", "24", "31")
    for user in range(USERS):
        rows.append(
            f"user_{user + 1:06d}\t{genders[user % 3]}\t{ages[user % 3]}\t"
            "Japan\tAug 13, 2006"
        )
    rows += ["user_000001\tm\t\tPeru\tMay 1, 2007", "user_000099\tm\t\tPeru\t"]
    Path(folder, PROFILES).write_text("\n".join(rows) + "\n", encoding="utf-8")
