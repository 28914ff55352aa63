import numpy as np
import pytest
from scipy.special import expit

from recsys_ref.simulate.world import World, make_world


def small(**changes):
    given = {
        "taste": [[0.7, 0.3], [0.0, 1.0]],
        "item_topic": [0, 1, 1],
        "quality": [0.0, 1.0, -1.0],
        "titles": ["a", "b", "c"],
        "arrival": [0.0, 0.0, 5.0],
        "base": -0.5,
        "sharpness": 2.0,
        "half_life": 4.0,
    }
    return World(**(given | changes))


def test_utility_is_the_formula_of_the_docstring():
    world, now = small(), 6.0
    for user in range(2):
        for item in range(3):
            due = -0.5 + 2.0 * (world.taste[user, world.item_topic[item]] - 0.5)
            due += world.quality[item]
            due -= np.log(2) * (now - world.arrival[item]) / 4.0
            assert world.utility([user], now)[0, item] == pytest.approx(due)
    assert np.allclose(world.attraction([0, 1], now), expit(world.utility([0, 1], now)))


def test_the_odds_of_a_click_halve_with_every_half_life():
    world = small()
    odds = [p / (1 - p) for p in (world.attraction([0], t)[0, 0] for t in (0, 4, 8))]
    assert odds[1] == pytest.approx(odds[0] / 2)
    assert odds[2] == pytest.approx(odds[0] / 4)


def test_what_has_not_appeared_attracts_nobody():
    world = small()
    assert world.attraction([0, 1], 4.9)[:, 2].tolist() == [0.0, 0.0]
    assert world.available(4.9).tolist() == [True, True, False]
    assert world.available(5.0).all()


def test_without_ageing_time_does_not_matter():
    world = small(half_life=np.inf)
    assert np.array_equal(world.utility([0], 6.0), world.utility([0], 600.0))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taste": [[0.7, 0.4], [0.0, 1.0]]}, "taste: must be .* sum to 1"),
        ({"taste": [[1.5, -0.5], [0.0, 1.0]]}, "taste: must be >= 0"),
        ({"item_topic": [0, 1, 2]}, r"item_topic: must be in \[0, 2\), got 0 to 2"),
        ({"quality": [0.0]}, r"quality: must have shape \[3\]"),
        ({"sharpness": -1.0}, "sharpness: "),
        ({"half_life": 0.0}, "half_life: must be > 0"),
    ],
)
def test_a_world_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small(**changes)


def test_unknown_users_are_named():
    with pytest.raises(KeyError, match=r"users: must be in \[0, 2\), got 0 to 2"):
        small().utility([0, 2])


def test_its_arrays_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        small().taste[0, 0] = 1.0


def test_draws_have_the_moments_of_their_distributions():
    world = make_world(4000, 6000, 4, rng=0, concentration=0.5, quality_spread=0.8)
    # Dirichlet(a) on T topics: mean 1/T, variance (1/T)(1 - 1/T) / (T a + 1).
    assert np.allclose(world.taste.mean(axis=0), 0.25, atol=0.02)
    assert np.allclose(world.taste.var(axis=0), 0.25 * 0.75 / 3, atol=0.004)
    assert world.quality.mean() == pytest.approx(0, abs=4 * 0.8 / np.sqrt(6000))
    assert world.quality.std() == pytest.approx(0.8, rel=0.03)
    assert np.bincount(world.item_topic).tolist() == [1500] * 4


def test_arrivals_are_a_poisson_process():
    waits = np.diff(make_world(2, 5000, 2, rng=1, arrival_rate=20.0).arrival)
    assert waits.mean() == pytest.approx(1 / 20, rel=0.05)
    assert waits.std() == pytest.approx(waits.mean(), rel=0.05)  # exponential


def test_the_seed_is_all_that_matters():
    first, second = make_world(9, 20, 3, rng=5), make_world(9, 20, 3, rng=5)
    assert np.array_equal(first.taste, second.taste)
    assert first.items.equals(second.items)
    assert not np.array_equal(first.taste, make_world(9, 20, 3, rng=6).taste)


def test_titles_are_of_their_topic():
    world = make_world(2, 60, 3, rng=0)
    words = [set(" ".join(world.titles[world.item_topic == t]).split()) for t in (0, 1)]
    assert not words[0] & words[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5, 2), "n_users: must be in"),
        ((3, 1, 2), "n_items: must be in"),
        ((3, 50, 13), r"n_topics: must be in \[1, 12\], got 13"),
    ],
)
def test_sizes_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_world(*arguments, rng=0)


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="arrival_rate: must be a finite number > 0"):
        make_world(3, 5, 2, rng=0, arrival_rate=0.0)
    with pytest.raises(ValueError, match="concentration: "):
        make_world(3, 5, 2, rng=0, concentration=0.0)
