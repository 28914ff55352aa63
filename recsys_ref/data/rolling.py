"""Windows that roll through time: learn from before, test on the next hour.

The only evaluation that could have been run at the time, again and again. A model may
be older than the window that it is tested on, as a model that is trained once a night
is. Book section 6.4.
"""

from dataclasses import dataclass

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions


@dataclass(frozen=True)
class Window:
    """A stretch of time to be tested on, and when the model was trained.

    Attributes:
        trained_at: Unix seconds; the model knows events before this time alone.
        start: Unix seconds, not before `trained_at`.
        stop: Unix seconds, after `start`.

    Raises:
        ValueError: If the three are not in this order.
    """

    trained_at: int
    start: int
    stop: int

    def __post_init__(self) -> None:
        if not self.trained_at <= self.start < self.stop:
            raise ValueError(
                "trained_at, start, stop: must be in this order, got "
                f"{self.trained_at}, {self.start}, {self.stop}"
            )

    def train(self, x: Interactions) -> Interactions:
        """Return the events that the model may know."""
        return x.select(x.timestamp < self.trained_at)

    def holds(self, timestamp: np.ndarray) -> np.ndarray:
        """Tell which times fall into the window, `bool[N]`."""
        timestamp = np.asarray(timestamp)
        return (timestamp >= self.start) & (timestamp < self.stop)


def rolling_windows(
    start: int, stop: int, *, length: int, retrain: int | None = None
) -> list[Window]:
    """Cut a stretch of time into windows, with a training now and then.

    Args:
        start: Unix seconds, when the first window starts.
        stop: Unix seconds, when the last one ends; what is left over is cut.
        length: Seconds of a window, at least 1.
        retrain: Seconds between two trainings, a multiple of `length`. The first is
            at `start`. Default: before every window.

    Returns:
        The windows in the order of time. Windows of one training share
        `trained_at`.

    Raises:
        ValueError: If a number is out of its range or no window fits.

    References:
        Ji et al. (2023), https://arxiv.org/abs/2010.11060: what other splits leak.

    Examples:
        >>> for window in rolling_windows(0, 40, length=10, retrain=20):
        ...     print(window)
        Window(trained_at=0, start=0, stop=10)
        Window(trained_at=0, start=10, stop=20)
        Window(trained_at=20, start=20, stop=30)
        Window(trained_at=20, start=30, stop=40)
    """
    check_whole_number("length", length, 1)
    retrain = length if retrain is None else retrain
    check_whole_number("retrain", retrain, length)
    if retrain % length:
        raise ValueError(f"retrain: must be a multiple of {length}, got {retrain}")
    if stop - start < length:
        raise ValueError(
            f"stop: no window of {length} seconds fits, got {start} to {stop}"
        )
    starts = range(start, stop - length + 1, length)
    return [
        Window(begin - (begin - start) % retrain, begin, begin + length)
        for begin in starts
    ]
