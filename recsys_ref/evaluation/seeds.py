"""Several seeds: how much does the answer depend on the split?

An interval over users takes the split as given. Another split moves all users
at once, so it is repeated with several seeds: `over_seeds` shows the spread,
`pool_seeds` averages it away before users are compared.
"""

from collections.abc import Mapping

import pandas as pd

from recsys_ref.evaluation.evaluate import Evaluation


def over_seeds(evaluations: Mapping[int, Evaluation]) -> pd.DataFrame:
    """Summarise the means of several seeds, one row a metric.

    Args:
        evaluations: The evaluation of each seed.

    Returns:
        `mean`, `std` (divided by seeds - 1; NaN for one seed), `min` and `max`
        of the seeds' means, and `seeds`, how many have the metric.

    Raises:
        ValueError: If there are no evaluations.

    Examples:
        >>> runs = {
        ...     42: Evaluation(pd.DataFrame({"recall@2": [0.5, 0.25]})),
        ...     43: Evaluation(pd.DataFrame({"recall@2": [1.0, 0.75]})),
        ... }
        >>> over_seeds(runs).round(3)
                   mean    std    min    max  seeds
        recall@2  0.625  0.354  0.375  0.875      2
    """
    _check(evaluations)
    means = pd.DataFrame({seed: run.means() for seed, run in evaluations.items()})
    summary = means.T.agg(["mean", "std", "min", "max"]).T
    return summary.assign(seeds=means.notna().sum(axis=1))


def pool_seeds(evaluations: Mapping[int, Evaluation]) -> Evaluation:
    """Average each user's values over the seeds in which he has one.

    Two strategies pooled over the same seeds are compared by
    `paired_bootstrap` as ever. Users stay the units that are resampled: one
    user's values under several seeds are not independent, and counting them
    as if they were would make the interval too narrow.

    Args:
        evaluations: The evaluation of each seed.

    Returns:
        One row for each user of any seed, sorted; NaN where no seed has a
        value. `n_unranked` is the largest of any seed.

    Raises:
        ValueError: If there are no evaluations.

    Examples:
        >>> pooled = pool_seeds({
        ...     42: Evaluation(pd.DataFrame({"recall@2": [0.5, None]})),
        ...     43: Evaluation(pd.DataFrame({"recall@2": [1.0, 0.25]})),
        ... })
        >>> pooled.per_user["recall@2"].tolist()
        [0.75, 0.25]
    """
    _check(evaluations)
    stacked = pd.concat([run.per_user for run in evaluations.values()])
    return Evaluation(
        stacked.groupby(level=0).mean(),
        max(run.n_unranked for run in evaluations.values()),
    )


def _check(evaluations: Mapping[int, Evaluation]) -> None:
    if not evaluations:
        raise ValueError("evaluations: need at least one seed, got none")
