"""Time several ways of doing one thing, in turns, in one process.

A machine that others use too slows down and speeds up. In a round every job
runs once, in an order that is reversed from round to round, so all share what
the machine does; a ratio taken within the rounds is steadier than the times.
"""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Timing:
    """What `compare` measured.

    Attributes:
        rounds: Seconds of each round, by the name of the job.
    """

    rounds: dict[str, list[float]]

    def __getitem__(self, name: str) -> float:
        """Return the median of a job, in seconds."""
        return median(self.rounds[name])

    def items(self) -> Iterator[tuple[str, float]]:
        """Give each job's name and median, in seconds."""
        return ((name, self[name]) for name in self.rounds)

    def ratio(self, name: str, to: str) -> tuple[float, float, float]:
        """Return the quartiles of the rounds' ratios: low, median, high."""
        pairs = zip(self.rounds[name], self.rounds[to], strict=True)
        low, middle, high = quantiles((a / b for a, b in pairs), n=4)
        return low, middle, high

    def report(self, name: str, to: str) -> str:
        """Say both medians, and the ratio with its spread."""
        low, middle, high = self.ratio(name, to)
        return (
            f"{name} {1e3 * self[name]:.1f} ms, {to} {1e3 * self[to]:.1f} ms, "
            f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f}, "
            f"{len(self.rounds[name])} rounds)"
        )


def compare(jobs: Mapping[str, Callable[[], object]], *, rounds: int = 15) -> Timing:
    """Run all jobs in turns, after one run each for warming up.

    Args:
        jobs: Jobs by name; what they return is dropped.
        rounds: Rounds that count, at least 2.
    """
    for job in jobs.values():
        job()
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    order = list(jobs)
    for _ in range(rounds):
        for name in order:
            start = perf_counter()
            jobs[name]()
            seconds[name].append(perf_counter() - start)
        order.reverse()
    return Timing(seconds)


def versions(*packages: str) -> str:
    """Say which Python and which versions of some packages ran."""
    named = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"Python {platform.python_version()}, {named}"
