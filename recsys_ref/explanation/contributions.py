"""What each item of a history adds to a score: exactly, or by taking it out.

Some scores are sums over the user's history. Then each item's term is its
contribution, and nothing has to be estimated. For any other strategy, an item
is taken out of the history and the rest is scored again.

Book section 8.2.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_share
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.vectors import check_vectors
from recsys_ref.profiles.behaviour import history_weights, last_events
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.item_knn import ItemKNN


def additive_parts(
    model: Recommender, user: int, events: Interactions | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split the scores of one user into the terms of his history.

    With w_i the weight of item i in the history (1 unless the strategy has
    the old count less), the term of item i in the score of item j is

        EASE        w_i B_ij
        ItemKNN     w_i similarity(i, j)
        DotProduct  w_i v_i . v_j, over the user vector's length if `cosine`

    Args:
        model: A fitted strategy of one of these classes.
        user: User index.
        events: The events that the model serves. For a DotProduct alone,
            which keeps the sum and not its terms.

    Returns:
        `int64[n]`, the n items of the history, rising; `float64[n, I]`, their
        terms in the score of every item; `float64[I]`, what is left, which no
        item of the history adds (a DotProduct's prior, else 0). Terms and rest
        sum to the score. A user without events has no terms.

    Raises:
        KeyError: If the user is unknown.
        ValueError: If the strategy is no sum over the history, or a
            DotProduct lacks `events` or was given its user vectors.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> items, parts, rest = additive_parts(EASE(l2=1.0).fit(table), user=0)
        >>> items, parts[:, :2].round(2)
        (array([0, 1]), array([[0.  , 0.5 ],
               [0.67, 0.  ]]))
    """
    user = int(model._check_users([user])[0])
    if isinstance(model, EASE | ItemKNN):
        if isinstance(model, EASE):
            weights = model.seen_ if model.history_ is None else model.history_
        else:
            weights = model.affinity_
        row = weights[[user]]
        items = row.indices.astype(np.int64)
        rows = model.weights_[items]
        rows = rows if isinstance(rows, np.ndarray) else rows.toarray()
        parts = row.data[:, None] * rows.astype(np.float64)
        rest = np.zeros(model.weights_.shape[1])
    elif isinstance(model, DotProduct):
        items, parts = _of_vectors(model, user, events)
        rest = model.prior_.astype(np.float64)
    else:
        raise ValueError(
            f"model: {type(model).__name__} is no sum over the history; "
            "see leave_one_out"
        )
    order = np.argsort(items)
    return items[order], parts[order], rest


def _of_vectors(
    model: DotProduct, user: int, events: Interactions | None
) -> tuple[np.ndarray, np.ndarray]:
    if model.user_vectors is not None:
        raise ValueError("model: user_vectors were given, they have no terms")
    if events is None:
        raise ValueError("events: must be given for a DotProduct, got None")
    if model.last is not None:
        events = last_events(events, model.last, rng=model.rng)
    row = history_weights(events, model.weighting, half_life=model.half_life)[[user]]
    vectors = check_vectors("item_vectors", model.item_vectors).astype(np.float64)
    terms = row.data[:, None] * vectors[row.indices]  # [n, D]: they sum to u
    if model.cosine:
        terms /= np.linalg.norm(terms.sum(axis=0)) or 1.0
    parts = terms @ model.item_vectors_.T.astype(np.float64)
    return row.indices.astype(np.int64), parts


