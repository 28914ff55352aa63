import numpy as np
import pytest

from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.log import Log, collect, show
from recsys_ref.simulate.policy import SoftmaxPolicy
from recsys_ref.simulate.value import expected_clicks, policy_value
from recsys_ref.simulate.world import make_world


@pytest.fixture
def world():
    return make_world(6, 12, 3, rng=0)


def test_clicks_come_as_often_as_expected(world):
    items, n = np.array([4, 0, 7, 9]), 20_000
    log = show(world, np.full(n, 2), np.tile(items, (n, 1)), rng=1, eta=0.5)
    due = world.attraction([2])[0, items] * position_examination(4, 0.5)
    assert np.allclose(log.clicks.mean(axis=0), due, atol=4 * 0.5 / np.sqrt(n))
    assert expected_clicks(world, [2], [items], eta=0.5)[0] == pytest.approx(due.sum())


def test_the_value_of_a_policy_is_what_it_gets_on_average(world):
    policy = SoftmaxPolicy(world.utility(range(6)), exploration=0.2)
    users = np.tile(np.arange(6), 5000)
    log = collect(world, policy, users, k=1, rng=0)
    got, due = log.clicks.mean(), policy_value(world, policy, np.arange(6)).mean()
    assert abs(got - due) < 4 * np.sqrt(due * (1 - due) / len(log))


def test_padding_is_never_clicked(world):
    log = show(world, [0] * 200, [[3, -1]] * 200, rng=0)
    assert not log.clicks[:, 1].any()
    assert np.isnan(log.propensity).all()


def test_what_has_not_appeared_is_never_clicked():
    world = make_world(4, 40, 2, rng=0, arrival_rate=1.0)
    uniform = SoftmaxPolicy(np.zeros((4, 40)))
    log = collect(world, uniform, [0, 1, 2, 3] * 100, k=5, rng=0, now=10.0)
    assert log.clicks.any()
    assert (world.arrival[log.items[log.clicks]] <= 10.0).all()


def test_clicks_become_events(world):
    log = Log([3, 1], [[5, 2], [2, 0]], np.ones((2, 2)), [[0, 1], [1, 1]], [0.5, 2.0])
    table = log.interactions(world)
    assert table.user.tolist() == [3, 1, 1]
    assert table.item.tolist() == [2, 2, 0]
    assert table.timestamp.tolist() == [1800, 7200, 7200]
    assert (table.n_users, table.n_items) == (6, 12)


def test_logs_are_joined_in_order(world):
    parts = [show(world, [u], [[u, u + 1]], rng=0, now=u) for u in (2, 0)]
    whole = Log.join(parts)
    assert whole.users.tolist() == [2, 0]
    assert whole.time.tolist() == [2.0, 0.0]
    with pytest.raises(ValueError, match="logs: need at least one"):
        Log.join([])
    with pytest.raises(ValueError, match="lists of one length"):
        Log.join([parts[0], show(world, [0], [[1]], rng=0)])


@pytest.mark.parametrize(
    ("column", "bad"),
    [("users", [1, 2, 3]), ("clicks", [[True]]), ("time", [[0.0, 0.0]])],
)
def test_shapes_must_fit(column, bad):
    given = {
        "users": [3, 1],
        "items": [[5, 2], [2, 0]],
        "propensity": np.ones((2, 2)),
        "clicks": np.zeros((2, 2)),
        "time": [0.0, 0.0],
    }
    with pytest.raises(ValueError, match="must fit items"):
        Log(**(given | {column: bad}))
