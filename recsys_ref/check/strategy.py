"""Checks for the exercises on the strategy: strangers, lengths, the ceiling.

Book section 3.4.
"""

from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.ranking import Ranking
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE

FILMS = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 3.0], [0.9, 0.1]])


def nobody(scores: np.ndarray) -> Verdict:
    """Check the scores of the four films for a user who has seen nothing.

    Args:
        scores: `float64[4]`, films A to D, with a prior of 1, when Ann has seen A
            and D, Bob B, and Cy A and B.

    Returns:
        The verdict.

    Examples:
        >>> nobody([0, 0, 0, 0])
        Not yet. Those are the products with the zero vector. What is added to them?
    """
    people = ["Ann", "Bob", "Cy", "Dan"]
    seen = Interactions(
        [0, 1, 2, 2, 0], [0, 1, 0, 1, 3], [1] * 5, [0] * 5, people, list("ABCD")
    )
    right = DotProduct(FILMS, prior=1.0).fit(seen).score([3])[0]
    counts = np.asarray(seen.matrix().sum(axis=0))
    return matches(
        scores,
        right,
        because="Every product with the zero vector is 0, and the prior is left.",
        hint="Dan's vector is zero. Work out the prior for the users of each film.",
        mistakes=[
            (
                np.zeros(4),
                "Those are the products with the zero vector. What is added to them?",
            ),
            (counts, "Those are the users of each film. What does the prior make of "
             "a count?"),
            (np.log2(1 + counts), "The prior takes the natural logarithm."),
            (np.log(np.maximum(counts, 1)), "The logarithm is of one user more."),
            (
                right + FILMS.mean(axis=0) @ FILMS.T,
                "Dan is not the mean of all films. What is the mean of nothing here?",
            ),
        ],
    )  # fmt: skip


def lengths(when: str) -> Verdict:
    """Check when the lengths of the users' vectors change lists.

    Args:
        when: "never", "without a prior", "with a prior" or "always".

    Returns:
        The verdict.

    Examples:
        >>> lengths("always")
        Not yet. Divide a row of scores by a positive number: which film is first now?
    """
    rng = np.random.default_rng(34)
    films, users = rng.standard_normal((30, 4)), rng.standard_normal((20, 4))
    longer = users * rng.uniform(0.2, 5, size=(20, 1))
    seen = Interactions(
        np.arange(40) % 20, np.arange(40) % 7, [1] * 40, [0] * 40, range(20), range(30)
    )

    def changes(prior: float) -> bool:
        one, other = (
            DotProduct(films, vectors, prior=prior).fit(seen).recommend(range(20), k=5)
            for vectors in (users, longer)
        )
        return not np.array_equal(one.items, other.items)

    cases = {
        (False, False): "never",
        (True, False): "without a prior",
        (False, True): "with a prior",
        (True, True): "always",
    }
    right = cases[changes(0.0), changes(1.0)]
    hints = {
        "never": "Is the prior divided by the user's length, too?",
        "without a prior": "Without one, all scores of a user share one factor. Does a "
        "positive factor change an order?",
        "with a prior": "Compare the lists before and after scaling, in both cases.",
        "always": "Divide a row of scores by a positive number: which film is first "
        "now?",
    }
    return chooses(
        when,
        right,
        because="Against a prior, the length says how much the text counts.",
        hints={choice: hint for choice, hint in hints.items() if choice != right},
    )


def ceiling(twenty: float, hundred: float) -> Verdict:
    """Check what a second stage that knows the answers would reach.

    Args:
        twenty: nDCG@10 of the 40 test users with 20 candidates of EASE.
        hundred: The same with 100 candidates.

    Returns:
        The verdict.

    Examples:
        >>> ceiling(1.0, 1.0)
        Not yet. Can a relevant film be first that is not among the candidates?
    """
    few, ten, all_few, unordered = _ceilings()
    return matches(
        [twenty, hundred],
        few,
        because="There is room above the first stage, and more with more candidates.",
        hint="Move the hits among the candidates to the front, keep ten places, and "
        "divide by the best list that all relevant films allow.",
        mistakes=[
            (1.0, "Can a relevant film be first that is not among the candidates?"),
            (few[::-1], "More candidates cannot be worse for an oracle. Mind the "
             "order."),
            (ten, "That orders only the first ten. The oracle may look further down."),
            (all_few, "That is the mean over everyone. Take the 40 who are tested."),
            (unordered, "That is EASE's own order. The oracle moves the hits up."),
        ],
        tolerance=2e-3,
    )  # fmt: skip


@cache
def _ceilings() -> tuple[np.ndarray, float, np.ndarray, float]:
    """Return nDCG@10 of oracles: 20 and 100, of ten, over everyone; and of EASE."""
    ratings = load_movielens_100k().interactions
    part = stratified_split(ratings)
    truth = part.test.matrix()
    everyone = np.arange(ratings.n_users)
    tested = np.sort(np.random.default_rng(0).permutation(everyone)[24:64])
    found = EASE(l2=400).fit(part.train).recommend(everyone, k=100, rng=0)

    def ndcg(ranking: Ranking) -> np.ndarray:
        measured = evaluate(ranking, truth, k=10, metrics=[metrics.ndcg])
        return measured.per_user["ndcg@10"].to_numpy()

    def oracle(n: int) -> np.ndarray:
        films = found.items[:, :n]
        right = np.take_along_axis(truth.toarray() > 0, films, axis=1)
        first = np.argsort(~right, axis=1, kind="stable")
        ordered = np.take_along_axis(films, first, axis=1)
        return ndcg(Ranking(everyone, ordered, found.scores[:, :n]))

    by_n = {n: oracle(n) for n in (10, 20, 100)}
    return (
        np.array([by_n[n][tested].mean() for n in (20, 100)]),
        by_n[10][tested].mean(),
        np.array([by_n[n].mean() for n in (20, 100)]),
        ndcg(found)[tested].mean(),
    )
