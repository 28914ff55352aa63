"""Checks of single arguments, with the words of their errors.

Book section 3.1.
"""

import numpy as np


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


def plural(count: int, noun: str) -> str:
    """Write a count with its noun, as in "1 row" and "2,000 rows"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
