"""A made-up log for students who have no data of their own, with planted faults.

Book sections 3.1 and 11.
"""

import csv
from pathlib import Path

import numpy as np

HEADER = ("user", "item", "rating", "timestamp")
START = 1_700_000_000  # Unix seconds of the first event
DAY = 86_400  # seconds
TOPICS = 4


def write_synthetic_log(path: Path, rng: np.random.Generator | int) -> None:
    """Write a CSV of who chose what, as untidy as a log of one's own.

    Some 60 to 100 users choose among 120 to 200 items. A few items are chosen
    often and many seldom, and each user likes one of four topics more than the
    others. Planted are rows without user or item, ratings and times that are
    words, rows with a field too many, and events that occur twice.

    Args:
        path: The file; one that is there is overwritten.
        rng: Seed or generator of everything drawn.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_synthetic_log(Path(folder, "log.csv"), rng=0)
        ...     print(Path(folder, "log.csv").read_text().splitlines()[0])
        user,item,rating,timestamp
    """
    rng = np.random.default_rng(rng)
    good = _events(rng)
    rows = good + _faults(good, rng)
    rows = [rows[place] for place in rng.permutation(len(rows))]
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])


def _events(rng: np.random.Generator) -> list[list[str]]:
    n_users, n_items = int(rng.integers(60, 101)), int(rng.integers(120, 201))
    topic = rng.permutation(np.arange(n_items) % TOPICS)
    appeal = 1 / (1 + rng.permutation(n_items)) ** 0.8
    rows = []
    for user in range(n_users):
        liked = topic == rng.integers(TOPICS)
        chance = appeal * np.where(liked, 8.0, 1.0)
        size = int(np.clip(rng.lognormal(2.5, 0.7), 2, 50))
        chosen = rng.choice(n_items, size, replace=False, p=chance / chance.sum())
        when = START + np.sort(rng.integers(200 * DAY, size=size))
        for item, second in zip(chosen, when, strict=True):
            rating = int(np.clip(rng.normal(4 if liked[item] else 3, 1), 1, 5))
            rows.append([f"u{user:03}", f"i{item:03}", str(rating), str(second)])
    return rows


def _faults(good: list[list[str]], rng: np.random.Generator) -> list[list[str]]:
    """Return copies of good rows, each with one fault."""

    def copies(low: int, high: int) -> list[list[str]]:
        places = rng.choice(len(good), rng.integers(low, high), replace=False)
        return [list(good[place]) for place in places]

    faults = []
    for column, text in ((0, ""), (1, " "), (2, "five"), (3, "yesterday")):
        for row in copies(3, 15):
            row[column] = text
            faults.append(row)
    faults += [[*row, "again"] for row in copies(2, 8)]
    for row in copies(5, 20):
        row[2], row[3] = "1", str(int(row[3]) + 3 * DAY)
        faults.append(row)
    return faults
