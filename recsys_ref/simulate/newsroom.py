"""A made-up newsroom: articles that come and go within hours, and who reads them.

A simulation. Its articles arrive by a Poisson process, lose their interest by a
half-life and leave the site after a fixed time; its readers come by the hour of the
day and click by taste, age, quality and place on the page. Book section 6.4.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from recsys_ref.data.checks import (
    check_not_negative,
    check_positive,
    check_whole_number,
)
from recsys_ref.data.impressions import Impressions
from recsys_ref.data.synthetic import TOPIC_WORDS
from recsys_ref.simulate.choice import at, clicks
from recsys_ref.simulate.examination import position_examination
from recsys_ref.simulate.world import World, make_world

HOUR, DAY = 3600, 24  # seconds, hours
TOPICS = len(TOPIC_WORDS)
PER_SECTION = 3  # topics


@dataclass(frozen=True, eq=False)
class Newsroom:
    """Articles and readers of a simulated news site.

    Attributes:
        world: Tastes, topics, qualities, headlines (as `titles`), arrivals in hours,
            and the half-life of the odds of a click.
        lifetime: How long an article stays on the site, in hours.
        hours: How long the simulation lasts, from hour 0.
        activity: `float64[U]`, each reader's share of the visits.
        visits_per_day: Expected visits of all readers together in 24 hours.
        peak: Hour of the day with the most visits.
        swing: How much visits vary within the day, in [0, 1): at the peak there are
            1 + swing times, twelve hours later 1 - swing times the average.
        breaking: `int64`, items that everyone is drawn to, whatever his taste.
    """

    world: World
    lifetime: float
    hours: float
    activity: np.ndarray
    visits_per_day: float
    peak: float
    swing: float
    breaking: np.ndarray

    @property
    def section(self) -> np.ndarray:
        """`int64[I]`, the part of the paper: three topics share one."""
        return self.world.item_topic // PER_SECTION

    @property
    def published(self) -> np.ndarray:
        """`int64[I]`, when each article appeared, Unix seconds from hour 0."""
        return np.ceil(self.world.arrival * HOUR).astype(np.int64)

    def alive(self, now: float) -> np.ndarray:
        """Return the articles on the site at a time in hours, `int64[C]`."""
        age = now - self.world.arrival
        return np.flatnonzero((age >= 0) & (age < self.lifetime))

    def visit_rate(self, hour: np.ndarray) -> np.ndarray:
        """Return the expected visits per hour at a time in hours, `float64[...]`."""
        turn = np.cos(2 * np.pi * (np.asarray(hour) - self.peak) / DAY)
        return self.visits_per_day / DAY * (1 + self.swing * turn)

    def expected_clicks(
        self, users: np.ndarray, items: np.ndarray, hours: np.ndarray, eta: float
    ) -> np.ndarray:
        """Return the exact chance of a click at every place, `float64[N, K]`.

        Args:
            users: `int64[N]`.
            items: `int64[N, K]`, padding allowed.
            hours: `float64[N]`, when each page is looked at.
            eta: Steepness of attention, see `simulate.examination`.
        """
        attraction = np.concatenate(
            [
                at(self.world.attraction([user], hour), row[None], missing=0.0)
                for user, row, hour in zip(users, items, hours, strict=True)
            ]
        )
        return attraction * position_examination(items.shape[1], eta)

    def __repr__(self) -> str:
        return (
            f"Newsroom(simulation, {self.world.n_users:,} readers, "
            f"{self.world.n_items:,} articles, {self.hours / DAY:g} days)"
        )


def make_newsroom(
    n_readers: int,
    *,
    days: float,
    rng: np.random.Generator | int,
    articles_per_hour: float = 6.0,
    half_life: float = 6.0,
    lifetime: float = 24.0,
    visits_per_reader: float = 3.0,
    swing: float = 0.8,
    peak: float = 20.0,
    breaking: dict[float, float] | None = None,
    **world_options: float,
) -> Newsroom:
    """Draw a newsroom with twelve topics in four sections.

    Args:
        n_readers: U, at least 1.
        days: How long it lasts, > 0.
        rng: Seed or generator of everything drawn.
        articles_per_hour: Rate of the Poisson process by which articles arrive.
        half_life: Hours after which the odds of a click have halved.
        lifetime: Hours after which an article leaves the site.
        visits_per_reader: Expected visits of a reader a day; single readers differ
            by a gamma distribution of shape 2.
        swing: See `Newsroom`.
        peak: See `Newsroom`.
        breaking: Hour at which a breaking story arrives, and what it adds to the
            log odds of a click, for everyone. Each replaces the article that
            arrives next.
        world_options: Passed to `simulate.world.make_world`: concentration,
            quality_spread, base, sharpness.

    Raises:
        ValueError: If an argument is out of its range, or no article comes after a
            breaking hour.

    Examples:
        >>> room = make_newsroom(100, days=2, rng=0)
        >>> room
        Newsroom(simulation, 100 readers, 295 articles, 2 days)
        >>> len(room.alive(30.0))
        132
    """
    check_whole_number("n_readers", n_readers, 1)
    for name, value in (
        ("days", days),
        ("articles_per_hour", articles_per_hour),
        ("half_life", half_life),
        ("lifetime", lifetime),
        ("visits_per_reader", visits_per_reader),
    ):
        check_positive(name, value)
    if not 0 <= swing < 1:
        raise ValueError(f"swing: must be in [0, 1), got {swing}")
    rng = np.random.default_rng(rng)
    hours = days * DAY
    n_items = max(int(rng.poisson(articles_per_hour * hours)), TOPICS)
    arrival = np.sort(rng.uniform(0, hours, n_items))  # Poisson, given their number
    world = make_world(
        n_readers, n_items, TOPICS, rng=rng, half_life=half_life, **world_options
    )
    quality, hot = np.array(world.quality), []
    for hour, boost in (breaking or {}).items():
        item = int(np.searchsorted(arrival, hour))
        if item == n_items:
            raise ValueError(f"breaking: no article arrives after hour {hour}")
        quality[item] = boost
        hot.append(item)
    activity = rng.gamma(2.0, size=n_readers)
    return Newsroom(
        world=replace(world, arrival=arrival, quality=quality),
        lifetime=lifetime,
        hours=hours,
        activity=activity / activity.sum(),
        visits_per_day=visits_per_reader * n_readers,
        peak=peak,
        swing=swing,
        breaking=np.array(hot, dtype=np.int64),
    )


def visits(
    room: Newsroom, rng: np.random.Generator | int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw who comes when: a Poisson process whose rate follows the day.

    Returns:
        `int64[N]` readers and `float64[N]` hours, in the order of time.

    Examples:
        >>> readers, hours = visits(make_newsroom(100, days=2, rng=0), rng=0)
        >>> len(readers), bool((np.diff(hours) >= 0).all())
        (614, True)
    """
    rng = np.random.default_rng(rng)
    most = room.visits_per_day / DAY * (1 + room.swing)
    hours = np.sort(rng.uniform(0, room.hours, rng.poisson(most * room.hours)))
    kept = rng.random(hours.size) * most < room.visit_rate(hours)
    hours = hours[kept]
    return rng.choice(room.world.n_users, hours.size, p=room.activity), hours


