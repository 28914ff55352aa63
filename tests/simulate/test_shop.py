"""The made-up shop does what its formulas say."""

from itertools import product

import numpy as np
import pytest
from scipy.special import expit, logit

from recsys_ref.ranking import PADDING
from recsys_ref.simulate.products import (
    DEPARTMENTS,
    MOST,
    NEEDS,
    complements,
    product_titles,
)
from recsys_ref.simulate.shop import Shop, expected_visit, make_shop, visit
from recsys_ref.simulate.shop_log import DAY, record
from recsys_ref.simulate.world import World

VIEW, CART, CHECKOUT = 0.6, 0.4, 0.5


@pytest.fixture
def corner():
    """One user; two tents (need 0), a bag that goes with them, a mug that does not."""
    world = World([[1.0]], [0] * 4, [0.0] * 4, list("abcd"), [0] * 4, base=logit(VIEW))
    return Shop(
        world,
        need=[0, 0, 1, 2],
        complement=[1, 0, -1],
        wants=[[0.0, 0.0, 0.0]],
        value=[0.0] * 4,
        price=[10.0] * 4,
        cost=[6.0] * 4,
        cart_base=logit(CART),
        checkout=CHECKOUT,
        lift=1.0,
    )


def test_the_funnel_is_the_product_of_its_steps(corner):
    owned = corner.nothing_owned()
    found = expected_visit(corner, [0], [[3]], owned).iloc[0]
    assert found.views == pytest.approx(VIEW)
    assert found.carts == pytest.approx(VIEW * CART)
    assert found.purchases == pytest.approx(VIEW * CART * CHECKOUT)
    assert found.margin == pytest.approx(VIEW * CART * CHECKOUT * 4)
    assert found.surplus == pytest.approx(VIEW * CHECKOUT * -np.log(1 - CART))
    q = corner.purchase_chance([0], owned)
    np.testing.assert_allclose(q, VIEW * CART * CHECKOUT)


def test_buying_one_ends_the_need_within_the_visit_and_after(corner):
    owned, q = corner.nothing_owned(), VIEW * CART * CHECKOUT
    both = expected_visit(corner, [0], [[0, 1]], owned, eta=0).purchases[0]
    assert both == pytest.approx(q + (1 - q) * q)
    owned[0, 0] = True
    after = expected_visit(corner, [0], [[0, 1, 3]], owned, eta=0).iloc[0]
    assert after.purchases == pytest.approx(q)  # the mug alone
    assert after.views == pytest.approx(3 * VIEW)  # one looks at tents all the same


def test_what_goes_with_it_is_lifted_by_its_log_odds(corner):
    owned = corner.nothing_owned()
    owned[0, 0] = True
    lifted = expit(logit(VIEW) + 1) * expit(logit(CART) + 1) * CHECKOUT
    chance = corner.purchase_chance([0], owned)[0]
    np.testing.assert_allclose(chance, [0, 0, lifted, VIEW * CART * CHECKOUT])


def test_a_dear_product_is_bought_less_by_the_stated_elasticity():
    shop = make_shop(5, rng=0, price_sensitivity=2.0, spread=0.0)
    cheap = make_shop(5, rng=0, price_sensitivity=0.0, spread=0.0)
    owned = shop.nothing_owned()
    gap = shop.cart_odds([0], owned) - cheap.cart_odds([0], owned)
    same = np.flatnonzero(shop.need == shop.need[0])
    log_price = np.log(shop.price[same])
    np.testing.assert_allclose(gap[0, same], -2 * (log_price - log_price.mean()))


def test_wants_move_both_odds(corner):
    owned = corner.nothing_owned()
    eager = Shop(
        **{
            name: getattr(corner, name)
            for name in corner.__dataclass_fields__
            if name != "wants"
        },
        wants=[[0.0, 0.0, 1.5]],
    )
    for odds in ("view_odds", "cart_odds"):
        gap = getattr(eager, odds)([0], owned) - getattr(corner, odds)([0], owned)
        np.testing.assert_allclose(gap, [[0, 0, 0, 1.5]])


def by_enumeration(shop, items, owned, eta):
    """All ways that a visit can go, with their chances: a plain sum."""
    look = np.arange(1, len(items) + 1.0) ** -eta
    view = expit(shop.view_odds([0], owned))[0]
    cart = expit(shop.cart_odds([0], owned))[0]
    total = np.zeros(3)  # purchases, margin, carts
    for outcome in product(range(4), repeat=len(items)):  # nothing, view, cart, buy
        chance, met = 1.0, owned[0].copy()
        counts = np.zeros(3)
        for place, (item, what) in enumerate(zip(items, outcome, strict=True)):
            v = look[place] * view[item]
            c = 0.0 if met[shop.need[item]] else cart[item]
            b = shop.checkout
            chance *= (1 - v, v * (1 - c), v * c * (1 - b), v * c * b)[what]
            counts[2] += what >= 2
            if what == 3:
                met[shop.need[item]] = True
                counts[:2] += 1, shop.margin[item]
        total += chance * counts
    return total


def test_the_expectation_is_the_sum_over_all_outcomes():
    shop = make_shop(1, rng=3, n_departments=1, items_per_need=2)
    owned = shop.nothing_owned()
    owned[0, 1] = True
    items = np.r_[np.flatnonzero(shop.need == 0), np.flatnonzero(shop.need == 2), 4]
    found = expected_visit(shop, [0], [items], owned, eta=0.5).iloc[0]
    purchases, margin, carts = by_enumeration(shop, items, owned, 0.5)
    assert found.purchases == pytest.approx(purchases)
    assert found.margin == pytest.approx(margin)
    assert found.carts == pytest.approx(carts)


