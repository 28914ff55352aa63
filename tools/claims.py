"""The claims of the article, and the marks of the cells that decide them.

`chapters/claims.yml` holds what each claim says. A mark is a cell's metadata
`"claim": {"id": ..., "section": ..., "verdict": ...}`, or a list of such; in a
Markdown page it is the directive `{claim}` with the same three. Neither the file
nor the marks are complete without the other.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

VERDICTS = ("holds", "holds when", "does not hold", "not testable here")
# The article's sections, in its order. The first numbers are its chapters.
CHAPTERS = {
    "abstract": "Abstract",
    "1": "Background",
    "2": "Concepts",
    "3": "Algorithm",
    "4": "Mathematics",
    "5": "Code",
    "6": "Applications",
    "7": "Resources",
    "8": "Outlook",
    "9": "Questions",
    "10": "References",
}
SECTIONS = (
    "abstract", "1", "2", "3", "4", "5", "5.1", "5.2", "5.3", "6", "7", "7.1",
    "7.2", "7.3", "8", "9", "9.1", "9.2", "9.3", "10",
)  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """What the article claims, and what the book makes of it, in words."""

    id: str
    original: str  # the article's sentence, or the part of it that claims
    english: str
    test: str
    finding: str  # after "holds when" the condition, else the reason


@dataclass(frozen=True)
class Mark:
    """The place that decides a claim, and what it decides."""

    id: str
    section: str
    verdict: str
    document: str

    @property
    def chapter(self) -> str:
        """The number in front of the section's dot."""
        return self.section.partition(".")[0]

    @property
    def anchor(self) -> str:
        """The name of the place in its page."""
        return anchor("claim", self.id)


def anchor(kind: str, claim_id: str) -> str:
    """Return "ledger-5-2-listing-runs" for the claim 5.2-listing-runs."""
    return f"{kind}-{claim_id}".replace(".", "-")


def read_claims(path: Path) -> list[Claim]:
    """Read the file of the claims.

    Raises:
        ValueError: If the file is missing, or an entry lacks a field, has one
            that is unknown, or one that is not a text. The message names both.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if entries is None:  # nothing but comments
        return []
    if not isinstance(entries, list):
        raise ValueError(f"{path.name}: must be a list of claims")
    return [_claim(entry, path.name, at) for at, entry in enumerate(entries, start=1)]


def _claim(entry: object, file: str, at: int) -> Claim:
    names = [field.name for field in fields(Claim)]
    where = f"{file}: entry {at}"
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: needs the fields {names}, is {entry!r}")
    where += f" ({entry.get('id', 'no id')})"
    if set(entry) != set(names):
        odd = sorted(map(str, set(entry) ^ set(names)))
        raise ValueError(f"{where}: needs the fields {names}, differs in {odd}")
    for name, value in entry.items():
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{where}: {name} must be a text, is {value!r}")
    return Claim(**{name: " ".join(value.split()) for name, value in entry.items()})


def with_directives(notebook: str) -> str:
    """Follow each marked cell of a notebook by a `{claim}` directive."""
    if '"claim"' not in notebook:
        return notebook
    content = json.loads(notebook)
    cells = []
    for cell in content["cells"]:
        cells.append(cell)
        marks = cell["metadata"].get("claim", [])
        for at, mark in enumerate(marks if isinstance(marks, list) else [marks]):
            cells.append(_directive(cell, mark, at))
    return json.dumps({**content, "cells": cells}, ensure_ascii=False)


def _directive(cell: dict, mark: object, at: int) -> dict:
    if not isinstance(mark, dict):
        mark = {"id": str(mark)}
    lines = [
        f"```{{claim}} {mark.get('id') or 'without-id'}",
        f":section: {json.dumps(str(mark.get('section')))}",
        f":verdict: {json.dumps(str(mark.get('verdict')))}",
        *([":cell:"] if cell["cell_type"] == "code" else []),
        "```",
    ]
    return {
        "cell_type": "markdown",
        "id": f"{cell.get('id', 'cell')[:55]}-claim{at}",
        "metadata": {},
        "source": "\n".join(lines),
    }


def problems(
    claims: list[Claim], marks: list[Mark]
) -> Iterator[tuple[str | None, str]]:
    """Yield (document, what is wrong) where claims and marks do not agree."""
    marked = Counter(mark.id for mark in marks)
    listed = Counter(claim.id for claim in claims)
    for name in sorted(name for name, count in listed.items() if count > 1):
        yield None, f"claim {name}: the claims file lists it {listed[name]} times"
    for name in sorted(set(listed) - set(marked)):
        yield None, f"claim {name}: is in the claims file, and no cell is marked"
    for mark in marks:
        if mark.id not in listed:
            yield mark.document, f"claim {mark.id}: marked, not in the claims file"
        if marked[mark.id] > 1:
            yield mark.document, f"claim {mark.id}: marked {marked[mark.id]} times"
        for name, known in (("section", SECTIONS), ("verdict", VERDICTS)):
            if getattr(mark, name) not in known:
                value = getattr(mark, name)
                yield (
                    mark.document,
                    f"claim {mark.id}: unknown {name} {value!r}, known are "
                    f"{', '.join(known)}",
                )
    yield from _out_of_order(claims, marks)


def _out_of_order(
    claims: list[Claim], marks: list[Mark]
) -> Iterator[tuple[str | None, str]]:
    sections = {mark.id: mark.section for mark in marks}
    reached = 0
    for claim in claims:
        section = sections.get(claim.id)
        if section in SECTIONS:
            place = SECTIONS.index(section)
            if place < reached:
                yield (
                    None,
                    f"claim {claim.id}: of section {section}, stands after "
                    f"section {SECTIONS[reached]} in the claims file",
                )
            reached = max(reached, place)
