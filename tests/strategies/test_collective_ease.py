"""Collective EASE against EASE on a table with the texts stacked below."""

import tracemalloc

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies import collective_ease
from recsys_ref.strategies.collective_ease import CollectiveEASE
from recsys_ref.strategies.ease import EASE, ease_weights
from recsys_ref.strategies.text_directions import text_directions


@pytest.fixture
def matrix():
    return (np.random.default_rng(0).random((30, 8)) < 0.3).astype(float)


@pytest.fixture
def table(matrix):
    user, item = matrix.nonzero()
    ones = np.ones(len(user))
    return Interactions(user, item, ones, 0 * ones, range(30), range(8))


def test_it_is_ease_on_the_stacked_table(matrix, table, monkeypatch):
    vectors = np.random.default_rng(1).normal(size=(8, 5))
    vectors[3] = 0
    texts = text_directions(vectors, 8)
    stacked = np.vstack([matrix, np.sqrt(2.5) * texts.T])
    wanted = ease_weights(stacked, 3.0)
    for block in (3, 256):
        monkeypatch.setattr(collective_ease, "BLOCK", block)
        ours = CollectiveEASE(vectors, text=2.5, l2=3.0).fit(table).weights_
        np.testing.assert_allclose(ours, wanted, atol=2e-6)


@pytest.mark.parametrize(("value", "text"), [(0.0, 30.0), (0.1, 30.0), (None, 0.0)])
def test_without_a_text_that_tells_items_apart_it_is_ease(table, value, text):
    vectors = np.eye(8) if value is None else np.full((8, 3), value)
    ours = CollectiveEASE(vectors, text=text, l2=2.0).fit(table).weights_
    assert (ours == EASE(l2=2.0).fit(table).weights_).all()


def test_20_000_items_are_refused_before_memory_is_taken():
    table = Interactions([0], [7], [1.0], [0], [0], range(20_000))
    vectors = np.zeros((20_000, 1), dtype=np.float32)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"20,000 items need .*1,600,000,000 bytes"):
        CollectiveEASE(vectors).fit(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": -1.0}, "text: must be a finite number >= 0, got -1.0"),
        ({"l2": 0.0}, "l2: must be a finite number > 0"),
        ({"item_vectors": np.ones((7, 2))}, r"item_vectors: must have shape \[8, D\]"),
        ({"item_vectors": np.full((8, 2), np.inf)}, "item_vectors: must be finite"),
    ],
)
def test_bad_input_is_named(table, options, message):
    given = {"item_vectors": np.eye(8)} | options
    with pytest.raises(ValueError, match=message):
        CollectiveEASE(**given).fit(table)
