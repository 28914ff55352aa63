"""The one form of a recommendation, and the one place that ranks.

Seen items are masked here, ties are broken here, short lists are padded here.
Strategies produce scores and evaluation reads rankings; neither ranks itself.
Book section 3.5 shows what goes wrong otherwise.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

PADDING = -1


@dataclass(frozen=True)
class Ranking:
    """The best K items of B users, best first.

    Attributes:
        users: `int64[B]`, user indices.
        items: `int64[B, K]`, item indices; `PADDING` (-1) where a user has
            fewer than K items to be offered.
        scores: `float32[B, K]`, NaN at padding. Scores order one user's
            items; they need not compare between users.
    """

    users: np.ndarray
    items: np.ndarray
    scores: np.ndarray

    @property
    def k(self) -> int:
        """K, the length of every list, padding included."""
        return self.items.shape[1]

    def head(self, k: int) -> "Ranking":
        """Return the first k places of every list; ValueError if it has fewer."""
        if not 1 <= k <= self.k:
            raise ValueError(f"k: must be in [1, {self.k}], got {k}")
        return Ranking(self.users, self.items[:, :k], self.scores[:, :k])


def top_k(
    scores: np.ndarray,
    k: int,
    *,
    users: np.ndarray | None = None,
    excluded: csr_array | None = None,
    candidates: np.ndarray | None = None,
    rng: np.random.Generator | int = 0,
) -> Ranking:
    """Rank each row of scores; equal scores are ordered at random.

    A tie broken by item index would leak popularity: in many data sets, and
    in MovieLens, popular items have small ids. So equal scores are ordered
    by a hash of (seed, user, item). One user's order does not depend on who
    else is ranked with him.

    Args:
        scores: `float[B, I]`, higher is better. Must be finite.
        k: Length of each list, at least 1. Where fewer items can be offered
            the list is padded.
        users: `int64[B]`, names the rows. Default: 0 to B - 1.
        excluded: Sparse `[B, I]`; items with a non-zero entry are not
            offered.
        candidates: `int64[C]`, the only items to offer. Default: all.
        rng: Seed for ties, or a generator that one is drawn from.

    Returns:
        Lists of length k. Costs O(B I) time and one copy of `scores`.

    Raises:
        ValueError: If `k` < 1, a score is not finite, a shape is wrong or
            `rng` is no seed.

    Examples:
        >>> ranking = top_k(np.array([[0.1, 0.9, 0.5]]), k=2)
        >>> ranking.items
        array([[1, 2]])
        >>> seen = csr_array(np.array([[0, 1, 1]]))
        >>> top_k(np.array([[0.1, 0.9, 0.5]]), k=2, excluded=seen).items
        array([[ 0, -1]])

    References:
        Book section 3.5 measures what a tie-break by id is worth.
    """
    scores = np.array(scores, dtype=np.result_type(scores, np.float32))  # own copy
    if scores.ndim != 2:
        raise ValueError(f"scores: must have shape [B, I], got {scores.shape}")
    n_rows, n_items = scores.shape
    if not isinstance(k, (int, np.integer)) or k < 1:
        raise ValueError(f"k: must be a whole number of at least 1, got {k!r}")
    if not np.isfinite(scores).all():
        row, column = np.argwhere(~np.isfinite(scores))[0]
        raise ValueError(
            f"scores: must be finite, got {scores[row, column]} "
            f"in row {row}, item {column}"
        )
    users = np.arange(n_rows) if users is None else np.asarray(users, dtype=np.int64)
    if users.shape != (n_rows,):
        raise ValueError(f"users: must have shape [{n_rows}], got {users.shape}")
    _mask(scores, excluded, candidates)

    depth = min(k, n_items)
    items = np.full((n_rows, k), PADDING, dtype=np.int64)
    best = np.full((n_rows, k), np.nan, dtype=np.float32)
    if n_rows and n_items:
        # All that reach the k-th best score, ties at the border included.
        border = np.partition(scores, n_items - depth, axis=1)[:, n_items - depth]
        row, item = np.nonzero((scores >= border[:, None]) & (scores > -np.inf))
        value = scores[row, item]
        order = np.lexsort((_tie_keys(users[row], item, rng), -value, row))
        row, item, value = row[order], item[order], value[order]
        place = np.arange(row.size) - np.searchsorted(row, row)
        kept = place < k
        items[row[kept], place[kept]] = item[kept]
        best[row[kept], place[kept]] = value[kept]
    return Ranking(users, items, best)


def one_seed(rng: np.random.Generator | int) -> int:
    """Draw a seed from a generator, so that several calls may share it.

    Args:
        rng: A generator, which is advanced, or a seed, which is returned.

    Examples:
        >>> one_seed(7), one_seed(np.random.default_rng(0))
        (7, 3653403231)
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**32))
    return rng


def _mask(
    scores: np.ndarray, excluded: csr_array | None, candidates: np.ndarray | None
) -> None:
    """Set what may not be offered to minus infinity, in place."""
    n_items = scores.shape[1]
    if candidates is not None:
        candidates = np.asarray(candidates, dtype=np.int64)
        if candidates.size and not 0 <= candidates.min() <= candidates.max() < n_items:
            raise ValueError(
                f"candidates: every item must be in [0, {n_items}), "
                f"got {candidates.min()} to {candidates.max()}"
            )
        outside = np.ones(n_items, dtype=bool)
        outside[candidates] = False
        scores[:, outside] = -np.inf
    if excluded is not None:
        if excluded.shape != scores.shape:
            raise ValueError(
                f"excluded: must have shape {scores.shape}, got {excluded.shape}"
            )
        scores[excluded.nonzero()] = -np.inf


def _tie_keys(
    users: np.ndarray, items: np.ndarray, rng: np.random.Generator | int
) -> np.ndarray:
    """Hash (seed, user, item) to `uint64[N]`, alike on every machine."""
    rng = one_seed(rng)
    if not isinstance(rng, (int, np.integer)) or not 0 <= rng < 2**64:
        raise ValueError(
            f"rng: must be a generator or a whole number in [0, 2**64), got {rng!r}"
        )
    seed = np.array([rng], dtype=np.uint64)

    def mix(values: np.ndarray) -> np.ndarray:
        return pd.util.hash_array(values, categorize=False)

    return mix(mix(mix(seed) ^ users.astype(np.uint64)) ^ items.astype(np.uint64))
