"""Weights by the length of the history."""

import numpy as np
import pytest

from recsys_ref.data.synthetic import planted_topics
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.warm_up import WarmUp

PARTS = [Popularity(), EASE(l2=5.0)]


@pytest.fixture(scope="module")
def table():
    x = planted_topics(60, 30, 3, events_per_user=6, noise=0.2, rng=1).interactions
    return x.select(x.timestamp // 60 < x.user % 7)  # user u keeps u % 7 events


def z(row):
    return np.zeros_like(row) if np.ptp(row) == 0 else (row - row.mean()) / row.std()


def test_scores_are_those_of_a_plain_loop(table):
    weights = {0: (1.0, 0.0), 2: (0.5, 0.5), 5: (0.0, 2.0)}
    model = WarmUp(PARTS, weights).fit(table)
    popular, ease = (part.fit(table) for part in (Popularity(), EASE(l2=5.0)))
    for user in range(20):
        known = int((table.user == user).sum())
        of_popularity, of_ease = weights[0 if known < 2 else 2 if known < 5 else 5]
        expected = of_popularity * z(popular.score([user])[0].astype(float))
        expected += of_ease * z(ease.score([user])[0].astype(float))
        assert model.score([user])[0] == pytest.approx(expected, abs=1e-5)


def test_who_is_new_gets_popularity_though_ease_knows_nothing(table):
    model = WarmUp(PARTS, {0: (0.1, 1.0)}).fit(table)
    popular = Popularity().fit(table)
    assert (table.user != 0).all()
    lists = [each.recommend([0], k=8).items for each in (model, popular)]
    assert (lists[0] == lists[1]).all()


def test_the_weights_follow_a_history_that_grows(table):
    model = WarmUp(PARTS, {0: (1, 0), 6: (0, 1)}).fit(table)
    longest = table.select(table.user == 6)
    shorter = longest.select(np.arange(len(longest)) < 5)
    popular = Popularity().fit(table).score([6])[0]
    few = model.fold_in(shorter).score([6])[0]
    many = model.fold_in(longest).score([6])[0]
    assert few == pytest.approx(z(popular.astype(float)), abs=1e-5)
    assert np.abs(many - few).max() > 0.1


def test_the_parts_given_stay_as_they_are(table):
    part = Popularity()
    WarmUp([part], {0: (1,)}).fit(table)
    assert not hasattr(part, "seen_")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({1: (1, 1)}, "must have some from 0 on"),
        ({0: (1, 1), -1: (1, 1)}, "must be for whole numbers, got -1"),
        ({0: (1, 1), 0.5: (1, 1)}, "must be for whole numbers, got 0.5"),
        ({0: (1,)}, "must be 2 finite numbers, one a part"),
        ({0: (1, np.nan)}, "must be 2 finite numbers, one a part"),
    ],
)
def test_bad_weights_are_named(table, weights, message):
    with pytest.raises(ValueError, match=message):
        WarmUp(PARTS, weights).fit(table)
