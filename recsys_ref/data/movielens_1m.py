"""MovieLens-1M: a million ratings of 3,706 films by 6,040 users, 2000 to 2003.

The reader downloads it from GroupLens; it may not be passed on. Its films have the
ids of all later MovieLens (see `movielens_ids`), its genres are those of
MovieLens-100K, and its ages and occupations are codes.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from recsys_ref.data import movielens_files as files
from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.interactions import COLUMNS, Interactions
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import GENRES, MovieLens
from recsys_ref.data.raw import check_files, read_table
from recsys_ref.data.report import CleaningReport, Sieve
from recsys_ref.data.users import Users

AGES = {  # code, the lowest age of its band but for 1: the band
    1: "under 18",
    18: "18-24",
    25: "25-34",
    35: "35-44",
    45: "45-49",
    50: "50-55",
    56: "56 or older",
}
OCCUPATIONS = (  # by their codes, from 0
    *("other or not specified", "academic/educator", "artist", "clerical/admin"),
    *("college/grad student", "customer service", "doctor/health care"),
    *("executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer"),
    *("programmer", "retired", "sales/marketing", "scientist", "self-employed"),
    *("technician/engineer", "tradesman/craftsman", "unemployed", "writer"),
)
FILES = {
    "users.dat": ("user_id", "gender", "age", "occupation", "zip_code"),
    "movies.dat": ("item_id", "title", "genres"),
    "ratings.dat": COLUMNS,
}
ID = re.compile(r"[0-9]{1,18}")


def load_movielens_1m(folder: Path | str) -> MovieLens:
    """Load the official files, of which no line may be bad.

    Args:
        folder: Holds `ratings.dat`, `movies.dat` and `users.dat` of `ml-1m.zip`, as
            they were unpacked.

    Returns:
        The tables as of `load_movielens_100k`, films without ratings included.
        A user's age is the code of his band: its lowest age, or 1 for under 18
        (`AGES`).

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If a line is bad; the message names file, line and reason. Then
            `read_movielens_1m` tells what else is wrong.

    References:
        Harper and Konstan (2015), https://doi.org/10.1145/2827872
        Book section 6.3.
    """
    movielens, reports = read_movielens_1m(folder)
    for name, report in reports.items():
        for step in report.steps:
            if step.rows and step.action == "dropped":
                raise ValueError(
                    f"{Path(folder, name)}, line {step.examples[0]}: {step.reason} "
                    f"({step.rows:,} such lines)"
                )
    return movielens


def read_movielens_1m(
    folder: Path | str,
) -> tuple[MovieLens, dict[str, CleaningReport]]:
    """Read the official files, leave out bad lines and say which they were.

    Args:
        folder: As for `load_movielens_1m`.

    Returns:
        The tables, and what was found in each file, by its name; examples are line
        numbers, from 1. A rating of a user or a film that is not there (any more)
        is a bad line.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If no user or no film is left.

    References:
        Book section 6.3.
    """
    folder = Path(folder)
    check_files(folder, tuple(FILES), "ml-1m.zip")
    raw, reports = {}, {}
    for name, columns in FILES.items():
        path = folder / name
        raw[name], reports[name] = read_table(
            path, columns, sep="::", encoding="latin-1"
        )
    users, of_users = _users(raw["users.dat"])
    items, of_items = _items(raw["movies.dat"])
    ratings, of_ratings = _ratings(raw["ratings.dat"], users, items)
    for name, found in zip(FILES, (of_users, of_items, of_ratings), strict=True):
        reports[name] = reports[name].then(*found)
    interactions = Interactions.from_frame(
        ratings, user_ids=users.ids, item_ids=items.ids
    )
    return MovieLens(interactions, items, users), reports


def _users(raw: pd.DataFrame) -> tuple[Users, list[CleaningReport]]:
    sieve = Sieve(raw)
    _drop_bad_ids(sieve, "user_id")
    sieve.drop("gender not M or F", ~sieve.frame["gender"].isin(["M", "F"]))
    ages = {str(code): code for code in AGES}
    sieve.drop("age not a code", ~sieve.frame["age"].isin(ages))
    codes = dict(zip(map(str, range(len(OCCUPATIONS))), OCCUPATIONS, strict=True))
    sieve.drop("occupation not a code", ~sieve.frame["occupation"].isin(codes))
    frame = _by_id(sieve, "user_id", "users.dat")
    users = Users(
        frame.index,
        frame["age"].map(ages).to_numpy(),
        frame["gender"].to_numpy(),
        frame["occupation"].map(codes).to_numpy(),
        frame["zip_code"].to_numpy(),
    )
    return users, [sieve.report()]


def _items(raw: pd.DataFrame) -> tuple[Items, list[CleaningReport]]:
    sieve = Sieve(raw)
    _drop_bad_ids(sieve, "item_id")
    sieve.drop("title missing", ~sieve.frame["title"].str.strip().astype(bool))
    known = sieve.frame["genres"].map(lambda text: set(text.split("|")) <= set(GENRES))
    sieve.drop("unknown genre", ~known.astype(bool))
    frame = _by_id(sieve, "item_id", "movies.dat")
    films = [
        files.parse_film("movies.dat", str(item), title, genres.split("|"))
        for item, title, genres in frame[["title", "genres"]].itertuples()
    ]
    genres = [[name in film.genres for name in GENRES] for film in films]
    items = Items(
        ids=frame.index,
        title=[film.title for film in films],
        year=[film.year for film in films],
        genres=np.array(genres, dtype=bool),
        genre_names=GENRES,
    )
    return items, [sieve.report()]


def _ratings(
    raw: pd.DataFrame, users: Users, items: Items
) -> tuple[pd.DataFrame, list[CleaningReport]]:
    cleaned, report = clean_interactions(raw)
    sieve = Sieve(cleaned)
    for name, ids, file in (
        ("user_id", users.ids, "users.dat"),
        ("item_id", items.ids, "movies.dat"),
    ):
        known = sieve.frame[name].astype(str).isin(ids.astype(str))
        sieve.drop(f"{name} not in {file}", ~known)
        sieve.frame[name] = sieve.frame[name].astype("int64")
    return sieve.frame, [report, sieve.report()]


def _drop_bad_ids(sieve: Sieve, name: str) -> None:
    whole = sieve.frame[name].map(lambda text: bool(ID.fullmatch(text))).astype(bool)
    sieve.drop(f"{name} not a whole number", ~whole)
    sieve.frame[name] = sieve.frame[name].astype("int64")
    sieve.drop(f"{name} again", sieve.frame.duplicated(name))


def _by_id(sieve: Sieve, name: str, file: str) -> pd.DataFrame:
    if not len(sieve.frame):
        raise ValueError(f"{file}: has no good line, one row a line is due")
    return sieve.frame.set_index(name).sort_index()
