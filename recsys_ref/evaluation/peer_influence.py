"""Did friends copy, or were they alike before? Two tests, of unequal strength.

Both take what users chose, round by round, and who is whose friend. One looks
at the order in time of data as they are. The other needs an experiment.
Book section 6.2.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array


@dataclass(frozen=True)
class TimingTest:
    """What shuffling each user's times did to the agreement with friends.

    Attributes:
        observed: How often a user chose what a friend of his had chosen in the
            round before, over all pairs of friends, both ways, and rounds.
        shuffled: `float64[P]`, the same after each shuffle.
        p_value: (shuffles at least as high + 1) / (P + 1).
    """

    observed: float
    shuffled: np.ndarray
    p_value: float


def timing_test(
    items: np.ndarray,
    edges: np.ndarray,
    *,
    n_shuffles: int = 199,
    rng: np.random.Generator | int,
) -> TimingTest:
    """Shuffle the rounds of each user, and see whether friends still follow.

    Each user keeps his choices and gets another order of them. If everyone
    decides for himself, by tastes that stay, every order is equally likely and
    the p-value is right. If users copy, the choice that follows a friend's is
    torn from it. If something else moves friends at the same time (news that
    all read), that is torn apart too: a small p-value then shows no influence.

    Args:
        items: `int64[R, U]`, one choice a round and user, R >= 2.
        edges: `int64[E, 2]`, pairs of friends, E >= 1.
        n_shuffles: P, at least 1.
        rng: Seed or generator of the shuffles.

    Raises:
        ValueError: If there are no edges, fewer than two rounds, no shuffle, or
            an edge names a user who is not there.

    References:
        After the shuffle test of Anagnostopoulos, Kumar and Mahdian (2008),
        https://doi.org/10.1145/1401890.1401897, who shuffle the times at which
        users become active. Book section 6.2.

    Examples:
        >>> items = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
        >>> timing_test(items, [[0, 1]], rng=0).observed  # 1 is ahead of 0
        0.5
    """
    items, edges = _checked(items, edges)
    if n_shuffles < 1:
        raise ValueError(f"n_shuffles: must be at least 1, got {n_shuffles}")
    rng = np.random.default_rng(rng)
    observed = followed(items, edges)
    shuffled = np.array(
        [followed(rng.permuted(items, axis=0), edges) for _ in range(n_shuffles)]
    )
    as_high = int((shuffled >= observed - 1e-12).sum())
    return TimingTest(observed, shuffled, (as_high + 1) / (n_shuffles + 1))


def followed(items: np.ndarray, edges: np.ndarray) -> float:
    """Return how often a friend's last choice is chosen next, in [0, 1].

    Args:
        items: `int64[R, U]`.
        edges: `int64[E, 2]`, each counted in both directions.
    """
    items, edges = _checked(items, edges)
    first, second = edges.T
    hits = (items[1:, first] == items[:-1, second]).mean()
    return float((hits + (items[1:, second] == items[:-1, first]).mean()) / 2)


@dataclass(frozen=True)
class InfluenceEstimate:
    """The chance to copy, as an experiment sees it.

    Attributes:
        influence: The estimate of lambda.
        low: Lower end of the interval.
        high: Upper end.
        level: Confidence level, such as 0.95.
        shown: Share of choices that were among the friends' last, where these
            were shown.
        hidden: The same where they were not.
    """

    influence: float
    low: float
    high: float
    level: float
    shown: float
    hidden: float


def exposure_experiment(
    items: np.ndarray,
    shown: np.ndarray,
    edges: np.ndarray,
    *,
    level: float = 0.95,
    n_resamples: int = 2_000,
    rng: np.random.Generator | int,
) -> InfluenceEstimate:
    r"""Estimate the chance to copy from hiding friends' choices at random.

    Let q be the chance that a user's own decision is, by taste or by the news
    of the day, among what his friends chose last. Hidden, he chooses one of
    those with q; shown, with lambda + (1 - lambda) q. Who is shown was drawn by
    lot, so q is alike in both groups on average, whatever makes it large, and

    .. math:: \lambda = 1 - (1 - \text{shown}) / (1 - \text{hidden}).

    Args:
        items: `int64[R, U]`, one choice a round and user.
        shown: `bool[R, U]`, whether he was shown; drawn at random. Round 0
            does not count, nor do users without friends.
        edges: `int64[E, 2]`.
        level: Of the interval, by resampling users.
        n_resamples: How often, at least 1.
        rng: Seed or generator of the resamples.

    Raises:
        ValueError: As `timing_test`; or if `shown` has another shape, nobody
            was shown or nobody was not, or all choices of those not shown are
            their friends'.

    References:
        Such an experiment on 253 million people: Bakshy et al. (2012),
        https://arxiv.org/abs/1201.4145. Book section 6.2.
    """
    items, edges = _checked(items, edges)
    shown = np.asarray(shown, dtype=bool)
    if shown.shape != items.shape:
        raise ValueError(f"shown: must have shape {items.shape}, got {shown.shape}")
    if not 0 < level < 1 or n_resamples < 1:
        raise ValueError(
            f"level, n_resamples: must be in (0, 1) and at least 1, got {level} and "
            f"{n_resamples}"
        )
    has_friends = np.isin(np.arange(items.shape[1]), edges)
    hit = _among_friends(items, edges)[:, has_friends]
    shown = shown[1:, has_friends]
    sums = np.array(
        [(hit & shown).sum(0), shown.sum(0), (hit & ~shown).sum(0), (~shown).sum(0)]
    ).astype(np.float64)
    if not sums[1].sum() or not sums[3].sum() or sums[2].sum() == sums[3].sum():
        raise ValueError("shown: needs both kinds, and hidden choices of one's own")
    rng = np.random.default_rng(rng)
    n_users = sums.shape[1]
    weights = rng.multinomial(n_users, np.full(n_users, 1 / n_users), n_resamples)
    resampled = weights @ sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        estimates = _influence(*resampled.T)
    low, high = np.nanquantile(estimates, [(1 - level) / 2, (1 + level) / 2])
    whole = sums.sum(axis=1)
    return InfluenceEstimate(
        float(_influence(*whole)),
        float(low),
        float(high),
        level,
        float(whole[0] / whole[1]),
        float(whole[2] / whole[3]),
    )


def _influence(
    hits: np.ndarray, shown: np.ndarray, chance_hits: np.ndarray, hidden: np.ndarray
) -> np.ndarray:
    return 1 - (1 - hits / shown) / (1 - chance_hits / hidden)


def _among_friends(items: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Tell whose choice is among his friends' of the round before, `bool[R-1, U]`."""
    n_users, n_items = items.shape[1], items.max() + 1
    ends = np.concatenate([edges, edges[:, ::-1]]).T
    ties = csr_array((np.ones(2 * len(edges)), tuple(ends)), shape=(n_users, n_users))
    hits = np.empty((len(items) - 1, n_users), dtype=bool)
    everyone = np.arange(n_users)
    for turn in range(1, len(items)):
        cells = (np.ones(n_users), (everyone, items[turn - 1]))
        chose = ties @ csr_array(cells, shape=(n_users, n_items))
        hits[turn - 1] = chose[everyone, items[turn]] > 0
    return hits


def _checked(items: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    items = np.asarray(items, dtype=np.int64)
    edges = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
    if items.ndim != 2 or len(items) < 2:
        raise ValueError(
            f"items: must be int64[R, U] of at least two rounds, got {items.shape}"
        )
    if not len(edges) or edges.min() < 0 or edges.max() >= items.shape[1]:
        raise ValueError(
            f"edges: need at least one, of users in [0, {items.shape[1]}), got "
            f"{len(edges)}"
        )
    return items, edges
