"""Feedback says what to look at, gives nothing away, and is safe to open."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from recsys_ref.course import feedback, form
from recsys_ref.course.grade import grade, nothing
from recsys_ref.course.versions import student_version


@pytest.fixture
def page(sums):
    notebook = student_version(sums.source)
    for cell in notebook.cells:
        if form.grade_id(cell) == "add":
            cell.source = "def add(a, b):\n    return 3"
        if form.grade_id(cell) == "why":
            cell.source = "<script>alert(1)</script>Because <b>sums</b>."
    show = "from IPython.display import HTML\nHTML('<script>alert(2)</script>')"
    notebook.cells += [
        new_code_cell(show),
        new_markdown_cell("![](https://example.org/x)"),
    ]
    found = grade(sums, notebook, "ada", sandboxed=False)
    assert found.lost() == {"test_own"}
    return feedback.page(found, "Sums")


def test_it_shows_points_and_hints(page):
    text = re.sub(r"<[^>]+>", "", page)
    assert "2 of 6 points." in text
    assert "Another 1 are graded by hand." in text
    assert "test_own: 0 of 3 points." in text
    assert "AssertionError: add them" in text


def test_hidden_tests_stay_hidden(page):
    assert "add(40" not in re.sub(r"<[^>]+>", "", page)
    assert "(hidden tests)" in page


def test_nothing_of_the_students_runs_or_is_fetched(page):
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_a_page_without_a_notebook_says_why(sums):
    page = feedback.page(nothing(sums, "<ada>", "it is & was not a notebook"), "Sums")
    assert "it is &amp; was not a notebook" in page
    assert "&lt;ada&gt;" in page
    assert "0 of 6 points." in page
