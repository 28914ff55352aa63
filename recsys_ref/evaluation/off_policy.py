r"""What would another policy have earned? An estimate from the log of this one.

Row n of a log is one decision: an item a was shown with probability pi_0(a),
and a reward r came of it, such as a click. The target policy would have shown
the same item with probability pi(a). The importance weight w = pi(a) / pi_0(a)
says for how many decisions of the target this row stands:

.. math:: \mathbb{E}_{\pi_0}[w r] = \sum_a \pi_0(a) \frac{\pi(a)}{\pi_0(a)} r(a)
          = \mathbb{E}_{\pi}[r],

wherever pi_0 > 0 if pi > 0 (support). Rows of one user are alike, so all
intervals here are over users.

Book section 6.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Estimate:
    """The value of a policy and a confidence interval for it.

    Attributes:
        value: Mean reward of a decision under the target policy.
        low: Lower end.
        high: Upper end.
        level: Confidence level, such as 0.95.
        n_users: Users whose decisions were logged.
    """

    value: float
    low: float
    high: float
    level: float
    n_users: int

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def importance_weights(
    logging: np.ndarray, target: np.ndarray, *, cap: float = np.inf
) -> np.ndarray:
    """Weigh each logged decision by how much likelier the target takes it.

    Args:
        logging: `float64[N]`, with which probability the logging policy showed
            what it showed; in (0, 1].
        target: `float64[N]`, with which the target policy would have; in [0, 1].
        cap: The largest weight, > 0: what is above is cut down to it. That
            buys less variance with a bias (downward, where no reward is
            negative).

    Returns:
        `float64[N]`; their mean is near 1 where nothing is cut.

    Raises:
        ValueError: If the lengths differ or a probability is out of its range.

    References:
        Book section 6.

    Examples:
        >>> importance_weights(np.array([0.5, 0.1]), np.array([0.25, 0.6]))
        array([0.5, 6. ])
    """
    logging, target = _column("logging", logging), _column("target", target)
    _check_length("target", target, "logging", logging)
    if not cap > 0:
        raise ValueError(f"cap: must be > 0, got {cap}")
    for name, chances, low in (("logging", logging, "("), ("target", target, "[")):
        fits = (chances <= 1) & ((chances > 0) if low == "(" else (chances >= 0))
        if not fits.all():
            place = int(np.argmin(fits))
            raise ValueError(
                f"{name}: must be in {low}0, 1], got {chances[place]} in place {place}"
            )
    return np.minimum(target / logging, cap)


def check_support(logging: np.ndarray, target: np.ndarray) -> None:
    """Refuse a target that shows what the logging policy never did.

    Of such an item the log says nothing. The importance weights stay finite
    without it, and the estimates silently count its reward as 0.

    Args:
        logging: `float64[B, I]`, all probabilities of the logging policy.
        target: `float64[B, I]`, those of the target in the same contexts.

    Raises:
        ValueError: If the shapes differ, or the target has a probability above
            0 where the logging policy has 0.

    References:
        Book section 6.

    Examples:
        >>> check_support(np.array([[1.0, 0.0]]), np.array([[0.9, 0.1]]))
        Traceback (most recent call last):
            ...
        ValueError: logging: has no support for the target, which in row 0 shows
        item 1 with probability 0.1 and was never seen to; 1 such place in all
    """
    logging, target = np.asarray(logging, float), np.asarray(target, float)
    if logging.shape != target.shape or logging.ndim != 2:
        raise ValueError(
            "logging, target: must be float64[B, I] of one shape, got "
            f"{logging.shape} and {target.shape}"
        )
    rows, items = np.nonzero((logging == 0) & (target > 0))
    if rows.size:
        raise ValueError(
            f"logging: has no support for the target, which in row {rows[0]} shows "
            f"item {items[0]} with probability {target[rows[0], items[0]]:.3g} and "
            f"was never seen to; {rows.size} such place{'s' * (rows.size > 1)} in all"
        )


def effective_sample_size(weights: np.ndarray) -> float:
    """Return how many equally weighted rows would be as much evidence.

    (sum of w)^2 / sum of w^2, from 1, one row counts alone, to N.

    Args:
        weights: `float64[N]`, not negative and not all 0.

    Raises:
        ValueError: If a weight is negative or not finite, or all are 0.

    References:
        Kish (1965), Survey Sampling. Book section 6.

    Examples:
        >>> effective_sample_size(np.array([1.0, 1.0, 0.0, 0.0]))
        2.0
    """
    weights = _weights(weights)
    return float(weights.sum() ** 2 / (weights**2).sum())


def ips(
    rewards: np.ndarray,
    weights: np.ndarray,
    *,
    users: np.ndarray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate a policy's value by inverse propensity scores: the mean of w r.

    Unbiased under support. Its variance grows with the largest weights.

    Args:
        rewards: `float64[N]`, what came of each logged decision.
        weights: `float64[N]`, from `importance_weights`.
        users: `int64[N]`, whose decisions they are. None: every row is a
            user of his own.
        level: Confidence level, in (0, 1).

    Returns:
        The mean over rows. The interval takes users, and not rows, as drawn
        at random (a sandwich, with Student's t of the users less one).

    Raises:
        ValueError: If lengths differ, a number is not finite, a weight is
            negative, or there are fewer than two users.

    References:
        Horvitz and Thompson (1952), A generalization of sampling without
        replacement from a finite universe. Book section 6.

    Examples:
        >>> print(ips(np.array([1.0, 0.0, 1.0]), np.array([0.5, 2.0, 1.0])))
        0.5000 [-0.7421, 1.7421]
    """
    rewards, weights = _rewards_and_weights(rewards, weights)
    values = weights * rewards
    value = values.mean()
    return _with_interval(value, values - value, users, level)


