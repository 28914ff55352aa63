"""Checks for the exercises on evaluation: order, samples, intervals, strangers.

Book section 3.5.
"""

from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, matches
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import leave_last_out, temporal_split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.ranks import ranks
from recsys_ref.ranking import top_k
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.popularity import Popularity

RELEVANT = 5
DRAWN = 100  # users


def order(precision: np.ndarray, ndcg: np.ndarray) -> Verdict:
    """Check precision and nDCG of three hits at the top and at the end.

    Args:
        precision: `float64[2]`, of the list with the hits on top, then of the other.
        ndcg: `float64[2]`, of the same lists.

    Returns:
        The verdict.

    Examples:
        >>> order([0.6, 0.6], [1.0, 0.4])
        Not yet. Precision: that divides by the films that would have pleased. What
        does precision divide by?
    """
    hits = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], dtype=bool)
    n_relevant = np.full(2, RELEVANT)
    found = matches(
        precision,
        metrics.precision(hits, n_relevant),
        because="",
        hint="Precision: count the hits on the list, and divide by its length.",
        mistakes=[
            (
                metrics.recall(hits, n_relevant),
                "Precision: that divides by the films that would have pleased. What "
                "does precision divide by?",
            )
        ],
    )
    if not found:
        return found
    gain = 1 / np.log2(np.arange(2, 8))
    by_list = metrics.ndcg(hits, n_relevant)
    return matches(
        ndcg,
        by_list,
        because="Precision counts; nDCG asks where.",
        hint="nDCG: add 1 / log2(rank + 1) over the hits, then divide by what the best "
        "list of six would earn.",
        mistakes=[
            (hits @ gain, "nDCG: that is the DCG. What would the best list earn?"),
            (
                hits @ gain / gain[:3].sum(),
                "nDCG: the best list holds every film that would have pleased, not "
                "only those that you found.",
            ),
            (
                hits @ gain / gain.sum(),
                "nDCG: is there something relevant for each of the six places?",
            ),
            (by_list[::-1], "nDCG: which of the two lists did you put first?"),
        ],
    )


def sample(all_films: np.ndarray, drawn: np.ndarray) -> Verdict:
    """Check the hit rates at 10 of a ridge of 20 and of 5000.

    Args:
        all_films: `float64[2]`, ranked among all unseen films, ridge 20 first.
        drawn: `float64[2]`, ranked among 50 drawn films, mean of seeds 0 to 4.

    Returns:
        The verdict.

    Examples:
        >>> sample([0.5, 0.5], [0.5, 0.5])
        Not yet. All films: is the withheld film among the first ten of all that the
        user has not seen?
    """
    full, few, one_seed = _hit_rates()
    found = matches(
        all_films,
        full,
        because="",
        hint="All films: is the withheld film among the first ten of all that the "
        "user has not seen?",
        mistakes=[
            (full[::-1], "All films: the weak ridge comes first in the answer."),
            (few, "All films: you drew competitors. Here none is left out."),
        ],
        tolerance=2e-3,
    )
    if not found:
        return found
    return matches(
        drawn,
        few,
        because="The sample turns the order around. Users see the whole list.",
        hint="Drawn films: `hit_rate(scores, 50, seed)`, and the mean over the seeds.",
        mistakes=[
            (few[::-1], "Drawn films: the weak ridge comes first in the answer."),
            (one_seed, "Drawn films: that is one draw. Take the mean of all five."),
            (full, "Drawn films: these are the rates among all films."),
        ],
        tolerance=2e-3,
    )


def users(factor: float) -> Verdict:
    """Check how much wider an interval is with 100 users than with all.

    Args:
        factor: Mean width with 100 users over the width with all.

    Returns:
        The verdict. A third more or less is luck.

    Examples:
        >>> users(9.43)
        Not yet. So much fewer users: yes. How does the error of a mean depend on
        their number?
    """
    ratio = _ratings().n_users / DRAWN
    return matches(
        factor,
        ratio**0.5,
        because="The width goes with one over the root of the number of users.",
        hint="Divide the mean width of the 200 intervals by the width with all users.",
        mistakes=[
            (
                ratio,
                "So much fewer users: yes. How does the error of a mean depend on "
                "their number?",
            ),
            (1.0, "Fewer users say less. Did you draw them before the interval?"),
            (ratio**-0.5, "You divided the narrow one by the wide one."),
        ],
        tolerance=0.3,
    )


def strangers(ndcg: float) -> Verdict:
    """Check nDCG@10 of popularity for strangers and EASE for the others.

    Args:
        ndcg: Mean over all users with a film in the test part of the split in time.

    Returns:
        The verdict.

    Examples:
        >>> strangers(1.0)
        Not yet. Replace the rows of scores of those without a past, rank, and measure
        on all users with a test film.
    """
    both, popular, ease, seen_too, known = _remedies()
    return matches(
        ndcg,
        both,
        because="Each method where it has something to say.",
        hint="Replace the rows of scores of those without a past, rank, and measure on "
        "all users with a test film.",
        mistakes=[
            (popular, "That is popularity for everyone. Who has a past?"),
            (ease, "That is EASE for everyone. What does it offer to strangers?"),
            (seen_too, "Films of the training part are not offered again."),
            (known, "That is the mean over users with a past. Count everyone."),
        ],
        tolerance=2e-3,
    )


@cache
def _ratings() -> Interactions:
    return load_movielens_100k().interactions


@cache
def _hit_rates() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rates of both ridges: all films, 50 films, 50 of one draw."""
    ratings = _ratings()
    part = leave_last_out(ratings, rng=0)
    withheld, past = part.test.matrix(), part.train.matrix()

    def rate(scores: np.ndarray, n: int | None, seed: int) -> float:
        table = ranks(scores, withheld, past, n_negatives=n, rng=seed)
        return (table["rank"] <= 10).mean()

    full, drawn = [], []
    for l2 in (20, 5000):
        scores = EASE(l2=l2).fit(part.train).score(np.arange(ratings.n_users))
        full.append(rate(scores, None, 0))
        drawn.append([rate(scores, 50, seed) for seed in range(5)])
    return np.array(full), np.mean(drawn, axis=1), np.array(drawn)[:, 0]


@cache
def _remedies() -> tuple[float, float, float, float, float]:
    """Return nDCG@10: both, each alone, with films seen, of users with a past."""
    part = temporal_split(_ratings(), test_share=0.2)
    tested = np.unique(part.test.user)
    past = np.isin(tested, part.train.user)
    popular = Popularity().fit(part.train).score(tested)
    ease = EASE(l2=600).fit(part.train).score(tested)
    both = np.where(past[:, None], ease, popular)
    seen, truth = part.train.matrix()[tested], part.test.matrix()

    def each(scores: np.ndarray, excluded: object = seen) -> np.ndarray:
        ranking = top_k(scores, 10, users=tested, excluded=excluded, rng=0)
        return evaluate(ranking, truth).per_user["ndcg@10"].to_numpy()

    return (
        each(both).mean(),
        each(popular).mean(),
        each(ease).mean(),
        each(both, None).mean(),
        each(both)[past].mean(),
    )
