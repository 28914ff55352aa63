"""nDCG with gains: an item may be worth more than another.

Book section 6.3.
"""

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.ranking import PADDING, Ranking


def graded_ndcg(ranking: Ranking, gains: csr_array) -> np.ndarray:
    r"""Gain / log2(rank + 1) of each listed item, summed, divided by the best sum.

    The best list holds the user's K largest gains in falling order. With gains of 0
    and 1 this is `metrics.ndcg`. What a rating is worth is for the caller to say;
    only ratios of gains count.

    Args:
        ranking: Lists of B users, items distinct within a list.
        gains: Sparse `float64[U, I]`, finite and not negative; what is not stored is
            worth 0.

    Returns:
        `float64[B]`, in [0, 1]; NaN for a user with no gain above 0.

    Raises:
        ValueError: If a gain is negative or not finite, or a user or an item lies
            outside `gains`.

    References:
        Järvelin and Kekäläinen (2002), https://doi.org/10.1145/582415.582418

    Examples:
        >>> gains = csr_array(np.array([[0.0, 1.0, 3.0]]))
        >>> best = Ranking(np.array([0]), np.array([[2, 1]]), None)
        >>> worse = Ranking(np.array([0]), np.array([[1, 2]]), None)
        >>> graded_ndcg(best, gains), graded_ndcg(worse, gains).round(3)
        (array([1.]), array([0.797]))
    """
    gains = csr_array(gains, dtype=np.float64)
    if gains.nnz and not (np.isfinite(gains.data) & (gains.data >= 0)).all():
        raise ValueError(
            "gains: must be finite and not negative, got "
            f"{gains.data.min()} to {gains.data.max()}"
        )
    for name, index, size in (
        ("users", ranking.users, gains.shape[0]),
        ("items", ranking.items, gains.shape[1]),
    ):
        if index.size and not PADDING <= index.min() <= index.max() < size:
            raise ValueError(
                f"ranking.{name}: must be below {size} to match gains "
                f"{gains.shape}, got {index.min()} to {index.max()}"
            )
    discount = 1 / np.log2(np.arange(ranking.k) + 2)  # [K]
    values = np.full(len(ranking.users), np.nan)
    for row, (user, items) in enumerate(zip(ranking.users, ranking.items, strict=True)):
        own = gains[[user]].toarray()[0]
        ideal = np.sort(own)[::-1][: ranking.k]
        best = ideal @ discount[: len(ideal)]
        if best > 0:
            listed = np.where(items == PADDING, 0.0, own[items])
            values[row] = listed @ discount / best
    return values
