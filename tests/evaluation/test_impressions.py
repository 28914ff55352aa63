"""MIND's metrics: against a plain loop and against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from recsys_ref.evaluation.impressions import (
    COLUMNS,
    evaluate_impressions,
    reciprocal_ranks,
)


def by_loop(scores, clicked):
    """Say the definitions once more, one page at a time; no two scores are equal."""
    ranked = [hit for _, hit in sorted(zip(scores, clicked, strict=True), reverse=True)]
    places = [place for place, hit in enumerate(ranked, 1) if hit]
    values = [sum(1 / place for place in places) / len(places)]
    for k in (5, 10):
        found = sum(1 / math.log2(place + 1) for place in places if place <= k)
        best = sum(1 / math.log2(p + 1) for p in range(1, min(len(places), k) + 1))
        values.append(found / best)
    return values


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(3)
    scores = [rng.random(n) for n in rng.integers(2, 40, size=300)]
    clicked = [rng.random(len(row)) < 0.2 for row in scores]
    return scores, clicked


def test_every_metric_is_that_of_a_plain_loop_and_of_scikit_learn(drawn):
    table = evaluate_impressions(*drawn)
    assert tuple(table) == COLUMNS
    some = 0
    for row, (scores, clicked) in enumerate(zip(*drawn, strict=True)):
        if not clicked.any():
            assert table.loc[row].isna().all()
            continue
        some += 1
        np.testing.assert_allclose(table.loc[row, "mrr":], by_loop(scores, clicked))
        if clicked.all():
            assert math.isnan(table.loc[row, "auc"])
            continue
        peers = [roc_auc_score(clicked, scores)]
        peers += [ndcg_score([clicked], [scores], k=k) for k in (5, 10)]
        np.testing.assert_allclose(table.loc[row, ["auc", "ndcg@5", "ndcg@10"]], peers)
    assert some > 250


def test_equal_scores_count_half_or_are_ordered_by_lot():
    clicked = [np.arange(4) == 2] * 4000
    table = evaluate_impressions([np.zeros(4)] * 4000, clicked, rng=5)
    assert (table.auc == 0.5).all()
    assert set(table.mrr.round(6)) == {1, 0.5, 0.333333, 0.25}
    assert table.mrr.mean() == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, abs=0.02)
    again = evaluate_impressions([np.zeros(4)] * 4000, clicked, rng=5)
    assert table.equals(again)


def test_a_pages_value_does_not_hang_on_its_neighbors(drawn):
    scores, clicked = drawn
    whole = evaluate_impressions(scores, clicked)
    alone = evaluate_impressions(scores[:20], clicked[:20])
    np.testing.assert_allclose(whole[:20], alone)


def test_mrr_counts_every_click_where_the_first_alone_is_usual():
    hits = np.array([[True, True, False]])
    assert reciprocal_ranks(hits, np.array([2])) == [0.75]
    assert np.isnan(reciprocal_ranks(hits & False, np.array([0]))).all()


def test_no_pages_make_an_empty_table():
    assert evaluate_impressions([], []).shape == (0, 4)


@pytest.mark.parametrize(
    ("scores", "clicked", "message"),
    [
        ([[1.0, 2.0]], [[True]], "got 2 in 1 pages and 1 in 1"),
        ([[1.0]], [], "got 1 in 1 pages and 0 in 0"),
        ([[1.0], []], [[True], []], "page 1 must not be empty"),
        ([[np.nan, 0.0]], [[True, False]], "must be finite"),
    ],
)
def test_what_does_not_pair_is_refused(scores, clicked, message):
    with pytest.raises(ValueError, match=message):
        evaluate_impressions(scores, clicked)
