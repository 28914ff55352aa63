"""Read the form of an assignment: which cell is what, and what it is worth.

The form is nbgrader's (schema version 3): each cell that matters carries a
`grade_id` and says whether it is a solution, a test, or locked. So a source
notebook can be imported into an existing nbgrader course as it is.

Book section 11.

References:
    Project Jupyter et al. (2019), nbgrader, https://doi.org/10.21105/jose.00032
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nbformat import NotebookNode

Kind = Literal["solution", "test", "by hand", "locked", "free"]
REGIONS = ("SOLUTION", "HIDDEN TESTS")
TEXT_STUB = "YOUR ANSWER HERE"  # what nbgrader puts in place of a written answer


@dataclass(frozen=True)
class Part:
    """One cell that earns points.

    Attributes:
        name: Its `grade_id`.
        points: What it is worth at most.
        kind: "test" if code decides, "by hand" if a person does.
    """

    name: str
    points: float
    kind: Kind


def grade_id(cell: NotebookNode) -> str | None:
    """Return the `grade_id` of a cell, None where it has none."""
    return _nbgrader(cell).get("grade_id")


def kind_of(cell: NotebookNode) -> Kind:
    """Return what a cell is.

    Examples:
        >>> from nbformat.v4 import new_code_cell
        >>> kind_of(new_code_cell("1 + 1"))
        'free'
        >>> about = {"grade": True, "solution": False, "grade_id": "t", "points": 1}
        >>> kind_of(new_code_cell("assert x", metadata={"nbgrader": about}))
        'test'
    """
    about = _nbgrader(cell)
    grade, solution = about.get("grade", False), about.get("solution", False)
    if grade:
        return "by hand" if solution else "test"
    if solution:
        return "solution"
    return "locked" if about.get("locked", False) else "free"


def parts(notebook: NotebookNode) -> list[Part]:
    """Return the cells that earn points, in order."""
    return [
        Part(grade_id(cell), float(_nbgrader(cell)["points"]), kind_of(cell))
        for cell in notebook.cells
        if kind_of(cell) in ("test", "by hand")
    ]


def faults(notebook: NotebookNode) -> Iterator[str]:
    """Yield what keeps a source notebook from being an assignment.

    Args:
        notebook: A source notebook, with solutions and hidden tests.

    Yields:
        One sentence a fault; nothing for a sound notebook.
    """
    names = [name for name in map(grade_id, notebook.cells) if name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"grade_id {name!r} stands on {names.count(name)} cells"
    for needed in ("setup", "student"):
        if needed not in names:
            yield f"no cell has the grade_id {needed!r}"
    if not any(part.kind == "test" for part in parts(notebook)):
        yield "no cell is a test"
    for place, cell in enumerate(notebook.cells, start=1):
        kind, name = kind_of(cell), grade_id(cell)
        where = f"cell {place} ({name or 'without grade_id'})"
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{where}: holds outputs"
        if cell.cell_type == "code" and not name:
            yield f"{where}: a cell of code needs a grade_id"
        if kind in ("test", "by hand") and not _nbgrader(cell).get("points", 0) > 0:
            yield f"{where}: is worth no points"
        if kind == "test" and cell.cell_type != "code":
            yield f"{where}: a test must be code"
        for region in REGIONS:
            begun = cell.source.count(f"### BEGIN {region}")
            if begun != cell.source.count(f"### END {region}"):
                yield f"{where}: a region {region} is not closed"
            owner = {"SOLUTION": ("solution", "by hand"), "HIDDEN TESTS": ("test",)}
            if begun and kind not in owner[region]:
                yield f"{where}: a region {region} in a cell that is {kind}"
        if kind == "solution" and "### BEGIN SOLUTION" not in cell.source:
            yield f"{where}: a solution without ### BEGIN SOLUTION"


def _nbgrader(cell: NotebookNode) -> dict:
    return cell.metadata.get("nbgrader", {})
