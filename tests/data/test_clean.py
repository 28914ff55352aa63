"""Cleaning drops what must go, keeps the rest, and accounts for every row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.interactions import COLUMNS
from recsys_ref.data.movielens import read_interactions

GOOD = {"user_id": "1", "item_id": "2", "value": "3", "timestamp": "4"}


def table(*changes):
    """One good row, changed, for each of some dicts; distinct items."""
    rows = [GOOD | {"item_id": str(row)} | c for row, c in enumerate(changes)]
    return pd.DataFrame(rows, dtype=object)


def found(report):
    return {step.reason: step.rows for step in report.steps if step.rows}


def test_the_raw_ratings_of_movielens_are_clean(movielens):
    raw = read_interactions()
    clean, report = clean_interactions(raw, time_range=(8e8, 9e8), min_user_events=20)
    assert found(report) == {}
    assert clean.index.equals(raw.index)
    expected = movielens.interactions.to_frame()
    pd.testing.assert_frame_equal(clean.reset_index(drop=True), expected)


def test_faults_planted_in_movielens_are_found_one_by_one():
    raw = read_interactions().head(10_000).reset_index(drop=True).astype(object)
    faulty = np.random.default_rng(3).permutation(10_000)[:60].reshape(6, 10)
    for rows, (column, fault) in zip(
        faulty,
        [
            ("user_id", ""),
            ("item_id", None),
            ("value", "five"),
            ("value", "55"),
            ("timestamp", "-1"),
            ("timestamp", "99999999999"),
        ],
        strict=True,
    ):
        raw.loc[rows, column] = fault
    again = pd.concat([raw, raw.drop(faulty.ravel()).head(7)], ignore_index=True)
    clean, report = clean_interactions(again, time_range=(0, 9e8))
    assert found(report) == {
        "user_id missing": 10,
        "item_id missing": 10,
        "value not a number": 10,
        "value not in [1.0, 5.0]": 10,
        "timestamp not in [0, 900000000.0]": 20,
        "same user and item: kept last": 7,
    }
    assert report["value not in [1.0, 5.0]"].examples == tuple(sorted(faulty[3])[:3])
    assert len(clean) == 10_000 - 60


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"user_id": None}, "user_id missing"),
        ({"user_id": "   "}, "user_id missing"),
        ({"item_id": float("nan")}, "item_id missing"),
        ({"item_id": pd.NA}, "item_id missing"),
        ({"value": ""}, "value missing"),
        ({"value": None}, "value missing"),
        ({"value": "4,5"}, "value not a number"),
        ({"value": "nan"}, "value not a number"),
        ({"value": "inf"}, "value not finite"),
        ({"value": -np.inf}, "value not finite"),
        ({"value": "0.99"}, "value not in [1.0, 5.0]"),
        ({"value": 5.01}, "value not in [1.0, 5.0]"),
        ({"timestamp": " "}, "timestamp missing"),
        ({"timestamp": "1997-12-04"}, "timestamp not a number"),
        ({"timestamp": "-inf"}, "timestamp not finite"),
        ({"timestamp": "1e300"}, "timestamp beyond 2**53 seconds"),
        ({"timestamp": "-1"}, "timestamp not in [0, 100]"),
        ({"timestamp": "101"}, "timestamp not in [0, 100]"),
    ],
)
def test_a_faulty_row_is_dropped_for_its_reason(fault, reason):
    raw = table({}, fault, {})
    clean, report = clean_interactions(raw, time_range=(0, 100))
    assert clean.index.tolist() == [0, 2]
    assert found(report) == {reason: 1}
    assert report[reason].examples == (1,)


def test_a_row_with_two_faults_is_counted_once():
    _, report = clean_interactions(table({"user_id": "", "value": "x"}, {}))
    assert found(report) == {"user_id missing": 1}


def test_the_ends_of_the_ranges_are_allowed():
    raw = table({"value": 1, "timestamp": 0}, {"value": "5.0", "timestamp": 100.0})
    clean, report = clean_interactions(raw, time_range=(0, 100))
    assert len(clean) == 2
    assert found(report) == {}


def test_without_ranges_any_finite_number_will_do():
    raw = table({"value": "-1e6", "timestamp": -5}, {"value": 1e6}, {"value": "inf"})
    clean, report = clean_interactions(raw, value_range=None)
    assert clean.value.tolist() == [-1e6, 1e6]
    assert found(report) == {"value not finite": 1}


def test_the_result_is_typed_ordered_and_keeps_its_labels():
    raw = table({"item_id": "9"}, {"value": "x"}, {"item_id": "-8", "timestamp": "7"})
    clean, _ = clean_interactions(raw.set_index(pd.Index(["c", "b", "a"])))
    assert clean.columns.tolist() == list(COLUMNS)
    assert clean.index.tolist() == ["c", "a"]
    assert clean.item_id.tolist() == [9, -8]
    types = [str(dtype) for dtype in clean.dtypes]
    assert types == ["int64", "int64", "float64", "int64"]


def test_ids_stay_text_where_one_is_not_a_whole_number():
    for odd in ("tt0111", "007", "1.5", "-0", str(2**70)):
        clean, _ = clean_interactions(table({"item_id": 5}, {"item_id": odd}))
        assert clean.item_id.tolist() == ["5", odd]
        assert clean.user_id.tolist() == [1, 1]


def test_an_odd_id_on_a_dropped_row_does_not_make_the_others_text():
    clean, _ = clean_interactions(table({}, {"user_id": "x", "value": "x"}))
    assert clean.user_id.tolist() == [1]


def test_one_id_written_in_three_ways_is_one_id():
    ids = ["7", " 7 ", 7.0, 7]
    raw = table(*({"item_id": name, "timestamp": t} for t, name in enumerate(ids)))
    clean, report = clean_interactions(raw)
    assert clean.item_id.tolist() == [7]
    assert found(report) == {
        "item_id within spaces": 1,
        "same user and item: kept last": 3,
    }
    assert report["item_id within spaces"].action == "repaired"


def test_parts_of_a_second_are_cut_off_and_reported():
    clean, report = clean_interactions(
        table({"timestamp": "9.9"}, {"timestamp": "9.0"})
    )
    assert clean.timestamp.tolist() == [9, 9]
    assert found(report) == {"part of a second cut off": 1}


TWICE = table(
    {"item_id": "a", "value": 5, "timestamp": 20},
    {"item_id": "b", "value": 2, "timestamp": 20},
    {"item_id": "a", "value": 3, "timestamp": 10},
    {"item_id": "a", "value": 4, "timestamp": 20},
    {"item_id": "a", "value": 1, "timestamp": 10},
)


@pytest.mark.parametrize(
    ("policy", "rows", "values"),
    [
        ("last", [1, 3], [2, 4]),  # of two at time 20 the lower row
        ("first", [1, 2], [2, 3]),  # of two at time 10 the upper row
        ("mean", [1, 3], [2, 13 / 4]),
    ],
)
def test_one_event_of_a_pair_is_kept_by_policy(policy, rows, values):
    clean, report = clean_interactions(TWICE, duplicates=policy)
    assert clean.index.tolist() == rows
    assert clean.value.tolist() == values
    assert report.dropped == 3
    averaged = found(report).get("same user and item: mean of values", 0)
    assert averaged == (policy == "mean")


def test_many_tied_events_are_kept_by_their_row():
    items = np.random.default_rng(0).integers(0, 50, 2000)
    times = np.random.default_rng(1).integers(0, 2, 2000)
    raw = pd.DataFrame({"user_id": 1, "item_id": items, "value": 3, "timestamp": times})
    late = {item: row for row, item in enumerate(items) if times[row]}
    clean, _ = clean_interactions(raw)
    assert clean.index.tolist() == sorted(late.values())


def test_duplicates_can_be_an_error():
    with pytest.raises(ValueError, match=r"3 rows repeat .* user 1, item a in row 2"):
        clean_interactions(TWICE, duplicates="error")
    clean, _ = clean_interactions(TWICE.head(2), duplicates="error")
    assert len(clean) == 2


def test_the_core_is_peeled_until_nothing_is_left_to_peel():
    """A chain: each loss exposes the next, and only the 2 x 2 block stays."""
    pairs = ["ux", "uy", "vx", "vy", "vz", "wz", "wq", "tq"]
    raw = table(*({"user_id": p[0], "item_id": p[1]} for p in pairs))
    clean, report = clean_interactions(raw, min_user_events=2, min_item_events=2)
    assert clean.index.tolist() == [0, 1, 2, 3]
    assert found(report) == {
        "user with fewer than 2 events": 2,  # tq, then wz
        "item with fewer than 2 events": 2,  # wq, then vz
    }
    _, report = clean_interactions(raw.iloc[4:], min_user_events=2, min_item_events=2)
    assert report.rows_out == 0


def loop_core(pairs, min_user, min_item):
    """Remove one lone row after another until none is lone."""
    left = set(range(len(pairs)))
    while True:
        lone = [
            row
            for row in left
            if sum(pairs[row][0] == pairs[r][0] for r in left) < min_user
            or sum(pairs[row][1] == pairs[r][1] for r in left) < min_item
        ]
        if not lone:
            return sorted(left)
        left.remove(lone[0])


FIELDS = st.sampled_from(["1", "2", "3", " 2", "", None, "x"])


@given(
    st.lists(
        st.tuples(
            FIELDS,
            FIELDS,
            st.sampled_from(["1", "5", "0", "inf", "x", "", None, "2.5"]),
            st.sampled_from(["0", "1", "2", "-3", "x", None]),
        ),
        max_size=25,
    ),
    st.sampled_from(["first", "last"]),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_cleaning_equals_a_plain_loop(rows, policy, min_user, min_item):
    raw = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    kept = {}
    for label, (user, item, value, time) in enumerate(rows):
        user, item = (user or "").strip(), (item or "").strip()
        if not user or not item or value not in ("1", "5", "2.5"):
            continue
        if time not in ("0", "1", "2"):
            continue
        rank = (int(time), label) if policy == "last" else (-int(time), -label)
        if (user, item) not in kept or rank > kept[user, item][0]:
            kept[user, item] = (rank, label)
    labels = {label: pair for pair, (_, label) in kept.items()}
    order = sorted(labels)
    core = loop_core([labels[label] for label in order], min_user, min_item)
    clean, report = clean_interactions(
        raw,
        time_range=(0, 9),
        duplicates=policy,
        min_user_events=min_user,
        min_item_events=min_item,
    )
    assert clean.index.tolist() == [order[row] for row in core]
    expected = [labels[order[row]] for row in core]
    assert list(zip(clean.user_id.map(str), clean.item_id.map(str), strict=True)) == (
        expected
    )
    assert report.rows_in - report.dropped == len(clean)
    again, second = clean_interactions(
        clean, min_user_events=min_user, min_item_events=min_item
    )
    pd.testing.assert_frame_equal(again, clean)
    assert second.dropped == 0


def test_the_source_is_left_alone_and_labels_may_repeat():
    raw = table({}, {"user_id": " 1 "}, {"value": "x"}, {"item_id": "0"})
    raw.index = [0, 0, 1, 1]
    before = raw.copy()
    clean, _ = clean_interactions(raw, duplicates="mean")
    pd.testing.assert_frame_equal(raw, before)
    assert clean.index.tolist() == [0, 1]


def test_an_empty_table_is_clean():
    clean, report = clean_interactions(pd.DataFrame(columns=list(COLUMNS)))
    assert len(clean) == 0
    assert report.rows_in == 0
    assert clean.timestamp.dtype == "int64"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"value_range": (5, 1)}, r"value_range: must be \(low, high\), got \(5, 1\)"),
        ({"time_range": (0, np.nan)}, "time_range: must be"),
        ({"duplicates": "best"}, "duplicates: must be first, .* got 'best'"),
        ({"min_user_events": 0}, "min_user_events: .* at least 1, got 0"),
        ({"min_item_events": 2.5}, "min_item_events: must be a whole number"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        clean_interactions(table({}), **arguments)


def test_a_missing_column_and_a_column_of_dates_are_named():
    with pytest.raises(KeyError, match=r"frame: lacks \['value'\]"):
        clean_interactions(table({}).drop(columns="value"))
    dated = table({}).assign(timestamp=pd.to_datetime(["1997-12-04"]))
    with pytest.raises(ValueError, match="timestamp: must be Unix seconds, got date"):
        clean_interactions(dated)
