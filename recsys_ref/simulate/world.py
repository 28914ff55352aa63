"""The simulated world: who likes what, and what exists when. Book section 6."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import expit

from recsys_ref.data.checks import check_not_negative, check_positive
from recsys_ref.data.synthetic import TOPIC_WORDS, topic_titles


@dataclass(frozen=True, eq=False)
class World:
    r"""Users with planted tastes, and items with a topic, a quality and an age.

    What user u sees in item i at time t is

    .. math:: v_{ui}(t) = b + \beta (\theta_{u,z(i)} - 1/T) + q_i
                          - \ln 2 \cdot \mathrm{age}_i(t) / h,

    with the base b, the sharpness beta, his share of interest theta in the
    item's topic z, the item's quality q and the half-life h of interest. If he
    looks at it, he clicks with the probability 1 / (1 + exp(-v)), its
    *attraction*. So the odds of a click halve with every half-life.

    Attributes:
        taste: `float64[U, T]`, shares of interest; rows sum to 1.
        item_topic: `int64[I]`, the topic of each item, in [0, T).
        quality: `float64[I]`, what all users see in an item, in log odds.
        titles: `str[I]`, three words of the item's topic each.
        arrival: `float64[I]`, when an item appears, in hours.
        base: Log odds of a click on an average item for a user who likes all
            topics alike.
        sharpness: How much taste matters, in log odds, >= 0.
        half_life: Of interest, in hours, > 0; infinite: nothing ages.

    Raises:
        ValueError: If shapes differ, a row of `taste` is no distribution, or a
            parameter is out of its range.

    Examples:
        >>> world = World(
        ...     taste=[[1.0, 0.0], [0.5, 0.5]], item_topic=[0, 1], quality=[0.0, 0.0],
        ...     titles=["rocket moon star", "kiss love bride"], arrival=[0.0, 0.0],
        ...     base=0.0, sharpness=2.0)
        >>> world
        World(simulation, 2 users, 2 items, 2 topics)
        >>> world.attraction([0, 1]).round(2)
        array([[0.73, 0.27],
               [0.5 , 0.5 ]])
    """

    taste: np.ndarray
    item_topic: np.ndarray
    quality: np.ndarray
    titles: np.ndarray
    arrival: np.ndarray
    base: float = -1.0
    sharpness: float = 4.0
    half_life: float = np.inf

    def __post_init__(self) -> None:
        for name, dtype in (
            ("taste", np.float64),
            ("item_topic", np.int64),
            ("quality", np.float64),
            ("titles", object),
            ("arrival", np.float64),
        ):
            column = np.array(getattr(self, name), dtype=dtype)
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        if self.taste.ndim != 2 or not np.allclose(self.taste.sum(axis=1), 1):
            raise ValueError(
                "taste: must be float64[U, T] with rows that sum to 1, got shape "
                f"{self.taste.shape}"
            )
        if (self.taste < 0).any():
            raise ValueError(f"taste: must be >= 0, got {self.taste.min()}")
        n_items = self.item_topic.size
        for name in ("item_topic", "quality", "titles", "arrival"):
            if getattr(self, name).shape != (n_items,):
                raise ValueError(
                    f"{name}: must have shape [{n_items}], as item_topic has, got "
                    f"{getattr(self, name).shape}"
                )
        topics = self.item_topic
        if n_items and not 0 <= topics.min() <= topics.max() < self.n_topics:
            raise ValueError(
                f"item_topic: must be in [0, {self.n_topics}), got {topics.min()} to "
                f"{topics.max()}"
            )
        check_not_negative("sharpness", self.sharpness)
        if not self.half_life > 0:
            raise ValueError(f"half_life: must be > 0, got {self.half_life}")

    @property
    def n_users(self) -> int:
        """U, users."""
        return self.taste.shape[0]

    @property
    def n_items(self) -> int:
        """I, items, those that have not appeared yet included."""
        return self.item_topic.size

    @property
    def n_topics(self) -> int:
        """T, topics."""
        return self.taste.shape[1]

    @property
    def items(self) -> pd.DataFrame:
        """`I` rows with `item_id`, `title`, `topic` and `arrival`."""
        return pd.DataFrame(
            {
                "item_id": np.arange(self.n_items),
                "title": self.titles,
                "topic": self.item_topic,
                "arrival": self.arrival,
            }
        )

    def available(self, now: float = 0.0) -> np.ndarray:
        """Tell which items have appeared by a time in hours, `bool[I]`."""
        return self.arrival <= now

    def utility(self, users: np.ndarray, now: float = 0.0) -> np.ndarray:
        """Return the log odds of a click, `float64[B, I]`.

        Args:
            users: `int64[B]`, user indices.
            now: The time, in hours. An item that has not appeared has -inf.

        Raises:
            KeyError: If a user is unknown.
        """
        users = np.atleast_1d(np.asarray(users, dtype=np.int64))
        if users.size and not 0 <= users.min() <= users.max() < self.n_users:
            raise KeyError(
                f"users: must be in [0, {self.n_users}), got {users.min()} to "
                f"{users.max()}"
            )
        liking = self.taste[users][:, self.item_topic] - 1 / self.n_topics
        age = now - self.arrival
        common = (
            self.base + self.quality - np.log(2) * np.maximum(age, 0) / (self.half_life)
        )
        values = self.sharpness * liking + common
        values[:, age < 0] = -np.inf
        return values

    def attraction(self, users: np.ndarray, now: float = 0.0) -> np.ndarray:
        """Return the chance of a click if looked at, `float64[B, I]`."""
        return expit(self.utility(users, now))

    def with_taste(self, taste: np.ndarray) -> Self:
        """Return the same world with other tastes, `float64[U, T]`."""
        return replace(self, taste=taste)

    def __repr__(self) -> str:
        return (
            f"World(simulation, {self.n_users:,} users, {self.n_items:,} items, "
            f"{self.n_topics} topics)"
        )


def make_world(
    n_users: int,
    n_items: int,
    n_topics: int,
    *,
    rng: np.random.Generator | int,
    concentration: float = 0.3,
    quality_spread: float = 0.7,
    base: float = -1.0,
    sharpness: float = 4.0,
    arrival_rate: float | None = None,
    half_life: float = np.inf,
) -> World:
    """Draw a world.

    Tastes come from a symmetric Dirichlet distribution, qualities from a normal
    one. Topics differ in size by one item at most; topic, quality and id of an
    item are unrelated.

    Args:
        n_users: U, at least 1.
        n_items: I, at least `n_topics`.
        n_topics: T, from 1 to 12, each with words of its own.
        rng: Seed or generator of everything drawn.
        concentration: Of the Dirichlet distribution, > 0: near 0, users of one
            topic each; large, users who like all topics alike.
        quality_spread: Standard deviation of the qualities, in log odds.
        base: As in `World`.
        sharpness: As in `World`.
        arrival_rate: Items that appear per hour: a Poisson process from hour
            0 on, whose first item comes after the first wait. None: all items
            are there at hour 0.
        half_life: As in `World`, in hours.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> world = make_world(200, 100, 5, rng=0)
        >>> world
        World(simulation, 200 users, 100 items, 5 topics)
        >>> print(world.titles[0])
        galaxy astronaut orbit
    """
    for name, size, least, most in (
        ("n_users", n_users, 1, np.inf),
        ("n_topics", n_topics, 1, len(TOPIC_WORDS)),
        ("n_items", n_items, n_topics, np.inf),
    ):
        if not least <= size <= most:
            raise ValueError(f"{name}: must be in [{least}, {most}], got {size}")
    check_positive("concentration", concentration)
    check_not_negative("quality_spread", quality_spread)
    rng = np.random.default_rng(rng)
    taste = rng.dirichlet(np.full(n_topics, concentration), size=n_users)
    item_topic = rng.permutation(np.arange(n_items) % n_topics)
    quality = rng.normal(0.0, quality_spread, n_items)
    titles = topic_titles(item_topic, rng)
    arrival = np.zeros(n_items)
    if arrival_rate is not None:
        check_positive("arrival_rate", arrival_rate)
        arrival = np.cumsum(rng.exponential(1 / arrival_rate, n_items))
    return World(
        taste, item_topic, quality, titles, arrival, base, sharpness, half_life
    )
