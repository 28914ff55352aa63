"""Checks for the exercises on content: twins, the cone, dot product or cosine.

Book section 3.3.
"""

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from recsys_ref.check.verdict import Case, Fixed, Verdict, behaves, matches
from recsys_ref.content.text import TEMPLATES
from recsys_ref.content.whiten import mean_cosine
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.strategies.dot_product import DotProduct


def twins(pairs: int, both: int) -> Verdict:
    """Check how many films stand in the catalog twice, and who rated both.

    Args:
        pairs: Pairs of films with the same line.
        both: Users who rated both films of a pair, summed over the pairs.

    Returns:
        The verdict.

    Examples:
        >>> twins(36, 0)
        Not yet. Pairs: that is the number of films. How many make a pair?
    """
    n_pairs, n_lines, n_titles, shared, any_of = _twins()
    found = matches(
        pairs,
        n_pairs,
        because="",
        hint="Pairs: group the films by their line, and count the groups of two.",
        mistakes=[
            (
                2 * n_pairs,
                "Pairs: that is the number of films. How many make a pair?",
            ),
            (n_titles, "Pairs: a title can be used again. Compare the whole line."),
            (n_lines, "Pairs: those are all different lines."),
        ],
    )
    if not found:
        return found
    return matches(
        both,
        shared,
        because="The text knows that they are one film. The ratings do not.",
        hint="Both: of each pair, count the users who have rated the one and the "
        "other. Then add up.",
        mistakes=[
            (any_of, "Both: those rated at least one of the two."),
            (any_of + shared, "Both: those are the ratings of all these films."),
            (any_of - shared, "Both: those rated exactly one of the two."),
            (shared / n_pairs, "Both: that is the mean over pairs; add up."),
        ],
    )


def cone(mean: Callable[[np.ndarray], float]) -> Verdict:
    """Check a function that gives the mean cosine of all pairs without a loop.

    Args:
        mean: Called with `float64[N, D]`, N > 1, no row of zeros.

    Returns:
        The verdict.

    Examples:
        >>> cone(lambda vectors: (vectors @ vectors.T).mean())
        Not yet. On (array([[1., 0.], [0., 1.]]),): Does a vector make a pair with
        itself?
    """
    rng = np.random.default_rng(33)
    vectors = [
        (np.eye(2), "Does a vector make a pair with itself?"),
        (
            np.array([[3.0, 4.0], [4.0, 3.0], [0.0, 1.0]]),
            "Scale each vector to length 1 first.",
        ),
        (
            rng.standard_normal((6, 3)) + 2,
            "There are N (N - 1) ordered pairs of different rows.",
        ),
        (
            np.array([[0.0, 2.0], [0.0, -5.0]]),
            "Opposite directions have a negative cosine.",
        ),
    ]
    return behaves(
        mean,
        [Case((rows,), mean_cosine(rows), hint) for rows, hint in vectors],
        because="The squared length of the sum holds all pairs, and each vector with "
        "itself.",
    )


def cosine(difference: float, vectors: np.ndarray) -> Verdict:
    """Check what scaling the vectors to length 1 does on validation.

    Args:
        difference: Mean nDCG@10 over users by the cosine less that by the product.
        vectors: `float[I, D]`, the vectors that you compared, such as
            `chosen_spaces["centred"]`.

    Returns:
        The verdict.

    Examples:
        >>> genres = load_movielens_100k().items.genres
        >>> cosine(0.5, genres - genres.mean(axis=0))
        Not yet. Fit on `inner.train`, measure on `inner.test`, and subtract user by
        user, the dot product from the cosine.
    """
    try:
        product, angle = (_ndcg(Fixed(vectors), scaled) for scaled in (False, True))
    except (TypeError, ValueError, IndexError) as error:
        return Verdict(False, f"The vectors cannot be used: {error}")
    return matches(
        difference,
        angle - product,
        because="What a length says is lost when all are made alike.",
        hint="Fit on `inner.train`, measure on `inner.test`, and subtract user by "
        "user, the dot product from the cosine.",
        mistakes=[
            (product - angle, "Which of the two did you subtract from which?"),
            (angle, "That is the nDCG of the cosine. What does the product reach?"),
            (product, "That is the nDCG of the product. What does the cosine reach?"),
        ],
        tolerance=5e-4,
    )


@cache
def _twins() -> tuple[int, int, int, int, int]:
    """Return pairs, different lines, titles used again, users of both, of either."""
    movielens = load_movielens_100k()
    text = movielens.items.text(TEMPLATES["line"])
    _, group, films = np.unique(text, return_inverse=True, return_counts=True)
    by_pair = [np.flatnonzero(group == g) for g in np.flatnonzero(films > 1)]
    titles = movielens.items.text(TEMPLATES["natural title"])
    again = int((np.unique(titles, return_counts=True)[1] > 1).sum())
    rated = movielens.interactions.matrix().toarray() > 0
    shared = sum(int(rated[:, pair].all(axis=1).sum()) for pair in by_pair)
    any_of = sum(int(rated[:, pair].any(axis=1).sum()) for pair in by_pair)
    return len(by_pair), len(films), again, shared, any_of


@lru_cache(maxsize=8)
def _ndcg(vectors: Fixed, scaled: bool) -> float:
    """Return the mean nDCG@10 on validation, as the chapter measures it."""
    part, strategy = _inner(), DotProduct(vectors.array, cosine=scaled)
    everyone = np.arange(part.train.n_users)
    ranking = strategy.fit(part.train).recommend(everyone, k=10, rng=0)
    found = evaluate(ranking, part.test.matrix(), metrics=[metrics.ndcg])
    return float(found.per_user["ndcg@10"].mean())


@cache
def _inner() -> Split:
    """Cut the validation part from the training part."""
    split = stratified_split(load_movielens_100k().interactions)
    return stratified_split(split.train, seed=1)
