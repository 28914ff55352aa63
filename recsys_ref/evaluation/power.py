"""How many users does a test need? Planned before it, or it decides nothing.

The larger the group, the smaller the difference that it can tell from chance.
All four functions are one formula, for two arms of one size, solved for one of
effect, users and power. It is the normal approximation, good from some thirty
users an arm on.

Book section 6. The test itself is `recsys_ref.evaluation.ab_test`.
"""

from math import ceil

import numpy as np
from scipy import stats


def users_per_arm(
    effect: float, sd: float, *, power: float = 0.8, level: float = 0.95
) -> int:
    r"""Plan a test: the users that each arm needs to find an effect.

    n = 2 (z_{(1 + level) / 2} + z_power)^2 (sd / effect)^2, the normal
    approximation (the tail on the wrong side is left out: too rare to plan
    for). Half the effect needs four times the users.

    Args:
        effect: The difference that must not be missed, in units of the
            outcome; either sign, not 0.
        sd: Standard deviation of the outcome over users; of a yes or no see
            `sd_of_shares`.
        power: Chance that the test finds it, in (0, 1).
        level: Confidence level of the test, in (0, 1).

    Returns:
        Users of one arm, rounded up, at least 2.

    Raises:
        ValueError: If an argument is out of its range.

    References:
        Book section 6.

    Examples:
        >>> users_per_arm(effect=0.1, sd=1.0)
        1570
    """
    _check_effect(effect)
    _check_sd(sd)
    _check_share("power", power)
    return max(2, ceil(2 * (_sum_of_z(power, level) * sd / effect) ** 2))


def power_of(effect: float, sd: float, n: int, *, level: float = 0.95) -> float:
    """Return the chance that a test with `n` users an arm finds an effect.

    Both tails count: with no effect it is 1 - `level`, the rate of false
    alarms.

    Args:
        effect: The true difference, in units of the outcome.
        sd: Standard deviation of the outcome over users, > 0.
        n: Users of one arm, at least 2.
        level: Confidence level of the test, in (0, 1).

    Raises:
        ValueError: If an argument is out of its range.

    References:
        Book section 6.

    Examples:
        >>> round(power_of(effect=0.1, sd=1.0, n=1570), 3)
        0.8
        >>> round(power_of(effect=0.0, sd=1.0, n=1570), 3)
        0.05
    """
    _check_sd(sd)
    _check_users(n)
    _check_share("level", level)
    if not np.isfinite(effect):
        raise ValueError(f"effect: must be finite, got {effect}")
    shift = abs(effect) / (sd * np.sqrt(2 / n))
    z = stats.norm.ppf((1 + level) / 2)
    return float(stats.norm.sf(z - shift) + stats.norm.cdf(-z - shift))


def minimum_detectable_effect(
    sd: float, n: int, *, power: float = 0.8, level: float = 0.95
) -> float:
    """Return the smallest effect that a test of `n` users an arm is sure to find.

    Sure as `power` says. It is `users_per_arm` solved for the effect.

    Args:
        sd: Standard deviation of the outcome over users, > 0.
        n: Users of one arm, at least 2.
        power: Chance that the test finds the effect, in (0, 1).
        level: Confidence level of the test, in (0, 1).

    Raises:
        ValueError: If an argument is out of its range.

    References:
        Book section 6.

    Examples:
        >>> round(minimum_detectable_effect(sd=1.0, n=1570), 3)
        0.1
    """
    _check_sd(sd)
    _check_users(n)
    _check_share("power", power)
    return float(_sum_of_z(power, level) * sd * np.sqrt(2 / n))


def sd_of_shares(control: float, treatment: float) -> float:
    """Return the standard deviation of an outcome that is yes (1) or no (0).

    It is the root of the mean of the two arms' variances p (1 - p), which is
    what the planning functions of this module need.

    Args:
        control: Share of yes in the control, in (0, 1).
        treatment: The share that is hoped for, in (0, 1).

    Raises:
        ValueError: If a share is not in (0, 1).

    References:
        Book section 6.

    Examples:
        >>> sd = sd_of_shares(0.10, 0.12)
        >>> users_per_arm(0.02, sd)
        3839
    """
    _check_share("control", control)
    _check_share("treatment", treatment)
    variances = [share * (1 - share) for share in (control, treatment)]
    return float(np.sqrt(np.mean(variances)))


def _sum_of_z(power: float, level: float) -> float:
    _check_share("level", level)
    return float(stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power))


def _check_share(name: str, share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"{name}: must be in (0, 1), got {share}")


def _check_effect(effect: float) -> None:
    if not np.isfinite(effect) or effect == 0:
        raise ValueError(f"effect: must be finite and not 0, got {effect}")


def _check_sd(sd: float) -> None:
    if not 0 < sd < np.inf:
        raise ValueError(f"sd: must be a finite number > 0, got {sd}")


def _check_users(n: int) -> None:
    if not isinstance(n, (int, np.integer)) or n < 2:
        raise ValueError(f"n: must be a whole number of at least 2, got {n!r}")
