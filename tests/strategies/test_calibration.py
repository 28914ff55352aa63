"""Cold scores on the scale of warm ones: by a loop, and at the edges."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from recsys_ref.strategies.calibration import match_scale

COLD = np.array([False, True, False, True, False, True, False, False])


@pytest.fixture
def scores():
    return np.random.default_rng(0).normal(size=(5, 8))


@pytest.fixture
def seen():
    return csr_array((np.random.default_rng(1).random((5, 8)) < 0.3) & ~COLD)


@pytest.mark.parametrize("offset", [-1.0, 0.0, 0.7])
def test_by_a_plain_loop(scores, seen, offset):
    ours = match_scale(scores, COLD, seen, offset=offset)
    for user in range(5):
        warm = [scores[user, i] for i in range(8) if not COLD[i] and not seen[user, i]]
        cold = [scores[user, i] for i in range(8) if COLD[i]]
        for i in range(8):
            expected = scores[user, i]
            if COLD[i]:
                z = (expected - np.mean(cold)) / np.std(cold)
                expected = np.mean(warm) + (z + offset) * np.std(warm)
            assert ours[user, i] == pytest.approx(expected, abs=1e-5)


def test_the_order_of_cold_items_stays_and_the_input_too(scores, seen):
    before = scores.copy()
    ours = match_scale(scores, COLD, seen, offset=3.0)
    assert (scores == before).all()
    assert (ours[:, COLD].argsort(axis=1) == scores[:, COLD].argsort(axis=1)).all()
    assert (ours[:, ~COLD] == scores[:, ~COLD].astype(np.float32)).all()


def test_equal_cold_scores_become_the_warm_mean(scores, seen):
    scores[:, COLD] = 0.4
    ours = match_scale(scores, COLD, seen)
    assert np.ptp(ours[:, COLD], axis=1).max() == 0
    assert match_scale(np.full((5, 8), 2.0), COLD, seen) == pytest.approx(2.0)


@pytest.mark.parametrize("cold", [np.zeros(8, bool), np.ones(8, bool)])
def test_without_cold_or_without_warm_items_nothing_changes(scores, cold):
    ours = match_scale(scores, cold, csr_array((5, 8)), offset=2.0)
    assert (ours == scores.astype(np.float32)).all()


def test_a_user_who_has_seen_all_warm_items_keeps_his_scores(scores):
    seen = csr_array(np.tile(~COLD, (5, 1)))
    ours = match_scale(scores, COLD, seen, offset=1.0)
    assert (ours == scores.astype(np.float32)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"offset": np.nan}, "offset: must be finite"),
        ({"cold": COLD[:3]}, "cold: must be bool"),
        ({"cold": COLD.astype(int)}, "cold: must be bool"),
        ({"seen": csr_array((5, 3))}, "seen: must have shape"),
    ],
)
def test_what_is_wrong_is_named(scores, seen, change, message):
    arguments = {"cold": COLD, "seen": seen, "offset": 0.0} | change
    with pytest.raises(ValueError, match=message):
        match_scale(scores, **arguments)
