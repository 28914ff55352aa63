"""The core table: immutable, numbered both ways, a matrix, and clear about faults."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.interactions import COLUMNS, Interactions

IDS = st.one_of(st.integers(-5, 5), st.integers(10**12, 10**12 + 5))


def frame_of(rows):
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"value": "float64", "timestamp": "int64"})


@pytest.fixture
def frame():
    return frame_of([("b", 30, 4.0, 60), ("a", 10, 5.0, 0), ("b", 10, 3.0, 60)])


def test_ids_are_numbered_in_sorted_order_and_rows_keep_theirs(frame):
    table = Interactions.from_frame(frame)
    assert table.user_ids.tolist() == ["a", "b"]
    assert table.item_ids.tolist() == [10, 30]
    assert table.user.tolist() == [1, 0, 1]
    assert table.item.tolist() == [1, 0, 0]
    assert table.value.tolist() == [4.0, 5.0, 3.0]
    assert table.timestamp.tolist() == [60, 0, 60]
    assert (len(table), table.n_users, table.n_items) == (3, 2, 2)


@given(
    st.lists(st.tuples(IDS, IDS, st.floats(-9, 9), st.integers(0, 2**40)), max_size=20)
)
def test_a_frame_comes_back_as_it_went_in(rows):
    frame = frame_of(rows).astype({"user_id": "int64", "item_id": "int64"})
    pd.testing.assert_frame_equal(Interactions.from_frame(frame).to_frame(), frame)


def test_ids_map_to_indices_and_back(frame):
    table = Interactions.from_frame(frame, user_ids=["c", "b", "a"])
    assert table.user_index(["a", "c", "a"]).tolist() == [2, 0, 2]
    assert table.user_ids[table.user_index(["b", "c"])].tolist() == ["b", "c"]
    assert table.item_index([30, 10]).tolist() == [1, 0]
    assert table.item_ids[table.item_index([30])].tolist() == [30]


def test_a_vocabulary_may_hold_users_and_items_without_events(frame):
    table = Interactions.from_frame(
        frame, user_ids=["a", "b", "zoe"], item_ids=[5, 10, 30]
    )
    assert table.matrix().toarray().tolist() == [[0, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert table.density == 3 / 9


@pytest.mark.parametrize("lookup", ["user_index", "item_index"])
def test_an_unknown_id_is_named(frame, lookup):
    table = Interactions.from_frame(frame)
    with pytest.raises(KeyError, match=rf"{lookup[:4]}_id: not in .*\['nobody'\]"):
        getattr(table, lookup)(["nobody"])
    with pytest.raises(KeyError, match=r"user_id: not in the vocabulary: \['b'\]"):
        Interactions.from_frame(frame, user_ids=["a"])


def test_missing_values_count_as_one_and_missing_times_as_zero(frame):
    table = Interactions.from_frame(frame[["user_id", "item_id"]])
    assert table.value.tolist() == [1.0] * 3
    assert table.timestamp.tolist() == [0] * 3
    with pytest.raises(KeyError, match=r"frame: lacks \['item_id'\]"):
        Interactions.from_frame(frame[["user_id"]])


def test_nothing_in_the_table_can_be_changed(frame):
    table = Interactions.from_frame(frame)
    for name in ("user", "item", "value", "timestamp"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(table, name)[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.value = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        table.matrix().data[0] = 2
    with pytest.raises(TypeError):
        table.user_ids[0] = "x"


def test_changing_the_source_does_not_reach_the_table():
    columns = [np.array([0, 1]), np.array([1, 0]), np.ones(2), np.zeros(2, np.int64)]
    table = Interactions(*columns, user_ids=[0, 1], item_ids=[0, 1])
    for column in columns:
        column[:] = 9
    assert table.user.tolist() == [0, 1]
    assert table.value.tolist() == [1, 1]


def test_the_matrix_marks_pairs_once_and_adds_weights_up(frame):
    twice = Interactions.from_frame(pd.concat([frame, frame.iloc[:1]]))
    assert twice.matrix().toarray().tolist() == [[1, 0], [1, 1]]
    assert twice.matrix(twice.value).toarray().tolist() == [[5, 0], [3, 8]]
    assert twice.density == 3 / 4
    assert twice.matrix() is twice.matrix()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=30))
def test_the_matrix_equals_a_plain_loop(cells):
    pairs = np.array(cells, dtype=np.int64).reshape(-1, 2)
    weights = np.arange(len(pairs)) + 0.5
    table = Interactions(*pairs.T, weights, np.zeros(len(pairs)), range(4), range(5))
    binary, added = np.zeros((4, 5)), np.zeros((4, 5))
    for (user, item), weight in zip(cells, weights, strict=True):
        binary[user, item] = 1
        added[user, item] += weight
    assert (table.matrix().toarray() == binary).all()
    assert (table.matrix(weights).toarray() == added).all()
    assert table.density == binary.mean()


def test_a_part_keeps_both_vocabularies(frame):
    table = Interactions.from_frame(frame)
    for rows in ([True, False, False], [0]):
        part = table.select(np.array(rows))
        assert part.to_frame().to_numpy().tolist() == [["b", 30, 4.0, 60]]
        assert part.matrix().shape == table.matrix().shape
        assert part.user_ids.equals(table.user_ids)
    assert table.select(np.array([2, 0])).value.tolist() == [3.0, 4.0]


def test_an_empty_table_is_a_table():
    table = Interactions([], [], [], [], user_ids=["a"], item_ids=[])
    assert (len(table), table.n_users, table.n_items) == (0, 1, 0)
    assert np.isnan(table.density)
    assert table.matrix().shape == (1, 0)
    assert table.to_frame().columns.tolist() == list(COLUMNS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": [1.0]}, "one length, got .*'value': 1"),
        ({"user": [0, 2]}, r"user: every index must be in \[0, 2\), got 0 to 2"),
        ({"item": [-1, 0]}, r"item: every index must be in \[0, 2\), got -1 to 0"),
        ({"value": [1.0, np.nan]}, "value: must be finite, got nan in row 1"),
        ({"value": [-np.inf, 1.0]}, "value: must be finite, got -inf in row 0"),
        ({"user": [0, 0.7]}, "user: must be whole numbers, got 0.7 in row 1"),
        ({"item": ["1", "0"]}, "item: must be whole numbers, got <U1"),
        ({"timestamp": [0, np.nan]}, "timestamp: must be whole .* got nan in row 1"),
        (
            {"timestamp": pd.to_datetime(["1997-09-20", "1998-04-22"])},
            "timestamp: must be whole numbers, got datetime64",
        ),
        ({"user_ids": ["a", None]}, "user_ids: an id must not be missing"),
        ({"item_ids": [7, np.nan]}, "item_ids: an id must not be missing"),
        ({"user_ids": ["a", "a"]}, r"user_ids: ids must be distinct, got \['a'\]"),
        ({"item_ids": [7, 7]}, r"item_ids: ids must be distinct, got \[7\]"),
    ],
)
def test_bad_input_is_named(change, message):
    good = {
        "user": [0, 1],
        "item": [1, 0],
        "value": [1.0, 2.0],
        "timestamp": [0, 0],
        "user_ids": ["a", "b"],
        "item_ids": [7, 8],
    }
    Interactions(**good)
    with pytest.raises(ValueError, match=message):
        Interactions(**good | change)
