"""Checks for the exercises on the worked example: shapes, tokens, a better matrix.

Book section 4.1.
"""

import numpy as np

from recsys_ref.check.verdict import Verdict, matches
from recsys_ref.lm.pretrained import load_encoder

# The article's matrices: given, as in the chapter.
U = np.array([[0.5, 0.3, 0.2], [0.4, 0.5, 0.1], [0.6, 0.2, 0.2]])
V = np.array([[0.6, 0.3, 0.1], [0.4, 0.5, 0.1], [0.1, 0.2, 0.7]])
PRINTED = np.array([[0.42, 0.33, 0.25], [0.34, 0.45, 0.21], [0.58, 0.24, 0.18]])
WORDS = ["科技", "娱乐", "生活"]


def square(product: np.ndarray) -> Verdict:
    """Check the product that is left when the last item has gone.

    Args:
        product: `float64[3, 2]`, a row a user, a column an item.

    Returns:
        The verdict.

    Examples:
        >>> square(U @ V)
        Not yet. The answer should be numbers of the shape (3, 2); yours has the shape
        (3, 3).
    """
    left = V[:2]
    return matches(
        product,
        U @ left.T,
        because="Each user meets each item, and no other score has changed.",
        hint="Multiply each user's three numbers with the three numbers of an item.",
        mistakes=[
            (
                (U @ V)[:, :2],
                "Those are two columns of the old product. Which axis of V holds the "
                "items here?",
            ),
            (
                U[:, :2] @ left[:, :2],
                "You cut the profiles as well. The users have not gone.",
            ),
            (U @ V[1:].T, "You dropped the first item. The last one was to go."),
        ],
        tolerance=1e-6,
    )


def chinese(unknown: int) -> Verdict:
    """Check how many characters of the three words the encoder does not know.

    Args:
        unknown: Tokens for "unknown", over the three words together.

    Returns:
        The verdict.

    Examples:
        >>> chinese(0)
        Not yet. No error was raised, and yet: what are the tokens of each word?
    """
    tokenizer = load_encoder().tokenizer
    tokens = [token for word in WORDS for token in tokenizer.tokenize(word)]
    missing = sum(token == tokenizer.unk_token for token in tokens)
    return matches(
        unknown,
        missing,
        because="What a model cannot read it does not complain about.",
        hint="Print `encoder.tokenizer.tokenize(word)` for each word, and count.",
        mistakes=[
            (0, "No error was raised, and yet: what are the tokens of each word?"),
            (len(tokens), "Look again: one of the characters is in the vocabulary."),
            (len(tokens) - missing, "Those are the characters that it knows."),
            (len(WORDS), "Those are the words. A word has more than one token."),
        ],
        tolerance=1e-6,
    )


def mend(matrix: np.ndarray) -> Verdict:
    """Check a V whose product U V has the printed order for all three users.

    Args:
        matrix: `float64[3, 3]`, items as columns, rows of tenths that sum to 1. More
            than one will do.

    Returns:
        The verdict.

    Examples:
        >>> mend(V)
        Not yet. User 2 does not get the printed order. Which topic does this user have
        most of, and which item should lead it?
    """
    anything = matches(matrix, np.zeros((3, 3)), because="", hint="")
    if not anything and anything.message:
        return anything
    rows = np.asarray(matrix, dtype=np.float64)
    if not np.isfinite(rows).all() or (rows < -1e-9).any():
        return Verdict(False, "Shares of a topic are finite and not negative.")
    if not np.allclose(rows * 10, np.round(rows * 10), atol=1e-6):
        return Verdict(False, "The entries should be tenths.")
    if not np.allclose(rows.sum(axis=1), 1, atol=1e-6):
        columns = np.allclose(rows.sum(axis=0), 1, atol=1e-6)
        which = "You made the columns sum to 1. " if columns else ""
        return Verdict(False, f"{which}Each row is a topic, and sums to 1.")
    scores = (U @ rows).round(9)
    order = (-PRINTED).argsort(axis=1)
    falling = np.diff(np.take_along_axis(scores, order, axis=1), axis=1)
    for user in range(3):
        if (falling[user] >= 0).any():
            tied = (falling[user] == 0).any()
            about = (
                "Two items of this user have the same score."
                if tied
                else "Which topic does this user have most of, and which item should "
                "lead it?"
            )
            return Verdict(
                False, f"User {user + 1} does not get the printed order. {about}"
            )
    return Verdict(True, "A purer topic survives the mixing.")
