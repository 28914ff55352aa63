"""What a notebook of the book must be, one rule a function.

Each rule takes a notebook and yields its faults as "cell N: what is wrong".
Cells are counted from 1, as an editor shows them.
"""

import ast
import re
from collections.abc import Callable, Iterator

import prose
import quiz
from nbformat import NotebookNode

Rule = Callable[[NotebookNode], Iterator[str]]

MAX_LINES, MAX_COLUMNS = 25, 79
ENDING = ["Summary", "Quiz", "Exercises", "Modules used"]
DIFFICULTY = ["Easy", "Medium", "Hard"]
AT_A_GLANCE = [
    "What you will learn",
    "What you need first",
    "Minutes to read",
    "Seconds to run",
]
TAGS = {
    "hide-cell",
    "hide-input",
    "hide-output",
    "nbval-ignore-output",
    "raises-exception",
    "remove-input",
}
_MACHINE_PATH = re.compile(
    r"(?<![\w.:/-])/(?:home|work|tmp|root|Users|usr|opt|mnt|var)/|\b[A-Z]:\\+\w"
    r"|site-packages"
)
_TIMING = re.compile(
    r"\b\d+(?:\.\d+)?\s?(?:ms|µs|us|ns|it/s|s/it)\b"
    r"|\b\d+\.\d+\s?(?:s|sec|secs|seconds|minutes|min)\b"
    r"|\b(?:Wall time|CPU times)\b"
)
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


