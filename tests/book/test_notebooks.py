"""Every notebook is executed, complete, and the same on every machine."""

from pathlib import Path

import contents
import hygiene
import nbformat
import notebooks
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = notebooks.all_notebooks()


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


@pytest.mark.parametrize("rule", hygiene.RULES, ids=lambda rule: rule.__name__)
def test_a_chapter_follows_the_rule(chapter, rule):
    faults = list(rule(nbformat.read(chapter, as_version=4)))
    assert not faults, f"{chapter.name}: {rule.__doc__}\n  " + "\n  ".join(faults)


def test_a_chapter_is_in_normal_form(chapter):
    faults = notebooks.problems(chapter)
    mend = f"python tools/notebooks.py {notebooks.shown(chapter)}"
    assert not faults, f"{chapter.name}: {faults}; to mend: {mend}"


def test_the_table_of_contents_lists_every_chapter_and_nothing_else():
    on_disk = [
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in (ROOT / "chapters").rglob("*")
        if path.suffix in {".ipynb", ".md"} and ".ipynb_checkpoints" not in path.parts
    ]
    assert sorted(contents.documents()) == sorted(on_disk)
