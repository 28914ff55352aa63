"""Item texts: ways to say what an item is, compared before any model reads them.

`Items.text` fills a template; here are templates worth comparing, and what can
be known of their texts without a model: which are empty, and which are the
same, so that no model could tell their items apart.

Book section 3.3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from recsys_ref.data.items import TEMPLATE, Items

TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "title": "{title}",
        "natural title": "{natural_title}",
        "title, year": "{natural_title}[ ({year})]",
        "genres": "{genres}",
        "line": TEMPLATE,
        "sentence": "{natural_title} is a film[ of {year}][. Its genres: {genres}].",
        "genres first": "[{genres}: ]{natural_title}[ ({year})]",
    }
)


@dataclass(frozen=True, eq=False, repr=False)
class TextReport:
    """What a list of texts looks like.

    Attributes:
        n_texts: N.
        empty: `int64[E]`, the texts with nothing but white space.
        repeated: Groups of equal texts that are not empty, each `int64` in
            order, the group that begins first first. White space at the ends
            and case do not count: most encoders do not see them either.
        n_words: `int64[N]`, words between white space.
    """

    n_texts: int
    empty: np.ndarray
    repeated: tuple[np.ndarray, ...]
    n_words: np.ndarray

    @property
    def n_repeated(self) -> int:
        """Texts that say what another says too."""
        return sum(map(len, self.repeated))

    def __repr__(self) -> str:
        return (
            f"TextReport({self.n_texts:,} texts, {len(self.empty):,} empty, "
            f"{self.n_repeated:,} repeated in {len(self.repeated):,} groups)"
        )


def text_report(texts: Sequence[str]) -> TextReport:
    """Find the texts that say nothing, and those that say the same.

    Args:
        texts: `str[N]`.

    Raises:
        ValueError: If one of them is not a string.

    Examples:
        >>> report = text_report(["Alien", "", "Brazil", "alien "])
        >>> report
        TextReport(4 texts, 1 empty, 2 repeated in 1 groups)
        >>> report.repeated
        (array([0, 3]),)
    """
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"texts: must be strings, got {text!r} in row {row}")
    plain = pd.Series([text.strip().casefold() for text in texts], dtype=object)
    said = plain[plain != ""]
    groups = said.groupby(said, sort=False).indices.values()
    rows = said.index.to_numpy()
    return TextReport(
        n_texts=len(plain),
        empty=np.flatnonzero(plain == ""),
        repeated=tuple(rows[group] for group in groups if len(group) > 1),
        n_words=np.array([len(text.split()) for text in texts], dtype=np.int64),
    )


def compare_templates(
    items: Items, templates: Mapping[str, str] = TEMPLATES
) -> pd.DataFrame:
    """Put what templates make of the same items side by side.

    Args:
        items: At least one.
        templates: Templates by name, as `Items.text` takes them.

    Returns:
        One template a row: `empty` and `repeated` (items whose text says
        nothing, or what another's says), `words` (median and `longest`) and
        `example`, the text of the first item.

    Raises:
        KeyError: If a template has a field that items have not.
        ValueError: If there are no items.

    Examples:
        >>> films = Items(["a", "b"], ["Alien", "Alien"], [1979, 2003],
        ...               [[True], [True]], ("Horror",))
        >>> compare_templates(films)[["repeated", "example"]].loc[
        ...     ["title", "title, year"]]
                      repeated       example
        template
        title                2         Alien
        title, year          0  Alien (1979)
    """
    if not len(items):
        raise ValueError("items: need at least one, got none")
    rows = {}
    for name, template in templates.items():
        texts = items.text(template)
        report = text_report(texts.tolist())
        rows[name] = {
            "empty": len(report.empty),
            "repeated": report.n_repeated,
            "words": float(np.median(report.n_words)),
            "longest": int(report.n_words.max()),
            "example": str(texts[0]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("template")
