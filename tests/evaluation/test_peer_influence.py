"""Influence or likeness: what two tests find where the answer is planted."""

import numpy as np
import pytest

from recsys_ref.data.social import Relations, synthetic_friendships
from recsys_ref.evaluation.peer_influence import (
    exposure_experiment,
    followed,
    timing_test,
)
from recsys_ref.simulate.influence import simulate_choices

GROUPS = np.arange(60) % 3
FRIENDS = synthetic_friendships(GROUPS, mean_degree=4, homophily=0.8, rng=0)
OWN = np.where(np.arange(12) % 3 == GROUPS[:, None], 10.0, 1.0)
OWN /= OWN.sum(axis=1, keepdims=True)


def test_followed_is_a_plain_count():
    rng = np.random.default_rng(0)
    items = rng.integers(3, size=(6, 5))
    edges = np.array([[0, 1], [1, 4], [2, 3]])
    hits = [
        items[t, u] == items[t - 1, v]
        for a, b in edges
        for u, v in ((a, b), (b, a))
        for t in range(1, 6)
    ]
    assert followed(items, edges) == pytest.approx(np.mean(hits))


def test_without_influence_the_timing_test_is_right_about_its_level():
    """Of 100 worlds of mere homophily about one in ten has p <= 0.1."""
    p_values = [
        timing_test(
            simulate_choices(OWN, FRIENDS, influence=0, rounds=12, rng=seed).items,
            FRIENDS.edges,
            n_shuffles=99,
            rng=seed,
        ).p_value
        for seed in range(100)
    ]
    low = np.mean(np.array(p_values) <= 0.1)
    assert abs(low - 0.1) < 4 * np.sqrt(0.1 * 0.9 / 100)
    assert 0.4 < np.mean(p_values) < 0.6


def test_influence_is_seen_by_its_timing():
    items = simulate_choices(OWN, FRIENDS, influence=0.4, rounds=30, rng=0).items
    test = timing_test(items, FRIENDS.edges, n_shuffles=49, rng=0)
    assert test.p_value == 1 / 50  # as small as 49 shuffles can tell
    assert test.observed > test.shuffled.max()
    assert len(test.shuffled) == 49


def test_news_that_all_read_fool_the_timing_test_and_not_the_experiment():
    rng = np.random.default_rng(0)
    rounds = 40
    fashion = np.repeat(rng.integers(12, size=rounds // 2), 2)  # two rounds each
    turns = np.tile(OWN, (rounds, 1, 1)) / 2
    turns[np.arange(rounds), :, fashion] += 0.5
    run = simulate_choices(
        turns, FRIENDS, influence=0.0, rounds=rounds, exposure=0.5, rng=1
    )
    assert timing_test(run.items, FRIENDS.edges, n_shuffles=49, rng=0).p_value == 0.02
    estimate = exposure_experiment(run.items, run.shown, FRIENDS.edges, rng=0)
    assert estimate.low <= 0 <= estimate.high


def test_the_experiment_finds_the_planted_chance_whatever_else_there_is():
    estimates = [
        exposure_experiment(run.items, run.shown, FRIENDS.edges, n_resamples=300, rng=0)
        for run in (
            simulate_choices(
                OWN, FRIENDS, influence=0.3, exposure=0.5, rounds=40, rng=seed
            )
            for seed in range(40)
        )
    ]
    found = np.array([each.influence for each in estimates])
    assert abs(found.mean() - 0.3) < 4 * found.std() / np.sqrt(40)
    covered = [each.low <= 0.3 <= each.high for each in estimates]
    assert np.mean(covered) >= 0.85  # 0.95 planned; 0.85 is three errors below


def test_the_estimate_is_the_formula_by_hand():
    items = np.array([[0, 1, 5], [1, 1, 5], [1, 2, 5], [3, 1, 5]])
    shown = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], bool)
    estimate = exposure_experiment(items, shown, [[0, 1]], rng=0)
    # shown: user 0 in round 1 (hit) and 2 (hit), user 1 in 2 (2, friend had 1: no)
    assert estimate.shown == pytest.approx(2 / 3)
    # hidden: user 1 in 1 (friend had 0: no), both in 3: 3 vs 2 no, 1 vs 1 yes
    assert estimate.hidden == pytest.approx(1 / 3)
    assert estimate.influence == pytest.approx(1 - (1 / 3) / (2 / 3))


def test_user_numbers_and_direction_of_an_edge_do_not_matter():
    run = simulate_choices(OWN, FRIENDS, influence=0.5, exposure=0.5, rounds=9, rng=0)
    order = np.random.default_rng(0).permutation(60)
    place = np.argsort(order)
    turned = Relations(place[FRIENDS.edges], range(60), "test").edges[:, ::-1]
    one = exposure_experiment(run.items, run.shown, FRIENDS.edges, rng=0)
    two = exposure_experiment(run.items[:, order], run.shown[:, order], turned, rng=0)
    assert one.influence == pytest.approx(two.influence)
    assert followed(run.items, FRIENDS.edges) == pytest.approx(
        followed(run.items[:, order], turned)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"items": np.zeros((1, 3), int)}, "items: must be .* at least two rounds"),
        ({"edges": []}, r"edges: need at least one, of users in \[0, 3\), got 0"),
        ({"edges": [[0, 3]]}, "edges: need at least one, of users in"),
        ({"n_shuffles": 0}, "n_shuffles: must be at least 1"),
    ],
)
def test_bad_arguments_of_the_timing_test_are_named(change, message):
    how = {"items": np.zeros((4, 3), int), "edges": [[0, 1]]} | change
    with pytest.raises(ValueError, match=message):
        timing_test(**how, rng=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shown": np.ones((3, 3), bool)}, r"shown: must have shape \(4, 3\)"),
        ({"shown": np.ones((4, 3), bool)}, "shown: needs both kinds"),
        ({"shown": np.eye(4, 3, dtype=bool)}, "shown: needs both kinds"),
        ({"level": 1.0}, "level, n_resamples: must be"),
        ({"n_resamples": 0}, "level, n_resamples: must be"),
    ],
)
def test_bad_arguments_of_the_experiment_are_named(change, message):
    how = {
        "items": np.zeros((4, 3), int),  # all hidden choices are the friends'
        "shown": np.ones((4, 3), bool),
        "edges": [[0, 1]],
    } | change
    with pytest.raises(ValueError, match=message):
        exposure_experiment(**how, rng=0)
