"""Words for an item: a template filled, a title in the order it is spoken."""

import re
from collections.abc import Mapping

ARTICLES = "A|An|The|Le|La|Les|L'|Un|Une|El|Los|Las|Il|Lo|O|Der|Die|Das|Det"


def fill(template: str, fields: Mapping[str, str]) -> str:
    """Put fields into a template whose parts in square brackets are optional.

    Args:
        template: Text with fields as `{title}`. A part in square brackets is
            left out if a field in it is empty; outside brackets an empty field
            reads "unknown".
        fields: What to put in.

    Raises:
        KeyError: If the template has another field.

    Examples:
        >>> fill("{title}[ ({year})]", {"title": "Brazil", "year": "1985"})
        'Brazil (1985)'
        >>> fill("{title}[ ({year})]", {"title": "Brazil", "year": ""})
        'Brazil'
        >>> fill("{title} ({year})", {"title": "Brazil", "year": ""})
        'Brazil (unknown)'
    """
    empty = [f"{{{name}}}" for name, value in fields.items() if not value]
    shown = {name: value or "unknown" for name, value in fields.items()}
    pieces = []
    for place, part in enumerate(re.split(r"\[([^\]]*)\]", template)):
        try:
            text = part.format_map(shown)
        except KeyError as error:
            raise KeyError(
                f"template: no field {error}, there are {sorted(fields)}"
            ) from None
        optional = place % 2 == 1  # what stood in brackets
        if not (optional and any(name in part for name in empty)):
            pieces.append(text)
    return "".join(pieces)


def natural_title(title: str) -> str:
    """Undo a library's word order: the article back in front.

    Examples:
        >>> natural_title("Full Monty, The")
        'The Full Monty'
        >>> natural_title("Horseman on the Roof, The (Hussard sur le toit, Le)")
        'The Horseman on the Roof (Le Hussard sur le toit)'
        >>> natural_title("Star Maker, The (Uomo delle stelle, L')")
        "The Star Maker (L'Uomo delle stelle)"
        >>> natural_title("Good, The Bad and The Ugly, The")
        'The Good, The Bad and The Ugly'
        >>> natural_title("I, Worst of All")
        'I, Worst of All'
    """

    def turn(match: re.Match) -> str:
        article = match["article"]
        return article + ("" if article.endswith("'") else " ") + match["rest"]

    inverted = rf"(?P<rest>[^()]+), (?P<article>{ARTICLES})(?= \(|\)|$)"
    return re.sub(inverted, turn, title)
