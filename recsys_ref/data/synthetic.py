"""Tables whose truth is known because we made it.

A recommender or a metric that is wrong about them is wrong.

Book section 3.5.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.parts import Split

TOPIC_WORDS = (
    ("rocket", "planet", "galaxy", "astronaut", "comet", "orbit", "moon", "star"),
    ("detective", "murder", "clue", "police", "suspect", "alibi", "crime", "witness"),
    ("wedding", "love", "kiss", "bride", "romance", "heart", "honeymoon", "lovers"),
    ("soldier", "battle", "army", "general", "trench", "war", "tank", "regiment"),
    ("ghost", "haunted", "vampire", "scream", "zombie", "grave", "demon", "horror"),
    ("cowboy", "saloon", "sheriff", "ranch", "outlaw", "desert", "horse", "frontier"),
    ("song", "orchestra", "piano", "singer", "jazz", "guitar", "melody", "concert"),
    ("puppy", "kitten", "rabbit", "zoo", "farm", "elephant", "lion", "monkey"),
    ("goal", "coach", "stadium", "team", "champion", "referee", "league", "football"),
    ("king", "castle", "sword", "knight", "crown", "queen", "throne", "kingdom"),
    ("chef", "kitchen", "recipe", "bakery", "bread", "restaurant", "soup", "cake"),
    ("pirate", "ship", "island", "treasure", "ocean", "captain", "sailor", "harbour"),
)


def checkerboard(
    n_users: int, n_items: int, *, withhold_diagonal: bool = True
) -> Split:
    """Even users like all even items, odd users all odd ones.

    Withheld is the diagonal, each user's item of his own number. It is then
    the one item of his colour that user u has not seen, and everyone else of
    his colour has, so a recommender that learns anything puts item u first.

    Args:
        n_users: U, at least 4.
        n_items: I, at least 4. A user beyond the last item has no diagonal.
        withhold_diagonal: Whether the diagonal is test instead of train.

    Returns:
        Train and test part, values 1, timestamps 0; ids are the indices.

    Raises:
        ValueError: If a side is shorter than 4: then some user would have no
            one to learn from.

    Examples:
        >>> split = checkerboard(4, 6)
        >>> split.train.matrix().toarray().astype(int)
        array([[0, 0, 1, 0, 1, 0],
               [0, 0, 0, 1, 0, 1],
               [1, 0, 0, 0, 1, 0],
               [0, 1, 0, 0, 0, 1]])
        >>> split.test.item
        array([0, 1, 2, 3])
    """
    for name, size in (("n_users", n_users), ("n_items", n_items)):
        if size < 4:
            raise ValueError(f"{name}: must be at least 4, got {size}")
    users, items = np.indices((n_users, n_items))
    user, item = np.nonzero((users - items) % 2 == 0)
    whole = _table(user, item, np.zeros(user.size, dtype=np.int64), n_users, n_items)
    test = (user == item) & withhold_diagonal
    return Split(whole.select(~test), whole.select(test)).check(whole)


@dataclass(frozen=True, eq=False)
class PlantedTopics:
    """Synthetic behaviour and content drawn from topics that are known.

    Attributes:
        interactions: N = U x `events_per_user` events, values 1.
        titles: `str[I]`, three words of the item's topic each.
        item_topic: `int64[I]`, the one topic of each item.
        user_mixture: `float64[U, T]`, each user's shares of interest; rows
            sum to 1.
        true_score: `float64[U, I]`, probability that the user's first event
            is this item; rows sum to 1. No recommender orders the items
            better, in expectation.
    """

    interactions: Interactions
    titles: np.ndarray
    item_topic: np.ndarray
    user_mixture: np.ndarray
    true_score: np.ndarray

    @property
    def user_topic(self) -> np.ndarray:
        """`int64[U]`, the topic that each user likes best."""
        return self.user_mixture.argmax(axis=1)

    @property
    def items(self) -> pd.DataFrame:
        """`I` rows with `item_id`, `title` and `topic`."""
        return pd.DataFrame(
            {
                "item_id": self.interactions.item_ids,
                "title": self.titles,
                "topic": self.item_topic,
            }
        )


def planted_topics(
    n_users: int,
    n_items: int,
    n_topics: int,
    *,
    events_per_user: int,
    noise: float,
    rng: np.random.Generator | int,
    concentration: float = 0.3,
) -> PlantedTopics:
    """Draw users, items and events from known topics.

    An event comes from the user's topics with probability 1 - `noise`, and
    within a topic every item is as likely; else it is any item at all. A user
    never takes an item twice: his events are drawn one after another, each
    from what is left. Topic and id of an item are unrelated.

    Args:
        n_users: U, at least 1.
        n_items: I, at least `n_topics`. Topics differ by one item at most.
        n_topics: T, from 1 to 12, each with words of its own (`TOPIC_WORDS`).
        events_per_user: Events of every user, from 1 to I.
        noise: Share of events that know no taste, in [0, 1].
        rng: Seed or generator of everything drawn.
        concentration: Of the symmetric Dirichlet distribution that the
            mixtures come from, > 0: near 0, users of one topic each; large,
            users who like all topics alike.

    Returns:
        Events, titles and the truth behind them. Timestamps count the draws,
        users in turn, so no two events share one. Titles are distinct up to
        336 items a topic.

    Raises:
        ValueError: If an argument is out of range, or a user's topics hold
            fewer items than he needs because `noise` is 0.

    Examples:
        >>> planted = planted_topics(
        ...     50, 40, 4, events_per_user=8, noise=0.1, rng=0)
        >>> planted.interactions
        Interactions(400 events, 50 users, 40 items, density 20.00%)
        >>> own = planted.item_topic[None, :] == planted.user_topic[:, None]
        >>> bool(planted.true_score[own].mean() > planted.true_score[~own].mean())
        True
    """
    for name, size, least, most in (
        ("n_users", n_users, 1, np.inf),
        ("n_topics", n_topics, 1, len(TOPIC_WORDS)),
        ("n_items", n_items, n_topics, np.inf),
        ("events_per_user", events_per_user, 1, n_items),
        ("noise", noise, 0, 1),
    ):
        if not least <= size <= most:
            raise ValueError(f"{name}: must be in [{least}, {most}], got {size}")
    if not concentration > 0:
        raise ValueError(f"concentration: must be > 0, got {concentration}")
    rng = np.random.default_rng(rng)
    item_topic = rng.permutation(np.arange(n_items) % n_topics)
    mixture = rng.dirichlet(np.full(n_topics, concentration), size=n_users)
    liked = mixture / np.bincount(item_topic)  # of one item of each topic
    score = (1 - noise) * liked[:, item_topic] + noise / n_items
    interactions = _draw_events(score, events_per_user, rng)
    titles = topic_titles(item_topic, rng)
    return PlantedTopics(interactions, titles, item_topic, mixture, score)


def _draw_events(
    score: np.ndarray, events_per_user: int, rng: np.random.Generator
) -> Interactions:
    """Draw without replacement: the order of log(score) plus Gumbel noise."""
    n_users, n_items = score.shape
    with np.errstate(divide="ignore"):
        keys = np.log(score) + rng.gumbel(size=score.shape)
    item = np.argsort(-keys, axis=1)[:, :events_per_user]
    short = np.flatnonzero((np.take_along_axis(score, item, axis=1) == 0).any(axis=1))
    if short.size:
        raise ValueError(
            f"events_per_user: user {short[0]}'s topics hold fewer than "
            f"{events_per_user} items; need fewer events, more items or noise > 0"
        )
    user = np.repeat(np.arange(n_users), events_per_user)
    turn = np.tile(np.arange(events_per_user), n_users)
    return _table(user, item.ravel(), turn * n_users + user, n_users, n_items)


def topic_titles(item_topic: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each item a title of three of its topic's words.

    Args:
        item_topic: `int64[I]`, in [0, 12): rows of `TOPIC_WORDS`.
        rng: Generator of the draws.

    Returns:
        `str[I]`, distinct up to 336 items a topic.

    Examples:
        >>> topic_titles(np.array([0, 0]), np.random.default_rng(0))
        array(['moon galaxy star', 'rocket moon galaxy'], dtype=object)
    """
    titles = np.empty(item_topic.size, dtype=object)
    for topic in np.unique(item_topic):
        triples = [" ".join(words) for words in permutations(TOPIC_WORDS[topic], 3)]
        mine = item_topic == topic
        titles[mine] = np.resize(rng.permutation(triples), mine.sum())
    return titles


def _table(
    user: np.ndarray,
    item: np.ndarray,
    timestamp: np.ndarray,
    n_users: int,
    n_items: int,
) -> Interactions:
    return Interactions(
        user,
        item,
        np.ones(user.size),
        timestamp,
        pd.RangeIndex(n_users),
        pd.RangeIndex(n_items),
    )
