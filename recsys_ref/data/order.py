"""Which event comes first: the rows of a table numbered within their group.

Book section 3.5.
"""

import numpy as np


def places(group: np.ndarray, *keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number each group's rows from 0 by `keys`, the first key leading.

    Args:
        group: `int64[N]`, from 0, such as the user of each event.
        keys: `[N]` each, such as the time, and then a draw that orders events
            of one second. Rows that no key parts keep their order.

    Returns:
        `int64[N]` places and `int64[N]`, the size of each row's group.

    Examples:
        >>> place, count = places(np.array([0, 1, 0]), np.array([20, 15, 10]))
        >>> place, count
        (array([1, 0, 0]), array([2, 1, 2]))
    """
    order = np.lexsort((*reversed(keys), group))
    place = np.empty(group.size, dtype=np.int64)
    place[order] = np.arange(group.size) - np.searchsorted(group[order], group[order])
    return place, np.bincount(group, minlength=1)[group]