def contribution_table(
    model: Recommender,
    user: int,
    item: int,
    events: Interactions | None = None,
    *,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Say what each item of a user's history adds to the score of one item.

    Args:
        model: A fitted strategy, see `additive_parts`.
        user: User index.
        item: Item index.
        events: See `additive_parts`.
        names: `str[I]`, what to call the items.

    Returns:
        One item of the history a row, the largest contribution first, named by
        its rank from 1: `item`, `contribution` and `share`, which is the
        contribution over the score, NaN if the score is 0. A negative
        contribution speaks against the item. Where a prior adds to the score,
        shares sum to less than 1. With `names` there is a column `name`.

    Raises:
        IndexError: If there is no such item.
        KeyError: If the user is unknown.
        ValueError: As `additive_parts`, or if `names` are not I.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> model = ItemKNN("counts").fit(table)
        >>> contribution_table(model, user=2, item=1, names=["a", "b", "c"])
              item  contribution  share name
        rank
        1        0           2.0    1.0    a
    """
    items, parts, rest = additive_parts(model, user, events)
    if not 0 <= item < len(rest):
        raise IndexError(f"item: must be in [0, {len(rest)}), got {item}")
    if names is not None and len(names) != len(rest):
        raise ValueError(f"names: must be {len(rest)}, got {len(names)}")
    parts = parts[:, item]
    score = parts.sum() + rest[item]
    order = np.lexsort((items, -parts))
    table = {
        "item": items[order],
        "contribution": parts[order],
        "share": parts[order] / score if score else np.full(len(parts), np.nan),
    }
    if names is not None:
        table["name"] = np.asarray(names)[items[order]]
    return pd.DataFrame(table, index=pd.RangeIndex(1, len(items) + 1, name="rank"))


def leave_one_out(
    model: Recommender,
    events: Interactions,
    user: int,
    item: int,
    *,
    excluded: np.ndarray | None = None,
) -> pd.DataFrame:
    """Take each item out of a user's history in turn, and score anew.

    Nothing is learned anew: the model stays, the history is folded in. This
    asks what would have been recommended to someone alike in all but one item.

    Args:
        model: Any fitted strategy that can fold users in.
        events: The histories that it serves.
        user: User index.
        item: Item index, of which the score and the rank are followed.
        excluded: `int64[E]`, items that are never offered and so have no
            rank. Default: those of the user's history. `item` must not be
            among them.

    Returns:
        One item of the history a row, named by its index: `drop`, how much
        the score of `item` falls without it (below 0: it rises), and `places`,
        by how many places its rank gets worse among all that may be offered;
        an equal score counts as half a place.

    Raises:
        IndexError: If there is no such item.
        KeyError: If the user is unknown.
        ValueError: If `item` is excluded, or as `fold_in`.

    Examples:
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> leave_one_out(EASE(l2=1.0).fit(table), table, user=2, item=1).round(2)
              drop  places
        item
        0      0.5     0.5
    """
    model._check_users([user])
    if not 0 <= item < events.n_items:
        raise IndexError(f"item: must be in [0, {events.n_items}), got {item}")
    history = np.unique(events.item[events.user == user])
    excluded = history if excluded is None else np.asarray(excluded, dtype=np.int64)
    if item in excluded:
        raise ValueError(f"item: {item} is excluded, so it has no rank")
    offered = np.setdiff1d(np.arange(events.n_items), excluded)
    table = _variants(events, user, history)
    rows = np.arange(events.n_users, table.n_users)
    scores = model.fold_in(table).score(rows)
    scores = scores.astype(np.float64)
    own_score = scores[:, [item]]
    above = (scores[:, offered] > own_score).sum(axis=1)
    equal = (scores[:, offered] == own_score).sum(axis=1) - 1
    rank = 1 + above + equal / 2
    index = pd.Index(history, name="item")
    drop = scores[0, item] - scores[1:, item]
    return pd.DataFrame({"drop": drop, "places": rank[1:] - rank[0]}, index=index)


def _variants(events: Interactions, user: int, history: np.ndarray) -> Interactions:
    """Add n + 1 users: the whole history of one, then each item of it left out.

    The other users stay, since a strategy may count time from the last event
    of all.
    """
    own = np.flatnonzero(events.user == user)
    kept = [own, *(own[events.item[own] != item] for item in history)]
    rows = np.concatenate([np.arange(len(events)), *kept])
    added = events.n_users + np.arange(len(kept))
    return Interactions(
        np.r_[events.user, np.repeat(added, [len(part) for part in kept])],
        events.item[rows],
        events.value[rows],
        events.timestamp[rows],
        np.arange(events.n_users + len(kept)),
        events.item_ids,
    )


def concentration(contributions: np.ndarray, share: float = 0.5) -> int:
    """Count the fewest items that make up a share of what speaks for an item.

    Args:
        contributions: `float[n]`, of one score.
        share: Of the sum of the positive ones, in (0, 1).

    Returns:
        A number of items; 0 if nothing speaks for the item.

    Raises:
        ValueError: If `share` is not in (0, 1).

    Examples:
        >>> concentration([0.5, 0.3, 0.2, -0.4])
        1
        >>> concentration([0.5, 0.3, 0.2, -0.4], share=0.75)
        2
    """
    check_share("share", share)
    positive = np.sort(np.maximum(np.asarray(contributions, dtype=np.float64), 0))[::-1]
    total = positive.sum()
    if not total:
        return 0
    reached = np.cumsum(positive) >= share * total * (1 - 1e-12)
    return int(np.argmax(reached)) + 1
