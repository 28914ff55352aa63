"""Who comes back: the simulation against an exact enumeration."""

from itertools import product

import numpy as np
import pytest

from recsys_ref.ranking import Ranking, top_k
from recsys_ref.simulate.retention import ReturnModel, simulate_weeks
from recsys_ref.simulate.world import World, make_world
from recsys_ref.strategies.popularity import Popularity

MODEL = ReturnModel(low=0.3, high=0.9, prior=0.5, prior_visits=2.0)


def flat_world(n_users, log_odds):
    """One topic, items all alike: each look is clicked with one chance."""
    return World(
        np.ones((n_users, 1)),
        [0] * 4,
        [log_odds] * 4,
        list("abcd"),
        [0.0] * 4,
        base=0.0,
    )


class First:
    """Lists the first items, always."""

    def __init__(self, clicks):
        self.clicks = clicks

    def recommend(self, users, *, k, candidates, rng):
        items = np.tile(candidates[:k], (len(users), 1))
        return Ranking(users, items, np.zeros(items.shape, np.float32))


def test_the_chance_is_the_formula():
    assert MODEL.chance(3, 1) == pytest.approx(0.3 + 0.6 * (1 + 1) / (3 + 2))
    assert MODEL.chance(10**9, 10**9) == pytest.approx(0.9)
    assert MODEL.chance(10**9, 0) == pytest.approx(0.3)


def test_expected_activity_is_the_sum_over_all_histories():
    good, weeks = 0.35, 5
    expected = np.zeros(weeks)
    for history in product((0, 1), repeat=weeks - 1):
        chance = np.prod([good if h else 1 - good for h in history])
        there = 1.0
        for week in range(weeks):
            expected[week] += chance * there
            if week < weeks - 1:
                there *= MODEL.chance(week + 1, sum(history[: week + 1]))
    assert MODEL.expected_active(good, weeks) == pytest.approx(expected)


def test_sure_visits_have_a_product_formula():
    always = MODEL.expected_active(1.0, 4)
    steps = [MODEL.chance(n, n) for n in (1, 2, 3)]
    assert always == pytest.approx(np.cumprod([1, *steps]))


@pytest.mark.parametrize("k", [1, 3])
def test_the_simulation_follows_the_expectation(k):
    n_users, chance = 20_000, 0.4
    world = flat_world(n_users, np.log(chance / (1 - chance)))
    run = simulate_weeks(world, First, MODEL, weeks=6, k=k, eta=0.0, rng=0)
    good = 1 - (1 - chance) ** k
    expected = MODEL.expected_active(good, 6)
    error = np.sqrt(expected * (1 - expected) / n_users)
    assert (np.abs(run.retention - expected) <= 4.5 * error + 1e-12).all()
    assert run.good.sum() / run.active.sum() == pytest.approx(good, abs=0.02)
    assert run.clicks.sum() / run.active.sum() == pytest.approx(k * chance, abs=0.02)


def test_who_left_stays_away_and_is_shown_nothing():
    world = make_world(80, 30, 3, rng=0)
    run = simulate_weeks(
        world, lambda clicks: Popularity().fit(clicks), MODEL, weeks=6, k=5, rng=1
    )
    assert (run.active[1:] <= run.active[:-1]).all()
    assert not (run.good & ~run.active).any()
    assert (run.good == (run.clicks > 0)).all()
    assert len(run.log) == run.active.sum()
    assert run.weeks_active.sum() == run.active.sum()
    shown = np.unique(run.log.users[run.log.time == 3 * 168])
    assert shown.tolist() == np.flatnonzero(run.active[3]).tolist()
    assert run.clicks.sum() == run.log.clicks.sum()


def test_the_model_of_a_week_knows_the_clicks_before_and_no_others():
    known = []

    def fit(clicks):
        known.append(clicks)
        return First(clicks)

    world = make_world(30, 30, 3, rng=0)
    run = simulate_weeks(world, fit, ReturnModel(), weeks=4, k=5, rng=0)
    assert [len(clicks) for clicks in known] == np.cumsum(run.clicks.sum(axis=1))[
        :3
    ].tolist()
    assert known[-1].timestamp.max() <= 2 * 168 * 3600


def test_better_lists_keep_more_users_and_one_seed_gives_one_first_week():
    world = make_world(900, 60, 3, rng=0, base=-3.0, sharpness=6.0)
    returns = ReturnModel(low=0.2, high=0.98)

    class Oracle(First):
        def recommend(self, users, *, k, candidates, rng):
            return top_k(
                world.utility(users).astype(np.float32), k, users=users, rng=rng
            )

    class Worst(First):
        def recommend(self, users, *, k, candidates, rng):
            return top_k(
                -world.utility(users).astype(np.float32), k, users=users, rng=rng
            )

    best, worst = (
        simulate_weeks(world, fit, returns, weeks=6, k=3, rng=0)
        for fit in (Oracle, Worst)
    )
    assert (best.clicks[0] == worst.clicks[0]).all()
    assert best.weeks_active.mean() > worst.weeks_active.mean() + 0.3


def test_posts_that_have_not_appeared_are_not_shown():
    arrival = [0.0, 0.0, 200.0, 900.0]
    world = World(np.ones((9, 1)), [0] * 4, [0.0] * 4, list("abcd"), arrival)
    run = simulate_weeks(world, First, ReturnModel(), weeks=4, k=2, rng=0)
    assert set(run.log.items.ravel()) == {0, 1}
    late = World(np.ones((9, 1)), [0] * 4, [0.0] * 4, list("abcd"), [200.0] * 4)
    with pytest.raises(ValueError, match=r"k: must be at most the 0 items .* week 0"):
        simulate_weeks(late, First, ReturnModel(), weeks=2, k=1, rng=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 0.9, "high": 0.5}, "low, high: must be 0 <= low <= high <= 1"),
        ({"high": 1.5}, "low, high: must be"),
        ({"prior": 2.0}, "prior: must be in"),
        ({"prior_visits": 0.0}, "prior_visits: must be a finite number > 0"),
    ],
)
def test_bad_parameters_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        ReturnModel(**change)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="good: must be in"):
        MODEL.expected_active(1.2, 3)
    with pytest.raises(ValueError, match="weeks: must be a whole number"):
        MODEL.expected_active(0.5, 0)
    with pytest.raises(ValueError, match="hours: must be a finite number > 0"):
        simulate_weeks(flat_world(3, 0.0), First, MODEL, weeks=2, hours=0.0, rng=0)
