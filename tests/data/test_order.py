"""Places within groups, against a plain sort of each group."""

import numpy as np

from recsys_ref.data.order import places


def test_places_are_those_of_a_plain_sort():
    rng = np.random.default_rng(0)
    group, first, second = rng.integers(0, 4, size=(3, 60))
    place, count = places(group, first, second)
    for each in range(4):
        rows = np.flatnonzero(group == each)
        ordered = sorted(rows, key=lambda row: (first[row], second[row], row))
        assert place[ordered].tolist() == list(range(rows.size))
        assert (count[rows] == rows.size).all()


def test_no_rows_have_no_places():
    empty = np.zeros(0, dtype=np.int64)
    place, count = places(empty, empty)
    assert place.size == count.size == 0
