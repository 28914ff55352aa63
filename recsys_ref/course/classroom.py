"""Grade a whole class: a folder of submissions in, scores and feedback out.

Each submission is graded for itself. Whatever one of them is or does, the others
are graded, and the scores are written at the end in one piece.

Book section 11.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode
from tqdm import tqdm

from recsys_ref.course import feedback, form, sandbox
from recsys_ref.course.grade import ByHand, Grade, grade, nothing
from recsys_ref.course.versions import SELF_STUDY, Assignment

MIB = 2**20
MAX_FILE = 16 * MIB  # bytes of a notebook or of a file beside it
BY_HAND = "by_hand.csv"
COLUMNS = ("student", "assignment", "part", "points", "comment")


@dataclass(frozen=True)
class Submission:
    """One assignment that one student handed in.

    Attributes:
        student: Name of the student's folder.
        assignment: Name of the assignment.
        folder: Where it lies.
    """

    student: str
    assignment: str
    folder: Path


def submissions(folder: Path, names: Sequence[str]) -> list[Submission]:
    """Find what was handed in.

    Args:
        folder: Holds `STUDENT/ASSIGNMENT/NOTEBOOK.ipynb`, as nbgrader collects it.
        names: Names of the assignments.

    Returns:
        The submissions, by student and assignment.

    Raises:
        FileNotFoundError: If the folder does not exist or holds no submission.
        ValueError: If a student's folder holds one of a name that no assignment
            has.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}")
    found, unknown = [], []
    for student in sorted(_folders(folder)):
        for each in sorted(_folders(student)):
            known = each.name in names
            (found if known else unknown).append(
                Submission(student.name, each.name, each)
            )
    if unknown:
        first = unknown[0].folder.relative_to(folder)
        raise ValueError(
            f"{first} is none of the assignments {', '.join(names)}; rename it or "
            "take it away"
        )
    if not found:
        raise FileNotFoundError(
            f"no submission in {folder}; it should hold "
            "STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb"
        )
    return found


def _folders(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink() and path.name[0] not in "._":
            yield path


def opened(submission: Submission) -> tuple[NotebookNode, dict[str, bytes]]:
    """Read a submission's notebook and the files beside it.

    Raises:
        ValueError: If there is no notebook or it cannot be read; the message says
            why, to the student.
    """
    folder = submission.folder
    notebooks = [p for p in sorted(folder.glob("*.ipynb")) if _plain(p)]
    named = folder / f"{submission.assignment}.ipynb"
    if named in notebooks:
        notebooks = [named]
    if len(notebooks) != 1:
        raise ValueError(
            f"expected one notebook {named.name}, found {len(notebooks)} others"
        )
    try:
        notebook = nbformat.reads(
            notebooks[0].read_text(encoding="utf-8-sig"), as_version=4
        )
        nbformat.validate(notebook)
    except Exception as error:  # whatever a broken file makes a reader raise
        raise ValueError(f"the file is not a notebook: {_first_line(error)}") from error
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if _plain(path) and path.suffix.lower() in (".csv", ".txt", ".md")
    }
    return notebook, files


