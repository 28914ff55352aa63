"""A report that does not account for every row cannot be made."""

import pandas as pd
import pytest

from recsys_ref.data.report import CleaningReport, Sieve, Step


def test_dropped_rows_must_add_up_and_others_do_not_count():
    steps = (
        Step("a", "dropped", 2),
        Step("b", "repaired", 5),
        Step("c", "kept", 4),
        Step("d", "dropped", 1),
    )
    report = CleaningReport(10, 7, steps)
    assert report.dropped == 3
    for rows_out in (6, 8, 10):
        with pytest.raises(ValueError, match=f"less 3 dropped is not {rows_out}"):
            CleaningReport(10, rows_out, steps)


def test_a_step_keeps_the_first_three_labels():
    assert Step.of("a", "kept", pd.Index([9, 4, 7, 1])) == Step(
        "a", "kept", 4, (9, 4, 7)
    )


def test_steps_are_found_by_reason():
    report = CleaningReport(1, 1, (Step("a", "kept", 0),))
    assert report["a"].rows == 0
    with pytest.raises(KeyError, match=r"no step 'b', have \['a'\]"):
        report["b"]


def test_the_report_is_a_table_with_a_row_a_step():
    report = CleaningReport(
        3, 2, (Step("a", "dropped", 1, ("x",)), Step("b", "kept", 2, (1, 2)))
    )
    assert report.to_frame().to_numpy().tolist() == [
        ["a", "dropped", 1, "x"],
        ["b", "kept", 2, "1, 2"],
    ]
    assert repr(report) == "CleaningReport(3 rows in, 2 out: 1 a, 2 b)"
    assert repr(CleaningReport(3, 3, ())).endswith("3 out: nothing found)")


def test_a_sieve_leaves_its_source_alone_and_counts_what_it_does():
    frame = pd.DataFrame({"value": [1, 2, 3, 4]}, index=list("wxyz"))
    sieve = Sieve(frame)
    sieve.drop("odd", sieve.frame.value % 2 == 1)
    sieve.repair("doubled", [False, True], value=sieve.frame.value * [1, 2])
    assert sieve.frame.value.to_dict() == {"x": 2, "z": 8}
    assert frame.value.tolist() == [1, 2, 3, 4]
    steps = (
        Step("odd", "dropped", 2, ("w", "y")),
        Step("doubled", "repaired", 1, ("z",)),
    )
    assert sieve.report() == CleaningReport(4, 2, steps)
