"""Each check belongs to an exercise that names it and to a solution that passes it."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {
    re.sub(r"^\d\d(_\d)?_", "", path.stem): path
    for path in (ROOT / "chapters").glob("*.ipynb")
}
MODULES = {
    path.stem
    for path in (ROOT / "recsys_ref" / "check").glob("*.py")
    if path.stem not in ("__init__", "verdict")
}


def checks(module):
    """Return the public functions that a module defines, by name."""
    loaded = import_module(f"recsys_ref.check.{module}")
    return {
        name: function
        for name, function in inspect.getmembers(loaded, inspect.isfunction)
        if function.__module__ == loaded.__name__ and not name.startswith("_")
    }


def called(source):
    """Return the names of `check.NAME(...)` in code."""
    return {
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "check"
    }


@pytest.fixture(params=sorted(CHAPTERS))
def chapter(request):
    return request.param


@pytest.fixture
def cells(chapter):
    return nbformat.read(CHAPTERS[chapter], as_version=4).cells


def test_no_module_without_a_chapter():
    assert set(CHAPTERS) >= MODULES


def test_a_chapter_has_at_least_two_checks(chapter):
    assert chapter in MODULES, f"no recsys_ref/check/{chapter}.py"
    assert len(checks(chapter)) >= 2


def test_each_check_is_an_exercises(chapter, cells):
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    labels = re.findall(r"^:label: ex-ch\w+?-(\S+)$", text, re.MULTILINE)
    labels += re.findall(r"^:label: ex-data-(\S+)$", text, re.MULTILINE)
    assert set(checks(chapter)) <= {label.replace("-", "_") for label in labels}


def test_each_check_is_offered_and_passed(chapter, cells):
    names = set(checks(chapter))
    offered = set()
    for cell in cells:
        if cell.cell_type == "markdown":
            offered |= set(re.findall(r"`check\.(\w+)\(", cell.source))
    passed = set().union(*(called(c.source) for c in cells if c.cell_type == "code"))
    assert names == offered, "the exercises' text names each check"
    assert names == passed, "the solutions call each check"


def test_each_check_says_what_it_takes(chapter):
    for name, function in checks(chapter).items():
        doc = inspect.getdoc(function) or ""
        assert ">>> " in doc, f"{name}: no example"
        assert "Not yet." in doc, f"{name}: the example shows a hint"
        assert "Right." not in doc, f"{name}: the example gives the answer away"