def _plain(path: Path) -> bool:
    """Return whether a path is a file of its own, and of a sensible size."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_FILE


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


def graded_by_hand(
    folder: Path, assignments: Mapping[str, Assignment]
) -> dict[tuple[str, str], ByHand]:
    """Read the points that a person gave, from `by_hand.csv` in a folder.

    Returns:
        For each student and assignment: points and comment of each part. Empty if
        there is no such file. A row without points is still to be graded.

    Raises:
        ValueError: If a row names no part that is graded by hand, or gives it more
            points than it has.
    """
    path = Path(folder) / BY_HAND
    if not path.exists():
        return {}
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(table.columns) != list(COLUMNS):
        raise ValueError(
            f"{path}: expected the columns {list(COLUMNS)}, got {list(table.columns)}"
        )
    found: dict[tuple[str, str], dict[str, tuple[float, str]]] = {}
    for line, row in enumerate(table.itertuples(index=False), start=2):
        if str(row.points).strip() == "":
            continue
        parts = {
            part.name: part
            for name, assignment in assignments.items()
            if name == row.assignment
            for part in form.parts(assignment.source)
            if part.kind == "by hand"
        }
        if row.part not in parts:
            raise ValueError(
                f"{path}, line {line}: {row.assignment} has no part {row.part!r} that "
                "is graded by hand"
            )
        points, most = _points(row.points, path, line), parts[row.part].points
        if not 0 <= points <= most:
            raise ValueError(
                f"{path}, line {line}: points must be in [0, {most:g}], got {points:g}"
            )
        about = found.setdefault((row.student, row.assignment), {})
        about[row.part] = (points, str(row.comment))
    return found


def _points(text: str, path: Path, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"{path}, line {line}: points must be a number, got {text!r}"
        ) from None


def grade_class(
    assignments: Sequence[Assignment],
    folder: Path,
    out: Path,
    *,
    course: str = SELF_STUDY,
    jobs: int | None = None,
    limits: sandbox.Limits | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Grade every submission of a folder.

    Args:
        assignments: The assignments.
        folder: The submissions, see `submissions`; and `by_hand.csv` if a person
            has graded already.
        out: Gets `scores.csv`, `parts.csv`, `feedback/STUDENT/ASSIGNMENT.html` and,
            where parts are graded by hand, `by_hand.csv` to fill in and put beside
            the submissions.
        course: The course whose name the students' version carried.
        jobs: Submissions at a time; by default one a core.
        limits: What each may use.
        progress: Show a bar; by default on a terminal only.

    Returns:
        The scores: a row a submission.

    Raises:
        RuntimeError: If there is no sandbox on this machine.
        FileNotFoundError: If there are no submissions.
        ValueError: If a folder or `by_hand.csv` names what does not exist.
    """
    by_name = {assignment.name: assignment for assignment in assignments}
    found = submissions(folder, list(by_name))
    by_hand = graded_by_hand(folder, by_name)
    if problem := sandbox.missing():
        raise RuntimeError(problem)

    def graded(submission: Submission) -> Grade:
        assignment = by_name[submission.assignment]
        student = submission.student
        try:
            notebook, files = opened(submission)
        except ValueError as error:
            return nothing(assignment, student, str(error))
        return grade(
            assignment,
            notebook,
            student,
            course=course,
            files=files,
            by_hand=by_hand.get((student, assignment.name)),
            limits=limits,
        )

    out = Path(out)
    grades = []
    off = None if progress is None else not progress
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        every = tqdm(
            pool.map(graded, found), total=len(found), desc="graded", disable=off
        )
        for each in every:
            title = by_name[each.assignment].title()
            target = out / "feedback" / each.student / f"{each.assignment}.html"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(feedback.page(each, title), encoding="utf-8")
            grades.append(each)
    return _write_tables(grades, by_hand, out)


def _write_tables(grades: Sequence[Grade], by_hand: Mapping, out: Path) -> pd.DataFrame:
    scores = pd.DataFrame(
        {
            "student": each.student,
            "assignment": each.assignment,
            "points": each.points,
            "out_of": each.out_of,
            "to_grade_by_hand": each.to_grade,
            "problem": each.problem,
        }
        for each in grades
    )
    parts = pd.DataFrame(
        {
            "student": each.student,
            "assignment": each.assignment,
            "part": mark.part.name,
            "points": mark.points,
            "out_of": mark.part.points,
            "message": mark.message,
        }
        for each in grades
        for mark in each.marks
    )
    scores.to_csv(out / "scores.csv", index=False)
    parts.to_csv(out / "parts.csv", index=False)
    rows = [
        (each.student, each.assignment, mark.part.name, *given)
        for each in grades
        for mark in each.marks
        if mark.part.kind == "by hand"
        for given in [
            by_hand.get((each.student, each.assignment), {}).get(
                mark.part.name, ("", "")
            )
        ]
    ]
    if rows:
        pd.DataFrame(rows, columns=COLUMNS).to_csv(out / BY_HAND, index=False)
    return scores
