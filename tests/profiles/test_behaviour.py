"""Behaviour profiles against a plain loop, and by hand."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.profiles.behaviour import history_weights, last_events, profile

DAY = 86_400
WEIGHTINGS = {
    "mean": {},
    "value": {},
    "rating": {},
    "recency": {"half_life": 40.0 * DAY},
    "order": {"half_life": 3.0},
}
every = pytest.mark.parametrize("weighting", WEIGHTINGS)


@pytest.fixture
def rated():
    """Events in no order, with repeats, equal seconds and a user without any."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user_id": rng.integers(0, 15, 200),
            "item_id": rng.integers(0, 12, 200),
            "value": rng.integers(1, 6, 200),
            "timestamp": rng.integers(0, 30, 200) * 10 * DAY,
        }
    )
    return Interactions.from_frame(frame, user_ids=range(16), item_ids=range(12))


@pytest.fixture
def vectors():
    return np.random.default_rng(1).normal(size=(12, 4)).astype(np.float32) + 2


def loop_weights(x, weighting, half_life=None):
    """Return one weight an event, user by user."""
    weights = np.zeros(len(x))
    for user in range(x.n_users):
        rows = np.flatnonzero(x.user == user).tolist()
        times, values = x.timestamp[rows].tolist(), x.value[rows].tolist()
        raw = [1.0] * len(rows)
        for place, (time, value) in enumerate(zip(times, values, strict=True)):
            if weighting == "value":
                raw[place] = value
            elif weighting == "rating":
                raw[place] = value - sum(values) / len(values)
            elif weighting == "recency":
                raw[place] = 0.5 ** ((max(times) - time) / half_life)
            elif weighting == "order":
                later = sum(other > time for other in times)
                beside = times.count(time) - 1
                raw[place] = 0.5 ** ((later + beside / 2) / half_life)
        for row, weight in zip(rows, raw, strict=True):
            weights[row] = weight / sum(map(abs, raw))
    return weights


@every
def test_weights_and_profiles_are_those_of_a_plain_loop(rated, vectors, weighting):
    options = WEIGHTINGS[weighting]
    by_event = loop_weights(rated, weighting, **options)
    expected = np.zeros((16, 12))
    for user, item, weight in zip(rated.user, rated.item, by_event, strict=True):
        expected[user, item] += weight
    ours = history_weights(rated, weighting, **options)
    np.testing.assert_allclose(ours.toarray(), expected, atol=1e-12)
    u = profile(rated, vectors, weighting=weighting, **options)
    assert u.dtype == np.float32
    np.testing.assert_allclose(u, expected @ vectors, atol=1e-5)


@every
def test_a_user_without_events_has_a_profile_of_zeros(rated, vectors, weighting):
    options = WEIGHTINGS[weighting]
    assert (profile(rated, vectors, weighting=weighting, **options)[15] == 0).all()
    centred = profile(
        rated, vectors, weighting=weighting, centre=vectors.mean(axis=0), **options
    )
    assert (centred[15] == 0).all()
    nobody = rated.select(np.zeros(len(rated), dtype=bool))
    assert (profile(nobody, vectors, weighting=weighting, **options) == 0).all()


@every
def test_a_single_event_is_the_profile(vectors, weighting):
    x = Interactions([0], [3], [4.0], [5], [1], range(12))
    ours = profile(x, vectors, weighting=weighting, **WEIGHTINGS[weighting])
    np.testing.assert_allclose(ours, vectors[[3]], rtol=1e-6)


@every
def test_the_order_of_the_table_does_not_matter(rated, vectors, weighting):
    options = WEIGHTINGS[weighting]
    shuffled = rated.select(np.random.default_rng(2).permutation(len(rated)))
    np.testing.assert_allclose(
        profile(shuffled, vectors, weighting=weighting, **options),
        profile(rated, vectors, weighting=weighting, **options),
        atol=1e-6,
    )


@every
def test_events_at_times_far_apart_and_long_ago_are_finite(vectors, weighting):
    x = Interactions(
        [0, 0, 1], [0, 1, 2], [1, 2, 3], [-(2**40), 2**40, -(2**60)], [1, 2], range(12)
    )
    u = profile(x, vectors, weighting=weighting, **WEIGHTINGS[weighting])
    assert np.isfinite(u).all()
    np.testing.assert_allclose(u[1], vectors[2], rtol=1e-6)


def test_centred_profiles_are_moved_by_the_centre(rated, vectors):
    centre = vectors.mean(axis=0)
    moved = profile(rated, vectors) - centre
    np.testing.assert_allclose(
        profile(rated, vectors, centre=centre)[:15], moved[:15], atol=1e-5
    )


def test_centred_ratings_do_not_see_what_all_items_share(rated, vectors):
    plain = profile(rated, vectors, weighting="rating")
    shifted = profile(rated, vectors + 100, weighting="rating")
    np.testing.assert_allclose(plain, shifted, atol=1e-4)


