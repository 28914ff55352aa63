"""Tell whether an answer to an exercise on shops is right.

Book section 6.1.
"""

from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.simulate.shop import Shop, expected_visit, make_shop
from recsys_ref.simulate.shop_log import record
from recsys_ref.strategies.bought_together import (
    BoughtTogether,
    pooled_lift,
    text_kernel,
)
from recsys_ref.strategies.margin import by_margin

GREEDS = (0.0, 0.5, 1.0, 1.25, 2.0)


def width(narrow: object, wide: object) -> Verdict:
    """Check what *bought together* becomes at both ends of the kernel's width.

    Args:
        narrow: What it is near zero: "plain", "equal" or "texts".
        wide: What it is if the width is very large, out of the same three.

    Returns:
        The verdict on the first that is wrong, from the lifts of ten customers.

    Examples:
        >>> width("equal", "plain")
        Not yet. Narrow: from how many products does each one borrow then?
    """
    shared = {
        "texts": "the lifts still come from purchases. What the width decides is who "
        "lends to whom.",
    }
    ends = {
        "Narrow": (
            narrow,
            _becomes(1e-5),
            "Every product keeps what it has.",
            "from how many products does each one borrow then?",
        ),
        "Wide": (
            wide,
            _becomes(1e3),
            "Alone and together: nobody lends, or all are one.",
            "divide any cosine by a huge number. Who lends to whom, and how much?",
        ),
    }
    for end, (answer, right, because, hint) in ends.items():
        hints = {"plain": hint, "equal": hint} | shared
        hints = {name: f"{end}: {h}" for name, h in hints.items() if name != right}
        found = chooses(answer, right, because=because, hints=hints)
        if not found:
            break
    return found


def tents(lost: object, shop: Shop, owned: np.ndarray) -> Verdict:
    """Check how many sales five products of one need take from each other.

    Args:
        lost: The share of the sales that the five places promise, all customers
            together.
        shop: The chapter's shop.
        owned: `bool[U, M]`, which needs of whom are met.

    Returns:
        The verdict, to half a hundredth.

    Examples:
        >>> shop = make_shop(50, rng=0)
        >>> tents(0.0, shop, shop.nothing_owned())
        Not yet. Who has bought the first of them, does he still need the second?
    """
    users = np.arange(shop.world.n_users)
    chance = shop.purchase_chance(users, owned)
    need = shop.need[chance.argmax(axis=1)]
    of_need = np.where(shop.need == need[:, None], chance, -1.0)
    five = np.argsort(-of_need, axis=1, kind="stable")[:, :5]
    chance = np.take_along_axis(chance, five, axis=1)
    promised, kept = chance.sum(axis=1), 1 - (1 - chance).prod(axis=1)
    right = 1 - kept.mean() / promised.mean()
    glance = expected_visit(shop, users, five, owned)
    look = chance @ (1 / np.arange(1, 6))
    return matches(
        lost,
        right,
        because="He buys one of them at most, so the places do not add up.",
        hint="Add up the chances of five products that are looked at, and compare "
        "with the chance that he buys one of them.",
        mistakes=[
            (
                0.0,
                "Who has bought the first of them, does he still need the second?",
            ),
            (1 - right, "This is what is left. How much is lost?"),
            (
                (promised - kept).mean(),
                "This is lost in sales. How large is it beside what was promised?",
            ),
            (
                (1 - kept / promised).mean(),
                "Here each customer's share counts alike, also of him who hardly "
                "buys. Add up the sales of all customers first.",
            ),
            (
                1 - glance.purchases.mean() / look.mean(),
                "He looks at all five: how steeply does attention fall then?",
            ),
            (
                1 - glance.purchases.mean() / promised.mean(),
                "On the one side he looks at all five, on the other not.",
            ),
        ],
        tolerance=5e-3,
    )


