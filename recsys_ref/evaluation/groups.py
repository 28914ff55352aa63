"""Who is served worse: a metric by group of users, and whether it is chance.

Groups differ in more than their name. Those with longer histories have more films
left to be found, and get better lists. So every function here can compare users
within bands of another quantity, such as the number of their ratings.

References:
    Ekstrand et al. (2018), https://proceedings.mlr.press/v81/ekstrand18b.html, who
    measured recommenders by gender and age. Book section 8.1.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

DEALS = 250  # shuffles made at once
LEAST = 20  # users: a group with fewer is named, and not measured


@dataclass(frozen=True)
class Gap:
    """The largest difference of two groups' means.

    Attributes:
        gap: Highest less lowest mean.
        highest: The group of the highest mean.
        lowest: The group of the lowest mean.
        p: How often a shuffle of the groups makes a gap as large.
        n_users: Users compared.
        too_small: Groups that were left out for having too few users.
        n_undefined: Users left out for having no value.
    """

    gap: float
    highest: object
    lowest: object
    p: float
    n_users: int
    too_small: tuple
    n_undefined: int

    def __str__(self) -> str:
        return (
            f"{self.highest} {self.gap:.4f} above {self.lowest} (p = {self.p:.4f}, "
            f"{self.n_users:,} users)"
        )


def bands(amounts: np.ndarray, n: int) -> np.ndarray:
    """Part users into bands of about equal size; equal amounts stay together.

    Args:
        amounts: `float64[U]`, such as ratings a user.
        n: How many bands, at least 1.

    Returns:
        `int64[U]`, the band of each user, from 0 for the least.

    Raises:
        ValueError: If `n` < 1 or an amount is NaN.

    Examples:
        >>> bands(np.array([20, 20, 500, 31, 90, 44]), n=3)
        array([0, 0, 2, 1, 2, 1])
    """
    amounts = np.asarray(amounts, dtype=np.float64)
    if n < 1 or np.isnan(amounts).any():
        raise ValueError(f"n, amounts: need n >= 1 and no NaN, got n = {n}")
    middle = pd.Series(amounts).rank().to_numpy() - 0.5
    return np.minimum((middle * n / max(len(amounts), 1)).astype(np.int64), n - 1)


def by_group(
    values: np.ndarray | pd.Series,
    groups: np.ndarray,
    *,
    within: np.ndarray | None = None,
    least: int = LEAST,
    level: float = 0.95,
    n_resamples: int = 2_000,
    rng: np.random.Generator | int,
) -> pd.DataFrame:
    r"""Average a metric over each group, with an interval over its users.

    With `within`, means are adjusted by the additive model
    value = group + band: what each group would have, had it all users' mix of
    bands. Without, they are plain means.

    Args:
        values: `float64[U]`, one a user; NaN where undefined.
        groups: `[U]`, the group of each user, of any type that can be sorted.
        within: `int64[U]`, a band for each user, as from `bands`.
        least: A group with fewer users that have a value gets NaN.
        level: Confidence level of the intervals, in (0, 1).
        n_resamples: How often users are drawn anew, with replacement, within each
            group.
        rng: Seed of the resamples.

    Returns:
        One group a row, sorted: `users` with a value, `undefined` without, `mean`,
        `low`, `high`, and `gap`, `gap_low`, `gap_high`: the mean less that of all
        users who are compared, with its own interval.

    Raises:
        ValueError: If lengths differ, a value is infinite, `level` is out of range
            or no group is large enough.

    References:
        Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    Examples:
        >>> values = np.array([0.2, 0.4, 0.6, 0.8, np.nan])
        >>> table = by_group(values, np.array(list("aabbb")), least=2, rng=0)
        >>> table[["users", "undefined", "mean"]]
           users  undefined  mean
        a      2          0   0.3
        b      2          1   0.7
    """
    if not 0 < level < 1:
        raise ValueError(f"level: must be in (0, 1), got {level}")
    data = _Data.of(values, groups, within, least)
    rng = np.random.default_rng(rng)
    order = np.argsort(data.group, kind="stable")  # users of a group side by side
    size = np.bincount(data.group)
    first, own = np.cumsum(size) - size, np.repeat(size, size)
    first = np.repeat(first, size)
    means = np.empty((n_resamples + 1, len(data.names)))
    means[0] = data.means(np.arange(len(data.value)))
    for row in range(1, n_resamples + 1):
        drawn = order[first + (rng.random(len(own)) * own).astype(np.int64)]
        means[row] = data.means(drawn)
    share = size / len(data.value)
    gaps = means - (means @ share)[:, None]
    ends = [(1 - level) / 2, (1 + level) / 2]
    measured = pd.DataFrame(
        {"mean": means[0], "gap": gaps[0]}, index=pd.Index(data.names)
    )
    for name, draws in (("", means[1:]), ("gap_", gaps[1:])):
        low, high = np.quantile(draws, ends, axis=0)
        measured[f"{name}low"], measured[f"{name}high"] = low, high
    columns = ["mean", "low", "high", "gap", "gap_low", "gap_high"]
    return data.counts.join(measured[columns])


def gap_test(
    values: np.ndarray | pd.Series,
    groups: np.ndarray,
    *,
    within: np.ndarray | None = None,
    least: int = LEAST,
    n_resamples: int = 10_000,
    rng: np.random.Generator | int,
) -> Gap:
    """Test whether the largest gap of the groups' means is more than chance.

    If the group did not matter, users could have been given their groups in any
    order. So groups are dealt anew, within the bands if there are any, and p is how
    often the largest gap gets as large as it is. That gap is the largest of all
    pairs each time, so having looked for the largest is accounted for.

    Args:
        values: As for `by_group`.
        groups: As for `by_group`.
        within: As for `by_group`; the means compared are then the adjusted ones.
        least: Groups with fewer users that have a value are left out, and named.
        n_resamples: Number of deals, at least 1.
        rng: Seed of the deals.

    Returns:
        The gap, with p = (hits + 1) / (n_resamples + 1).

    Raises:
        ValueError: As `by_group`, or if fewer than two groups are large enough.

    References:
        Phipson and Smyth (2010), https://doi.org/10.2202/1544-6115.1585

    Examples:
        >>> values = np.r_[np.zeros(30), np.ones(30)] + np.arange(60) % 3
        >>> print(gap_test(values, np.repeat(["a", "b"], 30), rng=0))
        b 1.0000 above a (p = 0.0001, 60 users)
    """
    if n_resamples < 1:
        raise ValueError(f"n_resamples: must be at least 1, got {n_resamples}")
    data = _Data.of(values, groups, within, least)
    if len(data.names) < 2:
        raise ValueError(
            f"groups: need two groups of at least {least} users with a value, got "
            f"{list(data.names)}"
        )
    rng = np.random.default_rng(rng)
    order = np.argsort(data.band, kind="stable")  # users of a band side by side
    value, band, group = data.centred[order], data.band[order], data.group[order]
    solve = data.solver(np.arange(len(order)))
    observed = solve @ _sums(value, group, len(data.names))
    as_far = np.ptp(observed) - 1e-12
    extreme = 0
    for start in range(0, n_resamples, DEALS):
        deals = min(DEALS, n_resamples - start)
        # Bands are whole numbers: users stay in theirs, in an order drawn by lot.
        dealt = group[np.argsort(band + rng.random((deals, len(band))), axis=1)]
        cells = dealt + np.arange(deals)[:, None] * len(data.names)
        sums = _sums(np.tile(value, deals), cells.ravel(), deals * len(data.names))
        effects = sums.reshape(deals, -1) @ solve
        extreme += int((np.ptp(effects, axis=1) >= as_far).sum())
    counts = data.counts
    return Gap(
        gap=float(np.ptp(observed)),
        highest=data.names[int(observed.argmax())],
        lowest=data.names[int(observed.argmin())],
        p=(extreme + 1) / (n_resamples + 1),
        n_users=len(value),
        too_small=tuple(counts.index[counts["users"] < least].tolist()),
        n_undefined=int(counts["undefined"].sum()),
    )


@dataclass(frozen=True)
class _Data:
    """Users with a value in groups large enough, numbered.

    The additive model is solved for the groups alone: with the bands' means taken
    out of values and of group indicators, what is left is a linear system of the size
    of the groups. Its matrix hangs on who is in which band and not on the values.
    """

    value: np.ndarray  # float64[N]
    group: np.ndarray  # int64[N]
    band: np.ndarray  # int64[N]
    names: np.ndarray  # [G]
    counts: pd.DataFrame  # of all groups, those too small included

    @classmethod
    def of(cls, values, groups, within, least) -> "_Data":
        values, groups = np.asarray(values, dtype=np.float64), np.asarray(groups)
        within = np.zeros(len(values), dtype=np.int64) if within is None else within
        within = np.asarray(within)
        if values.ndim != 1 or not values.shape == groups.shape == within.shape:
            raise ValueError(
                "values, groups, within: must have one length, got "
                f"{values.shape}, {groups.shape} and {within.shape}"
            )
        if np.isinf(values).any():
            raise ValueError("values: must be finite, or NaN where undefined")
        defined = ~np.isnan(values)
        every, codes = np.unique(groups, return_inverse=True)
        users = np.bincount(codes[defined], minlength=len(every))
        counts = pd.DataFrame(
            {"users": users, "undefined": np.bincount(codes) - users},
            index=pd.Index(every),
        )
        large = users >= least
        if not large.any():
            raise ValueError(
                f"groups: none has {least} users with a value, the most is "
                f"{users.max(initial=0)}"
            )
        kept = defined & large[codes]
        number = np.cumsum(large) - 1
        _, band = np.unique(within[kept], return_inverse=True)
        return cls(values[kept], number[codes[kept]], band, every[large], counts)

    @property
    def centred(self) -> np.ndarray:
        """Values less the mean of their band."""
        return _centred(self.value, self.band)

    def solver(self, rows: np.ndarray) -> np.ndarray:
        """Return the matrix from sums of centred values to group effects, [G, G]."""
        size = (len(self.names), self.band.max() + 1)
        table = np.zeros(size)
        np.add.at(table, (self.group[rows], self.band[rows]), 1.0)
        users = np.maximum(table.sum(axis=0), 1.0)
        matrix = np.diag(table.sum(axis=1)) - (table / users) @ table.T
        return np.linalg.pinv(matrix, rcond=1e-10, hermitian=True)

    def means(self, rows: np.ndarray) -> np.ndarray:
        """Return the adjusted mean of each group over some users, `float64[G]`."""
        value, group, band = self.value[rows], self.group[rows], self.band[rows]
        sums = _sums(_centred(value, band), group, len(self.names))
        effect = self.solver(rows) @ sums
        share = np.bincount(group, minlength=len(self.names)) / len(group)
        return value.mean() + effect - share @ effect


def _sums(value: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    return np.bincount(group, value, minlength=n_groups)


def _centred(value: np.ndarray, band: np.ndarray) -> np.ndarray:
    users = np.maximum(np.bincount(band), 1)
    return value - (np.bincount(band, value) / users)[band]
