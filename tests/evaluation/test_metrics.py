"""Metrics against a plain loop, against ranx, and against scikit-learn."""

import warnings
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.errors import NumbaTypeSafetyWarning
from ranx import Qrels, Run, evaluate
from scipy.sparse import csr_array
from sklearn.metrics import ndcg_score

from recsys_ref.evaluation import metrics
from recsys_ref.ranking import PADDING, Ranking, top_k

USERS, ITEMS = 8, 15


def random_case(seed, k, n_users=USERS):
    """Scores with ties, short lists, and users with nothing relevant."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, (n_users, ITEMS)) / 4
    seen = rng.random((n_users, ITEMS)) < rng.random((n_users, 1))
    relevant = ~seen & (rng.random((n_users, ITEMS)) < rng.random((n_users, 1)))
    relevant[rng.integers(n_users)] = False
    users = rng.permutation(n_users)
    ranking = top_k(scores, k, users=users, excluded=csr_array(seen), rng=seed)
    by_user = np.zeros_like(relevant)
    by_user[users] = relevant
    return ranking, csr_array(by_user.astype(float))


def loop_values(items, relevant, k):
    """Measure one list the way the definitions are said aloud."""
    if not relevant:
        return dict.fromkeys(LOOP_NAMES, np.nan)
    found, dcg, summed, first = 0, 0.0, 0.0, 0.0
    for rank, item in enumerate(items, start=1):
        if item in relevant:
            found += 1
            dcg += 1 / log2(rank + 1)
            summed += found / rank
            first = first or 1 / rank
    best = sum(1 / log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    return {
        "precision": found / k,
        "recall": found / len(relevant),
        "capped_recall": found / min(k, len(relevant)),
        "hit_rate": float(found > 0),
        "reciprocal_rank": first,
        "average_precision": summed / len(relevant),
        "average_precision_at_k": summed / min(k, len(relevant)),
        "ndcg": dcg / best,
    }


LOOP_NAMES = list(loop_values([], [1], 1))


def values_of(name, ranking, relevant):
    hits = metrics.hits(ranking, relevant)
    n_relevant = metrics.count_relevant(relevant, ranking.users)
    return getattr(metrics, name)(hits, n_relevant)


@given(st.integers(0, 2**32 - 1), st.integers(1, ITEMS + 3))
def test_every_metric_is_that_of_a_plain_loop(seed, k):
    ranking, relevant = random_case(seed, k)
    dense = relevant.toarray()
    expected = [
        loop_values(
            [item for item in items if item != PADDING],
            set(np.flatnonzero(dense[user]).tolist()),
            k,
        )
        for user, items in zip(ranking.users, ranking.items, strict=True)
    ]
    for name in LOOP_NAMES:
        np.testing.assert_allclose(
            values_of(name, ranking, relevant),
            [values[name] for values in expected],
            rtol=1e-12,
            err_msg=name,
        )


RANX_NAMES = {
    "precision": "precision",
    "recall": "recall",
    "hit_rate": "hit_rate",
    "reciprocal_rank": "mrr",
    "average_precision": "map",
    "ndcg": "ndcg",
}


def ranx_values(ranking, relevant, k):
    """Measure with ranx: it knows ids as strings and no empty query or list."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaTypeSafetyWarning)

        dense = relevant.toarray()
        qrels = Qrels(
            {
                str(user): {str(item): 1 for item in np.flatnonzero(dense[user])}
                for user in ranking.users
            }
        )
        run = Run(
            {
                str(user): {
                    str(item): float(len(items) - place)
                    for place, item in enumerate(items)
                    if item != PADDING
                }
                for user, items in zip(ranking.users, ranking.items, strict=True)
            }
        )
        names = [f"{name}@{k}" for name in RANX_NAMES.values()]
        evaluate(qrels, run, names)
    return {
        name: np.array([run.scores[f"{peer}@{k}"][str(user)] for user in ranking.users])
        for name, peer in RANX_NAMES.items()
    }


