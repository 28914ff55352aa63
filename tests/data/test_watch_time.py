"""Labels of minutes against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.watch_time import completion_share, duration_quantile


@given(seed=st.integers(0, 10_000))
def test_the_quantile_is_that_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    duration = rng.choice([3.0, 20.0, 90.0], size=30, p=[0.3, 0.3, 0.4])
    minutes = np.minimum(duration, rng.integers(0, 60, 30).astype(float))
    ours = duration_quantile(minutes, duration, buckets=30)  # one a duration
    for i in range(30):
        rivals = [m for m, d in zip(minutes, duration, strict=True) if d == duration[i]]
        less = sum(m < minutes[i] for m in rivals)
        equal = sum(m == minutes[i] for m in rivals)
        assert ours[i] == pytest.approx((less + equal / 2) / len(rivals))


@given(seed=st.integers(0, 10_000), buckets=st.integers(1, 8))
def test_every_bucket_has_the_mean_one_half_and_about_its_share(seed, buckets):
    rng = np.random.default_rng(seed)
    duration = rng.permutation(np.arange(1.0, 81.0))
    minutes = duration * rng.random(80)
    ours = duration_quantile(minutes, duration, buckets=buckets)
    parts = np.array_split(np.argsort(duration), buckets)
    assert ours.mean() == pytest.approx(0.5)
    if 80 % buckets == 0:
        for part in parts:
            assert ours[part].mean() == pytest.approx(0.5)


def test_equal_durations_stay_together_and_units_do_not_matter():
    duration = np.array([5.0, 5.0, 5.0, 5.0, 7.0])
    minutes = np.array([1.0, 2.0, 3.0, 4.0, 7.0])
    ours = duration_quantile(minutes, duration, buckets=2)
    np.testing.assert_allclose(ours, [0.125, 0.375, 0.625, 0.875, 0.5])
    seconds = duration_quantile(60 * minutes, 60 * duration, buckets=2)
    np.testing.assert_array_equal(ours, seconds)


def test_one_bucket_orders_by_minutes():
    minutes, duration = np.array([9.0, 2.0, 4.0]), np.array([9.0, 2.0, 90.0])
    ours = duration_quantile(minutes, duration, buckets=1)
    assert np.argsort(ours).tolist() == np.argsort(minutes).tolist()


def test_the_share_is_of_the_length_and_nothing_gives_nothing():
    shares = completion_share(np.array([0.0, 30.0]), np.array([10.0, 30.0]))
    assert shares.tolist() == [0, 1]
    empty = np.zeros(0)
    assert completion_share(empty, empty).size == 0
    assert duration_quantile(empty, empty, buckets=3).size == 0


@pytest.mark.parametrize(
    ("minutes", "duration"),
    [([11.0], [10.0]), ([-1.0], [10.0]), ([0.0], [0.0]), ([np.nan], [10.0])],
)
def test_impossible_minutes_are_named(minutes, duration):
    for label in (completion_share, lambda m, d: duration_quantile(m, d, buckets=2)):
        with pytest.raises(ValueError, match=r"minutes: must be in \[0, duration\]"):
            label(np.array(minutes), np.array(duration))


def test_other_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="of one length"):
        completion_share(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="buckets: must be a whole number"):
        duration_quantile(np.ones(2), np.ones(2), buckets=0)
