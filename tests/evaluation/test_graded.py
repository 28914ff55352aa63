"""nDCG with gains against a peer library, and against nDCG without."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import ndcg_score

from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.graded import graded_ndcg
from recsys_ref.ranking import Ranking, top_k


@pytest.fixture
def gains():
    rng = np.random.default_rng(0)
    return rng.integers(0, 4, size=(30, 40)) * (rng.random((30, 40)) < 0.3)


@pytest.fixture
def scores():
    return np.random.default_rng(1).normal(size=(30, 40))


def test_it_is_the_value_of_a_peer_library(gains, scores):
    ours = graded_ndcg(top_k(scores, 10), csr_array(gains))
    peer = [
        ndcg_score(g[None], s[None], k=10) for g, s in zip(gains, scores, strict=True)
    ]
    np.testing.assert_allclose(ours, peer)


def test_gains_of_one_give_the_binary_metric(gains, scores):
    ranking, relevant = top_k(scores, 10), csr_array((gains > 0).astype(float))
    hits = metrics.hits(ranking, relevant)
    plain = metrics.ndcg(hits, metrics.count_relevant(relevant, ranking.users))
    np.testing.assert_allclose(graded_ndcg(ranking, relevant), plain)
    np.testing.assert_allclose(graded_ndcg(ranking, relevant * 7), plain)


def test_padding_gains_nothing_and_no_gain_is_undefined():
    ranking = Ranking(np.arange(2), np.array([[1, -1], [0, 1]]), None)
    values = graded_ndcg(ranking, csr_array(np.array([[2.0, 5.0], [0.0, 0.0]])))
    assert values[0] == pytest.approx(5 / (5 + 2 / np.log2(3)))
    assert np.isnan(values[1])


def test_wrong_arguments_are_named():
    ranking = Ranking(np.array([0]), np.array([[1]]), None)
    with pytest.raises(ValueError, match="gains: must be finite and not negative"):
        graded_ndcg(ranking, csr_array(np.array([[0.0, -1.0]])))
    with pytest.raises(ValueError, match=r"ranking\.items: must be below 1"):
        graded_ndcg(ranking, csr_array(np.array([[2.0]])))
