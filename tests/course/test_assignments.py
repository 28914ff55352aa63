"""Every assignment: full marks for what is right, and for nothing else.

The instructor's version of each is graded as a class is, in a kernel of its own. The
two hundred planted mistakes and the other solutions run in this process, cell by cell
as in a kernel, so that what is drawn for a student is drawn once.
"""

import ast
import importlib.util
import json
import linecache
import re
import sys
import types
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

from recsys_ref.course import form
from recsys_ref.course.grade import grade
from recsys_ref.course.student import GRADED_STUDENT
from recsys_ref.course.versions import assignments, instructor_version, student_version

ROOT = Path(__file__).resolve().parents[2]
EVERY = {
    assignment.name: assignment for assignment in assignments(ROOT / "assignments")
}
NAMES = list(EVERY)


def planted(name):
    """Return the module of an assignment's planted solutions."""
    path = Path(__file__).parent / "planted" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"planted_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLANTED = {name: planted(name) for name in NAMES}
WRONG = [(name, what) for name in NAMES for what in PLANTED[name].WRONG]
RIGHT = [(name, what) for name in NAMES for what in PLANTED[name].RIGHT]


def with_cells(notebook, cells):
    """Return a notebook with other solutions, by `grade_id`."""
    changed = nbformat.from_dict(json.loads(json.dumps(notebook)))
    unused = dict(cells)
    for cell in changed.cells:
        cell.source = unused.pop(form.grade_id(cell), cell.source)
    assert not unused, f"no cell has the grade_id {sorted(unused)}"
    return changed


def graded(name, notebook, student="ada", **how):
    """Grade trusted code, without walls."""
    return grade(EVERY[name], notebook, student, sandboxed=False, **how)


@dataclass
class Here:
    """What became of a notebook that ran in this process."""

    lost: set = field(default_factory=set)
    messages: list = field(default_factory=list)
    space: types.ModuleType = field(
        default_factory=lambda: types.ModuleType("__main__")
    )


def run_here(notebook, student="ada"):
    """Run a notebook's cells in this process, one after the other."""
    found = Here()
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv(GRADED_STUDENT, student)
        patch.setitem(sys.modules, "__main__", found.space)  # as a kernel has it
        warnings.simplefilter("ignore")
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            name = f"<{form.grade_id(cell)}>"
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[name] = (len(cell.source), None, lines, name)
            try:
                exec(compile(cell.source, name, "exec"), vars(found.space))
            except Exception as error:
                found.messages.append(f"{name}: {error}")
                if form.kind_of(cell) == "test":
                    found.lost.add(form.grade_id(cell))
    return found


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def names_of_tests(name):
    return {p.name for p in form.parts(EVERY[name].source) if p.kind == "test"}


def test_there_are_six_to_eight():
    assert 6 <= len(EVERY) <= 8


@pytest.mark.parametrize("name", NAMES)
def test_an_assignment_names_its_chapter_and_its_points(name):
    source = EVERY[name].source
    text = "\n".join(c.source for c in source.cells if c.cell_type == "markdown")
    minutes = [int(n) for n in re.findall(r"(\d+) minutes", text)]
    assert minutes, "say how long it takes"
    assert all(60 <= n <= 120 for n in minutes)
    total = sum(part.points for part in form.parts(source))
    assert total == 20
    assert f"{total:g} points" in text
    assert re.search(r"[Cc]hapters? \d", text)


@pytest.mark.parametrize("name", NAMES)
def test_the_rubric_lists_every_part_with_its_points(name):
    listed = dict(
        re.findall(r"^\|\s*`(\w+)`\s*\|\s*(\d+)\s*\|", EVERY[name].rubric, re.MULTILINE)
    )
    parts = form.parts(EVERY[name].source)
    assert listed == {part.name: f"{part.points:g}" for part in parts}


@pytest.mark.parametrize("name", NAMES)
def test_the_instructors_version_earns_full_marks(name):
    found = graded(name, instructor_version(EVERY[name].source))
    assert not found.problem
    assert found.lost() == set(), [m for m in found.marks if m.message]
    assert found.points == found.out_of - found.to_grade


