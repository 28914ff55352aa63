"""The course's commands: `python -m recsys_ref.course.commands assignments|grade`.

`make assignments` and `make grade` call them. Book section 11.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys_ref.course import versions
from recsys_ref.course.classroom import grade_class


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status, 2 where the input was wrong."""
    parser = argparse.ArgumentParser(prog="python -m recsys_ref.course.commands")
    parser.add_argument("--source", type=Path, default=Path("assignments"))
    parser.add_argument("--course", default=versions.SELF_STUDY)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("assignments", help="write the versions and zips")
    make.add_argument("--output", type=Path, default=Path("_build/assignments"))
    mark = commands.add_parser("grade", help="grade a folder of submissions")
    mark.add_argument("submissions", type=Path)
    mark.add_argument("--output", type=Path, default=Path("_build/grades"))
    mark.add_argument("--jobs", type=int, default=None)
    chosen = parser.parse_args(arguments)
    try:
        every = versions.assignments(chosen.source)
        if chosen.command == "assignments":
            _make(every, chosen)
        else:
            _grade(every, chosen)
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _make(every: Sequence[versions.Assignment], chosen: argparse.Namespace) -> None:
    manifest = versions.build(every, chosen.output, course=chosen.course)
    for entry in manifest["assignments"]:
        print(f"{entry['name']:20} {entry['points']:5g} points  {entry['title']}")
    print(f"The versions for students and instructors are in {chosen.output}.")


def _grade(every: Sequence[versions.Assignment], chosen: argparse.Namespace) -> None:
    scores = grade_class(
        every,
        chosen.submissions,
        chosen.output,
        course=chosen.course,
        jobs=chosen.jobs,
    )
    print(scores.drop(columns="problem").to_string(index=False))
    stopped = scores[scores["problem"] != ""]
    for row in stopped.itertuples():
        print(f"{row.student}/{row.assignment}: {row.problem}")
    print(f"Scores and feedback are in {chosen.output}.")


if __name__ == "__main__":
    sys.exit(main())
