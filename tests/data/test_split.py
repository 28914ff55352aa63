"""Every splitter keeps every row, and withholds what it says it withholds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recsys_ref.data import split as splits
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.parts import Split

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.sampled_from([0.01, 0.2, 0.5, 0.75, 0.99])


@st.composite
def tables(draw, least=2):
    """Up to 6 users and 8 items, some without events; duplicates; tied times."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 5),
                st.integers(0, 7),
                st.sampled_from([1.0, 3.5, 5.0]),
                st.integers(0, 6),
            ),
            min_size=least,
            max_size=40,
        )
    )
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Interactions(*columns, user_ids=list("abcdef"), item_ids=range(10, 18))


def multiset(*parts):
    """Count the rows of some tables with a plain loop."""
    counts = {}
    for part in parts:
        for row in part.to_frame().itertuples(index=False):
            counts[tuple(row)] = counts.get(tuple(row), 0) + 1
    return counts


def assert_parts(split, whole):
    assert multiset(split.train, split.test) == multiset(whole)
    assert len(split.train)
    assert len(split.test)
    for part in (split.train, split.test):  # in the order of the input
        rows = part.to_frame().to_numpy().tolist()
        left = iter(whole.to_frame().to_numpy().tolist())
        assert all(row in left for row in rows)


@given(tables(), SHARES, SEEDS)
def test_a_random_split_withholds_the_share_asked_for(x, share, seed):
    split = splits.random_split(x, test_share=share, rng=seed)
    assert_parts(split, x)
    wanted = round(share * len(x))
    assert len(split.test) == min(max(wanted, 1), len(x) - 1)


