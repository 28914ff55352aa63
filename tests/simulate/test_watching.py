"""Simulated minutes against their closed-form expectations."""

import numpy as np
import pytest

from recsys_ref.simulate.watching import Watching
from recsys_ref.simulate.world import make_world


@pytest.fixture
def watching():
    world = make_world(3, 8, 2, rng=0)
    return Watching(world, duration=np.geomspace(2, 200, 8), pace=15.0)


def test_patience_is_the_pace_times_the_odds_of_a_click(watching):
    users = np.arange(3)
    chance = watching.world.attraction(users)
    np.testing.assert_allclose(watching.patience(users), 15 * chance / (1 - chance))


@pytest.mark.parametrize(("user", "item"), [(0, 0), (1, 3), (2, 7)])
def test_plays_have_the_expected_minutes_share_and_ends(watching, user, item):
    n = 40_000
    minutes = watching.watch(np.full(n, user), np.full(n, item), rng=1)
    d = watching.duration[item]
    for values, expected in (
        (minutes, watching.expected_minutes([user])[0, item]),
        (minutes / d, watching.expected_share([user])[0, item]),
        (minutes == d, watching.finished([user])[0, item]),
    ):
        error = max(values.std(), 0.01) / np.sqrt(n)
        assert abs(values.mean() - expected) < 4 * error


def test_the_expectations_are_the_integrals_of_the_chance_to_be_there_still(watching):
    m = watching.patience([1])[0]
    for item, d in enumerate(watching.duration):
        t = np.linspace(0, d, 200_001)
        still = np.exp(-t / m[item])
        integral = ((still[1:] + still[:-1]) / 2 * np.diff(t)).sum()
        ours = watching.expected_minutes([1])[0, item]
        assert ours == pytest.approx(integral, rel=1e-6)


def test_longer_items_get_more_minutes_and_a_smaller_share(watching):
    world = make_world(3, 8, 2, rng=0, quality_spread=0.0, sharpness=0.0)
    same = Watching(world, duration=watching.duration)
    assert (np.diff(same.expected_minutes([0])[0]) > 0).all()
    assert (np.diff(same.expected_share([0])[0]) < 0).all()


def test_the_same_seed_gives_the_same_minutes(watching):
    users, items = np.array([0, 1, 2]), np.array([7, 7, 0])
    a, b, c = (watching.watch(users, items, rng=seed) for seed in (3, 3, 4))
    assert (a == b).all()
    assert (a != c).any()


def test_wrong_arguments_are_named(watching):
    with pytest.raises(ValueError, match="duration: must be 8 finite minutes > 0"):
        Watching(watching.world, duration=np.zeros(8))
    with pytest.raises(ValueError, match=r"got shape \(3,\)"):
        Watching(watching.world, duration=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="pace: must be a finite number > 0"):
        Watching(watching.world, duration=np.ones(8), pace=0.0)
