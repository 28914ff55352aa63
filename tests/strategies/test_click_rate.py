"""Clicks per look: against a plain loop; what is not known yet does not count."""

import math

import numpy as np
import pytest

from recsys_ref.data.impressions import Impressions
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.click_rate import ClickRate

CHANCE = np.array([1.0, 0.6, 0.3])


@pytest.fixture(scope="module")
def pages():
    rng = np.random.default_rng(0)
    shown = [rng.permutation(6)[: rng.integers(1, 4)] for _ in range(90)]
    return Impressions.from_lists(
        rng.integers(5, size=90), np.arange(90), shown,
        [rng.random(len(row)) < 0.3 for row in shown],
        item_ids=range(8), user_ids=range(5),
    )  # fmt: skip


def by_loop(pages, before, m):
    clicks, looks = [0.0] * 8, [0.0] * 8
    for time, shown, hit in zip(
        pages.timestamp, pages.shown, pages.clicked, strict=True
    ):
        if time <= before:
            for place, item in enumerate(shown):
                looks[item] += CHANCE[place]
                clicks[item] += hit[place]
    r = sum(clicks) / sum(looks)
    return [
        math.log((c + m * r) / (s + m) / r) for c, s in zip(clicks, looks, strict=True)
    ]


@pytest.mark.parametrize("last", [40, 89])
def test_it_is_the_smoothed_rate_of_what_was_known(pages, last):
    clicks = pages.clicks()
    some = clicks.select(clicks.timestamp <= last)
    model = ClickRate(pages.looks(CHANCE), prior=2.0).fit(some)
    due = by_loop(pages, some.timestamp.max(), 2.0)
    np.testing.assert_allclose(model.score([0])[0], due, atol=1e-6)
    assert model.score([0])[0, 6:].tolist() == [0, 0]


def test_twice_as_often_shown_is_not_twice_as_good():
    shown = Impressions.from_lists(
        [0] * 30, range(30), [[0, 1]] * 10 + [[0]] * 20,
        [[True, True]] * 5 + [[False, False]] * 5 + [[True]] * 5 + [[False]] * 15,
        item_ids=range(2),
    )  # fmt: skip
    scores = ClickRate(shown.looks(CHANCE[:2])).fit(shown.clicks()).score([0])[0]
    assert scores[1] > scores[0], "five of six looks beat ten of thirty"


def test_without_events_or_looks_all_are_average(pages):
    looks, clicks = pages.looks(CHANCE), pages.clicks()
    for events, seen in (
        (clicks.select([]), looks),
        (clicks, looks.select([])),
    ):
        assert not ClickRate(seen).fit(events).score([0]).any()


def test_wrong_arguments_are_named(pages):
    looks, clicks = pages.looks(CHANCE), pages.clicks()
    with pytest.raises(ValueError, match="prior: must be a finite number > 0"):
        ClickRate(looks, prior=0.0).fit(clicks)
    other = Interactions([0], [0], [1], [0], [0], [99])
    with pytest.raises(ValueError, match="must have the 8 items of the events"):
        ClickRate(other).fit(clicks)
    with pytest.raises(ValueError, match=r"looks: must be >= 0, got -1\.0"):
        ClickRate(Interactions([0], [0], [-1], [0], [0], range(8))).fit(clicks)
    with pytest.raises(ValueError, match="examination: must reach the 3 places"):
        pages.looks(CHANCE[:2])
