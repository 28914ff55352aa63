"""The syllabus tells the truth about chapters, assignments, points and hours."""

import re
from pathlib import Path

import nbformat
import pytest

from recsys_ref.course import form
from recsys_ref.course.versions import assignments

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "assignments"
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def every():
    return {each.name: each for each in assignments(FOLDER)}


def table(name):
    """Return the rows of a table between marks, each a list of cells."""
    (block,) = re.findall(
        f"<!-- begin {name} -->\n(.*?)<!-- end {name} -->", TEXT, re.DOTALL
    )
    rows = [line.strip("|").split("|") for line in block.strip().splitlines()]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def named(cell):
    return re.findall(r"`(\w+)`", cell)


def minutes_of(assignment):
    text = "\n".join(c.source for c in assignment.source.cells)
    return int(re.search(r"(\d+) minutes", text)[1])


def minutes_to_read(chapter):
    first = nbformat.read(FOLDER / chapter, as_version=4).cells[0].source
    return int(re.search(r"\| Minutes to read \| (\d+) \|", first)[1])


def test_every_link_leads_to_a_chapter():
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(links) > 30
    for link in links:
        assert (FOLDER / link).is_file(), link


def test_every_assignment_is_handed_in_once(every):
    handed_in = [name for row in table("weeks") for name in named(row[2])]
    assert sorted(handed_in) == sorted(every)


def test_every_assignment_shows_an_objective(every):
    shown = {name for row in table("objectives") for name in named(row[2])}
    assert shown == set(every)


def test_the_table_of_assignments_is_right(every):
    listed = {row[0].strip("`"): row[1:] for row in table("assignments")}
    for name, each in every.items():
        parts = form.parts(each.source)
        by_hand = sum(part.points for part in parts if part.kind == "by hand")
        assert listed.pop(name) == [
            each.title(),
            str(minutes_of(each)),
            f"{sum(part.points for part in parts):g}",
            f"{by_hand:g}",
        ]
    assert not listed


@pytest.mark.parametrize("row", table("weeks"), ids=lambda row: f"week {row[0]}")
def test_hours_are_what_chapters_and_assignments_say(row, every):
    read, choice = (*row[1].split("one of"), "")[:2]
    chapters = [minutes_to_read(link) for link in re.findall(r"\(([^)]+)\)", read)]
    chosen = [minutes_to_read(link) for link in re.findall(r"\(([^)]+)\)", choice)]
    reading = sum(chapters) + max(chosen, default=0)
    work = sum(minutes_of(every[name]) for name in named(row[2]))
    assert int(row[3]) == round((2 * reading + work) / 60)


def test_the_commands_are_makes():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