@pytest.mark.parametrize("k", [1, 4, 10])
def test_ranx_agrees_where_it_is_defined(k):
    ranking, relevant = random_case(seed=k, k=k, n_users=60)
    defined = metrics.count_relevant(relevant, ranking.users) > 0
    defined &= (ranking.items != PADDING).any(axis=1)
    ranking = Ranking(
        ranking.users[defined], ranking.items[defined], ranking.scores[defined]
    )
    assert (ranking.items == PADDING).any() or k == 1, "no short list was tested"
    for name, expected in ranx_values(ranking, relevant, k).items():
        np.testing.assert_allclose(
            values_of(name, ranking, relevant), expected, rtol=1e-6, err_msg=name
        )


@pytest.mark.parametrize("seed", range(5))
def test_ndcg_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.arange(ITEMS), (USERS, 1)), axis=1)
    relevant = rng.random((USERS, ITEMS)) < 0.3
    relevant[:, 0] = True
    ours = values_of("ndcg", top_k(scores, 6), csr_array(relevant))
    theirs = ndcg_score(relevant, scores, k=6)
    assert ours.mean() == pytest.approx(theirs, rel=1e-12)


def test_the_two_maps_and_the_two_recalls_differ_as_their_denominators_say():
    hits, n_relevant = np.array([[True, False, True]]), np.array([5])
    assert metrics.average_precision(hits, n_relevant) == pytest.approx((1 + 2 / 3) / 5)
    assert metrics.average_precision_at_k(hits, n_relevant) == pytest.approx(
        (1 + 2 / 3) / 3
    )
    assert metrics.recall(hits, n_relevant) == pytest.approx(2 / 5)
    assert metrics.capped_recall(hits, n_relevant) == pytest.approx(2 / 3)


def test_stored_zeros_and_repeated_cells_count_as_the_matrix_says():
    stored = csr_array(
        (np.array([1.0, 2.0, 0.0]), np.array([2, 2, 1]), np.array([0, 3])), shape=(1, 3)
    )
    assert stored.nnz == 3
    ranking = Ranking(np.array([0]), np.array([[1, 2, PADDING]]), np.zeros((1, 3)))
    assert metrics.hits(ranking, stored).tolist() == [[False, True, False]]
    assert metrics.count_relevant(stored, [0]).tolist() == [1]
    assert stored.nnz == 3, "the caller's matrix was changed"


def test_nobody_with_anything_relevant_gives_nan_for_all():
    ranking, _ = random_case(seed=1, k=3)
    nothing = csr_array((USERS, ITEMS))
    for name in LOOP_NAMES:
        assert np.isnan(values_of(name, ranking, nothing)).all(), name


@pytest.mark.parametrize(
    ("users", "items", "message"),
    [
        ([2], [[0, 1]], r"ranking.users: must be in \[0, 2\).*got 2"),
        ([0], [[0, 3]], r"ranking.items: must be in \[-1, 3\).*got 3"),
        ([0], [[0, -2]], r"ranking.items: must be in \[-1, 3\).*got -2"),
        ([1], [[2, 2]], "user 1 is offered item 2 twice"),
    ],
)
def test_a_ranking_that_does_not_fit_is_refused(users, items, message):
    ranking = Ranking(np.array(users), np.array(items), np.zeros((1, 2)))
    with pytest.raises(ValueError, match=message):
        metrics.hits(ranking, csr_array(np.ones((2, 3))))


@pytest.mark.parametrize(
    ("hits", "n_relevant", "message"),
    [
        (np.ones((1, 2)), np.array([2]), r"hits: must be bool\[B, K\]"),
        (np.ones(2, dtype=bool), np.array([2]), r"hits: must be bool\[B, K\]"),
        (np.ones((1, 2), dtype=bool), np.array([2, 2]), "n_relevant: must have shape"),
        (np.ones((1, 2), dtype=bool), np.array([1]), "at least the hits, got 1 for 2"),
    ],
)
@pytest.mark.parametrize("name", LOOP_NAMES)
def test_arrays_that_cannot_be_are_refused(name, hits, n_relevant, message):
    with pytest.raises(ValueError, match=message):
        getattr(metrics, name)(hits, n_relevant)
