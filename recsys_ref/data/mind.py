"""MIND, news with the pages that were shown: its two files, line by line.

The reader of the book downloads the data set, which is under a licence of its own;
this reads a folder of it. Book section 6.4.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recsys_ref.data.impressions import Impressions
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.raw import check_files, read_table
from recsys_ref.data.report import CleaningReport, Sieve

FILES = ("behaviors.tsv", "news.tsv")
BEHAVIORS = ("impression_id", "user_id", "time", "history", "impressions")
NEWS = (
    *("news_id", "category", "subcategory", "title", "abstract", "url"),
    *("title_entities", "abstract_entities"),
)
ENTITIES = NEWS[-2:]
TIME = "%m/%d/%Y %I:%M:%S %p"
LABELLED = r"\S+-[01]( \S+-[01])*"


@dataclass(frozen=True, eq=False)
class Mind:
    """One part of MIND, such as `MINDsmall_train`.

    Attributes:
        news: One article a row, in the order of the file: the columns of the file,
            with entities as lists of dictionaries. An abstract may be "".
        impressions: The pages, in the order of the file, with items numbered as the
            rows of `news`.
        interactions: The clicks on these pages, at the time of the page. What a
            history holds has no time and is not among them.
        reports: What was wrong with the lines of each file, by its name.
    """

    news: pd.DataFrame
    impressions: Impressions
    interactions: Interactions
    reports: dict[str, CleaningReport]

    def __repr__(self) -> str:
        clicks = len(self.interactions)
        return (
            f"Mind({len(self.news):,} articles, {len(self.impressions):,} pages, "
            f"{clicks:,} clicks)"
        )


def read_mind(folder: Path | str) -> Mind:
    """Read the two tables of a folder of MIND; leave out and report bad lines.

    A page is dropped if its line has not five fields, its user is missing, its
    time is none, an article on it has no label ("-0" or "-1", as in the test part
    of the large version), is on it twice, or is not in the news. An article is
    dropped if its line has not eight fields, its id or title is missing, its id
    occurred before, or its entities are no JSON list of objects. Articles of a
    history that are not in the news are left out of it (repaired). No history, no
    abstract and an empty entity field are legal.

    Args:
        folder: Holds `behaviors.tsv` and `news.tsv`, tab-separated, UTF-8, without
            a header, as in the archive.

    Returns:
        The tables. Times are Unix seconds; the files name no time zone, and they
        are read as UTC.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If no line of a file is good.

    References:
        Wu et al. (2020), https://aclanthology.org/2020.acl-main.331/
    """
    folder = Path(folder)
    check_files(folder, FILES, "an archive of MIND")
    news, of_news = _read_news(folder / FILES[1])
    pages, of_pages = _read_behaviors(folder / FILES[0], pd.Index(news.news_id))
    for path, table in ((FILES[1], news), (FILES[0], pages)):
        if not len(table):
            raise ValueError(f"{folder / path}: has no good line")
    impressions = Impressions.from_lists(
        pages.user_id, pages.timestamp, pages.shown, pages.clicked, pages.history,
        item_ids=news.news_id,
    )  # fmt: skip
    reports = {FILES[0]: of_pages, FILES[1]: of_news}
    return Mind(news, impressions, impressions.clicks(), reports)


def _read_news(path: Path) -> tuple[pd.DataFrame, CleaningReport]:
    lines, report = read_table(path, NEWS)
    sieve = Sieve(lines.apply(lambda column: column.str.strip()))
    sieve.drop("no news id", sieve.frame.news_id == "")
    sieve.drop("no title", sieve.frame.title == "")
    sieve.drop("news id listed before", sieve.frame.news_id.duplicated())
    parsed = {name: sieve.frame[name].map(_entities) for name in ENTITIES}
    wrong = parsed[ENTITIES[0]].isna() | parsed[ENTITIES[1]].isna()
    sieve.frame = sieve.frame.assign(**parsed)
    sieve.drop("entities not a JSON list of objects", wrong)
    return sieve.frame.reset_index(drop=True), report.then(sieve.report())


def _entities(text: str) -> list | None:
    """Parse a field of entities; None if it is none."""
    if not text:
        return []
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    good = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    return found if good else None


def _read_behaviors(
    path: Path, news_ids: pd.Index
) -> tuple[pd.DataFrame, CleaningReport]:
    lines, report = read_table(path, BEHAVIORS)
    sieve = Sieve(lines.apply(lambda column: column.str.strip()))
    sieve.drop("no user id", sieve.frame.user_id == "")
    time = pd.to_datetime(sieve.frame.time, format=TIME, errors="coerce", utc=True)
    sieve.frame = sieve.frame.assign(time=time)
    sieve.drop("bad time", time.isna())
    labelled = sieve.frame.impressions.str.fullmatch(LABELLED)
    sieve.drop("article without label 0 or 1", ~labelled)
    pairs = sieve.frame.impressions.map(
        lambda text: [each.rsplit("-", 1) for each in text.split(" ")]
    )
    names = pairs.map(lambda page: [name for name, _ in page])
    sieve.frame = sieve.frame.assign(
        shown=names.map(news_ids.get_indexer),
        clicked=pairs.map(lambda page: np.array([label == "1" for _, label in page])),
    )
    sieve.drop("unknown news id shown", [(row < 0).any() for row in sieve.frame.shown])
    twice = [len(np.unique(row)) < len(row) for row in sieve.frame.shown]
    sieve.drop("article twice on a page", twice)
    read = sieve.frame.history.map(lambda text: news_ids.get_indexer(text.split()))
    known = read.map(lambda row: row[row >= 0])
    unknown = [len(all_) > len(some) for all_, some in zip(read, known, strict=True)]
    sieve.repair("unknown news id in history", unknown, history=known)
    seconds = (sieve.frame.time - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1s")
    pages = sieve.frame.assign(timestamp=seconds.astype(np.int64))
    return pages, report.then(sieve.report())
