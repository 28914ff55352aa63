"""What re-rankers share: candidates on one scale, how alike they are, a new order.

A re-ranker takes the lists of a first stage and vectors of the items, and knows
neither how the lists came about nor what the vectors mean. Book section 6.3.
"""

from collections.abc import Callable, Iterator

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.vectors import check_vectors, unit_rows
from recsys_ref.ranking import PADDING, Ranking

BATCH = 64  # users re-ranked at once: their C x C similarities are held together

Pick = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def relevance(ranking: Ranking) -> np.ndarray:
    """Bring each user's scores to [0, 1]: 1 for his best candidate, 0 for the last.

    Returns:
        `float64[B, C]`; 0 where all of a user's candidates have one score, minus
        infinity at padding.

    Examples:
        >>> ranking = Ranking(
        ...     np.array([0]), np.array([[4, 2, 7, -1]]), np.array([[9, 5, 1, np.nan]])
        ... )
        >>> relevance(ranking)
        array([[ 1. ,  0.5,  0. , -inf]])
    """
    listed = ranking.items != PADDING
    scores = np.where(listed, ranking.scores, np.nan).astype(np.float64)
    if np.isnan(scores[listed]).any():
        raise ValueError("ranking.scores: must be numbers where an item is listed")
    low = np.where(listed, scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    high = np.where(listed, scores, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    spread = np.where(high > low, high - low, 1.0)
    return np.where(listed, (scores - np.where(listed, low, 0)) / spread, -np.inf)


def similarity(vectors: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Compare the candidates of each list with each other.

    (1 + cosine) / 2: 1 for the same direction, 1/2 for a right angle, 0 for the
    opposite. A vector of zeros has no direction; its cosine counts as 0, except
    with itself.

    Args:
        vectors: `float[I, D]`.
        items: `int64[B, C]`; what stands at padding is of no use.

    Returns:
        `float64[B, C, C]`, symmetric, positive semidefinite, ones on the diagonal.

    Examples:
        >>> vectors = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
        >>> similarity(vectors, np.array([[0, 1, 2]]))
        array([[[1. , 0.5, 0. ],
                [0.5, 1. , 0.5],
                [0. , 0.5, 1. ]]])
    """
    unit = unit_rows(vectors)[items]  # [B, C, D]
    alike = (1.0 + unit @ unit.transpose(0, 2, 1).astype(np.float64)) / 2
    places = np.arange(items.shape[1])
    alike[:, places, places] = 1.0
    return np.clip(alike, 0.0, 1.0)


def rerank(ranking: Ranking, vectors: np.ndarray, k: int, pick: Pick) -> Ranking:
    """Let a rule pick k of each user's candidates, one after the other.

    Args:
        ranking: Lists of C candidates of B users, from a first stage.
        vectors: `float[I, D]`, what the items are.
        k: Length of the new lists, at least 1.
        pick: Called with the relevance `float64[B, C]` and the similarity
            `float64[B, C, C]` of a batch; returns the places picked, `int64[B, k]`
            with -1 for none, and what each was worth, `float64[B, k]`.

    Returns:
        The candidates picked, in that order, their worth as scores; padded where a
        user has fewer than k candidates.

    Raises:
        ValueError: If `k` < 1, a candidate has no vector or no score, or a number
            is not finite.
    """
    check_whole_number("k", k, 1)
    vectors = check_vectors("vectors", vectors)
    if ranking.items.size and ranking.items.max() >= len(vectors):
        raise ValueError(
            f"vectors: must have a row for every candidate, got {len(vectors)} rows "
            f"for item {ranking.items.max()}"
        )
    wanted = relevance(ranking)
    items = np.full((len(ranking.users), k), PADDING, dtype=np.int64)
    scores = np.full(items.shape, np.nan, dtype=np.float32)
    for rows in _batches(len(ranking.users)):
        candidates = ranking.items[rows]
        places, worth = pick(wanted[rows], similarity(vectors, candidates))
        found = places >= 0
        chosen = np.take_along_axis(candidates, np.where(found, places, 0), axis=1)
        items[rows] = np.where(found, chosen, PADDING)
        scores[rows] = np.where(found, worth, np.nan)
    return Ranking(ranking.users, items, scores)


def _batches(n_users: int) -> Iterator[slice]:
    for start in range(0, n_users, BATCH):
        yield slice(start, start + BATCH)


def check_weight(weight: float) -> None:
    """Raise ValueError unless the weight of relevance is in [0, 1]."""
    if not 0 <= weight <= 1:
        raise ValueError(f"weight: must be in [0, 1], got {weight}")
