"""How well the items of each page are ordered: MIND's four metrics.

The clicked items of a page are to stand before the others of the same page. What was
not shown takes no part. Book section 6.4.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.ranks import auc
from recsys_ref.ranking import one_seed, top_k

COLUMNS = ("auc", "mrr", "ndcg@5", "ndcg@10")


def evaluate_impressions(
    scores: Sequence[np.ndarray],
    clicked: Sequence[np.ndarray],
    *,
    rng: np.random.Generator | int = 0,
) -> pd.DataFrame:
    """Measure the order that scores give to each page.

    The definitions are those of MIND's own script but for ties, which it leaves to
    the sort and which are ordered at random here: `auc`, equal scores counted half;
    `mrr`, 1 / rank of every clicked item, summed and divided by the clicked
    (elsewhere in this book, and usually, MRR is of the first one alone); `ndcg@k`,
    with the ideal of min(k, clicked) hits.

    Args:
        scores: N arrays `float[K_n]`, one score an item of a page; finite.
        clicked: N arrays `bool[K_n]`.
        rng: Seed that orders equal scores.

    Returns:
        One row a page, the columns `COLUMNS`. A page without a click is NaN in all,
        a page where all was clicked in `auc`.

    Raises:
        ValueError: If the two do not pair, a page is empty, or a score is not
            finite.

    References:
        Wu et al. (2020), https://aclanthology.org/2020.acl-main.331/; the
        definitions are those of `evaluate.py` in https://github.com/msnews/MIND

    Examples:
        >>> evaluate_impressions([np.array([0.1, 0.9, 0.5])], [np.array([1, 0, 1])])
           auc       mrr    ndcg@5   ndcg@10
        0  0.0  0.416667  0.693426  0.693426
    """
    scores = [np.asarray(row, dtype=np.float64) for row in scores]
    clicked = [np.asarray(row, dtype=bool) for row in clicked]
    shapes = [row.shape for row in scores], [row.shape for row in clicked]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "scores, clicked: must have one value for each item of each page, got "
            f"{sum(map(np.size, scores))} in {len(scores)} pages and "
            f"{sum(map(np.size, clicked))} in {len(clicked)}"
        )
    lengths = np.array([row.size for row in scores], dtype=np.int64)
    if not lengths.all():
        raise ValueError(f"scores: page {int(lengths.argmin())} must not be empty")
    seed, values = one_seed(rng), np.full((len(scores), len(COLUMNS)), np.nan)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        values[rows] = _of_one_length(
            np.stack([scores[row] for row in rows]),
            np.stack([clicked[row] for row in rows]),
            rows,
            seed,
        )
    return pd.DataFrame(values, columns=COLUMNS)


def reciprocal_ranks(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """1 / rank of every hit, summed, divided by all relevant items: MIND's MRR.

    Examples:
        >>> reciprocal_ranks(np.array([[0, 1, 1]], dtype=bool), np.array([2])).round(3)
        array([0.417])
    """
    total = (hits / np.arange(1, hits.shape[1] + 1)).sum(axis=1)
    undefined = np.full(len(hits), np.nan)
    return np.divide(total, n_relevant, out=undefined, where=n_relevant > 0)


def _of_one_length(
    scores: np.ndarray, clicked: np.ndarray, pages: np.ndarray, seed: int
) -> np.ndarray:
    """Measure pages of K items, `float64[N, 4]`."""
    order = top_k(scores, scores.shape[1], users=pages, rng=seed).items
    hits = np.take_along_axis(clicked, order, axis=1)
    relevant = clicked.sum(axis=1)
    columns = [
        auc(scores, csr_array(clicked.astype(np.float64))),
        reciprocal_ranks(hits, relevant),
        metrics.ndcg(hits[:, :5], relevant),
        metrics.ndcg(hits[:, :10], relevant),
    ]
    return np.stack(columns, axis=1)
