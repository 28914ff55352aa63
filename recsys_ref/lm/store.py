"""Vectors on disk, found again by the hash of what they were made from.

One SQLite file in `assets.home()` holds them all: a killed process leaves no
half-written row, and processes can use it at once. Every row has a checksum;
a damaged row is as good as absent, and a damaged file is begun anew.
"""

import contextlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from recsys_ref import assets

SOUND = {  # errors that do not mean a damaged file
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
PATIENCE = 60  # seconds that a process waits for another's write
PAGE = "PRAGMA page_size = 16384"  # in pages of 4 KiB half the room is lost
TABLE = """CREATE TABLE IF NOT EXISTS vectors
(key BLOB PRIMARY KEY, tokens INTEGER, crc INTEGER, vector BLOB)"""
Row = tuple[int, np.ndarray]


def path() -> Path:
    """Return the file of the store, whether or not it is there."""
    return assets.home() / "vectors.sqlite"


def size() -> int:
    """Return the bytes of the store on disk: about 1.8 KiB a text for MiniLM."""
    return path().stat().st_size if path().exists() else 0


def clear() -> None:
    """Forget all vectors; they are computed again when they are asked for."""
    for file in (path(), Path(f"{path()}-journal")):
        file.unlink(missing_ok=True)


def get(keys: Iterable[bytes]) -> dict[bytes, Row]:
    """Find rows: (tokens, `float32[D]`) of each key that is there and sound."""
    if not path().exists():
        return {}
    found: dict[bytes, Row] = {}

    def read(connection: sqlite3.Connection) -> None:
        query = "SELECT tokens, crc, vector FROM vectors WHERE key = ?"
        for key in keys:
            row = connection.execute(query, (key,)).fetchone()
            if row is not None and _is_sound(key, *row):
                found[key] = row[0], np.frombuffer(row[2], dtype="<f4")

    _attempt(read)
    return found


def put(rows: Mapping[bytes, Row]) -> None:
    """Keep rows, all or none of them.

    Raises:
        OSError: If the cache folder is full or may not be written.
    """
    filled = []
    for key, (tokens, vector) in rows.items():
        data = np.asarray(vector, dtype="<f4").tobytes()
        filled.append((key, tokens, _crc(key, tokens, data), data))
    _attempt(
        lambda connection: connection.executemany(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", filled
        )
    )


def _crc(key: bytes, tokens: int, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(b"%s %d" % (key, tokens)))


def _is_sound(key: bytes, tokens: object, crc: object, data: object) -> bool:
    whole = isinstance(tokens, int) and isinstance(data, bytes)
    return whole and _crc(key, tokens, data) == crc


def _attempt(work: Callable[[sqlite3.Connection], object]) -> None:
    """Do some work in one transaction; on a damaged file, begin a new one."""
    for last in (False, True):
        try:
            with _open() as connection, connection:
                work(connection)
            return
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            if not last and code & 0xFF not in SOUND:
                clear()
                continue
            raise OSError(
                f"the vectors' store {path()} cannot be used ({error}); set "
                "RECSYS_REF_HOME to a folder with room, or pass cache=False"
            ) from error


@contextlib.contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    path().parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path(), timeout=PATIENCE)) as connection:
        connection.execute(PAGE)
        connection.execute(TABLE)
        yield connection
