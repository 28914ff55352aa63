"""The learned map on tables where the texts tell all, or nothing."""

import numpy as np
import pytest

from recsys_ref.data.synthetic import checkerboard
from recsys_ref.strategies.alpharec import AlphaRec

SMALL = {"factors": 4, "hidden": 8, "steps": 60, "learning_rate": 0.03}


@pytest.fixture
def board():
    return checkerboard(12, 10).train


def vectors():
    """Put the color, which is what counts, among noise that does not."""
    rng = np.random.default_rng(0)
    return np.c_[np.arange(10) % 2, 3 * rng.normal(size=(10, 4))]


def test_it_learns_which_part_of_a_text_counts(board):
    model = AlphaRec(vectors(), **SMALL).fit(board)
    alike = model.item_factors_ @ model.item_factors_.T
    same = np.add.outer(np.arange(10), np.arange(10)) % 2 == 0
    assert alike[same].min() > alike[~same].max()


def test_a_score_is_the_cosine_with_the_mean_of_the_history(board):
    model = AlphaRec(vectors(), **SMALL).fit(board)
    mean = model.item_factors_[board.item[board.user == 2]].mean(axis=0)
    for item, score in enumerate(model.score([2])[0]):
        other = model.item_factors_[item]
        wanted = mean @ other / np.linalg.norm(mean) / np.linalg.norm(other)
        assert score == pytest.approx(wanted, abs=1e-6)


def test_the_seed_decides_the_map(board):
    one, again, other = (
        AlphaRec(vectors(), **SMALL, rng=seed).fit(board).item_factors_
        for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert (one != other).any()


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_texts_that_tell_nothing_apart_score_nothing(board, value):
    model = AlphaRec(np.full((10, 3), value), **SMALL).fit(board)
    assert (model.score(np.arange(12)) == 0).all()


def test_an_item_without_a_text_is_scored_zero_and_counts_for_nothing(board):
    given = vectors()
    given[4] = 0
    model = AlphaRec(given, **SMALL).fit(board)
    assert (model.score(np.arange(12))[:, 4] == 0).all()
    assert (model.item_factors_[4] == 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factors": 0}, "factors: must be"),
        ({"steps": 1.5}, "steps: must be"),
        ({"temperature": 0.0}, "temperature: must be a finite number > 0, got 0.0"),
        ({"learning_rate": np.inf}, "learning_rate: must be a finite number > 0"),
        ({"item_vectors": np.ones((7, 2))}, r"item_vectors: must have shape \[10, D\]"),
        ({"item_vectors": np.full((10, 2), np.nan)}, "item_vectors: must be finite"),
    ],
)
def test_bad_input_is_named(board, options, message):
    given = {"item_vectors": vectors()} | options
    with pytest.raises(ValueError, match=message):
        AlphaRec(**given).fit(board)
