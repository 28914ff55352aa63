from itertools import product

import numpy as np
import pytest

from recsys_ref.simulate.staying import expected_tracks, play, stays
from recsys_ref.simulate.world import make_world


@pytest.fixture(scope="module")
def world():
    return make_world(5, 20, 3, rng=0)


def test_expected_tracks_are_those_of_an_enumeration(world):
    items, user = np.array([3, 8, 0, 12]), 2
    attraction = world.attraction([user])[0, items]
    due = 0.0
    for outcome in product((False, True), repeat=8):  # liked?, then stayed?
        liked, stayed = outcome[:4], outcome[4:]
        chance = 1.0
        for a, like, stay in zip(attraction, liked, stayed, strict=True):
            keep = 0.9 if like else 0.4
            chance *= (a if like else 1 - a) * (keep if stay else 1 - keep)
        heard = 1
        for stay in stayed[:3]:
            if not stay:
                break
            heard += 1
        due += chance * heard
    got = expected_tracks(world, [user], [items], liked=0.9, not_liked=0.4)
    assert got[0] == pytest.approx(due)


def test_draws_agree_with_the_expectation(world):
    items, n = np.array([3, 8, 0, 12, 5]), 20_000
    heard = play(world, np.full(n, 1), np.tile(items, (n, 1)), rng=0)
    due = expected_tracks(world, [1], [items])[0]
    assert abs(heard.mean() - due) < 4 * heard.std() / np.sqrt(n)


def test_who_likes_everything_hears_the_whole_list():
    attraction = np.ones((1, 6))
    assert stays(attraction, liked=1.0, not_liked=0.0).tolist() == [[1.0] * 6]


def test_padding_ends_the_list(world):
    assert expected_tracks(world, [0], [[4, -1, -1]])[0] == 1
    assert play(world, [0, 0], [[4, -1, 3], [-1, 4, 3]], rng=0).tolist() == [1, 0]


def test_better_lists_are_heard_longer(world):
    best = np.argsort(-world.attraction(range(5)), axis=1)
    long, short = (expected_tracks(world, range(5), x) for x in (best, best[:, ::-1]))
    assert (long > short).all()


def test_chances_are_checked(world):
    with pytest.raises(ValueError, match="not_liked, liked"):
        expected_tracks(world, [0], [[1]], liked=0.5, not_liked=0.6)
