"""Tell whether an answer to an exercise on the article's plan is right.

Book section 3.
"""

from collections.abc import Callable
from functools import cache
from inspect import signature

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.content.whiten import Centring
from recsys_ref.data.split import random_split
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.lm.encode import encode
from recsys_ref.lm.text_model import TextModel
from recsys_ref.profiles.behaviour import profile
from recsys_ref.profiles.textual import write_profiles
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.popularity import Popularity

SEED = 0
USERS, ITEMS, TOPICS, EVENTS = 200, 120, 6, 20
DRAWS = 5


def order(mean: object, written: object) -> Verdict:
    """Check what must be there before a profile can be made.

    Args:
        mean: What a mean profile needs besides the events: "vectors" or "titles".
        written: What a profile written by a language model needs besides them.

    Returns:
        The verdict, from what the package's two functions take.

    Examples:
        >>> order("titles", "titles")
        Not yet. Mean profile: of what is the mean taken?
    """
    needs = {
        "Mean profile": (
            mean,
            _needs(profile),
            {
                "titles": "of what is the mean taken?",
                "vectors": "is there anything to add up?",
            },
        ),
        "Written profile": (
            written,
            _needs(write_profiles),
            {
                "vectors": "what does a prompt consist of?",
                "titles": "what does the model read?",
            },
        ),
    }
    for kind, (answer, right, about) in needs.items():
        found = chooses(
            answer,
            right,
            because="A mean waits for V. A text can come first, to be encoded later.",
            hints={w: f"{kind}: {hint}" for w, hint in about.items() if w != right},
        )
        if not found:
            break
    return found


def noise(text: object, lots: object, encoder: TextModel) -> Verdict:
    """Check what the titles are worth if nobody chooses by topic.

    Args:
        text: nDCG@10 of `DotProduct` on the vectors of the titles, without a prior.
        lots: nDCG@10 of lists drawn at random.
        encoder: What `load_encoder` gave.

    Returns:
        The verdict, first on the text, each to a hundredth and a half.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> noise(0.9, 0.9, load_encoder())
        Not yet. Text: make the data with all noise, encode their titles, and measure
        on the hidden fifth.
    """
    by_text = _measured(encoder, 1.0)
    found = matches(
        text,
        by_text["ndcg@10"],
        because="",
        hint="Text: make the data with all noise, encode their titles, and measure on "
        "the hidden fifth.",
        mistakes=[
            (
                _measured(encoder, 0.1)["ndcg@10"],
                "Text: this is of the chapter's data. How noisy are those?",
            ),
            (
                _measured(encoder, 0.5)["ndcg@10"],
                "Text: here half of the choices still follow a topic.",
            ),
            (by_text["recall@10"], "Text: this is recall. Which column is nDCG?"),
            (0.0, "Text: even a list of no use has a hit now and then."),
        ],
        tolerance=0.015,
    )
    if not found:
        return found
    drawn = _drawn()
    return matches(
        lots,
        drawn["ndcg@10"],
        because="The titles are as clear as before, and nobody chooses by them.",
        hint="Lots: give every item the same score, and let ties fall at random.",
        mistakes=[
            (0.0, "Lots: even a list of no use has a hit now and then."),
            (drawn["recall@10"], "Lots: this is recall. Which column is nDCG?"),
            (EVENTS * 0.2 / ITEMS, "Lots: this is the share of the hidden items."),
        ],
        tolerance=0.015,
    )


def _needs(function: Callable) -> str:
    """Say whether a profile is made of vectors or of what the items are called."""
    return "vectors" if "vectors" in signature(function).parameters else "titles"


def _data(noise: float) -> tuple:
    data = planted_topics(
        USERS, ITEMS, TOPICS, events_per_user=EVENTS, noise=noise, rng=SEED
    )
    return data.titles, random_split(data.interactions, test_share=0.2, rng=SEED)


def _evaluated(strategy: DotProduct | Popularity, noise: float, rng: int) -> dict:
    split = _data(noise)[1]
    lists = strategy.fit(split.train).recommend(np.arange(USERS), k=10, rng=rng)
    return evaluate(lists, split.test.matrix()).means().to_dict()


@cache
def _drawn() -> dict:
    """Return what lists drawn at random reach, on average over some draws."""
    nothing = DotProduct(np.zeros((ITEMS, 1)))
    draws = [_evaluated(nothing, 1.0, rng) for rng in range(DRAWS)]
    return {name: np.mean([draw[name] for draw in draws]) for name in draws[0]}


def _measured(encoder: TextModel, noise: float) -> dict:
    """Return what the titles' vectors reach where so much of choice is chance."""
    vectors = encode(encoder, list(_data(noise)[0]))
    vectors = Centring().fit(vectors).transform(vectors)
    return _evaluated(DotProduct(vectors, cosine=True), noise, SEED)
