"""What a user's history says for or against a statement about his taste.

Book section 3.2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.features import activity, genre_profile, mean_value
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.item_text import natural_title
from recsys_ref.data.items import Items
from recsys_ref.profiles.textual import decades

CHECKED = ("likes", "dislikes", "eras", "titles")


@dataclass(frozen=True, eq=False, repr=False)
class Histories:
    r"""What each user's history supports.

    Of the user's events, n in number:

        likes g      at least the threshold are of genre g, and not none
        dislikes g   some are of genre g, and their mean value is below the mean
                     of all n: what he never tried, he was never heard to dislike
        eras d       of those with a known year at least the threshold are of
                     decade d, and not none
        titles t     one is of an item titled t; case, punctuation, the year
                     and the place of the article do not count

    The threshold is the share of the catalogue's items that are of that genre
    or decade, or one number for all. Moods cannot be checked, as no data says
    which film has which.

    Attributes:
        genres: The names of G genres.
        eras: The names of E decades.
        likes: `bool[U, G]`.
        dislikes: `bool[U, G]`.
        in_era: `bool[U, E]`.
        n_events: `int64[U]`.
    """

    genres: tuple[str, ...]
    eras: tuple[str, ...]
    likes: np.ndarray
    dislikes: np.ndarray
    in_era: np.ndarray
    n_events: np.ndarray
    _titles: tuple[frozenset[str], ...]

    def __repr__(self) -> str:
        return (
            f"Histories({len(self.n_events):,} users, {len(self.genres)} genres, "
            f"{len(self.eras)} decades)"
        )

    def supports(self, user: int, part: str, claim: str) -> bool:
        """Tell whether a user's history supports one statement.

        A genre or decade that the catalogue does not have is not supported.

        Args:
            user: User index.
            part: "likes", "dislikes", "eras" or "titles".
            claim: What is said to be so.

        Raises:
            KeyError: If the user is unknown, or `part` is none that can be
                checked.
        """
        if not 0 <= user < len(self.n_events):
            raise KeyError(f"user: must be in [0, {len(self.n_events)}), got {user}")
        if part == "titles":
            return plain_title(claim) in self._titles[user]
        tables = {
            "likes": (self.genres, self.likes),
            "dislikes": (self.genres, self.dislikes),
            "eras": (self.eras, self.in_era),
        }
        if part not in tables:
            raise KeyError(f"part: must be one of {CHECKED}, got {part!r}")
        names, table = tables[part]
        names = [plain_name(name) for name in names]
        said = plain_name(claim)
        return said in names and bool(table[user, names.index(said)])


def histories(
    items: Items, interactions: Interactions, *, threshold: float | None = None
) -> Histories:
    """Find what the history of each user supports.

    Args:
        items: Y.
        interactions: X, the events that profiles were written from.
        threshold: Least share of a user's events for a genre or decade to be
            his, in (0, 1]. Default: its share of the catalogue.

    Raises:
        ValueError: If `threshold` is not in (0, 1], or the items are others.
    """
    if threshold is not None and not 0 < threshold <= 1:
        raise ValueError(f"threshold: must be in (0, 1], got {threshold}")
    genres = genre_profile(interactions, items)
    eras = tuple(decades(items))
    era = _of_decade(items, eras)
    dated = era.any(axis=1)
    n_dated = interactions.matrix(dated[interactions.item]).sum(axis=1)[:, None]
    in_era = interactions.matrix(np.ones(len(interactions))) @ era.astype(float)
    in_era = np.divide(in_era, n_dated, out=np.zeros(in_era.shape), where=n_dated > 0)
    titles = np.array([plain_title(title) for title in items.title], dtype=object)
    seen = interactions.matrix()
    return Histories(
        genres=items.genre_names,
        eras=eras,
        likes=_at_least(genres, items.genres, threshold),
        dislikes=_below_mean(interactions, items.genres),
        in_era=_at_least(in_era, era[dated], threshold),
        n_events=activity(interactions),
        _titles=tuple(
            frozenset(titles[seen.indices[start:stop]]) - {""}
            for start, stop in zip(seen.indptr, seen.indptr[1:], strict=False)
        ),
    )


def plain_name(name: str) -> str:
    """Bring the name of a genre or decade to a form without case."""
    return name.strip().casefold()


def plain_title(title: str) -> str:
    """Bring a title to the form in which two spellings of it are the same.

    Examples:
        >>> plain_title("full monty, the"), plain_title("The Full Monty (1997)!")
        ('the full monty', 'the full monty')
    """
    title = re.sub(r"\s*\(\d{4}\)", "", title)
    return " ".join(re.findall(r"\w+", natural_title(title.title()).casefold()))


def _of_decade(items: Items, eras: Sequence[str]) -> np.ndarray:
    """Return `bool[I, E]`, the decade of each item, if it is known."""
    names = np.array([f"{year // 10 * 10:.0f}s" for year in items.year], dtype=str)
    return names[:, None] == np.array(eras, dtype=str)


def _at_least(
    share: np.ndarray, catalogue: np.ndarray, threshold: float | None
) -> np.ndarray:
    """Compare shares `[U, G]` with those of a catalogue `bool[I, G]`, or a number."""
    if threshold is None:
        least = catalogue.mean(axis=0) if len(catalogue) else 0.0
    else:
        least = threshold
    return (share > 0) & (share >= least)  # NaN is neither


def _below_mean(interactions: Interactions, genres: np.ndarray) -> np.ndarray:
    """Return `bool[U, G]`, whether a user values a genre less than the rest."""
    shape = (interactions.n_users, interactions.n_items)
    values = interactions.value - mean_value(interactions)[interactions.user]
    deviation = csr_array((values, (interactions.user, interactions.item)), shape=shape)
    rounding = 1e-9 * np.abs(interactions.value).max(initial=0.0)
    return deviation @ genres.astype(float) < -rounding
