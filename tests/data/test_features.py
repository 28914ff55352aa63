"""Features: each against a plain loop, NaN where nothing is known."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.features import (
    DAY,
    activity,
    genre_profile,
    item_age,
    item_features,
    mean_value,
    popularity,
    recency,
    span,
    user_features,
)
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items

EVENTS = [  # user, item, value, timestamp; ann sees 10 twice, dan sees nothing
    ("ann", 10, 5.0, 100),
    ("bob", 30, 2.0, 50),
    ("ann", 10, 4.0, 400),
    ("ann", 20, 3.0, 250),
    ("cat", 30, 1.0, 60),
]
USERS, ITEMS = ["ann", "bob", "cat", "dan"], [10, 20, 30, 40]
NOW = 1_000


@pytest.fixture
def events():
    frame = pd.DataFrame(EVENTS, columns=["user_id", "item_id", "value", "timestamp"])
    return Interactions.from_frame(frame, user_ids=USERS, item_ids=ITEMS)


@pytest.fixture
def items():
    return Items(
        ids=ITEMS,
        title=["Alien", "Brazil", "Casablanca", "Duck Soup"],
        year=[1979, 1985, np.nan, 1933],
        genres=[[1, 1], [0, 1], [0, 0], [1, 0]],
        genre_names=("Horror", "Sci-Fi"),
    )


def loop(by, summary):
    """Gather each one's events in a list and summarise it."""
    names, place = (USERS, 0) if by == "user" else (ITEMS, 1)
    groups = [[event for event in EVENTS if event[place] == name] for name in names]
    return [summary(group) if group else np.nan for group in groups]


def test_activity_counts_events_and_popularity_counts_users(events):
    assert activity(events).tolist() == [3, 1, 1, 0]
    assert popularity(events).tolist() == [1, 1, 2, 0]


@pytest.mark.parametrize("by", ["user", "item"])
def test_times_and_means_are_those_of_a_plain_loop(events, by):
    def times(group):
        return [event[3] for event in group]

    for computed, expected in (
        (recency(events, NOW, by), loop(by, lambda group: NOW - max(times(group)))),
        (
            span(events, by),
            loop(by, lambda group: max(times(group)) - min(times(group))),
        ),
        (
            mean_value(events, by),
            loop(by, lambda group: sum(event[2] for event in group) / len(group)),
        ),
    ):
        np.testing.assert_array_equal(computed, expected)


def test_a_genre_profile_is_the_share_of_events(events, items):
    np.testing.assert_allclose(
        genre_profile(events, items),
        [[2 / 3, 1], [0, 0], [0, 0], [np.nan, np.nan]],
    )


def test_item_age_counts_calendar_years(items):
    new_year = int(pd.Timestamp("1998-01-01").timestamp())
    np.testing.assert_array_equal(item_age(items, new_year), [19, 13, np.nan, 65])
    np.testing.assert_array_equal(item_age(items, new_year - 1), [18, 12, np.nan, 64])


def test_tables_hold_the_features_by_id(events, items):
    users = user_features(events, items, now=NOW)
    assert users.index.tolist() == USERS
    assert list(users.columns) == [
        *("activity", "mean_value", "recency", "span", "Horror", "Sci-Fi")
    ]
    assert users.loc["ann"].tolist() == pytest.approx(
        [3, 4, 600 / DAY, 300 / DAY, 2 / 3, 1]
    )
    assert users.loc["dan", "activity"] == 0
    assert users.loc["dan"].isna().sum() == 5
    films = item_features(events, items, now=NOW)
    assert films.index.tolist() == ITEMS
    assert films.loc[30, ["popularity", "mean_value", "text"]].tolist() == [
        *(2, 1.5, "Casablanca")
    ]
    assert films.loc[40].isna().to_dict() == {
        **dict.fromkeys(["popularity", "year", "age", "text"], False),
        **dict.fromkeys(["mean_value", "recency", "span"], True),
    }


def test_features_of_a_train_part_do_not_see_the_test_part(events, items):
    train = events.select(events.timestamp < 200)
    later = events.select(events.timestamp >= 200)
    assert len(later)
    assert activity(train).tolist() == [1, 1, 1, 0]
    assert genre_profile(train, items)[0].tolist() == [1, 1]
    with pytest.raises(ValueError, match=r"now: must be at or after .*400.* got 200"):
        recency(events, 200)


def test_no_events_at_all_give_zeros_and_nan(events, items):
    nothing = events.select(np.array([], dtype=int))
    assert activity(nothing).tolist() == [0] * 4
    assert popularity(nothing).tolist() == [0] * 4
    for feature in (
        recency(nothing, NOW),
        span(nothing),
        mean_value(nothing),
        genre_profile(nothing, items),
    ):
        assert np.isnan(feature).all()


def test_other_items_and_other_groupings_are_refused(events, items):
    turned = items.select(np.array([1, 0, 2, 3]))
    for call in (
        lambda: genre_profile(events, turned),
        lambda: user_features(events, turned, now=NOW),
        lambda: item_features(events, turned, now=NOW),
    ):
        with pytest.raises(ValueError, match="items: must be the 4 items"):
            call()
    with pytest.raises(ValueError, match="by: must be 'user' or 'item', got 'genre'"):
        span(events, by="genre")


def test_on_the_real_data_totals_come_back(movielens):
    events, items = movielens.interactions, movielens.items
    now = int(events.timestamp.max())
    assert activity(events).sum() == popularity(events).sum() == 100_000
    assert activity(events).min() == 20
    weighted = (mean_value(events) * activity(events)).sum() / len(events)
    assert weighted == pytest.approx(events.value.mean(), abs=1e-12)
    assert recency(events, now).min() == 0
    counted = genre_profile(events, items).T @ activity(events)
    np.testing.assert_allclose(counted, items.genres[events.item].sum(axis=0))
