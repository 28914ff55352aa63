"""The API page covers the package, and each thing names its book section."""

import ast
import re
from pathlib import Path

import book_sections
import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "recsys_ref").rglob("*.py"))
CHAPTERS = book_sections.chapters_by_section(
    str(path.relative_to(ROOT).with_suffix(""))
    for path in (ROOT / "chapters").rglob("*")
)


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_everything_public_names_the_section_that_derives_it(path):
    tree = ast.parse(path.read_text())
    shared = book_sections.sections_named(ast.get_docstring(tree))
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        named = book_sections.sections_named(ast.get_docstring(node)) or shared
        where = f"{module_name(path)}.{node.name}"
        if not node.name.startswith("_"):
            assert named, f"{where}: add 'Book section N' to it or to its module"
        unknown = set(named) - set(book_sections.PLANNED) - set(CHAPTERS)
        assert not unknown, f"{where}: the book has no section {sorted(unknown)}"


def test_every_module_is_on_an_api_page():
    pages = [*(ROOT / "chapters").glob("api*.md"), *(ROOT / "chapters/api").glob("*")]
    listed = re.findall(
        r"^\.\. automodule:: (\S+)",
        "\n".join(page.read_text() for page in pages),
        re.MULTILINE,
    )
    assert sorted(listed) == sorted(map(module_name, MODULES))


def test_sections_become_links_where_their_chapter_exists():
    chapters = {"3.5": "chapters/03_5_evaluation"}
    text = "As book sections 3.5 and\n4.1 show. Book section 3.5."
    link = ":doc:`3.5 </chapters/03_5_evaluation>`"
    assert book_sections.linked(text, chapters) == (
        f"As book sections {link} and\n4.1 show. Book section {link}."
    )


def test_a_chapter_s_number_is_read_from_its_name():
    names = ["chapters/01_background", "chapters/03_5_evaluation", "chapters/api"]
    assert book_sections.chapters_by_section(names) == {
        "1": "chapters/01_background",
        "3.5": "chapters/03_5_evaluation",
    }
