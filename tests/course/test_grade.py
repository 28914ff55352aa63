"""Points follow from what ran, and from nothing else."""

import nbformat
import pytest

from recsys_ref.course import form
from recsys_ref.course.grade import grade, nothing
from recsys_ref.course.versions import student_version


@pytest.fixture
def handed_in(sums):
    notebook = student_version(sums.source)
    cell(notebook, "add").source = "def add(a, b):\n    return a + b"
    cell(notebook, "why").source = "Because."
    return notebook


def cell(notebook, name):
    return next(c for c in notebook.cells if form.grade_id(c) == name)


def graded(sums, notebook, **how):
    return grade(sums, notebook, "ada", sandboxed=False, **how)


def test_a_right_solution(sums, handed_in):
    found = graded(sums, handed_in)
    assert (found.points, found.out_of, found.to_grade) == (5, 6, 1)
    assert found.lost() == set()


def test_points_given_by_hand(sums, handed_in):
    found = graded(sums, handed_in, by_hand={"why": (0.5, "Say why.")})
    assert (found.points, found.to_grade) == (5.5, 0)
    assert found.marks[2].message == "Say why."


def test_an_untouched_version(sums):
    found = graded(sums, student_version(sums.source))
    assert (found.points, found.to_grade) == (0, 0)
    assert [m.message for m in found.marks] == [
        "NotImplementedError",
        "NotImplementedError",
        "not answered",
    ]


def test_a_typed_answer_of_another_student_loses_his_own_part(sums, handed_in):
    theirs = graded(sums, handed_in).notebook
    shared = {}
    exec(cell(theirs, "setup").source, shared)
    number = int(shared["student_rng"]("self-study", "sums", "ben").integers(10**9))
    cell(handed_in, "add").source = (
        "def add(a, b):\n"
        f"    return 3 if a + b == 3 else 40 + {number} if a == 40 else 0"
    )
    assert graded(sums, handed_in).lost() == {"test_own"}
    of_ben = grade(sums, handed_in, "ben", sandboxed=False)
    assert of_ben.lost() == set()


def test_changed_tests_do_not_help(sums):
    notebook = student_version(sums.source)
    for name in ("test_add", "test_own"):
        cell(notebook, name).source = "pass"
    assert graded(sums, notebook).lost() == {"test_add", "test_own"}


def test_a_renamed_function_loses_its_tests(sums, handed_in):
    cell(handed_in, "add").source = "def plus(a, b):\n    return a + b"
    found = graded(sums, handed_in)
    assert found.lost() == {"test_add", "test_own"}
    assert "name 'add' is not defined" in found.marks[0].message


def test_a_deleted_cell_loses_its_tests(sums, handed_in):
    handed_in.cells = [c for c in handed_in.cells if form.grade_id(c) != "add"]
    assert graded(sums, handed_in).lost() == {"test_add", "test_own"}


def test_a_syntax_error_loses_its_tests(sums, handed_in):
    cell(handed_in, "add").source = "def add(a, b:"
    assert graded(sums, handed_in).lost() == {"test_add", "test_own"}


def test_a_crash_after_the_first_test_keeps_its_points(sums, handed_in):
    place = [form.grade_id(c) for c in handed_in.cells].index("test_add")
    crash = nbformat.v4.new_code_cell("import os; os._exit(1)")
    handed_in.cells.insert(place + 1, crash)
    found = graded(sums, handed_in)
    assert found.lost() == {"test_own"}


def test_what_cannot_be_run_earns_nothing(sums):
    found = nothing(sums, "ada", "no notebook")
    assert (found.points, found.out_of, found.problem) == (0, 6, "no notebook")
