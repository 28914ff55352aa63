"""Choices among friends: the simulation against its closed-form expectations."""

import numpy as np
import pytest

from recsys_ref.data.social import Relations, synthetic_friendships
from recsys_ref.simulate.influence import (
    Choices,
    agreement,
    choice_distribution,
    expected_agreement,
    friends_and_strangers,
    own_choice,
    simulate_choices,
)
from recsys_ref.simulate.world import make_world

FRIENDS = Relations([[0, 1], [1, 2], [0, 2], [2, 3]], range(5), "test")  # 4: alone
RUNS = 1200


@pytest.fixture(scope="module")
def own():
    return np.random.default_rng(0).dirichlet(np.full(4, 0.5), size=5)


def simulated(own, seed, **how):
    return simulate_choices(own, FRIENDS, rng=seed, **how)


@pytest.mark.parametrize(
    ("influence", "exposure"), [(0.0, 1.0), (0.4, 1.0), (1.0, 1.0), (0.8, 0.5)]
)
def test_choices_and_agreement_are_as_expected(own, influence, exposure):
    how = {"influence": influence, "exposure": exposure, "rounds": 4}
    rng = np.random.default_rng(1)
    runs = [simulate_choices(own, FRIENDS, rng=rng, **how) for _ in range(RUNS)]
    shares = np.mean([np.eye(4)[run.items] for run in runs], axis=0)
    expected = choice_distribution(own, FRIENDS, **how)
    assert np.abs(shares - expected).max() < 4.5 * 0.5 / np.sqrt(RUNS)
    observed = np.mean([agreement(run) for run in runs], axis=0)
    spread = np.std([agreement(run) for run in runs], axis=0) / np.sqrt(RUNS)
    expected = expected_agreement(own, FRIENDS, **how)
    assert (np.abs(observed - expected) <= 4.5 * spread + 1e-12).all()


def test_tastes_that_change_each_round_are_followed(own):
    turns = np.stack([own, own[::-1], np.roll(own, 1, axis=1)])
    rng = np.random.default_rng(2)
    how = {"influence": 0.5, "rounds": 3}
    runs = [simulate_choices(turns, FRIENDS, rng=rng, **how) for _ in range(RUNS)]
    shares = np.mean([np.eye(4)[run.items] for run in runs], axis=0)
    chances = choice_distribution(turns, FRIENDS, **how)
    assert np.abs(shares - chances).max() < 4.5 * 0.5 / np.sqrt(RUNS)
    observed = np.mean([agreement(run) for run in runs], axis=0)
    expected = expected_agreement(turns, FRIENDS, **how)
    assert np.abs(observed - expected).max() < 4.5 * 0.5 / np.sqrt(RUNS)


def test_the_distribution_is_the_recursion_by_hand(own):
    chances = choice_distribution(own, FRIENDS, influence=0.3, rounds=3)
    assert (chances[0] == own).all()
    by_hand = 0.7 * own[0] + 0.3 * (own[1] + own[2]) / 2
    assert chances[1, 0] == pytest.approx(by_hand)
    assert (chances[:, 4] == own[4]).all()  # nobody to copy
    assert chances.sum(axis=2) == pytest.approx(1)
    # The end of many rounds solves P = 0.7 Q + 0.3 W P among those with friends.
    mixing = FRIENDS.adjacency().toarray()[:4, :4]
    mixing /= mixing.sum(axis=1, keepdims=True)
    fixed = np.linalg.solve(np.eye(4) - 0.3 * mixing, 0.7 * own[:4])
    last = choice_distribution(own, FRIENDS, influence=0.3, rounds=60)[-1]
    assert last[:4] == pytest.approx(fixed)


def test_without_influence_agreement_is_a_product_of_tastes(own):
    agree = expected_agreement(own, FRIENDS, influence=0.0, rounds=3)
    product = own @ own.T
    off = ~np.eye(5, dtype=bool)
    assert agree[off] == pytest.approx(product[off])
    # With oneself: 3 of 9 pairs are one round with itself.
    assert agree.diagonal() == pytest.approx(1 / 3 + 2 / 3 * product.diagonal())


