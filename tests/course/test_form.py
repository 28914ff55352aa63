"""The form of an assignment is read, and its faults are named."""

import pytest

from recsys_ref.course import form


def cell_of(notebook, name):
    return next(c for c in notebook.cells if form.grade_id(c) == name)


def test_kinds(sums):
    kinds = {form.grade_id(c): form.kind_of(c) for c in sums.source.cells}
    assert kinds == {
        None: "free",
        "setup": "locked",
        "student": "free",
        "data": "locked",
        "add": "solution",
        "test_add": "test",
        "test_own": "test",
        "why": "by hand",
    }


def test_parts_carry_points(sums):
    found = [(part.name, part.points, part.kind) for part in form.parts(sums.source)]
    assert found == [
        ("test_add", 2, "test"),
        ("test_own", 3, "test"),
        ("why", 1, "by hand"),
    ]


def test_a_sound_notebook_has_no_faults(sums):
    assert list(form.faults(sums.source)) == []


def _twice(notebook):
    cell_of(notebook, "test_add").metadata.nbgrader.grade_id = "test_own"


def _without_student(notebook):
    notebook.cells.remove(cell_of(notebook, "student"))


def _without_tests(notebook):
    for name in ("test_add", "test_own"):
        notebook.cells.remove(cell_of(notebook, name))


def _with_output(notebook):
    cell_of(notebook, "add").execution_count = 3


def _worthless(notebook):
    cell_of(notebook, "test_add").metadata.nbgrader.points = 0


def _test_in_prose(notebook):
    cell_of(notebook, "test_add").cell_type = "markdown"


def _open_region(notebook):
    cell = cell_of(notebook, "add")
    cell.source = cell.source.replace("### END SOLUTION", "")


def _hidden_in_solution(notebook):
    cell = cell_of(notebook, "add")
    cell.source += "\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"


def _without_region(notebook):
    cell_of(notebook, "add").source = "add = sum"


def _code_without_id(notebook):
    del cell_of(notebook, "data").metadata["nbgrader"]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_twice, "stands on 2 cells"),
        (_without_student, "no cell has the grade_id 'student'"),
        (_without_tests, "no cell is a test"),
        (_with_output, "holds outputs"),
        (_worthless, "is worth no points"),
        (_test_in_prose, "a test must be code"),
        (_open_region, "is not closed"),
        (_hidden_in_solution, "in a cell that is solution"),
        (_without_region, "a solution without ### BEGIN SOLUTION"),
        (_code_without_id, "needs a grade_id"),
    ],
)
def test_a_fault_is_named(sums, spoil, word):
    spoil(sums.source)
    assert any(word in fault for fault in form.faults(sums.source))
