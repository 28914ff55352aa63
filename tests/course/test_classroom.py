"""A class is graded whole, whatever some of its submissions are."""

import nbformat
import pandas as pd
import pytest

from recsys_ref.course import form, sandbox
from recsys_ref.course.classroom import (
    BY_HAND,
    Submission,
    grade_class,
    graded_by_hand,
    opened,
    submissions,
)
from recsys_ref.course.commands import main
from recsys_ref.course.versions import student_version

LIMITS = sandbox.Limits(cell_seconds=5, seconds=40)
GOOD = "def add(a, b):\n    return a + b"


def solved(sums, code=GOOD, why="Because."):
    notebook = student_version(sums.source)
    for cell in notebook.cells:
        if form.grade_id(cell) == "add":
            cell.source = code
        if form.grade_id(cell) == "why":
            cell.source = why
    return notebook


def hand_in(folder, student, content, name="sums.ipynb"):
    target = folder / student / "sums"
    target.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else nbformat.writes(content)
    (target / name).write_text(text)
    return Submission(student, "sums", target)


@pytest.fixture
def class_folder(tmp_path):
    return tmp_path / "submitted"


def test_submissions_are_found_by_student(class_folder, sums):
    for student in ("ben", "ada"):
        hand_in(class_folder, student, solved(sums))
    (class_folder / ".git").mkdir()
    found = submissions(class_folder, ["sums"])
    assert [s.student for s in found] == ["ada", "ben"]


def test_a_folder_of_another_name_is_refused(class_folder, sums):
    hand_in(class_folder, "ada", solved(sums))
    (class_folder / "ada" / "sum").mkdir()
    with pytest.raises(ValueError, match=r"sum is none of the assignments sums"):
        submissions(class_folder, ["sums"])


def test_no_folder_and_no_submissions_are_named(class_folder):
    with pytest.raises(FileNotFoundError, match="no folder"):
        submissions(class_folder, ["sums"])
    class_folder.mkdir()
    with pytest.raises(FileNotFoundError, match="no submission in"):
        submissions(class_folder, ["sums"])


def test_a_renamed_notebook_is_found_and_data_come_with_it(class_folder, sums):
    found = hand_in(class_folder, "ada", solved(sums), name="sums (1).ipynb")
    (found.folder / "data.csv").write_text("user,item\n")
    (found.folder / "virus.exe").write_text("")
    (found.folder / "link.csv").symlink_to("/etc/passwd")
    notebook, files = opened(found)
    assert len(notebook.cells) == 8
    assert files == {"data.csv": b"user,item\n"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a notebook"),
        ("{", "not a notebook"),
        ("[1, 2]", "not a notebook"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not a notebook"),
        ('{"cells": 3, "nbformat": 4, "nbformat_minor": 5}', "not a notebook"),
        ("<html>", "not a notebook"),
    ],
)
def test_what_is_no_notebook_is_refused(class_folder, text, why):
    with pytest.raises(ValueError, match=why):
        opened(hand_in(class_folder, "ada", text))


def test_bytes_that_are_no_text_are_refused(class_folder):
    found = hand_in(class_folder, "ada", "")
    (found.folder / "sums.ipynb").write_bytes(b"\xff\xfe\x00PK")
    with pytest.raises(ValueError, match="not a notebook"):
        opened(found)


def test_a_missing_or_linked_notebook_is_refused(class_folder, tmp_path, sums):
    found = hand_in(class_folder, "ada", solved(sums))
    elsewhere = tmp_path / "elsewhere.ipynb"
    (found.folder / "sums.ipynb").rename(elsewhere)
    (found.folder / "sums.ipynb").symlink_to(elsewhere)
    with pytest.raises(ValueError, match="found 0 others"):
        opened(found)


def write_by_hand(folder, *rows):
    folder.mkdir(exist_ok=True)
    text = "student,assignment,part,points,comment\n" + "\n".join(rows) + "\n"
    (folder / BY_HAND).write_text(text)