def snips(
    rewards: np.ndarray,
    weights: np.ndarray,
    *,
    users: np.ndarray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate by self-normalized inverse propensity scores: sum w r / sum w.

    It divides by what the weights add up to and not by what they should. So
    it never leaves the range of the rewards, and adding a constant to all
    rewards adds it to the estimate. Both are worth its bias, of order 1 / N.

    Args:
        rewards: As in `ips`.
        weights: As in `ips`, not all 0.
        users: As in `ips`.
        level: As in `ips`.

    Returns:
        The estimate; the interval is that of a ratio, linearized.

    Raises:
        ValueError: As `ips`, or if all weights are 0.

    References:
        Swaminathan and Joachims (2015), The Self-Normalized Estimator for
        Counterfactual Learning, NeurIPS. Book section 6.

    Examples:
        >>> print(snips(np.array([1.0, 0.0, 1.0]), np.array([0.5, 2.0, 1.0])))
        0.4286 [-1.1810, 2.0381]
    """
    rewards, weights = _rewards_and_weights(rewards, weights)
    weights = _weights(weights)
    value = (weights * rewards).sum() / weights.sum()
    return _with_interval(
        value, weights * (rewards - value) / weights.mean(), users, level
    )


def direct_method(
    expected: np.ndarray, *, users: np.ndarray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate by a model of the reward alone: the mean of what it expects.

    As good as the model. The interval says how much the users differ, and
    nothing of the model's error: it can exclude the truth with any log size.

    Args:
        expected: `float64[N]`, the model's reward of each context, averaged
            over the items with the target's probabilities.
        users: As in `ips`.
        level: As in `ips`.

    Returns:
        The mean over rows.

    Raises:
        ValueError: As `ips`.

    References:
        Dudik, Langford and Li (2011), https://arxiv.org/abs/1103.4601. Book
        section 6.

    Examples:
        >>> round(direct_method(np.array([0.2, 0.4])).value, 3)
        0.3
    """
    expected = _column("expected", expected)
    value = expected.mean()
    return _with_interval(value, expected - value, users, level)


def doubly_robust(
    rewards: np.ndarray,
    weights: np.ndarray,
    *,
    modelled: np.ndarray,
    expected: np.ndarray,
    users: np.ndarray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate by a model, and correct it by weighing its errors on the log.

    The mean of expected + w (r - modelled). Unbiased if the weights are
    right, whatever the model; or if the model is right, whatever the weights.
    The better the model, the less there is to weigh, and to vary. With a model
    that says 0 it is `ips`.

    Args:
        rewards: As in `ips`.
        weights: As in `ips`.
        modelled: `float64[N]`, the model's reward of the item shown. It must
            not have been fitted on these rows, or it knows their luck.
        expected: `float64[N]`, as in `direct_method`.
        users: As in `ips`.
        level: As in `ips`.

    Returns:
        The mean over rows.

    Raises:
        ValueError: As `ips`.

    References:
        Dudik, Langford and Li (2011), https://arxiv.org/abs/1103.4601. Book
        section 6.

    Examples:
        >>> perfect = np.array([1.0, 0.0, 1.0])
        >>> print(doubly_robust(perfect, np.array([0.5, 9.0, 1.0]),
        ...                     modelled=perfect, expected=np.full(3, 0.6)))
        0.6000 [0.6000, 0.6000]
    """
    rewards, weights = _rewards_and_weights(rewards, weights)
    modelled, expected = _column("modelled", modelled), _column("expected", expected)
    _check_length("modelled", modelled, "rewards", rewards)
    _check_length("expected", expected, "rewards", rewards)
    values = expected + weights * (rewards - modelled)
    value = values.mean()
    return _with_interval(value, values - value, users, level)


def _with_interval(
    value: float, parts: np.ndarray, users: np.ndarray | None, level: float
) -> Estimate:
    """Bound a value by what each user pulls it away from its expectation.

    `parts` are the rows' influences, mean 0. Summed a user, they are the
    independent terms whose variance is that of the value.
    """
    if not 0 < level < 1:
        raise ValueError(f"level: must be in (0, 1), got {level}")
    if users is not None:
        users = np.asarray(users)
        _check_length("users", users, "rewards", parts)
        parts_of_users = np.bincount(np.unique(users, return_inverse=True)[1], parts)
    else:
        parts_of_users = parts
    n_users = len(parts_of_users)
    if n_users < 2:
        raise ValueError(f"users: need at least two for an interval, got {n_users}")
    spread = (parts_of_users**2).sum() * n_users / (n_users - 1)
    error = np.sqrt(spread) / len(parts)
    reach = stats.t.ppf((1 + level) / 2, n_users - 1) * error
    return Estimate(
        float(value), float(value - reach), float(value + reach), level, n_users
    )


def _rewards_and_weights(
    rewards: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    rewards, weights = _column("rewards", rewards), _column("weights", weights)
    _check_length("weights", weights, "rewards", rewards)
    if (weights < 0).any():
        raise ValueError(f"weights: must be >= 0, got {weights.min()}")
    return rewards, weights


def _weights(weights: np.ndarray) -> np.ndarray:
    weights = _column("weights", weights)
    if (weights < 0).any() or not weights.any():
        raise ValueError(
            f"weights: must be >= 0 and not all 0, got {weights.min()} to "
            f"{weights.max()}"
        )
    return weights


def _column(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"{name}: must be float64[N], N > 0, got shape {values.shape}")
    if not np.isfinite(values).all():
        place = int(np.argmax(~np.isfinite(values)))
        raise ValueError(
            f"{name}: must be finite, got {values[place]} in place {place}"
        )
    return values


def _check_length(
    name: str, values: np.ndarray, of_name: str, of_values: np.ndarray
) -> None:
    if values.shape != of_values.shape:
        raise ValueError(
            f"{name}: must have the {len(of_values)} rows of {of_name}, got shape "
            f"{values.shape}"
        )