def test_copies_are_friends_last_choices_and_only_of_the_shown(own):
    run = simulated(own, 0, influence=0.7, rounds=50, exposure=0.6)
    assert not run.shown[0].any()
    assert not run.shown[:, 4].any()
    assert not (run.copied & ~run.shown).any()
    for turn, user in np.argwhere(run.copied):
        assert run.items[turn, user] in run.items[turn - 1, FRIENDS.neighbours(user)]
    assert abs(run.shown[1:, :4].mean() - 0.6) < 0.15
    assert abs(run.copied.sum() / run.shown.sum() - 0.7) < 0.15
    same = simulated(own, 0, influence=0.7, rounds=50, exposure=0.6)
    assert (same.items == run.items).all()
    assert not simulated(own, 0, influence=0.7, rounds=9, exposure=0.0).copied.any()


def test_choices_become_events_of_their_rounds():
    choices = Choices(np.array([[0, 1], [1, 1], [0, 0]]), None, None, n_items=3)
    events = choices.interactions(1, 3, user_ids=["a", "b"])
    assert events.to_frame().to_dict("list") == {
        "user_id": ["a", "b", "a", "b"],
        "item_id": [1, 1, 0, 0],
        "value": [1.0] * 4,
        "timestamp": [3600, 3600, 7200, 7200],
    }
    assert choices.interactions().n_items == 3
    assert len(choices.interactions()) == 6
    assert agreement(choices)[0, 1] == pytest.approx((2 * 1 + 1 * 2) / 9)


def test_own_choices_follow_the_worlds_utility():
    world = make_world(6, 12, 3, rng=0, arrival_rate=1.0)
    now = float(np.sort(world.arrival)[5])
    own = own_choice(world, now)
    weight = np.exp(world.utility(np.arange(6), now))
    assert own == pytest.approx(weight / weight.sum(axis=1, keepdims=True))
    assert (own[:, world.arrival > now] == 0).all()
    with pytest.raises(ValueError, match="now: no item has appeared by hour -1"):
        own_choice(world, -1)


def test_homophily_and_influence_both_make_friends_agree():
    world = make_world(80, 40, 4, rng=3)
    own = own_choice(world)
    group = world.taste.argmax(axis=1)
    gaps = {}
    for homophily, influence in ((0, 0), (0.7, 0), (0, 0.6)):
        friends = synthetic_friendships(
            group, mean_degree=5, homophily=homophily, rng=0
        )
        agree = expected_agreement(own, friends, influence=influence, rounds=10)
        known, others = friends_and_strangers(agree, friends)
        gaps[homophily, influence] = known - others
    assert abs(gaps[0, 0]) < 0.004
    assert gaps[0.7, 0] > 0.01
    assert gaps[0, 0.6] > 0.01


def test_friends_and_strangers_by_a_plain_loop():
    table = np.random.default_rng(0).random((5, 5))
    table += table.T
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    edges = [tuple(edge) for edge in FRIENDS.edges.tolist()]
    known = [table[pair] for pair in pairs if pair in edges]
    others = [table[pair] for pair in pairs if pair not in edges]
    found = friends_and_strangers(table, FRIENDS)
    assert found == pytest.approx((np.mean(known), np.mean(others)))
    with pytest.raises(ValueError, match="agree: must have shape"):
        friends_and_strangers(table[:2], FRIENDS)
    with pytest.raises(ValueError, match="friends: need pairs with and without"):
        friends_and_strangers(table, Relations([], range(5), "test"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"influence": 1.2}, r"influence: must be in \[0, 1\], got 1.2"),
        ({"exposure": -0.1}, r"exposure: must be in \[0, 1\]"),
        ({"rounds": 0}, "rounds: must be a whole number"),
        ({"own": np.full((4, 2), 0.5)}, r"own: must be float64\[U, I\] .* U = 5"),
        ({"own": np.full((2, 5, 2), 0.5)}, "own: must have one table or 3, got 2"),
        ({"own": np.full((5, 2), 0.4)}, "own: every row must be >= 0 and sum to 1"),
    ],
)
@pytest.mark.parametrize("ask", [simulate_choices, expected_agreement])
def test_bad_arguments_are_named(ask, change, message):
    how = {"own": np.full((5, 2), 0.5), "influence": 0.5, "rounds": 3} | change
    seed = {"rng": 0} if ask is simulate_choices else {}
    with pytest.raises(ValueError, match=message):
        ask(how.pop("own"), FRIENDS, **how, **seed)
