"""Grade one submission: restore it, run it, count its points.

A test is worth all its points or none. It earns them if its cell ran and raised
nothing; a cell that did not run earns nothing.

Book section 11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from recsys_ref.course import form, sandbox
from recsys_ref.course.restore import restored
from recsys_ref.course.versions import SELF_STUDY, Assignment, of_course


@dataclass(frozen=True)
class Mark:
    """What one part earned.

    Attributes:
        part: The part.
        points: What it earned; None while a person has to say.
        message: Why it earned no more; empty if it earned all.
    """

    part: form.Part
    points: float | None
    message: str


@dataclass(frozen=True)
class Grade:
    """What one submission earned.

    Attributes:
        student: Whose it is.
        assignment: Name of the assignment.
        marks: One a part, in order.
        problem: What was wrong with the submission as a whole; empty if nothing.
        notebook: What was run, with its outputs; None if nothing was.
    """

    student: str
    assignment: str
    marks: tuple[Mark, ...]
    problem: str = ""
    notebook: NotebookNode | None = field(default=None, repr=False)

    @property
    def points(self) -> float:
        """Points earned so far."""
        return sum(mark.points or 0.0 for mark in self.marks)

    @property
    def out_of(self) -> float:
        """Points that could be earned."""
        return sum(mark.part.points for mark in self.marks)

    @property
    def to_grade(self) -> float:
        """Points that a person has still to decide."""
        return sum(mark.part.points for mark in self.marks if mark.points is None)

    def lost(self) -> set[str]:
        """Return the names of the tests that earned nothing."""
        tests = [mark for mark in self.marks if mark.part.kind == "test"]
        return {mark.part.name for mark in tests if not mark.points}


ByHand = Mapping[str, tuple[float, str]]


def grade(
    assignment: Assignment,
    submission: NotebookNode,
    student: str,
    *,
    course: str = SELF_STUDY,
    files: Mapping[str, bytes] | None = None,
    by_hand: ByHand | None = None,
    limits: sandbox.Limits | None = None,
    sandboxed: bool = True,
) -> Grade:
    """Run a submission and count its points.

    Args:
        assignment: The assignment.
        submission: What the student handed in.
        student: Whose it is.
        course: The course whose name the students' version carried.
        files: What he handed in beside the notebook, by name.
        by_hand: For parts that a person grades: points and a comment.
        limits: What the run may use.
        sandboxed: See `recsys_ref.course.sandbox.run`.

    Returns:
        The grade. Never raises for what the notebook does.
    """
    notebook = restored(submission, of_course(assignment.source, course))
    tests = [i for i, c in enumerate(notebook.cells) if form.kind_of(c) == "test"]
    run = sandbox.run(
        notebook,
        student,
        canaries=tests,
        files=files,
        limits=limits,
        sandboxed=sandboxed,
    )
    found = {
        form.grade_id(cell): (cell, result)
        for cell, result in zip(run.notebook.cells, run.results, strict=True)
    }
    marks = tuple(
        _mark(part, *found[part.name], (by_hand or {}).get(part.name))
        for part in form.parts(assignment.source)
    )
    return Grade(student, assignment.name, marks, run.problem, run.notebook)


def nothing(assignment: Assignment, student: str, problem: str) -> Grade:
    """Return the grade of a submission that cannot be run at all."""
    marks = (Mark(part, 0.0, problem) for part in form.parts(assignment.source))
    return Grade(student, assignment.name, tuple(marks), problem)


def _mark(
    part: form.Part,
    cell: NotebookNode,
    result: Mapping[str, str],
    by_hand: tuple[float, str] | None,
) -> Mark:
    if part.kind == "by hand":
        if by_hand is None and cell.source.strip() in ("", form.TEXT_STUB):
            return Mark(part, 0.0, "not answered")
        return Mark(part, *(by_hand or (None, "to be graded by hand")))
    if result["status"] == "ok":
        return Mark(part, part.points, "")
    return Mark(part, 0.0, result["message"] or "did not run")
