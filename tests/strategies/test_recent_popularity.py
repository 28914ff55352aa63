"""Recent popularity: against a plain loop, and at its two ends."""

import math

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.recent_popularity import RecentPopularity


def table(item, time):
    n = len(item)
    return Interactions(np.arange(n), item, np.ones(n), time, range(n), range(6))


def test_every_event_counts_by_its_age():
    rng = np.random.default_rng(0)
    item, time = rng.integers(5, size=40), rng.integers(100_000, size=40)
    found = RecentPopularity(half_life=7000.0).fit(table(item, time)).score([0])[0]
    for each in range(6):
        ages = [time.max() - t for i, t in zip(item, time, strict=True) if i == each]
        assert found[each] == pytest.approx(
            math.log1p(sum(2 ** (-a / 7000) for a in ages))
        )
    assert found[5] == 0


def test_without_end_it_is_popularity_and_at_once_the_last_event():
    item, time = [0, 0, 0, 1, 1, 2], [0, 1, 2, 3, 4, 5]
    events = table(item, time)
    forever = RecentPopularity(half_life=np.inf).fit(events).score([0])
    np.testing.assert_allclose(np.expm1(forever), Popularity().fit(events).score([0]))
    now = RecentPopularity(half_life=0.01).fit(events)
    assert now.recommend([0], k=1, exclude_seen=False).items.tolist() == [[2]]


def test_an_order_once_is_the_order_later():
    events = table([0, 0, 1], [0, 0, 50])
    later = table([0, 0, 1, 5], [0, 0, 50, 900])
    model = RecentPopularity(half_life=100.0)
    first, second = model.fit(events).score([0])[0], model.fit(later).score([0])[0]
    assert (first[0] > first[1]) == (second[0] > second[1])


def test_no_events_and_no_half_life():
    empty = Interactions([], [], [], [], range(3), range(4))
    assert not RecentPopularity().fit(empty).score([1]).any()
    with pytest.raises(ValueError, match="half_life: must be a finite number > 0"):
        RecentPopularity(half_life=0.0).fit(empty)
