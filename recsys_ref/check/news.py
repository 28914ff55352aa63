"""Checks for the exercises on news: age against taste, MRR, splits, coming back.

Book section 6.4.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

from recsys_ref import results
from recsys_ref.check.verdict import Case, Verdict, behaves, matches
from recsys_ref.data.impressions import Impressions
from recsys_ref.data.rolling import rolling_windows
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.impressions import evaluate_impressions
from recsys_ref.simulate import newsroom
from recsys_ref.simulate.retention import ReturnModel
from recsys_ref.strategies.pages import score_windows
from recsys_ref.strategies.recent_popularity import RecentPopularity

HOUR, DAY = 3600, 86_400
METHODS = ("Random", "Age, clicks", "Age, clicks, text")


def worth(hours: float) -> Verdict:
    """Check how old an article may be to stand before one that is just out.

    Args:
        hours: Age at which the two scores are level.

    Returns:
        The verdict.

    Examples:
        >>> worth(2)
        Not yet. That is in half-lives. How long does one last?
    """
    weight, half_life, near, far = 4.0, 6.0, 0.7, 0.2
    gap = near - far
    return matches(
        hours,
        weight * gap * half_life,
        because="Half a unit of cosine is worth two half-lives here.",
        hint="Set the two scores equal: w times the cosine, less age by half-life.",
        mistakes=[
            (weight * gap, "That is in half-lives. How long does one last?"),
            (gap * half_life, "What turns a difference of cosines into half-lives?"),
            (weight * near * half_life, "The second article has a cosine, too."),
            (weight * (near + far) * half_life, "Which of the two speaks against it?"),
        ],
    )


def mrr(first: Callable[[np.ndarray, np.ndarray], float]) -> Verdict:
    """Check a function that gives one over the rank of the first click.

    Args:
        first: Called with a page's scores, `float64[K]`, and clicks, `bool[K]`.

    Returns:
        The verdict.

    Examples:
        >>> mrr(lambda scores, clicked: 1 / (1 + scores.argmax()))
        Not yet. On (array([0.2, 0.8, 0.6]), array([ True, False, False])): Sort by
        the scores, best first, and count the places down to the click.
    """
    pages = [
        (
            [0.2, 0.8, 0.6],
            [1, 0, 0],
            "Sort by the scores, best first, and count the places down to the click.",
        ),
        (
            [0.9, 0.1, 0.6, 0.7],
            [0, 1, 0, 1],
            "Two were clicked. The first alone counts, and a mean is MIND's way.",
        ),
        ([0.8, 0.3], [1, 0], "Ranks begin at one."),
        ([0.4, 0.6], [0, 0], "Nothing was clicked: what stands for no value?"),
    ]
    cases = []
    for scores, clicked, hint in pages:
        scores, clicked = np.array(scores), np.array(clicked, dtype=bool)
        hits = clicked[np.argsort(-scores)][None]
        expected = metrics.reciprocal_rank(hits, hits.sum(axis=1))[0]
        cases.append(Case((scores, clicked), expected, hint))
    return behaves(
        first,
        cases,
        because="No mean over all clicks can be above the value of the first.",
    )


def sticky(left: np.ndarray) -> Verdict:
    """Check who is left in week eight, if readers return for what they find.

    Args:
        left: Shares of the readers, `float64[3]`: by random lists, by age and
            clicks, by age, clicks and text.

    Returns:
        The verdict.

    Examples:
        >>> sticky([1.0, 1.0, 1.0])
        Not yet. That is the first week. Which place of the array is the eighth?
    """
    weeks, model = 8, ReturnModel(low=0.6, high=0.98)
    tables = results.load("news")["click_through"]
    some = pd.DataFrame({s: pd.DataFrame(t).loc["any"] for s, t in tables.items()})
    good = some.mean(axis=1)[list(METHODS)].to_numpy()
    active = np.array([model.expected_active(chance, weeks + 1) for chance in good])
    stays = model.low + (model.high - model.low) * good
    return matches(
        left,
        active[:, weeks - 1],
        because="Exact, under a rule of returning that we put in by hand.",
        hint="Follow expected_active of the chances in `some`, method by method.",
        mistakes=[
            (active[:, 0], "That is the first week. Which place of the array is the "
             "eighth?"),
            (active[:, weeks], "In the first week all are there, and it is a week."),
            (active[:, weeks - 2], "Count the weeks again: the first is one of them."),
            (good, "These are the chances of a good list. Who comes back for it?"),
            (active[::-1, weeks - 1], "Look at the order of the methods."),
            (stays ** (weeks - 1), "The chance to return depends on all visits so "
             "far, not on the mean visit."),
        ],
    )  # fmt: skip


def readers(by_readers: float, by_time: float) -> Verdict:
    """Check what popularity gains from a split by readers.

    Args:
        by_readers: nDCG@10 of popularity that learned from the other readers'
            clicks of all times.
        by_time: The same, learned from these clicks hour by hour.

    Returns:
        The verdict.

    Examples:
        >>> readers(0.5, 0.5)
        Not yet. Both learn from the same clicks of the same readers. What may only
        one of them know?
    """
    random, temporal, own_random, own_temporal, all_days = _splits()
    return matches(
        [by_readers, by_time],
        [random, temporal],
        because="No reader is in both parts, and the future of each article is.",
        hint="Both learn from the same clicks of the same readers. What may only one "
        "of them know?",
        mistakes=[
            ([temporal, random], "Which of the two may look ahead? Mind the order."),
            ([random, random], "Hour by hour, what comes after is not known yet."),
            ([temporal, temporal], "A split by readers does not ask what time it is."),
            ([own_random, own_temporal],
             "The readers of the test have trained it, too. Leave their clicks out."),
            ([all_days, temporal],
             "Test on the last two days alone, as the other one is."),
        ],
    )  # fmt: skip


@cache
def _splits() -> tuple[float, float, float, float, float]:
    """Measure both splits as asked, with the test's own readers, on all days."""
    room = newsroom.make_newsroom(
        600, days=8, rng=0, breaking={156.5: 3.0}, sharpness=6.0
    )
    pages = newsroom.random_pages(room, k=20, eta=0.5, rng=1000)
    held = np.random.default_rng(0).permutation(600)[:120]
    theirs = np.isin(pages.user, held)
    tested = pages.select(theirs & (pages.timestamp >= 6 * DAY))
    rest = pages.select(~theirs)
    return (
        _future(rest, tested),
        _past(rest, tested),
        _future(pages, tested),
        _past(pages, tested),
        _future(rest, pages.select(theirs)),
    )


def _future(learned: Impressions, tested: Impressions) -> float:
    """Popularity that has seen all times, nDCG@10."""
    knows = RecentPopularity(np.inf).fit(learned.clicks())
    scores = [knows.popularity_[shown] for shown in tested.shown]
    return evaluate_impressions(scores, tested.clicked)["ndcg@10"].mean()


def _past(learned: Impressions, tested: Impressions) -> float:
    """Popularity that is trained every hour, nDCG@10."""
    hours = rolling_windows(6 * DAY, 8 * DAY, length=HOUR)
    rows, scores = score_windows(
        RecentPopularity(np.inf), learned.clicks(), tested, hours
    )
    return evaluate_impressions(scores, tested.select(rows).clicked)["ndcg@10"].mean()
