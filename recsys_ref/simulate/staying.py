"""Simulated staying: how long a listener follows a radio of given tracks.

Book section 6.5.
"""

import numpy as np

from recsys_ref.simulate.choice import at
from recsys_ref.simulate.world import World

LIKED, NOT_LIKED = 0.95, 0.7


def stays(
    attraction: np.ndarray, *, liked: float = LIKED, not_liked: float = NOT_LIKED
) -> np.ndarray:
    """Return the chance that a listener stays after each track, `float64[N, K]`.

    He likes a track with the probability of its attraction, and stays for the
    next one with a chance that depends on that.

    Args:
        attraction: `float64[N, K]`, in [0, 1].
        liked: Chance to stay after a track that he likes, in [0, 1].
        not_liked: The same after another, in [0, `liked`].

    Raises:
        ValueError: If a chance is out of its range.
    """
    if not 0 <= not_liked <= liked <= 1:
        raise ValueError(
            f"not_liked, liked: must be 0 <= not_liked <= liked <= 1, got {not_liked} "
            f"and {liked}"
        )
    attraction = np.asarray(attraction, dtype=np.float64)
    return attraction * liked + (1 - attraction) * not_liked


def expected_tracks(
    world: World,
    users: np.ndarray,
    items: np.ndarray,
    *,
    liked: float = LIKED,
    not_liked: float = NOT_LIKED,
) -> np.ndarray:
    """Return how many tracks of a list are heard on average, exactly.

    The first is heard by everyone; the next by who stays. Padding ends a list.

    Args:
        world: The simulation.
        users: `int64[N]`.
        items: `int64[N, K]`, played in this order.
        liked: As in `stays`.
        not_liked: As in `stays`.

    Returns:
        `float64[N]`: 1 + s_1 + s_1 s_2 + ..., s being the chances to stay.

    Examples:
        >>> world = World([[1.0]], [0, 0], [0.0, 0.0], ["a", "b"], [0, 0], base=0.0)
        >>> expected_tracks(world, [0], [[0, 1]], liked=1.0, not_liked=0.5)
        array([1.75])
    """
    attraction = at(world.attraction(users), items, missing=0.0)
    chance = stays(attraction, liked=liked, not_liked=not_liked)
    before = np.cumprod(chance[:, :-1], axis=1)
    reached = np.hstack([np.ones((len(chance), 1)), before])
    there = np.cumprod(np.asarray(items) >= 0, axis=1)
    return (reached * there).sum(axis=1)


def play(
    world: World,
    users: np.ndarray,
    items: np.ndarray,
    *,
    rng: np.random.Generator | int,
    liked: float = LIKED,
    not_liked: float = NOT_LIKED,
) -> np.ndarray:
    """Draw how many tracks of his list each listener hears, `int64[N]`.

    Args:
        world: The simulation.
        users: `int64[N]`.
        items: `int64[N, K]`.
        rng: Seed or generator of the draws.
        liked: As in `stays`.
        not_liked: As in `stays`.

    Examples:
        >>> world = World([[1.0]], [0, 0], [0.0, 0.0], ["a", "b"], [0, 0], base=0.0)
        >>> heard = play(world, [0] * 10_000, [[0, 1]] * 10_000, rng=0)
        >>> due = expected_tracks(world, [0], [[0, 1]])[0]
        >>> bool(abs(heard.mean() - due) < 0.02)
        True
    """
    rng = np.random.default_rng(rng)
    attraction = at(world.attraction(users), items, missing=0.0)
    chance = stays(attraction, liked=liked, not_liked=not_liked)
    stayed = rng.random(chance.shape)[:, :-1] < chance[:, :-1]
    reached = np.hstack([np.ones((len(chance), 1), bool), np.cumprod(stayed, 1) > 0])
    there = np.cumprod(np.asarray(items) >= 0, axis=1) > 0
    return (reached & there).sum(axis=1).astype(np.int64)
