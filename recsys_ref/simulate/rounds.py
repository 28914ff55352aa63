"""A feedback loop: a policy learns from the clicks on its own lists.

Book section 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from tqdm import tqdm

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.evaluation.beyond_accuracy import coverage, gini, popularity_lift
from recsys_ref.evaluation.exposure import spread
from recsys_ref.ranking import PADDING, Ranking
from recsys_ref.simulate.log import Log, show
from recsys_ref.simulate.value import expected_clicks
from recsys_ref.simulate.world import World


class Fitted(Protocol):
    """Whatever ranks: every strategy of the book does."""

    def recommend(
        self, users: np.ndarray, *, k: int, candidates: np.ndarray, rng: int
    ) -> Ranking:
        """Rank k of the candidates for each user, best first."""


Fit = Callable[[Interactions], Fitted]


@dataclass(frozen=True, eq=False)
class Round:
    """One turn of the loop.

    Attributes:
        world: As it was when the lists were shown: tastes may drift.
        log: What was shown in this round to all users, in their order.
        before: The clicks that the round's model was fitted on; none in the
            first round, whose lists are random.
        eta: Steepness of attention.
    """

    world: World = field(repr=False)
    log: Log = field(repr=False)
    before: Interactions
    eta: float

    @property
    def ranking(self) -> Ranking:
        """The lists as a ranking, without scores."""
        items = self.log.items
        return Ranking(self.log.users, items, np.full(items.shape, np.nan, np.float32))

    @property
    def expected_clicks(self) -> np.ndarray:
        """`float64[U]`, what each user clicks on average on his list, exactly."""
        log = self.log
        now = float(log.time[0]) if len(log) else 0.0
        return expected_clicks(self.world, log.users, log.items, eta=self.eta, now=now)


def feedback_loop(
    world: World,
    fit: Fit,
    *,
    rounds: int,
    rng: np.random.Generator | int,
    k: int = 10,
    eta: float = 1.0,
    exploration: float = 0.0,
    drift: float = 0.0,
    exclude_seen: bool = True,
    progress: bool = False,
) -> list[Round]:
    """Show, collect clicks, learn from them, show again.

    In round 0 every user is shown k items at random. From then on the model is
    fitted on all clicks so far and shows its best k of what a user has not
    clicked. Round n is at hour n; only items that have appeared are shown.

    Args:
        world: Where the loop starts.
        fit: Called with all clicks so far; returns what ranks, as a strategy's
            `fit` does: `lambda clicks: EASE(l2=20.0).fit(clicks)`.
        rounds: How many rounds, round 0 included; at least 1.
        rng: Seed or generator of everything drawn.
        k: K, the length of the lists.
        eta: Steepness of attention.
        exploration: Chance that a place is given to an item drawn uniformly
            from what is not on the list, clicked before or not, in [0, 1].
        drift: How far a click moves a taste, in [0, 1]: his taste becomes
            (1 - drift) times itself plus drift times the clicked topic, once a
            click. 0: tastes stay.
        exclude_seen: Whether what a user has clicked is not shown to him again.
        progress: Whether to draw a bar of rounds on stderr, if a terminal.

    Returns:
        One `Round` a round.

    Raises:
        ValueError: If an argument is out of range, or `k` exceeds the catalogue.

    References:
        Chaney, Stewart and Engelhardt (2018), https://arxiv.org/abs/1710.11214

    Examples:
        >>> from recsys_ref.simulate.world import make_world
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> turns = feedback_loop(
        ...     make_world(50, 30, 3, rng=0), lambda clicks: Popularity().fit(clicks),
        ...     rounds=3, k=5, rng=0)
        >>> list(measure_rounds(turns).columns)
        ['clicks', 'coverage', 'gini', 'popularity_lift', 'exposure_entropy',
         'taste_entropy']
    """
    check_whole_number("rounds", rounds, 1)
    check_whole_number("k", k, 1)
    for name, share in (("exploration", exploration), ("drift", drift)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}: must be in [0, 1], got {share}")
    rng = np.random.default_rng(rng)
    turns: list[Round] = []
    hidden = None if progress else True
    for number in tqdm(range(rounds), desc="rounds", disable=hidden):
        before = _clicks_so_far(world, [turn.log for turn in turns])
        offered = np.flatnonzero(world.available(number))
        if k > offered.size:
            raise ValueError(
                f"k: must be at most the {offered.size} items that exist in round "
                f"{number}, got {k}"
            )
        again = {} if exclude_seen else {"exclude_seen": False}
        lists = _lists(world, fit if number else None, before, offered, k, rng, again)
        _explore(lists, offered, exploration if number else 0.0, rng)
        log = show(world, np.arange(world.n_users), lists, rng=rng, eta=eta, now=number)
        turns.append(Round(world, log, before, eta))
        if drift:
            world = world.with_taste(drifted(world, log, drift))
    return turns


def _clicks_so_far(world: World, logs: Sequence[Log]) -> Interactions:
    if not logs:
        logs = [show(world, [], np.empty((0, 1)), rng=0)]
    return Log.join(logs).interactions(world)


def _lists(
    world: World,
    fit: Fit | None,
    before: Interactions,
    offered: np.ndarray,
    k: int,
    rng: np.random.Generator,
    again: dict[str, bool],
) -> np.ndarray:
    """Return the lists of all users, `int64[U, K]`; at random without `fit`."""
    users = np.arange(world.n_users)
    if fit is None:
        return rng.permuted(np.tile(offered, (users.size, 1)), axis=1)[:, :k]
    seed = int(rng.integers(2**32))
    ranking = fit(before).recommend(users, k=k, candidates=offered, rng=seed, **again)
    return np.array(ranking.items)


def _explore(
    lists: np.ndarray, offered: np.ndarray, share: float, rng: np.random.Generator
) -> None:
    """Give a share of the places to items that are not on the list, in place."""
    wanted = (rng.random(lists.shape) < share) & (lists != PADDING)
    for row in np.flatnonzero(wanted.any(axis=1)):
        places = np.flatnonzero(wanted[row])
        others = np.setdiff1d(offered, lists[row])
        drawn = rng.choice(others, min(places.size, others.size), replace=False)
        lists[row, places[: drawn.size]] = drawn


def drifted(world: World, log: Log, drift: float) -> np.ndarray:
    """Move tastes towards what was clicked, `float64[U, T]`.

    Args:
        world: Whose tastes they are.
        log: The clicks.
        drift: As in `feedback_loop`.

    Examples:
        >>> world = World([[0.5, 0.5]], [0], [9.0], ["a"], [0])
        >>> log = Log([0], [[0]], [[1.0]], [[True]], [0.0])
        >>> drifted(world, log, drift=0.1)
        array([[0.55, 0.45]])
    """
    taste = np.array(world.taste)
    row, place = np.nonzero(log.clicks)
    topics = world.item_topic[log.items[row, place]]
    for user, topic in zip(log.users[row], topics, strict=True):
        taste[user] *= 1 - drift
        taste[user, topic] += drift
    return taste


def topics_shown(world: World, items: np.ndarray) -> np.ndarray:
    """Count the topics on each list, `int64[N, T]`; padding does not count."""
    items = np.asarray(items, dtype=np.int64)
    counts = np.zeros((len(items), world.n_topics), dtype=np.int64)
    row, place = np.nonzero(items != PADDING)
    np.add.at(counts, (row, world.item_topic[items[row, place]]), 1)
    return counts


def measure_rounds(turns: Sequence[Round]) -> pd.DataFrame:
    """Measure each round of a loop.

    Args:
        turns: From `feedback_loop`.

    Returns:
        One round a row (index `round`): `clicks`, the exact expectation a user;
        `coverage` and `gini` of the items shown; `popularity_lift` of the lists
        over the users' clicks so far, NaN before there are any;
        `exposure_entropy`, mean entropy of the topics on a user's list, in nats;
        `taste_entropy`, mean entropy of the tastes at that time, in nats.
    """
    rows = []
    for turn in turns:
        world, ranking, before = turn.world, turn.ranking, turn.before
        lift = np.nan
        if len(before):
            popularity = np.bincount(before.item, minlength=world.n_items)
            lift = popularity_lift(ranking, popularity, before.matrix())
        rows.append(
            {
                "clicks": turn.expected_clicks.mean(),
                "coverage": coverage(ranking, world.n_items),
                "gini": gini(ranking, world.n_items),
                "popularity_lift": lift,
                "exposure_entropy": spread(topics_shown(world, ranking.items)).within,
                "taste_entropy": spread(world.taste).within,
            }
        )
    return pd.DataFrame(rows, index=pd.RangeIndex(len(turns), name="round"))
