"""Behaviors of several kinds, such as views and purchases, in one table.

Book section 6.1.
"""

from collections.abc import Mapping

import numpy as np

from recsys_ref.data.checks import check_not_negative
from recsys_ref.data.interactions import Interactions


def weigh(
    behaviors: Mapping[str, Interactions], weights: Mapping[str, float]
) -> Interactions:
    """Join the events of several kinds; an event's value is its kind's weight.

    Args:
        behaviors: Tables of the same users and items, by kind. Their values are
            not used.
        weights: One for each kind, >= 0 and not all 0. A kind with the weight 0
            is left out: an event that counts nothing is none.

    Returns:
        All events that count, kind after kind. `matrix(table.value)` adds up
        what a user did to an item; a strategy with `use_values` reads that.

    Raises:
        KeyError: If the names differ.
        ValueError: If a weight is out of range, or the vocabularies differ.

    References:
        Wan and McAuley (2018), https://doi.org/10.1145/3240323.3240369: a purchase
        implies a view, so kinds form a chain; book section 6.1.

    Examples:
        >>> import pandas as pd
        >>> views = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2], "item_id": [7, 7, 8]}))
        >>> bought = views.select([0])
        >>> table = weigh({"view": views, "purchase": bought},
        ...               {"view": 0.1, "purchase": 1.0})
        >>> table.matrix(table.value).toarray()
        array([[1.2, 0. ],
               [0. , 0.1]])
    """
    if set(behaviors) != set(weights):
        raise KeyError(f"weights: must name {sorted(behaviors)}, got {sorted(weights)}")
    for kind, weight in weights.items():
        check_not_negative(f"weights[{kind!r}]", weight)
    tables = [(table, weights[kind]) for kind, table in behaviors.items()]
    first = tables[0][0]
    for table, _ in tables:
        if not (
            table.user_ids.equals(first.user_ids)
            and table.item_ids.equals(first.item_ids)
        ):
            raise ValueError("behaviors: must have the same user_ids and item_ids")
    counted = [(table, weight) for table, weight in tables if weight]
    if not counted:
        raise ValueError(f"weights: one must be above 0, got {dict(weights)}")
    return Interactions(
        *(
            np.concatenate([getattr(table, name) for table, _ in counted])
            for name in ("user", "item")
        ),
        np.concatenate([np.full(len(table), weight) for table, weight in counted]),
        np.concatenate([table.timestamp for table, _ in counted]),
        first.user_ids,
        first.item_ids,
    )