def test_points_by_hand_are_read(class_folder, sums):
    assert graded_by_hand(class_folder, {"sums": sums}) == {}
    write_by_hand(class_folder, "ada,sums,why,0.5,Say more", "007,sums,why,,")
    found = graded_by_hand(class_folder, {"sums": sums})
    assert found == {("ada", "sums"): {"why": (0.5, "Say more")}}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("ada,sums,test_add,1,", "no part 'test_add' that"),
        ("ada,other,why,1,", "other has no part 'why'"),
        ("ada,sums,why,2,", r"points must be in \[0, 1\], got 2"),
        ("ada,sums,why,many,", "points must be a number, got 'many'"),
        ("ada,sums,why,nan,", r"points must be in \[0, 1\], got nan"),
    ],
)
def test_wrong_points_by_hand_are_refused(class_folder, sums, row, why):
    write_by_hand(class_folder, row)
    with pytest.raises(ValueError, match=f"line 2: .*{why}"):
        graded_by_hand(class_folder, {"sums": sums})


def test_other_columns_by_hand_are_refused(class_folder, sums):
    class_folder.mkdir()
    (class_folder / BY_HAND).write_text("name,points\n")
    with pytest.raises(ValueError, match="expected the columns"):
        graded_by_hand(class_folder, {"sums": sums})


@pytest.mark.sandbox
def test_a_class_with_bad_luck(class_folder, sums, tmp_path):
    bomb = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError: 0"
    everyone = {
        "ada": solved(sums),
        "bomb": solved(sums, bomb),
        "cat": solved(sums, "def add(a, b):\n    return 3"),
        "dot": "{",
        "eve": solved(sums, "import os\nos._exit(1)"),
        "flo": solved(sums, "while True: pass"),
        "gus": student_version(sums.source),
        "hal": solved(sums, "def plus(a, b):\n    return a + b"),
    }
    for student, content in everyone.items():
        hand_in(class_folder, student, content)
    (class_folder / "ian" / "sums").mkdir(parents=True)
    write_by_hand(class_folder, "ada,sums,why,1,Good")
    out = tmp_path / "grades"
    scores = grade_class([sums], class_folder, out, limits=LIMITS, progress=False)
    points = dict(zip(scores["student"], scores["points"], strict=True))
    assert points == {"ada": 6, "cat": 2} | dict.fromkeys(
        ["bomb", "dot", "eve", "flo", "gus", "hal", "ian"], 0
    )
    problems = dict(zip(scores["student"], scores["problem"], strict=True))
    assert {student for student, problem in problems.items() if problem} == {
        "bomb",
        "dot",
        "ian",
    }
    for student in [*everyone, "ian"]:
        page = (out / "feedback" / student / "sums.html").read_text()
        assert f"{points[student]:g} of 6 points" in page
    parts = pd.read_csv(out / "parts.csv")
    assert len(parts) == 9 * 3
    assert pd.read_csv(out / "scores.csv")["points"].sum() == 8
    to_do = pd.read_csv(out / BY_HAND)
    assert to_do.set_index("student")["points"].to_dict()["ada"] == 1
    assert to_do["points"].isna().sum() == 8


@pytest.mark.sandbox
def test_the_command_grades(class_folder, sums_folder, sums, tmp_path, capsys):
    hand_in(class_folder, "ada", solved(sums))
    out = tmp_path / "grades"
    source = ["--source", str(sums_folder)]
    assert main([*source, "grade", str(class_folder), "--output", str(out)]) == 0
    assert "ada" in capsys.readouterr().out
    assert pd.read_csv(out / "scores.csv")["points"].tolist() == [5]


def test_the_command_makes_versions(sums_folder, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--source", str(sums_folder), "--course", "autumn", "assignments"]
    assert main([*arguments, "--output", str(out)]) == 0
    assert "sums" in capsys.readouterr().out
    text = (out / "student" / "sums" / "sums.ipynb").read_text()
    assert 'COURSE = \\"autumn\\"' in text


def test_the_command_says_what_was_wrong(sums_folder, tmp_path, capsys):
    source = ["--source", str(sums_folder)]
    assert main([*source, "grade", str(tmp_path / "nowhere")]) == 2
    assert "error: no folder" in capsys.readouterr().err
    assert main(["--source", str(tmp_path / "nowhere"), "assignments"]) == 2
    assert "error: no source" in capsys.readouterr().err
    assert main([*source, "--course", 'a"', "assignments"]) == 2
    assert "error: course must be" in capsys.readouterr().err


def test_without_a_sandbox_nothing_is_run(class_folder, sums, tmp_path, monkeypatch):
    hand_in(class_folder, "ada", solved(sums))
    monkeypatch.setattr(sandbox, "missing", lambda: "install bubblewrap")
    with pytest.raises(RuntimeError, match="install bubblewrap"):
        grade_class([sums], class_folder, tmp_path / "grades", progress=False)
    assert not (tmp_path / "grades").exists()
