"""Feedback says what to look at, gives nothing away, and is safe to open."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from recsys_ref.course import feedback, form
from recsys_ref.course.grade import grade, nothing
from recsys_ref.course.versions import student_version

SHOW = "from IPython.display import HTML\nHTML('<script>alert(2)</script>')"
PLOT = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"


@pytest.fixture
def found(sums):
    notebook = student_version(sums.source)
    for cell in notebook.cells:
        if form.grade_id(cell) == "add":
            cell.source = "def add(a, b):\n    print('<b>here</b>')\n    return 3"
        if form.grade_id(cell) == "why":
            cell.source = "<script>alert(1)</script>Because."
    notebook.cells += [
        new_code_cell(SHOW),
        new_code_cell(PLOT),
        new_code_cell("add(1, 2) / 0"),
        new_markdown_cell("![](https://example.org/x)"),
    ]
    return grade(sums, notebook, "ada", sandboxed=False)


def test_the_page(found):
    assert found.lost() == {"test_own"}
    page = feedback.page(found, "Sums")
    text = re.sub(r"<[^>]+>", "", page)

    # It shows points and hints.
    assert "2 of 6 points." in text
    assert "Another 1 are graded by hand." in text
    assert "test_own: 0 of 3 points. add them" in text
    assert '<p class="lost"><strong>test_own: 0 of 3 points.</strong>' in page
    assert '<p class="earned"><strong>test_add: 2 of 2 points.</strong>' in page

    # It shows what ran: code, text, pictures and errors.
    assert "ZeroDivisionError: division by zero" in text
    assert '<img alt="your figure" src="data:image/png;base64,' in page
    assert "&lt;b&gt;here&lt;/b&gt;" in page

    # Hidden tests stay hidden.
    assert "add(40" not in text
    assert "(hidden tests)" in text

    # Nothing of the student's runs or is fetched.
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_a_picture_that_is_none_is_left_out(found):
    for bad in ('"><script>', "=====", "é"):
        found.notebook.cells[-1] = new_code_cell("1")
        data = {"image/png": bad, "text/plain": "words"}
        found.notebook.cells[-1].outputs = [new_output("display_data", data)]
        page = feedback.page(found, "Sums")
        assert "<script" not in page
        assert "words" in page


def test_a_page_without_a_notebook_says_why(sums):
    page = feedback.page(nothing(sums, "<ada>", "it is & was not a notebook"), "Sums")
    assert "it is &amp; was not a notebook" in page
    assert "&lt;ada&gt;" in page
    assert "0 of 6 points." in page