def random_pages(
    room: Newsroom,
    *,
    k: int,
    eta: float,
    rng: np.random.Generator | int,
    start: float = 24.0,
) -> Impressions:
    """Show every visitor articles drawn at random from those on the site.

    What he has clicked before is not shown again. Random pages favor no method, so
    every order of them is compared on equal terms; no newsroom would show them to
    all of its readers for long.

    Args:
        room: The simulation.
        k: Articles a page; fewer where the site has fewer.
        eta: Steepness of attention, see `simulate.examination`.
        rng: Seed or generator of visits, pages, looks and clicks.
        start: Hour of the first visit, in hours.

    Returns:
        The pages in the order of time, with times in Unix seconds from hour 0.

    Raises:
        ValueError: If `k` < 1 or `eta` < 0.

    Examples:
        >>> room = make_newsroom(100, days=2, rng=0)
        >>> random_pages(room, k=20, eta=0.5, rng=0)
        Impressions(324 pages, 100 users, 295 items, 6,480 shown, 327 clicked)
    """
    check_whole_number("k", k, 1)
    check_not_negative("eta", eta)
    rng = np.random.default_rng(rng)
    readers, hours = visits(room, rng)
    look = position_examination(k, eta)
    read = np.zeros((room.world.n_users, room.world.n_items), dtype=bool)
    rows = []
    for reader, hour in zip(readers, hours, strict=True):
        if hour < start:
            continue
        offered = room.alive(hour)
        offered = rng.permutation(offered[~read[reader, offered]])[:k]
        if not offered.size:
            continue
        attraction = room.world.attraction([reader], hour)[:, offered]
        clicked = clicks(attraction, look[: offered.size], rng)[0]
        read[reader, offered[clicked]] = True
        rows.append((reader, int(np.ceil(hour * HOUR)), offered, clicked))
    users, times, shown, clicked = zip(*rows, strict=True) if rows else [()] * 4
    return Impressions(
        users,
        times,
        shown,
        clicked,
        [np.empty(0, np.int64)] * len(rows),
        pd.RangeIndex(room.world.n_users),
        pd.RangeIndex(room.world.n_items),
    )


def share_by_age(room: Newsroom, ages: np.ndarray) -> np.ndarray:
    """Return the share of clicks on articles up to an age that the rules imply.

    For pages at random from the site: the chance of a click at age a, over all
    readers and articles, is integrated from 0 to each age and divided by the integral
    over the lifetime. The integral of a logistic curve is a softplus, so it is exact
    (but for what is left out as read before, and the first day).

    Args:
        room: The simulation.
        ages: `float64[A]`, in hours, in [0, lifetime].

    Returns:
        `float64[A]`, rising to 1.

    Examples:
        >>> room = make_newsroom(50, days=2, rng=0)
        >>> share_by_age(room, np.array([0.0, 6.0, 24.0])).round(2)
        array([0.  , 0.47, 1.  ])
    """
    world = replace(room.world, half_life=np.inf)
    fresh = world.utility(np.arange(world.n_users), now=room.hours)
    fall = np.log(2) / room.world.half_life

    def clicked_up_to(age: float) -> float:
        gained = np.logaddexp(0, fresh) - np.logaddexp(0, fresh - fall * age)
        return float((room.activity @ gained).mean())

    whole = clicked_up_to(room.lifetime)
    return np.array([clicked_up_to(age) for age in np.asarray(ages)]) / whole
