"""Conditional means against a regression by hand, and on planted topics."""

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.popularity import Popularity


@pytest.fixture(scope="module")
def planted():
    return planted_topics(
        200, 40, 4, events_per_user=8, noise=0.1, rng=0, concentration=0.1
    )


def test_one_known_item_moves_each_score_by_its_regression_slope(planted):
    """By loops, in the textbook's words: mean + cov / (var + noise) (1 - mean)."""
    x = planted.interactions
    rows = x.matrix().toarray()
    model = ConditionalMean(noise=0.3).fit(x)
    one = Interactions([0], [7], [1], [0], ["new"], x.item_ids)
    expected = []
    for item in range(x.n_items):
        together = (
            (rows[:, item] - rows[:, item].mean()) * (rows[:, 7] - rows[:, 7].mean())
        ).mean()
        slope = together / (rows[:, 7].var() + 0.3)
        expected.append(rows[:, item].mean() + slope * (1 - rows[:, 7].mean()))
    assert model.fold_in(one).score([0])[0] == pytest.approx(expected, abs=1e-5)


def test_many_known_items_give_the_conditional_mean_of_the_gaussian(planted):
    """By the precision matrix, another way to the same formula."""
    x = planted.interactions
    model = ConditionalMean(noise=0.2).fit(x)
    known = np.sort(x.item[x.user == 3])
    rest = np.setdiff1d(np.arange(x.n_items), known)
    rows = x.matrix().toarray()
    precision = np.linalg.inv(np.cov(rows.T, bias=True) + 0.2 * np.eye(x.n_items))
    surprise = 1 - rows[:, known].mean(axis=0)
    shift = -np.linalg.solve(
        precision[np.ix_(rest, rest)], precision[np.ix_(rest, known)] @ surprise
    )
    expected = rows[:, rest].mean(axis=0) + shift
    assert model.score([3])[0, rest] == pytest.approx(expected, abs=1e-4)


def test_nobody_gets_popularity_and_users_without_events_do_not_count(planted):
    x = planted.interactions
    some = x.select(x.user < 150)
    model = ConditionalMean().fit(some)
    share = some.matrix().sum(axis=0) / 150
    assert model.score([180])[0] == pytest.approx(share, abs=1e-6)
    lists = [
        each.fit(some).recommend([180], k=9).items
        for each in (ConditionalMean(), Popularity())
    ]
    assert (lists[0] == lists[1]).all()


def test_with_few_known_items_topics_are_found(planted):
    x = planted.interactions
    train, new = x.select(x.user < 150), x.select(x.user >= 150)
    place = new.timestamp // x.n_users
    first = new.select(place < 3)
    ranking = (
        ConditionalMean(0.1)
        .fit(train)
        .fold_in(first)
        .recommend(np.arange(150, 200), k=5)
    )
    own = planted.item_topic[ranking.items] == planted.user_topic[150:, None]
    assert own.mean() > 0.7  # by chance 0.25


@pytest.mark.parametrize("noise", [0.0, -1.0, np.nan, np.inf])
def test_a_bad_noise_is_named(planted, noise):
    with pytest.raises(ValueError, match="noise: must be a finite number > 0"):
        ConditionalMean(noise).fit(planted.interactions)


def test_a_covariance_that_would_not_fit_is_refused(planted):
    with pytest.raises(ValueError, match="40 items need a covariance of 6,400 bytes"):
        ConditionalMean(max_bytes=6_399).fit(planted.interactions)
