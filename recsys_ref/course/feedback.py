"""Write a student's feedback as one page of HTML that needs nothing else.

It shows the points of each part with what to think about, then his code as it ran.
Hidden tests stay hidden, in the cells and in the traces of errors, so that an
assignment can be given again. Of what his code put out only text and pictures are
shown, so nothing of it runs in the reader's browser.

Book section 11.
"""

import base64
import html
import re
from collections.abc import Iterator

from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from recsys_ref.course import form
from recsys_ref.course.grade import Grade, Mark

_HIDDEN = re.compile(
    r"[^\n]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[^\n]*\n?", re.DOTALL
)
_HEADING = re.compile(r"^##+ (.*)$", re.MULTILINE)
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto;
       padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top;
         border-bottom: 1px solid #ccc; }
td.points { text-align: right; white-space: nowrap; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.highlight { background: #f4f4f4; border-left: 3px solid #767676; padding: .6rem;
             margin-top: 1rem; }
.output { padding: .4rem .6rem; }
.output img { max-width: 100%; }
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
    """Return the notebook as it ran, each part followed by what it earned."""
    marks = {mark.part.name: mark for mark in grade.marks}
    pieces = ["<h2>Your notebook as it ran</h2>"]
    for cell in grade.notebook.cells:
        mark = marks.get(form.grade_id(cell))
        if cell.cell_type == "code":
            pieces += _code(cell)
        elif mark is not None:
            pieces.append(f"<pre>{html.escape(cell.source)}</pre>")
        else:
            headings = _HEADING.findall(cell.source)
            pieces += [f"<h3>{html.escape(heading)}</h3>" for heading in headings]
        if mark is not None:
            pieces.append(_badge(mark))
    return "\n".join(pieces)


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


def _code(cell: NotebookNode) -> Iterator[str]:
    """Yield a cell and what it put out; of a test only what is open."""
    test = form.kind_of(cell) == "test"
    source = _HIDDEN.sub("# (hidden tests)\n", cell.source) if test else cell.source
    yield highlight(source, PythonLexer(), HtmlFormatter())
    if not test:  # its message stands with the points
        yield from map(_output, cell.outputs)


def _output(output: NotebookNode) -> str:
    if output.output_type == "error":
        text = f"{output['ename']}: {output['evalue']}"
    elif output.output_type == "stream":
        text = output["text"]
    else:
        picture = _picture(str(output["data"].get("image/png", "")))
        if picture:
            return picture
        text = str(output["data"].get("text/plain", ""))
    return f'<div class="output"><pre>{html.escape(text)}</pre></div>'


def _picture(code: str) -> str:
    try:
        code = base64.b64encode(base64.b64decode(code)).decode()
    except ValueError:  # not ASCII, or not base 64
        return ""
    if not code:
        return ""
    source = f"data:image/png;base64,{code}"
    return f'<div class="output"><img alt="your figure" src="{source}"></div>'


def _code_style() -> str:
    return HtmlFormatter(style="default").get_style_defs(".highlight")
