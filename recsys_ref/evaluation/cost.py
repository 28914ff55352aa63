"""What a method costs: seconds to train, milliseconds a user, memory.

Time is that of the processor, so that a machine which others use too does not count
against a method; still compare as ratios, taken in one process. Memory is what the
operating system sees, NumPy's and torch's alike (Python's own `tracemalloc` does not
see torch's). A process keeps its highest mark, so each method is measured in a fresh
one: read `peak_memory` before and after. Book section 9.2.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

try:
    import resource
except ImportError:  # Windows has none
    resource = None

T = TypeVar("T")
LINUX_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Cost:
    """What a method cost.

    Attributes:
        fit_seconds: CPU seconds of training, median over the repeats.
        ms_per_user: CPU milliseconds to serve one user, median over the repeats.
        added_mib: MiB by which training and serving raised the process's peak
            memory; 0 if it had been higher before, NaN where that is not known.
        n_users: Users served at a time.
    """

    fit_seconds: float
    ms_per_user: float
    added_mib: float
    n_users: int


def measure_cost(
    fit: Callable[[], T],
    serve: Callable[[T], object],
    *,
    n_users: int,
    repeats: int = 1,
) -> Cost:
    """Train and serve, and say what it took.

    Args:
        fit: Trains a method and returns it.
        serve: Given the method, recommends to `n_users` users at once.
        n_users: How many it serves, at least 1.
        repeats: How often all is done, at least 1.

    Raises:
        ValueError: If `n_users` or `repeats` is below 1.

    Examples:
        >>> cost = measure_cost(lambda: [2, 1], lambda model: sorted(model), n_users=2)
        >>> cost.n_users, cost.fit_seconds >= 0
        (2, True)
    """
    for name, value in (("n_users", n_users), ("repeats", repeats)):
        if value < 1:
            raise ValueError(f"{name}: must be at least 1, got {value}")
    before = peak_memory()
    fits, serves = [], []
    for _ in range(repeats):
        start = process_time()
        model = fit()
        trained = process_time()
        serve(model)
        fits.append(trained - start)
        serves.append(process_time() - trained)
    added = peak_memory() - before
    return Cost(median(fits), 1e3 * median(serves) / n_users, added, n_users)


def peak_memory() -> float:
    """Return the most memory that this process has held so far, in MiB.

    Resident memory, as the operating system counts it: interpreter, libraries and
    arrays of every kind. It never falls. On Linux it is `VmHWM`, for `ru_maxrss`
    there may be that of the parent process.

    Returns:
        MiB; NaN on a system that does not say, such as Windows.
    """
    if LINUX_STATUS.is_file():
        for line in LINUX_STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    if resource is None:
        return float("nan")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def pareto_front(cost: Mapping[str, float], quality: Mapping[str, float]) -> list[str]:
    """Name the methods that no other one beats at their price, the cheapest first.

    A method is on the front if every other one is dearer or worse. Of equals in
    both, all are.

    Args:
        cost: Of each method, in any unit; less is better.
        quality: Of the same methods; more is better.

    Raises:
        ValueError: If the two name different methods or a value is NaN.

    Examples:
        >>> cost = {"popularity": 1, "EASE": 10, "slow": 50, "best": 90}
        >>> quality = {"popularity": 0.25, "EASE": 0.48, "slow": 0.47, "best": 0.49}
        >>> pareto_front(cost, quality)
        ['popularity', 'EASE', 'best']
    """
    if set(cost) != set(quality):
        raise ValueError(
            f"quality: must name the methods of cost, {sorted(cost)}, "
            f"got {sorted(quality)}"
        )
    for name in cost:
        if not (cost[name] == cost[name] and quality[name] == quality[name]):
            raise ValueError(f"cost, quality: must be numbers, got NaN for {name!r}")
    return [
        name
        for name in sorted(cost, key=lambda name: (cost[name], -quality[name]))
        if not any(_beats(other, name, cost, quality) for other in cost)
    ]


def _beats(
    one: str, other: str, cost: Mapping[str, float], quality: Mapping[str, float]
) -> bool:
    """Tell whether one is no dearer, no worse, and not equal in both."""
    mine, theirs = ((cost[name], -quality[name]) for name in (one, other))
    return mine != theirs and mine[0] <= theirs[0] and mine[1] <= theirs[1]
