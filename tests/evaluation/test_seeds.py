"""Several seeds: the spread of means, and users as the units."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.evaluation.evaluate import Evaluation
from recsys_ref.evaluation.seeds import over_seeds, pool_seeds
from recsys_ref.evaluation.significance import paired_bootstrap


def runs_of(*columns, users=None):
    return {
        seed: Evaluation(pd.DataFrame({"x": column}, index=users), n_unranked=seed)
        for seed, column in enumerate(columns)
    }


def test_the_spread_is_that_of_the_seeds_means():
    runs = runs_of([1.0, 3.0], [4.0, np.nan], [5.0, 7.0])
    row = over_seeds(runs).loc["x"]
    assert row["mean"] == np.mean([2, 4, 6])
    assert row["std"] == np.std([2, 4, 6], ddof=1)
    assert (row["min"], row["max"], row["seeds"]) == (2, 6, 3)


def test_one_seed_has_no_spread():
    assert np.isnan(over_seeds(runs_of([1.0, 3.0])).loc["x", "std"])


def test_pooling_averages_each_user_over_the_seeds_that_measured_him():
    pooled = pool_seeds(runs_of([1.0, np.nan, np.nan], [2.0, 5.0, np.nan]))
    assert pooled.per_user["x"].tolist()[:2] == [1.5, 5.0]
    assert np.isnan(pooled.per_user["x"][2])
    assert (pooled.n_users, pooled.n_measured, pooled.n_unranked) == (3, 2, 1)


def test_pooling_matches_users_by_name_and_not_by_place():
    first = runs_of([1.0, 2.0], users=[7, 3])[0]
    second = runs_of([10.0, 20.0], users=[3, 7])[0]
    pooled = pool_seeds({0: first, 1: second}).per_user
    assert pooled["x"].to_dict() == {3: 6.0, 7: 10.5}


def test_repeating_a_seed_does_not_narrow_the_interval():
    rng = np.random.default_rng(0)
    a, b = rng.random(80), rng.random(80)
    once = paired_bootstrap(a, b, rng=1)
    pooled = [
        pool_seeds(runs_of(*[values] * 5)).per_user["x"].to_numpy() for values in (a, b)
    ]
    repeated = paired_bootstrap(*pooled, rng=1)
    assert repeated.low == pytest.approx(once.low)
    assert repeated.high == pytest.approx(once.high)


@pytest.mark.parametrize("function", [over_seeds, pool_seeds])
def test_no_seed_is_refused(function):
    with pytest.raises(ValueError, match="need at least one seed"):
        function({})
