"""What a list is worth besides being right: reach, surprise, variety, bias.

Lists are described by their items alone. What is per user is `float64[B]`
with NaN for a list too short to have the property; coverage, Gini and
popularity lift belong to all lists together and are single numbers.
"""

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.ranking import PADDING, Ranking


def coverage(ranking: Ranking, n_items: int) -> float:
    """Items on any list, divided by the catalogue.

    Args:
        ranking: Lists of B users. The more users, the higher the coverage.
        n_items: I, the size of the catalogue. Must be at least 1.

    Raises:
        ValueError: If `n_items` < 1 or a listed item is not below it.

    Examples:
        >>> ranking = Ranking(np.arange(2), np.array([[0, 1], [0, -1]]), None)
        >>> coverage(ranking, n_items=4)
        0.5
    """
    return float((_times_listed(ranking, n_items) > 0).mean())


def gini(ranking: Ranking, n_items: int) -> float:
    """Inequality of how often each item of the catalogue is listed.

    0 where all items are listed equally often, 1 where one item has every
    place. Items on no list count. The sum is divided by I - 1, as the
    handbook does, not by I; NaN for one item or for no list.

    Args:
        ranking: Lists of B users.
        n_items: I, the size of the catalogue. Must be at least 1.

    Raises:
        ValueError: If `n_items` < 1 or a listed item is not below it.

    References:
        Shani and Gunawardana (2011), Evaluating Recommendation Systems, in:
        Recommender Systems Handbook,
        https://doi.org/10.1007/978-0-387-85820-3_8

    Examples:
        >>> gini(Ranking(np.arange(2), np.array([[0], [1]]), None), n_items=2)
        0.0
        >>> gini(Ranking(np.arange(2), np.array([[0], [0]]), None), n_items=9)
        1.0
    """
    times = np.sort(_times_listed(ranking, n_items))
    if n_items == 1 or not times.sum():
        return float("nan")
    weights = 2 * np.arange(1, n_items + 1) - n_items - 1
    return float(weights @ times / times.sum() / (n_items - 1))


def novelty(ranking: Ranking, popularity: np.ndarray, n_users: int) -> np.ndarray:
    """Mean self-information of the items of each list, in bits.

    An item that one in 2^b users chose carries b bits. One that nobody chose
    carries infinitely many, and so does a list that holds it.

    Args:
        ranking: Lists of B users.
        popularity: `float64[I]`, training users per item.
        n_users: U, training users in all.

    Returns:
        `float64[B]`, divided by the items listed; NaN for an empty list.

    Raises:
        ValueError: If a popularity is not in [0, `n_users`], or a listed item
            has none.

    References:
        Zhou et al. (2010), https://doi.org/10.1073/pnas.1000488107

    Examples:
        >>> ranking = Ranking(np.arange(2), np.array([[0, 1], [1, -1]]), None)
        >>> novelty(ranking, popularity=np.array([8, 2]), n_users=8)
        array([1., 2.])
    """
    popularity = np.asarray(popularity, dtype=np.float64)
    if not ((popularity >= 0) & (popularity <= n_users)).all():
        raise ValueError(
            f"popularity: must be in [0, n_users={n_users}], "
            f"got {popularity.min()} to {popularity.max()}"
        )
    with np.errstate(divide="ignore"):
        bits = np.log2(n_users) - np.log2(popularity)
    return _mean_listed(ranking, bits)


