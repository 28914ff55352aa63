"""Blocks of a description: one size each, and what says nothing stays out."""

import numpy as np
import pytest

from recsys_ref.content.blocks import stack_blocks, year_bumps


@pytest.fixture
def blocks():
    rng = np.random.default_rng(0)
    return {"a": 50 + 9 * rng.normal(size=(20, 3)), "b": rng.normal(size=(20, 7))}


def test_mean_squared_distances_are_twice_the_weights(blocks):
    weights = {"a": 0.5, "b": 3.0}
    stacked = stack_blocks(blocks, weights)
    assert stacked.shape == (20, 10)
    for columns, weight in ((slice(0, 3), 0.5), (slice(3, 10), 3.0)):
        part = stacked[:, columns]
        total = sum(
            ((part[i] - part[j]) ** 2).sum() for i in range(20) for j in range(20)
        )
        assert total / 20**2 == pytest.approx(2 * weight)


def test_units_do_not_matter(blocks):
    other = {"a": blocks["a"] * 1000 + 5, "b": blocks["b"]}
    np.testing.assert_allclose(stack_blocks(other), stack_blocks(blocks), atol=1e-9)


def test_an_item_without_text_is_the_average_item_and_moves_no_other(blocks):
    without = np.vstack([blocks["a"], np.zeros((2, 3))])
    stacked = stack_blocks({"a": without})
    assert (stacked[20:] == 0).all()
    np.testing.assert_allclose(stacked[:20], stack_blocks({"a": blocks["a"]}))


@pytest.mark.parametrize(
    "block",
    [
        np.full((4, 3), 0.1, np.float32),
        np.zeros((4, 2)),
        np.array([[0.0], [0.0], [7.0], [0.0]]),
    ],
    ids=["constant", "zeros", "one text"],
)
def test_a_block_that_tells_no_items_apart_drops_out(block):
    assert (stack_blocks({"broken": block}) == 0).all()


def test_no_items_are_no_rows():
    assert stack_blocks({"a": np.zeros((0, 3))}).shape == (0, 3)


@pytest.mark.parametrize(
    ("blocks", "weights", "message"),
    [
        ({}, {}, "blocks: need at least one"),
        ({"a": np.ones((2, 1))}, {"b": 1.0}, r"weights: \['b'\] are no blocks"),
        ({"a": np.ones((2, 1))}, {"a": -1.0}, "'a' must be at least 0, got -1"),
        ({"a": np.ones((2, 1)), "b": np.ones((3, 1))}, {}, r"blocks\['b'\]"),
        ({"a": np.array([[np.nan]])}, {}, "must be finite, got nan"),
    ],
)
def test_what_is_wrong_is_named(blocks, weights, message):
    with pytest.raises(ValueError, match=message):
        stack_blocks(blocks, weights)


def test_a_year_is_near_its_neighbours_and_recent_years_are_told_apart():
    bumps = year_bumps(np.array([1930.0, 1931.0, 1995.0, 1997.0, np.nan]))
    assert (bumps[4] == 0).all()
    cosine = bumps[:4] @ bumps[:4].T
    cosine /= np.sqrt(np.outer(cosine.diagonal(), cosine.diagonal()))
    assert cosine[0, 1] > 0.95 > 0.1 > cosine[2, 3]


def test_unknown_years_alone_are_zeros():
    assert (year_bumps(np.array([np.nan, np.nan]), bumps=3) == 0).all()


@pytest.mark.parametrize(
    ("year", "options", "message"),
    [
        ([np.inf], {}, "year: must be"),
        ([[1990.0]], {}, "year: must be"),
        ([1990.0], {"bumps": 1}, "bumps: must be a whole number of at least 2"),
        ([1990.0], {"width": 0}, "width: must be a finite number > 0"),
    ],
)
def test_a_wrong_year_or_bump_is_named(year, options, message):
    with pytest.raises(ValueError, match=message):
        year_bumps(np.array(year), **options)
