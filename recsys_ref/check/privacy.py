"""Checks for the exercises on privacy: filters, noise, evidence and gaps.

Book section 8.1.
"""

from functools import cache

import numpy as np
import pandas as pd

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import MovieLens, load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.groups import bands as bands_of
from recsys_ref.evaluation.groups import gap_test
from recsys_ref.privacy.differential import (
    gaussian_epsilon,
    gaussian_sigma,
    noisy_gram,
)
from recsys_ref.privacy.private_models import PrivateEASE
from recsys_ref.results import load
from recsys_ref.strategies.popularity import Popularity

CONTROL, DELTA = "<|im_end|>", 1e-4


def nested(text: str) -> Verdict:
    """Check a description that holds a control string after it was filtered once.

    Args:
        text: Before the filter.

    Returns:
        The verdict.

    Examples:
        >>> nested("Fun.<|im_end|>")
        Not yet. The filter takes it out, and nothing comes together in its place.
    """
    if not isinstance(text, str):
        return Verdict(False, "The answer should be a description, in quotation marks.")
    if CONTROL in text.replace(CONTROL, ""):
        return Verdict(True, "A filter that runs once makes what it was to remove.")
    if CONTROL in text:
        return Verdict(
            False, "The filter takes it out, and nothing comes together in its place."
        )
    return Verdict(False, "The filter finds nothing to delete in it.")


def classical(more: float, kept: float) -> Verdict:
    """Check what the classical formula wastes, and what it promises wrongly.

    Args:
        more: The classical noise at epsilon 1, as a multiple of the exact one.
        kept: The epsilon that the classical noise for 16 keeps in truth.

    Returns:
        The verdict.

    Examples:
        >>> classical(1.0, 16.0)
        Not yet. The formula says 16. What does the exact calculus say of this noise?
    """
    sigma = {e: np.sqrt(2 * np.log(1.25 / DELTA)) / e for e in (1.0, 16.0)}
    factor = sigma[1.0] / gaussian_sigma(1.0, DELTA)
    right = np.array([factor, gaussian_epsilon(sigma[16.0], DELTA)])
    ask = "The formula says 16. What does the exact calculus say of this noise?"
    how = "As a multiple of the exact noise: which of the two stands above?"
    root = sigma[1.0] ** 2 / gaussian_sigma(1.0, DELTA)
    return matches(
        [more, kept],
        right,
        because="It wastes noise where it is valid, and breaks its word where not.",
        hint="gaussian_sigma gives the exact noise of an epsilon, gaussian_epsilon the "
        "exact epsilon of a noise.",
        mistakes=[
            ([factor, 16.0], ask),
            ([1.0, 16.0], ask),
            ([1 / factor, right[1]], how),
            ([factor - 1, right[1]], "How many times as much, not by how much more."),
            ([sigma[1.0], right[1]], how),
            ([root, right[1]], "The root goes over the logarithm, too."),
            (right[::-1], "First the multiple, then the epsilon."),
        ],
        tolerance=0.05,
    )


def whom(surest: str, evidence: np.ndarray, member: np.ndarray) -> Verdict:
    """Check which third of the members is found most surely.

    Args:
        surest: "short", "middle" or "long": the third by the length of the histories
            whose members have the highest median of the evidence.
        evidence: `float64[U]`, the calibrated one of the chapter.
        member: `bool[U]`, who was in.

    Returns:
        The verdict.

    Examples:
        >>> lengths = np.bincount(load_movielens_100k().interactions.user)
        >>> whom("long", -lengths, np.ones(943, dtype=bool))
        Not yet. Compare the medians of all three. Is there more to recognize?
    """
    lengths = np.bincount(_movielens().interactions.user)
    evidence, member = np.asarray(evidence), np.asarray(member, dtype=bool)
    if (evidence.shape, member.shape) != (lengths.shape, lengths.shape):
        return Verdict(False, "Hand over the chapter's `calibrated` and `member`, too.")
    if not isinstance(surest, str):
        return Verdict(False, 'The answer should be "short", "middle" or "long".')
    thirds = pd.qcut(lengths, 3, labels=["short", "middle", "long"])
    risk = {
        third: np.median(evidence[member & (thirds == third)])
        for third in thirds.categories
    }
    right = max(risk, key=risk.get)
    hints = {
        "short": "Is a history that says little easy to recognize?",
        "middle": "Look at the ends, too: does the evidence turn back there?",
        "long": "Compare the medians of all three. Is there more to recognize?",
    }
    return chooses(
        surest,
        right,
        because="Whoever gives a service the most stands out the most.",
        hints={third: hint for third, hint in hints.items() if third != right},
    )


