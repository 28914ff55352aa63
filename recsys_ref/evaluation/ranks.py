"""Where each relevant item stands among items the user did not choose.

Both functions read score rows, not lists, because they look past place K.
A user's negatives are the items that he has neither seen nor found relevant.
"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array


def auc(
    scores: np.ndarray, relevant: csr_array, seen: csr_array | None = None
) -> np.ndarray:
    """Share of (relevant item, negative) pairs in the right order.

    Args:
        scores: `float[B, I]`, higher is better. Must be finite.
        relevant: Sparse `[B, I]`, rows as in `scores`; non-zero where an
            item is relevant.
        seen: Sparse `[B, I]`; non-zero where an item is no negative. Default:
            nothing is seen.

    Returns:
        `float64[B]`: right pairs, equal scores counted half, divided by
        relevant items x negatives; NaN for a user without one or the other.

    Raises:
        ValueError: If a shape differs or a score is not finite.

    References:
        Rendle et al. (2009), https://arxiv.org/abs/1205.2618

    Examples:
        >>> relevant = csr_array(np.array([[1, 0, 0, 0]]))
        >>> auc(np.array([[0.5, 0.5, 0.9, 0.1]]), relevant)
        array([0.5])
    """
    standings = _standings(scores, relevant, seen)
    values = np.full(len(scores), np.nan)
    for row, (_, above, equal, n_negatives) in enumerate(standings):
        if above.size and n_negatives:
            values[row] = 1 - (above + equal / 2).mean() / n_negatives
    return values


def ranks(
    scores: np.ndarray,
    relevant: csr_array,
    seen: csr_array | None = None,
    *,
    users: np.ndarray | None = None,
    n_negatives: int | None = None,
    rng: np.random.Generator | int,
) -> pd.DataFrame:
    """Rank each relevant item alone among negatives: all, or some at random.

    The rank among all of N negatives decides the law of the rank among n that
    are drawn: of the r - 1 items above, hypergeometrically many are drawn. So
    a sampled metric is a blurred function of r, and blurred so much that two
    strategies may change places. Ranks are drawn by this law, each relevant
    item with a sample of its own, without replacement.

    Args:
        scores: `float[B, I]`, higher is better. Must be finite.
        relevant: Sparse `[B, I]`, rows as in `scores`.
        seen: Sparse `[B, I]`; non-zero where an item is no negative. Default:
            nothing is seen.
        users: `int64[B]`, names the rows. Default: 0 to B - 1.
        n_negatives: n, how many negatives to draw. Default: all.
        rng: Seed of the order of equal scores, and of the sample.

    Returns:
        One row a relevant item, by user: `user`, `item`, `rank` (from 1) and
        `n_negatives`, what it was ranked among. Other relevant items of a
        user are not in the way, so for users with several the full rank may
        be better than the place on a list.

    Raises:
        ValueError: If a shape differs, a score is not finite, or a user with
            a relevant item has fewer than `n_negatives`.

    References:
        Krichene and Rendle (2020), https://doi.org/10.1145/3394486.3403226

    Examples:
        >>> scores = np.arange(100.0)[None]
        >>> relevant = csr_array(scores == 89)  # ten items score higher
        >>> ranks(scores, relevant, rng=0)
           user  item  rank  n_negatives
        0     0    89    11           99
        >>> ranks(scores, relevant, n_negatives=20, rng=0)
           user  item  rank  n_negatives
        0     0    89     2           20
    """
    rng = np.random.default_rng(rng)
    standings = _standings(scores, relevant, seen)
    users = np.arange(len(standings)) if users is None else np.asarray(users)
    if users.shape != (len(standings),):
        raise ValueError(
            f"users: must have shape [{len(standings)}], got {users.shape}"
        )
    item, above, equal, size = zip(*standings, strict=True) if standings else [[]] * 4
    counts = np.array([len(items) for items in item], dtype=np.int64)
    table = pd.DataFrame(
        {
            "user": np.repeat(users, counts),
            "item": np.concatenate([np.empty(0, np.int64), *item]),
            "n_negatives": np.repeat(np.array(size, dtype=np.int64), counts),
        }
    )
    ahead = np.concatenate([np.empty(0, np.int64), *above])
    ties = np.concatenate([np.empty(0, np.int64), *equal])
    ahead += rng.integers(0, ties, endpoint=True)
    if n_negatives is not None:
        short = table["n_negatives"] < n_negatives
        if n_negatives < 0 or short.any():
            least = table["n_negatives"].min()
            raise ValueError(
                "n_negatives: must be at least 0 and at most the negatives of "
                f"each user, at least {least}, got {n_negatives}"
            )
        behind = table["n_negatives"] - ahead
        ahead = rng.hypergeometric(ahead, behind, n_negatives)
        table["n_negatives"] = n_negatives
    table.insert(2, "rank", 1 + ahead)
    return table


def _standings(
    scores: np.ndarray, relevant: csr_array, seen: csr_array | None
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, int]]:
    """For each row: relevant items, negatives above and equal, all negatives."""
    scores = np.asarray(scores)
    if scores.ndim != 2 or not np.isfinite(scores).all():
        raise ValueError(f"scores: must be finite [B, I], got shape {scores.shape}")
    seen = csr_array(scores.shape) if seen is None else seen
    for name, matrix in (("relevant", relevant), ("seen", seen)):
        if matrix.shape != scores.shape:
            raise ValueError(
                f"{name}: must have shape {scores.shape} as scores has, "
                f"got {matrix.shape}"
            )
    standings = []
    for row in range(len(scores)):
        items = np.sort(_items(relevant, row))
        negative = np.ones(scores.shape[1], dtype=bool)
        negative[items] = negative[_items(seen, row)] = False
        ordered = np.sort(scores[row, negative])
        below = np.searchsorted(ordered, scores[row, items], side="left")
        upto = np.searchsorted(ordered, scores[row, items], side="right")
        standings.append((items, len(ordered) - upto, upto - below, len(ordered)))
    return standings


def _items(matrix: csr_array, row: int) -> np.ndarray:
    cells = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return np.unique(matrix.indices[cells][matrix.data[cells] != 0]).astype(np.int64)
