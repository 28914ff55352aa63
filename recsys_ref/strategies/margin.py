r"""Margin in the objective: what a sale earns, beside how likely it is.

Book section 6.1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from recsys_ref.data.checks import check_not_negative


@dataclass(frozen=True)
class Chances:
    """A logistic curve from scores to chances.

    Attributes:
        intercept: Log odds at the score 0.
        slope: Log odds a unit of score.

    Examples:
        >>> Chances(intercept=0.0, slope=1.0)(np.array([0.0, 2.0])).round(2)
        array([0.5 , 0.88])
    """

    intercept: float
    slope: float

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return the chances of scores, `float64` of the same shape."""
        return expit(self.intercept + self.slope * np.asarray(scores, np.float64))


def calibrate(scores: np.ndarray, happened: np.ndarray) -> Chances:
    """Fit the logistic curve of greatest likelihood: a score becomes a chance.

    Scores rank one user's items; how many times likelier one is than the other
    they do not say. Whoever weighs chance against money has to know.

    Args:
        scores: `float[N]`, finite, not all equal: of user-item pairs that were
            not used to fit what scores them.
        happened: `bool[N]`, whether the item was bought; both must occur.

    Raises:
        ValueError: If a score is not finite, or one of the two does not occur.

    References:
        Book section 6.1.

    Examples:
        >>> scores = np.repeat([0.0, 1.0], 100)
        >>> happened = np.r_[np.arange(100) < 50, np.arange(100) < 80]
        >>> calibrate(scores, happened)(np.array([0.0, 1.0])).round(2)
        array([0.5, 0.8])
    """
    scores = np.asarray(scores, np.float64)
    happened = np.asarray(happened, bool)
    if scores.shape != happened.shape or not np.isfinite(scores).all():
        raise ValueError(
            f"scores: must be finite and have the shape of happened {happened.shape}, "
            f"got {scores.shape}"
        )
    if not 0 < happened.sum() < happened.size or not np.ptp(scores):
        raise ValueError("happened: needs both outcomes, and scores that differ")
    center, scale = scores.mean(), scores.std()
    x = (scores - center) / scale

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        odds = parameters[0] + parameters[1] * x
        off = expit(odds) - happened
        value = np.mean(np.logaddexp(0, odds) - happened * odds)
        return value, np.array([off.mean(), (off * x).mean()])

    share = happened.mean()
    start = np.array([np.log(share / (1 - share)), 0.0])
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9})
    slope = float(found.x[1] / scale)
    return Chances(float(found.x[0]) - slope * float(center), slope)


def by_margin(chance: np.ndarray, margin: np.ndarray, greed: float) -> np.ndarray:
    """Score items by chance x margin^greed.

    At 0 the list is the customer's; at 1 each place has the item that is
    expected to earn most; above 1 it earns *less*: what pays well and nobody buys.

    Args:
        chance: `float[B, I]`, of a purchase, >= 0.
        margin: `float[I]`, what a sale earns, > 0 in any unit.
        greed: The exponent, >= 0.

    Returns:
        `float64[B, I]`, higher is better.

    Raises:
        ValueError: If a number is out of range or the shapes do not fit.

    References:
        Jannach and Adomavicius (2017), https://arxiv.org/abs/1707.08029, on
        prices and profit in recommenders; book section 6.1.

    Examples:
        >>> by_margin(np.array([[0.2, 0.1]]), np.array([1.0, 4.0]), greed=1.0)
        array([[0.2, 0.4]])
    """
    chance, margin = np.asarray(chance, float), np.asarray(margin, float)
    check_not_negative("greed", greed)
    if chance.ndim != 2 or margin.shape != chance.shape[1:]:
        raise ValueError(
            f"margin: must be float[I], I the columns of chance {chance.shape}, got "
            f"{margin.shape}"
        )
    if not (margin > 0).all() or not (chance >= 0).all():
        raise ValueError(
            "margin, chance: must be > 0 and >= 0, got at least "
            f"{margin.min()} and {chance.min()}"
        )
    return chance * margin**greed
