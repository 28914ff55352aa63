"""Make the student's and the instructor's version of an assignment.

Both come from one source notebook. What is taken out is taken out by nbgrader's
own preprocessors; beyond that a version for students carries no output and no
metadata but nbgrader's, so nothing can hide there.

Book section 11.
"""

import copy
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from tqdm import tqdm

from recsys_ref.course import form

SELF_STUDY = "self-study"
VERSIONS = ("student", "instructor")
# What a cell of the student's version may carry.
_KEPT = ("nbgrader", "deletable", "editable")
# Archives of the same files are the same bytes, whatever the day.
_MIDNIGHT = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Assignment:
    """One assignment: its source notebook and its rubric.

    Attributes:
        name: The name of its folder and of its notebook.
        source: The source notebook, with solutions and hidden tests.
        rubric: The rubric, in Markdown.
    """

    name: str
    source: NotebookNode
    rubric: str

    def title(self) -> str:
        """Return the first heading of the notebook."""
        return self.source.cells[0].source.splitlines()[0].lstrip("# ").strip()


def assignments(folder: Path) -> list[Assignment]:
    """Read every assignment of a folder, in alphabetical order.

    Args:
        folder: Holds `source/NAME/NAME.ipynb` and `rubrics/NAME.md`.

    Returns:
        The assignments.

    Raises:
        FileNotFoundError: If there is no source, or one lacks its rubric.
        ValueError: If a source is not a sound assignment; the message says why.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("source/*/*.ipynb"))
    if not paths:
        raise FileNotFoundError(f"no source/NAME/NAME.ipynb in {folder}")
    return [_read(folder, path) for path in paths]


def _read(folder: Path, path: Path) -> Assignment:
    name = path.parent.name
    if path.stem != name:
        raise ValueError(f"{path} should be named {name}.ipynb, as its folder")
    try:
        source = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise ValueError(f"{path} is not a notebook: {error}") from error
    if found := list(form.faults(source)):
        raise ValueError(f"{path}: " + "; ".join(found))
    rubric = folder / "rubrics" / f"{name}.md"
    if not rubric.exists():
        raise FileNotFoundError(f"{rubric}: assignment {name!r} has no rubric")
    return Assignment(name, source, rubric.read_text(encoding="utf-8"))


def of_course(notebook: NotebookNode, course: str) -> NotebookNode:
    """Write the course's name into a notebook, from which students' seeds follow.

    Raises:
        ValueError: If the name is empty or holds a quotation mark.
    """
    if not course.strip() or set(course) & set("\"'\\\n"):
        raise ValueError(f"course must be a plain name, got {course!r}")
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if form.grade_id(cell) == "setup":
            cell.source = cell.source.replace(
                f'COURSE = "{SELF_STUDY}"', f'COURSE = "{course}"'
            )
    return notebook


def student_version(source: NotebookNode, course: str = SELF_STUDY) -> NotebookNode:
    """Return what students get: no solution, no hidden test, locked tests.

    Args:
        source: The source notebook.
        course: Name of the course, see `recsys_ref.course.student.student_seed`.

    Returns:
        A new notebook.
    """
    notebook = of_course(source, course)
    resources: dict = {}
    for step in (LockCells, ClearSolutions, ClearOutput, ClearHiddenTests):
        notebook, resources = step().preprocess(notebook, resources)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if k in _KEPT}
        )
        cell.pop("attachments", None)
    notebook, _ = ComputeChecksums().preprocess(notebook, resources)
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": dict(source.metadata.get("kernelspec", {}))}
    )
    return notebook


def instructor_version(source: NotebookNode, course: str = SELF_STUDY) -> NotebookNode:
    """Return what instructors get: solutions and all tests, marked as such."""
    return of_course(source, course)


def build(
    assignments: Iterable[Assignment],
    folder: Path,
    *,
    course: str = SELF_STUDY,
    progress: bool | None = None,
) -> dict:
    """Write both versions of each assignment, a zip of each, and a manifest.

    Args:
        assignments: What `assignments` read.
        folder: Gets `student/NAME/NAME.ipynb`, `student/NAME.zip`, the same under
            `instructor/` with the rubric, and `manifest.json` and `manifest.csv`.
        course: Name of the course.
        progress: Show a bar; by default on a terminal only.

    Returns:
        The manifest: for each assignment its title, points and parts.
    """
    folder = Path(folder)
    assignments = list(assignments)
    bar = tqdm(
        assignments,
        desc="assignments",
        disable=None if progress is None else not progress,
    )
    for assignment in bar:
        for version, files in _files(assignment, course).items():
            _write(folder / version, assignment.name, files)
    manifest = {
        "course": course,
        "assignments": [_entry(assignment) for assignment in assignments],
    }
    text = json.dumps(manifest, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    (folder / "manifest.csv").write_text(_table(manifest), encoding="utf-8")
    return manifest


def _files(assignment: Assignment, course: str) -> dict[str, dict[str, str]]:
    notebooks = {
        "student": student_version(assignment.source, course),
        "instructor": instructor_version(assignment.source, course),
    }
    return {
        version: {
            f"{assignment.name}.ipynb": nbformat.writes(notebook) + "\n",
            "rubric.md": assignment.rubric,
        }
        for version, notebook in notebooks.items()
    }


def _write(folder: Path, name: str, files: Mapping[str, str]) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in files.items():
            (folder / name / file).write_text(text, encoding="utf-8")
            archive.writestr(zipfile.ZipInfo(f"{name}/{file}", _MIDNIGHT), text)


def _entry(assignment: Assignment) -> dict:
    found = form.parts(assignment.source)
    return {
        "name": assignment.name,
        "title": assignment.title(),
        "points": sum(part.points for part in found),
        "points_by_hand": sum(p.points for p in found if p.kind == "by hand"),
        "parts": [
            {"name": part.name, "points": part.points, "graded": part.kind}
            for part in found
        ],
    }


def _table(manifest: Mapping) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["assignment", "part", "graded", "points"])
    for entry in manifest["assignments"]:
        for part in entry["parts"]:
            row = [entry["name"], part["name"], part["graded"], f"{part['points']:g}"]
            table.writerow(row)
    return out.getvalue()
