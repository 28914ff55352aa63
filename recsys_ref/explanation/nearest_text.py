"""The explanation that everyone knows: because you watched the film most like it.

It is made from the items' texts alone and never asks the model that made the
recommendation. So whether it names what the model went by has to be measured.

Book section 8.2.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.vectors import check_vectors, unit_rows


def nearest_in_history(
    vectors: np.ndarray,
    history: np.ndarray,
    item: int,
    *,
    rng: np.random.Generator | int,
) -> np.ndarray:
    """Order a history by how much its items are like one item.

    Args:
        vectors: `float[I, D]`, of texts or of genres. The cosine with a
            vector of zeros counts as 0.
        history: `int64[n]`, item indices.
        item: Item index.
        rng: Seed that orders equal cosines.

    Returns:
        `int64[n]`, places in `history`, the nearest first.

    Raises:
        IndexError: If an item is unknown.
        ValueError: If `vectors` are none.

    Examples:
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.2]])
        >>> nearest_in_history(vectors, np.array([1, 2]), 0, rng=0)
        array([1, 0])
    """
    vectors = check_vectors("vectors", vectors)
    history = np.asarray(history, dtype=np.int64)
    known = np.append(history, item)
    if not ((known >= 0) & (known < len(vectors))).all():
        raise IndexError(f"items: must be in [0, {len(vectors)}), got {known.tolist()}")
    units = unit_rows(vectors[known])
    cosine = (units[:-1] @ units[-1]).round(6)  # equal texts, equal cosines
    tie = np.random.default_rng(rng).permutation(len(history))
    return np.lexsort((tie, -cosine))


def agreement(
    contributions: Sequence[np.ndarray],
    cited: Sequence[int],
    *,
    tops: Sequence[int] = (1, 3),
) -> pd.DataFrame:
    """Hold the items that explanations cite against what counted.

    Args:
        contributions: For each of B users `float[n]`, what each item of the
            history adds to the score, n at least 1.
        cited: For each the place of the cited item in that history.
        tops: Among how many of the largest contributions the cited item is
            looked for.

    Returns:
        One user a row. For each t of `tops` `top t`, 1 if the cited item is
        among the t that count most and else 0 (a share, where equal
        contributions meet the border), and `chance t`, what an item of the
        history drawn at random reaches. `beats`: the chance that it
        contributes more than another item of the history drawn at random, equal
        ones counting half; NaN if there is no other. `speaks`: whether its
        contribution is above 0.

    Raises:
        IndexError: If a history has no such place.
        ValueError: If the lengths differ, a history is empty, or a top < 1.

    Examples:
        >>> agreement([np.array([0.5, 0.1, -0.2])], [1], tops=[1, 2])
           top 1  chance 1  top 2  chance 2  beats  speaks
        0    0.0  0.333333    1.0  0.666667    0.5    True
    """
    if len(contributions) != len(cited):
        raise ValueError(
            f"cited: must be {len(contributions)}, one a user, got {len(cited)}"
        )
    for top in tops:
        check_whole_number("tops", top, 1)
    rows = []
    for parts, place in zip(contributions, cited, strict=True):
        parts = np.asarray(parts, dtype=np.float64)
        n = len(parts)
        if not n:
            raise ValueError("contributions: a history must not be empty")
        if not 0 <= place < n:
            raise IndexError(f"cited: must be in [0, {n}), got {place}")
        more = (parts > parts[place]).sum()
        equal = (parts == parts[place]).sum()  # itself included
        row = {}
        for top in tops:
            row[f"top {top}"] = float(np.clip((top - more) / equal, 0, 1))
            row[f"chance {top}"] = min(top / n, 1.0)
        less = n - more - equal
        row["beats"] = (less + (equal - 1) / 2) / (n - 1) if n > 1 else np.nan
        row["speaks"] = bool(parts[place] > 0)
        rows.append(row)
    return pd.DataFrame(rows)
