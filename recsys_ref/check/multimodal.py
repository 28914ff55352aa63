"""Checks for the exercises on modalities: likeness, what is missing, gates, copies.

Book section 8.3.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from recsys_ref.check.verdict import Case, Verdict, behaves, chooses, matches
from recsys_ref.content.blocks import stack_blocks
from recsys_ref.content.probe import cross_predict
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.planted_media import planted_looks
from recsys_ref.strategies import fusion

SEED = 0


def alike(early: float, late: float) -> Verdict:
    """Check how much a film counts for another that is 0, 1 and 2 from it.

    Args:
        early: In early fusion of the three modalities.
        late: In late fusion, with weights of one.

    Returns:
        The verdict.

    Examples:
        >>> alike(1.0, 1.0)
        Not yet. Each distance goes into a Gaussian. Early fusion multiplies them, late
        fusion adds them up.
    """
    apart = np.array([0.0, 1.0, 2.0])

    def both(kernels: np.ndarray) -> list[float]:
        return [kernels.prod(), kernels.sum()]

    near = np.exp(-(apart**2) / 2)
    right = both(near)
    return matches(
        [early, late],
        right,
        because="One distance spoils the product, and only a term of the sum.",
        hint="Each distance goes into a Gaussian. Early fusion multiplies them, late "
        "fusion adds them up.",
        mistakes=[
            (both(np.exp(-(apart**2))), "A Gaussian of width one has a half in its "
             "exponent."),
            (both(np.exp(-apart / 2)), "It is the squared distance that stands in the "
             "exponent."),
            (right[::-1], "Which one multiplies, and which one adds?"),
            ([right[0], near.mean()], "Late fusion adds the judgments. It takes no "
             "mean."),
            ([right[1], right[1]], "Early fusion wants them alike in everything."),
        ],
        tolerance=6e-3,
    )  # fmt: skip


def zero(
    scaled_up: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Verdict:
    """Check a late fusion that deals out the weight of what a film lacks.

    Args:
        scaled_up: Called with what the modalities say, `float32[M, U, C]`, zero where
            one is missing, with `bool[C, M]`, what each film has, and with the
            weights, `float64[M]`; returns `float[U, C]`.

    Returns:
        The verdict.

    Examples:
        >>> zero(lambda scores, present, weights: scores.sum(axis=0))
        Not yet. On (array([[[ 1., -1.]], [[ 0., 2.]]], dtype=float32), array([[
        True, ...: Where nothing is missing it is late fusion, with these weights.
    """
    weights = np.array([0.75, 0.25])
    full = np.array([[[1.0, -1.0]], [[0.0, 2.0]]], dtype=np.float32)
    cases = []
    for present, hint in (
        (
            [[1, 1], [1, 1]],
            "Where nothing is missing it is late fusion, with these weights.",
        ),
        (
            [[1, 0], [0, 1]],
            "Whose weight is free, and who gets it? For each film by itself, up to "
            "the sum of all weights.",
        ),
        (
            [[1, 1], [0, 0]],
            "Nothing is known of one film. There is no weight to scale, and no "
            "division by it.",
        ),
    ):
        present = np.array(present, dtype=bool)
        scores = full * present.T[:, None]
        there = np.maximum(present @ weights, 1e-9)
        expected = fusion.late_fusion(scores, weights) * (weights.sum() / there)
        cases.append(Case((scores, present, weights), expected, hint, 1e-4))
    return behaves(
        scaled_up,
        cases,
        because="Now one modality decides as loudly as all of them. Is that wise?",
    )


def gate(found: float) -> Verdict:
    """Check how good a gate is that sees a useless feature.

    Args:
        found: Share of the planted users whose first item is one that they chose.

    Returns:
        The verdict.

    Examples:
        >>> gate(0.0)
        Not yet. Fit the gate on the lesson and count on the exam, each with its own
        noise for a feature.
    """
    right, useful, fixed = _gates()
    return matches(
        found,
        right,
        because="No better than fixed weights: a gate is as good as its features.",
        hint="Fit the gate on the lesson and count on the exam, each with its own "
        "noise for a feature.",
        mistakes=[
            (useful, "This gate still sees which kind of user asks."),
            (fixed, "That is what the best fixed weights reach."),
        ],
        tolerance=0.051,  # two of the forty users
    )


def twice(most: str) -> Verdict:
    """Check from which source most of all true genres can be read.

    Args:
        most: "poster": the poster alone; "same look": the poster and a sound of the
            same look; "independent": the poster and a sound of its own.

    Returns:
        The verdict.

    Examples:
        >>> twice("poster")
        Not yet. Two sources can tell more than one. When do they?
    """
    if not isinstance(most, str):
        return Verdict(
            False, 'The answer should be "poster", "same look" or "independent".'
        )
    explained = _explained()
    right = max(explained, key=explained.get)
    hints = {
        "poster": "Two sources can tell more than one. When do they?",
        "same look": "What does the sound know here that the poster does not?",
        "independent": "Which genres does a second look tell? Measure again.",
    }
    return chooses(
        most,
        right,
        because="A second modality helps by what the first does not know.",
        hints={name: hint for name, hint in hints.items() if name != right},
    )


@cache
def _gates() -> tuple[float, float, float]:
    """What a gate reaches without and with the true feature, and fixed weights."""
    from recsys_ref.strategies.gate import Asked, Gate  # loads torch

    def planted(seed: int, noise: int | None = None) -> Asked:
        parts = np.random.default_rng(seed).normal(size=(2, 40, 20))
        parts, odd = parts.astype(np.float32), np.arange(40) % 2
        right = np.where(odd[:, None] == 0, parts[0], parts[1])
        chosen = right > np.quantile(right, 0.9, axis=1, keepdims=True)
        feature = odd[:, None]
        if noise is not None:
            feature = np.random.default_rng(noise).normal(size=(40, 1))
        present = np.ones((20, 2), dtype=bool)
        return Asked(parts, feature, np.zeros((20, 0)), present, chosen)

    def first_right(scores: np.ndarray) -> float:
        chosen = planted(2).relevant
        return float(chosen[np.arange(40), scores.argmax(axis=1)].mean())

    useless = Gate(l2=0.001).fit([planted(1, noise=3)]).fuse(planted(2, noise=4))
    useful = Gate(l2=0.01).fit([planted(1)]).fuse(planted(2))
    fixed = [
        first_right(fusion.late_fusion(planted(2).parts, [w, 1 - w]))
        for w in np.linspace(0, 1, 21)
    ]
    return first_right(useless), first_right(useful), max(fixed)


@cache
def _explained() -> dict[str, float]:
    """Variance of the genres that is read off the looks themselves."""
    items = load_movielens_100k().items
    truth = items.genres.astype(float)
    poster, sound = (
        np.eye(truth.shape[1])[planted_looks(items.genres, strength=1.0, rng=rng)]
        for rng in (SEED, SEED + 1)
    )
    sources = {
        "poster": [poster],
        "same look": [poster, poster],
        "independent": [poster, sound],
    }
    spread = ((truth - truth.mean(axis=0)) ** 2).sum()
    explained = {}
    for name, blocks in sources.items():
        vectors = stack_blocks(dict(enumerate(blocks)))
        read = cross_predict(vectors, truth, l2=0.01, rng=SEED)
        explained[name] = 1 - ((truth - read) ** 2).sum() / spread
    return explained
