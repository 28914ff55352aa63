"""MovieLens-100K: 100,000 ratings of 1,682 films by 943 users, 1997 to 1998.

Two layouts of the same facts are read, and both give the same tables: the
official one of GroupLens (`u.data`, `u.item`, `u.user`, `u.genre`) and that of
the RecBole library (`.inter`, `.item`, `.user`).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recsys_ref import assets
from recsys_ref.data import movielens_files as files
from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.interactions import COLUMNS, Interactions
from recsys_ref.data.items import Items
from recsys_ref.data.users import Users

GENRES = (
    *("Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical"),
    *("Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


@dataclass(frozen=True, eq=False)
class MovieLens:
    """Ratings, films and users that speak of the same ids in the same order.

    Attributes:
        interactions: Ratings from 1 to 5, in the order of the source.
        items: Films, sorted by id.
        users: Users, sorted by id.

    Raises:
        ValueError: If the vocabularies of `interactions` are not the ids of
            `items` and `users`.
    """

    interactions: Interactions
    items: Items
    users: Users

    def __post_init__(self) -> None:
        for name, ids, vocabulary in (
            ("items", self.items.ids, self.interactions.item_ids),
            ("users", self.users.ids, self.interactions.user_ids),
        ):
            if not ids.equals(vocabulary):
                raise ValueError(
                    f"{name}: ids must be the vocabulary of the interactions, "
                    f"got {len(ids)} ids where there are {len(vocabulary)}, "
                    "or another order"
                )

    def __repr__(self) -> str:
        return f"MovieLens({self.interactions}, {self.items}, {self.users})"


def load_movielens_100k(folder: Path | None = None) -> MovieLens:
    """Load the ratings, the films and the users.

    What both layouts are brought to: ids are numbers, and items and users
    are sorted by them; a title has no year, no "(V)" or "(TV)" behind it and
    single spaces; the year is the one in the title, not that of the American
    release, and NaN where there is none; "unknown" is not a genre but a film
    with no genre. The film that nobody identified, id 267, is titled
    "unknown". The article stays behind ("Full Monty, The").

    Args:
        folder: Holds the files of one of the two layouts; the official one is
            taken if both are there. Default: the asset `movielens-100k`.

    Returns:
        The tables, with ratings in the order of the file.

    Raises:
        FileNotFoundError: If a file of the layout is missing.
        ValueError: If a line is not as the layout has it, or a rating is
            impossible; the message names the file, the line and what is due.

    References:
        Harper and Konstan (2015), https://doi.org/10.1145/2827872
        Book section 3.1 studies what is in it.
    """
    layout = files.find_layout(_folder(folder))
    items, users = _items(layout), _users(layout)
    ratings = _ratings(layout, users, items)
    return MovieLens(
        Interactions.from_frame(ratings, user_ids=users.ids, item_ids=items.ids),
        items,
        users,
    )


def read_interactions(folder: Path | None = None) -> pd.DataFrame:
    """Read the ratings as the file has them, nothing converted or dropped.

    Args:
        folder: As for `load_movielens_100k`.

    Returns:
        One rating a row, in the order of the file and named by its line:
        user_id, item_id, value and timestamp, all of them text.

    Raises:
        FileNotFoundError: As `load_movielens_100k`.
        ValueError: If a line does not have four fields.
    """
    layout = files.find_layout(_folder(folder))
    rows = [fields for _, fields in layout.rows("ratings")]
    lines = pd.RangeIndex(1 + layout.header, 1 + layout.header + len(rows), name="line")
    return pd.DataFrame(rows, index=lines, columns=list(COLUMNS))


def _folder(folder: Path | None) -> Path:
    return assets.fetch("movielens-100k") if folder is None else Path(folder)


def _ratings(layout: files.Layout, users: Users, items: Items) -> pd.DataFrame:
    """Clean the raw ratings, of which none may have to be dropped."""
    path = layout.paths["ratings"]
    raw = read_interactions(layout.folder)
    ratings, report = clean_interactions(raw)
    for step in report.steps:
        if step.rows and step.action == "dropped":
            line = step.examples[0]
            raise ValueError(
                f"{path}, line {line}: {step.reason}, got {raw.loc[line].tolist()}"
            )
    for name, ids in (("user_id", users.ids), ("item_id", items.ids)):
        found = ratings[name].astype(str)
        unknown = found[~found.isin(ids.astype(str))]
        if len(unknown):
            raise ValueError(
                f"{path}, line {unknown.index[0]}: {name} must be listed in "
                f"{layout.paths[name[:4] + 's'].name}, got {unknown.iloc[0]}"
            )
    return ratings


def _items(layout: files.Layout) -> Items:
    films = sorted(layout.films(), key=lambda film: film.id)
    genres = np.zeros((len(films), len(GENRES)), dtype=bool)
    for row, film in enumerate(films):
        for genre in film.genres:
            if genre not in GENRES:
                raise ValueError(f"{film.place}: no genre {genre!r}, use {GENRES}")
            genres[row, GENRES.index(genre)] = True
    return Items(
        ids=pd.Index([film.id for film in films], dtype="int64"),
        title=[film.title for film in films],
        year=[film.year for film in films],
        genres=genres,
        genre_names=GENRES,
    )


def _users(layout: files.Layout) -> Users:
    rows = sorted(
        (
            files.whole_number(place, "user id", user),
            files.whole_number(place, "age", age),
            gender,
            occupation,
            zip_code,
        )
        for place, (user, age, gender, occupation, zip_code) in layout.rows("users")
    )
    ids, age, gender, occupation, zip_code = zip(*rows, strict=True)
    return Users(pd.Index(ids, dtype="int64"), age, gender, occupation, zip_code)
