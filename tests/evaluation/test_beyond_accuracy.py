"""Reach, surprise, variety and bias against plain loops and scikit-learn."""

from itertools import combinations
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.metrics.pairwise import cosine_similarity

from recsys_ref.evaluation.beyond_accuracy import (
    attribute_coverage,
    coverage,
    gini,
    intra_list_diversity,
    mean_popularity,
    novelty,
    popularity_lift,
)
from recsys_ref.ranking import PADDING, Ranking, top_k

USERS, ITEMS = 7, 12
SEEDS = st.integers(0, 2**32 - 1)


def random_ranking(seed, k=5):
    """Lists of all lengths, the empty one included."""
    rng = np.random.default_rng(seed)
    seen = rng.random((USERS, ITEMS)) < rng.random((USERS, 1)) ** 0.3
    seen[0] = True
    ranking = top_k(rng.random((USERS, ITEMS)), k, excluded=csr_array(seen))
    return ranking, rng


def lists_of(ranking):
    return [[item for item in items if item != PADDING] for items in ranking.items]


def mean_or_nan(values):
    return sum(values) / len(values) if values else np.nan


@given(SEEDS)
def test_coverage_and_gini_are_those_of_a_plain_loop(seed):
    ranking, _ = random_ranking(seed)
    listed = [item for items in lists_of(ranking) for item in items]
    times = [listed.count(item) for item in range(ITEMS)]
    assert coverage(ranking, ITEMS) == pytest.approx(len(set(listed)) / ITEMS)
    if listed:  # half the mean difference of two distinct items, over the mean
        gaps = [abs(a - b) for a, b in combinations(times, 2)]
        expected = np.mean(gaps) / 2 / np.mean(times)
        assert gini(ranking, ITEMS) == pytest.approx(expected)
    else:
        assert np.isnan(gini(ranking, ITEMS))


def test_gini_runs_from_equal_to_one_item_for_all():
    everything = Ranking(np.arange(3), np.tile(np.arange(6), (3, 1)), None)
    one = Ranking(np.arange(3), np.zeros((3, 1), dtype=int), None)
    assert gini(everything, 6) == 0
    assert gini(one, 6) == pytest.approx(1)
    assert np.isnan(gini(one, 1))


@given(SEEDS)
def test_novelty_and_popularity_are_those_of_a_plain_loop(seed):
    ranking, rng = random_ranking(seed)
    popularity = rng.integers(1, 101, ITEMS)
    np.testing.assert_allclose(
        novelty(ranking, popularity, n_users=100),
        [
            mean_or_nan([-log2(popularity[item] / 100) for item in items])
            for items in lists_of(ranking)
        ],
        atol=1e-12,
    )
    np.testing.assert_allclose(
        mean_popularity(ranking, popularity),
        [mean_or_nan([popularity[i] for i in items]) for items in lists_of(ranking)],
    )


def test_an_item_nobody_chose_is_infinitely_novel():
    ranking = Ranking(np.arange(2), np.array([[0, 1], [1, 2]]), None)
    assert novelty(ranking, np.array([0, 4, 4]), n_users=4).tolist() == [np.inf, 0.0]


@given(SEEDS)
def test_diversity_is_one_minus_the_mean_cosine_of_scikit_learn(seed):
    ranking, rng = random_ranking(seed)
    vectors = rng.standard_normal((ITEMS, 3))
    cosine = cosine_similarity(vectors)
    expected = [
        1 - mean_or_nan([cosine[a, b] for a, b in combinations(items, 2)])
        for items in lists_of(ranking)
    ]
    np.testing.assert_allclose(
        intra_list_diversity(ranking, vectors), expected, atol=1e-9
    )


def test_only_a_listed_item_needs_a_direction():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    fine = Ranking(np.arange(1), np.array([[0, 1]]), None)
    assert intra_list_diversity(fine, vectors).tolist() == [1.0]
    lost = Ranking(np.arange(1), np.array([[0, 2]]), None)
    with pytest.raises(ValueError, match=r"got \[0. 0.\] for item 2"):
        intra_list_diversity(lost, vectors)


@given(SEEDS)
def test_lift_is_that_of_a_plain_loop(seed):
    ranking, rng = random_ranking(seed)
    popularity = rng.integers(1, 101, ITEMS)
    history = rng.random((USERS, ITEMS)) < rng.random((USERS, 1))
    listed, before = [], []
    for user, items in zip(ranking.users, lists_of(ranking), strict=True):
        if items and history[user].any():
            listed.append(np.mean([popularity[item] for item in items]))
            before.append(np.mean(popularity[history[user]]))
    lift = popularity_lift(ranking, popularity, csr_array(history))
    if listed:
        expected = (np.mean(listed) - np.mean(before)) / np.mean(before)
        assert lift == pytest.approx(expected)
    else:
        assert np.isnan(lift)


def test_recommending_the_history_has_no_lift():
    history = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 1]]))
    same = Ranking(np.array([1, 0]), np.array([[3, 2], [0, 1]]), None)
    assert popularity_lift(same, np.array([9, 5, 2, 1]), history) == 0
    assert np.isnan(popularity_lift(same, np.array([9, 5, 2, 1]), csr_array((2, 4))))


def test_what_does_not_fit_is_refused():
    ranking = Ranking(np.arange(1), np.array([[0, 5]]), None)
    for measure in (
        lambda: coverage(ranking, 5),
        lambda: gini(ranking, 5),
        lambda: novelty(ranking, np.ones(5), 1),
        lambda: mean_popularity(ranking, np.ones(5)),
        lambda: intra_list_diversity(ranking, np.ones((5, 2))),
    ):
        with pytest.raises(ValueError, match=r"ranking.items: must be in \[-1, 5\)"):
            measure()
    with pytest.raises(ValueError, match="n_items: must be at least 1, got 0"):
        coverage(ranking, 0)
    with pytest.raises(ValueError, match=r"popularity: must be in \[0, n_users=2\]"):
        novelty(ranking, np.full(6, 3), 2)


@given(SEEDS)
def test_attribute_coverage_is_that_of_a_plain_loop(seed):
    ranking, rng = random_ranking(seed)
    attributes = rng.random((ITEMS, 4)) < 0.3
    expected = [
        len({g for i in items for g in np.flatnonzero(attributes[i])}) / 4
        if items
        else np.nan
        for items in lists_of(ranking)
    ]
    np.testing.assert_allclose(attribute_coverage(ranking, attributes), expected)


def test_attributes_are_true_or_false_and_some():
    ranking, _ = random_ranking(0)
    for wrong in (np.ones((ITEMS, 2)), np.ones((ITEMS, 0), dtype=bool)):
        with pytest.raises(ValueError, match="attributes: must be bool"):
            attribute_coverage(ranking, wrong)
