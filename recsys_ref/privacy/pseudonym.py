"""Say less of a user to someone else's model: no name, and nothing rare.

Book section 8.1.
"""

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items

KEY_BYTES = 16


def pseudonym(user_id: object, key: bytes) -> str:
    """Name a user so that only the holder of the key can tell who it is.

    A plain hash would not do: who has a list of the users hashes them all and
    compares. Another key, say each month, gives another name, so that what was
    said under the old one cannot be joined to what is said under the new one.

    Args:
        user_id: Of any kind; its text counts.
        key: At least 16 bytes, kept secret.

    Returns:
        12 letters and digits.

    Raises:
        ValueError: If the key is too short.

    Examples:
        >>> pseudonym(42, b"sixteen bytes!!!") == pseudonym(42, b"sixteen bytes!!!")
        True
        >>> pseudonym(42, b"sixteen bytes!!!") == pseudonym(42, b"SIXTEEN BYTES!!!")
        False
    """
    if len(key) < KEY_BYTES:
        raise ValueError(f"key: must be at least {KEY_BYTES} bytes, got {len(key)}")
    return hmac.new(key, str(user_id).encode(), hashlib.sha256).hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Generalized:
    """A catalogue in which what few users chose is called by what it is like.

    Attributes:
        items: As before, but a rare title reads "a comedy film of the
            1990s", "a comedy film" or "a film", and its year and genres are left out.
        label: `int64[I]`, equal for items that can no longer be told apart.
        level: `int64[I]`: 0 as before, 1 genre and decade, 2 genre, 3 nothing.
    """

    items: Items
    label: np.ndarray
    level: np.ndarray


def generalized(items: Items, interactions: Interactions, least: int) -> Generalized:
    """Hide titles that fewer than `least` users chose.

    An item climbs, title, genre and decade, genre, "a film", until what it is
    called is shared by `least` users, or nothing is left to hide. Its genre is
    the first one that it has.

    Args:
        items: Y.
        interactions: Who chose what.
        least: Users who must share each name, at least 1.

    Raises:
        ValueError: If `least` is no such number, or the items are others.

    Examples:
        >>> films = Items([1, 2, 3], ["Alien", "Big", "Evita"], [1979, 1988, 1989],
        ...               [[True], [False], [False]], ("Horror",))
        >>> x = Interactions(
        ...     [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0], ["ann", "bob"], films.ids
        ... )
        >>> generalized(films, x, least=2).items.title.tolist()
        ['Alien', 'a film', 'a film']
    """
    check_whole_number("least", least, 1)
    if not items.ids.equals(interactions.item_ids):
        raise ValueError(
            f"items: must be the {interactions.n_items} items of the interactions "
            f"in their order, got {len(items)} items"
        )
    names = [_names(items, row) for row in range(len(items))]
    level = np.zeros(len(items), dtype=np.int64)
    while True:
        called = np.array([name[at] for name, at in zip(names, level, strict=True)])
        _, label = np.unique(called, return_inverse=True)
        pairs = np.unique(
            np.stack([label[interactions.item], interactions.user]), axis=1
        )
        users = np.bincount(pairs[0], minlength=label.max(initial=0) + 1)
        rare = (users[label] < least) & (level < 3)
        if not rare.any():
            break
        level[rare] += 1
    hidden = level > 0
    coarse_title = [name[at][1:] for name, at in zip(names, level, strict=True)]
    coarse = Items(
        items.ids,
        np.where(hidden, coarse_title, items.title),
        np.where(hidden, np.nan, items.year),
        items.genres & ~hidden[:, None],
        items.genre_names,
    )
    return Generalized(coarse, label, level)


def _names(items: Items, row: int) -> tuple[str, str, str, str]:
    """Return what an item may be called; the first letter keeps levels apart."""
    genres = np.flatnonzero(items.genres[row])
    year = items.year[row]
    genre = f"{items.genre_names[genres[0]].lower()} " if genres.size else ""
    kind = f"{'an' if genre.startswith(tuple('aeiou')) else 'a'} {genre}film"
    when = "" if np.isnan(year) else f" of the {10 * (year // 10):.0f}s"
    return f"0{row}", f"1{kind}{when}", f"1{kind}", "1a film"
