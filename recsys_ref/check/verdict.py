"""Compare an answer with what is right, and say what to think about next.

A failing verdict holds a hint. It never holds the right value: the reader is to
find it.

Book section 11.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """What a check found: true if the answer is right, and a sentence.

    Attributes:
        right: Whether the answer is right.
        message: Why it is right, or a hint.

    Examples:
        >>> Verdict(False, "Divide by the number of users, not of items.")
        Not yet. Divide by the number of users, not of items.
        >>> bool(Verdict(True, "Each user counts once."))
        True
    """

    right: bool
    message: str

    def __bool__(self) -> bool:
        """Return whether the answer is right, so that `assert` reads it."""
        return self.right

    def __repr__(self) -> str:
        """Return the sentence that a reader sees."""
        return f"{'Right.' if self.right else 'Not yet.'} {self.message}"


def matches(
    answer: object,
    expected: object,
    *,
    because: str,
    hint: str,
    mistakes: Sequence[tuple[object, str]] = (),
    tolerance: float = 1e-3,
) -> Verdict:
    """Compare numbers: one, an array, or whatever NumPy makes an array of.

    Args:
        answer: What the reader found.
        expected: What is right, of the same shape.
        because: Said when it is right: why it is.
        hint: Said when it is wrong in a way that nobody foresaw.
        mistakes: Values that typical mistakes lead to, each with its own hint. One
            that lies within the tolerance of what is right is passed over.
        tolerance: Largest absolute difference that still counts as equal.

    Returns:
        The verdict. NaN equals NaN.

    Examples:
        >>> def share(answer):
        ...     return matches(answer, 2 / 5, because="Two of five are hits.",
        ...                    hint="Count the hits.",
        ...                    mistakes=[(2 / 3, "Divide by the length of the list.")])
        >>> share(0.4)
        Right. Two of five are hits.
        >>> share(2 / 3)
        Not yet. Divide by the length of the list.
        >>> share([0.4, 0.4])
        Not yet. The answer should be a single number; yours has the shape (2,).
    """
    wanted = np.asarray(expected, dtype=np.float64)
    try:
        given = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):  # RuntimeError: a tensor's gradient
        return Verdict(
            False, f"The answer should be {_shape(wanted)}; yours is {_short(answer)}."
        )
    if given.shape != wanted.shape:
        shape = f"has the shape {given.shape}" if given.shape else "is one number"
        return Verdict(False, f"The answer should be {_shape(wanted)}; yours {shape}.")
    if _equal(given, wanted, tolerance):
        return Verdict(True, because)
    for value, about in mistakes:
        wrong = np.broadcast_to(np.asarray(value, dtype=np.float64), wanted.shape)
        if _equal(given, wrong, tolerance) and not _equal(wrong, wanted, tolerance):
            return Verdict(False, about)
    return Verdict(False, hint)


def chooses(
    answer: object, expected: object, *, because: str, hints: Mapping[object, str]
) -> Verdict:
    """Compare a choice among a few.

    Args:
        answer: What the reader chose.
        expected: The right choice.
        because: Said when it is right: why it is.
        hints: Each wrong choice, with its hint.

    Returns:
        The verdict. Text is compared without regard to case and outer blanks.

    Examples:
        >>> chooses("Precision ", "nDCG", because="It discounts by rank.",
        ...         hints={"precision": "Swap two places: does it change?"})
        Not yet. Swap two places: does it change?
        >>> chooses("recall", "nDCG", because="It discounts by rank.",
        ...         hints={"precision": "Swap two places: does it change?"})
        Not yet. 'recall' is none of the choices: nDCG, precision.
    """
    choices = {_plain(choice): about for choice, about in hints.items()}
    if _plain(answer) == _plain(expected):
        return Verdict(True, because)
    if _plain(answer) in choices:
        return Verdict(False, choices[_plain(answer)])
    among = ", ".join(sorted(map(str, [expected, *hints]), key=str.lower))
    return Verdict(False, f"{_short(answer)} is none of the choices: {among}.")


@dataclass(frozen=True)
class Case:
    """One call of a reader's function, and what to say if it goes wrong.

    Attributes:
        arguments: What the function is called with.
        expected: What it must return.
        hint: What to think about if it returns something else.
        tolerance: Largest absolute difference that still counts as equal.
        named: Arguments given by name.
    """

    arguments: tuple
    expected: object
    hint: str
    tolerance: float = 1e-6
    named: Mapping[str, object] = field(default_factory=dict)


def behaves(function: Callable, cases: Sequence[Case], *, because: str) -> Verdict:
    """Call a reader's function on each case, and stop at the first that fails.

    The function gets copies, so it may change what it is given. What it raises is
    shown, not raised.

    Args:
        function: What the reader wrote.
        cases: The calls, simplest first.
        because: Said when all cases pass.

    Returns:
        The verdict.

    Examples:
        >>> cases = [Case(([1, 0],), 0.5, "Divide by the length of the list."),
        ...          Case(([],), float("nan"), "What is the mean of nothing?")]
        >>> behaves(lambda hits: sum(hits) / 2, cases, because="It holds for both.")
        Not yet. On ([],): What is the mean of nothing?
        >>> behaves(lambda hits: sum(hits) / len(hits), cases, because="It holds.")
        Not yet. On ([],) it raised ZeroDivisionError: division by zero. What is the
        mean of nothing?
    """
    if not callable(function):
        return Verdict(False, f"Hand over the function itself, not {_short(function)}.")
    for case in cases:
        arguments, named = copy.deepcopy((case.arguments, dict(case.named)))
        where = _short(case.arguments)
        try:
            answer = function(*arguments, **named)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            return Verdict(False, f"On {where} it raised {what}. {case.hint}")
        if answer is None:
            return Verdict(False, f"On {where} it returned nothing: is there a return?")
        found = matches(
            answer,
            case.expected,
            because="",
            hint=case.hint,
            tolerance=case.tolerance,
        )
        if not found:
            return Verdict(False, f"On {where}: {found.message}")
    return Verdict(True, because)


class Fixed:
    """An array that a cache can find again: equal if shape, type and bytes are.

    What a check computes from an array that it is handed is then computed once,
    however often the reader tries.

    Attributes:
        array: A copy, read-only.

    Examples:
        >>> Fixed([1.0, 2.0]) == Fixed(np.array([1.0, 2.0]))
        True
        >>> len({Fixed([1.0]), Fixed([1.0]), Fixed([[1.0]])})
        2
    """

    def __init__(self, values: object) -> None:
        self.array = np.array(values)
        self.array.flags.writeable = False
        # Objects have no bytes of their own: what they look like stands for them.
        like = repr(values).encode() if self.array.dtype == object else None
        self._key = (
            self.array.shape,
            self.array.dtype.str,
            sha256(like or self.array.tobytes()).digest(),
        )

    def __eq__(self, other: object) -> bool:
        """Return whether the other one holds the same array."""
        return isinstance(other, Fixed) and self._key == other._key

    def __hash__(self) -> int:
        """Return what two equal ones have in common."""
        return hash(self._key)


def _equal(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    return bool(np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True))


def _shape(wanted: np.ndarray) -> str:
    if not wanted.shape:
        return "a single number"
    return f"numbers of the shape {wanted.shape}"


def _short(thing: object, length: int = 70) -> str:
    text = " ".join(repr(thing).split())
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _plain(choice: object) -> object:
    """Return what two equal choices have in common; something that can be a key."""
    if isinstance(choice, str):
        return choice.strip().lower()
    return choice if isinstance(choice, int | float | np.generic) else repr(choice)
