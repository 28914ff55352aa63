"""Tell whether an answer to an exercise on video is right.

Book section 6.3.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from recsys_ref.check.verdict import Case, Verdict, behaves, matches
from recsys_ref.data.interactions import Interactions
from recsys_ref.evaluation.graded import graded_ndcg
from recsys_ref.ranking import Ranking

COSINES = np.array([1.0, 0.0, -1.0])
EVENING, MOST = 120, 10  # minutes, films


def opposite(by_cosine: object, by_half: object) -> Verdict:
    """Check the determinants of two films that are alike, unrelated and opposite.

    Args:
        by_cosine: Three determinants, for the cosines 1, 0 and -1 themselves.
        by_half: Three for the likeness (1 + cosine) / 2.

    Returns:
        The verdict, first on the cosines.

    Examples:
        >>> opposite([0, 1, 2], [0, 0.75, 1])
        Not yet. By the cosine: the likeness stands twice in the matrix. What does
        the determinant do with it?
    """

    def volume(likeness: np.ndarray) -> np.ndarray:
        return np.array([np.linalg.det([[1, x], [x, 1]]) for x in likeness])

    half = (1 + COSINES) / 2
    on_one_line = "two vectors that lie on one line, what do they span?"
    of_the_other = "these are the determinants of the cosines."
    sides = {
        "By the cosine": (by_cosine, COSINES, [0.0, 1.0, 1.0], on_one_line),
        "By the half": (by_half, half, volume(COSINES), of_the_other),
    }
    for side, (answer, likeness, wrong, why) in sides.items():
        found = matches(
            answer,
            volume(likeness),
            because="A volume knows no sign; the likeness that is used has none.",
            hint=f"{side}: write down the matrix of two films, with ones on its "
            "diagonal, and its determinant.",
            mistakes=[
                (
                    1 - likeness,
                    f"{side}: the likeness stands twice in the matrix. What does the "
                    "determinant do with it?",
                ),
                (
                    volume(likeness)[::-1],
                    f"{side}: in which order? Films that are alike come first.",
                ),
                (wrong, f"{side}: {why}"),
            ],
        )
        if not found:
            break
    return found


def gains(
    ten: object, alike: object, lists: Mapping[str, Ranking], test: Interactions
) -> Verdict:
    """Check two lists by graded nDCG, for two ways to value a rating.

    Args:
        ten: nDCG@10 of each list, in the order of `lists`, if five stars are worth
            10, four stars 1 and fewer nothing.
        alike: The same if every rating is worth 1.
        lists: Rankings of at least ten places for all users.
        test: The ratings to be found.

    Returns:
        The verdict, first on `ten`.

    Examples:
        >>> lists = {"a": Ranking(np.array([0]), np.array([[0, 1]]), np.ones((1, 2)))}
        >>> test = Interactions([0, 0], [0, 1], [4.0, 5.0], [0, 0], [0], [0, 1])
        >>> gains([0.4], [1.0], lists, test)
        Not yet. Five stars worth 10: divide by what the best order of the same films
        would get, with the same worths.
    """
    stars = test.value

    def of_lists(worth: np.ndarray, k: int = 10) -> np.ndarray:
        truth = test.matrix(worth.astype(float))
        return np.array(
            [graded_ndcg(x.head(min(k, x.k)), truth) for x in lists.values()]
        )

    def mean(worth: np.ndarray, k: int = 10) -> np.ndarray:
        return np.nanmean(of_lists(worth, k), axis=1)

    worths = {
        "Five stars worth 10": (ten, np.select([stars == 5, stars == 4], [10, 1])),
        "All alike": (alike, np.ones_like(stars)),
    }
    chapter = np.maximum(stars - 3, 0)
    for name, (answer, worth) in worths.items():
        tell = partial(
            matches,
            answer,
            mean(worth),
            because="What a star is worth decides which list is better.",
            hint=f"{name}: divide by what the best order of the same films would get, "
            "with the same worths.",
        )
        found = tell() or tell(  # the mistakes take longer than the answer
            mistakes=[
                (mean(worth)[::-1], f"{name}: in which order? As the lists stand."),
                (
                    np.nan_to_num(of_lists(worth)).mean(axis=1),
                    f"{name}: who has nothing of worth to be found has no nDCG. He is "
                    "not a zero.",
                ),
                (mean(worth, 50), f"{name}: how many places of the lists count?"),
                (mean(chapter), f"{name}: these are the worths of the chapter."),
                (mean(stars), f"{name}: you took the stars themselves for the worths."),
            ],
        )
        if not found:
            break
    return found


def evening(ends: object, outcomes: pd.DataFrame) -> Verdict:
    """Check how many films are seen to the end in an evening, label by label.

    Args:
        ends: One number a row of `outcomes`.
        outcomes: A row each list, with its `minutes` per film and the share
            `to the end`.

    Returns:
        The verdict.

    Examples:
        >>> two = pd.DataFrame({"minutes": [60.0, 6.0], "to the end": [0.5, 0.9]})
        >>> evening([1.0, 18.0], two)
        Not yet. Look at short films: how long is the list?
    """
    minutes, share = (outcomes[x].to_numpy(float) for x in ("minutes", "to the end"))
    started = np.minimum(MOST, EVENING / minutes)
    return matches(
        ends,
        started * share,
        because="The evening is full by most labels. What differs is how films end.",
        hint="How many films does he start? Then take the share that he sees through.",
        mistakes=[
            (EVENING / minutes * share, "Look at short films: how long is the list?"),
            (MOST * share, "Look at long films: when is the evening over?"),
            (started, "So many films he starts. How many of them does he finish?"),
            (share, "This is the share of one film. How many does he start?"),
            (
                started * minutes,
                "These are the minutes watched. How many films are seen to the end?",
            ),
        ],
        tolerance=0.06,
    )


def censored(function: Callable) -> Verdict:
    """Check an estimate of how long people would have stayed.

    Args:
        function: Takes the minutes and the durations of one film's plays, two
            `float64[N]`, and returns the mean time: all minutes over the number of
            plays that were left early, or over a half if none was.

    Returns:
        The verdict of three small films.

    Examples:
        >>> censored(lambda minutes, duration: minutes.mean())
        Not yet. On (array([5., 2., 5.]), array([5., 5., 5.])): This film has plays
        that reached its end. By which plays is the sum divided?
    """

    def plays(minutes: list[float], duration: float) -> tuple[np.ndarray, np.ndarray]:
        return np.array(minutes), np.full(len(minutes), duration)

    def stay(minutes: np.ndarray, duration: np.ndarray) -> float:
        return minutes.sum() / max((minutes < duration).sum(), 0.5)

    hints = {
        (10.0, 20.0): "All plays were left early, so it is their mean.",
        (5.0, 2.0, 5.0): "This film has plays that reached its end. By which plays is "
        "the sum divided?",
        (5.0, 5.0): "Nobody left. Count half a leaving, so that it is a number.",
    }
    durations = (100.0, 5.0, 5.0)
    cases = [
        Case(args := plays(list(minutes), duration), stay(*args), hint)
        for (minutes, hint), duration in zip(hints.items(), durations, strict=True)
    ]
    return behaves(
        function, cases, because="Who saw the end adds minutes and no leaving."
    )
