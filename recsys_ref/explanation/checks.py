"""Is an explanation true of the model that recommended?

Two questions, in this order. Does it speak of films that the user watched? And
is the film that it gives as the reason one that counted, so that the
recommended film falls without it? Neither asks whether a reader likes it.

Book section 8.2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_ref.data.item_text import natural_title
from recsys_ref.explanation.nearest_text import agreement
from recsys_ref.explanation.written import Explanation
from recsys_ref.profiles.evidence import plain_title

# What stands between quotation marks. An opening one has no letter before it
# and no space behind it, so one that is never closed does not swallow the next.
_QUOTED = re.compile(r'(?<!\w)["“](?=\S)([^"“”]*?\S)["”](?!\w)')


class TitleFinder:
    """Finds in a text the films that it names.

    A film is named by whatever stands in double quotation marks and begins with
    a capital or a digit, in the catalogue or not; and by a title of at least two
    words that is spelled out with capitals, longer titles before shorter ones.
    A title of one word without quotation marks is not found, as "Big" is a word
    too. Nor is an invented title without them.

    Args:
        titles: `str[I]`, the catalogue.

    Examples:
        >>> finder = TitleFinder(["Alien", "Big", "Full Monty, The"])
        >>> finder.named('Like "Alien (1979)", the Full Monty is big. And "Alien 9".')
        ['alien', 'alien 9', 'the full monty']
    """

    def __init__(self, titles: Sequence[str]):
        plain = {plain_title(short_title(title)) for title in titles}
        self._words = {title for title in plain if " " in title}
        self._longest = max((len(t.split()) for t in self._words), default=0)

    def named(self, text: str) -> list[str]:
        """List the films that a text names, in the form of `plain_title`.

        Each is listed once: those in quotation marks first, in the order of
        the text, then the others.
        """
        quoted = [
            plain_title(short_title(found))
            for found in _QUOTED.findall(text)
            if found[0].isupper() or found[0].isdigit()
        ]
        words = re.findall(r"\w+", _QUOTED.sub(" | ", text).replace("_", " "))
        plain = [word.casefold() for word in words]
        found, place = [], 0
        while place < len(words):
            for size in range(min(self._longest, len(words) - place), 1, -1):
                title = " ".join(plain[place : place + size])
                if title in self._words and _capital(words[place : place + size]):
                    found.append(title)
                    place += size
                    break
            else:
                place += 1
        return [title for title in dict.fromkeys(quoted + found) if title]


def _capital(words: Sequence[str]) -> bool:
    """Tell whether words are written as a title: its ends are capitals or digits."""
    great = [word[0].isupper() or word[0].isdigit() for word in words]
    return great[-1] and any(great[:2])


def short_title(title: str) -> str:
    """Return a title as one would say it: no year, no second title in brackets.

    Examples:
        >>> short_title("Star Maker, The (Uomo delle stelle, L')")
        'The Star Maker'
        >>> short_title("Independence Day (ID4)"), short_title("(500) Days")
        ('Independence Day', '(500) Days')
    """
    return re.sub(r"(?<=\S)\s*\([^()]*\)", "", natural_title(title)).strip()


@dataclass(frozen=True)
class Cited:
    """What an explanation names.

    Attributes:
        place: The place in the history of the film that is given as the reason,
            the first one named that the user watched; None if there is none.
        others: The films named that the user did not watch, without the
            recommended one.
    """

    place: int | None
    others: tuple[str, ...]

    @property
    def grounded(self) -> bool:
        """Whether a film of the history is named, and none but those."""
        return self.place is not None and not self.others


def find_cited(
    explanation: Explanation,
    history: Sequence[str],
    recommended: str,
    finder: TitleFinder,
) -> Cited:
    """Read off an explanation which films it names.

    Args:
        explanation: From a model, a template or a person.
        history: The titles that the user watched.
        recommended: The title that is explained; it may always be named.
        finder: Of the whole catalogue.

    Examples:
        >>> said = Explanation('Because you watched "Alien" and "Alien 9".')
        >>> cited = find_cited(said, ["Big", "Alien"], "Aliens", TitleFinder(["Alien"]))
        >>> cited, cited.grounded
        (Cited(place=1, others=('alien 9',)), False)
    """
    own = [plain_title(short_title(title)) for title in history]
    allowed = {plain_title(short_title(recommended)), plain_title(recommended)}
    named = finder.named(explanation.text)
    if explanation.cited is not None:
        named = [plain_title(short_title(explanation.cited)), *named]
    watched = [title for title in named if title in own]
    others = [t for t in named if t not in own and t not in allowed]
    place = own.index(watched[0]) if watched else None
    return Cited(place, tuple(dict.fromkeys(others)))


def check_explanations(
    cited: Sequence[Cited],
    contributions: Sequence[np.ndarray],
    *,
    tops: Sequence[int] = (1, 3),
) -> pd.DataFrame:
    """Hold explanations against what counted, one a user.

    Args:
        cited: From `find_cited`.
        contributions: For each the `float[n]` that the films of the history
            add to the score; or how much the score falls without each, for a
            model whose scores are no sums.
        tops: See `nearest_text.agreement`.

    Returns:
        One explanation a row: `grounded`; `lowers`, whether the recommended
        film's score falls without the cited one; `beats`, the chance that it
        falls by more than without another film of the history, drawn at random;
        `top t` for each t; and `passes`: grounded, lowers, and falls by more
        than without most of the other films (`beats` above a half). Where no
        film of the history is named, all of these are 0. All float64.

    Raises:
        ValueError: If the lengths differ or a history is empty.

    Examples:
        >>> counted = [np.array([0.3, 0.1, -0.1])] * 2
        >>> check_explanations([Cited(0, ()), Cited(None, ())], counted, tops=[1])
           grounded  lowers  beats  top 1  passes
        0       1.0     1.0    1.0    1.0     1.0
        1       0.0     0.0    0.0    0.0     0.0
    """
    if len(cited) != len(contributions):
        raise ValueError(
            f"contributions: must be {len(cited)}, one an explanation, "
            f"got {len(contributions)}"
        )
    places = [0 if each.place is None else each.place for each in cited]
    found = agreement(contributions, places, tops=tops)
    named = np.array([each.place is not None for each in cited], dtype=bool)
    table = pd.DataFrame(
        {"grounded": np.array([each.grounded for each in cited], dtype=float)}
    )
    table["lowers"] = found["speaks"].astype(float) * named
    table["beats"] = found["beats"] * named
    for top in tops:
        table[f"top {top}"] = found[f"top {top}"] * named
    table["passes"] = (
        (table["grounded"] > 0) & (table["lowers"] > 0) & (table["beats"] > 0.5)
    ).astype(float)
    return table
