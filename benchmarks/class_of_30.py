"""Grade a made-up class of 30 and say how long it took.

Twenty submissions are the planted solutions of an assignment, right and wrong; ten
are what should never happen and does: endless loops, a fork bomb, crashes, memory,
the network, cells deleted, functions renamed, a file that is no notebook. Each must
earn what it should. Needs bubblewrap. Writes nothing that stays.
"""

import argparse
import importlib.util
import json
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from recsys_ref.course import form
from recsys_ref.course.classroom import grade_class
from recsys_ref.course.versions import Assignment, assignments, student_version

ROOT = Path(__file__).resolve().parents[1]
TROUBLE = {
    "loop": "while True:\n    pass",
    "stubborn": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "while True:\n    pass",
    "bomb": "import os\nwhile True:\n    try:\n        os.fork()\n"
    "    except OSError:\n        pass",
    "crash": "import os\nos._exit(1)",
    "memory": "hoard = []\nwhile True:\n    hoard.append(b'1' * 2**26)",
    "network": "import socket\nsocket.create_connection(('192.0.2.1', 80), 2)",
    "flood": "while True:\n    print('x' * 10_000)",
}


def planted(name: str):
    """Return the module of an assignment's planted solutions."""
    path = ROOT / "tests" / "course" / "planted" / f"{name}.py"
    spec = importlib.util.spec_from_file_location("planted", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def solved(assignment: Assignment, cells: dict[str, str]) -> NotebookNode:
    """Return the students' version with the instructor's solutions, but for some."""
    solutions = {
        form.grade_id(cell): cell.source
        for cell in assignment.source.cells
        if form.kind_of(cell) == "solution"
    }
    notebook = student_version(assignment.source)
    for cell in notebook.cells:
        name = form.grade_id(cell)
        cell.source = cells.get(name, solutions.get(name, cell.source))
    return notebook


def the_class(assignment: Assignment) -> dict[str, tuple[str, set[str] | None]]:
    """Return each student's file, and the tests that it should lose, if known."""
    module = planted(assignment.name)
    tests = {p.name for p in form.parts(assignment.source) if p.kind == "test"}
    everyone: dict[str, tuple[str, set[str] | None]] = {}
    orderly = {"the instructor's": {"cells": {}}, **module.RIGHT, **module.WRONG}
    for number in range(20):
        solution = list(orderly.values())[number % len(orderly)]
        loses = set(solution.get("loses", ()))
        notebook = solved(assignment, solution["cells"])
        everyone[f"s{number:02}"] = nbformat.writes(notebook), loses
    first = next(
        form.grade_id(c)
        for c in assignment.source.cells
        if form.kind_of(c) == "solution"
    )
    for name, code in TROUBLE.items():
        everyone[name] = nbformat.writes(solved(assignment, {first: code})), None
    deleted = solved(assignment, {})
    deleted.cells = [c for c in deleted.cells if form.grade_id(c) != first]
    everyone["deleted"] = nbformat.writes(deleted), None
    everyone["renamed"] = (
        nbformat.writes(solved(assignment, {first: "def renamed():\n    pass"})),
        None,
    )
    everyone["no_json"] = "{" + json.dumps("not a notebook"), tests
    return everyone


def main() -> None:
    """Grade the class, check what each lost, print the time."""
    parser = argparse.ArgumentParser(prog="python benchmarks/class_of_30.py")
    parser.add_argument("--assignment", default="metrics_by_hand")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    every = {each.name: each for each in assignments(ROOT / "assignments")}
    assignment = every[chosen.assignment]
    everyone = the_class(assignment)
    assert len(everyone) == 30
    with tempfile.TemporaryDirectory() as folder:
        for student, (text, _) in everyone.items():
            path = Path(folder, "class", student, assignment.name)
            path.mkdir(parents=True)
            (path / f"{assignment.name}.ipynb").write_text(text, encoding="utf-8")
        begun = time.perf_counter()
        scores = grade_class(
            [assignment],
            Path(folder, "class"),
            Path(folder, "grades"),
            jobs=chosen.jobs,
        )
        took = time.perf_counter() - begun
        pages = list(Path(folder, "grades", "feedback").rglob("*.html"))
    points = {part.name: part.points for part in form.parts(assignment.source)}
    by_hand = sum(
        p.points for p in form.parts(assignment.source) if p.kind == "by hand"
    )
    most = sum(points.values()) - by_hand
    for row in scores.itertuples():
        loses = everyone[row.student][1]
        if loses is None:
            assert row.points < most, f"{row.student} lost nothing"
        else:
            right = most - sum(points[name] for name in loses)
            assert abs(row.points - right) < 1e-9, f"{row.student}: {row.points}"
    assert len(pages) == 30
    print(scores.drop(columns=["assignment", "out_of"]).to_string(index=False))
    print(f"{len(scores)} submissions of {assignment.name} in {took:.0f} s")


if __name__ == "__main__":
    main()
