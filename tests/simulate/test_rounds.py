import numpy as np
import pytest

from recsys_ref.evaluation.beyond_accuracy import gini
from recsys_ref.evaluation.exposure import spread
from recsys_ref.ranking import top_k
from recsys_ref.simulate.log import Log
from recsys_ref.simulate.rounds import (
    drifted,
    feedback_loop,
    measure_rounds,
    topics_shown,
)
from recsys_ref.simulate.value import expected_clicks
from recsys_ref.simulate.world import World, make_world
from recsys_ref.strategies.popularity import Popularity


class Fixed:
    """Ranks by scores that it was given, and by nothing that it sees."""

    def __init__(self, scores):
        self.scores = scores

    def __call__(self, clicks):
        return self

    def recommend(self, users, *, k, candidates, rng):
        return top_k(self.scores[users], k, candidates=candidates, rng=rng)


@pytest.fixture
def world():
    return make_world(40, 30, 3, rng=0)


def popularity(clicks):
    return Popularity().fit(clicks)


def test_the_oracle_shows_the_best_lists_there_are(world):
    oracle = Fixed(world.attraction(range(40)))
    turns = feedback_loop(world, oracle, rounds=2, k=5, rng=0)
    best = np.argsort(-world.attraction(range(40)), axis=1)[:, :5]
    due = expected_clicks(world, range(40), best)
    assert np.allclose(turns[1].expected_clicks, due)
    assert (turns[0].expected_clicks < due + 1e-12).all()


def test_a_model_learns_from_its_own_past_and_nothing_else(world):
    seen = []

    def fit(clicks):
        seen.append(clicks)
        return popularity(clicks)

    turns = feedback_loop(world, fit, rounds=3, k=5, rng=0)
    assert len(seen) == 2  # the first lists are random
    assert len(turns[0].before) == 0
    assert len(seen[0]) == turns[0].log.clicks.sum()
    assert len(seen[1]) == turns[0].log.clicks.sum() + turns[1].log.clicks.sum()


def test_exploration_replaces_its_share_of_places():
    world = make_world(1000, 500, 2, rng=0)
    scores = np.tile(np.arange(500.0), (1000, 1))
    shown = feedback_loop(world, Fixed(scores), rounds=2, k=10, rng=0, exploration=0.2)
    items = shown[1].log.items
    assert np.mean(items < 490) == pytest.approx(0.2, abs=0.02)
    assert all(len(set(row)) == 10 for row in items.tolist())


def test_without_exploration_or_drift_nothing_else_moves(world):
    turns = feedback_loop(world, popularity, rounds=3, k=5, rng=0)
    assert all(turn.world is world for turn in turns)


def test_only_what_exists_is_shown():
    world = make_world(30, 60, 2, rng=0, arrival_rate=10.0)
    world = World(
        world.taste, world.item_topic, world.quality, world.titles, world.arrival - 1
    )
    turns = feedback_loop(world, popularity, rounds=4, k=3, rng=0, exploration=0.5)
    for number, turn in enumerate(turns):
        assert (world.arrival[turn.log.items] <= number).all()


def test_taste_drifts_towards_what_is_clicked():
    world = World([[0.5, 0.5]], [0, 1], [0.0, 0.0], ["a", "b"], [0, 0])
    log = Log([0], [[0, 1]], np.ones((1, 2)), [[True, True]], [0.0])
    # Once towards topic 0: [.6, .4]; then towards topic 1: [.48, .52].
    assert np.allclose(drifted(world, log, 0.2), [[0.48, 0.52]])
    assert world.taste.tolist() == [[0.5, 0.5]]


def test_drift_narrows_tastes_that_are_served(world):
    oracle = Fixed(world.attraction(range(40)))
    turns = feedback_loop(world, oracle, rounds=6, k=5, rng=0, drift=0.1)
    table = measure_rounds(turns)
    assert table["taste_entropy"].iloc[-1] < table["taste_entropy"].iloc[0]
    assert np.allclose(turns[-1].world.taste.sum(axis=1), 1)


def test_what_was_clicked_comes_again_only_where_asked_for(world):
    for exclude_seen in (True, False):
        turns = feedback_loop(
            world, popularity, rounds=5, k=5, rng=0, exclude_seen=exclude_seen
        )
        last = turns[-1]
        clicked = last.before.matrix()
        repeats = clicked.toarray()[last.log.users[:, None], last.log.items] > 0
        assert bool(repeats.any()) is not exclude_seen
    assert len(np.unique(last.log.items)) == 5, "one list for everyone"


def test_measures_are_those_of_their_modules(world):
    turns = feedback_loop(world, popularity, rounds=3, k=5, rng=3)
    table = measure_rounds(turns)
    assert table["gini"][2] == gini(turns[2].ranking, 30)
    assert np.isnan(table["popularity_lift"][0])
    assert table["popularity_lift"][1] > 0  # popularity shows the popular
    assert table["clicks"][1] == pytest.approx(turns[1].expected_clicks.mean())


def test_entropy_of_known_shares():
    """It is what a round's columns take from `evaluation.exposure`."""
    shares = np.array([[2.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, 3.0, 0.0]])
    due = [np.log(2), np.nan, -0.25 * np.log(0.25) - 0.75 * np.log(0.75)]
    found = [spread(row[None]).within for row in shares]
    assert np.allclose(found, due, equal_nan=True)


def test_topics_are_counted_without_padding(world):
    counts = topics_shown(world, [[0, 1, -1]])
    due = np.bincount(world.item_topic[[0, 1]], minlength=3)
    assert counts.tolist() == [due.tolist()]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rounds": 0}, "rounds: must be a whole number"),
        ({"k": 31}, "k: must be at most the 30 items that exist in round 0, got 31"),
        ({"exploration": 1.1}, "exploration: must be in"),
        ({"drift": -0.1}, "drift: must be in"),
    ],
)
def test_arguments_are_checked(world, changes, message):
    with pytest.raises(ValueError, match=message):
        feedback_loop(world, popularity, **({"rounds": 2, "rng": 0} | changes))


def test_the_seed_decides(world):
    same = [feedback_loop(world, popularity, rounds=3, k=5, rng=7) for _ in range(2)]
    assert measure_rounds(same[0]).equals(measure_rounds(same[1]))
