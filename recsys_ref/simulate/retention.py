"""Who is still there after some weeks, under a model of returning that is stated.

Whether real people stay because of what they were shown, no simulation can say.
This one states how its people decide, so that policies can be compared under
that assumption. Book section 6.2.
"""

from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from recsys_ref.data.checks import check_positive, check_whole_number
from recsys_ref.simulate.log import Log, show
from recsys_ref.simulate.rounds import Fit
from recsys_ref.simulate.world import World


@dataclass(frozen=True)
class ReturnModel:
    r"""The chance to come back next week, from what was liked so far.

    A visit is a *good* one if the user clicked anything on his list. After n
    visits, g of them good, he returns with the probability

    .. math:: \ell + (h - \ell) \frac{g + \pi c}{n + c},

    else he leaves and never comes back. So a share of good visits moves him
    between the chances low and high, and c visits that he imagines beforehand,
    a share pi of them good, keep a first bad one from deciding everything.

    Attributes:
        low: Chance of who had bad visits alone, in the long run, in [0, 1].
        high: Chance of who had good visits alone, in [low, 1].
        prior: pi, in [0, 1].
        prior_visits: c, > 0.

    Raises:
        ValueError: If a parameter is out of its range.

    Examples:
        >>> model = ReturnModel(low=0.5, high=0.9, prior=0.5, prior_visits=2.0)
        >>> model.chance(visits=np.array([2, 2]), good=np.array([0, 2]))
        array([0.6, 0.8])
    """

    low: float = 0.6
    high: float = 0.98
    prior: float = 0.5
    prior_visits: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 1:
            raise ValueError(
                f"low, high: must be 0 <= low <= high <= 1, got {self.low}, {self.high}"
            )
        if not 0 <= self.prior <= 1:
            raise ValueError(f"prior: must be in [0, 1], got {self.prior}")
        check_positive("prior_visits", self.prior_visits)

    def chance(self, visits: np.ndarray, good: np.ndarray) -> np.ndarray:
        """Return the chance to come back, `float64[U]`.

        Args:
            visits: `int64[U]`, visits so far.
            good: `int64[U]`, good ones among them.
        """
        share = (np.asarray(good) + self.prior * self.prior_visits) / (
            np.asarray(visits) + self.prior_visits
        )
        return self.low + (self.high - self.low) * share

    def expected_active(self, good: float, weeks: int) -> np.ndarray:
        """Return the share still there in each week, exactly, `float64[W]`.

        For a user whose every visit is good with the same probability: all
        numbers of good visits are followed, with their chances.

        Args:
            good: Chance of a good visit, in [0, 1].
            weeks: W, the first included, in which all are there.

        Raises:
            ValueError: If an argument is out of its range.

        Examples:
            >>> ReturnModel(low=0.5, high=0.5).expected_active(0.3, weeks=3)
            array([1.  , 0.5 , 0.25])
        """
        check_whole_number("weeks", weeks, 1)
        if not 0 <= good <= 1:
            raise ValueError(f"good: must be in [0, 1], got {good}")
        alive = np.array([1.0])  # by the number of good visits
        shares = []
        for week in range(weeks):
            shares.append(alive.sum())
            visited = np.append(alive * (1 - good), 0.0)
            visited[1:] += alive * good
            alive = visited * self.chance(week + 1, np.arange(week + 2))
        return np.array(shares)


@dataclass(frozen=True, eq=False)
class Weeks:
    """What happened week by week.

    Attributes:
        active: `bool[W, U]`, who was there.
        good: `bool[W, U]`, who was there and clicked something.
        clicks: `int64[W, U]`.
        log: All lists that were shown.
    """

    active: np.ndarray
    good: np.ndarray
    clicks: np.ndarray
    log: Log = field(repr=False)

    @property
    def weeks_active(self) -> np.ndarray:
        """`int64[U]`, how many weeks each user was there."""
        return self.active.sum(axis=0)

    @property
    def retention(self) -> np.ndarray:
        """`float64[W]`, share of all users who are there in each week."""
        return self.active.mean(axis=1)


def simulate_weeks(
    world: World,
    fit: Fit,
    returns: ReturnModel,
    *,
    weeks: int,
    rng: np.random.Generator | int,
    k: int = 10,
    eta: float = 1.0,
    hours: float = 168.0,
    history: Log | None = None,
    progress: bool = False,
) -> Weeks:
    """Show lists, learn from the clicks, and let users come back or leave.

    In week 0 everyone is there and sees k posts at random. Each week after that
    a model is fitted on all clicks so far, and shows its best k to those who
    came back. Who leaves does not return. With a history the model chooses from
    week 0 on.

    Args:
        world: The simulation. Posts may appear and age in it; tastes stay.
        fit: Called with all clicks so far; returns what ranks.
        returns: How users decide.
        weeks: W, at least 1.
        rng: Seed or generator of everything drawn. With one seed the first
            week is the same whatever `fit` is.
        k: K, the length of the lists.
        eta: Steepness of attention.
        hours: The time between two weeks' lists, in the world's hours.
        history: Lists that were shown before, of length `k`; their clicks are
            known to the model, and are no visits. None: nothing is known.
        progress: Whether to draw a bar of weeks on stderr, if a terminal.

    Raises:
        ValueError: If an argument is out of range, in some week fewer than `k`
            items have appeared, or the history's lists are of another length.

    Examples:
        >>> from recsys_ref.simulate.world import make_world
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> run = simulate_weeks(
        ...     make_world(50, 30, 3, rng=0), lambda clicks: Popularity().fit(clicks),
        ...     ReturnModel(), weeks=4, k=5, rng=0)
        >>> run.active.shape, bool((np.diff(run.retention) <= 0).all())
        ((4, 50), True)
    """
    check_whole_number("weeks", weeks, 1)
    check_whole_number("k", k, 1)
    check_positive("hours", hours)
    rng = np.random.default_rng(rng)
    users = np.arange(world.n_users)
    active, good = np.zeros((2, weeks, users.size), dtype=bool)
    clicks = np.zeros((weeks, users.size), dtype=np.int64)
    logs: list[Log] = [] if history is None else [history]
    for week in tqdm(range(weeks), desc="weeks", disable=None if progress else True):
        now = week * hours
        offered = np.flatnonzero(world.available(now))
        if k > offered.size:
            raise ValueError(
                f"k: must be at most the {offered.size} items that exist in week "
                f"{week}, got {k}"
            )
        active[week, users] = True
        if logs:
            ranker = fit(Log.join(logs).interactions(world))
            seed = int(rng.integers(2**32))
            lists = ranker.recommend(users, k=k, candidates=offered, rng=seed).items
        else:
            lists = rng.permuted(np.tile(offered, (users.size, 1)), axis=1)[:, :k]
        log = show(world, users, lists, rng=rng, eta=eta, now=now)
        logs.append(log)
        clicks[week, users] = log.clicks.sum(axis=1)
        good[week] = clicks[week] > 0
        visits = active.sum(axis=0)[users]
        chance = returns.chance(visits, good.sum(axis=0)[users])
        users = users[rng.random(users.size) < chance]
    return Weeks(active, good, clicks, Log.join(logs[history is not None :]))
