"""Sphinx extension: "Book section 3.5" in a docstring becomes a link.

A chapter's number is in its file's name: `chapters/03_5_evaluation.ipynb` is
section 3.5. A section whose chapter is not written yet stays plain text. A
class or function that names no section takes those of its module, or else of
its module's package.
"""

import re
import sys
from collections.abc import Iterable

from sphinx.application import Sphinx

# What a docstring may name: the article's sections and the book's own.
PLANNED = (
    "1", "2", "3", "3.1", "3.2", "3.3", "3.4", "3.5", "4", "4.1",
    "5", "5.1", "5.2", "6", "6.1", "6.2", "6.3", "6.4", "6.5", "7",
    "8", "8.1", "8.2", "8.3", "9", "9.1", "9.2", "9.3", "10", "11",
)  # fmt: skip

_MENTION = re.compile(
    r"([Bb]ook\s+sections?\s+)(\d+(?:\.\d+)?(?:(?:,\s+|\s+and\s+)\d+(?:\.\d+)?)*)"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

# An indented block below a line that ends in one colon.
_FORMULA = re.compile(r"(?m)^((?: *)\S.*[^:\n]):(\n\n    +\S)")

# What napoleon makes of an attribute set by `fit`; to reStructuredText `seen_` is
# a reference whose text is "seen".
_FITTED = re.compile(r"(?m)^(:(?:ivar|vartype) \w*[^\W_])_:")
_COLON = "\ue000"  # stands for a colon while napoleon runs


def sections_named(docstring: str | None) -> list[str]:
    """Return the book sections that a docstring names, in order."""
    mentions = _MENTION.findall(docstring or "")
    return [number for _, numbers in mentions for number in _NUMBER.findall(numbers)]


def first_named(docstrings: Iterable[str | None]) -> list[str]:
    """Return the sections of the first docstring that names any."""
    return next(filter(None, map(sections_named, docstrings)), [])


def chapters_by_section(documents: Iterable[str]) -> dict[str, str]:
    """Map "3.5" to "chapters/03_5_evaluation" for each numbered chapter."""
    found = {}
    for document in documents:
        match = re.fullmatch(r"chapters/(\d\d)(?:_(\d))?_[a-z]\w*", document)
        if match:
            part = f".{match[2]}" if match[2] else ""
            found[f"{int(match[1])}{part}"] = document
    return found


def linked(docstring: str, chapters: dict[str, str]) -> str:
    """Turn the sections that a docstring names into links to their chapters."""

    def link(number: re.Match) -> str:
        chapter = chapters.get(number[0])
        return f":doc:`{number[0]} </{chapter}>`" if chapter else number[0]

    return _MENTION.sub(lambda found: found[1] + _NUMBER.sub(link, found[2]), docstring)


def with_fitted_names(text: str) -> str:
    """Keep the underscore at the end of an attribute's name."""
    return _FITTED.sub(r"\1\\_:", text)


def _process_docstring(
    app: Sphinx, what: str, name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    text = with_fitted_names("\n".join(lines)).rstrip().replace(_COLON, ":")
    if what in {"class", "exception", "function"} and not sections_named(text):
        module = name.rpartition(".")[0]
        around = (sys.modules.get(each) for each in (module, module.rpartition(".")[0]))
        numbers = first_named(each.__doc__ for each in around if each)
        if numbers:
            text += f"\n\nBook section {', '.join(dict.fromkeys(numbers))}."
    lines[:] = [*linked(text, chapters_by_section(app.env.found_docs)).split("\n"), ""]


def _prepare_for_napoleon(
    _app: Sphinx,
    what: str,
    _name: str,
    _obj: object,
    _options: object,
    lines: list[str],
) -> None:
    """Keep formulas as they stand, and "U: users" of a property from being a type."""
    lines[:] = _FORMULA.sub(r"\1::\2", "\n".join(lines)).split("\n")
    if what in {"attribute", "data", "property"}:
        lines[:] = [line.replace(":", _COLON) for line in lines]


def _with_new_chapters(
    app: Sphinx, _env: object, added: set[str], _changed: set[str], removed: set[str]
) -> list[str]:
    """Read the API pages again when there are other chapters to link to."""
    pages = [name for name in app.env.found_docs if name.startswith("chapters/api")]
    return pages if chapters_by_section(added | removed) else []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("autodoc-process-docstring", _prepare_for_napoleon, priority=400)
    # After napoleon (500), which turns Google sections into fields.
    app.connect("autodoc-process-docstring", _process_docstring, priority=600)
    app.connect("env-get-outdated", _with_new_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