def _code(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            yield place, cell


def _prose(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    for place, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown":
            yield place, cell.source


def _tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def _has_picture(cell: NotebookNode) -> bool:
    return any(
        mime in output.get("data", {}) for output in cell.outputs for mime in _PICTURES
    )


def _texts(cell: NotebookNode) -> Iterator[str]:
    """Yield what a reader sees of a cell's outputs, as text."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", []))
        for mime, content in output.get("data", {}).items():
            if mime.startswith("text/") and isinstance(content, str):
                yield content


def _parsed(cell: NotebookNode) -> ast.Module | None:
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return None


def every_cell_was_run_in_order(notebook: NotebookNode) -> Iterator[str]:
    """Counts are 1, 2, 3 ..., and no cell is empty."""
    for expected, (place, cell) in enumerate(_code(notebook), start=1):
        if not cell.source.strip():
            yield f"cell {place}: is empty"
            return
        if cell.execution_count != expected:
            yield f"cell {place}: count is {cell.execution_count}, not {expected}"
            return  # those that follow are off as well


def no_output_is_an_error(notebook: NotebookNode) -> Iterator[str]:
    """Errors are shown only where the cell is tagged `raises-exception`."""
    for place, cell in _code(notebook):
        wanted = "raises-exception" in _tags(cell)
        for output in cell.outputs:
            if output.output_type == "error" and not wanted:
                yield f"cell {place}: raised {output.ename}: {output.evalue}"
            if output.get("name") == "stderr":
                yield f"cell {place}: wrote to stderr: {output.text.strip()[:60]!r}"


def no_output_is_a_widget(notebook: NotebookNode) -> Iterator[str]:
    """Widgets bring other hosts' scripts into the site."""
    if "widgets" in notebook.metadata:
        yield "notebook: holds widget state"
    for place, cell in _code(notebook):
        for output in cell.outputs:
            for mime in output.get("data", {}):
                if "widget" in mime or "javascript" in mime:
                    yield f"cell {place}: output has the type {mime}"


def no_output_names_a_machine_or_a_time(notebook: NotebookNode) -> Iterator[str]:
    """Outputs are the same on every machine."""
    for place, cell in _code(notebook):
        for text in _texts(cell):
            for pattern, what in ((_MACHINE_PATH, "path"), (_TIMING, "timing")):
                if match := pattern.search(text):
                    around = text[max(match.start() - 15, 0) : match.end() + 25]
                    yield f"cell {place}: output holds a {what}: {around!r}"


def imports_stand_in_the_first_code_cell(notebook: NotebookNode) -> Iterator[str]:
    """One cell imports; code is plain Python, without escapes or magics."""
    for order, (place, cell) in enumerate(_code(notebook)):
        tree = _parsed(cell)
        if tree is None:
            yield f"cell {place}: is not plain Python (a magic or a shell escape?)"
            continue
        imports = [
            n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        if order and imports:
            yield f"cell {place}: imports {ast.unparse(imports[0])!r}"


def cells_are_small(notebook: NotebookNode) -> Iterator[str]:
    """At most 25 lines that are not blank, 79 columns."""
    for place, cell in _code(notebook):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            yield f"cell {place}: has {len(lines)} lines, at most {MAX_LINES}"
        for line in lines:
            if len(line) > MAX_COLUMNS:
                yield f"cell {place}: over {MAX_COLUMNS} columns: {line}"


def every_section_with_code_asserts(notebook: NotebookNode) -> Iterator[str]:
    """Each `##` section with code holds an assertion with a message."""
    section, code, asserted = None, False, False

    def fault() -> Iterator[str]:
        if section not in (None, *ENDING) and code and not asserted:
            yield f"section {section!r}: has code and no `assert ..., message`"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for level, text in prose.headings(cell.source):
                if level == 2:
                    yield from fault()
                    section, code, asserted = text, False, False
        elif cell.cell_type == "code" and (tree := _parsed(cell)):
            code = True
            asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
            asserted = asserted or any(node.msg is not None for node in asserts)
    yield from fault()


def it_opens_with_a_title_and_a_table(notebook: NotebookNode) -> Iterator[str]:
    """The first cell holds the title and the table of what awaits the reader."""
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown":
        yield "cell 1: is not Markdown"
        return
    if [level for level, _ in prose.headings(first.source)] != [1]:
        yield "cell 1: needs one heading, the title ('# ...')"
    rows = re.findall(r"^\|\s*(.+?)\s*\|\s*(.*?)\s*\|\s*$", first.source, re.MULTILINE)
    names = [name for name, _ in rows]
    if names != ["At a glance", "---", *AT_A_GLANCE]:
        yield f"cell 1: 'At a glance' needs the rows {AT_A_GLANCE}, has {names}"
    for name, value in rows:
        if not value:
            yield f"cell 1: row {name!r} is empty"
        if name in AT_A_GLANCE[2:] and not value.isdecimal():
            yield f"cell 1: row {name!r} needs a whole number, has {value!r}"


def headings_descend_by_one(notebook: NotebookNode) -> Iterator[str]:
    """One title, and no level is skipped on the way down."""
    before = 0
    for place, text in _prose(notebook):
        for level, heading in prose.headings(text):
            if level == 1 and before:
                yield f"cell {place}: a second title: {heading!r}"
            if level > before + 1:
                yield f"cell {place}: {heading!r} skips from level {before} to {level}"
            before = level


def it_ends_with_summary_and_exercises(notebook: NotebookNode) -> Iterator[str]:
    """The last sections are fixed, so that a reader finds them."""
    titles = [
        heading
        for _, text in _prose(notebook)
        for level, heading in prose.headings(text)
        if level == 2
    ]
    if titles[-len(ENDING) :] != ENDING:
        yield f"the last '##' sections must be {ENDING}, are {titles[-len(ENDING) :]}"


def every_exercise_has_a_folded_solution(notebook: NotebookNode) -> Iterator[str]:
    """At least one exercise; each solution is a dropdown that names it."""
    exercises, solved = [], []
    for place, text in _prose(notebook):
        for _, body in prose.directives(text, "exercise"):
            label = prose.option(body, "label")
            exercises.append(label)
            if not label:
                yield f"cell {place}: the exercise needs a :label:"
        for name in ("solution", "solution-start"):
            for argument, body in prose.directives(text, name):
                solved.append(argument)
                if "dropdown" not in (prose.option(body, "class") or ""):
                    yield f"cell {place}: the solution needs ':class: dropdown'"
                if not prose.option(body, "label"):
                    yield f"cell {place}: the solution needs a :label:"
    if not exercises:
        yield "has no {exercise}"
    for label in exercises:
        if label and solved.count(label) != 1:
            yield f"exercise {label}: has {solved.count(label)} solutions, not one"


def exercises_go_from_easy_to_hard(notebook: NotebookNode) -> Iterator[str]:
    """Each says how hard it is, the first is easy, and no easier one follows."""
    levels = []
    for place, text in _prose(notebook):
        for _, body in prose.directives(text, "exercise"):
            said = re.search(r"^\*(\w+)\.\*\s", body, re.MULTILINE)
            if said is None or said[1] not in DIFFICULTY:
                label = prose.option(body, "label")
                yield f"cell {place}: {label} needs *Easy.*, *Medium.* or *Hard.*"
            else:
                levels.append(DIFFICULTY.index(said[1]))
    if levels != sorted(levels) or (levels and levels[0]):
        yield f"order: {', '.join(DIFFICULTY[level] for level in levels)}"


def the_quiz_explains_every_choice(notebook: NotebookNode) -> Iterator[str]:
    """Three to five questions, one right choice each, an explanation for each."""
    last = "\n\n".join(text for _, text in _prose(notebook)).rpartition("## Quiz\n")[2]
    for fault in quiz.faults(last.partition("\n## ")[0]):
        yield f"quiz: {fault}"


def modules_used_are_listed(notebook: NotebookNode) -> Iterator[str]:
    """Every module of ours that is imported is linked at the end."""
    last = "".join(text for _, text in _prose(notebook)).rpartition(f"## {ENDING[-1]}")[
        2
    ]
    listed = set(re.findall(r"\{py:mod\}`~?([\w.]+)`", last))
    imported = set()
    for _, cell in _code(notebook):
        for node in ast.walk(_parsed(cell) or ast.Module([], [])):
            if isinstance(node, ast.ImportFrom) and node.module == "recsys_ref":
                imported |= {f"recsys_ref.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    for module in sorted(name for name in imported if name.startswith("recsys_ref")):
        if not any(name == module or name.startswith(f"{module}.") for name in listed):
            yield f"'{ENDING[-1]}' does not list {{py:mod}}`{module}`"


def tags_are_known(notebook: NotebookNode) -> Iterator[str]:
    """Only pictures are exempt from comparison, and no cell is skipped."""
    for place, cell in _code(notebook):
        for tag in _tags(cell):
            if tag not in TAGS:
                yield f"cell {place}: unknown tag {tag!r}, known are {sorted(TAGS)}"
        if "nbval-ignore-output" in _tags(cell) and not _has_picture(cell):
            yield f"cell {place}: nbval-ignore-output on a cell without a picture"
        if re.search(r"^\s*#\s*NBVAL|^\s*#\s*PYTEST", cell.source, re.MULTILINE):
            yield f"cell {place}: a comment that changes what nbval compares"


def pictures_are_described(notebook: NotebookNode) -> Iterator[str]:
    """Alt text of five words or more, a caption and a name for references."""
    for place, cell in _code(notebook):
        if not _has_picture(cell):
            continue
        about = cell.metadata.get("mystnb", {})
        alt = about.get("image", {}).get("alt", "")
        if len(alt.split()) < 5:
            yield f"cell {place}: mystnb.image.alt needs five words, is {alt!r}"
        figure = about.get("figure", {})
        if not figure.get("caption"):
            yield f"cell {place}: the picture needs mystnb.figure.caption"
        if not str(figure.get("name", "")).startswith("fig-"):
            yield f"cell {place}: mystnb.figure.name must start with 'fig-'"
        for typed in prose.typed_figures(figure.get("caption", "")):
            yield f"cell {place}: the caption states a result: {typed}"
    for place, text in _prose(notebook):
        if re.search(r"!\[\s*\]\(|<img\b(?![^>]*\balt=\"[^\"]+\")", text):
            yield f"cell {place}: a picture without alt text"


def glued_names_exist(notebook: NotebookNode) -> Iterator[str]:
    """What a sentence takes from the code is there, glued once."""
    glued = [
        output.metadata["scrapbook"]["name"]
        for _, cell in _code(notebook)
        for output in cell.outputs
        if "scrapbook" in output.get("metadata", {})
    ]
    for name in sorted({name for name in glued if glued.count(name) > 1}):
        yield f"glue: {name!r} is glued more than once"
    for place, text in _prose(notebook):
        for name in prose.glued_names(text):
            if name not in glued:
                yield f"cell {place}: {name!r} is not glued in this notebook"


def no_result_is_typed_in(notebook: NotebookNode) -> Iterator[str]:
    """Figures in sentences come from the code, or their line says `given`."""
    for place, text in _prose(notebook):
        for typed in prose.typed_figures(text):
            yield f"cell {place}: glue it, or end its line with {prose.GIVEN}: {typed}"


RULES: tuple[Rule, ...] = (
    every_cell_was_run_in_order,
    no_output_is_an_error,
    no_output_is_a_widget,
    no_output_names_a_machine_or_a_time,
    imports_stand_in_the_first_code_cell,
    cells_are_small,
    every_section_with_code_asserts,
    it_opens_with_a_title_and_a_table,
    headings_descend_by_one,
    it_ends_with_summary_and_exercises,
    every_exercise_has_a_folded_solution,
    exercises_go_from_easy_to_hard,
    the_quiz_explains_every_choice,
    modules_used_are_listed,
    tags_are_known,
    pictures_are_described,
    glued_names_exist,
    no_result_is_typed_in,
)
