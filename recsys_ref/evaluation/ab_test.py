"""Two groups of users, two lists: how many users, and what the difference says.

An outcome is one number a user, such as his clicks of a week. A user is in one
arm and stays there, so his events stand or fall together; whoever counts
events instead of users gets intervals that are too narrow.

Book section 6. How many users it needs says `recsys_ref.evaluation.power`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Effect:
    """The mean of the treatment less that of the control.

    Attributes:
        control: Mean outcome of the control, in units of the outcome.
        treatment: Mean outcome of the treatment.
        difference: `treatment - control`.
        low: Lower end of the interval for the difference.
        high: Upper end.
        p_value: Two-sided, of no difference.
        level: Confidence level, such as 0.95.
        n_control: Users of the control.
        n_treatment: Users of the treatment.
    """

    control: float
    treatment: float
    difference: float
    low: float
    high: float
    p_value: float
    level: float
    n_control: int
    n_treatment: int

    def __str__(self) -> str:
        return (
            f"{self.difference:+.4f} [{self.low:+.4f}, {self.high:+.4f}], "
            f"p = {self.p_value:.3f}"
        )


def two_arms(
    control: np.ndarray, treatment: np.ndarray, *, level: float = 0.95
) -> Effect:
    r"""Compare the means of two groups of users: Welch's test and interval.

    With the sample variances s^2 and v = s_C^2 / n_C + s_T^2 / n_T, the
    interval is the difference -+ t sqrt(v), where t has
    v^2 / ((s_C^2 / n_C)^2 / (n_C - 1) + (s_T^2 / n_T)^2 / (n_T - 1)) degrees of
    freedom. The arms may differ in size and in spread.

    Args:
        control: `float64[U]`, one outcome a user, finite.
        treatment: `float64[U]`, those of other users.
        level: Confidence level, in (0, 1).

    Returns:
        The effect. Its interval holds zero just when p > 1 - `level`.

    Raises:
        ValueError: If an arm has fewer than two users, an outcome is not
            finite, or all outcomes of both arms are equal within their arm.

    References:
        Welch (1947), The generalization of "Student's" problem when several
        different population variances are involved, Biometrika 34. Book
        section 6.

    Examples:
        >>> print(two_arms(np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 4.0])))
        +2.0000 [-0.2670, +4.2670], p = 0.070
    """
    if not 0 < level < 1:
        raise ValueError(f"level: must be in (0, 1), got {level}")
    control = _outcomes("control", control)
    treatment = _outcomes("treatment", treatment)
    if not (np.ptp(control) or np.ptp(treatment)):
        raise ValueError(
            "control, treatment: need outcomes that differ within an arm, got only "
            f"{control[0]} and {treatment[0]}"
        )
    squares = [arm.var(ddof=1) / len(arm) for arm in (control, treatment)]
    error2 = sum(squares)
    freedom = error2**2 / sum(
        square**2 / (len(arm) - 1)
        for square, arm in zip(squares, (control, treatment), strict=True)
    )
    means = float(control.mean()), float(treatment.mean())
    difference = means[1] - means[0]
    error = float(np.sqrt(error2))
    reach = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    p_value = float(2 * stats.t.sf(abs(difference) / error, freedom))
    return Effect(
        *means,
        difference,
        difference - reach,
        difference + reach,
        p_value,
        level,
        len(control),
        len(treatment),
    )


def cuped(
    control: np.ndarray,
    treatment: np.ndarray,
    *,
    control_before: np.ndarray,
    treatment_before: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Take from each outcome what the same user's past already told.

    y - theta (x - mean of all x), where x is an outcome of the time *before*
    the test and theta the slope of y on x, pooled within the arms. The test
    cannot have changed x, so the difference of the arms stays unbiased (up to
    a part of order 1 / U that fitting theta costs), and of the variance
    1 - correlation^2 is left.

    Args:
        control: `float64[U]`, outcomes of the control.
        treatment: `float64[U]`, outcomes of the treatment.
        control_before: The same users' outcomes before the test.
        treatment_before: The same of the treatment.

    Returns:
        Both arms' adjusted outcomes, for `two_arms`.

    Raises:
        ValueError: If an arm and its past differ in length, an outcome is
            not finite, an arm has fewer than two users, or the past is the
            same for all.

    References:
        Deng, Xu, Kohavi and Walker (2013),
        https://doi.org/10.1145/2433396.2433413. Book section 6.

    Examples:
        >>> before, after = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])
        >>> adjusted, _ = cuped(
        ...     after, after + 1, control_before=before, treatment_before=before
        ... )
        >>> adjusted
        array([4., 4., 4.])
    """
    pairs = [
        _with_past("control", control, control_before),
        _with_past("treatment", treatment, treatment_before),
    ]
    if not any(np.ptp(x) for _, x in pairs):
        raise ValueError(
            "control_before, treatment_before: must differ among the users of an "
            f"arm, got only {pairs[0][1][0]} and {pairs[1][1][0]}"
        )
    together = sum((y - y.mean()) @ (x - x.mean()) for y, x in pairs)
    spread = sum(len(x) * x.var() for _, x in pairs)
    mean = np.concatenate([x for _, x in pairs]).mean()
    adjusted = [y - together / spread * (x - mean) for y, x in pairs]
    return adjusted[0], adjusted[1]


def _outcomes(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            f"{name}: must be float64[U] of at least two users, "
            f"got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        place = int(np.argmax(~np.isfinite(values)))
        raise ValueError(
            f"{name}: must be finite, got {values[place]} in place {place}"
        )
    return values


def _with_past(
    name: str, after: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    after, before = _outcomes(name, after), _outcomes(f"{name}_before", before)
    if len(after) != len(before):
        raise ValueError(
            f"{name}_before: must be of the {len(after)} users of {name}, "
            f"got {len(before)}"
        )
    return after, before
