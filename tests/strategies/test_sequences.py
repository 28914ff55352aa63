"""Histories, windows and batches, against loops and by counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.sequences import batches, histories, padded, windows


def test_histories_are_in_the_order_of_time_and_then_of_the_tie():
    rng = np.random.default_rng(0)
    user, item, time = rng.integers(0, (5, 9, 4), (40, 3)).T
    tie = rng.random(40)
    x = Interactions(user, item, np.ones(40), time, range(6), range(9))
    for who, history in enumerate(histories(x, tie)):
        rows = [row for row in range(40) if user[row] == who]
        rows.sort(key=lambda row: (time[row], tie[row]))
        assert history.tolist() == item[rows].tolist()
    assert len(history) == 0  # of user 5, who has no events


def test_no_events_give_empty_histories():
    x = Interactions([], [], [], [], range(3), range(2))
    assert [len(each) for each in histories(x, np.zeros(0))] == [0, 0, 0]


@given(
    st.lists(st.integers(0, 40), max_size=5),
    st.integers(1, 12),
    st.integers(0, 2**32 - 1),
)
def test_windows_predict_each_item_but_the_first_once(lengths, length, seed):
    sequences = [1000 * n + np.arange(size) for n, size in enumerate(lengths)]
    parts = windows(sequences, length, np.random.default_rng(seed))
    targets = [target for part in parts for target in part[1:].tolist()]
    assert sorted(targets) == [t for each in sequences for t in each[1:].tolist()]
    for part in parts:
        assert 2 <= len(part) <= length + 1
        assert (np.diff(part) == 1).all()


def test_the_cuts_fall_elsewhere_each_time():
    rng = np.random.default_rng(0)
    firsts = {len(windows([np.arange(30)], 10, rng)[0]) for _ in range(200)}
    assert firsts == set(range(2, 12))


@pytest.mark.parametrize("tokens", [1, 30, 100, 10_000])
def test_batches_hold_each_sequence_once_within_their_size(tokens):
    rng = np.random.default_rng(0)
    parts = [rng.integers(0, 9, size) for size in rng.integers(1, 30, 50)]
    tables = list(batches(parts, tokens, rng))
    rows = [row[row >= 0].tolist() for table in tables for row in table]
    assert sorted(rows) == sorted(part.tolist() for part in parts)
    for table in tables:
        assert table.size <= tokens or len(table) == 1


def test_padding_stands_behind_the_end():
    table = padded([np.array([4, 5]), np.array([], dtype=int)])
    assert table.tolist() == [[4, 5], [-1, -1]]
    assert padded([]).shape == (0, 0)
    assert list(batches([], 5, np.random.default_rng(0))) == []
