"""The package is documented and its modules are small."""

import ast
import statistics
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "recsys_ref"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MEDIAN = 150  # lines


def public_definitions(tree, owner=""):
    """Yield (name, node) of public classes and functions, methods included."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_"):
                continue
            yield owner + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node, f"{owner}{node.name}.")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_everything_public_has_a_docstring(path):
    tree = ast.parse(path.read_text())
    bare = [
        name for name, node in public_definitions(tree) if not ast.get_docstring(node)
    ]
    assert ast.get_docstring(tree), f"{path.name}: the module has no docstring"
    assert not bare, f"{path.name}: no docstring: {bare}"


def test_half_of_the_modules_fit_in_150_lines():
    lengths = [len(path.read_text().splitlines()) for path in MODULES]
    assert statistics.median(lengths) < LONGEST_MEDIAN, sorted(lengths)