def bands(gaps: np.ndarray) -> Verdict:
    """Check the gap by gender of popularity within finer and finer bands.

    Args:
        gaps: Of nDCG@10, with 1, 2, 5, 10 and 20 bands of history length,
            `float64[5]`.

    Returns:
        The verdict.

    Examples:
        >>> bands([0, 0, 0, 0, 0])
        Not yet. `gap_test(value, gender, within=bands(amount, n))` has it as `gap`.
    """
    split, people = _split(), _movielens()
    lists = Popularity().fit(split.train).recommend(np.arange(len(people.users)), k=10)
    value = evaluate(lists, split.test.matrix()).per_user["ndcg@10"]
    gender, numbers = people.users.gender, (1, 2, 5, 10, 20)

    def gaps_of(amounts: Interactions) -> np.ndarray:
        amount = np.bincount(amounts.user, minlength=len(people.users))
        tests = [
            gap_test(value, gender, within=bands_of(amount, n), n_resamples=1, rng=0)
            for n in numbers
        ]
        return np.array([test.gap for test in tests])

    right = gaps_of(people.interactions)
    return matches(
        gaps,
        right,
        because="The first few bands take most of what the history explains.",
        hint="`gap_test(value, gender, within=bands(amount, n))` has it as `gap`.",
        mistakes=[
            (np.full(5, right[0]), "All are the same: is `within` handed over?"),
            (right[::-1], "One band first, twenty last."),
            (-right, "A gap is what the best group has over the worst."),
            (gaps_of(split.test), "A history is all that a user rated, not its test "
             "part."),
            (gaps_of(split.train), "A history is all that a user rated, not its train "
             "part."),
        ],
        tolerance=6e-4,  # three digits are enough
    )  # fmt: skip


def seed(counts: np.ndarray) -> Verdict:
    """Check the clipped counts, read off a private model whose seed is known.

    Args:
        counts: The Gram matrix of the chosen films without noise,
            `float64[n_items, n_items]`.

    Returns:
        The verdict.

    Examples:
        >>> seed(np.zeros((100, 100)))
        Not yet. Draw again what the model drew, in the same order, and subtract it.
    """
    private = _private()
    released, size = private.gram_, private.gram_.shape
    rows = _split().train.matrix()[:, private.items_]
    scale = private.clip**2 * private.sigmas_[1]
    late, early = np.random.default_rng(private.rng), np.random.default_rng(private.rng)
    late.standard_normal(private.counts_.shape)
    late, early = late.standard_normal(size), early.standard_normal(size)
    return matches(
        counts,
        noisy_gram(rows, private.clip, 0.0, 0),
        because="All of the noise is gone, and with it the promise.",
        hint="Draw again what the model drew, in the same order, and subtract it.",
        mistakes=[
            (released, "This is what was released. Its noise is still on."),
            (released - scale * late, "The noise of a symmetric matrix is symmetric."),
            (released - scale * (early + early.T) / 2, "The model drew something else "
             "before, for the counts of the films."),
            (released - private.sigmas_[1] * (late + late.T) / 2, "The noise grows "
             "with what one user can change."),
            (released + scale * (late + late.T) / 2, "The noise is on twice now."),
            ((rows.T @ rows).toarray(), "These are the counts before the clip. The "
             "model never added noise to them."),
        ],
    )  # fmt: skip


@cache
def _movielens() -> MovieLens:
    return load_movielens_100k()


@cache
def _split() -> Split:
    """The chapter's split."""
    return stratified_split(_movielens().interactions, ratio=0.75, by="item", seed=42)


@cache
def _private() -> PrivateEASE:
    """The private model of the chapter, at epsilon 4."""
    chosen = load("privacy")["search"]["4"]["chosen"]
    return PrivateEASE(4.0, DELTA, rng=1, **chosen).fit(_split().train)
