"""Is the difference more than chance? Paired over users, whose luck is shared.

Two strategies are measured on the same users, so the difference is taken
within each user first. How much users differ among themselves then cancels.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

CELLS = 2**22  # resampled values held at once: 32 MiB a float64 array


@dataclass(frozen=True)
class Interval:
    """A mean difference and a confidence interval for it.

    Attributes:
        mean: Mean of `a - b` over users.
        low: Lower end.
        high: Upper end.
        level: Confidence level, such as 0.95.
        n_users: Users that `mean` is over.
        n_left_out: Users left out because neither `a` nor `b` is defined.
    """

    mean: float
    low: float
    high: float
    level: float
    n_users: int
    n_left_out: int

    def __str__(self) -> str:
        return f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


def paired_bootstrap(
    a: np.ndarray | pd.Series,
    b: np.ndarray | pd.Series,
    *,
    level: float = 0.95,
    n_resamples: int = 10_000,
    rng: np.random.Generator | int,
) -> Interval:
    """Bound the mean of `a - b` by resampling users with replacement.

    The interval is the percentile one: the middle `level` of the means of the
    resamples. It speaks of other users of the same kind, not of other splits
    of the data; for those see `recsys_ref.evaluation.seeds`.

    Args:
        a: `float64[U]`, one value a user; NaN where undefined.
        b: `float64[U]`, the same users in the same order.
        level: Confidence level, in (0, 1).
        n_resamples: Number of resamples, at least 1.
        rng: Seed of the resamples.

    Returns:
        The interval. Costs O(U n_resamples) time and some 64 MiB.

    Raises:
        ValueError: If the two do not pair: other lengths, other users, or a
            user who is NaN in only one; or if a value is infinite or no
            user is left.

    References:
        Efron and Tibshirani (1993), An Introduction to the Bootstrap,
        chapter 13. Book section 3.5.

    Examples:
        >>> ours, theirs = np.array([[0.9, 0.7, 0.6, 0.8], [0.5, 0.4, 0.3, 0.4]])
        >>> print(paired_bootstrap(ours, theirs, rng=0))
        +0.3500 [+0.3000, +0.4000]
    """
    if not 0 < level < 1:
        raise ValueError(f"level: must be in (0, 1), got {level}")
    differences, n_left_out = _paired(a, b)
    rng = np.random.default_rng(rng)
    n_users = len(differences)
    means = np.concatenate(
        [
            differences[rng.integers(n_users, size=(size, n_users))].mean(axis=1)
            for size in _batches(n_resamples, n_users)
        ]
    )
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    mean = float(differences.mean())
    return Interval(mean, float(low), float(high), level, n_users, n_left_out)


def permutation_test(
    a: np.ndarray | pd.Series,
    b: np.ndarray | pd.Series,
    *,
    n_resamples: int = 10_000,
    rng: np.random.Generator | int,
) -> float:
    """Test, two-sided, whether `a` and `b` have the same mean.

    If the two strategies were alike, each user's difference could as well
    have had the other sign. So signs are flipped at random, and p is how
    often the mean gets as far from 0 as it is.

    Args:
        a: `float64[U]`, one value a user; NaN where undefined.
        b: `float64[U]`, the same users in the same order.
        n_resamples: Number of random sign patterns, at least 1.
        rng: Seed of the signs.

    Returns:
        (hits + 1) / (n_resamples + 1): the observed signs are one pattern
        too, so p is never 0.

    Raises:
        ValueError: As `paired_bootstrap`.

    References:
        Phipson and Smyth (2010), https://doi.org/10.2202/1544-6115.1585
        (why p may not be 0). Book section 3.5.

    Examples:
        >>> ours, theirs = np.array([[0.9, 0.7, 0.6, 0.8], [0.5, 0.4, 0.3, 0.4]])
        >>> round(permutation_test(ours, theirs, rng=0), 2)  # exactly: 2 / 16
        0.12
    """
    differences, _ = _paired(a, b)
    rng = np.random.default_rng(rng)
    observed = abs(differences.sum())
    as_far = observed - 1e-12 * np.abs(differences).sum()  # sums differ by rounding
    extreme = 0
    for size in _batches(n_resamples, len(differences)):
        signs = 2.0 * rng.integers(2, size=(size, len(differences))) - 1
        extreme += int((np.abs(signs @ differences) >= as_far).sum())
    return (extreme + 1) / (n_resamples + 1)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values of several tests, so that one false alarm stays rare.

    Args:
        p_values: `float64[M]`, each in [0, 1].

    Returns:
        `float64[M]`, adjusted, in the order given. Rejecting those at most
        0.05 has at most a 5 % chance of any false rejection.

    Raises:
        ValueError: If a value lies outside [0, 1] or is NaN.

    References:
        Holm (1979), https://www.jstor.org/stable/4615733

    Examples:
        >>> holm(np.array([0.01, 0.04, 0.03]))
        array([0.03, 0.06, 0.06])
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    if not ((p_values >= 0) & (p_values <= 1)).all():
        raise ValueError(f"p_values: each must be in [0, 1], got {p_values}")
    order = np.argsort(p_values, kind="stable")
    tests_left = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.maximum.accumulate(p_values[order] * tests_left)
    return np.minimum(adjusted, 1)


def _paired(
    a: np.ndarray | pd.Series, b: np.ndarray | pd.Series
) -> tuple[np.ndarray, int]:
    """Return the differences of the users defined in both, and how many are not."""
    indices = [values.index for values in (a, b) if isinstance(values, pd.Series)]
    if len(indices) == 2 and not indices[0].equals(indices[1]):
        raise ValueError("a, b: must hold the same users in the same order")
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(
            f"a, b: must be float64[U] of one length, got {a.shape} and {b.shape}"
        )
    if np.isinf(a).any() or np.isinf(b).any():
        raise ValueError("a, b: must be finite, or NaN where undefined, got infinity")
    undefined = np.isnan(a)
    if (undefined != np.isnan(b)).any():
        place = int(np.argmax(undefined != np.isnan(b)))
        raise ValueError(
            f"a, b: a user is undefined in both or in neither, got {a[place]} "
            f"and {b[place]} in place {place}"
        )
    if undefined.all():
        raise ValueError(f"a, b: need a user with a value, got {len(a)} without")
    return (a - b)[~undefined], int(undefined.sum())


def _batches(n_resamples: int, n_users: int) -> list[int]:
    """Split the resamples so that a batch holds about `CELLS` values."""
    if n_resamples < 1:
        raise ValueError(f"n_resamples: must be at least 1, got {n_resamples}")
    size = max(1, CELLS // n_users)
    full, rest = divmod(n_resamples, size)
    return [size] * full + [rest] * (rest > 0)
