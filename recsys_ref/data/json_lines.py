"""A reader of JSON lines that survives bad ones and says where they are.

Book section 6.1.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

EVERY = 10_000  # lines between two moves of the progress bar
FAULTS = ("blank line", "not utf-8", "not JSON", "not a JSON object")


def find_json_lines(folder: Path | str, stem: str) -> Path:
    """Return the file `stem.jsonl`, or else `stem.jsonl.gz`, of a folder.

    Raises:
        FileNotFoundError: If the folder or both files are missing; the message
            lists what is there.
    """
    folder = Path(folder)
    if not folder.is_dir():
        kind = "is a file, not a folder" if folder.exists() else "no such folder"
        raise FileNotFoundError(f"{folder}: {kind}")
    names = (f"{stem}.jsonl", f"{stem}.jsonl.gz")
    for name in names:
        if (folder / name).is_file():
            return folder / name
    there = sorted(path.name for path in folder.iterdir())[:10]
    raise FileNotFoundError(f"{folder}: needs {' or '.join(names)}, has {there}")


def read_json_lines(
    path: Path | str, *, progress: bool = True
) -> Iterator[tuple[int, dict | str]]:
    r"""Yield each line's number and what it holds, one line in memory at a time.

    Args:
        path: The file; it is unpacked on the way if its name ends in `.gz`.
        progress: Whether to draw a bar on standard error, if that is a terminal.
            It counts the bytes of the file as it lies on the disk.

    Yields:
        The number of the line, from 1, with the object that it holds, or with
        what is wrong with it: one of `FAULTS`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a packed file ends too early or is damaged. A lost row
            is a row; who lost the end of a file should know.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "a.jsonl")
        ...     _ = path.write_text('{"rating": 5.0}\n{"rating": \n')
        ...     list(read_json_lines(path))
        [(1, {'rating': 5.0}), (2, 'not JSON')]
    """
    path, number = Path(path), 0
    with (
        open(path, "rb") as raw,
        tqdm(
            total=path.stat().st_size,
            desc=path.name,
            unit="B",
            unit_scale=True,
            disable=None if progress else True,  # None: only on a terminal
        ) as bar,
    ):
        lines = _lines(path, raw)
        while True:
            try:
                line = next(lines, None)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ValueError(
                    f"{path}: the packed file is torn or damaged after line "
                    f"{number:,} ({error}); download it again"
                ) from None
            if line is None:
                break
            number += 1
            if number % EVERY == 0:
                bar.update(raw.tell() - bar.n)
            yield number, _parse(line)
        bar.update(raw.tell() - bar.n)


def _lines(path: Path, raw: BinaryIO) -> Iterator[bytes]:
    return iter(gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw)


def _parse(line: bytes) -> dict | str:
    if not line.strip():
        return "blank line"
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:  # a ValueError, too
        return "not utf-8"
    except (ValueError, RecursionError):
        return "not JSON"
    return record if isinstance(record, dict) else "not a JSON object"
