"""Windows: nothing is lost, and no model knows what comes after its training."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.rolling import Window, rolling_windows


@given(st.integers(0, 50), st.integers(1, 9), st.integers(1, 5), st.integers(1, 200))
def test_windows_tile_time_and_are_never_younger_than_their_model(
    start, length, each, span
):
    stop = start + max(span, length)
    windows = rolling_windows(start, stop, length=length, retrain=each * length)
    assert windows[0].start == windows[0].trained_at == start
    assert stop - length < windows[-1].stop <= stop
    for before, after in pairwise(windows):
        assert before.stop == after.start
        assert after.trained_at in (before.trained_at, after.start)
    for window in windows:
        age = window.start - window.trained_at
        assert 0 <= age < each * length
        assert (window.trained_at - start) % (each * length) == 0
    held = np.sum([window.holds(np.arange(start, stop)) for window in windows], axis=0)
    covered = len(windows) * length
    assert held[:covered].tolist() == [1] * covered
    assert not held[covered:].any()


def test_a_model_gets_what_was_before_its_training():
    events = Interactions([0] * 4, [0, 1, 2, 3], [1] * 4, [0, 9, 10, 25], [7], range(4))
    window = Window(trained_at=10, start=20, stop=30)
    assert window.train(events).item.tolist() == [0, 1]
    assert window.holds(events.timestamp).tolist() == [False, False, False, True]


def test_wrong_stretches_are_named():
    with pytest.raises(ValueError, match="must be in this order, got 5, 4, 6"):
        Window(5, 4, 6)
    with pytest.raises(ValueError, match=r"stop: no window of 10 .* got 0 to 9"):
        rolling_windows(0, 9, length=10)
    with pytest.raises(ValueError, match="retrain: must be a multiple of 10, got 15"):
        rolling_windows(0, 90, length=10, retrain=15)
    with pytest.raises(ValueError, match=r"length: .* at least 1, got 0"):
        rolling_windows(0, 90, length=0)
