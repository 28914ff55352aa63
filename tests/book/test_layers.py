"""Data flows one way through the rooms of the package."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "recsys_ref"
# Room: the rooms that it may import from, apart from itself.
BELOW = {
    "__init__": set(),
    "article": set(),
    "assets": set(),
    "ranking": set(),
    "results": set(),
    "data": {"assets"},
    "lm": {"assets"},
    "content": {"assets", "data", "lm", "ranking"},
    "profiles": {"assets", "data", "lm", "ranking"},
    # SASRec's blocks are those of lm.gpt2: the same transformer, items for tokens.
    "strategies": {"content", "data", "lm", "profiles", "ranking"},
    "explanation": {"data", "lm", "profiles", "strategies"},
    "evaluation": {"ranking"},
    "privacy": {"data", "evaluation", "lm", "profiles", "ranking", "strategies"},
    "simulate": {"data", "evaluation", "ranking"},
    "plots": {"evaluation", "ranking"},
    # Computes what is right, so it may ask anybody.
    "check": {
        "assets",
        "content",
        "data",
        "evaluation",
        "explanation",
        "lm",
        "privacy",
        "profiles",
        "ranking",
        "results",
        "simulate",
        "strategies",
    },
    # Assignments draw their data, and compare answers with the package's own.
    "course": {
        "assets",
        "content",
        "data",
        "evaluation",
        "lm",
        "profiles",
        "ranking",
        "strategies",
    },
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(module):
    """Return the room of `recsys_ref.data.split`: `data`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imported(source, module, is_package=False):
    """Return the modules of this package that a module's source names."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            if base == "recsys_ref":
                found |= {f"{base}.{alias.name}" for alias in node.names}
            else:
                found.add(base)
    return {name for name in found if name.split(".")[0] == "recsys_ref"}


def upward(source, module, is_package=False):
    """Return what a module imports and may not."""
    room = room_of(module)
    assert room in BELOW, f"{room}: a new room; say in BELOW what it may import"
    allowed = BELOW[room] | {room}
    names = imported(source, module, is_package)
    return sorted(name for name in names if room_of(name) not in allowed)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_from_below(path):
    parts = ["recsys_ref", *path.relative_to(PACKAGE).with_suffix("").parts]
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    assert upward(path.read_text(), module, is_package) == []


@pytest.mark.parametrize(
    "source",
    [
        "from recsys_ref.strategies.base import Recommender",
        "from recsys_ref import strategies",
        "import recsys_ref.strategies.base as base",
        "from ..strategies import base",
        "def late():\n    from recsys_ref.strategies import base",
    ],
)
def test_an_upward_import_is_caught_in_every_spelling(source):
    assert upward(source, "recsys_ref.evaluation.metrics") != []


def test_the_layers_have_no_cycle():
    placed = set()
    while rest := set(BELOW) - placed:
        free = {room for room in rest if BELOW[room] <= placed}
        assert free, f"a cycle among {sorted(rest)}"
        placed |= free
