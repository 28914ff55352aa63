"""What a made-up shop has written down of its visits. Book section 6.1."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.simulate.shop import KINDS, Shop, visit

DAY = 86_400  # seconds


@dataclass(frozen=True, eq=False)
class ShopLog:
    """Events of three kinds.

    Attributes:
        events: "view", "cart" and "purchase": their events, with values 1 and
            the day of the visit as time. A cart stands in views, too, and a
            purchase in both.
        owned: `bool[U, M]`, the needs that are met after the last visit.
    """

    events: dict[str, Interactions]
    owned: np.ndarray

    def before(self, day: int) -> dict[str, Interactions]:
        """Return the events of the days before `day`, counted from 0."""
        return {n: x.select(x.timestamp < day * DAY) for n, x in self.events.items()}

    def since(self, day: int) -> dict[str, Interactions]:
        """Return the events of `day` and later."""
        return {n: x.select(x.timestamp >= day * DAY) for n, x in self.events.items()}


def record(
    shop: Shop,
    *,
    days: int,
    k: int,
    rng: np.random.Generator | int,
    eta: float = 1.0,
) -> ShopLog:
    """Let every user come once a day, and show him K items drawn at random.

    Random lists are what no shop would show. They are used here so that the log
    has no bias but that of the customers.

    Args:
        shop: The simulation. At first nobody owns anything.
        days: Number of visits of each user, at least 1.
        k: K, items of a list, at most I.
        rng: Seed or generator of lists and draws.
        eta: Steepness of attention.

    Raises:
        ValueError: If `days` or `k` is out of range.

    Examples:
        >>> from recsys_ref.simulate.shop import make_shop
        >>> log = record(make_shop(50, rng=0), days=20, k=10, rng=0)
        >>> [len(log.events[kind]) for kind in KINDS]
        [761, 152, 73]
    """
    check_whole_number("days", days, 1)
    check_whole_number("k", k, 1)
    n_users, n_items = shop.world.n_users, shop.world.n_items
    if k > n_items:
        raise ValueError(f"k: must be at most {n_items}, got {k}")
    rng = np.random.default_rng(rng)
    users, owned = np.arange(n_users), shop.nothing_owned()
    rows: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    for day in range(days):
        items = np.argsort(rng.random((n_users, n_items)), axis=1)[:, :k]
        drawn = visit(shop, users, items, owned, rng=rng, eta=eta)
        for kind, happened in zip(KINDS, drawn, strict=True):
            user, place = np.nonzero(happened)
            rows[kind].append(
                np.stack([user, items[user, place], np.full(user.size, day * DAY)])
            )
    events = {kind: _table(shop, np.concatenate(x, axis=1)) for kind, x in rows.items()}
    return ShopLog(events, owned)


def _table(shop: Shop, rows: np.ndarray) -> Interactions:
    user, item, time = rows
    return Interactions(
        user,
        item,
        np.ones(user.size),
        time,
        pd.RangeIndex(shop.world.n_users),
        pd.RangeIndex(shop.world.n_items),
    )