def intra_list_diversity(ranking: Ranking, vectors: np.ndarray) -> np.ndarray:
    """1 - the mean cosine of the pairs of items of each list.

    Args:
        ranking: Lists of B users.
        vectors: `float[I, D]`, what the items are, such as genres or text
            embeddings. A listed item must not be all zeros.

    Returns:
        `float64[B]`, in [0, 2]: 0 for items all alike; NaN for a list of
        fewer than two items. Costs O(B K D) time and O(B D) memory.

    Raises:
        ValueError: If a listed item has no direction.

    References:
        Ziegler et al. (2005), https://doi.org/10.1145/1060745.1060754 (with
        the similarity summed; here its mean is taken from 1).

    Examples:
        >>> ranking = Ranking(np.arange(2), np.array([[0, 1], [0, 2]]), None)
        >>> genres = np.array([[1, 0], [2, 0], [0, 1]])
        >>> intra_list_diversity(ranking, genres)
        array([0., 1.])
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    lists = _membership(ranking, len(vectors))
    length = np.linalg.norm(vectors, axis=1)
    directionless = (lists.sum(axis=0) > 0) & ~(length > 0)
    if directionless.any():
        raise ValueError(
            "vectors: a listed item must have a direction, got "
            f"{vectors[directionless][0]} for item {np.argmax(directionless)}"
        )
    size = lists.sum(axis=1)
    total = lists @ (vectors / np.where(length > 0, length, 1)[:, None])  # [B, D]
    cosines = (total**2).sum(axis=1) - size  # over ordered pairs of distinct items
    pairs = size * (size - 1)
    mean = np.divide(cosines, pairs, out=np.full(len(size), np.nan), where=pairs > 0)
    return 1 - mean


def attribute_coverage(ranking: Ranking, attributes: np.ndarray) -> np.ndarray:
    """Count the attributes, such as genres, that the items of each list have.

    Args:
        ranking: Lists of B users.
        attributes: `bool[I, G]`.

    Returns:
        `float64[B]`, divided by G; NaN for an empty list.

    Raises:
        ValueError: If there is no attribute or a listed item has no row.

    References:
        Book section 6.3.

    Examples:
        >>> ranking = Ranking(np.arange(2), np.array([[0, 1], [0, -1]]), None)
        >>> attribute_coverage(ranking, np.array([[True, False], [True, True]]))
        array([1. , 0.5])
    """
    attributes = np.asarray(attributes)
    if attributes.dtype != bool or attributes.ndim != 2 or not attributes.shape[1]:
        raise ValueError(
            f"attributes: must be bool[I, G] with G > 0, got {attributes.dtype} of "
            f"shape {attributes.shape}"
        )
    lists = _membership(ranking, len(attributes))
    found = (lists @ attributes.astype(np.float64) > 0).mean(axis=1)
    return np.where(lists.sum(axis=1) > 0, found, np.nan)


def mean_popularity(ranking: Ranking, popularity: np.ndarray) -> np.ndarray:
    """Mean popularity of the items of each list.

    Args:
        ranking: Lists of B users.
        popularity: `float64[I]`, training users per item, or their share.

    Returns:
        `float64[B]`, divided by the items listed; NaN for an empty list.

    Raises:
        ValueError: If a listed item has no popularity.

    Examples:
        >>> ranking = Ranking(np.arange(2), np.array([[0, 1], [1, -1]]), None)
        >>> mean_popularity(ranking, np.array([8, 2]))
        array([5., 2.])
    """
    return _mean_listed(ranking, np.asarray(popularity, dtype=np.float64))


def popularity_lift(
    ranking: Ranking, popularity: np.ndarray, history: csr_array
) -> float:
    """Measure how much more popular the lists are than what their users chose.

    Let q be the mean over users of the mean popularity of a list, p the same
    of a history. The lift is (q - p) / p: 0 for lists as popular as the
    histories, 1 for twice as popular. It is a ratio of two means, so it
    belongs to a group of users: rank that group alone to get its lift.

    Args:
        ranking: Lists of B users.
        popularity: `float64[I]`, training users per item.
        history: Sparse `[U, I]`, non-zero where a user chose an item.

    Returns:
        The lift over users with both a list and a history; NaN without any,
        or where p is 0.

    References:
        Abdollahpouri et al. (2020), https://arxiv.org/abs/2008.09273

    Examples:
        >>> ranking = Ranking(np.array([1]), np.array([[0, 1]]), None)
        >>> history = csr_array(np.array([[0, 0, 0], [0, 0, 1]]))
        >>> popularity_lift(ranking, np.array([8, 4, 3]), history)
        1.0
    """
    popularity = np.asarray(popularity, dtype=np.float64)
    chosen = (csr_array(history) != 0)[ranking.users].astype(np.float64)
    size = chosen.sum(axis=1)
    listed = mean_popularity(ranking, popularity)
    both = (size > 0) & ~np.isnan(listed)
    before = ((chosen @ popularity)[both] / size[both]).mean() if both.any() else 0
    if not before:
        return float("nan")
    return float((listed[both].mean() - before) / before)


def _membership(ranking: Ranking, n_items: int) -> csr_array:
    """Mark what is on each list, `float64[B, I]`."""
    row, place = np.nonzero(ranking.items != PADDING)
    item = ranking.items[row, place]
    if item.size and not 0 <= item.min() <= item.max() < n_items:
        raise ValueError(
            f"ranking.items: must be in [-1, {n_items}) to match the catalogue, "
            f"got {item.min()} to {item.max()}"
        )
    shape = (len(ranking.users), n_items)
    return csr_array((np.ones(len(item)), (row, item)), shape=shape)


def _times_listed(ranking: Ranking, n_items: int) -> np.ndarray:
    if n_items < 1:
        raise ValueError(f"n_items: must be at least 1, got {n_items}")
    return _membership(ranking, n_items).sum(axis=0)


def _mean_listed(ranking: Ranking, values: np.ndarray) -> np.ndarray:
    """Average a value of the items over each list; NaN for an empty list."""
    _membership(ranking, len(values))  # refuses what is not in the catalogue
    listed = ranking.items != PADDING
    total = np.where(listed, values[ranking.items], 0.0).sum(axis=1)
    size = listed.sum(axis=1)
    return np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0)