def test_draws_agree_with_the_expectation():
    shop = make_shop(20_000, rng=0, n_departments=2, view_base=0.0, cart_base=0.0)
    users, rng = np.arange(20_000), np.random.default_rng(1)
    items = np.tile(rng.permutation(shop.world.n_items)[:8], (20_000, 1))
    owned = rng.random(shop.wants.shape) < 0.2
    truth = expected_visit(shop, users, items, owned, eta=0.5)
    before = owned.copy()
    drawn = visit(shop, users, items, owned, rng=2, eta=0.5)
    for counts, name in zip(drawn, ("views", "carts", "purchases"), strict=True):
        each = counts.sum(axis=1)
        error = each.std() / np.sqrt(len(users))
        assert abs(each.mean() - truth[name].mean()) < 4 * error, name
    assert (drawn[0] >= drawn[1]).all()
    assert (drawn[1] >= drawn[2]).all()
    met = before.copy()
    user, place = np.nonzero(drawn[2])
    met[user, shop.need[items[user, place]]] = True
    np.testing.assert_array_equal(owned, met)
    bought = shop.need[items[user, place]]
    assert len(set(zip(user, bought, strict=True))) == len(user), "one a need"
    assert not before[user, bought].any()


def test_padding_brings_nothing(corner):
    owned = corner.nothing_owned()
    short = expected_visit(corner, [0], [[3]], owned)
    padded = expected_visit(corner, [0], [[3, PADDING]], owned)
    assert short.equals(padded)
    nothing = visit(corner, [0], [[PADDING, PADDING]], owned, rng=0)
    assert not nothing.any()


def test_a_log_holds_each_step_with_its_day_and_can_be_cut():
    shop = make_shop(40, rng=0)
    log = record(shop, days=12, k=10, rng=0)
    cells = {
        kind: set(zip(x.user, x.item, x.timestamp, strict=True))
        for kind, x in log.events.items()
    }
    assert cells["purchase"] < cells["cart"] < cells["view"]
    assert set(log.events["view"].timestamp) == {day * DAY for day in range(12)}
    bought = log.events["purchase"]
    owned = shop.nothing_owned()
    owned[bought.user, shop.need[bought.item]] = True
    np.testing.assert_array_equal(owned, log.owned)
    early, late = log.before(5), log.since(5)
    for kind, whole in log.events.items():
        assert len(early[kind]) + len(late[kind]) == len(whole)
        assert early[kind].timestamp.max() < 5 * DAY <= late[kind].timestamp.min()


def test_views_are_as_many_as_the_chances_say():
    """Random lists of K: a view of item i has the chance of a look, times its own."""
    shop = make_shop(3000, rng=0, n_departments=1, items_per_need=3)
    log = record(shop, days=1, k=5, rng=1)
    look = (np.arange(1, 6.0) ** -1).mean() * 5 / shop.world.n_items
    owned = shop.nothing_owned()
    expected = look * expit(shop.view_odds(np.arange(3000), owned)).sum()
    assert abs(len(log.events["view"]) - expected) < 4 * np.sqrt(expected)


def test_titles_are_told_apart_and_pairs_are_mutual():
    need = np.repeat(np.arange(len(DEPARTMENTS) * NEEDS), MOST)
    titles = product_titles(need, np.random.default_rng(0))
    assert len(set(titles)) == len(titles)
    other = complements(len(DEPARTMENTS))
    np.testing.assert_array_equal(other[other], np.arange(other.size))
    assert (other != np.arange(other.size)).all()
    assert (other // NEEDS == np.arange(other.size) // NEEDS).all()
    shop = make_shop(5, rng=1)
    names = [names for needs in DEPARTMENTS.values() for names in needs]
    for title, place in zip(shop.world.titles, shop.need, strict=True):
        assert any(title.endswith(name) for name in names[place])


def test_prices_and_margins_are_in_the_stated_ranges():
    shop = make_shop(5, rng=0, items_per_need=50)
    share = shop.margin / shop.price
    assert 0.1 <= share.min() < share.max() <= 0.5
    assert list(shop.items) == [
        *("item_id", "title", "department", "need", "price", "margin")
    ]
    usual = np.array([np.log(shop.price[shop.need == n]).mean() for n in range(32)])
    assert np.log(10) - 0.2 < usual.min() < usual.max() < np.log(200) + 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"need": [0, 0, 1]}, r"need: must have shape \(4,\)"),
        ({"need": [0, 0, 1, 3]}, r"need: must be in \[0, 3\)"),
        ({"complement": [1, 0, -2]}, r"complement: must be in \[-1, 3\)"),
        ({"price": [1.0, 1.0, 0.0, 1.0]}, "price: must be > 0"),
        ({"checkout": 1.5}, "checkout"),
        ({"price_sensitivity": -1.0}, "price_sensitivity"),
    ],
)
def test_a_shop_that_cannot_be_is_refused(corner, change, message):
    fields = {name: getattr(corner, name) for name in corner.__dataclass_fields__}
    with pytest.raises(ValueError, match=message):
        Shop(**(fields | change))


def test_arguments_are_checked(corner):
    for change in ({"n_departments": 9}, {"items_per_need": 0}, {"spread": -1.0}):
        with pytest.raises(ValueError, match=next(iter(change))):
            make_shop(5, rng=0, **change)
    with pytest.raises(ValueError, match="distinct"):
        visit(corner, [0, 0], [[0], [1]], corner.nothing_owned(), rng=0)
    with pytest.raises(ValueError, match="k: must be at most 4"):
        record(corner, days=1, k=5, rng=0)
