"""Friends, bubbles and returning: what the file says is what the code gives."""

import numpy as np
import pytest
import social_media

from recsys_ref import results
from recsys_ref.simulate.world import make_world

SEED = social_media.SEEDS[0]


@pytest.fixture(scope="module")
def table():
    return results.load("social_media")


@pytest.fixture(scope="module")
def friend_worlds():
    return social_media.friend_worlds(SEED)


@pytest.mark.parametrize("kind", ["homophily", "influence"])
def test_friends_and_popularity_are_as_in_the_file(table, friend_worlds, kind):
    friends, copying, choices = friend_worlds[kind]
    part = table["friends"][kind]
    if kind == "influence":
        in_file = table["friends"]["copying"][str(SEED)]
        assert copying == pytest.approx(in_file, abs=0.01)
    methods = social_media.known_methods(friends, np.eye(300), SEED)
    for name, newcomers in (
        ("Popularity", None),
        ("Friends", None),
        ("New: Friends", social_media.new_users(SEED)),
    ):
        score, _ = methods[name.removeprefix("New: ")]
        how = part["chosen"][0][name]
        values = social_media.rolled(
            choices,
            social_media.FRIENDS["test"],
            lambda past, score=score, how=how: score(past, **how),
            newcomers,
        )
        assert np.nanmean(values) == pytest.approx(part["seeds"][name][0], abs=0.002), (
            name
        )


def test_a_newcomers_past_is_not_known(friend_worlds):
    _, _, choices = friend_worlds["homophily"]
    newcomers, asked = social_media.new_users(SEED), []

    def score(past):
        asked.append(np.isin(past.user, newcomers).any())
        return np.zeros((past.n_users, past.n_items), np.float32)

    values = social_media.rolled(choices, (30, 31), score, newcomers)
    assert asked == [False]
    assert values.shape == newcomers.shape


def test_a_known_post_that_is_chosen_again_does_not_count(friend_worlds):
    _, _, choices = friend_worlds["influence"]
    values = social_media.rolled(
        choices,
        (30, 31),
        lambda past: np.zeros((past.n_users, past.n_items), np.float32),
    )
    again = [choices.items[30, user] in choices.items[:30, user] for user in range(300)]
    assert (np.isnan(values) == again).all()


@pytest.mark.parametrize("name", ["Random", "Popularity"])
def test_a_loop_lies_within_the_seeds_of_the_file(table, name):
    world, friends = social_media.bubble_world(SEED)
    fit, share = social_media.policies(
        friends, np.eye(480, 16), table["bubbles"]["chosen"]
    )[name]
    found = social_media.measured(social_media.loop(world, fit, share, SEED))
    for column, values in found.items():
        in_file = table["bubbles"]["curves"][name][column]
        assert (values >= np.array(in_file["min"]) - 1e-6).all()
        assert (values <= np.array(in_file["max"]) + 1e-6).all()


@pytest.mark.parametrize("kind", ["lasting posts", "new posts"])
def test_weeks_active_are_as_in_the_file(table, kind):
    world, friends, history = social_media.returning_world(kind, SEED)
    part = table["returning"][kind]
    fits = social_media.returning_policies(
        world, friends, np.eye(480, 16), part["chosen"]
    )
    for name in ("Random", "Friends"):
        run = social_media.weeks_of(world, fits[name], history, SEED)
        assert run.weeks_active.mean() == pytest.approx(
            part["weeks_active"][name][0], abs=0.02
        )


def test_what_was_tuned_was_not_reported(table):
    assert table["tuning_seed"] not in table["seeds"]
    first, last = table["friends"]["parameters"]["validation"]
    assert last <= table["friends"]["parameters"]["test"][0]
    for part in (
        table["bubbles"],
        table["returning"]["lasting posts"],
        table["returning"]["new posts"],
    ):
        for name, search in part["search"].items():
            assert part["chosen"][name] == search["space"][np.argmax(search["clicks"])]
    worlds = [make_world(rng=s, **social_media.BUBBLES["world"]) for s in (1, 100)]
    assert not np.allclose(worlds[0].taste, worlds[1].taste)
    assert first < last
