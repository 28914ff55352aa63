r"""A made-up shop: who looks at what, puts it into the cart, and pays for it.

The chances of the three steps, for user u and an item i of need n that costs
p_i, where people expect a price of \bar p_n for the need:

    view        sigmoid(v_ui + w_un + lift),  v_ui the utility of `World`
    cart        sigmoid(b + beta taste_ui + w_un + a_i - gamma ln(p_i / \bar p_n)
                + lift)  after a view, and 0 if u owns something for n
    purchase    c  after the cart

beta taste is how v_ui depends on the department; w_un is how much u wants n; a_i
is what shows at a second look only, unlike the appeal in v_ui; lift is added if u
owns something for the need that goes with n. Buying one thing ends the need.

All of this is a simulation. Book section 6.1.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from recsys_ref.data.checks import check_not_negative, check_whole_number
from recsys_ref.simulate.choice import at
from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.products import DEPARTMENTS, NEEDS, complements, product_titles
from recsys_ref.simulate.world import World

KINDS = ("view", "cart", "purchase")
OUTCOMES = ("views", "carts", "purchases", "margin", "surplus")


@dataclass(frozen=True, eq=False)
class Shop:
    """Products with needs and prices, on top of a world of tastes.

    Attributes:
        world: Tastes for T departments; an item's topic is its department, its
            quality is its appeal at first sight, in log odds of a view.
        need: `int64[I]`, the need that each item serves, in [0, M).
        complement: `int64[M]`, the need that goes with each; -1 for none.
        wants: `float64[U, M]`, how much users want, in log odds.
        value: `float64[I]`, what a second look shows, in log odds of the cart.
        price: `float64[I]`, > 0.
        cost: `float64[I]`, what the shop pays for the item.
        cart_base: Log odds b of the cart for an average item.
        price_sensitivity: gamma, log odds per unit of ln price, >= 0.
        checkout: c, in [0, 1], the share of carts that are paid for.
        lift: In log odds, for what goes with what one owns.

    Raises:
        ValueError: If a shape does not fit, or a number is out of its range.
    """

    world: World
    need: np.ndarray
    complement: np.ndarray
    wants: np.ndarray
    value: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    cart_base: float = -1.0
    price_sensitivity: float = 1.0
    checkout: float = 0.5
    lift: float = 2.0

    def __post_init__(self) -> None:
        needs, items = np.size(self.complement), self.world.n_items
        for name, dtype, shape in (
            ("need", np.int64, (items,)),
            ("complement", np.int64, (needs,)),
            ("wants", np.float64, (self.world.n_users, needs)),
            ("value", np.float64, (items,)),
            ("price", np.float64, (items,)),
            ("cost", np.float64, (items,)),
        ):
            column = np.array(getattr(self, name), dtype=dtype)
            if column.shape != shape:
                raise ValueError(f"{name}: must have shape {shape}, got {column.shape}")
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        for name, least in (("need", 0), ("complement", -1)):
            index = getattr(self, name)
            if index.size and not least <= index.min() <= index.max() < needs:
                raise ValueError(f"{name}: must be in [{least}, {needs}), got {index}")
        if not (self.price > 0).all():
            raise ValueError(f"price: must be > 0, got {self.price.min()}")
        if not 0 <= self.checkout <= 1:
            raise ValueError(f"checkout: must be in [0, 1], got {self.checkout}")
        check_not_negative("price_sensitivity", self.price_sensitivity)

    @property
    def n_needs(self) -> int:
        """M, needs."""
        return len(self.complement)

    @property
    def margin(self) -> np.ndarray:
        """`float64[I]`, price less cost."""
        return self.price - self.cost

    @property
    def items(self) -> pd.DataFrame:
        """`I` rows: item_id, title, department, need, price, margin."""
        return pd.DataFrame(
            {
                "item_id": np.arange(self.world.n_items),
                "title": self.world.titles,
                "department": self.world.item_topic,
                "need": self.need,
                "price": self.price,
                "margin": self.margin,
            }
        )

    def nothing_owned(self) -> np.ndarray:
        """Return `bool[U, M]`, nobody owns anything."""
        return np.zeros(self.wants.shape, dtype=bool)

    def view_odds(self, users: np.ndarray, owned: np.ndarray) -> np.ndarray:
        """Return the log odds of a view of what is looked at, `float64[B, I]`.

        Args:
            users: `int64[B]`.
            owned: `bool[U, M]`, the needs that each user has met.
        """
        return self.world.utility(users) + self._need_odds(users, owned)

    def cart_odds(self, users: np.ndarray, owned: np.ndarray) -> np.ndarray:
        """Return the log odds of the cart after a view, `float64[B, I]`.

        Args:
            users: `int64[B]`.
            owned: `bool[U, M]`; where a need is met the log odds are -inf.
        """
        world = self.world
        taste = world.taste[users][:, world.item_topic] - 1 / world.n_topics
        log_price = np.log(self.price)
        total = np.bincount(self.need, log_price, self.n_needs)
        usual = total / np.maximum(np.bincount(self.need, minlength=self.n_needs), 1)
        item = self.value - self.price_sensitivity * (log_price - usual[self.need])
        odds = self.cart_base + world.sharpness * taste + item
        odds += self._need_odds(users, owned)
        odds[owned[users][:, self.need]] = -np.inf
        return odds

    def _need_odds(self, users: np.ndarray, owned: np.ndarray) -> np.ndarray:
        other = np.where(self.complement < 0, 0, self.complement)
        has_other = owned[users][:, other] & (self.complement >= 0)
        return (self.wants[users] + self.lift * has_other)[:, self.need]

    def purchase_chance(self, users: np.ndarray, owned: np.ndarray) -> np.ndarray:
        """Return the chance that what is looked at is bought, `float64[B, I]`."""
        view, cart = self.view_odds(users, owned), self.cart_odds(users, owned)
        return expit(view) * expit(cart) * self.checkout


def expected_visit(
    shop: Shop,
    users: np.ndarray,
    items: np.ndarray,
    owned: np.ndarray,
    *,
    eta: float = 1.0,
) -> pd.DataFrame:
    r"""Say exactly what a list brings on average: the simulation's own truth.

    A list is read from its top. Who has bought a tent puts no second one into
    the cart: with q_j the chances of a purchase while the need is open, place k
    sells with q_k times the product of (1 - q_j) over the places above it that
    serve the same need.

    Args:
        shop: The simulation.
        users: `int64[N]`.
        items: `int64[N, K]`, padding (-1) allowed.
        owned: `bool[U, M]`, before the visit.
        eta: Steepness of attention, see `position_examination`.

    Returns:
        One list a row, its expected `views`, `carts`, `purchases`, `margin` (in
        the prices' unit) and `surplus`: what the offer is worth to the customer,
        ln(1 + exp(o)) at each view with o the log odds of the cart, times the
        share of carts that are paid for; in log odds.
    """
    users, items = np.asarray(users, np.int64), np.asarray(items, np.int64)
    look = position_examination(items.shape[1], eta)
    odds = shop.cart_odds(users, owned)
    view = at(expit(shop.view_odds(users, owned)), items, missing=0.0) * look
    cart = at(expit(odds), items, missing=0.0)
    worth = at(np.logaddexp(0, odds), items, missing=0.0) * shop.checkout
    still_open = np.ones((len(users), shop.n_needs))
    total = {name: np.zeros(len(users)) for name in OUTCOMES}
    rows = np.arange(len(users))
    for place, item in enumerate(items.T):
        need = shop.need[item]  # of padding: some need, with the chance 0
        carted = view[:, place] * cart[:, place] * still_open[rows, need]
        total["views"] += view[:, place]
        total["carts"] += carted
        total["purchases"] += carted * shop.checkout
        total["margin"] += carted * shop.checkout * shop.margin[item]
        total["surplus"] += view[:, place] * worth[:, place] * still_open[rows, need]
        sold = view[:, place] * cart[:, place] * shop.checkout
        still_open[rows, need] *= 1 - sold
    return pd.DataFrame(total)


def visit(
    shop: Shop,
    users: np.ndarray,
    items: np.ndarray,
    owned: np.ndarray,
    *,
    rng: np.random.Generator | int,
    eta: float = 1.0,
) -> np.ndarray:
    """Draw what happens to the lists of one visit.

    Args:
        shop: The simulation.
        users: `int64[N]`, distinct.
        items: `int64[N, K]`, padding allowed.
        owned: `bool[U, M]`; it is updated in place.
        rng: Seed or generator of all draws.
        eta: Steepness of attention.

    Returns:
        `bool[3, N, K]`, for each place whether it was viewed, put into the cart
        and bought. The draws do not depend on what is bought, so two policies
        with one seed differ by their lists alone.

    Raises:
        ValueError: If a user occurs twice.
    """
    users, items = np.asarray(users, np.int64), np.asarray(items, np.int64)
    if len(np.unique(users)) < len(users):
        raise ValueError("users: must be distinct, a visit is of one user each")
    rng = np.random.default_rng(rng)
    look = position_examination(items.shape[1], eta)
    chances = [
        at(expit(odds), items, missing=0.0)
        for odds in (shop.view_odds(users, owned), shop.cart_odds(users, owned))
    ]
    draws = rng.random((3, *items.shape))
    viewed = draws[0] < chances[0] * look
    carted = viewed & (draws[1] < chances[1])
    bought = carted & (draws[2] < shop.checkout)
    met = owned[users]
    rows = np.arange(len(users))
    for place, item in enumerate(items.T):
        need = shop.need[item]
        is_open = ~met[rows, need]
        carted[:, place] &= is_open
        bought[:, place] &= is_open
        met[rows, need] |= bought[:, place]
    owned[users] = met
    return np.stack([viewed, carted, bought])


def make_shop(
    n_users: int,
    *,
    rng: np.random.Generator | int,
    n_departments: int = 8,
    items_per_need: int = 8,
    concentration: float = 0.3,
    spread: float = 0.7,
    demand_spread: float = 0.5,
    want_spread: float = 1.0,
    view_base: float = -1.5,
    sharpness: float = 3.0,
    cart_base: float = -2.5,
    price_sensitivity: float = 1.0,
    checkout: float = 0.5,
    lift: float = 2.0,
) -> Shop:
    """Draw a shop with words for its products.

    Tastes come from a symmetric Dirichlet distribution. Normal are: appeal and
    value (`spread`), how much a need is wanted by everyone (`demand_spread`) and,
    on top, by one user (`want_spread`), and the logarithm of a price about the
    usual one of its need (0.3). Usual prices lie between 10 and 200, evenly in the
    logarithm; margins between a tenth and a half of the price. All are independent,
    so a dear product is no better than a cheap one.

    Args:
        n_users: U, at least 1.
        rng: Seed or generator of everything drawn.
        n_departments: T, from 1 to 8, with four needs each.
        items_per_need: At least 1.
        concentration: Of the Dirichlet distribution, > 0.
        spread: Standard deviation of appeal and of value, in log odds.
        demand_spread: Standard deviation of what all want alike, in log odds.
        want_spread: Standard deviation of what one user wants, in log odds.
        view_base: Log odds of a view of an average item that is looked at.
        sharpness: How much taste matters, in log odds.
        cart_base: As in `Shop`, and so are the others.
        price_sensitivity: As in `Shop`.
        checkout: As in `Shop`.
        lift: As in `Shop`.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> shop = make_shop(100, rng=0)
        >>> shop.world
        World(simulation, 100 users, 256 items, 8 topics)
        >>> shop.items.title[:2].tolist()
        ['gray printer ink', 'small toner']
    """
    check_whole_number("n_users", n_users, 1)
    check_whole_number("items_per_need", items_per_need, 1)
    check_whole_number("n_departments", n_departments, 1)
    if n_departments > len(DEPARTMENTS):
        raise ValueError(
            f"n_departments: must be at most {len(DEPARTMENTS)}, got {n_departments}"
        )
    for name, number in (("spread", spread), ("want_spread", want_spread)):
        check_not_negative(name, number)
    rng = np.random.default_rng(rng)
    needs = n_departments * NEEDS
    need = rng.permutation(np.repeat(np.arange(needs), items_per_need))
    world = World(
        taste=rng.dirichlet(np.full(n_departments, concentration), size=n_users),
        item_topic=need // NEEDS,
        quality=rng.normal(0, spread, need.size),
        titles=product_titles(need, rng),
        arrival=np.zeros(need.size),
        base=view_base,
        sharpness=sharpness,
    )
    demand = rng.normal(0, demand_spread, needs)
    usual = np.exp(rng.uniform(np.log(10), np.log(200), needs))
    price = usual[need] * np.exp(rng.normal(0, 0.3, need.size))
    return Shop(
        world,
        need,
        complements(n_departments),
        wants=demand + rng.normal(0, want_spread, (n_users, needs)),
        value=rng.normal(0, spread, need.size),
        price=price,
        cost=price * (1 - rng.uniform(0.1, 0.5, need.size)),
        cart_base=cart_base,
        price_sensitivity=price_sensitivity,
        checkout=checkout,
        lift=lift,
    )
