"""Neighbours: against scikit-learn, and on ties."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from recsys_ref.content.neighbours import nearest


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)


@pytest.mark.parametrize("row", [0, 37])
def test_a_rows_neighbours_are_those_of_scikit_learn(vectors, row):
    peer = NearestNeighbors(n_neighbors=11, metric="cosine").fit(vectors)
    distance, item = peer.kneighbors(vectors[[row]])
    ours = nearest(vectors, row, k=10)
    assert ours["item"].tolist() == item[0, 1:].tolist()  # the first is the row
    np.testing.assert_allclose(ours["cosine"], 1 - distance[0, 1:], atol=1e-6)
    assert ours.index.tolist() == list(range(1, 11))


def test_a_vector_may_ask_and_its_length_does_not_matter(vectors):
    asked = nearest(vectors, 7.5 * vectors[3], k=4)
    assert asked["item"].iloc[0] == 3
    assert asked["cosine"].iloc[0] == pytest.approx(1)
    assert asked["item"].tolist()[1:] == nearest(vectors, 3, k=3)["item"].tolist()


def test_names_are_those_of_the_rows(vectors):
    names = [f"item {row}" for row in range(60)]
    table = nearest(vectors, 3, k=5, names=names)
    assert table["name"].tolist() == [names[row] for row in table["item"]]


def test_a_k_beyond_the_rows_lists_all_others(vectors):
    table = nearest(vectors, 3, k=100)
    assert sorted(table["item"]) == [row for row in range(60) if row != 3]
    assert len(nearest(vectors, vectors[3], k=100)) == 60
    assert len(nearest(vectors[:1], 0, k=5)) == 0


def test_equal_cosines_fall_by_the_seed_and_not_by_row():
    twins = np.tile([[0.3, 0.1, 0.7]], (41, 1)) * np.linspace(1, 3, 41)[:, None]
    twins = np.concatenate([twins.astype(np.float32)[:1].repeat(40, 0), [[0, 1, 0]]])
    lists = [tuple(nearest(twins, 40, k=5, rng=seed)["item"]) for seed in range(40)]
    assert lists[3] == tuple(nearest(twins, 40, k=5, rng=3)["item"])
    assert len(set(lists)) > 30
    assert np.mean(lists) == pytest.approx(19.5, abs=3)  # a lowest row would give 2


def test_a_vector_of_zeros_is_at_right_angles_to_all():
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]])
    table = nearest(vectors, 0, k=2)
    assert table["item"].tolist() == [1, 2]
    assert table["cosine"].tolist() == [0, -1]
    assert nearest(vectors, 1, k=2)["cosine"].tolist() == [0, 0]


def test_the_table_is_made_for_reading():
    table = nearest(np.eye(3), 0, k=1, names=["a", "b", "c"])
    assert list(table.columns) == ["item", "cosine", "name"]
    assert isinstance(table, pd.DataFrame)
    assert table.index.name == "rank"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"query": 60}, IndexError, r"query: must be in \[0, 60\), got 60"),
        ({"query": -1}, IndexError, r"query: must be in \[0, 60\), got -1"),
        ({"query": 1.5}, ValueError, "query: must be a row's number or a vector"),
        ({"query": np.ones(4)}, ValueError, "query: must have length 5, got 4"),
        ({"query": np.full(5, np.nan)}, ValueError, "query: must be finite, got nan"),
        ({"query": np.ones((2, 5))}, ValueError, "query: must have shape"),
        ({"query": 0, "k": 0}, ValueError, "k: must be a whole number"),
        ({"query": 0, "names": ["a"]}, ValueError, "names: must be 60, got 1"),
    ],
)
def test_bad_input_is_named(vectors, arguments, error, message):
    with pytest.raises(error, match=message):
        nearest(vectors, **arguments)
