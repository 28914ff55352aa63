"""Checks for the exercises on the formulas: axes, and the diagonal of EASE.

Book section 4.
"""

from collections.abc import Callable

import numpy as np

from recsys_ref.check.verdict import Case, Verdict, behaves, chooses

X = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 0]])


def rotate(unchanged: str) -> Verdict:
    """Check which product keeps its scores when U and V are turned together.

    Args:
        unchanged: "U V^T", "U V", "both" or "neither".

    Returns:
        The verdict.

    Examples:
        >>> rotate("neither")
        Not yet. A rotation keeps lengths and angles. Which of the two is made of them?
    """
    rng = np.random.default_rng(4)
    users, items = rng.standard_normal((4, 5)), rng.standard_normal((5, 5))
    turn, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    turned_users, turned_items = users @ turn, items @ turn
    kept = (
        np.allclose(turned_users @ turned_items.T, users @ items.T),
        np.allclose(turned_users @ turned_items, users @ items),
    )
    cases = {
        (True, False): "U V^T",
        (False, True): "U V",
        (True, True): "both",
        (False, False): "neither",
    }
    hints = {
        "U V^T": "Compute both products before and after.",
        "U V": "Here Q stands between U and V, and again at the end. Does it cancel?",
        "both": "Write Q into each product. In which does Q meet its transpose?",
        "neither": "A rotation keeps lengths and angles. Which of the two is made of "
        "them?",
    }
    right = cases[kept]
    return chooses(
        unchanged,
        right,
        because="Q meets its transpose, and the two make the identity.",
        hints={choice: hint for choice, hint in hints.items() if choice != right},
    )


def diagonal(weights: Callable[[np.ndarray, float], np.ndarray]) -> Verdict:
    """Check a function that solves EASE's problem without the forbidden diagonal.

    Args:
        weights: Called with X `float64[U, I]` and the ridge; returns B `float64[I, I]`.

    Returns:
        The verdict.

    Examples:
        >>> from recsys_ref.strategies.ease import ease_weights
        >>> diagonal(ease_weights)
        Not yet. The diagonal is still zero. Without the constraint, what does the
        derivative say?
    """
    behavior = X.astype(float)
    cases = []
    for ridge in (1.0, 0.001, 10.0):
        # Each column is a ridge regression on all items, itself included.
        stacked = np.vstack([behavior, ridge**0.5 * np.eye(5)])
        target = np.vstack([behavior, np.zeros((5, 5))])
        right = np.linalg.lstsq(stacked, target, rcond=None)[0]
        cases.append((ridge, right))
    if _has_zero_diagonal(weights, behavior):
        return Verdict(
            False,
            "The diagonal is still zero. Without the constraint, what does the "
            "derivative say?",
        )
    return behaves(
        weights,
        [
            Case(
                (behavior, ridge),
                right,
                "Set the derivative of |X - X B|^2 + ridge |B|^2 to zero, and solve "
                "for B.",
            )
            for ridge, right in cases
        ],
        because="As the ridge shrinks, each film explains itself.",
    )


def _has_zero_diagonal(weights: Callable, behavior: np.ndarray) -> bool:
    """Return whether the function still forbids what it should allow."""
    try:
        found = np.asarray(weights(behavior.copy(), 1.0), dtype=np.float64)
        return found.shape == (5, 5) and np.allclose(np.diag(found), 0)
    except Exception:
        return False  # `behaves` shows what it raised