def greed(added: object, exact: object, shop: Shop, owned: np.ndarray) -> Verdict:
    """Check which greed earns most, out of five.

    Args:
        added: The best of 0, 0.5, 1, 1.25 and 2 if places are added up.
        exact: The best if a second product of one need sells only after the
            first did not.
        shop: The chapter's shop.
        owned: `bool[U, M]`, which needs of whom are met.

    Returns:
        The verdict on both.

    Examples:
        >>> shop = make_shop(300, rng=0)
        >>> greed(2.0, 2.0, shop, shop.nothing_owned())
        Not yet. Places added up: which order earns most where each place has its
        own chance times margin?
    """
    users = np.arange(shop.world.n_users)
    chance = shop.purchase_chance(users, owned)
    look = 1 / np.arange(1, 11)
    earned = []
    for each in GREEDS:
        score = by_margin(chance, shop.margin, each)
        items = np.argsort(-score, axis=1, kind="stable")[:, :10]
        worth = np.take_along_axis(chance * shop.margin, items, axis=1) @ look
        visits = expected_visit(shop, users, items, owned)
        earned.append((worth.mean(), visits.margin.mean()))
    best = [GREEDS[place] for place in np.argmax(earned, axis=0)]
    first = matches(
        added,
        best[0],
        because="",
        hint="Places added up: which order earns most where each place has its own "
        "chance times margin?",
        mistakes=[
            (0.0, "This is the customer's list. It does not look at the margin at all.")
        ],
    )
    if not first:
        return first
    return matches(
        exact,
        best[1],
        because="The proof holds for the sum over places, and not where needs meet.",
        hint="Exactly: use expected_visit, and compare all five on average.",
        mistakes=[
            (
                best[0],
                "That was proved if no two products serve one need. Do the lists "
                "keep to that?",
            ),
            (
                0.0,
                "This is the customer's list. It does not look at the margin at all.",
            ),
        ],
    )


def catalog(lending: object) -> Verdict:
    """Check whether lending helps more or less where products are many.

    Args:
        lending: "more" or "less", of a catalog with more products a need.

    Returns:
        The verdict, from two small shops in which products of one need lend.

    Examples:
        >>> catalog("less")
        Not yet. A product has fewer purchases of its own. And how many lenders?
    """
    few, many = _gain(8), _gain(32)
    right = "more" if many > few else "less"
    hints = {
        "less": "A product has fewer purchases of its own. And how many lenders?",
        "more": "Divide the contrast with lending by that without, in both shops.",
    }
    hints.pop(right)
    return chooses(
        lending,
        right,
        because="Alone the signal thins out, and lending makes up for it.",
        hints=hints,
    )


def _becomes(width: float) -> str:
    """Name what the lifts of ten customers become with a kernel of this width."""
    baskets = np.array(
        [[1, 0, 1, 0]] * 3
        + [[0, 1, 1, 0]] * 3
        + [[1, 0, 0, 1]] * 2
        + [[0, 0, 0, 1]] * 2
    )
    texts = np.array([[1.0, 0.0], [0.9, 0.1], [0.2, 1.0], [0.0, 1.0]])
    plain = pooled_lift(baskets)
    lent = pooled_lift(baskets, text_kernel(texts, width))
    if np.allclose(lent, plain, atol=1e-3):
        return "plain"
    return "equal" if np.ptp(lent) < 0.02 * np.ptp(plain) else "texts"


@cache
def _gain(items_per_need: int) -> float:
    """Return how much clearer complements are where products of a need lend."""
    shop = make_shop(200, rng=0, items_per_need=items_per_need)
    bought = record(shop, days=50, k=10, rng=0).events["purchase"]
    goes = shop.complement[shop.need][:, None] == shop.need
    texts = np.eye(shop.n_needs)[shop.need]  # as if a text said the need

    def contrast(**how: object) -> float:
        lift = BoughtTogether(**how).fit(bought).lift_
        return float((lift[goes].mean() - lift.mean()) / lift.std())

    return contrast(item_vectors=texts, width=0.2) / contrast()
