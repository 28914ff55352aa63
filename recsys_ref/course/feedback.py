"""Write a student's feedback as one page of HTML that needs nothing else.

It shows the points of each part with what to think about, then his notebook as
it ran. Hidden tests stay hidden, in the cells and in the traces of errors, so
that an assignment can be given again. Nothing that he wrote runs in the reader's
browser.

Book section 11.
"""

import copy
import html
import re

from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from pygments.formatters import HtmlFormatter

from recsys_ref.course import form
from recsys_ref.course.grade import Grade, Mark

_HIDDEN = re.compile(
    r"[^\n]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[^\n]*\n?", re.DOTALL
)
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto;
       padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top;
         border-bottom: 1px solid #ccc; }
td.points { text-align: right; white-space: nowrap; }
.cell { margin: 1rem 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.input { background: #f4f4f4; border-left: 3px solid #767676; padding: .6rem; }
.output { padding: .4rem .6rem; overflow-x: auto; }
.earned { border-left: 6px solid #1b6e3c; padding-left: .6rem; }
.lost { border-left: 6px solid #b3261e; padding-left: .6rem; }
.open { border-left: 6px solid #6b5b00; padding-left: .6rem; }
"""


def page(grade: Grade, title: str) -> str:
    """Return a submission's feedback as HTML.

    Args:
        grade: What it earned.
        title: Title of the assignment.

    Returns:
        A whole page; it asks no other host for anything.
    """
    heading = f"{html.escape(title)}: {html.escape(grade.student)}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{heading}</title>",
            f"<style>{_STYLE}{_code_style()}</style></head><body><main>",
            f"<h1>{heading}</h1>",
            _summary(grade),
            _table(grade),
            *([] if grade.notebook is None else [_run(grade)]),
            "</main></body></html>\n",
        ]
    )


def _summary(grade: Grade) -> str:
    said = f"<strong>{grade.points:g} of {grade.out_of:g} points.</strong>"
    if grade.to_grade:
        said += f" Another {grade.to_grade:g} are graded by hand."
    if grade.problem:
        said += f" The notebook as a whole: {html.escape(grade.problem)}."
    return f"<p>{said}</p>"


def _table(grade: Grade) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(mark.part.name)}</code></td>"
        f'<td class="points">{_points(mark)}</td>'
        f"<td>{html.escape(mark.message)}</td></tr>"
        for mark in grade.marks
    )
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Part", "Points", "What to look at")
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _points(mark: Mark) -> str:
    earned = "-" if mark.points is None else f"{mark.points:g}"
    return f"{earned} of {mark.part.points:g}"


def _run(grade: Grade) -> str:
    """Return the notebook as it ran, each part headed by what it earned."""
    marks = {mark.part.name: mark for mark in grade.marks}
    notebook = copy.deepcopy(grade.notebook)
    cells = []
    for cell in notebook.cells:
        mark = marks.get(form.grade_id(cell))
        if mark is not None:
            cells.append(new_markdown_cell(_badge(mark)))
        cells.append(_shown(cell))
    notebook.cells = cells
    exporter = HTMLExporter(template_name="basic", sanitize_html=True)
    body, _ = exporter.from_notebook_node(notebook)
    return f"<h2>Your notebook as it ran</h2>\n{body}"


def _badge(mark: Mark) -> str:
    if mark.points is None:
        look = "open"
    else:
        look = "earned" if mark.points == mark.part.points else "lost"
    why = f" {html.escape(mark.message)}" if mark.message else ""
    return (
        f'<p class="{look}"><strong>{html.escape(mark.part.name)}: '
        f"{_points(mark)} points.</strong>{why}</p>"
    )


def _shown(cell: NotebookNode) -> NotebookNode:
    """Return a cell without hidden tests; of an error only its name and message."""
    if cell.cell_type != "code":
        return cell
    hidden = form.kind_of(cell) == "test"
    if hidden:
        cell.source = _HIDDEN.sub("# (hidden tests)\n", cell.source)
    cell.outputs = [
        new_output(
            "stream", name="stderr", text=f"{output['ename']}: {output['evalue']}\n"
        )
        if output.output_type == "error"
        else output
        for output in cell.outputs
        if output.output_type == "error" or not hidden
    ]
    return cell


def _code_style() -> str:
    return HtmlFormatter(style="default").get_style_defs(".highlight")
