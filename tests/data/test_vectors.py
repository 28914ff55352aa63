"""Vectors: what is refused, and lengths brought to 1."""

import numpy as np
import pytest

from recsys_ref.data.vectors import check_vectors, unit_rows


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_get_length_1_and_keep_their_direction_and_type(dtype, scale):
    vectors = np.random.default_rng(0).normal(size=(20, 7)).astype(dtype)
    units = unit_rows(vectors * dtype(scale))
    assert units.dtype == dtype
    for row, unit in zip(vectors.tolist(), units.tolist(), strict=True):
        length = sum(x * x for x in row) ** 0.5
        assert unit == pytest.approx([x / length for x in row], rel=1e-5)


def test_zeros_stay_zeros():
    assert unit_rows(np.zeros((2, 3))).tolist() == [[0.0] * 3] * 2
    assert unit_rows(np.zeros((0, 3))).shape == (0, 3)


def test_the_input_is_left_as_it_was():
    vectors = np.array([[3.0, 4.0]])
    unit_rows(vectors)
    assert vectors.tolist() == [[3.0, 4.0]]


def test_float32_passes_and_whole_numbers_become_float64():
    vectors = np.ones((2, 3), dtype=np.float32)
    assert check_vectors("v", vectors) is vectors
    assert check_vectors("v", [[1, 2]]).dtype == np.float64
    assert check_vectors("v", vectors.astype(np.float16)).dtype == np.float64


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.zeros(3), r"v: must have shape \[N, D\], D > 0, got \(3,\)"),
        (np.zeros((2, 0)), r"got \(2, 0\)"),
        (
            [[0.0, 1.0], [0.0, -np.inf]],
            "v: must be finite, got -inf in row 1, column 1",
        ),
        (np.array([["a"]]), "v: must be real numbers, got <U1"),
        (np.array([[1j]]), "v: must be real numbers, got complex128"),
        (np.array([[True]]), "v: must be real numbers, got bool"),
    ],
)
def test_what_is_no_array_of_vectors_is_named(vectors, message):
    with pytest.raises(ValueError, match=message):
        check_vectors("v", vectors)


def test_the_number_of_rows_is_checked_where_it_is_known():
    with pytest.raises(
        ValueError, match=r"v: must have shape \[4, D\], .* got \(5, 2\)"
    ):
        check_vectors("v", np.zeros((5, 2)), rows=4)
