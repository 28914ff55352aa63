"""A student's numbers follow from the course, the assignment and his id."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.course.student import (
    GRADED_STUDENT,
    student_id,
    student_rng,
    student_seed,
)

NAMES = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@given(NAMES, NAMES, NAMES)
def test_a_seed_is_a_seed(course, assignment, student):
    seed = student_seed(course, assignment, student)
    assert 0 <= seed < 2**63
    assert seed == student_seed(course, assignment, student)


def test_each_name_counts():
    seeds = {
        student_seed(course, assignment, student)
        for course in ("a", "b")
        for assignment in ("a", "b")
        for student in map(str, range(250))
    }
    assert len(seeds) == 1000


def test_names_are_not_run_together():
    assert student_seed("a", "bc", "d") != student_seed("ab", "c", "d")


def test_case_and_outer_blanks_do_not_count():
    assert student_seed("Autumn", "sums", " Ada ") == student_seed(
        "autumn", "sums", "ada"
    )


def test_the_generator_has_the_seed():
    seed = student_seed("autumn", "sums", "ada")
    one, two = student_rng("autumn", "sums", "ada"), np.random.default_rng(seed)
    assert one.integers(10**9) == two.integers(10**9)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("name", ["", " ", None, 7])
def test_what_is_no_name_is_refused(place, name):
    names = ["autumn", "sums", "ada"]
    names[place] = name
    with pytest.raises(ValueError, match="must be a name"):
        student_seed(*names)


def test_the_graders_id_wins(monkeypatch):
    assert student_id("Ben ") == "ben"
    monkeypatch.setenv(GRADED_STUDENT, "ada")
    assert student_id("ben") == "ada"
    assert student_id("your-id") == "ada"


@pytest.mark.parametrize("typed", ["", "  ", "your-id", "YOUR-ID"])
def test_a_placeholder_is_refused(typed, monkeypatch):
    monkeypatch.delenv(GRADED_STUDENT, raising=False)
    with pytest.raises(ValueError, match="write your student id"):
        student_id(typed)
