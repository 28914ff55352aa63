"""What is drawn for each student of the assignment `clean_and_split`.

Book section 3.1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

N_USERS, N_ITEMS = 60, 50
START, DAY = 1_700_000_000, 86_400
CORE = 3  # what the trains that are under suspicion are said to be
TEST_SHARE = 0.2
PATIENCE = 100
COLUMNS = ["user", "item", "rating", "timestamp"]


@dataclass(frozen=True)
class Parts:
    """One way to cut a table, and the popularity that was counted with it.

    Attributes:
        train: Events to learn from.
        test: Events to test on.
        popularity: Number of events of each item.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    popularity: dict[str, int]


@dataclass(frozen=True)
class Drawn:
    """One student's numbers.

    Attributes:
        log: A dirty log: user, item, rating and timestamp of each event.
        catalog: The ids of all items that there are.
        events: What the log says once it is clean.
        n_test: About a fifth of the events.
        suspects: Five ways to cut the events, by letter. One keeps all promises:
            cut in time, no pair of user and item in both parts, the train a
            `CORE`-core, and popularity counted in train. Each other breaks one.
    """

    log: pd.DataFrame
    catalog: set[str]
    events: pd.DataFrame
    n_test: int
    suspects: dict[str, Parts]


def draw(rng: np.random.Generator) -> Drawn:
    """Draw the numbers of one student.

    Args:
        rng: The student's generator, see `recsys_ref.course.student.student_rng`.

    Returns:
        A dirty log with its truth, and five splits.

    Examples:
        >>> drawn = draw(np.random.default_rng(0))
        >>> drawn.log.columns.to_list(), sorted(drawn.suspects)
        (['user', 'item', 'rating', 'timestamp'], ['A', 'B', 'C', 'D', 'E'])
        >>> len(drawn.log) > len(drawn.events)
        True
    """
    for _ in range(PATIENCE):
        first, again = _opinions(rng)
        changed = first.index.isin(again.index)
        events = pd.concat([first[~changed], again])
        events = events.sample(frac=1, random_state=rng, ignore_index=True)
        n_test = round(TEST_SHARE * len(events))
        cuts = _cuts(pd.concat([first, again]), events, n_test, rng)
        if all(_broken(parts) == {kind} - {"sound"} for kind, parts in cuts.items()):
            break
    else:
        raise ValueError(f"rng: no clear splits in {PATIENCE} draws, take another")
    letters = rng.permutation(list("ABCDE")).tolist()
    suspects = dict(zip(letters, cuts.values(), strict=True))
    return Drawn(
        log=_dirty(first, again, rng),
        catalog={_item(number) for number in range(N_ITEMS)},
        events=events,
        n_test=n_test,
        suspects=dict(sorted(suspects.items())),
    )


def _item(number: int) -> str:
    return f"i{number + 1:02}"


def _opinions(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what everybody said of an item first, and what some said later.

    A later opinion has the row label of the first one.
    """
    appeal = -0.8 * np.log1p(rng.permutation(N_ITEMS))
    rows = []
    for user in range(N_USERS):
        n = min(2 + int(rng.geometric(0.09)), 40)
        items = np.argsort(-(appeal + rng.gumbel(size=N_ITEMS)))[:n]
        days = rng.uniform(0, 80) + np.cumsum(rng.exponential(1.0, n))
        # Whole minutes, so that some events share their second.
        times = START + (days * DAY // 60 * 60).astype(int)
        ratings = rng.integers(1, 6, n)
        rows += [
            (f"u{user + 1:02}", _item(item), float(rating), int(time))
            for item, rating, time in zip(items, ratings, times, strict=True)
        ]
    first = pd.DataFrame(rows, columns=COLUMNS)
    again = first.sample(int(rng.integers(60, 100)), random_state=rng)
    later = rng.integers(DAY, 40 * DAY, len(again))
    return first, again.assign(
        rating=rng.integers(1, 6, len(again)).astype(float),
        timestamp=again.timestamp + later,
    )


def _dirty(
    first: pd.DataFrame, again: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return all opinions with rows that are none, in random order."""

    def some(most: int) -> pd.DataFrame:
        n = int(rng.integers(most // 2, most))
        rows = first.sample(n, random_state=rng)
        return rows.assign(timestamp=rows.timestamp + DAY)

    no_user, unknown, no_rating, impossible = some(30), some(40), some(50), some(40)
    strange = rng.integers(N_ITEMS, 99, len(unknown))
    log = pd.concat(
        [
            first,
            again,
            first.sample(int(rng.integers(10, 30)), random_state=rng),
            no_user.assign(user=None, rating=rng.choice([3.0, 55.0], len(no_user))),
            unknown.assign(item=[_item(number) for number in strange]),
            no_rating.assign(rating=np.nan),
            impossible.assign(
                rating=rng.choice([-1.0, 0.0, 6.0, 55.0], len(impossible))
            ),
        ]
    )
    milliseconds = rng.random(len(log)) < rng.uniform(0.05, 0.15)
    log["user"] = log["user"].astype(first["user"].dtype)
    log["timestamp"] *= np.where(milliseconds, 1000, 1)
    return log.sample(frac=1, random_state=rng, ignore_index=True)


def _cuts(
    repeated: pd.DataFrame, events: pd.DataFrame, n_test: int, rng: np.random.Generator
) -> dict[str, Parts]:
    """Return the splits by the promise that they break."""

    def late(table: pd.DataFrame) -> pd.Series:
        return table.timestamp >= table.timestamp.nlargest(n_test).min()

    def by_chance(table: pd.DataFrame) -> np.ndarray:
        return rng.permutation(len(table)) < n_test

    def cut(table: pd.DataFrame, rule: Callable) -> tuple[pd.DataFrame, pd.DataFrame]:
        in_test = rule(table)
        return table[~in_test], table[in_test]

    train, test = cut(events, late)
    sound = _parts(_core(train), test)
    everything = pd.concat([sound.train, sound.test])
    earlier, later = (_last(part) for part in cut(repeated, late))
    mixed, drawn = cut(events, by_chance)
    return {
        "sound": sound,
        "pair": _parts(_core(earlier), later),
        "time": _parts(_core(mixed), drawn),
        "core": _parts(*cut(_core(events), late)),
        "popularity": Parts(sound.train, sound.test, _counts(everything)),
    }


def _parts(train: pd.DataFrame, test: pd.DataFrame) -> Parts:
    known = test.user.isin(train.user) & test.item.isin(train.item)
    return Parts(
        train.reset_index(drop=True),
        test[known].reset_index(drop=True),
        _counts(train),
    )


def _core(table: pd.DataFrame) -> pd.DataFrame:
    while True:
        enough = np.ones(len(table), dtype=bool)
        for column in ("user", "item"):
            enough &= table.groupby(column)[column].transform("size") >= CORE
        if enough.all():
            return table
        table = table[enough]


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("timestamp").drop_duplicates(["user", "item"], keep="last")


def _counts(table: pd.DataFrame) -> dict[str, int]:
    return {item: int(n) for item, n in table.item.value_counts().sort_index().items()}


def _broken(parts: Parts) -> set[str]:
    """Return the promises that a split breaks."""
    train, test = parts.train, parts.test
    pairs = [set(zip(part.user, part.item, strict=True)) for part in (train, test)]
    broken = {
        "pair": bool(pairs[0] & pairs[1]),
        "time": train.timestamp.max() >= test.timestamp.min(),
        "core": len(_core(train)) < len(train),
        "popularity": parts.popularity != _counts(train),
    }
    return {promise for promise, is_broken in broken.items() if is_broken}
