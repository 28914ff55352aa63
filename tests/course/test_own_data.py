"""The made-up log is as untidy as it says; the assignment takes any other file."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_ref.course.grade import grade
from recsys_ref.course.own_data import HEADER, write_synthetic_log
from recsys_ref.course.versions import assignments, instructor_version
from recsys_ref.data.clean import clean_interactions


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == HEADER
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_every_kind_of_fault_is_in_it_and_most_rows_are_good(tmp_path, seed):
    write_synthetic_log(tmp_path / "log.csv", rng=seed)
    rows = rows_of(tmp_path / "log.csv")
    long = [row for row in rows if len(row) != 4]
    assert 2 <= len(long) < 8
    frame = pd.DataFrame(
        [row for row in rows if len(row) == 4],
        columns=["user_id", "item_id", "value", "timestamp"],
    )
    clean, report = clean_interactions(frame)
    for reason in (
        "user_id missing",
        "item_id missing",
        "value not a number",
        "timestamp not a number",
    ):
        assert 3 <= report[reason].rows < 15
    assert 5 <= report["same user and item: kept last"].rows < 20
    assert len(clean) > 0.85 * len(rows)
    assert 60 <= clean.user_id.nunique() <= 100
    assert clean.value.between(1, 5).all()


def test_it_has_a_long_tail_and_a_taste(tmp_path):
    write_synthetic_log(tmp_path / "log.csv", rng=1)
    frame = pd.DataFrame(
        [row for row in rows_of(tmp_path / "log.csv") if len(row) == 4],
        columns=HEADER,
    )
    counts = frame["item"].value_counts().to_numpy()
    head = counts[: int(np.ceil(len(counts) / 10))].sum() / counts.sum()
    assert head > 0.25


def test_the_seed_decides_and_the_file_is_overwritten(tmp_path):
    path = tmp_path / "log.csv"
    written = []
    for seed in (1, 1, 2):
        write_synthetic_log(path, rng=np.random.default_rng(seed))
        written.append(path.read_bytes())
    assert written[0] == written[1] != written[2]


HANDED_IN = {
    "two columns, from Windows": b"\xef\xbb\xbfITEM, user \r\n"
    + b"\r\n".join(b"i%d,u%d" % (row * row % 23, row % 31) for row in range(300)),
    "one user": b"user,item,timestamp\n"
    + b"".join(b"me,song %d,%d\n" % (row, 100 + row // 2) for row in range(12)),
    "untidy, with a column more": b"user,item,rating,note,timestamp\n"
    + b"".join(
        b'%d,"a, %d",%s,"x ""y""",%d.5\n'
        % (row % 17, row * 7 % 41, b"?" if row % 9 == 0 else b"3", row % 5)
        for row in range(400)
    )
    + b"\n,x,3,,1\n5,y,3\n5,y,3,,later\n",
}


@pytest.mark.parametrize("content", HANDED_IN.values(), ids=HANDED_IN)
def test_the_solution_holds_for_files_that_students_hand_in(content):
    folder = Path(__file__).resolve().parents[2] / "assignments"
    (own,) = (a for a in assignments(folder) if a.name == "own_data")
    found = grade(
        own,
        instructor_version(own.source),
        "ada",
        files={"data.csv": content},
        sandboxed=False,
    )
    assert found.lost() == set(), [m for m in found.marks if m.message]
    said = "\n".join(
        output.get("text", "")
        for cell in found.notebook.cells
        for output in cell.get("outputs", [])
    )
    assert "Data: data.csv\n" in said
    assert "synthetic" not in said.lower()
