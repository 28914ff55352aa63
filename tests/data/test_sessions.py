import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.sessions import (
    number_sessions,
    sessions_after,
    sessions_as_users,
)
from recsys_ref.simulate.listening import listen
from recsys_ref.simulate.world import make_world


@pytest.fixture(scope="module")
def heard():
    return listen(
        make_world(30, 200, 3, rng=0),
        sessions=6,
        tracks=4.0,
        repeat=0.4,
        recency=1.0,
        focus=0.8,
        rng=0,
    )


def shuffled(x, rng):
    return x.select(rng.permutation(len(x)))


def test_the_sessions_that_were_simulated_are_found(heard):
    assert np.array_equal(number_sessions(heard.interactions), heard.session)


def test_the_order_of_the_table_does_not_matter(heard):
    rows = np.random.default_rng(0).permutation(len(heard.interactions))
    found = number_sessions(heard.interactions.select(rows))
    assert np.array_equal(found, heard.session[rows])


def test_numbers_agree_with_a_plain_loop():
    rng = np.random.default_rng(1)
    user, time = rng.integers(5, size=200), rng.integers(40_000, size=200)
    x = Interactions(user, [0] * 200, [1] * 200, time, range(5), [0])
    found, number = number_sessions(x, gap=600), -1
    for u in range(5):
        before = None
        for event in sorted(np.flatnonzero(user == u), key=lambda row: time[row]):
            if before is None or time[event] - before > 600:
                number += 1
            before = time[event]
            assert found[event] == number


def test_a_gap_of_just_the_limit_ends_nothing():
    x = Interactions([0, 0, 0], [0] * 3, [1] * 3, [0, 600, 1201], ["a"], [0])
    assert number_sessions(x, gap=600).tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="gap: "):
        number_sessions(x, gap=0)


def test_sessions_are_counted_back(heard):
    after = sessions_after(heard.interactions, heard.session)
    assert np.array_equal(after, 5 - heard.session % 6)


def test_no_events_have_no_sessions():
    x = Interactions([], [], [], [], ["a"], [0])
    assert number_sessions(x).size == sessions_after(x, []).size == 0


def test_sessions_take_the_place_of_users(heard):
    last = sessions_after(heard.interactions, heard.session) == 0
    table = sessions_as_users(heard.interactions, heard.session, last)
    assert table.n_users == 30
    assert table.user_ids.tolist() == (np.arange(30) * 6 + 5).tolist()
    assert np.array_equal(table.item, heard.interactions.item[last])
