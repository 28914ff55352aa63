"""The truth that a simulation has and the world does not. Book section 6."""

import numpy as np

from recsys_ref.simulate.choice import at
from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.policy import SoftmaxPolicy
from recsys_ref.simulate.world import World


def expected_clicks(
    world: World,
    users: np.ndarray,
    items: np.ndarray,
    *,
    eta: float = 1.0,
    now: float = 0.0,
) -> np.ndarray:
    """Return the expected clicks on each list, exactly.

    Args:
        world: The simulation.
        users: `int64[N]`.
        items: `int64[N, K]`, padding allowed.
        eta: Steepness of attention, as in `position_examination`.
        now: The time, in hours.

    Returns:
        `float64[N]`, the sum over places of examination times attraction.

    Examples:
        >>> world = World([[1.0]], [0, 0], [0.0, 0.0], ["a", "b"], [0, 0], base=0.0)
        >>> expected_clicks(world, [0], [[0, 1]])
        array([0.75])
    """
    items = np.asarray(items, dtype=np.int64)
    attraction = at(world.attraction(users, now), items, missing=0.0)
    return attraction @ position_examination(items.shape[1], eta)


def policy_value(
    world: World, policy: SoftmaxPolicy, users: np.ndarray, *, now: float = 0.0
) -> np.ndarray:
    """Return the expected clicks on the first place of a policy, exactly.

    Args:
        world: The simulation.
        policy: Draws the item; only its first place counts.
        users: `int64[N]`.
        now: The time, in hours.

    Returns:
        `float64[N]`, the sum over items of their chances times attractions.

    Examples:
        >>> world = World([[1.0]], [0, 0], [0.0, -9.0], ["a", "b"], [0, 0], base=0.0)
        >>> policy_value(world, SoftmaxPolicy(np.zeros((1, 2))), [0]).round(2)
        array([0.25])
    """
    return (policy.probabilities(users) * world.attraction(users, now)).sum(axis=1)
