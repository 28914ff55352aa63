"""Tell whether an answer to an exercise on long texts is right.

Book section 9.3.
"""

from collections.abc import Callable

import numpy as np

from recsys_ref.check.verdict import Case, Verdict, behaves, matches
from recsys_ref.data.vectors import unit_rows

WINDOWS = (4, 16, 64)


def count(function: Callable) -> Verdict:
    """Check a formula for the number of windows.

    Args:
        function: Takes the tokens of the text, the room of a window and how many
            tokens a window repeats, and returns the number of windows.

    Returns:
        The verdict of five texts.

    Examples:
        >>> count(lambda tokens, room, repeated: tokens / room)
        Not yet. On (95, 10, 0): What is left at the end needs a window, too.
    """
    hints = {
        (100, 10, 0): "Windows side by side: how many fit?",
        (95, 10, 0): "What is left at the end needs a window, too.",
        (100, 10, 4): "Each window but the first brings fewer new tokens than it has "
        "room for.",
        (
            10,
            10,
            4,
        ): "The whole text fits into the first window, which repeats nothing.",
        (3, 10, 4): "A text shorter than what is repeated still has to be read.",
    }
    cases = [Case(text, _windows(*text), hint) for text, hint in hints.items()]
    return behaves(
        function, cases, because="The first window has s tokens, each later s - o new."
    )


def dilute(cosines: object) -> Verdict:
    """Check how near the mean of unrelated windows is to the one that matters.

    Args:
        cosines: Three numbers, for 4, 16 and 64 windows.

    Returns:
        The verdict.

    Examples:
        >>> dilute([1 / 4, 1 / 16, 1 / 64])
        Not yet. This is the inner product with the mean. How long is the mean?
    """
    n = np.array(WINDOWS)
    means = [np.eye(each).mean(axis=0) for each in WINDOWS]
    return matches(
        cosines,
        [float(unit_rows(mean[None])[0, 0]) for mean in means],
        because="The mean shrinks with the root of the number of windows, and what it "
        "keeps of one shrinks with the number.",
        hint="Write the windows as the rows of a unit matrix, and take their mean.",
        mistakes=[
            (1 / n, "This is the inner product with the mean. How long is the mean?"),
            (
                np.sqrt(n),
                "No cosine is above one. The other way round?",
            ),
            (
                np.zeros(3),
                "Does your mean hold the window that matters, or the others alone?",
            ),
            (
                np.ones(3),
                "So would *best window*. The mean counts all windows alike.",
            ),
        ],
        tolerance=6e-3,
    )


def shuffle(cosines: object, before: np.ndarray, after: np.ndarray) -> Verdict:
    """Check how near histories stay to themselves if their lines are shuffled.

    Args:
        cosines: Two numbers: the mean cosine of a history with itself, shuffled,
            and with the shuffled ones of other users; the mean of `before` is taken
            from both.
        before: `float[N, D]`, vectors of N histories.
        after: `float[N, D]`, of the same, shuffled.

    Returns:
        The verdict.

    Raises:
        ValueError: If the vectors are not of the same two or more histories.

    Examples:
        >>> before = np.array([[3.0, 1.0], [1.0, 3.0]])
        >>> shuffle([1.0, 0.6], before, before)
        Not yet. What all histories have in common is still in your vectors.
    """
    before, after = (np.asarray(x, dtype=np.float64) for x in (before, after))
    if before.ndim != 2 or before.shape != after.shape or len(before) < 2:
        raise ValueError(
            "before, after: must be float[N, D] of the same N >= 2 histories, got "
            f"shapes {before.shape} and {after.shape}"
        )
    apart = ~np.eye(len(before), dtype=bool)

    def both(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        cosine = unit_rows(a) @ unit_rows(b).T
        return np.array([cosine.diagonal().mean(), cosine[apart].mean()])

    center = before.mean(axis=0)
    right = both(before - center, after - center)
    cosine = unit_rows(before - center) @ unit_rows(after - center).T
    return matches(
        cosines,
        right,
        because="Windows are pooled, so nearly all of their order is lost.",
        hint="Take the mean of `before` from both, bring the rows to length 1, and "
        "multiply.",
        mistakes=[
            (
                both(before, after),
                "What all histories have in common is still in your vectors.",
            ),
            (right[::-1], "In which order? A history with itself comes first."),
            (
                [right[0], cosine.mean()],
                "Among the others stands each history itself.",
            ),
            (
                both(before - center, after - after.mean(axis=0)),
                "You centered the two sets each by itself. Take one mean from both.",
            ),
            (
                both(before - center, before - center),
                "A history with itself, *shuffled*: you left `after` out.",
            ),
        ],
        tolerance=6e-3,
    )


def _windows(tokens: int, room: int, repeated: int) -> int:
    """Walk through a text and count."""
    end, windows = room, 1
    while end < tokens:
        end, windows = end - repeated + room, windows + 1
    return windows
