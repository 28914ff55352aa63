"""Both versions come from one source, and the student's gives nothing away."""

import csv
import json
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_output

from recsys_ref.course.versions import (
    assignments,
    build,
    instructor_version,
    of_course,
    student_version,
)


def test_the_students_version_has_stubs(sums):
    given = student_version(sums.source)
    text = nbformat.writes(given)
    assert "raise NotImplementedError()" in text
    assert "YOUR ANSWER HERE" in text
    for secret in ("the_sum", "add(40", "Because numbers", "BEGIN", "HIDDEN"):
        assert secret not in text
    nbformat.validate(given)


def test_outputs_metadata_and_attachments_do_not_give_it_away(sums):
    source = sums.source
    source.metadata["notes"] = "secret 1"
    source.cells[4].metadata["slides"] = "secret 2"
    source.cells[4].outputs = [new_output("stream", name="stdout", text="secret 3")]
    source.cells[0]["attachments"] = {"a.txt": {"text/plain": "secret 4"}}
    source.cells[4].metadata["nbgrader"]["checksum"] = "of the solution"
    text = nbformat.writes(student_version(source))
    assert "secret" not in text
    assert "of the solution" not in text


def test_the_source_is_left_alone(sums):
    before = nbformat.writes(sums.source)
    student_version(sums.source, "autumn")
    instructor_version(sums.source, "autumn")
    assert nbformat.writes(sums.source) == before


def test_a_course_writes_its_name_into_both(sums):
    for made in (student_version, instructor_version):
        assert 'COURSE = "autumn"' in nbformat.writes(
            made(sums.source, "autumn")
        ).replace("\\", "")


@pytest.mark.parametrize("course", ["", " ", 'a"b', "a\nb", "a\\b"])
def test_a_course_has_a_plain_name(sums, course):
    with pytest.raises(ValueError, match="course must be a plain name"):
        of_course(sums.source, course)


def test_build_writes_versions_zips_and_manifest(sums_folder, tmp_path):
    out = tmp_path / "out"
    manifest = build(assignments(sums_folder), out, progress=False)
    assert manifest["assignments"][0] == {
        "name": "sums",
        "title": "Sums",
        "points": 6,
        "points_by_hand": 1,
        "parts": [
            {"name": "test_add", "points": 2, "graded": "test"},
            {"name": "test_own", "points": 3, "graded": "test"},
            {"name": "why", "points": 1, "graded": "by hand"},
        ],
    }
    assert json.loads((out / "manifest.json").read_text()) == manifest
    with (out / "manifest.csv").open() as table:
        assert [row["points"] for row in csv.DictReader(table)] == ["2", "3", "1"]
    for version in ("student", "instructor"):
        with zipfile.ZipFile(out / version / "sums.zip") as archive:
            assert sorted(archive.namelist()) == ["sums/rubric.md", "sums/sums.ipynb"]
            text = archive.read("sums/sums.ipynb").decode()
        assert ("the_sum" in text) == (version == "instructor")
        assert text == (out / version / "sums" / "sums.ipynb").read_text()


def test_build_makes_the_same_bytes_again(sums_folder, tmp_path):
    for out in ("one", "two"):
        build(assignments(sums_folder), tmp_path / out, progress=False)
    files = sorted(
        p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*")
    )
    assert len(files) == 8
    for file in files:
        one, two = (tmp_path / out / file for out in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no source/NAME/NAME\.ipynb"):
        assignments(tmp_path)


def test_a_missing_rubric_is_named(sums_folder):
    (sums_folder / "rubrics" / "sums.md").unlink()
    with pytest.raises(FileNotFoundError, match="'sums' has no rubric"):
        assignments(sums_folder)


def test_a_broken_source_is_named(sums_folder):
    path = sums_folder / "source" / "sums" / "sums.ipynb"
    path.write_text("{")
    with pytest.raises(ValueError, match=r"sums\.ipynb is not a notebook"):
        assignments(sums_folder)


def test_an_unsound_source_is_named(sums_folder):
    path = sums_folder / "source" / "sums" / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.pop(2)
    nbformat.write(notebook, path)
    with pytest.raises(ValueError, match="no cell has the grade_id 'student'"):
        assignments(sums_folder)


def test_a_notebook_is_named_as_its_folder(sums_folder):
    path = sums_folder / "source" / "sums" / "sums.ipynb"
    path.rename(path.with_name("other.ipynb"))
    with pytest.raises(ValueError, match=r"should be named sums\.ipynb"):
        assignments(sums_folder)
