"""Nearest neighbours: what a space of vectors holds for alike.

Book section 3.3.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recsys_ref.data.vectors import check_vectors, unit_rows
from recsys_ref.ranking import PADDING, top_k


def nearest(
    vectors: np.ndarray,
    query: int | np.ndarray,
    k: int = 10,
    *,
    names: Sequence[str] | None = None,
    rng: np.random.Generator | int = 0,
) -> pd.DataFrame:
    """List the rows whose direction is closest to that of one vector.

    Args:
        vectors: `float[N, D]`, finite. The cosine with a vector of zeros
            counts as 0.
        query: The row to start from, which is then not listed itself; or
            `float[D]`, any vector.
        k: How many to list, at least 1; all, if there are fewer.
        names: `str[N]`, what to call the rows.
        rng: Seed that orders rows of equal cosine, as in `ranking.top_k`.

    Returns:
        One neighbour a row, named by its rank from 1: `item` (row of
        `vectors`), `cosine` (`float32`) and, where given, `name`.

    Raises:
        IndexError: If there is no such row.
        ValueError: If a shape is wrong, a number not finite, or k < 1.

    Examples:
        >>> vectors = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]])
        >>> nearest(vectors, 0, k=2, names=["east", "north", "between"])
              item  cosine     name
        rank
        1        2     0.6  between
        2        1     0.0    north
    """
    vectors = check_vectors("vectors", vectors)
    if names is not None and len(names) != len(vectors):
        raise ValueError(f"names: must be {len(vectors)}, got {len(names)}")
    units, others = unit_rows(vectors), None
    if np.ndim(query) == 0:
        row = _row(query, len(vectors))
        target, others = units[row], np.delete(np.arange(len(vectors)), row)
    else:
        target = check_vectors("query", np.asarray(query)[None])
        if target.shape[1] != vectors.shape[1]:
            raise ValueError(
                f"query: must have length {vectors.shape[1]}, got {target.shape[1]}"
            )
        target = unit_rows(target)[0]
    cosine = np.einsum("nd,d->n", units, target)  # equal rows, equal cosines
    ranking = top_k(cosine[None], k, candidates=others, rng=rng)
    listed = ranking.items[0] != PADDING
    item = ranking.items[0, listed]
    table = {"item": item, "cosine": ranking.scores[0, listed]}
    if names is not None:
        table["name"] = np.asarray(names)[item]
    return pd.DataFrame(table, index=pd.RangeIndex(1, len(item) + 1, name="rank"))


def _row(query: int, n_rows: int) -> int:
    if not isinstance(query, (int, np.integer)):
        raise ValueError(f"query: must be a row's number or a vector, got {query!r}")
    if not 0 <= query < n_rows:
        raise IndexError(f"query: must be in [0, {n_rows}), got {query}")
    return int(query)
