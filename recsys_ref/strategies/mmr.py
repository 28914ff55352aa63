"""Maximal marginal relevance: each next item must also differ from the last ones.

Book section 6.3.
"""

import numpy as np

from recsys_ref.ranking import Ranking
from recsys_ref.strategies.rerank import check_weight, rerank


def mmr(
    ranking: Ranking, vectors: np.ndarray, *, k: int = 10, weight: float = 0.7
) -> Ranking:
    r"""Re-rank candidates by relevance less likeness to what is already chosen.

    The next item is the one with the most of

    .. math:: w r_i - (1 - w) \max_{j \text{ chosen}} s_{ij}

    r is the first stage's score, brought to [0, 1] in each user's candidates, and
    s is (1 + cosine) / 2, in [0, 1] too. At the first place there is nothing to be
    like, so the first stage's best item keeps it. Of equals the one that the first
    stage put higher comes first.

    Args:
        ranking: Lists of C candidates of B users, best first, from any first stage.
        vectors: `float[I, D]`, what the items are, such as genres or text.
        k: Length of the new lists.
        weight: w, in [0, 1]. 1 keeps the first stage's order, 0 asks for variety
            alone.

    Returns:
        Lists of length k. A score is what the item was worth when it was chosen; it
        never rises along a list. Costs O(B C (C D + k)) time.

    Raises:
        ValueError: If `weight` or `k` is out of range, or a candidate has no vector
            or no score.

    References:
        Carbonell and Goldstein (1998), https://doi.org/10.1145/290941.291025

    Examples:
        >>> candidates = Ranking(
        ...     np.array([0]), np.array([[0, 1, 2]]), np.array([[1.0, 0.9, 0.5]])
        ... )
        >>> genres = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> mmr(candidates, genres, k=2, weight=1.0).items
        array([[0, 1]])
        >>> mmr(candidates, genres, k=2, weight=0.3).items
        array([[0, 2]])
    """
    check_weight(weight)

    def pick(wanted: np.ndarray, alike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n_users, rows = len(wanted), np.arange(len(wanted))
        places = np.full((n_users, k), -1)
        worth = np.full((n_users, k), np.nan)
        base = np.where(wanted == -np.inf, -np.inf, weight * np.maximum(wanted, 0))
        nearest = np.zeros_like(base)  # to the most alike of the chosen
        for place in range(min(k, base.shape[1])):
            value = base - (1 - weight) * nearest
            best = value.argmax(axis=1)
            found = value[rows, best] > -np.inf
            places[found, place] = best[found]
            worth[:, place] = value[rows, best]
            base[rows, best] = -np.inf  # taken
            nearest = np.maximum(nearest, alike[rows, best])
        return places, worth

    return rerank(ranking, vectors, k, pick)
