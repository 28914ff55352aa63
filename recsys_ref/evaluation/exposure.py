"""Bubble or sameness: what each is shown, and how that differs between people.

A list may be narrow for each of us and different for everyone, or wide for each
and the same for all. These are two things, and both have a number here. Book
section 6.2.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import entropy

from recsys_ref.ranking import PADDING, Ranking


@dataclass(frozen=True)
class Spread:
    r"""How shares of topics are spread, within people and between them.

    With H the entropy,

    .. math:: H(\bar p) = \frac{1}{U} \sum_u H(p_u) + J,

    so what is spread over all people is spread within them or between them,
    and nothing is left over. J is the Jensen-Shannon divergence of the people:
    what one learns of the topic by being told whose it is.

    Attributes:
        within: Mean entropy of a person's shares, in nats: small in a bubble.
        between: J, in nats: 0 where all are alike, at most the logarithm of
            the number of people or of topics.
    """

    within: float
    between: float

    @property
    def total(self) -> float:
        """Entropy of the mean shares, in nats."""
        return self.within + self.between

    @property
    def topics(self) -> float:
        """exp(within): as many equal topics would have this entropy."""
        return float(np.exp(self.within))


def spread(shares: np.ndarray) -> Spread:
    """Take apart how shares are spread within people and between them.

    Args:
        shares: `float64[U, T]`, not negative; a row is brought to sum 1. A row
            of zeros (someone who was shown nothing) is left out.

    Returns:
        Both parts; NaN if nobody is left.

    Raises:
        ValueError: If a share is negative or not finite, or it is no table.

    References:
        Lin (1991), Divergence measures based on the Shannon entropy, IEEE
        Transactions on Information Theory 37. Book section 6.2.

    Examples:
        >>> bubbles = spread(np.eye(2))
        >>> round(bubbles.within, 3), round(bubbles.between, 3)
        (0.0, 0.693)
        >>> alike = spread(np.full((2, 2), 0.5))
        >>> round(alike.within, 3), round(alike.between, 3)
        (0.693, 0.0)
    """
    shares = np.asarray(shares, dtype=np.float64)
    if shares.ndim != 2 or not (np.isfinite(shares) & (shares >= 0)).all():
        raise ValueError(
            "shares: must be float64[U, T], finite and not negative, got shape "
            f"{shares.shape}"
        )
    shares = shares[shares.sum(axis=1) > 0]
    if not len(shares):
        return Spread(float("nan"), float("nan"))
    shares = shares / shares.sum(axis=1, keepdims=True)
    within = float(entropy(shares, axis=1).mean())
    total = float(entropy(shares.mean(axis=0)))
    return Spread(within, max(total - within, 0.0))


def overlap(ranking: Ranking, n_items: int) -> float:
    """Share of a list that stands on another person's list, too.

    The mean over all pairs of people of the items in common, divided by the
    list length: 1 if all have the same list. Lists drawn by lot from I items
    have K / I in expectation. It is 1 less the mean Hamming distance of Zhou et
    al. (2010), and needs the counts of items alone, not the pairs.

    Args:
        ranking: Full lists of B users, all of length K.
        n_items: I, the size of the catalogue.

    Returns:
        The overlap; NaN for fewer than two users.

    Raises:
        ValueError: If a list has padding or an item is not in the catalogue.

    References:
        Zhou et al. (2010), https://doi.org/10.1073/pnas.1000488107

    Examples:
        >>> lists = np.array([[0, 1], [0, 2], [0, 1]])
        >>> round(overlap(Ranking(np.arange(3), lists, None), n_items=9), 3)
        0.667
    """
    users, k = ranking.items.shape
    listed = np.ravel(ranking.items)
    if (listed == PADDING).any():
        raise ValueError("ranking: every list must be full, got padding")
    if listed.size and not 0 <= listed.min() <= listed.max() < n_items:
        raise ValueError(
            f"ranking.items: must be in [0, {n_items}), got {listed.min()} to "
            f"{listed.max()}"
        )
    times = np.bincount(listed, minlength=n_items)
    if users < 2 or not k:
        return float("nan")
    return float((times * (times - 1)).sum() / (users * (users - 1) * k))
