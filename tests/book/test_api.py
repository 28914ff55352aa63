"""The API page covers the package, and each thing names its book section."""

import ast
import re
import zlib
from pathlib import Path

import book_api
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
    package = ast.parse((path.parent / "__init__.py").read_text())
    around = [ast.get_docstring(tree), ast.get_docstring(package)]
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        named = book_sections.first_named([ast.get_docstring(node), *around])
        where = f"{module_name(path)}.{node.name}"
        if not node.name.startswith("_"):
            assert named, (
                f"{where}: add 'Book section N' to it, its module or its package"
            )
        unknown = set(named) - set(book_sections.PLANNED) - set(CHAPTERS)
        assert not unknown, f"{where}: the book has no section {sorted(unknown)}"


def test_every_module_is_on_an_api_page(site):
    inventory = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(inventory).decode().splitlines()
    documented = {line.split()[0] for line in lines if line.split()[1] == "py:module"}
    assert set(map(module_name, MODULES)) - documented == set()


def test_modules_stand_where_a_page_asks_for_them(tmp_path, monkeypatch):
    for path in ("room/__init__.py", "room/b_c.py", "room/a.py", "room/_own.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    monkeypatch.syspath_prepend(tmp_path)
    text = book_api.with_modules("# Room\n\n<!-- modules of room -->\n")
    assert re.findall(r"## (.+)|automodule:: (\S+)", text) == [
        ("`a`", ""),
        ("", "room.a"),
        ("`b_c`", ""),
        ("", "room.b_c"),
    ]


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


def test_the_names_of_fitted_attributes_keep_their_underscore(site):
    fields = ":ivar seen_: Set by `fit`.\n:vartype seen_: int\n:ivar max_bytes: Bytes."
    assert book_sections.with_fitted_names(fields) == (
        ":ivar seen\\_: Set by `fit`.\n:vartype seen\\_: int\n:ivar max_bytes: Bytes."
    )
    page = (site / "chapters" / "api" / "strategies.html").read_text(encoding="utf-8")
    for name in ("seen_", "weights_", "user_factors_"):
        assert f"<strong>{name}</strong>" in page
