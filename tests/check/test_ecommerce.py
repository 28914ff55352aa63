"""Each check of chapter 6.1 passes what is right and hints at what is not."""

import numpy as np
import pytest

from recsys_ref.check import ecommerce as check
from recsys_ref.simulate.shop import expected_visit, make_shop

GARBAGE = ("many", None, np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


@pytest.fixture(scope="module")
def place():
    """A shop whose first users own something, to their number."""
    shop = make_shop(400, rng=3)
    owned = shop.nothing_owned()
    owned[:100, ::2] = True
    return shop, owned


def test_width():
    assert check.width("plain", "equal")
    assert check.width(" Plain", "Equal")
    hints(check.width("equal", "equal"), "borrow", "plain")
    hints(check.width("texts", "equal"), "come from purchases", "plain")
    hints(check.width("plain", "plain"), "huge", "equal")
    hints(check.width("plain", "texts"), "come from purchases", "equal")


def five_tents(shop, owned):
    """Each user's five likeliest products of his likeliest need, one by one."""
    chance = shop.purchase_chance(np.arange(400), owned)
    lists = []
    for mine in chance:
        order = np.argsort(-mine, kind="stable")
        lists.append([i for i in order if shop.need[i] == shop.need[order[0]]][:5])
    return np.array(lists), chance


def test_tents(place):
    shop, owned = place
    items, chance = five_tents(*place)
    users = np.arange(400)
    promised = np.take_along_axis(chance, items, axis=1).sum(axis=1)
    sold = expected_visit(shop, users, items, owned, eta=0).purchases.to_numpy()
    glance = expected_visit(shop, users, items, owned).purchases.mean()
    right = 1 - sold.mean() / promised.mean()
    assert check.tents(right, *place)
    mistakes = {
        "still need": 0.0,
        "left": 1 - right,
        "in sales": promised.mean() - sold.mean(),
        "counts alike": (1 - sold / promised).mean(),
        "other not": 1 - glance / promised.mean(),
    }
    for word, wrong in mistakes.items():
        hints(check.tents(wrong, *place), word, f"{right:.2f}")


def test_greed(place):
    shop, owned = place
    users = np.arange(400)
    chance = shop.purchase_chance(users, owned)
    earned = {}
    for greed in (0.0, 0.5, 1.0, 1.25, 2.0):
        items = np.argsort(-chance * shop.margin**greed, axis=1)[:, :10]
        earned[greed] = expected_visit(shop, users, items, owned).margin.mean()
    best = max(earned, key=earned.get)
    assert best != 1.0, "or the exercise has no point here"
    assert check.greed(1.0, best, *place)
    hints(check.greed(2.0, best, *place), "own chance times margin", "1.0")
    hints(check.greed(0.0, best, *place), "customer's list")
    hints(check.greed(1.0, 1.0, *place), "proved", str(best))
    hints(check.greed(1.0, 0.0, *place), "customer's list")
    hints(check.greed(1.0, 0.5, *place), "expected_visit", str(best))


def test_catalog():
    assert check.catalog("More")
    hints(check.catalog("less"), "how many lenders", "more")


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer, place):
    for verdict in (
        check.width(answer, "equal"),
        check.width("plain", answer),
        check.tents(answer, *place),
        check.greed(answer, 1.0, *place),
        check.greed(1.0, [answer], *place),
        check.catalog(answer),
    ):
        assert not verdict
        assert verdict.message
