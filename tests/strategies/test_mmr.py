"""MMR against a plain loop over one user's candidates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_ref.evaluation.beyond_accuracy import intra_list_diversity
from recsys_ref.ranking import Ranking, top_k
from recsys_ref.strategies.mmr import mmr


def plain(scores, vectors, k, weight):
    """Pick for one user, as the formula says it."""
    wanted = (scores - scores.min()) / (scores.max() - scores.min())
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = []
    for _ in range(k):
        best, best_value = None, -np.inf
        for i in range(len(scores)):
            if i in chosen:
                continue
            nearest = max(((1 + unit[i] @ unit[j]) / 2 for j in chosen), default=0.0)
            value = weight * wanted[i] - (1 - weight) * nearest
            if value > best_value:
                best, best_value = i, value
        chosen.append(best)
    return chosen


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), weight=st.floats(0, 1), k=st.integers(1, 8))
def test_it_picks_what_a_plain_loop_picks(seed, weight, k):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(12, 3))
    scores = np.sort(rng.normal(size=12))[::-1].astype(np.float32)
    ranking = Ranking(np.array([0]), np.arange(12)[None], scores[None])
    ours = mmr(ranking, vectors, k=k, weight=weight)
    assert ours.items[0].tolist() == plain(scores.astype(float), vectors, k, weight)


def test_more_weight_on_variety_gives_more_of_it():
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(200, 8))
    candidates = top_k(rng.normal(size=(40, 200)), 50)
    variety = [
        intra_list_diversity(mmr(candidates, vectors, weight=w), vectors).mean()
        for w in (1.0, 0.8, 0.5, 0.2)
    ]
    assert np.all(np.diff(variety) > 0)


def test_of_two_alike_only_one_is_shown_early():
    twins = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    ranking = Ranking(np.array([0]), np.array([[0, 1, 2]]), np.array([[3.0, 2.9, 1.0]]))
    assert mmr(ranking, twins, k=3, weight=0.3).items.tolist() == [[0, 2, 1]]
    # The border: 0.95 w - (1 - w) = 0 w - (1 - w) / 2, so w = 0.5 / 1.45.
    border = 0.5 / 1.45
    assert mmr(ranking, twins, k=2, weight=border + 0.01).items.tolist() == [[0, 1]]
    assert mmr(ranking, twins, k=2, weight=border - 0.01).items.tolist() == [[0, 2]]


def test_nan_is_no_weight():
    ranking = Ranking(np.array([0]), np.array([[0]]), np.array([[1.0]]))
    with pytest.raises(ValueError, match="weight"):
        mmr(ranking, np.eye(1), weight=float("nan"))
