"""Scores of what was shown: page by page, and hour by hour as time goes on.

Book section 6.4.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from recsys_ref.data.impressions import Impressions
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.rolling import Window
from recsys_ref.strategies.base import Recommender


def score_pages(model: Recommender, pages: Impressions) -> list[np.ndarray]:
    """Score what was shown on each page, for the reader of the page.

    Args:
        model: Fitted on a table with the users and items of the pages.
        pages: N pages.

    Returns:
        N arrays `float32[K_n]`.

    Raises:
        ValueError: If the items are others than the model's.

    Examples:
        >>> import pandas as pd
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> pages = Impressions.from_lists(["a"], [0], [[1, 0]], [[True, False]],
        ...                                item_ids=["N1", "N2"])
        >>> score_pages(Popularity().fit(pages.clicks()), pages)
        [array([1., 0.], dtype=float32)]
    """
    if not pages.item_ids.equals(model.item_ids_):
        raise ValueError(
            f"pages: must have the {len(model.item_ids_)} items of the model in their "
            f"order, got {len(pages.item_ids)} others"
        )
    if not len(pages):
        return []
    users, row = np.unique(pages.user, return_inverse=True)
    scores = model.score(users)
    return [scores[r, shown] for r, shown in zip(row, pages.shown, strict=True)]


def score_windows(
    strategy: Recommender,
    clicks: Interactions,
    pages: Impressions,
    windows: Iterable[Window],
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Score the pages of each window by a model that knows what was before it.

    Args:
        strategy: A copy of it is fitted for each training.
        clicks: All events; of them a model is given those before its training.
        pages: What was shown, with the users and items of `clicks`.
        windows: From `data.rolling.rolling_windows`, in the order of time.

    Returns:
        `int64[M]`, the pages that fall into a window, and their scores, M arrays.

    Examples:
        >>> from recsys_ref.data.rolling import rolling_windows
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> pages = Impressions.from_lists(
        ...     ["a", "b", "a"], [0, 5, 15], [[0, 1]] * 3, [[True, False]] * 3,
        ...     item_ids=["N1", "N2"])
        >>> windows = rolling_windows(10, 20, length=10)
        >>> score_windows(Popularity(), pages.clicks(), pages, windows)
        (array([2]), [array([2., 0.], dtype=float32)])
    """
    rows: list[np.ndarray] = []
    scores: list[np.ndarray] = []
    for window, model in _trained(strategy, clicks, windows):
        inside = np.flatnonzero(window.holds(pages.timestamp))
        rows.append(inside)
        scores += score_pages(model, pages.select(inside))
    return np.concatenate([np.empty(0, np.int64), *rows]), scores


def rank_visits(
    strategy: Recommender,
    clicks: Interactions,
    pages: Impressions,
    windows: Iterable[Window],
    offered: Callable[[int], np.ndarray],
    *,
    k: int = 10,
    rng: np.random.Generator | int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Let a strategy make a list of its own for each visit of the windows.

    Args:
        strategy: A copy of it is fitted for each training.
        clicks: All events; of them a model is given those before its training.
        pages: The visits; what was shown on them does not matter.
        windows: From `data.rolling.rolling_windows`, in the order of time.
        offered: Called with the start of a window, Unix seconds; returns the items
            that may be listed, `int64[C]`. What a reader chose before the training is
            left out.
        k: K, the length of the lists.
        rng: Seed of ties.

    Returns:
        `int64[M]`, the visits that fall into a window, and their lists, `int64[M, K]`.

    Examples:
        >>> from recsys_ref.data.rolling import rolling_windows
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> pages = Impressions.from_lists(
        ...     ["a", "b", "a"], [0, 5, 15], [[0, 1]] * 3, [[True, False]] * 3,
        ...     item_ids=["N1", "N2"])
        >>> windows = rolling_windows(10, 20, length=10)
        >>> rank_visits(
        ...     Popularity(), pages.clicks(), pages, windows, lambda start: [0, 1], k=1)
        (array([2]), array([[1]]))
    """
    rows, lists = [np.empty(0, np.int64)], [np.empty((0, k), np.int64)]
    for window, model in _trained(strategy, clicks, windows):
        inside = np.flatnonzero(window.holds(pages.timestamp))
        users, row = np.unique(pages.user[inside], return_inverse=True)
        ranking = model.recommend(users, k=k, candidates=offered(window.start), rng=rng)
        rows.append(inside)
        lists.append(ranking.items[row])
    return np.concatenate(rows), np.concatenate(lists)


def _trained(
    strategy: Recommender, clicks: Interactions, windows: Iterable[Window]
) -> Iterator[tuple[Window, Recommender]]:
    """Yield each window with the model it is served by, fitted once a training."""
    model, trained_at = None, None
    for window in windows:
        if model is None or window.trained_at != trained_at:
            model = replace(strategy).fit(window.train(clicks))
            trained_at = window.trained_at
        yield window, model
