"""Check the answers to the exercises on the article's program.

Book section 5.
"""

from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.content.whiten import Centring
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.metrics import ndcg
from recsys_ref.lm.encode import encode
from recsys_ref.lm.text_model import TextModel
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.dot_product import DotProduct

SEED = 5
ITEMS = np.array([101, 102, 103])
# What the listing knows: a user and an item, rated; and what exercise 2 adds.
RATED = [(1, 101), (2, 102), (3, 103)]
ADDED = (1, 103)
PRIORS = [0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]


def english(best: object, model: TextModel) -> Verdict:
    """Check `ex-ch5-english`: each user's best item, by the English words.

    Args:
        best: Item ids of users 1, 2 and 3.
        model: What `load_causal` gave.

    Returns:
        The verdict.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> english([101, 102, 103], load_causal())
        Not yet. Each of these is the item that its user has rated. What is the
        best among the others?
    """
    right = _nearest(model, ["technology", "entertainment", "life"])
    in_chinese = _nearest(model, ["科技", "娱乐", "生活"])
    return matches(
        best,
        ITEMS[right],
        because="Each user gets the other item whose word is most like his own.",
        hint="Look along a user's row of cosines: which of the other two is higher?",
        mistakes=[
            (
                ITEMS,
                "Each of these is the item that its user has rated. What is the "
                "best among the others?",
            ),
            (right, "These are rows. The listing's items have ids."),
            (
                ITEMS[in_chinese],
                "The Chinese words give this. Are all three replaced, and does "
                "the best come first?",
            ),
        ],
    )


def second(rows: object) -> Verdict:
    """Check `ex-ch5-second`: how many rows the mended table has, user by user.

    Args:
        rows: Numbers of rows of users 1, 2 and 3, in this order.

    Returns:
        The verdict.

    Examples:
        >>> second([3, 3, 3])
        Not yet. A user's rows still hold items that he has rated.
    """
    rated = [*RATED, ADDED]
    known = np.array([len({i for u, i in rated if u == user}) for user in (1, 2, 3)])
    profiles = np.array([sum(u == user for u, _ in rated) for user in (1, 2, 3)])
    as_printed = profiles * (len(ITEMS) - known)
    left = len(ITEMS) - known
    return matches(
        rows,
        left,
        because="Every user is offered each item once, but for those rated.",
        hint="Of the items, which has a user not rated? Each of them is one row.",
        mistakes=[
            (
                as_printed,
                "Is an item there twice for user 1? Then each of his ratings still "
                "makes a profile of its own.",
            ),
            (len(ITEMS), "A user's rows still hold items that he has rated."),
            (known, "This counts what was rated. The table holds what was not."),
            (
                np.sort(left)[::-1],
                "These are sorted by size, as `value_counts` does. Sort them by user.",
            ),
            (1, "These are only the first rows. How many has each user in all?"),
        ],
    )


def onehot(mean: object) -> Verdict:
    """Check `ex-ch5-onehot`: what genres and a tuned prior reach on the test part.

    Args:
        mean: Mean nDCG@10 over users.

    Returns:
        The verdict.

    Examples:
        >>> onehot(0.097)
        Not yet. Genres without a prior give this. What does the best prior add?
    """
    right, mistakes = _genres()
    return matches(
        mean,
        right,
        because="Genres and popularity; what a line of text has beyond is the rest.",
        hint="Center the genres over the films, choose the prior on `inner`, and "
        "measure once on `split`.",
        mistakes=mistakes,
    )


def love(best: object, vectors: np.ndarray) -> Verdict:
    """Check `ex-ch5-love`: the weighting that finds most of what people love.

    Args:
        best: `mean`, `value` or `rating`.
        vectors: `float[I, D]`, the films' whitened vectors, `V` of the chapter.

    Returns:
        The verdict.

    Examples:
        >>> love("stars", np.eye(1682, 8))
        Not yet. 'stars' is none of the choices: mean, rating, value.
    """
    _, split = _films()
    loved = split.test.select(split.test.value >= 4).matrix()
    weightings = {
        "mean": "What do stars add where they only add weight? Look at all three.",
        "value": "Is it the stars as they are that help? Look at all three.",
        "rating": "What does a film that was rated low still say: that it was chosen?",
    }
    found = {
        name: _mean(DotProduct(vectors, weighting=name), split, loved)
        for name in weightings
    }
    right = max(found, key=found.get)
    return chooses(
        best,
        right,
        because="It has the highest nDCG@10 of the three, by this judge too.",
        hints={name: hint for name, hint in weightings.items() if name != right},
    )


def _nearest(model: TextModel, words: list[str]) -> np.ndarray:
    """Return for each word the place of the other word with the highest cosine."""
    vectors = encode(model, words)
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -np.inf)
    return cosine.argmax(axis=1)


def _mean(strategy: Recommender, parts: Split, relevant: object = None) -> float:
    """Return the mean nDCG@10 of a strategy on the test part."""
    strategy.fit(parts.train)
    everyone = np.arange(parts.train.n_users)
    lists = strategy.recommend(everyone, k=10, rng=SEED)
    relevant = parts.test.matrix() if relevant is None else relevant
    return float(evaluate(lists, relevant, metrics=[ndcg]).means()["ndcg@10"])


@cache
def _films() -> tuple[np.ndarray, Split]:
    """Return `float64[I, G]`, the films' genres, and the chapter's split."""
    movielens = load_movielens_100k()
    split = stratified_split(movielens.interactions)
    return movielens.items.genres.astype(float), split


@cache
def _genres() -> tuple[float, tuple[tuple[float, str], ...]]:
    """Return what genres reach, and what they reach by mistake, with hints."""
    raw, split = _films()
    inner = stratified_split(split.train)
    centered = Centring().fit(raw).transform(raw)

    def tuned(vectors):
        return max(PRIORS, key=lambda p: _mean(DotProduct(vectors, prior=p), inner))

    prior = tuned(centered)
    mistakes = (
        (
            _mean(DotProduct(centered), split),
            "Genres without a prior give this. What does the best prior add?",
        ),
        (
            _mean(DotProduct(raw, prior=tuned(raw)), split),
            "The genres have not been centered.",
        ),
        (
            _mean(DotProduct(centered, prior=prior), inner),
            "This is the value on validation. Choose there, then measure on test.",
        ),
    )
    return _mean(DotProduct(centered, prior=prior), split), mistakes
