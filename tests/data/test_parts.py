"""A split that is not what it claims to be cannot be made, or does not pass."""

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.parts import ColdSplit, LastOutSplit, Split, TemporalSplit


@pytest.fixture
def whole():
    """Four events; the last repeats the third in everything."""
    return Interactions(
        user=[0, 0, 1, 1],
        item=[0, 1, 1, 1],
        value=[5.0, 4.0, 3.0, 3.0],
        timestamp=[10, 20, 30, 30],
        user_ids=["ann", "bob"],
        item_ids=[7, 8],
    )


def parts(whole, train, test):
    return whole.select(np.array(train, int)), whole.select(np.array(test, int))


def test_rows_in_any_order_and_repeated_rows_pass(whole):
    for train, test in (([2, 0], [3, 1]), ([0, 1, 2, 3], []), ([], [3, 2, 1, 0])):
        split = Split(*parts(whole, train, test))
        assert split.check(whole) is split


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([0, 1], [2], r"1 row lost \(user bob, item 8, value 3.0, timestamp 30\)$"),
        ([0, 1, 2, 3], [0], r"table: 1 row invented or shared \(user ann, item 7, .*"),
        ([0, 1, 2], [2, 3], "table: 1 row invented or shared"),
        ([0, 0, 1], [1, 2, 2], "table: 2 rows invented or shared"),
        ([2, 3], [], "2 rows lost"),
        ([2, 2, 2, 3], [0], "1 row lost .*; 2 rows invented"),
    ],
)
def test_lost_invented_and_shared_rows_are_counted(whole, train, test, message):
    with pytest.raises(ValueError, match=message):
        Split(*parts(whole, train, test)).check(whole)


@pytest.mark.parametrize("column", ["value", "timestamp"])
def test_a_changed_value_or_time_is_a_row_lost_and_a_row_invented(whole, column):
    train, test = parts(whole, [0, 1], [2, 3])
    columns = {
        name: getattr(test, name).copy()
        for name in ("user", "item", "value", "timestamp")
    }
    columns[column][0] += 1
    changed = Interactions(**columns, user_ids=test.user_ids, item_ids=test.item_ids)
    with pytest.raises(ValueError, match=r"1 row lost .*; 1 row invented"):
        Split(train, changed).check(whole)


def test_other_vocabularies_are_refused(whole):
    columns = [whole.user, whole.item, whole.value, whole.timestamp]
    renamed = Interactions(*columns, whole.user_ids, [7, 9])
    swapped = Interactions(*columns, ["bob", "ann"], whole.item_ids)
    with pytest.raises(ValueError, match="test: must have the item_ids of train"):
        Split(whole, renamed)
    with pytest.raises(ValueError, match="test: must have the user_ids of train"):
        Split(whole, swapped)
    with pytest.raises(ValueError, match="whole: must have the user_ids of train"):
        Split(*parts(whole, [0, 1], [2, 3])).check(swapped)


def test_repeats_count_the_test_events_whose_pair_was_seen(whole):
    assert Split(*parts(whole, [0, 1, 2], [3])).repeats == 1
    assert Split(*parts(whole, [0, 1], [2, 3])).repeats == 0
    assert Split(*parts(whole, [0, 1, 2, 3], [])).repeats == 0


def test_a_temporal_split_has_no_event_on_the_wrong_side(whole):
    split = TemporalSplit(*parts(whole, [0, 1], [2, 3]), at=21)
    assert repr(split) == "TemporalSplit(2 train + 2 test events)"
    TemporalSplit(*parts(whole, [0, 1], [2, 3]), at=30)
    with pytest.raises(ValueError, match=r"1 train events .* before 20, 0 test"):
        TemporalSplit(*parts(whole, [0, 1], [2, 3]), at=20)
    with pytest.raises(ValueError, match=r"0 train events .* 31, 2 test"):
        TemporalSplit(*parts(whole, [0, 1], [2, 3]), at=31)


def test_a_last_out_split_withholds_the_last(whole):
    LastOutSplit(*parts(whole, [0, 2, 3], [1]), n=1)
    LastOutSplit(*parts(whole, [0, 2], [1, 3]), n=1)  # tied with the last
    with pytest.raises(ValueError, match="train: 1 event later than a test event"):
        LastOutSplit(*parts(whole, [1, 2], [0, 3]), n=1)
    with pytest.raises(ValueError, match=r"0 or 1 events, got \[0, 2\]"):
        LastOutSplit(*parts(whole, [0, 1], [2, 3]), n=1)


def test_a_cold_split_keeps_the_cold_out_of_train(whole):
    split = ColdSplit(*parts(whole, [0], [1, 2, 3]), cold=[1], by="item")
    assert split.cold.tolist() == [1]
    with pytest.raises(ValueError, match="read-only"):
        split.cold[0] = 0
    with pytest.raises(ValueError, match="0 events of a cold item, holds 1 of item"):
        ColdSplit(*parts(whole, [0, 1], [2, 3]), cold=[1], by="item")
    with pytest.raises(ValueError, match="test: 1 event not of a cold item"):
        ColdSplit(*parts(whole, [], [0, 1, 2, 3]), cold=[1], by="item")
    with pytest.raises(ValueError, match=r'by: must be "user" or "item", got .genre'):
        ColdSplit(*parts(whole, [0], [1, 2, 3]), cold=[1], by="genre")


def test_a_cold_user_may_have_known_events(whole):
    ColdSplit(*parts(whole, [0, 1, 2], [3]), cold=[1], by="user", known=1)
    with pytest.raises(ValueError, match="1 event of a cold user, holds 2 of user"):
        ColdSplit(*parts(whole, [0, 1, 2, 3], []), cold=[1], by="user", known=1)
