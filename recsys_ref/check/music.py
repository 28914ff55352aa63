"""Checks for the exercises on music: repeats, pauses, memory, a radio that runs on.

Book section 6.5.
"""

from functools import cache

import numpy as np

from recsys_ref import results
from recsys_ref.check.verdict import Verdict, matches
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.sessions import number_sessions, sessions_after
from recsys_ref.simulate.listening import Listening, listen
from recsys_ref.simulate.staying import expected_tracks
from recsys_ref.simulate.world import World, make_world
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import Hybrid
from recsys_ref.strategies.relistening import Relistening

SEED = 0


def none(tracks: float) -> Verdict:
    """Check how many tracks are known after a hundred plays of few new ones.

    Args:
        tracks: By the formula, with nine repeats in ten plays.

    Returns:
        The verdict.

    Examples:
        >>> none(90)
        Not yet. Nine in ten are repeats. A repeat makes no track known.
    """
    plays, repeat = 100, 0.9
    return matches(
        tracks,
        1 + (plays - 1) * (1 - repeat),
        because="One, and a tenth of the others.",
        hint="Take the chapter's formula, with another share of repeats.",
        mistakes=[
            (plays * repeat, "Nine in ten are repeats. A repeat makes no track known."),
            (1 + (plays - 1) * repeat, "Which share of the plays makes a track known?"),
            (plays * (1 - repeat), "Can the first track ever be a repeat?"),
            (1 + plays * (1 - repeat), "The first play is counted twice."),
        ],
    )


def gap(counts: np.ndarray) -> Verdict:
    """Check how many sessions pauses of three lengths make of the simulated log.

    Args:
        counts: With a pause of three minutes, of half an hour, of a day, `int64[3]`.

    Returns:
        The verdict.

    Examples:
        >>> gap([100, 100, 100])
        Not yet. A track takes four minutes, and a listener begins once a day. Which
        pauses does each length see?
    """
    log = _heard()[1].interactions
    pauses = (180, 1800, 86_400)
    right = [number_sessions(log, gap=pause).max() + 1 for pause in pauses]
    minutes = [number_sessions(log, gap=pause / 60).max() + 1 for pause in pauses]
    return matches(
        counts,
        right,
        because="Each track, each session as it was, and each listener.",
        hint="A track takes four minutes, and a listener begins once a day. Which "
        "pauses does each length see?",
        mistakes=[
            (np.subtract(right, 1), "Sessions are numbered from zero."),
            (minutes, "The log's clock counts seconds."),
            (right[::-1], "A longer pause ends fewer sessions. Mind the order."),
        ],
    )


def memory(share: float) -> Verdict:
    """Check what memory adds to EASE where only new tracks count.

    Args:
        share: Share of the places of all lists of ten, over all listeners, at which
            EASE and its blend with memory have the same track.

    Returns:
        The verdict.

    Examples:
        >>> memory(0.5)
        Not yet. What does memory say of a track that was never heard? Compare the
        lists place by place.
    """
    ease, again = _methods()
    both = Hybrid([ease, again], [1.0, 1.0])
    return matches(
        share,
        _same(ease, both, exclude_seen=True),
        because="Unheard tracks are all alike to memory, so their order is EASE's.",
        hint="What does memory say of a track that was never heard? Compare the lists "
        "place by place.",
        mistakes=[
            (_same(ease, both, exclude_seen=False),
             "In these lists stand tracks that he knows. Leave them out."),
            (_same(ease, again, exclude_seen=True),
             "Memory alone is not the blend. Add its scores to those of EASE."),
        ],
        tolerance=0.01,
    )  # fmt: skip


def boredom(tracks: float) -> Verdict:
    """Check how long a radio is heard by who stays with the same chance, 0.9.

    Args:
        tracks: Expected number of tracks of a radio of thirty.

    Returns:
        The verdict.

    Examples:
        >>> boredom(27)
        Not yet. To hear a track he must have stayed after each one before it.
    """
    stay, length, world = 0.9, 30, _heard()[0]
    radio = np.arange(length)[None]

    def heard(tracks: np.ndarray) -> float:
        return expected_tracks(world, [0], tracks, liked=stay, not_liked=stay)[0]

    return matches(
        tracks,
        heard(radio),
        because="What is played does not matter, so no radio wins.",
        hint="The first track is heard for certain. With which chance the second?",
        mistakes=[
            (stay * length, "To hear a track he must have stayed after each one before "
             "it."),
            (1 / (1 - stay), "This radio never ends. Ours does."),
            (stay * heard(radio), "The first track is heard by everyone."),
            (heard(radio[:, :-1]), "One track of the radio is missing from the sum."),
        ],
        tolerance=5e-3,
    )  # fmt: skip


@cache
def _heard() -> tuple[World, Listening]:
    """The chapter's audience and what it heard."""
    simulation = results.load("music")["protocol"]["simulation"]
    sizes = ("n_users", "n_items", "n_topics", "concentration")
    world = make_world(**{n: simulation[n] for n in sizes}, rng=SEED)
    habits = {n: v for n, v in simulation.items() if n not in sizes}
    return world, listen(world, **habits, rng=SEED)


@cache
def _train() -> Interactions:
    """What was heard before each listener's last session."""
    heard = _heard()[1]
    after = sessions_after(heard.interactions, heard.session)
    return heard.interactions.select(after > 0)


def _methods() -> tuple[EASE, Relistening]:
    """EASE and memory, with the settings for the next session."""
    chosen = results.load("music")["chosen"]["next session"]
    return EASE(**chosen["EASE"]), Relistening(**chosen["relistening"])


def _same(one: Recommender, other: Recommender, *, exclude_seen: bool) -> float:
    """Share of the places at which two methods put the same track."""
    train, lists = _train(), []
    for model in (one, other):
        users = np.arange(train.n_users)
        found = model.fit(train).recommend(users, exclude_seen=exclude_seen, rng=SEED)
        lists.append(found.items)
    return float(np.mean(lists[0] == lists[1]))
