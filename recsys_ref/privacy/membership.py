"""Membership inference: was this user among those that a model learned from?

The attacker knows a user's history and asks a model about it. A statistic of
the answer that is higher for users of the training part tells them apart.

Book section 8.1.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import rankdata

from recsys_ref.data.checks import check_share, check_whole_number


def paired_halves(
    n_users: int, pairs: int, rng: np.random.Generator | int
) -> np.ndarray:
    """Draw halves of the users to train models on, and the other halves.

    Args:
        n_users: U, at least 2.
        pairs: How many times to cut, at least 1.
        rng: Seed of the cuts.

    Returns:
        `bool[2 pairs, U]`; rows 2p and 2p + 1 are each other's complement, so
        every user is in exactly one of them.

    Raises:
        ValueError: If a number is too small.

    Examples:
        >>> halves = paired_halves(4, 3, rng=0)
        >>> halves.sum(axis=0)
        array([3, 3, 3, 3])
    """
    check_whole_number("n_users", n_users, 2)
    check_whole_number("pairs", pairs, 1)
    rng = np.random.default_rng(rng)
    first = [rng.permutation(n_users) < n_users // 2 for _ in range(pairs)]
    return np.array([half for each in first for half in (each, ~each)])


def own_fit(scores: np.ndarray, histories: csr_array) -> np.ndarray:
    """Average the scores of each user's own items.

    Args:
        scores: `float[B, I]`, what a model gave for the histories.
        histories: Sparse `[B, I]`, non-zero where an item is the user's.

    Returns:
        `float64[B]`; NaN for a user without items. Where the model scores an
        item by the others alone (EASE, ItemKNN), it is a leave-one-out fit.

    Raises:
        ValueError: If the shapes differ.

    Examples:
        >>> own_fit(np.array([[0.2, 0.6, 0.9]]), csr_array([[1, 1, 0]]))
        array([0.4])
    """
    if scores.shape != histories.shape:
        raise ValueError(
            f"scores: must have the shape {histories.shape} of the histories, "
            f"got {scores.shape}"
        )
    mine = csr_array(histories != 0).astype(np.float64)
    total = np.asarray(mine.multiply(np.asarray(scores, np.float64)).sum(axis=1))
    count = mine.sum(axis=1)
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)


def likelihood_ratio(
    observed: np.ndarray, shadows: np.ndarray, member: np.ndarray
) -> np.ndarray:
    r"""Calibrate a statistic by models that the attacker trained himself.

    Users differ, so a high value may mean a member or just an easy user. The
    attacker trains shadow models of his own, with and without each user. They
    say what the user's statistic looks like in either case: two normal
    distributions with means `inside` and `outside` and one variance. The log
    likelihood ratio of what he observes is

        ((observed - outside)^2 - (observed - inside)^2) / (2 variance).

    Args:
        observed: `float64[U]`, the statistic under the model attacked.
        shadows: `float64[M, U]`, the statistic under each shadow model.
        member: `bool[M, U]`, whom each shadow model was trained on. Each user
            must be inside and outside of at least two.

    Returns:
        `float64[U]`, higher for members; 0 where the statistic does not depend
        on membership at all.

    Raises:
        ValueError: If the shapes do not fit, or a user is inside or outside of
            fewer than two.

    References:
        Carlini et al. (2022), https://arxiv.org/abs/2112.03570

    Examples:
        >>> shadows = np.array([[3.0], [5.0], [0.0], [2.0]])
        >>> member = np.array([[True], [True], [False], [False]])
        >>> likelihood_ratio(np.array([4.0]), shadows, member)
        array([2.25])
    """
    member = np.asarray(member, dtype=bool)
    if shadows.shape != member.shape or shadows.shape[1:] != np.shape(observed):
        raise ValueError(
            f"shadows: must be [M, {np.shape(observed)[0]}] as `member`, "
            f"got {shadows.shape} and {member.shape}"
        )
    n_in = member.sum(axis=0)
    if min(n_in.min(initial=2), (len(member) - n_in).min(initial=2)) < 2:
        raise ValueError("member: each user must be inside and outside of two models")
    inside = np.where(member, shadows, 0).sum(axis=0) / n_in
    outside = np.where(member, 0, shadows).sum(axis=0) / (len(member) - n_in)
    rest = shadows - np.where(member, inside, outside)
    variance = (rest**2).sum(axis=0) / (len(member) - 2)
    variance = np.maximum(variance, 1e-12 * (inside - outside) ** 2)  # never 0 of 0
    gain = (observed - outside) ** 2 - (observed - inside) ** 2
    return np.divide(gain, 2 * variance, out=np.zeros_like(gain), where=variance > 0)


def roc(statistic: np.ndarray, member: np.ndarray) -> pd.DataFrame:
    """Trace the attack's false and true alarms over all thresholds.

    Args:
        statistic: `float64[U]`, finite, higher for supposed members.
        member: `bool[U]`, both kinds present.

    Returns:
        Columns `false_positive` and `true_positive`, from (0, 0) to (1, 1);
        equal values enter together.

    Raises:
        ValueError: If the shapes differ, a value is not finite, or all users
            are members or none is.

    Examples:
        >>> roc(np.array([3.0, 2.0, 2.0]), np.array([True, True, False])).values
        array([[0. , 0. ],
               [0. , 0.5],
               [1. , 1. ]])
    """
    false, true = _alarms(*_checked(statistic, member))
    return pd.DataFrame({"false_positive": false, "true_positive": true})


def attack_auc(statistic: np.ndarray, member: np.ndarray) -> float:
    """Return how often a member's value is above a nonmember's; ties half.

    Args:
        statistic: As in `roc`.
        member: As in `roc`.

    Raises:
        ValueError: As `roc`.

    Examples:
        >>> attack_auc(np.array([3.0, 2.0, 2.0]), np.array([True, True, False]))
        0.75
    """
    statistic, member = _checked(statistic, member)
    n_in = member.sum()
    above = rankdata(statistic)[member].sum() - n_in * (n_in + 1) / 2
    return float(above / (n_in * (~member).sum()))


def caught(
    statistic: np.ndarray, member: np.ndarray, *, false_positive: float = 0.01
) -> float:
    """Return the share of members caught at few false alarms.

    Args:
        statistic: As in `roc`.
        member: As in `roc`.
        false_positive: The largest share of nonmembers accused, in (0, 1).

    Raises:
        ValueError: As `roc`, or if `false_positive` is out of its range.

    References:
        Carlini et al. (2022), https://arxiv.org/abs/2112.03570, who argue that
        an attack that is sure of a few people harms them, whatever its mean.

    Examples:
        >>> caught(np.array([3.0, 2.0, 2.0]), np.array([True, True, False]))
        0.5
    """
    check_share("false_positive", false_positive)
    false, true = _alarms(*_checked(statistic, member))
    return float(true[false <= false_positive].max())


def attack_quality(
    statistics: np.ndarray,
    members: np.ndarray,
    *,
    level: float = 0.95,
    n_resamples: int = 500,
    rng: np.random.Generator | int,
) -> pd.DataFrame:
    """Measure an attack over several splits, with intervals over users.

    Args:
        statistics: `float64[S, U]`, one attacked model a row.
        members: `bool[S, U]`, whom each was trained on.
        level: Confidence level, in (0, 1).
        n_resamples: Resamples of the users, each with his values in all splits.
        rng: Seed of the resamples.

    Returns:
        Rows "auc" and "caught" (at 1 % false alarms), columns `mean` over the
        splits, `low` and `high`.

    Raises:
        ValueError: As `roc`, or if a number is out of its range.
    """
    check_share("level", level)
    check_whole_number("n_resamples", n_resamples, 1)
    statistics, members = np.atleast_2d(statistics), np.atleast_2d(members)
    rng = np.random.default_rng(rng)

    def measure(users: np.ndarray | slice) -> list[float]:
        rows = [(s[users], m[users]) for s, m in zip(statistics, members, strict=True)]
        return [
            np.mean([attack_auc(*row) for row in rows]),
            np.mean([caught(*row) for row in rows]),
        ]

    n_users = statistics.shape[1]
    drawn = [measure(rng.integers(n_users, size=n_users)) for _ in range(n_resamples)]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {"mean": measure(slice(None)), "low": low, "high": high},
        index=["auc", "caught"],
    )


def _alarms(statistic: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of false and true alarms, equal values together."""
    order = np.argsort(-statistic, kind="stable")
    last = np.append(np.diff(statistic[order]) != 0, True)  # of its equals
    hits, alarms = np.cumsum(member[order])[last], np.flatnonzero(last) + 1
    false = np.append(0, (alarms - hits) / (~member).sum())
    return false, np.append(0, hits / member.sum())


def _checked(
    statistic: np.ndarray, member: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    statistic = np.asarray(statistic, dtype=np.float64)
    member = np.asarray(member, dtype=bool)
    if statistic.shape != member.shape or statistic.ndim != 1:
        raise ValueError(
            f"statistic: must be one number for each of {member.shape} users, "
            f"got shape {statistic.shape}"
        )
    if not np.isfinite(statistic).all():
        raise ValueError("statistic: must be finite")
    if member.all() or not member.any():
        raise ValueError("member: need both members and nonmembers")
    return statistic, member
