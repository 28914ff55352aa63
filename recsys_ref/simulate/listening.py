"""Simulated listening: sessions with a mood, and tracks heard again and again.

Book section 6.5.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_not_negative, check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.simulate.world import World

DAY, TRACK = 86_400, 240  # seconds


@dataclass(frozen=True, eq=False)
class Listening:
    """What simulated users listened to, in the order of their sessions.

    Attributes:
        interactions: One event a track played, values 1; users one after
            another, the oldest event first.
        session: `int64[N]`, the number of the session, from 0, all users'.
        repeat: `bool[N]`, whether the user had heard the track before.
        mood: `int64[S]`, the topic of each session.
    """

    interactions: Interactions
    session: np.ndarray = field(repr=False)
    repeat: np.ndarray = field(repr=False)
    mood: np.ndarray = field(repr=False)


def listen(
    world: World,
    *,
    sessions: int,
    tracks: float,
    repeat: float,
    recency: float,
    focus: float,
    rng: np.random.Generator | int,
) -> Listening:
    r"""Let every user of a world listen for some days, a session a day.

    A session has a mood, a topic drawn from the user's taste, and a number of
    tracks: 1 plus a Poisson draw. Each track is one that he has heard before
    with the chance `repeat` (the first ever cannot be), else a new one. Of the
    m distinct tracks that he has heard, the one heard r-th most recently is
    taken again with probability

    .. math:: r^{-a} / \sum_{s=1}^{m} s^{-a}, \qquad a = \mathrm{recency}.

    A new track is of the session's mood with the chance `focus`, else of any
    topic; among those it is drawn by its odds in the world, the exponential of
    its utility. A topic that is used up makes way for all others.

    Args:
        world: Tastes and tracks. Its items must be there at hour 0; they do not
            age here.
        sessions: Sessions of every user, at least 1.
        tracks: Mean number of tracks of a session, at least 1.
        repeat: Chance that a track is one heard before, in [0, 1).
        recency: a, >= 0: 0, every track heard before is as likely.
        focus: Chance that a new track is of the session's mood, in [0, 1].
        rng: Seed or generator of everything drawn.

    Returns:
        The events. A session begins at noon of its day, a track takes four
        minutes.

    Raises:
        ValueError: If an argument is out of range, or a user has heard all
            tracks and is to hear a new one.

    References:
        Sguerra, Tran and Hennequin (2022), https://arxiv.org/abs/2210.16226, on
        how common repeats are in music.

    Examples:
        >>> from recsys_ref.simulate.world import make_world
        >>> heard = listen(
        ...     make_world(50, 400, 4, rng=0), sessions=20, tracks=5.0,
        ...     repeat=0.6, recency=1.0, focus=0.8, rng=0)
        >>> len(heard.mood), float(heard.repeat.mean().round(1))
        (1000, 0.6)
    """
    if not isinstance(sessions, (int, np.integer)) or sessions < 1:
        raise ValueError(
            f"sessions: must be a whole number of at least 1, got {sessions}"
        )
    check_positive("tracks", tracks)
    if tracks < 1:
        raise ValueError(f"tracks: must be at least 1, got {tracks}")
    if not 0 <= repeat < 1:
        raise ValueError(f"repeat: must be in [0, 1), got {repeat}")
    check_not_negative("recency", recency)
    if not 0 <= focus <= 1:
        raise ValueError(f"focus: must be in [0, 1], got {focus}")
    if not world.available(0.0).all():
        raise ValueError("world: all tracks must be there at hour 0")
    rng = np.random.default_rng(rng)
    columns: dict[str, list] = {"user": [], "item": [], "time": [], "session": []}
    repeats: list[bool] = []
    moods: list[int] = []
    for user in range(world.n_users):
        odds = np.exp(world.utility([user])[0])
        heard: list[int] = []  # distinct, the most recent last
        for day in range(sessions):
            mood = int(rng.choice(world.n_topics, p=world.taste[user]))
            for place in range(1 + rng.poisson(tracks - 1)):
                again = bool(heard) and rng.random() < repeat
                if again:
                    item = heard.pop(-_recent_rank(len(heard), recency, rng))
                else:
                    item = _new(world, odds, heard, mood, focus, user, rng)
                heard.append(item)
                columns["user"].append(user)
                columns["item"].append(item)
                columns["time"].append(day * DAY + DAY // 2 + place * TRACK)
                columns["session"].append(len(moods))
                repeats.append(again)
            moods.append(mood)
    interactions = Interactions(
        columns["user"],
        columns["item"],
        np.ones(len(repeats)),
        columns["time"],
        pd.RangeIndex(world.n_users),
        pd.RangeIndex(world.n_items),
    )
    return Listening(
        interactions,
        np.array(columns["session"], dtype=np.int64),
        np.array(repeats),
        np.array(moods, dtype=np.int64),
    )


def recency_shares(m: int, recency: float) -> np.ndarray:
    """Return the chance that each of m tracks is taken again, `float64[m]`.

    Args:
        m: Distinct tracks heard, at least 1.
        recency: a, as in `listen`.

    Examples:
        >>> recency_shares(3, recency=1.0).round(3)
        array([0.545, 0.273, 0.182])
    """
    weight = np.arange(1, m + 1, dtype=np.float64) ** -recency
    return weight / weight.sum()


def _recent_rank(m: int, recency: float, rng: np.random.Generator) -> int:
    """Draw a rank from 1, the most recent, to m."""
    sums = np.cumsum(recency_shares(m, recency))
    return min(int(np.searchsorted(sums, rng.random(), side="right")), m - 1) + 1


def _new(
    world: World,
    odds: np.ndarray,
    heard: list[int],
    mood: int,
    focus: float,
    user: int,
    rng: np.random.Generator,
) -> int:
    """Draw a track that was not heard before."""
    left = odds.copy()
    left[heard] = 0.0
    if rng.random() < focus and (own := left * (world.item_topic == mood)).any():
        left = own
    if not left.any():
        raise ValueError(
            f"world: user {user} has heard all {world.n_items} tracks; use more "
            "tracks, fewer sessions or a higher repeat"
        )
    return int(rng.choice(world.n_items, p=left / left.sum()))
