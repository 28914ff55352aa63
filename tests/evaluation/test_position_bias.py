"""Position bias against plain loops and planted truth."""

import numpy as np
import pytest

from recsys_ref.evaluation.position_bias import (
    debias,
    examination_of_shuffled,
    item_means,
)

EXAMINATION = np.array([1.0, 0.6, 0.3])


def shown_at_random(n=60_000, seed=0):
    rng = np.random.default_rng(seed)
    attraction = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    items = rng.permuted(np.tile(np.arange(5), (n, 1)), axis=1)[:, :3]
    clicks = rng.random((n, 3)) < attraction[items] * EXAMINATION
    return attraction, items, clicks


def test_shuffled_lists_give_the_planted_examination():
    _, _, clicks = shown_at_random()
    np.testing.assert_allclose(examination_of_shuffled(clicks), EXAMINATION, atol=0.015)


def test_debiased_means_are_the_planted_attraction_wherever_an_item_stood():
    rng = np.random.default_rng(1)
    attraction = np.array([0.2, 0.5, 0.8])
    items = np.tile(np.arange(3), (40_000, 1))  # item 2 always last
    clicks = rng.random(items.shape) < attraction * EXAMINATION
    naive = item_means(items, clicks, 3)
    np.testing.assert_allclose(
        item_means(items, debias(clicks, EXAMINATION), 3), attraction, atol=0.02
    )
    np.testing.assert_allclose(naive, attraction * EXAMINATION, atol=0.02)
    assert naive.argmax() == 1, "raw clicks prefer what stands higher"


def test_the_variance_is_that_of_the_closed_form():
    rng = np.random.default_rng(2)
    clicks = rng.random((200_000, 1)) < 0.4 * 0.25
    p = 0.1
    values = debias(clicks, np.array([0.25]))
    assert values.var() == pytest.approx(p * (1 - p) / 0.25**2, rel=0.03)


def test_item_means_are_those_of_a_plain_loop():
    rng = np.random.default_rng(3)
    items, values = rng.integers(-1, 6, (40, 4)), rng.random((40, 4))
    for item, mean in enumerate(item_means(items, values, 7)):
        own = [
            v
            for row, line in zip(items, values, strict=True)
            for i, v in zip(row, line, strict=True)
            if i == item
        ]
        assert np.isnan(mean) if not own else mean == pytest.approx(np.mean(own))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: examination_of_shuffled(np.zeros((3, 2))), "a click in the first"),
        (lambda: examination_of_shuffled(np.ones(3)), r"got shape \(3,\)"),
        (lambda: debias(np.ones((3, 2)), [1.0]), "must have the K places"),
        (lambda: debias(np.ones((3, 2)), [1.0, 0.0]), r"must be in \(0, 1\]"),
        (lambda: item_means([[0]], [[1, 2]], 3), "must have the shape of items"),
        (lambda: item_means([[3]], [[1]], 3), r"items: must be in \[-1, 3\), got 3"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
