"""How accurate a list is: one value a user, from hits alone.

Every metric here is a function of two arrays, so that a definition can be
read as a formula:

- `hits`: `bool[B, K]`, whether the item at each place is relevant;
- `n_relevant`: `int64[B]`, how many relevant items each user has in all.

A user with nothing relevant has no accuracy: his value is NaN, in every
metric. Means, and how many users they are over, are `evaluate`'s.

References:
    Järvelin and Kekäläinen (2002), https://doi.org/10.1145/582415.582418
    (nDCG). Manning, Raghavan and Schütze (2008), Introduction to Information
    Retrieval, chapter 8, https://nlp.stanford.edu/IR-book/ (the others).
    Book section 3.5 derives each on six rows.
"""

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.ranking import PADDING, Ranking


def hits(ranking: Ranking, relevant: csr_array) -> np.ndarray:
    """Mark the places of each list that hold a relevant item.

    Args:
        ranking: Lists of B users. Padding is never a hit.
        relevant: Sparse `[U, I]`, non-zero where an item is relevant, such
            as `Interactions.matrix()` of the test part.

    Returns:
        `bool[B, K]`.

    Raises:
        ValueError: If a user or an item lies outside `relevant`, or a list
            offers an item twice.

    Examples:
        >>> ranking = Ranking(
        ...     users=np.array([0, 1]),
        ...     items=np.array([[2, 0, 1], [1, 0, -1]]),
        ...     scores=np.zeros((2, 3)),
        ... )
        >>> relevant = csr_array(np.array([[0, 1, 1], [0, 0, 0]]))
        >>> hits(ranking, relevant)
        array([[ True, False,  True],
               [False, False, False]])
    """
    _check_ranking(ranking, relevant.shape)
    relevant, n_items = _nonzero(relevant), relevant.shape[1]
    row = np.repeat(np.arange(relevant.shape[0]), np.diff(relevant.indptr))
    known = row * n_items + relevant.indices  # ascending: the form is canonical
    asked = ranking.users[:, None] * n_items + ranking.items
    known = np.append(known, -1)  # so that every position found exists
    found = known[np.searchsorted(known[:-1], asked)] == asked
    return found & (ranking.items != PADDING)


def count_relevant(relevant: csr_array, users: np.ndarray) -> np.ndarray:
    """Count the relevant items of some users.

    Args:
        relevant: Sparse `[U, I]`, non-zero where an item is relevant.
        users: `int64[B]`, user indices.

    Returns:
        `int64[B]`.

    Examples:
        >>> count_relevant(csr_array(np.array([[0, 1, 1], [0, 0, 0]])), [1, 0])
        array([0, 2])
    """
    return np.diff(_nonzero(relevant).indptr)[users].astype(np.int64)


