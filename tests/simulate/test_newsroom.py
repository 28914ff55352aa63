"""The newsroom keeps the rules that it states: arrivals, visits, ages, positions."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.newsroom import (
    make_newsroom,
    random_pages,
    share_by_age,
    visits,
)


@pytest.fixture(scope="module")
def room():
    return make_newsroom(400, days=6, rng=1)


@pytest.fixture(scope="module")
def pages(room):
    return random_pages(room, k=15, eta=0.5, rng=2)


def test_arrivals_are_a_poisson_process():
    counts = [
        len(make_newsroom(1, days=1, articles_per_hour=4.0, rng=seed).published)
        for seed in range(400)
    ]
    assert np.mean(counts) == pytest.approx(96, abs=4 * np.sqrt(96 / 400))
    assert np.var(counts) == pytest.approx(96, rel=0.25)
    long = make_newsroom(1, days=60, articles_per_hour=4.0, rng=0)
    waits = np.diff(long.world.arrival)
    assert stats.kstest(waits, "expon", args=(0, 1 / 4)).pvalue > 0.01


def test_the_odds_of_a_click_halve_with_every_half_life(room):
    item = int(np.searchsorted(room.world.arrival, 30.0))
    born = room.world.arrival[item]
    chance = [room.world.attraction([5], born + 6.0 * n)[0, item] for n in range(4)]
    odds = np.array(chance) / (1 - np.array(chance))
    np.testing.assert_allclose(odds[1:] / odds[:-1], 0.5)


def test_an_article_is_on_the_site_for_its_lifetime(room):
    for now in (0.0, 40.0, 143.0):
        due = [
            item
            for item, born in enumerate(room.world.arrival)
            if born <= now < born + 24
        ]
        assert room.alive(now).tolist() == due


def test_visits_follow_the_day(room):
    _, hours = visits(replace(room, visits_per_day=40_000), rng=3)
    for start in (0, 8, 16, 20):  # the integral of the rate over four hours
        due = 6 * np.mean(room.visit_rate(start + np.linspace(0, 4, 4001))) * 4
        due *= 40_000 / room.visits_per_day
        found = ((hours % 24 >= start) & (hours % 24 < start + 4)).sum()
        assert found == pytest.approx(due, abs=5 * np.sqrt(due))
    assert room.visit_rate(20.0) / room.visit_rate(8.0) == pytest.approx(1.8 / 0.2)


def test_readers_come_by_their_activity(room):
    readers, _ = visits(replace(room, visits_per_day=200_000), rng=4)
    found = np.bincount(readers, minlength=400)
    due = room.activity * len(readers)
    assert np.abs(found - due).max() < 6 * np.sqrt(due.max())


def test_pages_show_what_is_on_the_site_and_nothing_twice(room, pages):
    read = [set() for _ in range(400)]
    for user, time, shown, hit in zip(
        pages.user, pages.timestamp, pages.shown, pages.clicked, strict=True
    ):
        age = time / 3600 - room.world.arrival[shown]
        assert (age >= 0).all()
        assert (age < 24 + 1 / 3600).all()
        assert not read[user] & set(shown)
        read[user] |= set(shown[hit])
    assert (np.diff(pages.timestamp) >= 0).all()
    assert pages.timestamp.min() >= 24 * 3600


def test_clicks_are_as_many_as_taste_age_and_place_imply(room, pages):
    shown = np.stack(pages.shown)
    expected = room.expected_clicks(pages.user, shown, pages.timestamp / 3600, eta=0.5)
    clicked = np.stack(pages.clicked)
    spread = np.sqrt((expected * (1 - expected)).sum(axis=0))
    gap = (clicked.sum(axis=0) - expected.sum(axis=0)) / spread
    assert np.abs(gap).max() < 4, "at every place"
    flat = expected / position_examination(15, 0.5)
    np.testing.assert_allclose(
        flat[0],
        room.world.attraction([pages.user[0]], pages.timestamp[0] / 3600)[0, shown[0]],
    )


def test_the_share_of_clicks_by_age_is_the_integral(room):
    many = random_pages(replace(room, visits_per_day=6000), k=15, eta=0.5, rng=5)
    clicks = many.clicks()
    ages = clicks.timestamp / 3600 - room.world.arrival[clicks.item]
    for limit, due in zip(
        (3, 6, 12), share_by_age(room, np.array([3, 6, 12])), strict=True
    ):
        assert (ages < limit).mean() == pytest.approx(due, abs=0.025)
    assert share_by_age(room, np.array([0.0, 24.0])).tolist() == [0, 1]


def test_a_breaking_story_draws_everyone():
    room = make_newsroom(200, days=3, rng=0, breaking={40.0: 4.0}, quality_spread=0.0)
    (story,) = room.breaking
    assert room.world.arrival[story] >= 40
    assert room.world.arrival[story - 1] < 40
    now = room.world.arrival[story]
    attraction = room.world.attraction(np.arange(200), now)
    alive = room.alive(now)
    assert (attraction[:, story] > 0.8).all()
    assert np.median(attraction[:, alive]) < 0.4


def test_sections_hold_three_topics_each(room):
    pairs = {(topic, topic // 3) for topic in room.world.item_topic}
    assert set(zip(room.world.item_topic, room.section, strict=True)) == pairs
    assert set(room.section) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_readers": 0}, "n_readers: .* at least 1, got 0"),
        ({"days": 0}, "days: must be a finite number > 0"),
        ({"half_life": -1.0}, "half_life: .* got -1.0"),
        ({"swing": 1.0}, r"swing: must be in \[0, 1\), got 1.0"),
        ({"breaking": {99.0: 1.0}}, "no article arrives after hour 99.0"),
    ],
)
def test_wrong_rooms_are_refused(changed, message):
    given = {"n_readers": 5, "days": 1} | changed
    with pytest.raises(ValueError, match=message):
        make_newsroom(given.pop("n_readers"), rng=0, **given)
