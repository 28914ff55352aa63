"""Tell whether an answer to an exercise on profiles of users is right.

Book section 3.2.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np

from recsys_ref.check.verdict import Fixed, Verdict, chooses, matches
from recsys_ref.data.features import genre_profile
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import MovieLens, load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import leave_last_out, stratified_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.significance import paired_bootstrap
from recsys_ref.profiles.behaviour import Weighting, history_weights
from recsys_ref.profiles.evidence import histories
from recsys_ref.strategies.dot_product import DotProduct

SEED = 0
DAY = 86_400  # seconds
SAID = 3  # genres of the horoscope
HALF_LIFE = 10  # events


def half(weights: object) -> Verdict:
    """Check the weights of three films under *recency*.

    Args:
        weights: Of the films rated one, two and four days ago, in this order.

    Returns:
        The verdict, to half a hundredth.

    Examples:
        >>> half([1 / 3, 1 / 3, 1 / 3])
        Not yet. These do not forget. What does a half-life do?
    """
    ages = np.array([1, 2, 4])

    def weigh(days: float) -> np.ndarray:
        table = Interactions(
            [0] * 3, [0, 1, 2], [1] * 3, (4 - ages) * DAY, ["u"], [1, 2, 3]
        )
        made = history_weights(table, "recency", half_life=days * DAY)
        return made.toarray()[0]

    right = weigh(2)
    since = "These do not sum to 1. Divide by the sum of their sizes."
    return matches(
        weights,
        right,
        because="Only differences of age matter, since the sum is divided out.",
        hint="Halve for every two days that lie between a film and the last event.",
        mistakes=[
            (1 / 3, "These do not forget. What does a half-life do?"),
            (right / right[0], since),
            (0.5 ** (ages / 2), since),
            (right[::-1], "In which order? As the exercise names them, latest first."),
            (weigh(1), "Here a day halves the weight. How long is the half-life?"),
            (
                0.5 ** np.arange(3) / 1.75,
                "You halved for each film. It is days that count under recency.",
            ),
        ],
        tolerance=5e-3,
    )


def horoscope(likes: object) -> Verdict:
    """Check three genres of which most users can be told that they like them.

    Args:
        likes: Three names of genres, in any order.

    Returns:
        The verdict, by the chapter's rule for a like, on the training part.

    Examples:
        >>> horoscope(["Drama", "Comedy", "Action"])
        Not yet. These are frequent in histories. By the rule, what is a share of a
        history compared with?
    """
    items, train = _movielens().items, _split().train
    names = list(items.genre_names)
    ask = Verdict(False, f"Name {SAID} different genres of the catalog.")
    if isinstance(likes, str) or not isinstance(likes, Iterable):
        return ask
    said = [name.strip().lower() if isinstance(name, str) else "" for name in likes]
    given = np.array([name.lower() in said for name in names], dtype=float)
    if len(said) != SAID or given.sum() != SAID:
        return ask

    def first(share: np.ndarray) -> np.ndarray:
        chosen = np.zeros(len(names))
        chosen[np.argsort(-share, kind="stable")[:SAID]] = 1
        return chosen

    liked = histories(items, train).likes.mean(axis=0)
    return matches(
        given,
        first(liked),
        because="It is true of nearly all, and tells nobody from anybody.",
        hint="For each genre count the users whose share of it is not below the "
        "catalog's.",
        mistakes=[
            (
                first(np.nanmean(genre_profile(train, items), axis=0)),
                "These are frequent in histories. By the rule, what is a share of a "
                "history compared with?",
            ),
            (
                first(items.genres.mean(axis=0)),
                "The catalog has most films of these, so it asks most of a history.",
            ),
            (first(-liked), "These suit the fewest. Which suit most?"),
        ],
    )


def dislikes(better: object, without: np.ndarray, alone: np.ndarray) -> Verdict:
    """Check what eight users say about two ways to encode a written profile.

    Args:
        better: "without dislikes", "dislikes alone", or "cannot tell".
        without: `float64[B]`, each user's AUC without the dislikes.
        alone: `float64[B]`, each user's AUC by the dislikes alone.

    Returns:
        The verdict, by the interval of the difference within users.

    Examples:
        >>> dislikes("without dislikes", np.array([0.6, 0.4]), np.array([0.4, 0.5]))
        Not yet. Is the interval of the difference wholly above zero?
    """
    gap = paired_bootstrap(np.asarray(without), np.asarray(alone), rng=SEED)
    right = "cannot tell"
    if gap.low > 0 or gap.high < 0:
        right = "without dislikes" if gap.low > 0 else "dislikes alone"
    hints = {
        "without dislikes": "Is the interval of the difference wholly above zero?",
        "dislikes alone": "Is the interval of the difference wholly below zero?",
        "cannot tell": "Look at the interval of the difference. Is zero in it?",
    }
    hints.pop(right)
    return chooses(
        better,
        right,
        because="The interval of the difference decides, and not the two means.",
        hints=hints,
    )


def recency(random: object, last: object, item_vectors: np.ndarray) -> Verdict:
    """Check what forgetting costs on a random part and on the last films.

    Args:
        random: Mean nDCG@10 of *order* at a half-life of ten events, less that of
            the plain mean, on the random quarter.
        last: The same on the last five films of everyone.
        item_vectors: `float32[I, D]`, the chapter's V.

    Returns:
        The verdict, first on the random quarter.

    Examples:
        >>> recency(0.5, 0.5, np.eye(1682, 8))
        Not yet. Random quarter: fit both on the training part, ten places, nDCG, mean
        over users.
    """
    vectors = Fixed(item_vectors)
    parts = {
        "Random quarter": (random, _split(), 2e-3),
        "Last five": (last, _last(), 4e-3),  # ties at the end are drawn
    }
    for name, (answer, split, tolerance) in parts.items():
        plain = _ndcg(vectors, split, "mean")
        forgets = _ndcg(vectors, split, "order")
        found = matches(
            answer,
            forgets - plain,
            because="What was asked for decides which past is worth most.",
            hint=f"{name}: fit both on the training part, ten places, nDCG, mean over "
            "users.",
            mistakes=[
                (plain - forgets, f"{name}: the plain mean is what you subtract."),
                (forgets, f"{name}: this is one of the two. How far are they apart?"),
                (plain, f"{name}: this is one of the two. How far are they apart?"),
            ],
            tolerance=tolerance,
        )
        if not found:
            break
    return found


@cache
def _movielens() -> MovieLens:
    return load_movielens_100k()


@cache
def _split() -> Split:
    return stratified_split(_movielens().interactions)


@cache
def _last() -> Split:
    return leave_last_out(_movielens().interactions, n=5, rng=SEED)


@lru_cache(maxsize=8)
def _ndcg(vectors: Fixed, split: Split, weighting: Weighting) -> float:
    half_life = None if weighting == "mean" else HALF_LIFE
    strategy = DotProduct(vectors.array, weighting=weighting, half_life=half_life)
    users = np.arange(split.train.n_users)
    ranking = strategy.fit(split.train).recommend(users, k=10, rng=SEED)
    return float(evaluate(ranking, split.test.matrix()).means()["ndcg@10"])