def precision(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Hits, divided by K: the length asked for, though a list be shorter.

    Examples:
        >>> precision(np.array([[1, 0, 1, 0]], dtype=bool), np.array([5]))
        array([0.5])
    """
    _check(hits, n_relevant)
    return _divide(hits.sum(axis=1), np.where(n_relevant, hits.shape[1], 0))


def recall(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Hits, divided by all relevant items, so it may not reach 1 at a small K.

    Examples:
        >>> recall(np.array([[1, 0, 1, 0]], dtype=bool), np.array([5]))
        array([0.4])
    """
    _check(hits, n_relevant)
    return _divide(hits.sum(axis=1), n_relevant)


def capped_recall(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Hits, divided by min(K, relevant): by the most hits there could be.

    Examples:
        >>> capped_recall(np.array([[1, 0, 1, 0]], dtype=bool), np.array([5]))
        array([0.5])
    """
    _check(hits, n_relevant)
    return _divide(hits.sum(axis=1), np.minimum(n_relevant, hits.shape[1]))


def hit_rate(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """1 if there is any hit, else 0; no denominator.

    Examples:
        >>> hit_rate(np.array([[0, 1], [0, 0], [0, 0]], bool), np.array([3, 1, 0]))
        array([ 1.,  0., nan])
    """
    _check(hits, n_relevant)
    return _divide(hits.any(axis=1), np.minimum(n_relevant, 1))


def reciprocal_rank(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """1 / rank of the first hit, 0 without a hit. Its mean is MRR.

    Examples:
        >>> reciprocal_rank(np.array([[0, 1, 1], [0, 0, 0]], bool), np.array([2, 1]))
        array([0.5, 0. ])
    """
    _check(hits, n_relevant)
    first = np.where(hits.any(axis=1), 1 / (1 + hits.argmax(axis=1)), 0.0)
    return _divide(first, np.minimum(n_relevant, 1))


def average_precision(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Precision at the rank of each hit, summed, divided by all relevant items.

    Its mean is the MAP of the published MovieLens table of section 3.5.
    Beyond K nothing is found, so a user with more than K relevant items
    cannot reach 1; see `average_precision_at_k`.

    Examples:
        >>> average_precision(np.array([[1, 0, 1]], dtype=bool), np.array([5]))
        array([0.33333333])
    """
    _check(hits, n_relevant)
    return _divide(_summed_precision(hits), n_relevant)


def average_precision_at_k(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Precision at the rank of each hit, summed, divided by min(K, relevant).

    Examples:
        >>> average_precision_at_k(np.array([[1, 0, 1]], dtype=bool), np.array([5]))
        array([0.55555556])
    """
    _check(hits, n_relevant)
    return _divide(_summed_precision(hits), np.minimum(n_relevant, hits.shape[1]))


def ndcg(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """1 / log2(rank + 1) of each hit, summed, divided by the best such sum.

    Relevance is binary. The best list has its first min(K, relevant) places
    filled with hits, so a user with few relevant items can reach 1.

    Examples:
        >>> ndcg(np.array([[0, 1, 0]], dtype=bool), np.array([1])).round(4)
        array([0.6309])
    """
    _check(hits, n_relevant)
    discount = 1 / np.log2(np.arange(hits.shape[1]) + 2)  # [K]
    ideal = np.concatenate([[0.0], np.cumsum(discount)])  # [K + 1], by hits
    return _divide(hits @ discount, ideal[np.minimum(n_relevant, hits.shape[1])])


def _summed_precision(hits: np.ndarray) -> np.ndarray:
    rank = np.arange(1, hits.shape[1] + 1)
    return (hits * np.cumsum(hits, axis=1) / rank).sum(axis=1)


def _divide(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Divide, and give NaN where nothing is relevant, which is where `by` is 0."""
    return np.divide(values, by, out=np.full(len(by), np.nan), where=by != 0)


def _nonzero(relevant: csr_array) -> csr_array:
    """Sort, add up duplicates and drop stored zeros, in a copy."""
    relevant = csr_array(relevant, copy=True)
    relevant.sum_duplicates()
    relevant.eliminate_zeros()
    return relevant


def _check(hits: np.ndarray, n_relevant: np.ndarray) -> None:
    if hits.ndim != 2 or hits.shape[1] < 1 or hits.dtype != bool:
        raise ValueError(
            f"hits: must be bool[B, K] with K >= 1, got {hits.dtype}{hits.shape}"
        )
    if n_relevant.shape != hits.shape[:1]:
        raise ValueError(
            f"n_relevant: must have shape {hits.shape[:1]}, got {n_relevant.shape}"
        )
    if (hits.sum(axis=1) > n_relevant).any():
        row = int(np.argmax(hits.sum(axis=1) > n_relevant))
        raise ValueError(
            f"n_relevant: must be at least the hits, got {n_relevant[row]} "
            f"for {hits[row].sum()} hits in row {row}"
        )


def _check_ranking(ranking: Ranking, shape: tuple[int, int]) -> None:
    n_users, n_items = shape
    for name, index, least, size in (
        ("users", ranking.users, 0, n_users),
        ("items", ranking.items, PADDING, n_items),
    ):
        wrong = (index < least) | (index >= size)
        if wrong.any():
            raise ValueError(
                f"ranking.{name}: must be in [{least}, {size}) to match "
                f"relevant{list(shape)}, got {index[wrong][0]}"
            )
    ordered = np.sort(ranking.items, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != PADDING)
    if twice.any():
        row, place = np.argwhere(twice)[0]
        raise ValueError(
            f"ranking.items: user {ranking.users[row]} is offered "
            f"item {ordered[row, place]} twice"
        )