def test_a_random_split_is_uniform_over_rows_and_follows_its_seed():
    x = Interactions(*np.zeros((4, 10), int), [0], [0])
    x = Interactions(x.user, x.item, np.arange(10), x.timestamp, [0], [0])
    hits = np.zeros(10)
    rng = np.random.default_rng(5)
    for _ in range(500):
        test = splits.random_split(x, test_share=0.3, rng=rng).test.value
        hits[test.astype(int)] += 1
    assert np.abs(hits / 500 - 0.3).max() < 0.1  # 5 standard errors
    draws = [splits.random_split(x, rng=seed).test.value.tolist() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def published_stratified_split(frame, ratio, by, seed):
    """Follow the protocol of EVIDENCE, group by group."""
    draws = np.random.RandomState(seed).rand(len(frame))
    ordered = frame.assign(draw=draws).sort_values([by, "draw"])
    train = []
    for _, group in ordered.groupby(by):
        train += group.index[: round(ratio * len(group))].tolist()
    return sorted(train)


@given(
    tables(),
    st.sampled_from([0.25, 0.5, 0.75]),
    st.sampled_from(["user", "item"]),
    SEEDS,
)
def test_a_stratified_split_equals_a_loop_over_the_groups(x, ratio, by, seed):
    train = published_stratified_split(x.to_frame(), ratio, f"{by}_id", seed)
    assume(0 < len(train) < len(x))
    split = splits.stratified_split(x, ratio=ratio, by=by, seed=seed)
    assert_parts(split, x)
    assert split.train.to_frame().equals(x.select(np.array(train)).to_frame())


def test_halves_are_rounded_to_even_as_published():
    users = np.repeat(np.arange(4), [1, 2, 6, 10])  # .75, 1.5, 4.5 and 7.5 to keep
    x = Interactions(users, users, users, users, range(4), range(4))
    train = splits.stratified_split(x).train
    assert np.bincount(train.item).tolist() == [1, 2, 4, 8]


def test_the_published_split_of_movielens_is_reproduced(movielens):
    x = movielens.interactions
    split = splits.stratified_split(x)
    assert (len(split.train), len(split.test)) == (75_066, 24_934)
    assert np.unique(split.train.item).size == 1_682
    assert np.unique(split.test.item).size == 1_473
    assert np.unique(split.test.user).size == 943
    train = published_stratified_split(x.to_frame(), 0.75, "item_id", 42)
    assert split.train.to_frame().equals(x.select(np.array(train)).to_frame())


@given(tables(), SHARES)
def test_a_temporal_split_never_trains_on_the_future(x, share):
    times = np.unique(x.timestamp)
    assume(times.size > 1)
    split = splits.temporal_split(x, test_share=share)
    assert_parts(split, x)
    assert split.train.timestamp.max() < split.at <= split.test.timestamp.min()
    gap = abs(len(split.test) - share * len(x))
    for other in times[1:]:  # no other cut is nearer to the share
        assert gap <= abs((x.timestamp >= other).sum() - share * len(x))


@given(tables(), st.integers(-1, 8))
def test_a_temporal_split_at_a_time_puts_that_time_in_test(x, at):
    assume(x.timestamp.min() < at <= x.timestamp.max())
    split = splits.temporal_split(x, at=at)
    assert_parts(split, x)
    assert split.test.to_frame().equals(x.select(x.timestamp >= at).to_frame())


@given(tables(), st.integers(1, 3), st.sampled_from(["random", "order"]), SEEDS)
def test_leave_last_out_takes_the_last_n_of_those_who_have_more(x, n, ties, seed):
    count = np.bincount(x.user, minlength=6)
    assume((count > n).any())
    split = splits.leave_last_out(x, n=n, ties=ties, rng=seed)
    assert_parts(split, x)
    held = np.bincount(split.test.user, minlength=6)
    assert held.tolist() == [n if events > n else 0 for events in count]
    for user in np.flatnonzero(held):
        kept = split.train.timestamp[split.train.user == user]
        assert kept.max() <= split.test.timestamp[split.test.user == user].min()


def test_ties_by_order_are_broken_by_the_row_and_at_random_evenly():
    user = np.zeros(4, int)
    x = Interactions(user, range(4), range(4), [5, 9, 9, 9], [0], range(4))
    assert splits.leave_last_out(x, ties="order").test.item.tolist() == [3]
    reversed_rows = x.select(np.array([3, 2, 1, 0]))
    last = splits.leave_last_out(reversed_rows, ties="order").test.item
    assert last.tolist() == [1]
    many = np.repeat(np.arange(3000), 4)
    items, times = np.tile(np.arange(4), 3000), np.tile([5, 9, 9, 9], 3000)
    x = Interactions(many, items, items, times, range(3000), range(4))
    drawn = splits.leave_last_out(x, rng=8).test.item
    share = np.bincount(drawn, minlength=4) / 3000
    assert share[0] == 0
    assert np.abs(share[1:] - 1 / 3).max() < 0.045  # 5 standard errors


def test_two_in_five_movielens_users_have_a_tied_last_time(movielens):
    x = movielens.interactions
    both = splits.leave_last_out(x, n=2, rng=0).test.to_frame()
    assert len(both) == 2 * 943
    tied = both.groupby("user_id").timestamp.nunique() == 1
    assert tied.sum() == 415  # 44 %
    assert len(splits.leave_last_out(x, rng=0).test) == 943


@given(tables(), SHARES, SEEDS)
def test_cold_items_are_withheld_whole(x, share, seed):
    items = np.unique(x.item)
    assume(items.size > 1)
    split = splits.cold_items(x, share=share, rng=seed)
    assert_parts(split, x)
    assert set(split.test.item) == set(split.cold)
    assert not set(split.train.item) & set(split.cold)
    assert split.cold.size == min(max(round(share * items.size), 1), items.size - 1)


@given(tables(), SHARES, SEEDS, st.integers(0, 3))
def test_cold_users_keep_only_their_first_known_events(x, share, seed, known):
    count = np.bincount(x.user, minlength=6)
    assume((count > known).sum() > 1)
    split = splits.cold_users(x, share=share, rng=seed, known=known)
    assert_parts(split, x)
    assert set(split.test.user) == set(split.cold)
    eligible = (count > known).sum()
    assert split.cold.size == min(max(round(share * eligible), 1), eligible - 1)
    for user in split.cold:
        kept = split.train.timestamp[split.train.user == user]
        assert len(kept) == known
        rest = split.test.timestamp[split.test.user == user]
        assert not len(kept) or kept.max() <= rest.min()


@pytest.mark.parametrize(
    ("splitter", "column"),
    [(splits.cold_items, "item"), (splits.cold_users, "user")],
)
def test_every_item_or_user_is_as_likely_to_be_cold(splitter, column):
    """Whatever its number of events: popularity does not decide."""
    group = np.repeat(np.arange(5), [1, 2, 4, 8, 16])
    x = Interactions(group, group, group, group, range(5), range(5))
    rng = np.random.default_rng(11)
    drawn = np.concatenate([splitter(x, share=0.4, rng=rng).cold for _ in range(500)])
    assert np.abs(np.bincount(drawn, minlength=5) / 500 - 0.4).max() < 0.11


ROWS = pd.DataFrame(
    {"user_id": [1, 1, 2], "item_id": [7, 8, 8], "timestamp": [10, 20, 20]}
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: splits.random_split(x, test_share=0, rng=0), r"test_share: .*got 0"),
        (
            lambda x: splits.random_split(x, test_share=1.0, rng=0),
            "test_share: must be",
        ),
        (
            lambda x: splits.stratified_split(x, ratio=1.2),
            r"ratio: .*\(0, 1\), got 1.2",
        ),
        (lambda x: splits.stratified_split(x, by="genre"), "by: must be"),
        (lambda x: splits.stratified_split(x, ratio=0.99), "leaves the test part of 3"),
        (lambda x: splits.temporal_split(x), "exactly one of at and test_share"),
        (lambda x: splits.temporal_split(x, at=15, test_share=0.2), "exactly one"),
        (lambda x: splits.temporal_split(x, test_share=np.nan), "test_share: .*nan"),
        (lambda x: splits.temporal_split(x, at=21), "leaves the test part"),
        (lambda x: splits.temporal_split(x, at=10), "leaves the train part"),
        (lambda x: splits.leave_last_out(x, n=0, rng=0), "n: .* at least 1, got 0"),
        (lambda x: splits.leave_last_out(x, n=1.5, rng=0), "n: must be a whole number"),
        (lambda x: splits.leave_last_out(x, n=2, rng=0), "leaves the test part"),
        (lambda x: splits.leave_last_out(x), 'rng: needed where ties is "random"'),
        (lambda x: splits.leave_last_out(x, ties="id"), "ties: must be .*'id'"),
        (lambda x: splits.cold_items(x, share=-0.1, rng=0), "share: must be"),
        (lambda x: splits.cold_users(x, rng=0, known=-1), "known: .* at least 0"),
        (
            lambda x: splits.cold_users(x, rng=0, known=1),
            "x: needs two users with more than 1 event or more, got 1",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(Interactions.from_frame(ROWS))


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (lambda x: splits.random_split(x, rng=0), "needs two events or more, got 0"),
        (lambda x: splits.stratified_split(x), "leaves the train part of 0 events"),
        (lambda x: splits.temporal_split(x, test_share=0.2), "at two times or more"),
        (lambda x: splits.temporal_split(x, at=3), "leaves the train part of 0"),
        (lambda x: splits.leave_last_out(x, rng=0), "leaves the train part of 0"),
        (lambda x: splits.cold_items(x, rng=0), "two items with events or more, got 0"),
        (lambda x: splits.cold_users(x, rng=0), "more than 0 events or more, got 0"),
    ],
)
def test_an_empty_table_is_refused(splitter, message):
    with pytest.raises(ValueError, match=message):
        splitter(Interactions([], [], [], [], ["a", "b"], [1, 2]))


def test_all_splits_prove_themselves(monkeypatch):
    """Without the proof no splitter returns."""

    def refuse(self, whole):
        raise AssertionError("checked")

    monkeypatch.setattr(Split, "check", refuse)
    x = Interactions.from_frame(ROWS)
    for call in (
        lambda: splits.random_split(x, rng=0),
        lambda: splits.stratified_split(x, ratio=0.5),
        lambda: splits.temporal_split(x, at=15),
        lambda: splits.leave_last_out(x, rng=0),
        lambda: splits.cold_items(x, rng=0),
        lambda: splits.cold_users(x, rng=0),
    ):
        with pytest.raises(AssertionError, match="checked"):
            call()
