"""Measured results that chapters show and tests recompute.

Each is a JSON file that a script under `benchmarks/` wrote: `load` reads it.
Book section 3.5 shows the first.
"""

import json
from importlib.resources import files


def load(name: str) -> dict:
    """Read a file of results.

    Args:
        name: Its name without the ending, such as "movielens_100k".

    Raises:
        FileNotFoundError: If there is no such file; the message lists those
            that there are.

    Examples:
        >>> table = load("movielens_100k")
        >>> table["protocol"]["train_events"], table["protocol"]["test_events"]
        (75066, 24934)
    """
    file = files(__name__) / f"{name}.json"
    if not file.is_file():
        known = sorted(
            each.name.removesuffix(".json")
            for each in files(__name__).iterdir()
            if each.name.endswith(".json")
        )
        raise FileNotFoundError(f"name: no results {name!r}, there are {known}")
    return json.loads(file.read_text(encoding="utf-8"))
