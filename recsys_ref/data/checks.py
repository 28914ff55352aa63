"""Checks of single arguments, with the words of their errors.

Book section 3.1.
"""

import numpy as np

GIB = 2**30


def check_share(name: str, share: float) -> None:
    """Raise ValueError unless `share` lies between 0 and 1, both excluded."""
    if not 0 < share < 1:
        raise ValueError(f"{name}: must be in (0, 1), got {share}")


def check_whole_number(name: str, number: int, least: int) -> None:
    """Raise ValueError unless `number` is whole and not below `least`."""
    if not isinstance(number, (int, np.integer)) or number < least:
        raise ValueError(
            f"{name}: must be a whole number of at least {least}, got {number!r}"
        )


def check_positive(name: str, number: float) -> None:
    """Raise ValueError unless `number` is finite and above 0."""
    if not (number > 0 and np.isfinite(number)):
        raise ValueError(f"{name}: must be a finite number > 0, got {number}")


def check_not_negative(name: str, number: float) -> None:
    """Raise ValueError unless `number` is finite and at least 0."""
    if not (number >= 0 and np.isfinite(number)):
        raise ValueError(f"{name}: must be a finite number >= 0, got {number}")


def check_memory(
    n_items: int, max_bytes: int, *, need: str = "weights of", matrices: int = 1
) -> None:
    """Refuse a catalogue whose I x I matrices of float32 would not fit.

    Args:
        n_items: I.
        max_bytes: The most that the matrices may take, in bytes.
        need: What they are, followed by their bytes in the error.
        matrices: How many are held at once.

    Raises:
        ValueError: If they would take more.

    Examples:
        >>> check_memory(20_000, max_bytes=GIB)
        Traceback (most recent call last):
            ...
        ValueError: interactions: 20,000 items need weights of 1,600,000,000
        bytes, more than max_bytes = 1,073,741,824
    """
    needed = 4 * matrices * n_items**2
    if needed > max_bytes:
        raise ValueError(
            f"interactions: {n_items:,} items need {need} {needed:,} bytes, more "
            f"than max_bytes = {max_bytes:,}"
        )


def plural(count: int, noun: str) -> str:
    """Write a count with its noun, as in "1 row" and "2,000 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
