"""Item-kNN against scikit-learn, and against loops."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import cosine_similarity

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.item_knn import (
    DAY,
    ItemKNN,
    item_similarity,
    nearest_neighbours,
)


@pytest.fixture
def chosen():
    matrix = np.random.default_rng(1).random((40, 15)) < 0.3
    matrix[:, 7] = False  # an item that nobody chose
    return matrix


@pytest.fixture
def rated():
    """Events with repeats, ratings and two years of time stamps."""
    rng = np.random.default_rng(2)
    return Interactions.from_frame(
        pd.DataFrame(
            {
                "user_id": rng.integers(0, 20, 150),
                "item_id": rng.integers(0, 12, 150),
                "value": rng.integers(1, 6, 150),
                "timestamp": rng.integers(800_000_000, 860_000_000, 150),
            }
        )
    )


def test_cosine_is_that_of_scikit_learn(chosen):
    expected = cosine_similarity(chosen.T.astype(float))
    np.fill_diagonal(expected, 0)
    ours = item_similarity(csr_array(chosen), "cosine").toarray()
    np.testing.assert_allclose(ours, expected, atol=1e-12)


def test_jaccard_is_that_of_scikit_learn(chosen):
    expected = 1 - pairwise_distances(chosen.T, metric="jaccard")
    expected[7] = expected[:, 7] = 0  # 0 / 0, which scikit-learn calls alike
    np.fill_diagonal(expected, 0)
    ours = item_similarity(csr_array(chosen), "jaccard").toarray()
    np.testing.assert_allclose(ours, expected, atol=1e-12)


@pytest.mark.parametrize("shrinkage", [0.0, 7.5])
@pytest.mark.parametrize("name", ["cosine", "jaccard", "lift", "counts"])
def test_every_similarity_is_that_of_a_plain_loop(chosen, name, shrinkage):
    who = [set(np.flatnonzero(column).tolist()) for column in chosen.T]
    ours = item_similarity(csr_array(chosen * 3.0), name, shrinkage).toarray()
    for i, a in enumerate(who):
        for j, b in enumerate(who):
            both = len(a & b)
            if i == j or not both:
                assert ours[i, j] == 0
                continue
            value = {
                "cosine": both / (len(a) * len(b)) ** 0.5,
                "jaccard": both / len(a | b),
                "lift": both / (len(a) * len(b)),
                "counts": both,
            }[name]
            assert ours[i, j] == pytest.approx(value * both / (both + shrinkage))


@pytest.mark.parametrize("neighbours", [1, 3, 100])
def test_neighbours_are_the_largest_of_each_row_and_their_equals(neighbours):
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 5, (30, 12)).astype(float)  # many ties, some zeros
    ours = nearest_neighbours(csr_array(rows), neighbours).toarray()
    for row, kept in zip(rows, ours, strict=True):
        border = sorted(row[row > 0], reverse=True)[:neighbours][-1]
        assert kept.tolist() == [value if value >= border else 0 for value in row]


def test_the_neighbours_who_may_vote_are_those_of_the_item_scored():
    """Item 2's nearest is 1, though 1's nearest is 0."""
    pairs = [(u, i) for u in range(9) for i in (0, 1)] + [(0, 2), (1, 2), (1, 3)]
    table = Interactions.from_frame(pd.DataFrame(pairs, columns=["user_id", "item_id"]))
    weights = ItemKNN("counts", neighbours=1).fit(table).weights_.toarray()
    assert weights[1, 0] == weights[0, 1] == 9
    assert weights[0, 2] == weights[1, 2] == 2  # a tie: both are kept
    assert weights[2, 1] == weights[2, 0] == 0


@pytest.mark.parametrize("use_values", [False, True])
@pytest.mark.parametrize("half_life", [None, 90.0 * DAY])
def test_scores_are_those_of_a_plain_loop(rated, use_values, half_life):
    strategy = ItemKNN("jaccard", half_life=half_life, use_values=use_values)
    ours = strategy.fit(rated).score(np.arange(rated.n_users))
    similarity = item_similarity(rated.matrix(), "jaccard").toarray()
    last = max(rated.timestamp.tolist())
    affinity = np.zeros((rated.n_users, rated.n_items))
    for user, item, value, when in zip(
        rated.user, rated.item, rated.value, rated.timestamp, strict=True
    ):
        gain = value if use_values else 1.0
        if half_life is not None:
            gain *= 0.5 ** ((last - when) / half_life)
        if use_values or half_life is not None:
            affinity[user, item] += gain
        else:
            affinity[user, item] = 1.0
    for user in range(rated.n_users):
        for item in range(rated.n_items):
            votes = [
                affinity[user, other] * similarity[other, item]
                for other in range(rated.n_items)
            ]
            assert ours[user, item] == pytest.approx(sum(votes), rel=1e-5)


def test_an_event_one_half_life_before_the_last_counts_half():
    table = Interactions([0, 0], [0, 1], [4.0, 4.0], [0, 30 * DAY], [0], [0, 1])
    assert ItemKNN.sar().fit(table).affinity_.toarray().tolist() == [[2.0, 4.0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"similarity": "cosin"}, "similarity: must be one of .* got 'cosin'"),
        ({"shrinkage": -1.0}, "shrinkage: must be at least 0, got -1.0"),
        ({"shrinkage": float("nan")}, "shrinkage: must be at least 0, got nan"),
        ({"neighbours": 0}, "neighbours: must be a whole number of at least 1, got 0"),
        ({"neighbours": 2.5}, "neighbours: must be a whole number .* got 2.5"),
        ({"half_life": 0.0}, "half_life: must be > 0, got 0.0"),
    ],
)
def test_bad_hyperparameters_are_named(rated, arguments, message):
    with pytest.raises(ValueError, match=message):
        ItemKNN(**arguments).fit(rated)
