"""The files of MovieLens-100K in two layouts, line by line.

Knows separators, headers, encodings and how each layout writes a film.
What it yields is text and small records; tables are made in `movielens`.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

TABLES = ("ratings", "items", "users")
RATING = ("user_id", "item_id", "rating", "timestamp")
USER = ("user_id", "age", "gender", "occupation", "zip_code")
RECBOLE_ITEM = ("item_id", "movie_title", "release_year", "class")
OFFICIAL_ITEM = (
    *("item_id", "title", "release_date", "video_release_date", "url"),
    *(f"genre_{place}" for place in range(19)),
)
UNKNOWN = "unknown"
MISSPELLED = "unkonwn"  # RecBole's word for the title and year of film 267
TITLE = re.compile(r"(?P<title>.*\S)\s*\((?P<year>\d{4})\)(\s*\((V|TV)\))*")


@dataclass(frozen=True)
class Film:
    """One film as either layout gives it, in the common form."""

    place: str
    id: int
    title: str
    year: float
    genres: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """Where the three tables lie and how their lines are cut.

    Attributes:
        folder: The folder that holds them.
        paths: File of "ratings", "items" and "users".
        separators: What stands between the fields of each.
        fields: Names of the fields of each, in order.
        header: Whether the first line names the fields.
    """

    folder: Path
    paths: dict[str, Path]
    separators: dict[str, str]
    fields: dict[str, tuple[str, ...]]
    header: bool

    def rows(self, table: str) -> Iterator[tuple[str, list[str]]]:
        """Yield each line's place ("file, line n") and its fields.

        Raises:
            ValueError: If the header or a number of fields is not as due, or
                there are no rows.
        """
        path, names = self.paths[table], self.fields[table]
        lines = read_text(path).rstrip("\n").split("\n")
        if self.header:
            found = [name.split(":")[0] for name in lines[0].split("\t")]
            if found != list(names):
                raise ValueError(
                    f"{path}, line 1: must name {', '.join(names)}, got {lines[0]!r}"
                )
        body = lines[self.header :]
        if not any(body):
            raise ValueError(f"{path}: has no rows, one {table[:-1]} a line is due")
        for number, line in enumerate(body, start=1 + self.header):
            fields = line.split(self.separators[table])
            if len(fields) != len(names):
                raise ValueError(
                    f"{path}, line {number}: must have {len(names)} fields "
                    f"({', '.join(names)}) separated by "
                    f"{self.separators[table]!r}, got {len(fields)}: {line[:80]!r}"
                )
            yield f"{path}, line {number}", fields

    def films(self) -> Iterator[Film]:
        """Yield the films in the order of the file."""
        return self._recbole_films() if self.header else self._official_films()

    def _recbole_films(self) -> Iterator[Film]:
        for place, (item, title, year, genres) in self.rows("items"):
            joined = title if year == MISSPELLED else f"{title} ({year})"
            joined = UNKNOWN if joined == MISSPELLED else joined
            yield parse_film(place, item, joined, genres.split())

    def _official_films(self) -> Iterator[Film]:
        names = self._genre_names()
        for place, (item, title, _, _, _, *flags) in self.rows("items"):
            if not set(flags) <= {"0", "1"}:
                raise ValueError(f"{place}: genres must be 0 or 1, got {flags}")
            chosen = compress(names, map(int, flags))
            yield parse_film(place, item, title, list(chosen))

    def _genre_names(self) -> list[str]:
        path = self.folder / "u.genre"
        genres = [line.split("|") for line in read_text(path).split("\n") if line]
        due = len(self.fields["items"]) - 5
        if [line[1:] for line in genres] != [[str(place)] for place in range(due)]:
            raise ValueError(
                f"{path}: must have {due} lines 'name|number', numbered from 0"
            )
        return [name for name, _ in genres]


def find_layout(folder: Path) -> Layout:
    """Tell which layout a folder has.

    Raises:
        FileNotFoundError: If it has neither, or only some of the files.
    """
    if (folder / "u.data").exists():
        names = dict(zip(TABLES, ("u.data", "u.item", "u.user"), strict=True))
        needed = [*names.values(), "u.genre"]
        items, separators = OFFICIAL_ITEM, ("\t", "|", "|")
    else:
        stem = _recbole_stem(folder)
        suffixes = zip(TABLES, (".inter", ".item", ".user"), strict=True)
        names = {table: stem + suffix for table, suffix in suffixes}
        needed = list(names.values())
        items, separators = RECBOLE_ITEM, ("\t", "\t", "\t")
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{folder}: lacks {missing}, needs {needed}")
    return Layout(
        folder=folder,
        paths={table: folder / name for table, name in names.items()},
        separators=dict(zip(TABLES, separators, strict=True)),
        fields={"ratings": RATING, "items": items, "users": USER},
        header=items == RECBOLE_ITEM,
    )


def _recbole_stem(folder: Path) -> str:
    stems = [path.stem for path in folder.glob("*.inter")]
    if len(stems) != 1:
        raise FileNotFoundError(
            f"{folder}: must hold u.data, u.item, u.user and u.genre of the "
            "official ml-100k, or one .inter with its .item and .user, "
            f"got no u.data and {len(stems)} files .inter"
        )
    return stems[0]


def read_text(path: Path) -> str:
    r"""Read UTF-8, or else Latin-1, as the official files are; ends are "\n"."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n")


def whole_number(place: str, name: str, text: str) -> int:
    """Return the number a field holds; ValueError names place and field."""
    if not re.fullmatch(r"\d+", text, flags=re.ASCII):
        raise ValueError(f"{place}: {name} must be a whole number, got {text!r}")
    return int(text)


def parse_film(place: str, item: str, title: str, genres: list[str]) -> Film:
    """Part a title from its year; ValueError if the id is no whole number."""
    title = " ".join(title.split())
    match = TITLE.fullmatch(title)
    return Film(
        place=place,
        id=whole_number(place, "item id", item),
        title=match["title"] if match else title,
        year=float(match["year"]) if match else math.nan,
        genres=tuple(name for name in genres if name != UNKNOWN),
    )
