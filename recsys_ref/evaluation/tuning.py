"""Hyperparameter search on validation data alone.

A search sees nothing but hyperparameters and the values that the objective
returns; it takes no data, so no test set can be passed to it. The objective
is to be built by a function that is given the training and the validation
part and nothing else:

    def objective_for(train, validation):
        def objective(l2):
            ranking = EASE(l2=l2).fit(train).recommend(users, k=10)
            return evaluate(ranking, validation.matrix()).per_user["ndcg@10"]

        return objective

    search = grid_search(objective_for(train, validation), {"l2": [100, 300, 900]})

Then fit once more, with `search.best`, on train and validation together, and
measure on the test part, once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import pandas as pd
from tqdm import tqdm

Objective = Callable[..., np.ndarray]
Space = Mapping[str, Sequence]


@dataclass(frozen=True, eq=False, repr=False)
class Search:
    """What was tried, and what was best.

    Attributes:
        trials: One row a trial, in order: the hyperparameters, `mean` of the
            users' values, and `users`, how many it is over.
        best: The hyperparameters of the highest mean; of the first, if
            several reach it.
    """

    trials: pd.DataFrame
    best: dict[str, object]

    @property
    def best_mean(self) -> float:
        """The highest mean; chosen for being high, so the test mean will be lower."""
        return float(self.trials["mean"].max())

    def __repr__(self) -> str:
        return (
            f"Search(best of {len(self.trials)} trials: {self.best}, "
            f"validation mean {self.best_mean:.4f})"
        )


def grid_search(objective: Objective, space: Space, *, progress: bool = True) -> Search:
    """Try every combination.

    Args:
        objective: Called with one value for each hyperparameter, by name.
            Returns `float64[U]`, a value for each validation user; higher is
            better, NaN where undefined. It must define the same users each
            time, or means would not compare.
        space: The values to try of each hyperparameter. The last varies
            fastest.
        progress: Whether to show a progress bar (on standard error).

    Raises:
        ValueError: If there is nothing to try, no user has a value, or the
            users that have one change from trial to trial.
        Exception: What a trial raises ends the search, with a note that says
            which hyperparameters did it. A search that skips failures would
            not be over the space that it claims.

    Examples:
        >>> def objective(l2, half_life):
        ...     return np.array([1.0, 0.5, np.nan]) / l2 + half_life
        >>> space = {"l2": [2, 1], "half_life": [0.0, 0.25]}
        >>> search = grid_search(objective, space, progress=False)
        >>> search
        Search(best of 4 trials: {'l2': 1, 'half_life': 0.25}, validation mean 1.0000)
        >>> search.trials
           l2  half_life   mean  users
        0   2       0.00  0.375      2
        1   2       0.25  0.625      2
        2   1       0.00  0.750      2
        3   1       0.25  1.000      2
    """
    grid = [
        dict(zip(space, values, strict=True)) for values in product(*space.values())
    ]
    return _search(objective, grid, progress)


def random_search(
    objective: Objective,
    space: Space,
    n_trials: int,
    *,
    rng: np.random.Generator | int,
    progress: bool = True,
) -> Search:
    """Try some combinations of a grid, drawn without replacement.

    Args:
        objective: As for `grid_search`.
        space: As for `grid_search`.
        n_trials: How many to try, at least 1 and at most the whole grid.
        rng: Seed of the draw.
        progress: Whether to show a progress bar (on standard error).

    Raises:
        ValueError: As `grid_search`, or if `n_trials` is out of range.

    References:
        Bergstra and Bengio (2012), https://jmlr.org/papers/v13/bergstra12a.html

    Examples:
        >>> def objective(a, b):
        ...     return np.array([a * b])
        >>> space = {"a": range(100), "b": range(100)}
        >>> len(random_search(objective, space, 5, rng=0, progress=False).trials)
        5
    """
    size = prod(len(values) for values in space.values())
    if not 1 <= n_trials <= size:
        raise ValueError(f"n_trials: must be in [1, {size}], got {n_trials}")
    drawn = np.random.default_rng(rng).choice(size, n_trials, replace=False)
    shape = [len(values) for values in space.values()]
    places = zip(*np.unravel_index(drawn, shape), strict=True)
    some = [
        {
            name: values[place]
            for (name, values), place in zip(space.items(), row, strict=True)
        }
        for row in places
    ]
    return _search(objective, some, progress)


def _search(
    objective: Objective, candidates: list[dict[str, object]], progress: bool
) -> Search:
    rows, defined = [], None
    for parameters in tqdm(candidates, desc="trials", disable=not progress):
        try:
            values = np.asarray(objective(**parameters), dtype=np.float64)
            if defined is None:
                defined = ~np.isnan(values)
            _check(values, defined)
        except Exception as error:
            error.add_note(f"in the trial of {parameters}")
            raise
        rows.append(
            {**parameters, "mean": values[defined].mean(), "users": defined.sum()}
        )
    if not rows:
        raise ValueError("space: must hold at least one combination, got none")
    trials = pd.DataFrame(rows)
    return Search(trials, candidates[int(trials["mean"].argmax())])


def _check(values: np.ndarray, defined: np.ndarray) -> None:
    if values.ndim != 1 or not defined.any():
        raise ValueError(
            "objective: must return float64[U] with a value for some user, "
            f"got {values!r}"
        )
    if not np.array_equal(~np.isnan(values), defined):
        raise ValueError(
            "objective: must define the same users in every trial, got "
            f"{(~np.isnan(values)).sum()} of {len(values)} after "
            f"{defined.sum()} of {len(defined)}"
        )
