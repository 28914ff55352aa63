r"""A determinantal point process: likely sets of items that are good and unlike.

The determinant of a matrix of similarities is the squared volume that the items'
vectors span. Two items in the same direction span nothing. Book section 6.3.
"""

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.ranking import Ranking
from recsys_ref.strategies.rerank import check_weight, rerank


def dpp(
    ranking: Ranking,
    vectors: np.ndarray,
    *,
    k: int = 10,
    weight: float = 0.7,
    ridge: float = 0.1,
) -> Ranking:
    r"""Re-rank candidates towards the set that a determinantal point process prefers.

    A set Y is worth, up to a constant its log-probability,

    .. math:: w \sum_{i \in Y} r_i + (1 - w) \log \det S_Y

    r is the first stage's score, brought to [0, 1] in each user's candidates; S has
    ones on its diagonal, and off it (1 + cosine) / 2, shrunk by the ridge. The best
    set is not searched for (that is NP-hard); items are added greedily.

    Args:
        ranking: Lists of C candidates of B users, best first, from any first stage.
        vectors: `float[I, D]`, what the items are, such as genres or text.
        k: Length of the new lists.
        weight: w, in [0, 1]. 1 keeps the first stage's order, 0 asks for variety
            alone.
        ridge: In (0, 1]: S is (1 - ridge) times the similarities plus ridge times
            the unit matrix. Without it two items with the same vector could never
            stand in one list, nor more items than D + 1.

    Returns:
        Lists of length k. A score is what the item added when it was chosen; it
        never rises along a list. Costs O(B C (C D + k^2)) time.

    Raises:
        ValueError: If `weight`, `ridge` or `k` is out of range, or a candidate has
            no vector or no score.

    References:
        Chen, Zhang and Zhou (2018), https://arxiv.org/abs/1709.05135

    Examples:
        >>> candidates = Ranking(
        ...     np.array([0]), np.array([[0, 1, 2]]), np.array([[1.0, 0.9, 0.5]])
        ... )
        >>> genres = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> dpp(candidates, genres, k=2, weight=1.0).items
        array([[0, 1]])
        >>> dpp(candidates, genres, k=2, weight=0.5).items
        array([[0, 2]])
    """
    check_weight(weight)
    if not 0 < ridge <= 1:
        raise ValueError(f"ridge: must be in (0, 1], got {ridge}")

    def pick(wanted: np.ndarray, alike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kernels = (1 - ridge) * alike
        places = np.arange(alike.shape[1])
        kernels[:, places, places] = 1.0
        return greedy_map(kernels, wanted, k, weight)

    return rerank(ranking, vectors, k, pick)


def greedy_map(
    kernels: np.ndarray, quality: np.ndarray, k: int, weight: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    r"""Add, one after the other, the items that raise w Σ q + (1 - w) log det most.

    What an item adds to the log-determinant is the log of its diagonal entry in the
    Cholesky factor, were it the next row. Those entries are kept up to date for all
    items at once, so a step costs O(C n) and no determinant is ever computed.

    Args:
        kernels: `float64[B, C, C]`, symmetric and positive definite.
        quality: `float64[B, C]`; minus infinity for what may not be chosen.
        k: How many to choose, at least 1.
        weight: w, in [0, 1].

    Returns:
        The places chosen, `int64[B, k]` in their order, -1 where none is left or its
        direction is used up; and what each added, `float64[B, k]`, NaN at -1.

    Raises:
        ValueError: If `k` < 1, `weight` is out of range or the shapes do not fit.

    References:
        Chen, Zhang and Zhou (2018), https://arxiv.org/abs/1709.05135

    Examples:
        >>> kernel = np.array([[[1.0, 0.9, 0.1], [0.9, 1.0, 0.1], [0.1, 0.1, 1.0]]])
        >>> places, added = greedy_map(kernel, np.array([[0.3, 0.2, 0.1]]), k=2)
        >>> places, added.round(3)
        (array([[0, 2]]), array([[0.15 , 0.045]]))
    """
    check_whole_number("k", k, 1)
    check_weight(weight)
    n_users, size = quality.shape
    if kernels.shape != (n_users, size, size):
        raise ValueError(
            f"kernels: must have shape {(n_users, size, size)} to match quality "
            f"{quality.shape}, got {kernels.shape}"
        )
    rows = np.arange(n_users)
    places = np.full((n_users, k), -1)
    added = np.full((n_users, k), np.nan)
    free = quality > -np.inf
    wanted = weight * np.where(free, quality, 0.0)
    left = np.diagonal(kernels, axis1=1, axis2=2).copy()  # [B, C] squared pivots
    factor = np.zeros((n_users, min(k, size), size))  # [B, chosen so far, C]
    for place in range(min(k, size)):
        usable = free & (left > np.finfo(np.float64).eps)
        log_left = np.log(np.where(usable, left, 1.0))
        value = np.where(usable, wanted + (1 - weight) * log_left, -np.inf)
        best = value.argmax(axis=1)
        found = usable[rows, best]
        places[found, place] = best[found]
        added[found, place] = value[rows, best][found]
        pivot = np.sqrt(np.where(found, left[rows, best], 1.0))[:, None]
        before = factor[:, :place]
        own = before[rows, :, best]  # [B, place], rows of the chosen item
        row = (kernels[rows, best] - np.einsum("bp,bpc->bc", own, before)) / pivot
        factor[:, place] = row
        left = left - row**2
        free[rows, best] = False
    return places, added
