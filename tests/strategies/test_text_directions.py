"""Directions of item texts: what is centered, what stays zero."""

import numpy as np
import pytest

from recsys_ref.strategies.text_directions import text_directions


def test_rows_are_centered_over_the_items_with_a_text_and_have_length_one():
    vectors = np.random.default_rng(0).normal(size=(9, 4)) + 5
    vectors[6] = 0
    ours = text_directions(vectors, 9)
    told = np.delete(vectors, 6, axis=0)
    told = told - told.mean(axis=0)
    told /= np.linalg.norm(told, axis=1, keepdims=True)
    np.testing.assert_allclose(np.delete(ours, 6, axis=0), told, atol=1e-6)
    assert not ours[6].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_of_the_mean_is_no_direction(dtype):
    same = np.full((7, 3), 0.1, dtype=dtype)
    assert not text_directions(same, 7).any()


def test_what_was_given_is_left_alone():
    vectors = np.eye(3)
    text_directions(vectors, 3)
    assert (vectors == np.eye(3)).all()
