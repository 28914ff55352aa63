"""Give every student numbers of his own.

What a student is asked about is drawn with a seed that follows from the course,
the assignment and his id. So two students have different right answers, and the
grader can compute either one.

Book section 11.
"""

import hashlib
import os

import numpy as np

GRADED_STUDENT = "RECSYS_REF_STUDENT"


def student_id(typed: str) -> str:
    """Return whose assignment this is.

    While a student works, it is what he typed. While it is graded, it is the name
    of the folder that he handed in, which the grader puts into the environment: so
    another student's id does not bring another student's numbers.

    Args:
        typed: The id that stands in the notebook.

    Returns:
        The id, in lower case and without outer blanks.

    Raises:
        ValueError: If the id is empty, or still the placeholder.

    Examples:
        >>> student_id(" Ada ")
        'ada'
        >>> student_id("your-id")
        Traceback (most recent call last):
        ...
        ValueError: write your student id in place of 'your-id', for example 'ada'
    """
    student = os.environ.get(GRADED_STUDENT) or typed
    student = str(student).strip().lower()
    if student in ("", "your-id"):
        raise ValueError(
            f"write your student id in place of {typed!r}, for example 'ada'"
        )
    return student


def student_seed(course: str, assignment: str, student: str) -> int:
    """Return the seed of one student in one assignment of one course.

    Args:
        course: Name of the course; another term takes another name, and every
            answer changes.
        assignment: Name of the assignment.
        student: The student's id.

    Returns:
        A whole number in [0, 2^63), the same on every machine.

    Examples:
        >>> student_seed("self-study", "attention", "ada")
        9177287427140530685
        >>> student_seed("self-study", "attention", "ben") == student_seed(
        ...     "self-study", "attention", "ada")
        False
    """
    for name, value in (
        ("course", course),
        ("assignment", assignment),
        ("student", student),
    ):
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{name} must be a name, got {value!r}")
    text = "\n".join(part.strip().lower() for part in (course, assignment, student))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def student_rng(course: str, assignment: str, student: str) -> np.random.Generator:
    """Return a generator of random numbers with the seed of `student_seed`.

    Examples:
        >>> rng = student_rng("self-study", "attention", "ada")
        >>> int(rng.integers(100)) in range(100)
        True
    """
    return np.random.default_rng(student_seed(course, assignment, student))