@pytest.mark.parametrize("name", NAMES)
def test_the_untouched_students_version_earns_nothing(name):
    found = run_here(student_version(EVERY[name].source))
    assert found.lost == names_of_tests(name)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_helps_is_left_in_the_students_version(name):
    source = EVERY[name].source
    given = nbformat.writes(student_version(source))
    open_text = "\n".join(
        re.sub(
            r"[^\n]*### BEGIN (SOLUTION|HIDDEN TESTS).*?### END \1[^\n]*",
            "",
            cell.source,
            flags=re.DOTALL,
        )
        for cell in source.cells
        if form.kind_of(cell) != "by hand"
    )
    hidden = [
        line.strip()
        for cell in source.cells
        for region in re.findall(
            r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", cell.source, re.DOTALL
        )
        for line in region.splitlines()
    ]
    hidden += [
        line.strip()
        for cell in source.cells
        if form.kind_of(cell) == "by hand"
        for line in cell.source.splitlines()
    ]
    secret = {line for line in hidden if len(line) > 12 and line not in open_text}
    assert len(secret) > 20
    left = [line for line in secret if json.dumps(line)[1:-1] in given]
    assert not left
    assert "BEGIN SOLUTION" not in given
    assert "HIDDEN TESTS" not in given


@pytest.mark.parametrize(("name", "what"), WRONG, ids=[": ".join(w) for w in WRONG])
def test_a_typical_mistake_costs_what_it_should(name, what):
    mistake = PLANTED[name].WRONG[what]
    changed = with_cells(instructor_version(EVERY[name].source), mistake["cells"])
    assert mistake["loses"] <= names_of_tests(name)
    assert mistake["loses"], "a mistake that costs nothing"
    found = run_here(changed)
    assert found.lost == set(mistake["loses"]), found.messages


@pytest.mark.parametrize("name", ["metrics_by_hand", "attention"])
def test_a_mistake_costs_the_same_in_a_kernel(name):
    mistake = next(iter(PLANTED[name].WRONG.values()))
    changed = with_cells(instructor_version(EVERY[name].source), mistake["cells"])
    assert graded(name, changed).lost() == set(mistake["loses"])
    untouched = graded(name, student_version(EVERY[name].source))
    assert untouched.lost() == names_of_tests(name)
    assert untouched.points == untouched.to_grade == 0


@pytest.mark.parametrize("name", NAMES)
def test_five_mistakes_are_planted(name):
    assert len(PLANTED[name].WRONG) >= 5
    assert len(PLANTED[name].RIGHT) >= 1


@pytest.mark.parametrize(("name", "what"), RIGHT, ids=[": ".join(w) for w in RIGHT])
def test_another_right_solution_costs_nothing(name, what):
    other = PLANTED[name].RIGHT[what]
    found = run_here(with_cells(instructor_version(EVERY[name].source), other["cells"]))
    assert found.lost == set(), found.messages


def plain(value):
    """Return what a student would type for a value: Python's own kinds."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return type(value)(map(plain, value))
    return value


def answers(name, student):
    """Return the answers of the instructor as literals, cell by cell."""
    notebook = instructor_version(EVERY[name].source)
    space = vars(run_here(notebook, student).space)
    typed = {}
    for cell in notebook.cells:
        if form.kind_of(cell) != "solution":
            continue
        body = ast.parse(cell.source).body
        names = {
            target.id
            for node in body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id[0] != "_"
        }
        defines = any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in body)
        if names and not defines:
            typed[form.grade_id(cell)] = "\n".join(
                f"{each} = {plain(space[each])!r}" for each in sorted(names)
            )
    return typed


COPIED = [name for name in NAMES if name != "own_data"]  # his own file is graded


@pytest.mark.parametrize("name", COPIED)
def test_answers_typed_from_another_students_sheet_lose(name):
    of_ada, of_ben = answers(name, "ada"), answers(name, "ben")
    assert of_ada != of_ben, "two students have the same answers"
    source = instructor_version(EVERY[name].source)
    own = run_here(with_cells(source, of_ben), "ben")
    assert own.lost == set(), own.messages
    assert run_here(with_cells(source, of_ben), "ada").lost


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_holds_for_another_student_of_another_course(name):
    given = instructor_version(EVERY[name].source, "autumn")
    found = run_here(given, "ben")
    assert found.lost == set(), found.messages
