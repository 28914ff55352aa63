"""Tell whether an answer to an exercise on what feeds what is right.

Book section 2.
"""

from functools import cache, lru_cache

import numpy as np
import pandas as pd

from recsys_ref.check.verdict import Fixed, Verdict, matches
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.lm.scoring import log_likelihood
from recsys_ref.lm.text_model import TextModel
from recsys_ref.ranking import Ranking, top_k
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.popularity import Popularity

SEED = 0
PROMPT, PIECES = "The Lord", (" of", " the", " Rings")
PRIOR = 0.5


def product(nats: object, model: TextModel) -> Verdict:
    """Check the log-likelihood of the end of a title, made of its tokens.

    Args:
        nats: Log-likelihood of " of the Rings" after "The Lord".
        model: What `load_causal` gave.

    Returns:
        The verdict, to a twentieth of a nat.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> product(0.0, load_causal())
        Not yet. This is a probability. Its logarithm is asked.
    """
    (right,) = log_likelihood(model, PROMPT, ["".join(PIECES)])
    alone = log_likelihood(model, PROMPT, list(PIECES))
    return matches(
        nats,
        right,
        because="The logarithm of a product is a sum: the chain rule.",
        hint="Multiply three probabilities, or add their logarithms. Each token is "
        "given what stands before it.",
        mistakes=[
            (-right, "Is the logarithm of a probability ever above zero?"),
            (np.exp(right), "This is a probability. Its logarithm is asked."),
            (right / np.log(2), "These are bits. A nat is of the natural logarithm."),
            (right / np.log(10), "Which logarithm? A nat is of the natural one."),
            (right / len(PIECES), "This is the mean of the tokens. What is their sum?"),
            (
                alone.sum(),
                "Each token was asked for right after the prompt. Let the text grow.",
            ),
            (alone[0], "This is the first token only. Two more follow it."),
        ],
        tolerance=0.05,
    )


def random(ndcg: object) -> Verdict:
    """Check what lists without any knowledge reach on the test part.

    Args:
        ndcg: Mean nDCG@10 over users, of ten films drawn from those not rated.

    Returns:
        The verdict, with room for the luck of the draw.

    Examples:
        >>> random(0.0)
        Not yet. Among ten films drawn at random there is now and then one that the
        user went on to rate.
    """
    lots, by_id = _without_knowledge()
    return matches(
        ndcg,
        lots["ndcg@10"],
        because="This is the floor. A method has to be judged from here.",
        hint="All scores equal, what was rated left out, ties at random: then the mean "
        "of nDCG@10 over users.",
        mistakes=[
            (
                0.0,
                "Among ten films drawn at random there is now and then one that the "
                "user went on to rate.",
            ),
            (
                by_id["ndcg@10"],
                "These ties fall by number, and low numbers are popular here.",
            ),
            (
                _popularity().mean(),
                "This is popularity. It knows how many have rated each film.",
            ),
            (lots["recall@10"], "This is recall. Which column is nDCG?"),
        ],
        tolerance=4e-3,
    )


def prior(gains: object, item_vectors: np.ndarray) -> Verdict:
    """Check by how much text and popularity together beat each of the two.

    Args:
        gains: Mean nDCG@10 of the sum, less that of the text alone, and less that
            of popularity alone.
        item_vectors: `float32[I, D]`, the chapter's centered vectors.

    Returns:
        The verdict, to two thousandths.

    Examples:
        >>> prior([0.5, 0.5], np.ones((1682, 1)))
        Not yet. One of the two differences is off: which list is compared with which?
    """
    together, alone = (_by_text(Fixed(item_vectors), amount) for amount in (PRIOR, 0.0))
    counted = _popularity().mean()
    right = np.array([together - alone, together - counted])
    return matches(
        gains,
        right,
        because="One says what a film is about, the other whether anybody cares.",
        hint="One of the two differences is off: which list is compared with which?",
        mistakes=[
            (right[::-1], "In which order? First the text, then popularity."),
            (-right, "The sum comes first: the sum less each of its parts."),
            (together, "This is the sum itself. How far is it ahead of each part?"),
            ([alone, counted], "These are the parts. How far is the sum ahead?"),
        ],
        tolerance=2e-3,
    )


@cache
def _split() -> Split:
    return stratified_split(load_movielens_100k().interactions)


@cache
def _matrices() -> tuple:
    """Return what was rated and what is to be found."""
    return _split().train.matrix(), _split().test.matrix()


@cache
def _without_knowledge() -> tuple[pd.Series, pd.Series]:
    """Return what lists reach whose order is drawn, and whose order is by number."""
    known, _ = _matrices()
    nothing = np.zeros(known.shape)
    by_id = nothing - np.arange(known.shape[1])
    return (
        _measure(top_k(nothing, 10, excluded=known, rng=SEED)).means(),
        _measure(top_k(by_id, 10, excluded=known)).means(),
    )


@lru_cache(maxsize=8)
def _by_text(vectors: Fixed, prior: float) -> float:
    """Return the mean nDCG@10 by text, with so much of popularity."""
    return _ndcg(DotProduct(vectors.array, cosine=True, prior=prior)).mean()


@cache
def _popularity() -> np.ndarray:
    return _ndcg(Popularity())


def _ndcg(strategy: DotProduct | Popularity) -> np.ndarray:
    """Return each user's nDCG@10 on the test part."""
    users = np.arange(_split().train.n_users)
    ranking = strategy.fit(_split().train).recommend(users, k=10, rng=SEED)
    return _measure(ranking).per_user["ndcg@10"].to_numpy()


def _measure(ranking: Ranking) -> Evaluation:
    return evaluate(ranking, _matrices()[1])
