"""A small assignment of the tests' own: add two numbers, by hand and in words.

Tests marked `sandbox` need bubblewrap. Where it does not work they are skipped,
except where `RECSYS_REF_SANDBOX=required`.
"""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from recsys_ref.course import sandbox
from recsys_ref.course.versions import Assignment

SOLUTION = '''def add(a, b):
    """Return the sum."""
    ### BEGIN SOLUTION
    the_sum = a + b
    return the_sum
    ### END SOLUTION'''
TEST_OWN = """assert isinstance(add(1, mine), int), "return a whole number"
### BEGIN HIDDEN TESTS
assert add(40, mine) == 40 + mine, "add them"
### END HIDDEN TESTS"""


def about(name, *, grade=False, solution=False, locked=True, points=None):
    found = {
        "schema_version": 3,
        "grade_id": name,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    return {"nbgrader": found | ({"points": points} if points else {})}


def sum_notebook():
    cells = [
        new_markdown_cell("# Sums\n\nAdd."),
        new_code_cell(
            "from recsys_ref.course.student import student_id, student_rng\n\n"
            'COURSE = "self-study"',
            metadata=about("setup"),
        ),
        new_code_cell(
            'STUDENT = student_id("your-id")', metadata=about("student", locked=False)
        ),
        new_code_cell(
            'mine = int(student_rng(COURSE, "sums", STUDENT).integers(10**9))',
            metadata=about("data"),
        ),
        new_code_cell(SOLUTION, metadata=about("add", solution=True, locked=False)),
        new_code_cell(
            'assert add(1, 2) == 3, "one and two"',
            metadata=about("test_add", grade=True, points=2),
        ),
        new_code_cell(TEST_OWN, metadata=about("test_own", grade=True, points=3)),
        new_markdown_cell(
            "Because numbers add.",
            metadata=about("why", grade=True, solution=True, locked=False, points=1),
        ),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"sums-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def sums():
    return Assignment("sums", sum_notebook(), "# Rubric\n")


@pytest.fixture
def sums_folder(tmp_path):
    folder = tmp_path / "assignments"
    (folder / "source" / "sums").mkdir(parents=True)
    (folder / "rubrics").mkdir()
    nbformat.write(sum_notebook(), folder / "source" / "sums" / "sums.ipynb")
    (folder / "rubrics" / "sums.md").write_text("# Rubric\n")
    return folder


@pytest.fixture(scope="session")
def why_no_sandbox():
    return sandbox.missing()


@pytest.fixture(autouse=True)
def _sandbox_is_there(request):
    if request.node.get_closest_marker("sandbox") is None:
        return
    reason = request.getfixturevalue("why_no_sandbox")
    if reason and os.environ.get("RECSYS_REF_SANDBOX") != "required":
        pytest.skip(reason)
