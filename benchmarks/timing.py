"""Time two ways of doing one thing, in turns, in one process.

A machine that others use too slows down and speeds up. Rounds in which both
sides run, one right after the other and each first in turn, share that; so
the ratio within a round is steadier than the times are.
"""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Comparison:
    """Times of two sides over the same rounds.

    Attributes:
        ours: Seconds of each round.
        theirs: Seconds of each round.
    """

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours over theirs, round by round; below 1 we are faster."""
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]

    def __str__(self) -> str:
        low, middle, high = quantiles(self.ratios, n=4, method="inclusive")
        return (
            f"ours {1e3 * median(self.ours):.1f} ms, "
            f"theirs {1e3 * median(self.theirs):.1f} ms, "
            f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f}; "
            f"medians of {len(self.ours)} rounds)"
        )


def compare(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int = 15
) -> Comparison:
    """Run both sides in turns, each once for warming up.

    Args:
        ours: One side; what it returns is dropped.
        theirs: The other side.
        rounds: Rounds that count, at least 2.
    """
    sides = (ours, theirs)
    for side in sides:
        side()
    seconds = ([], [])
    for turn in range(rounds):
        for which in (0, 1) if turn % 2 else (1, 0):
            start = perf_counter()
            sides[which]()
            seconds[which].append(perf_counter() - start)
    return Comparison(*seconds)


def versions(*packages: str) -> str:
    """Say which Python and which versions of some packages ran."""
    named = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"Python {platform.python_version()}, {named}"