def test_what_a_user_liked_less_than_usual_counts_against_its_like():
    x = Interactions([0, 0], [0, 1], [5, 1], [0, 0], [1], [1, 2])
    assert profile(x, np.eye(2), weighting="rating").tolist() == [[0.5, -0.5]]


@pytest.mark.parametrize(
    ("weighting", "value"), [("rating", 4.0), ("rating", 0.1), ("value", 0.0)]
)
def test_values_that_are_all_alike_count_as_the_mean(weighting, value):
    x = Interactions([0] * 3, range(3), [value] * 3, [0] * 3, [1], range(3))
    ours = history_weights(x, weighting).toarray()
    np.testing.assert_allclose(ours, np.full((1, 3), 1 / 3))  # 3 x 0.1 / 3 > 0.1


def test_half_lives_by_hand():
    x = Interactions([0, 0, 0], [0, 1, 2], [1, 1, 1], [0, 60, 120], [1], [1, 2, 3])
    by_time = history_weights(x, "recency", half_life=60).toarray()
    np.testing.assert_allclose(by_time, [[1 / 7, 2 / 7, 4 / 7]])
    by_place = history_weights(x, "order", half_life=2).toarray()
    half = 0.5**0.5
    np.testing.assert_allclose(by_place, np.array([[0.5, half, 1]]) / (1.5 + half))


def test_events_of_one_second_share_their_place():
    x = Interactions([0] * 4, range(4), [1] * 4, [9, 5, 9, 9], [1], range(4))
    weights = history_weights(x, "order", half_life=1).toarray()[0]
    assert weights[0] == weights[2] == weights[3]
    assert weights[1] / weights[0] == pytest.approx(0.5**2)  # places 3 and 1


def test_the_last_events_are_each_users_own():
    rng = np.random.default_rng(3)
    x = Interactions(
        rng.integers(0, 9, 120),
        rng.integers(0, 5, 120),
        np.ones(120),
        rng.permutation(120),
        range(10),
        range(5),
    )
    kept = last_events(x, 4, rng=0)
    for user in range(10):
        times = sorted(x.timestamp[x.user == user].tolist())[-4:]
        assert sorted(kept.timestamp[kept.user == user].tolist()) == times
    assert kept.n_users == 10
    rows = [x.timestamp.tolist().index(time) for time in kept.timestamp]
    assert rows == sorted(rows)  # the order of the table


def test_events_of_one_second_are_cut_by_the_seed_and_not_by_row():
    x = Interactions(
        [0] * 100, range(100), np.ones(100), [5] * 99 + [6], [1], range(100)
    )
    cuts = [last_events(x, 11, rng=seed).item for seed in range(60)]
    assert (cuts[7] == last_events(x, 11, rng=7).item).all()
    assert all(99 in cut for cut in cuts)  # the one later event always stays
    share = np.bincount(np.concatenate(cuts), minlength=100)[:99] / 60
    assert np.abs(share - 10 / 99).max() < 0.2
    assert len({tuple(cut.tolist()) for cut in cuts}) == 60


def test_a_short_history_is_kept_whole(rated):
    assert len(last_events(rated, 1000, rng=0)) == len(rated)
    assert len(last_events(rated.select([]), 3, rng=0)) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weighting": "median"}, "weighting: must be one of .* got 'median'"),
        ({"weighting": "recency"}, "half_life: must be > 0 for 'recency', got None"),
        (
            {"weighting": "order", "half_life": 0.0},
            "half_life: must be > 0 for 'order'",
        ),
        ({"weighting": "order", "half_life": np.nan}, "half_life: must be > 0"),
        ({"half_life": 3.0}, r"half_life: only for \('recency', 'order'\), got 3.0"),
        ({"centre": np.ones(3)}, "centre: must have length 4, got 3"),
        ({"centre": np.full(4, np.nan)}, "centre: must be finite"),
    ],
)
def test_bad_options_are_named(rated, vectors, options, message):
    with pytest.raises(ValueError, match=message):
        profile(rated, vectors, **options)


def test_vectors_must_be_those_of_the_items(rated, vectors):
    with pytest.raises(ValueError, match=r"vectors: must have shape \[12, D\]"):
        profile(rated, vectors[:11])
    vectors[3, 2] = np.inf
    with pytest.raises(ValueError, match="vectors: must be finite, got inf in row 3"):
        profile(rated, vectors)


def test_a_negative_value_is_no_weight():
    x = Interactions([0], [0], [-2.0], [0], [1], [1])
    with pytest.raises(ValueError, match="value: must not be negative, got -2"):
        history_weights(x, "value")


def test_fewer_than_one_event_cannot_be_kept(rated):
    with pytest.raises(ValueError, match="n: must be a whole number of at least 1"):
        last_events(rated, 0, rng=0)
