import numpy as np
import pytest

from recsys_ref.simulate.listening import DAY, TRACK, listen, recency_shares
from recsys_ref.simulate.world import make_world

GIVEN = {
    "sessions": 10,
    "tracks": 6.0,
    "repeat": 0.5,
    "recency": 1.0,
    "focus": 0.7,
    "rng": 0,
}


@pytest.fixture(scope="module")
def world():
    return make_world(120, 600, 4, rng=0, concentration=0.5)


@pytest.fixture(scope="module")
def heard(world):
    return listen(world, **GIVEN)


def by_user(heard):
    table = heard.interactions
    for user in range(table.n_users):
        yield table.user == user


def test_a_repeat_is_a_track_heard_before(heard):
    items = heard.interactions.item
    for mine in by_user(heard):
        seen = set()
        for item, again in zip(items[mine], heard.repeat[mine], strict=True):
            assert again == (item in seen)
            seen.add(item)


def test_the_share_of_repeats_is_what_was_asked_for(world):
    for repeat in (0.0, 0.3, 0.8):
        heard = listen(world, **(GIVEN | {"repeat": repeat}))
        later = np.concatenate([np.flatnonzero(mine)[1:] for mine in by_user(heard)])
        error = np.sqrt(repeat * (1 - repeat) / later.size)
        assert abs(heard.repeat[later].mean() - repeat) <= 4 * error


def test_distinct_tracks_grow_as_the_share_of_new_ones_says(heard):
    """1 + (n - 1)(1 - repeat) in expectation, for n tracks played."""
    due, got, noise = 0.0, 0, 0.0
    for mine in by_user(heard):
        n = mine.sum()
        due += 1 + (n - 1) * 0.5
        noise += (n - 1) * 0.25
        got += len(set(heard.interactions.item[mine]))
    assert abs(got - due) < 4 * np.sqrt(noise)


def test_what_is_taken_again_falls_with_its_recency(heard):
    """Compare the ranks drawn with their exact chances, repeat by repeat."""
    firsts, due = [], []
    for mine in by_user(heard):
        order: list[int] = []
        for item in heard.interactions.item[mine]:
            if item in order:
                firsts.append(order[-1] == item)
                due.append(recency_shares(len(order), 1.0)[0])
                order.remove(item)
            order.append(item)
    due = np.array(due)
    error = np.sqrt((due * (1 - due)).sum())
    assert abs(np.sum(firsts) - due.sum()) < 4 * error


def test_new_tracks_are_of_the_mood_as_often_as_focus_says(world):
    heard = listen(world, **(GIVEN | {"focus": 1.0, "repeat": 0.0, "sessions": 3}))
    topics = world.item_topic[heard.interactions.item]
    assert (topics == heard.mood[heard.session]).mean() > 0.99  # a topic may run out
    loose = listen(world, **(GIVEN | {"focus": 0.0, "repeat": 0.0, "sessions": 3}))
    topics = world.item_topic[loose.interactions.item]
    assert (topics == loose.mood[loose.session]).mean() < 0.8


def test_moods_come_from_the_taste(world):
    heard = listen(world, **(GIVEN | {"sessions": 40, "tracks": 1.0, "repeat": 0.9}))
    shares = np.bincount(heard.mood, minlength=4) / heard.mood.size
    assert np.allclose(shares, world.taste.mean(axis=0), atol=0.03)


def test_a_session_is_a_day_and_a_track_four_minutes(heard):
    table = heard.interactions
    starts = np.flatnonzero(np.diff(heard.session, prepend=-1))
    assert (table.timestamp[starts] % DAY == DAY // 2).all()
    inside = np.diff(heard.session) == 0
    assert (np.diff(table.timestamp)[inside] == TRACK).all()
    sizes = np.bincount(heard.session)
    assert sizes.min() >= 1
    assert sizes.mean() == pytest.approx(6.0, abs=4 * np.sqrt(5.0 / sizes.size))


def test_the_seed_decides(world):
    first, second = (listen(world, **GIVEN) for _ in range(2))
    assert np.array_equal(first.interactions.item, second.interactions.item)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sessions": 0}, "sessions: must be a whole number"),
        ({"tracks": 0.5}, "tracks: must be at least 1"),
        ({"repeat": 1.0}, r"repeat: must be in \[0, 1\)"),
        ({"recency": -1.0}, "recency: "),
        ({"focus": 1.5}, r"focus: must be in \[0, 1\]"),
    ],
)
def test_arguments_are_checked(world, changes, message):
    with pytest.raises(ValueError, match=message):
        listen(world, **(GIVEN | changes))


def test_a_catalog_that_runs_out_is_named():
    small = make_world(2, 8, 2, rng=0)
    with pytest.raises(ValueError, match="has heard all 8 tracks"):
        listen(small, **(GIVEN | {"repeat": 0.0}))


def test_tracks_that_are_yet_to_come_are_refused():
    late = make_world(2, 8, 2, rng=0, arrival_rate=1.0)
    with pytest.raises(ValueError, match="all tracks must be there"):
        listen(late, **GIVEN)
