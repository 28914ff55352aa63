"""Y, the content data: what the items are."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from recsys_ref.data.columns import distinct_ids, frozen_column
from recsys_ref.data.item_text import fill, natural_title

TEMPLATE = "{title}[ ({year})][: {genres}]"


@dataclass(frozen=True, eq=False)
class Items:
    """An immutable table of I items with G genres, in the order of `ids`.

    Attributes:
        ids: `I` distinct ids as the source wrote them.
        title: `str[I]`, without the year. May occur twice.
        year: `float64[I]`, year of first release; NaN where unknown.
        genres: `bool[I, G]`; a row of False means that no genre is known.
        genre_names: The G distinct names of the columns of `genres`.

    Raises:
        ValueError: If the columns differ in length, an id or a genre's name
            occurs twice, or a year is infinite.

    Examples:
        >>> films = Items(
        ...     ids=pd.Index([1, 267]),
        ...     title=["Toy Story", "unknown"],
        ...     year=[1995, np.nan],
        ...     genres=[[True, True], [False, False]],
        ...     genre_names=("Animation", "Comedy"),
        ... )
        >>> films
        Items(2 items, 2 genres)
        >>> films.text().tolist()
        ['Toy Story (1995): Animation, Comedy', 'unknown']
    """

    ids: pd.Index
    title: np.ndarray
    year: np.ndarray
    genres: np.ndarray
    genre_names: tuple[str, ...]

    def __post_init__(self) -> None:
        ids = distinct_ids("ids", self.ids)
        names = tuple(distinct_ids("genre_names", self.genre_names))
        items = (len(ids),)
        columns = {
            "ids": ids,
            "genre_names": names,
            "title": frozen_column("title", self.title, str, items),
            "year": frozen_column("year", self.year, float, items),
            "genres": frozen_column("genres", self.genres, bool, (*items, len(names))),
        }
        for name, column in columns.items():
            object.__setattr__(self, name, column)
        if np.isinf(self.year).any():
            row = int(np.flatnonzero(np.isinf(self.year))[0])
            raise ValueError(f"year: must be finite or NaN, got inf in row {row}")

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Items({len(self):,} items, {len(self.genre_names)} genres)"

    def select(self, rows: np.ndarray) -> Self:
        """Keep some items, in the order given.

        Args:
            rows: `bool[I]`, or `int64[M]` positions, each at most once.
        """
        return type(self)(
            self.ids[rows],
            self.title[rows],
            self.year[rows],
            self.genres[rows],
            self.genre_names,
        )

    def genre_text(self) -> np.ndarray:
        """Return `str[I]`, the genres of each item, "" where none is known."""
        names = np.array(self.genre_names, dtype=str)
        return np.array([", ".join(names[row]) for row in self.genres], dtype=str)

    def to_frame(self) -> pd.DataFrame:
        """Return one item a row: item_id, title, year, genres.

        The year is a nullable whole number, the genres are joined by commas.
        """
        return pd.DataFrame(
            {
                "item_id": self.ids,
                "title": self.title,
                "year": pd.array(self.year, dtype="Int64"),
                "genres": self.genre_text(),
            }
        )

    def text(self, template: str = TEMPLATE) -> np.ndarray:
        """Say in one line what each item is, for a language model to read.

        Args:
            template: Text with the fields `{title}`, `{natural_title}` (see
                `natural_title`), `{year}` and `{genres}`. A part in square
                brackets is left out where a field in it is unknown; outside
                brackets an unknown field reads "unknown".

        Returns:
            `str[I]`.

        Raises:
            KeyError: If the template has another field.

        Examples:
            >>> film = Items(["a"], ["Full Monty, The"], [1997], [[True]], ("Comedy",))
            >>> film.text("A film of {year}: {natural_title}. Genre: {genres}.").item()
            'A film of 1997: The Full Monty. Genre: Comedy.'
        """
        lines = [
            fill(
                template,
                {
                    "title": title,
                    "natural_title": natural_title(title),
                    "year": "" if np.isnan(year) else f"{year:.0f}",
                    "genres": genres,
                },
            )
            for title, year, genres in zip(
                self.title.tolist(), self.year, self.genre_text().tolist(), strict=True
            )
        ]
        return np.array(lines, dtype=str)
