"""A reader of delimited files that survives their bad lines and lists them.

Book section 3.1.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from recsys_ref.data.report import CleaningReport, Step

UNDECODED = re.compile("[\udc80-\udcff]")  # bytes that came through undecoded


def check_files(folder: Path, names: Sequence[str], unpack: str) -> None:
    """Refuse a folder that does not hold all of the files.

    Args:
        folder: Where they should lie.
        names: Of the files.
        unpack: The archive that has them, for the error.

    Raises:
        FileNotFoundError: If there is no such folder, it is a file (such as the
            archive itself), or a file is missing; the error names all that are.
        PermissionError: If the folder may not be entered.
    """
    if not folder.is_dir():
        kind = "is a file, not a folder" if folder.exists() else "no such folder"
        raise FileNotFoundError(
            f"folder: {folder}: {kind}; give the one that {unpack} was unpacked to"
        )
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"folder: {folder} lacks {missing}, needs {list(names)}; unpack {unpack} "
            "there"
        )


def read_table(
    path: Path | str,
    columns: Sequence[str],
    *,
    sep: str = "\t",
    encoding: str = "utf-8",
    header: bool = False,
) -> tuple[pd.DataFrame, CleaningReport]:
    r"""Read fields as text; leave out and report lines that are not rows.

    Fields are what stands between separators, spaces included; quotes have no
    meaning.

    Args:
        path: The file.
        columns: Names of the fields; a line must have as many.
        sep: What stands between fields, one character or more.
        encoding: How the file is encoded; "utf-8-sig" where it starts with a byte
            order mark.
        header: Whether the first line is a header, to be skipped.

    Returns:
        One line a row, every field a string; the row labels are the line
        numbers in the file, from 1, and so are the examples of the report.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If `sep` is empty or `columns` are not distinct names.

    References:
        Book section 3.1.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "u.data")
        ...     _ = path.write_text("196\t242\t3\n186\t302\n22\t377\t1\n")
        ...     frame, report = read_table(path, ["user_id", "item_id", "value"])
        >>> frame
          user_id item_id value
        1     196     242     3
        3      22     377     1
        >>> report
        CleaningReport(3 rows in, 2 out: 1 not 3 fields)
    """
    columns = list(columns)
    if not sep:
        raise ValueError("sep: must not be empty")
    if not columns or len(set(columns)) < len(columns):
        raise ValueError(f"columns: must be distinct names, got {columns}")
    wrong_count = f"not {len(columns)} fields"
    bad: dict[str, list[int]] = {"blank line": [], f"not {encoding}": []}
    bad[wrong_count] = []
    rows: dict[int, list[str]] = {}
    with open(path, encoding=encoding, errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if number == 1:
                if header:
                    continue
                line = line.removeprefix("\ufeff")  # a byte order mark
            fields = line.removesuffix("\n").split(sep)
            if not line.strip():
                bad["blank line"].append(number)
            elif UNDECODED.search(line):
                bad[f"not {encoding}"].append(number)
            elif len(fields) != len(columns):
                bad[wrong_count].append(number)
            else:
                rows[number] = fields
    frame = pd.DataFrame(
        list(rows.values()), index=pd.Index(list(rows), dtype="int64"), columns=columns
    ).astype(str)
    steps = tuple(Step.of(reason, "dropped", lines) for reason, lines in bad.items())
    rows_in = len(frame) + sum(step.rows for step in steps)
    return frame, CleaningReport(rows_in, len(frame), steps)
