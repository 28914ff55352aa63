"""Films of MovieLens-100K under the ids of every later MovieLens.

MovieLens-1M, 10M, 20M and the "latest" sets share one numbering of films, and
MovieLens-100K has another. `movielens_ids.csv` says which is which. It was
made by `match_films` from the titles and years of `ml-latest-small` (2016), and
stays under the terms of that set: for research and not for revenue, with
credit to GroupLens, passed on under the same terms.
"""

import re
import unicodedata
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from recsys_ref.data.item_text import natural_title
from recsys_ref.data.items import Items
from recsys_ref.data.movielens_files import TITLE

NO_ID = -1


def later_ids(items: Items) -> np.ndarray:
    """Return the later MovieLens id of each film of MovieLens-100K.

    Returns:
        `int64[I]`, `NO_ID` (-1) where none is known: 269 of the 1,682.
    """
    table = pd.read_csv(files("recsys_ref.data") / "movielens_ids.csv", index_col=0)
    return table["later_id"].reindex(items.ids, fill_value=NO_ID).to_numpy()


def match_films(items: Items, later: pd.DataFrame) -> np.ndarray:
    """Find each film in a later MovieLens by title and year.

    A title and each translation in brackets are names of a film; letter case,
    accents, punctuation and the place of an article do not count. Where no
    whole name fits, one side of a colon or dash in the later title may.
    The year must be the same, or else be off by one. Two films that fit make
    none.

    Args:
        items: Films of MovieLens-100K.
        later: Columns movie_id, title (without year) and year.

    Returns:
        `int64[I]`, ids of `later`, `NO_ID` (-1) where no or two films fit.

    Examples:
        >>> films = Items([7], ["Seven (Se7en)"], [1995], [[True]], ("Crime",))
        >>> match_films(films, pd.DataFrame({
        ...     "movie_id": [47], "title": ["Se7en"], "year": [1995]}))
        array([47])
    """
    by_name, by_part = defaultdict(set), defaultdict(set)
    columns = (later[name].tolist() for name in ("movie_id", "title", "year"))
    for film, title, year in zip(*columns, strict=True):
        for name in _names(title):
            by_name[_plain(name)].add((film, year))
            for part in re.split(r": | - ", name):
                by_part[_plain(part)].add((film, year))
    return np.array(
        [
            _the_one(_names(title), year, by_name, by_part)
            for title, year in zip(items.title.tolist(), items.year, strict=True)
        ],
        dtype=np.int64,
    )


def read_movies(path: Path) -> pd.DataFrame:
    """Read `movies.csv` of a later MovieLens, for `match_films`.

    Returns:
        movie_id, title and year; films without a year are left out.

    Raises:
        ValueError: If the file lacks the column movieId or title.
    """
    movies = pd.read_csv(path)
    if not {"movieId", "title"} <= set(movies.columns):
        raise ValueError(
            f"{path}: must name movieId and title, got {list(movies.columns)}"
        )
    cut = movies["title"].str.strip().str.extract(f"^{TITLE.pattern}$")
    return pd.DataFrame(
        {
            "movie_id": movies["movieId"],
            "title": cut["title"],
            "year": cut["year"].astype(float),
        }
    ).dropna()


def _the_one(names: set[str], year: float, *indexes: dict[str, set]) -> int:
    """Return the one film of the first index and year in which any fits."""
    for index in indexes:
        candidates = set().union(*(index.get(_plain(name), ()) for name in names))
        for slack in (0, 1):
            fitting = {film for film, made in candidates if abs(made - year) <= slack}
            if fitting:
                return fitting.pop() if len(fitting) == 1 else NO_ID
    return NO_ID


def _names(title: str) -> set[str]:
    """Return the names in "Name (Other name)", articles in front."""
    parts = re.split(r"[()]", natural_title(title))
    return {part.strip() for part in parts if _plain(part)}


def _plain(name: str) -> str:
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spoken = ascii_.lower().replace("&", "and").replace("a.k.a.", "")
    return re.sub(r"[^a-z0-9]", "", spoken)
