"""Put a student's solutions back among the tests as they were given out.

A student's notebook may have lost cells, have them twice or in another order, or
hold tests that he changed. What is graded is the source's own cells, with his
solutions in their places, and with the cells that he added where he added them.

Book section 11.
"""

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from recsys_ref.course import form

MISSING = 'raise NotImplementedError("this cell was deleted")'


def restored(submission: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return the notebook that is to be run for a student.

    Args:
        submission: What the student handed in.
        source: The source notebook; its locked cells and tests are taken, hidden
            tests included.

    Returns:
        A new notebook: the source's cells in the source's order. A solution has the
        student's text; one that he deleted raises an error. A code cell of his own
        stands after the cell that it followed. Of a cell that stands twice the
        first counts.
    """
    known = {form.grade_id(cell) for cell in source.cells} - {None}
    given: dict[str, NotebookNode] = {}
    added: dict[str | None, list[NotebookNode]] = {}
    after = None
    for cell in submission.cells:
        name = form.grade_id(cell)
        if name in known:
            given.setdefault(name, cell)
            after = name
        elif cell.cell_type == "code" and cell.source.strip():
            added.setdefault(after, []).append(new_code_cell(cell.source))
    cells = list(added.get(None, []))
    for cell in source.cells:
        name = form.grade_id(cell)
        cells.append(_chosen(cell, given.get(name) if name else None))
        cells += added.get(name, []) if name else []
    notebook = copy.deepcopy(source)
    notebook.cells = cells
    return notebook


def _chosen(cell: NotebookNode, given: NotebookNode | None) -> NotebookNode:
    """Return the source's cell, with the student's text where it is his to write."""
    cell = copy.deepcopy(cell)
    if form.kind_of(cell) not in ("solution", "by hand"):
        return cell
    if given is not None and given.cell_type == cell.cell_type:
        cell.source = given.source
    else:
        cell.source = MISSING if cell.cell_type == "code" else ""
    return cell
