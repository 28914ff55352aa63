"""Watch time, simulated: how long a viewer stays, and where the film ends anyway.

Book section 6.3.
"""

from dataclasses import dataclass

import numpy as np

from recsys_ref.data.checks import check_positive
from recsys_ref.simulate.world import World


@dataclass(frozen=True, eq=False)
class Watching:
    r"""A world whose items last, and whose users leave when they have had enough.

    User u would stay with item i for a time with an exponential distribution, were
    it endless. The mean of that time is his *patience*,

    .. math:: m_{ui} = p \cdot e^{v_{ui}}

    with the pace p and his utility v of the item, as in `World`: what he would click
    with odds twice as high, he would watch twice as long. The item ends after
    d_i minutes. So the minutes watched are the smaller of the two, and with x = d/m

    .. math:: E[\text{minutes}] = m (1 - e^{-x}), \quad
              E[\text{share}] = (1 - e^{-x}) / x, \quad
              P(\text{finished}) = e^{-x}.

    Attributes:
        world: Who likes what. Ages count at time 0.
        duration: `float64[I]`, in minutes, > 0.
        pace: p, in minutes, > 0: the patience at even odds of a click.

    Raises:
        ValueError: If a duration or the pace is not finite and positive.

    References:
        Zhao et al. (2024), https://arxiv.org/abs/2406.07932: the time that a viewer
        would watch were the video long enough, cut off by its end.

    Examples:
        >>> world = World(
        ...     taste=[[1.0]], item_topic=[0, 0], quality=[0.0, 0.0],
        ...     titles=["a", "b"], arrival=[0.0, 0.0], base=0.0, sharpness=0.0)
        >>> watching = Watching(world, duration=[5.0, 100.0], pace=20.0)
        >>> watching.expected_minutes([0]).round(1)
        array([[ 4.4, 19.9]])
        >>> watching.expected_share([0]).round(2)
        array([[0.88, 0.2 ]])
    """

    world: World
    duration: np.ndarray
    pace: float = 20.0

    def __post_init__(self) -> None:
        duration = np.array(self.duration, dtype=np.float64)
        duration.flags.writeable = False
        object.__setattr__(self, "duration", duration)
        check_positive("pace", self.pace)
        good = np.isfinite(duration) & (duration > 0)
        if duration.shape != (self.world.n_items,) or not good.all():
            raise ValueError(
                f"duration: must be {self.world.n_items} finite minutes > 0, one an "
                f"item, got shape {duration.shape}, least "
                f"{duration.min(initial=np.inf)}"
            )

    def patience(self, users: np.ndarray) -> np.ndarray:
        """Return how long users would stay were items endless, `float64[B, I]`.

        In minutes, on average.
        """
        return self.pace * np.exp(self.world.utility(users))

    def expected_minutes(self, users: np.ndarray) -> np.ndarray:
        """Return the minutes watched on average, `float64[B, I]`."""
        return self.expected_share(users) * self.duration

    def expected_share(self, users: np.ndarray) -> np.ndarray:
        """Return the share of the item watched on average, `float64[B, I]`."""
        x = self.duration / self.patience(users)
        return -np.expm1(-x) / x

    def finished(self, users: np.ndarray) -> np.ndarray:
        """Return the chance to see the end, `float64[B, I]`."""
        return np.exp(-self.duration / self.patience(users))

    def watch(
        self, users: np.ndarray, items: np.ndarray, *, rng: np.random.Generator | int
    ) -> np.ndarray:
        """Let users watch items.

        Args:
            users: `int64[N]`, who watches.
            items: `int64[N]`, what.
            rng: Seed or generator of how long they stay.

        Returns:
            `float64[N]`, minutes watched; the duration itself where the end was
            seen.
        """
        mean = self.patience(users)[np.arange(len(users)), items]
        stays = mean * np.random.default_rng(rng).exponential(size=len(mean))
        return np.minimum(stays, self.duration[items])
