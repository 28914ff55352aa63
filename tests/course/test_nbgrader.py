"""A source goes into an existing nbgrader course as it is."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from recsys_ref.course import form
from recsys_ref.course.versions import instructor_version, student_version

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own


@pytest.fixture
def theirs(sums_folder, monkeypatch):
    """Return nbgrader's door to a course that holds our source."""
    scripts = str(Path(sys.executable).parent)  # nbgrader calls alembic by name
    monkeypatch.setenv("PATH", os.pathsep.join([scripts, os.environ["PATH"]]))
    config = Config()
    config.CourseDirectory.root = str(sums_folder)
    config.Exchange.root = str(sums_folder / "exchange")
    api = NbGraderAPI(config=config)
    with api.gradebook as book:
        book.add_assignment("sums")
        book.add_student("ada")
        book.add_student("ben")
    made = api.generate_assignment("sums")
    assert made["success"], made["log"]
    return api


def test_it_makes_the_same_version_for_students(theirs, sums, sums_folder):
    path = sums_folder / "release" / "sums" / "sums.ipynb"
    made, ours = nbformat.read(path, as_version=4), student_version(sums.source)
    assert [c.source for c in made.cells] == [c.source for c in ours.cells]
    for mine, peer in zip(ours.cells, made.cells, strict=True):
        if form.grade_id(mine):
            assert mine.metadata.nbgrader == peer.metadata.nbgrader


def test_it_grades_as_we_do(theirs, sums, sums_folder, monkeypatch):
    monkeypatch.setenv("RECSYS_REF_STUDENT", "ada")
    for student, made in (("ada", instructor_version), ("ben", student_version)):
        folder = sums_folder / "submitted" / student / "sums"
        folder.mkdir(parents=True)
        nbformat.write(made(sums.source), folder / "sums.ipynb")
        found = theirs.autograde("sums", student)
        assert found["success"], found["log"]
    with theirs.gradebook as book:
        assert book.find_submission("sums", "ada").score == 5
        assert book.find_submission("sums", "ben").score == 0
    shutil.rmtree(sums_folder)
