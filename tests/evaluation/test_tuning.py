"""A search tries all it says, keeps the best, and stops at a failure."""

from itertools import product

import numpy as np
import pytest

from recsys_ref.evaluation.tuning import grid_search, random_search

SPACE = {"a": [3, 1, 2], "b": [0.5, 0.25]}


def test_every_combination_is_tried_once_in_order_and_the_best_kept():
    calls = []

    def objective(a, b):
        calls.append((a, b))
        return np.array([a * b, np.nan, a * b + 1])

    search = grid_search(objective, SPACE, progress=False)
    assert calls == list(product(*SPACE.values()))
    assert search.trials["mean"].tolist() == [a * b + 0.5 for a, b in calls]
    assert (search.trials["users"] == 2).all()
    assert search.best == {"a": 3, "b": 0.5}
    assert search.best_mean == 2.0


def test_a_tie_goes_to_the_first():
    search = grid_search(lambda a, b: np.ones(3), SPACE, progress=False)
    assert search.best == {"a": 3, "b": 0.5}


def test_hyperparameters_keep_their_types():
    space = {"n": [5], "name": ["cosine"], "nothing": [None]}
    search = grid_search(lambda **given: np.ones(1), space, progress=False)
    assert search.best == {"n": 5, "name": "cosine", "nothing": None}
    assert type(search.best["n"]) is int


def test_a_failing_trial_ends_the_search_and_is_named():
    def objective(a, b):
        if a == 1:
            raise RuntimeError("singular matrix")
        return np.ones(2)

    with pytest.raises(RuntimeError, match="singular matrix") as caught:
        grid_search(objective, SPACE, progress=False)
    assert caught.value.__notes__ == ["in the trial of {'a': 1, 'b': 0.5}"]


def test_trials_over_different_users_are_refused():
    def objective(a, b):
        return np.array([1.0, np.nan if a == 1 else 1.0])

    with pytest.raises(
        ValueError, match="same users in every trial, got 1 of 2 after 2"
    ):
        grid_search(objective, SPACE, progress=False)


@pytest.mark.parametrize("values", [0.5, [], [np.nan], [[1.0]]])
def test_an_objective_without_values_per_user_is_refused(values):
    with pytest.raises(ValueError, match=r"objective: must return float64\[U\]"):
        grid_search(lambda a, b: np.array(values), SPACE, progress=False)


def test_nothing_to_try_is_refused():
    with pytest.raises(ValueError, match="space: must hold at least one combination"):
        grid_search(lambda a: np.ones(1), {"a": []}, progress=False)


def test_random_search_draws_distinct_combinations_of_the_grid():
    def objective(a, b):
        return np.array([a * b])

    search = random_search(objective, SPACE, 6, rng=0, progress=False)
    tried = list(search.trials[["a", "b"]].itertuples(index=False, name=None))
    assert sorted(tried) == sorted(product(*SPACE.values()))
    assert tried != list(product(*SPACE.values()))
    same = random_search(objective, SPACE, 6, rng=0, progress=False)
    assert same.trials.equals(search.trials)
    assert len(random_search(objective, SPACE, 2, rng=1, progress=False).trials) == 2


@pytest.mark.parametrize("n_trials", [0, 7])
def test_more_trials_than_the_grid_holds_are_refused(n_trials):
    with pytest.raises(ValueError, match=r"n_trials: must be in \[1, 6\]"):
        random_search(lambda a, b: np.ones(1), SPACE, n_trials, rng=0)


def test_progress_goes_to_standard_error_or_nowhere(capsys):
    grid_search(lambda a, b: np.ones(1), SPACE)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "6/6" in shown.err
    grid_search(lambda a, b: np.ones(1), SPACE, progress=False)
    assert capsys.readouterr().err == ""
