"""Evaluations: who is measured, what the means are over, side by side."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import METRICS, Evaluation, compare, evaluate
from recsys_ref.ranking import Ranking

RELEVANT = csr_array(np.array([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]]))
RANKING = Ranking(
    users=np.array([2, 0, 1]),
    items=np.array([[3, 0], [2, 1], [0, 1]]),
    scores=np.zeros((3, 2)),
)


def test_values_stand_under_their_user_and_metric():
    per_user = evaluate(RANKING, RELEVANT, k=[1, 2]).per_user
    assert per_user.index.tolist() == [2, 0, 1]
    assert per_user.index.name == "user"
    assert per_user["recall@1"].tolist()[:2] == [1.0, 0.0]
    assert per_user["recall@2"].tolist()[:2] == [1.0, 0.5]
    assert per_user["precision@2"].tolist()[:2] == [0.5, 0.5]
    assert per_user.loc[1].isna().all()
    assert len(per_user.columns) == 2 * len(METRICS)


def test_the_mean_is_over_measured_users_and_their_number_is_told():
    evaluation = evaluate(RANKING, RELEVANT, metrics=[metrics.recall])
    assert evaluation.means()["recall@2"] == 0.75
    assert (evaluation.n_users, evaluation.n_measured) == (3, 2)
    assert evaluation.n_unranked == 1  # user 3 has a relevant item and no list
    assert repr(evaluation) == (
        "Evaluation(2 of 3 users measured, 1 not ranked: recall@2 0.7500)"
    )
    table = evaluation.to_frame()
    assert table.loc["recall@2"].tolist() == [0.75, 2]


def test_cutting_a_list_is_the_same_as_asking_for_a_shorter_one():
    rng = np.random.default_rng(0)
    items = rng.permuted(np.tile(np.arange(20), (30, 1)), axis=1)
    ranking = Ranking(np.arange(30), items, np.zeros(items.shape))
    relevant = csr_array(rng.random((30, 20)) < 0.2)
    cut = evaluate(ranking, relevant, k=5).per_user
    short = evaluate(ranking.head(5), relevant).per_user
    pd.testing.assert_frame_equal(cut, short)


def test_a_metric_of_ones_own_is_a_function():
    def misses(hits, n_relevant):
        return n_relevant - hits.sum(axis=1) + 0.0

    evaluation = evaluate(RANKING, RELEVANT, metrics=[misses])
    assert evaluation.per_user["misses@2"].tolist() == [0.0, 1.0, 0.0]


def test_comparison_keeps_the_order_and_fills_what_is_missing_with_nan():
    one = Evaluation(pd.DataFrame({"x": [1.0, 3.0]}))
    two = Evaluation(pd.DataFrame({"x": [0.0], "y": [5.0]}))
    table = compare({"b": one, "a": two})
    assert table.index.tolist() == ["b", "a"]
    assert table["x"].tolist() == [2.0, 0.0]
    assert np.isnan(table.loc["b", "y"])
    assert table["users"].tolist() == [2, 1]


@pytest.mark.parametrize("k", [0, 3, [1, 3]])
def test_a_length_that_the_lists_do_not_have_is_refused(k):
    with pytest.raises(ValueError, match=r"k: must be in \[1, 2\]"):
        evaluate(RANKING, RELEVANT, k=k)


def test_a_user_ranked_twice_is_refused():
    twice = Ranking(np.array([0, 0]), np.array([[1], [2]]), np.zeros((2, 1)))
    with pytest.raises(ValueError, match="must be distinct, got 0 twice"):
        evaluate(twice, RELEVANT)
