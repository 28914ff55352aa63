"""Long texts of which one passage alone matters, at a place that is known.

Book section 9.3.
"""

from typing import Literal, get_args

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.synthetic import TOPIC_WORDS

Place = Literal["start", "middle", "end"]
WHO = ("The clerk", "A visitor", "My neighbor", "The office", "Somebody", "A colleague")
DID = ("filed", "copied", "mentioned", "signed", "forgot", "printed", "folded", "found")
WHAT = ("a form", "the receipt", "a memo", "the schedule", "an invoice", "the letter")
WHEN = ("on Monday", "before noon", "last week", "in the hall", "again", "after lunch")
PASSAGE = "It is all about {}, {}, {}, {} and {}."
IN_PASSAGE = 5  # a topic's first words are in the passage, the others in its query


def planted_text(
    topic: int,
    *,
    place: Place,
    n_sentences: int,
    rng: np.random.Generator | int,
) -> str:
    """Write idle sentences, with one that tells the topic among them.

    Args:
        topic: A row of `data.synthetic.TOPIC_WORDS`.
        place: Where the decisive passage stands: it is the first sentence, the
            one in the `middle`, or the last.
        n_sentences: Sentences of the text, at least 3.
        rng: Seed of the idle ones.

    Returns:
        The text, some 9 tokens a sentence. It has five of the topic's words
        (`topic_query` gives the others) and none of another topic's.

    Raises:
        ValueError: If an argument is out of its range.

    Examples:
        >>> planted_text(0, place="start", n_sentences=3, rng=0).split(". ")[0]
        'It is all about rocket, planet, galaxy, astronaut and comet'
    """
    _check_topic(topic)
    if place not in get_args(Place):
        raise ValueError(f"place: must be one of {get_args(Place)}, got {place!r}")
    check_whole_number("n_sentences", n_sentences, 3)
    rng = np.random.default_rng(rng)
    sentences = [
        " ".join(str(rng.choice(words)) for words in (WHO, DID, WHAT, WHEN)) + "."
        for _ in range(n_sentences - 1)
    ]
    position = {"start": 0, "middle": (n_sentences - 1) // 2, "end": n_sentences - 1}
    passage = PASSAGE.format(*TOPIC_WORDS[topic][:IN_PASSAGE])
    sentences.insert(position[place], passage)
    return " ".join(sentences)


def topic_query(topic: int) -> str:
    """Say a topic in words that no passage has.

    Raises:
        ValueError: If there is no such topic.

    Examples:
        >>> topic_query(0)
        'orbit, moon, star'
    """
    _check_topic(topic)
    return ", ".join(TOPIC_WORDS[topic][IN_PASSAGE:])


def _check_topic(topic: int) -> None:
    check_whole_number("topic", topic, 0)
    if topic >= len(TOPIC_WORDS):
        raise ValueError(f"topic: must be below {len(TOPIC_WORDS)}, got {topic}")
