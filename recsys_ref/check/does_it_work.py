"""Check the answers to the exercises on whether it works.

Book section 9.2.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from recsys_ref.check.verdict import Case, Verdict, behaves, matches
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.results import load
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.prior_ease import PriorEASE, prior_weights

SEED = 42
# The two users and three films of the chapter, and the likeness of their texts.
SEEN = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
LIKENESS = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
# The made-up report: nDCG@10 of four methods.
REPORT = {"popularity": 0.20, "method": 0.26, "shuffled": 0.24, "EASE": 0.27}


def random(mean: object, text: np.ndarray) -> Verdict:
    """Check `ex-ch92-random`: EASE with a prior of random vectors.

    Args:
        mean: Mean nDCG@10, the vectors drawn by
            `np.random.default_rng(0).normal(size=text.shape)`.
        text: `float[I, D]`, the vectors of the chapter.

    Returns:
        The verdict.

    Examples:
        >>> random([0.3, 0.3], np.eye(1682, 20))
        Not yet. The answer should be a single number; yours has the shape (2,).
    """
    right = _random_prior(np.shape(text))
    because = "Random vectors link films at random, as shuffled texts do."
    hint = "Only the vectors change: settings and split are those of the chapter."
    found = matches(mean, right, because=because, hint=hint)
    if found or found.message != hint:
        return found
    return matches(
        mean,
        right,
        because=because,
        hint=hint,
        mistakes=[
            (
                _mean(PriorEASE(text, **load("warm")["chosen"]["Prior EASE"])),
                "This is the true text.",
            ),
            (_no_prior(), "This is EASE without any prior."),
            (
                _random_prior(np.shape(text), tuned=False),
                "The prior has its default settings. Which were chosen in the chapter?",
            ),
        ],
    )


def strength(weight: Callable[[int, float], float]) -> Verdict:
    """Check `ex-ch92-strength`: how users and strength decide on a prior's weight.

    Args:
        weight: Called with the number of copies of the two users and with the
            strength by which the likeness is multiplied. Returns the weight with
            which film 0 speaks for film 2, `l2` being 1.

    Returns:
        The verdict.

    Examples:
        >>> strength(lambda copies, strength: 0.5 * strength)
        Not yet. On (1, 1.0): Without users the weight is the likeness. Which two
        terms does the chapter's equation for column 2 add for the users that
        there are?
    """
    hints = {
        (1, 1.0): "Without users the weight is the likeness. Which two terms does the "
        "chapter's equation for column 2 add for the users that there are?",
        (1, 0.0): "Without a prior nothing is known of film 2.",
        (1, 3.0): "The strength multiplies the likeness, and nothing else.",
        (2, 1.0): "Copies of the users add up in the inputs. Does the ridge grow too?",
        (50, 1.5): "Many users saw film 0 and not film 2. What becomes of the prior?",
    }
    return behaves(
        weight,
        [
            Case(arguments, _weight(*arguments), hint)
            for arguments, hint in hints.items()
        ],
        because="The prior counts like a number of users, so more users outweigh it.",
    )


def paper(share: object, gain: object) -> Verdict:
    """Check `ex-ch92-paper`: what is left of the made-up report's gain.

    Args:
        share: Of the method's gain over popularity, the part that is lost when the
            texts are shuffled.
        gain: What the method has over the best method without text.

    Returns:
        The verdict.

    Examples:
        >>> paper(0.9, 0.2)
        Not yet. What the shuffled method still has over popularity does not come
        from what the texts say.
    """
    over = REPORT["method"] - REPORT["popularity"]
    lost = REPORT["method"] - REPORT["shuffled"]
    found = matches(
        share,
        lost / over,
        because="",
        hint="What the shuffled method still has over popularity does not come from "
        "what the texts say.",
        mistakes=[
            (1 - lost / over, "This is the part that survives. Which part is lost?"),
            (lost, "This is a difference of nDCG. Divide it by the gain."),
            (lost / REPORT["method"], "It is a share of the gain, not of the level."),
            (100 * lost / over, "Give a share, between zero and one."),
        ],
        tolerance=5e-3,
    )
    if not found:
        return found
    rivals = max(REPORT["popularity"], REPORT["EASE"])
    return matches(
        gain,
        REPORT["method"] - rivals,
        because="Little of it is meaning, and a tuned baseline has more.",
        hint="Which is the best row that reads no text?",
        mistakes=[
            (over, "Popularity is not the best method without text."),
            (rivals - REPORT["method"], "The method less the baseline: mind the sign."),
            (lost, "The shuffled method is a control and not a rival."),
        ],
        tolerance=5e-4,
    )


def _weight(copies: int, strength: float) -> float:
    seen = np.tile(SEEN, (copies, 1))
    return float(prior_weights(seen, strength * LIKENESS, l2=1.0)[0, 2])


@cache
def _split() -> Split:
    return stratified_split(load_movielens_100k().interactions, seed=SEED)


@cache
def _random_prior(shape: tuple[int, int], *, tuned: bool = True) -> float:
    """Return the mean with random vectors, with the chapter's settings or none."""
    drawn = np.random.default_rng(0).normal(size=shape)
    settings = load("warm")["chosen"]["Prior EASE"] if tuned else {}
    return _mean(PriorEASE(drawn, **settings))


@cache
def _no_prior() -> float:
    return _mean(EASE(**load("warm")["chosen"]["EASE"]))


def _mean(strategy: Recommender) -> float:
    """Return the mean nDCG@10 on the chapter's split."""
    split = _split()
    lists = strategy.fit(split.train).recommend(np.arange(split.train.n_users), k=10)
    return float(evaluate(lists, split.test.matrix()).means()["ndcg@10"])
