"""Pages: their clicks as events, and what is refused."""

import numpy as np
import pytest

from recsys_ref.data.impressions import Impressions

NONE = np.empty(0, dtype=np.int64)


def pages(**changed):
    columns = {
        "user": [0, 1, 0],
        "timestamp": [5, 6, 7],
        "shown": [[0, 2], [1], [1, 0]],
        "clicked": [[True, False], [False], [True, True]],
        "history": [NONE, [0], NONE],
        "user_ids": ["a", "b"],
        "item_ids": ["x", "y", "z"],
    }
    return Impressions(**(columns | changed))


def test_clicks_are_events_at_the_time_of_their_page():
    events = pages().clicks()
    assert events.user.tolist() == [0, 0, 0]
    assert events.item.tolist() == [0, 1, 0]
    assert events.timestamp.tolist() == [5, 7, 7]
    assert (events.value == 1).all()
    assert (events.n_users, events.n_items) == (2, 3)


def test_histories_are_pairs_from_before_the_first_page():
    several = pages(history=[[2, 0], [1], [0, 2, 1]])
    past = several.histories()
    assert list(zip(past.user.tolist(), past.item.tolist(), strict=True)) == [
        (0, 0), (0, 1), (0, 2), (1, 1),
    ]  # fmt: skip
    assert (past.timestamp == 4).all()
    assert len(pages(history=[NONE] * 3).histories()) == 0


def test_looks_are_all_that_was_shown_with_the_chance_of_a_look():
    looks = pages().looks(np.array([1.0, 0.5, 0.1]))
    assert looks.item.tolist() == [0, 2, 1, 1, 0]
    assert looks.user.tolist() == [0, 0, 1, 0, 0]
    assert looks.value.tolist() == [1, 0.5, 1, 1, 0.5]
    assert looks.timestamp.tolist() == [5, 5, 6, 7, 7]
    with pytest.raises(ValueError, match="must reach the 2 places"):
        pages().looks(np.array([1.0]))


def test_a_selection_keeps_the_vocabularies():
    some = pages().select(np.array([False, True, True]))
    assert len(some) == 2
    assert some.timestamp.tolist() == [6, 7]
    assert [row.tolist() for row in some.history] == [[0], []]
    assert some.clicks().n_items == 3
    none = pages().select(np.array([], dtype=np.int64))
    assert len(none) == 0
    assert len(none.clicks()) == 0


def test_columns_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        pages().user[0] = 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"user": [0, 1]}, "columns must have one length"),
        ({"user": [0, 1, 2]}, r"user: every index must be in \[0, 2\), got 0 to 2"),
        ({"shown": [[0, 3], [1], [1, 0]]}, r"shown: .* \[0, 3\), got 0 to 3"),
        ({"history": [NONE, [-1], NONE]}, r"history: .* got -1 to -1"),
        ({"shown": [[0, 0], [1], [1, 0]]}, r"got \[0, 0\] on page 0"),
        ({"shown": [[0, 2], NONE, [1, 0]]}, r"got \[\] on page 1"),
        ({"clicked": [[True], [False], [True, True]]}, "got 1 for 2 on page 0"),
        ({"item_ids": ["x", "x", "z"]}, "must be distinct"),
    ],
)
def test_what_is_no_page_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        pages(**changed)
