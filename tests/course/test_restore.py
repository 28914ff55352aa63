"""A student's solutions are put back among the tests as they were given out."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from recsys_ref.course import form
from recsys_ref.course.restore import MISSING, restored
from recsys_ref.course.versions import student_version


@pytest.fixture
def given(sums):
    notebook = student_version(sums.source)
    cell(notebook, "add").source = "def add(a, b):\n    return a + b"
    return notebook


def cell(notebook, name):
    return next(c for c in notebook.cells if form.grade_id(c) == name)


def names(notebook):
    return [form.grade_id(c) for c in notebook.cells]


def test_solutions_are_the_students_and_tests_the_sources(sums, given):
    cell(given, "test_own").source = "pass"
    cell(given, "data").source = "mine = 0"
    cell(given, "student").source = "STUDENT = 'somebody else'"
    found = restored(given, sums.source)
    assert names(found) == names(sums.source)
    assert cell(found, "add").source == cell(given, "add").source
    for name in ("test_own", "data", "student", "setup"):
        assert cell(found, name).source == cell(sums.source, name).source


def test_a_deleted_solution_raises_and_a_deleted_test_comes_back(sums, given):
    given.cells = [
        c for c in given.cells if form.grade_id(c) not in ("add", "test_add")
    ]
    found = restored(given, sums.source)
    assert cell(found, "add").source == MISSING
    assert cell(found, "test_add").source == cell(sums.source, "test_add").source


def test_a_deleted_answer_is_empty(sums, given):
    given.cells = [c for c in given.cells if form.grade_id(c) != "why"]
    assert cell(restored(given, sums.source), "why").source == ""


def test_order_and_copies_do_not_matter(sums, given):
    again = cell(given, "add").copy()
    again.source = "add = None"
    given.cells = [*reversed(given.cells), again]
    found = restored(given, sums.source)
    assert names(found) == names(sums.source)
    assert "return a + b" in cell(found, "add").source


def test_a_cell_of_his_own_stays_after_the_one_it_followed(sums, given):
    place = names(given).index("data")
    given.cells.insert(place + 1, new_code_cell("helper = 1"))
    given.cells.insert(0, new_code_cell("first = 1"))
    given.cells.append(new_markdown_cell("thoughts"))
    found = restored(given, sums.source)
    sources = [c.source for c in found.cells]
    assert sources[0] == "first = 1"
    assert sources.index("helper = 1") == sources.index(cell(found, "data").source) + 1
    assert "thoughts" not in sources


def test_a_solution_turned_into_prose_is_missing(sums, given):
    cell(given, "add").cell_type = "markdown"
    assert cell(restored(given, sums.source), "add").source == MISSING


def test_neither_is_changed(sums, given):
    before = [c.source for c in sums.source.cells], [c.source for c in given.cells]
    restored(given, sums.source).cells[0].source = "changed"
    assert before == (
        [c.source for c in sums.source.cells],
        [c.source for c in given.cells],
    )
