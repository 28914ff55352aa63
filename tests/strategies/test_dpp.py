"""The determinantal point process against determinants computed outright."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_ref.ranking import Ranking
from recsys_ref.strategies.dpp import dpp, greedy_map


def objective(kernel, quality, chosen, weight):
    chosen = list(chosen)
    if not chosen:
        return 0.0
    sign, logdet = np.linalg.slogdet(kernel[np.ix_(chosen, chosen)])
    assert sign > 0
    return weight * quality[chosen].sum() + (1 - weight) * logdet


def naive(kernel, quality, k, weight):
    """Greedy as its definition says: try every item, compute every determinant."""
    chosen = []
    for _ in range(k):
        others = [i for i in range(len(kernel)) if i not in chosen]
        values = [objective(kernel, quality, [*chosen, i], weight) for i in others]
        chosen.append(others[int(np.argmax(values))])
    return chosen


def problem(seed, size=8, width=4):
    rng = np.random.default_rng(seed)
    unit = rng.normal(size=(size, width))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    kernel = 0.9 * (1 + unit @ unit.T) / 2
    np.fill_diagonal(kernel, 1.0)
    return kernel, rng.random(size)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), weight=st.floats(0, 1), k=st.integers(1, 8))
def test_it_picks_what_the_naive_greedy_picks(seed, weight, k):
    kernel, quality = problem(seed)
    places, added = greedy_map(kernel[None], quality[None], k, weight)
    assert places[0].tolist() == naive(kernel, quality, k, weight)
    total = objective(kernel, quality, places[0], weight)
    assert added[0].sum() == pytest.approx(total, abs=1e-9)


def test_it_is_near_the_best_set_and_never_above_it():
    short, random = [], []  # of the best set
    for seed in range(100):
        kernel, quality = problem(seed)
        best = max(
            objective(kernel, quality, chosen, 0.5)
            for chosen in combinations(range(8), 4)
        )
        places, _ = greedy_map(kernel[None], quality[None], 4, 0.5)
        short.append(best - objective(kernel, quality, places[0], 0.5))
        random.append(best - objective(kernel, quality, range(4), 0.5))
    assert min(short) >= -1e-12
    assert np.mean(short) < np.mean(random) / 10
    exact = np.sum(np.array(short) < 1e-12)
    assert 50 <= exact < 100, "often the best set, not always"


def test_users_do_not_disturb_each_other():
    problems = [problem(seed) for seed in range(5)]
    kernels, qualities = (np.array(part) for part in zip(*problems, strict=True))
    together, _ = greedy_map(kernels, qualities, 5, 0.4)
    for row, (kernel, quality) in zip(together, problems, strict=True):
        assert row.tolist() == naive(kernel, quality, 5, 0.4)


def test_what_may_not_be_chosen_is_not_and_a_used_up_direction_ends_the_list():
    kernel = np.ones((1, 3, 3))  # three times the same item
    places, added = greedy_map(kernel, np.array([[0.1, 0.3, 0.2]]), 3, 0.5)
    assert places.tolist() == [[1, -1, -1]]
    assert np.isnan(added[0, 1:]).all()
    places, _ = greedy_map(
        np.eye(3)[None], np.array([[0.1, -np.inf, 0.2]]), 3, weight=0.5
    )
    assert places.tolist() == [[2, 0, -1]]


def test_the_ridge_lets_two_of_a_kind_into_a_list():
    ranking = Ranking(np.array([0]), np.array([[0, 1, 2]]), np.array([[3.0, 2.9, 1.0]]))
    twins = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert dpp(ranking, twins, k=3, weight=0.5).items.tolist() == [[0, 2, 1]]
    # A ridge of 1: nothing is like anything else, and relevance decides.
    assert dpp(ranking, twins, k=3, weight=0.5, ridge=1.0).items.tolist() == [[0, 1, 2]]


def test_the_list_is_the_greedy_set_of_the_kernel_in_the_docstring():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(10, 4))
    scores = np.sort(rng.random(10))[::-1].astype(np.float32)
    ranking = Ranking(np.array([0]), np.arange(10)[None], scores[None])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kernel = 0.8 * (1 + unit @ unit.T) / 2
    np.fill_diagonal(kernel, 1.0)
    wanted = (scores - scores.min()).astype(float) / float(np.ptp(scores))
    ours = dpp(ranking, vectors, k=5, weight=0.3, ridge=0.2)
    assert ours.items[0].tolist() == naive(kernel, wanted, 5, 0.3)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"ridge: must be in \(0, 1\], got 0"):
        dpp(
            Ranking(np.array([0]), np.array([[0]]), np.ones((1, 1))), np.eye(1), ridge=0
        )
    with pytest.raises(ValueError, match=r"kernels: must have shape \(1, 2, 2\)"):
        greedy_map(np.eye(3)[None], np.ones((1, 2)), 1)
    with pytest.raises(ValueError, match="k: must be a whole number of at least 1"):
        greedy_map(np.eye(3)[None], np.ones((1, 3)), 0)
