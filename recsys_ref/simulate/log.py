"""What was shown, with which chance, and what came of it. Book section 6."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from recsys_ref.data.interactions import Interactions
from recsys_ref.simulate.choice import at, clicks
from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.policy import SoftmaxPolicy
from recsys_ref.simulate.world import World

HOUR = 3600  # seconds


@dataclass(frozen=True, eq=False)
class Log:
    """N lists that were shown.

    Attributes:
        users: `int64[N]`, to whom.
        items: `int64[N, K]`, what; padding (-1) at the end of a short list.
        propensity: `float64[N, K]`, the chance of each item given the places
            before it; NaN where it is not known.
        clicks: `bool[N, K]`.
        time: `float64[N]`, when, in hours.

    Raises:
        ValueError: If the shapes do not fit together.
    """

    users: np.ndarray
    items: np.ndarray
    propensity: np.ndarray
    clicks: np.ndarray
    time: np.ndarray

    def __post_init__(self) -> None:
        for name, dtype in (
            ("users", np.int64),
            ("items", np.int64),
            ("propensity", np.float64),
            ("clicks", bool),
            ("time", np.float64),
        ):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype))
        shape = self.items.shape
        for name, due in (
            ("users", shape[:1]),
            ("items", (len(self.users), *shape[1:])),
            ("propensity", shape),
            ("clicks", shape),
            ("time", shape[:1]),
        ):
            if getattr(self, name).shape != due or len(shape) != 2:
                raise ValueError(
                    f"{name}: must fit items[N, K], whose shape is {shape}, got "
                    f"{getattr(self, name).shape}"
                )

    def __len__(self) -> int:
        return len(self.users)

    @classmethod
    def join(cls, logs: Sequence[Self]) -> Self:
        """Put logs with lists of one length behind each other.

        Raises:
            ValueError: If there is no log, or lengths differ.
        """
        if not logs or len({log.items.shape[1] for log in logs}) > 1:
            raise ValueError("logs: need at least one, all with lists of one length")
        names = ("users", "items", "propensity", "clicks", "time")
        return cls(*(np.concatenate([getattr(x, n) for x in logs]) for n in names))

    def interactions(self, world: World) -> Interactions:
        """Return the clicks as events with values 1, in the log's order.

        Who clicks an item twice has two events. Timestamps are in seconds.
        """
        row, place = np.nonzero(self.clicks)
        return Interactions(
            self.users[row],
            self.items[row, place],
            np.ones(row.size),
            np.floor(self.time[row] * HOUR),
            pd.RangeIndex(world.n_users),
            pd.RangeIndex(world.n_items),
        )


def show(
    world: World,
    users: np.ndarray,
    items: np.ndarray,
    *,
    rng: np.random.Generator | int,
    eta: float = 1.0,
    now: float = 0.0,
    propensity: np.ndarray | None = None,
) -> Log:
    """Show given lists to simulated users, and draw their clicks.

    Args:
        world: The simulation.
        users: `int64[N]`; a user may come several times.
        items: `int64[N, K]`, padding allowed.
        rng: Seed or generator of looks and clicks.
        eta: Steepness of attention, as in `position_examination`.
        now: The time, in hours.
        propensity: `float64[N, K]`, if the lists were drawn. Default: NaN.

    Examples:
        >>> from recsys_ref.simulate.world import make_world
        >>> world = make_world(3, 10, 2, rng=0)
        >>> show(world, [0, 1, 2], [[1, 2], [3, 4], [5, 6]], rng=0).clicks.shape
        (3, 2)
    """
    items = np.asarray(items, dtype=np.int64)
    attraction = at(world.attraction(users, now), items, missing=0.0)
    clicked = clicks(attraction, position_examination(items.shape[1], eta), rng)
    if propensity is None:
        propensity = np.full(items.shape, np.nan)
    return Log(users, items, propensity, clicked, np.full(len(items), float(now)))


def collect(
    world: World,
    policy: SoftmaxPolicy,
    users: np.ndarray,
    *,
    k: int,
    rng: np.random.Generator | int,
    eta: float = 1.0,
    now: float = 0.0,
) -> Log:
    """Let a policy draw lists, show them, and log the chances beside the clicks.

    Args:
        world: The simulation.
        policy: Draws what is shown. It may offer what has not appeared yet; that
            is never clicked.
        users: `int64[N]`; a user may come several times.
        k: K, the length of the lists.
        rng: Seed or generator of lists, looks and clicks.
        eta: Steepness of attention.
        now: The time, in hours.

    Examples:
        >>> from recsys_ref.simulate.world import make_world
        >>> world = make_world(3, 10, 2, rng=0)
        >>> uniform = SoftmaxPolicy(np.zeros((3, 10)))
        >>> collect(world, uniform, [0, 1, 2], k=2, rng=0).propensity.round(3)
        array([[0.1  , 0.111],
               [0.1  , 0.111],
               [0.1  , 0.111]])
    """
    rng = np.random.default_rng(rng)
    items, propensity = policy.sample(users, k, rng)
    return show(world, users, items, rng=rng, eta=eta, now=now, propensity=propensity)
