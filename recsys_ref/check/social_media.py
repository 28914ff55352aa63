"""Tell whether an answer to an exercise on social media is right.

Book section 6.2.
"""

from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.data.social import Relations
from recsys_ref.evaluation.exposure import spread
from recsys_ref.simulate.influence import choice_distribution
from recsys_ref.simulate.retention import ReturnModel
from recsys_ref.simulate.rounds import feedback_loop, topics_shown
from recsys_ref.simulate.world import make_world
from recsys_ref.strategies.dot_product import DotProduct

ROUNDS = (20, 200)
LOWS = (0.75, 0.97)
WEEKS = 12


def path(turn: object, chance: object) -> Verdict:
    """Check when a post first gets from one end of a chain to the other.

    Args:
        turn: The round in which Eve can first share Ann's post; the first is 0.
        chance: The chance that she does in that round.

    Returns:
        The verdict, first on the round.

    Examples:
        >>> path(1, 0.5)
        Not yet. In that round Eve copies what Bob shared just before. Could that be
        Ann's post already?
    """
    chain = Relations([[0, 1], [1, 2]], ["Ann", "Bob", "Eve"], "by hand")
    shares = choice_distribution(np.eye(3), chain, influence=0.5, rounds=4)
    of_ann = shares[:, 2, 0]
    first = int(np.flatnonzero(of_ann)[0])
    found = matches(
        turn,
        first,
        because="",
        hint="Follow the post: one friendship a round, and nobody copies in round 0.",
        mistakes=[
            (
                first - 1,
                "In that round Eve copies what Bob shared just before. Could that be "
                "Ann's post already?",
            ),
            (0, "In the first round everyone follows his own taste."),
            (first + 1, "Count the rounds from 0, or look for a shorter way."),
        ],
    )
    if not found:
        return found
    return matches(
        chance,
        of_ann[first],
        because="Two copies and one draw of a friend have to happen.",
        hint="Multiply: Bob copies, he draws the right friend, Eve copies.",
        mistakes=[
            (0.5, "This is the last step alone. Had Bob Ann's post for sure?"),
            (0.5**2, "Both copy. But Bob has more than one friend to copy from."),
            (0.5**4, "Whom can Eve draw? She has a single friend."),
        ],
        tolerance=1e-6,
    )


def small(factor: object) -> Verdict:
    """Check by which factor the experiment's interval shrinks with ten times the data.

    Args:
        factor: The old width over the new one, as it should be.

    Returns:
        The verdict.

    Examples:
        >>> small(10)
        Not yet. That would hold if the error fell like the number of rounds. How does
        the error of a mean fall?
    """
    more = ROUNDS[1] / ROUNDS[0]
    return matches(
        factor,
        np.sqrt(more),
        because="The error of a mean falls with the root of what it is a mean of.",
        hint="How does the standard error of a mean depend on the number of draws?",
        mistakes=[
            (
                more,
                "That would hold if the error fell like the number of rounds. How "
                "does the error of a mean fall?",
            ),
            (1 / np.sqrt(more), "The other way round: the old width over the new."),
            (1.0, "More rounds are more evidence. Does that not show?"),
            (more**2, "Not that fast. How does the error of a mean fall?"),
        ],
        tolerance=0.05,
    )


def drift(narrow: object) -> Verdict:
    """Check what narrows if clicks do not move the taste.

    Args:
        narrow: "lists", "tastes", "both" or "neither".

    Returns:
        The verdict, from a small loop that knows the topics.

    Examples:
        >>> drift("both")
        Not yet. What moves a taste in this simulation, and how strong is it now?
    """
    lists, tastes = _narrowed()
    right = {
        (True, False): "lists",
        (False, True): "tastes",
        (True, True): "both",
        (False, False): "neither",
    }[lists, tastes]
    moved = "What moves a taste in this simulation, and how strong is it now?"
    hints = {
        "both": moved,
        "tastes": moved,
        "neither": "The policy still learns what is clicked. What does it show then?",
        "lists": "Compare the tastes at the end with those at the start.",
    }
    hints.pop(right)
    return chooses(
        narrow,
        right,
        because="Learning what is clicked is enough for it.",
        hints=hints,
    )


def kind(weeks: object) -> Verdict:
    """Check how many weeks good lists can win at most, for two audiences.

    Args:
        weeks: Two numbers: expected weeks active, of twelve, if every visit is
            good less those if none is; with `low` at 0.75, then at 0.97.

    Returns:
        The verdict.

    Examples:
        >>> kind([0.58, 0.2])
        Not yet. This is the share still there in the last week. Weeks active add up
        the shares of all weeks.
    """

    def gap(low: float, high: float = 1.0) -> np.ndarray:
        model = ReturnModel(low=low, high=high)
        good, bad = (model.expected_active(x, weeks=WEEKS) for x in (1.0, 0.0))
        return good - bad

    def never_doubting(low: float) -> float:
        return WEEKS - (low ** np.arange(WEEKS)).sum()

    right = [gap(low).sum() for low in LOWS]
    return matches(
        weeks,
        right,
        because="No list can win more, so the assumption bounds the effect.",
        hint="Use expected_active with a chance of a good visit of one and of none, "
        "and add up the weeks.",
        mistakes=[
            (
                [gap(low)[-1] for low in LOWS],
                "This is the share still there in the last week. Weeks active add up "
                "the shares of all weeks.",
            ),
            (right[::-1], "In which order? The less kind audience comes first."),
            (
                [never_doubting(low) for low in LOWS],
                "Here nobody imagines visits beforehand. What do `prior` and "
                "`prior_visits` do?",
            ),
            (
                [gap(low, ReturnModel.high).sum() for low in LOWS],
                "Here even the happiest may leave. What is `high` in the exercise?",
            ),
        ],
        tolerance=0.02,
    )


@cache
def _narrowed() -> tuple[bool, bool]:
    """Return whether lists and whether tastes have fewer topics after a loop."""
    audience = make_world(60, 240, 6, rng=0)
    topics = np.eye(6)[audience.item_topic]
    turns = feedback_loop(
        audience,
        lambda clicks: DotProduct(topics, cosine=True).fit(clicks),
        rounds=8,
        eta=0.5,
        drift=0.0,
        rng=0,
    )
    lists = [spread(topics_shown(t.world, t.log.items)).topics for t in turns]
    tastes = [spread(t.world.taste).topics for t in turns]
    return lists[-1] < lists[0] - 0.5, tastes[-1] < tastes[0] - 0.01
