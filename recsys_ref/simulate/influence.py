"""Friends who were alike before, and friends who copy each other.

Both make friends choose the same things. Here both are planted, each with a
strength of its own, and what they make of the choices is known exactly. A
simulation. Book section 6.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, diags_array
from scipy.special import softmax

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.social import Relations
from recsys_ref.simulate.log import HOUR
from recsys_ref.simulate.world import World


@dataclass(frozen=True, eq=False)
class Choices:
    """One choice of each user in each round: the post that he shares.

    Attributes:
        items: `int64[R, U]`, what was chosen.
        copied: `bool[R, U]`, whether from a friend. A simulation knows it; no
            data set does.
        shown: `bool[R, U]`, whether the user could see his friends' choices of
            the round before.
        n_items: I, size of the catalogue.
    """

    items: np.ndarray
    copied: np.ndarray
    shown: np.ndarray
    n_items: int

    def interactions(
        self, start: int = 0, stop: int | None = None, user_ids: Sequence | None = None
    ) -> Interactions:
        """Return the choices of rounds `start` to `stop` (excluded) as events.

        Round n is at hour n. Who chooses an item twice has two events.
        """
        rounds = np.arange(len(self.items))[start:stop]
        items = self.items[rounds]
        n_users = items.shape[1]
        return Interactions(
            np.tile(np.arange(n_users), rounds.size),
            items.ravel(),
            np.ones(items.size),
            np.repeat(rounds, n_users) * HOUR,
            pd.RangeIndex(n_users) if user_ids is None else user_ids,
            pd.RangeIndex(self.n_items),
        )


def own_choice(world: World, now: float = 0.0) -> np.ndarray:
    """Return what a user chooses who decides for himself, `float64[U, I]`.

    A multinomial logit of the world's utilities over what has appeared: every
    user takes exactly one item.

    Raises:
        ValueError: If no item has appeared by `now`.

    Examples:
        >>> world = World([[1.0]], [0, 0], [0.0, 0.0], ["a", "b"], [0, 0])
        >>> own_choice(world)
        array([[0.5, 0.5]])
    """
    if not world.available(now).any():
        raise ValueError(f"now: no item has appeared by hour {now}")
    return softmax(world.utility(np.arange(world.n_users), now), axis=1)


def simulate_choices(
    own: np.ndarray,
    friends: Relations,
    *,
    influence: float,
    rounds: int,
    rng: np.random.Generator | int,
    exposure: float = 1.0,
) -> Choices:
    r"""Let users choose, round after round, some by copying a friend.

    From round 1 on, a user with friends who is shown what they chose copies
    with the probability lambda: he draws one friend and takes what that friend
    chose in the round before. Otherwise he decides for himself.

    Args:
        own: What users choose for themselves: `float64[U, I]`, rows sum to 1;
            or `float64[R, U, I]`, another one each round.
        friends: Who is whose friend; U users.
        influence: lambda, in [0, 1].
        rounds: R, at least 1.
        rng: Seed or generator of everything drawn.
        exposure: Chance that a user is shown his friends' choices in a round,
            drawn anew each time; 1: always. Below 1 it is an experiment.

    Raises:
        ValueError: If a shape does not fit, a row of `own` is no distribution
            or a parameter is out of its range.

    Examples:
        >>> friends = Relations([[0, 1]], range(2), "synthetic")
        >>> own = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> simulate_choices(own, friends, influence=1.0, rounds=3, rng=0).items
        array([[0, 1],
               [1, 0],
               [0, 1]])
    """
    own = _checked_own(own, friends, influence, rounds, exposure)
    rng = np.random.default_rng(rng)
    n_users = friends.n_users
    degree, starts = friends.degree, friends.adjacency().indptr[:-1]
    neighbours = friends.adjacency().indices
    cumulated = np.cumsum(own, axis=2)
    items = np.empty((rounds, n_users), dtype=np.int64)
    copied, shown = np.zeros((2, rounds, n_users), dtype=bool)
    for turn in range(rounds):
        table = cumulated[min(turn, len(own) - 1)]
        draws = rng.random(n_users) * table[:, -1]
        items[turn] = (table <= draws[:, None]).sum(axis=1)
        shown[turn] = (rng.random(n_users) < exposure) & (degree > 0) & (turn > 0)
        copied[turn] = shown[turn] & (rng.random(n_users) < influence)
        place = starts + (rng.random(n_users) * degree).astype(np.int64)
        who = np.flatnonzero(copied[turn])
        items[turn, who] = items[turn - 1, neighbours[place[who]]]
    return Choices(items, copied, shown, own.shape[2])


def choice_distribution(
    own: np.ndarray,
    friends: Relations,
    *,
    influence: float,
    rounds: int,
    exposure: float = 1.0,
) -> np.ndarray:
    r"""Return the exact chance of each choice in each round, `float64[R, U, I]`.

    .. math:: P_t = (1 - \Lambda) Q_t + \Lambda W P_{t-1}, \qquad P_0 = Q_0,

    with Q what users choose for themselves, W the share 1 / degree for each
    friend, and Lambda the diagonal of the chances to copy: influence times
    exposure, and 0 for a user without friends.

    Args and errors as in `simulate_choices`.

    Examples:
        >>> friends = Relations([[0, 1]], range(2), "synthetic")
        >>> choice_distribution(np.eye(2), friends, influence=0.5, rounds=2)[1]
        array([[0.5, 0.5],
               [0.5, 0.5]])
    """
    own = _checked_own(own, friends, influence, rounds, exposure)
    copy, mixing = _mixing(friends, influence * exposure)
    result = np.empty((rounds, *own.shape[1:]))
    for turn in range(rounds):
        result[turn] = own[min(turn, len(own) - 1)]
        if turn:
            result[turn] = (1 - copy)[:, None] * result[turn] + copy[:, None] * (
                mixing @ result[turn - 1]
            )
    return result


def expected_agreement(
    own: np.ndarray,
    friends: Relations,
    *,
    influence: float,
    rounds: int,
    exposure: float = 1.0,
) -> np.ndarray:
    r"""Return how often two users' histories hold the same item, exactly.

    Let A_ts(u, v) be the chance that u in round t and v in round s choose the
    same. A user of round t decides for himself or passes the question on to a
    friend in round t - 1, so it follows from A_(t-1)s, and within one round
    from A_(t-1)(t-1), where a user always agrees with himself.

    Args and errors as in `simulate_choices`.

    Returns:
        `float64[U, U]`, the mean of A_ts over all R^2 pairs of rounds: the
        expected inner product of the two users' shares of items. Costs
        O(R^2 (U E + U^2) + R U^2 I) time.

    Examples:
        >>> friends = Relations([[0, 1]], range(3), "synthetic")
        >>> own = np.full((3, 4), 0.25)
        >>> for influence in (0.0, 0.5):
        ...     agree = expected_agreement(
        ...         own, friends, influence=influence, rounds=2)
        ...     print(agree[0, 1:].round(3))
        [0.25 0.25]
        [0.438 0.25 ]
    """
    own = _checked_own(own, friends, influence, rounds, exposure)
    chances = choice_distribution(
        own, friends, influence=influence, rounds=rounds, exposure=exposure
    )
    copy, mixing = _mixing(friends, influence * exposure)
    alone, copy = (1 - copy)[:, None], copy[:, None]
    total = np.zeros((friends.n_users, friends.n_users))
    same_round = chances[0] @ chances[0].T
    np.fill_diagonal(same_round, 1.0)
    for earlier in range(rounds):
        if earlier:
            now = own[min(earlier, len(own) - 1)]
            before = mixing @ chances[earlier - 1]
            one_copies = alone * (now @ before.T) * copy.T
            both_copy = copy * (mixing @ (mixing @ same_round).T).T * copy.T
            same_round = alone * (now @ now.T) * alone.T + both_copy
            same_round += one_copies + one_copies.T
            np.fill_diagonal(same_round, 1.0)
        total += same_round
        agree = same_round
        for later in range(earlier + 1, rounds):
            now = own[min(later, len(own) - 1)]
            agree = alone * (now @ chances[earlier].T) + copy * (mixing @ agree)
            total += agree + agree.T
    return total / rounds**2


def agreement(choices: Choices) -> np.ndarray:
    """Measure what `expected_agreement` expects, `float64[U, U]`.

    Examples:
        >>> choices = Choices([[0, 1], [1, 1]], None, None, n_items=2)
        >>> agreement(choices)
        array([[0.5, 0.5],
               [0.5, 1. ]])
    """
    items = np.asarray(choices.items)
    rounds, n_users = items.shape
    cells = (np.tile(np.arange(n_users), rounds), items.ravel())
    shape = (n_users, choices.n_items)
    shares = csr_array((np.full(items.size, 1 / rounds), cells), shape=shape)
    return (shares @ shares.T).toarray()


def friends_and_strangers(agree: np.ndarray, friends: Relations) -> tuple[float, float]:
    """Average a symmetric `float64[U, U]` over pairs of friends, and of others.

    Raises:
        ValueError: If the shape does not fit, or there are no pairs of a kind.

    Examples:
        >>> friends = Relations([[0, 1]], range(3), "synthetic")
        >>> table = np.array([[0, 4, 1], [4, 0, 2], [1, 2, 0]])
        >>> friends_and_strangers(table, friends)
        (4.0, 1.5)
    """
    n_users = friends.n_users
    agree = np.asarray(agree, dtype=np.float64)
    if agree.shape != (n_users, n_users):
        raise ValueError(
            f"agree: must have shape {(n_users, n_users)}, got {agree.shape}"
        )
    pairs = n_users * (n_users - 1) // 2
    if not 0 < len(friends) < pairs:
        raise ValueError(
            f"friends: need pairs with and without an edge, got {len(friends)} edges "
            f"of {pairs} pairs"
        )
    edges = friends.edges
    known = agree[edges[:, 0], edges[:, 1]].sum()
    everyone = np.triu(agree, k=1).sum()
    return float(known / len(edges)), float((everyone - known) / (pairs - len(edges)))


def _mixing(friends: Relations, chance: float) -> tuple[np.ndarray, csr_array]:
    """Return each user's chance to copy, `float64[U]`, and W, sparse [U, U]."""
    degree = friends.degree
    share = 1 / np.maximum(degree, 1)
    return chance * (degree > 0), csr_array(diags_array(share) @ friends.adjacency())


def _checked_own(
    own: np.ndarray, friends: Relations, influence: float, rounds: int, exposure: float
) -> np.ndarray:
    """Return `own` as `float64[1 or R, U, I]`."""
    check_whole_number("rounds", rounds, 1)
    for name, share in (("influence", influence), ("exposure", exposure)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}: must be in [0, 1], got {share}")
    own = np.asarray(own, dtype=np.float64)
    own = own[None] if own.ndim == 2 else own
    if own.ndim != 3 or own.shape[1] != friends.n_users:
        raise ValueError(
            f"own: must be float64[U, I] or [R, U, I] with U = {friends.n_users}, got "
            f"{own.shape}"
        )
    if len(own) not in (1, rounds):
        raise ValueError(f"own: must have one table or {rounds}, got {len(own)}")
    if (own < 0).any() or not np.allclose(own.sum(axis=2), 1):
        raise ValueError("own: every row must be >= 0 and sum to 1")
    return own
