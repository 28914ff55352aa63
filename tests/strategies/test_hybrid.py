"""The hybrid of scores against a sum by hand."""

import numpy as np
import pytest

from recsys_ref.data.synthetic import checkerboard
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import Hybrid, blend
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity


@pytest.fixture
def board():
    return checkerboard(12, 10).train


def test_a_blend_is_the_weighted_sum_of_standard_scores():
    a, b = np.array([[1.0, 2.0, 6.0]]), np.array([[0.3, 0.3, 0.0]])
    wanted = 2 * (a - 3) / np.std(a) - 0.5 * (b - 0.2) / np.std(b)
    assert blend([a, b], [2.0, -0.5]) == pytest.approx(wanted, abs=1e-6)


def test_a_part_that_ranks_nothing_leaves_the_user_to_the_others():
    a, flat = np.array([[1.0, 2.0, 6.0]]), np.full((1, 3), 0.1)
    assert (blend([a, flat], [1.0, 9.0]) == blend([a], [1.0])).all()


def test_the_scale_of_a_part_changes_nothing(board):
    class Loud(EASE):
        def score(self, users):
            return 1000 * super().score(users) + 5

    users = np.arange(12)
    quiet = Hybrid([EASE(l2=1.0), Popularity()], [1.0, 0.3]).fit(board)
    loud = Hybrid([Loud(l2=1.0), Popularity()], [1.0, 0.3]).fit(board)
    assert loud.score(users) == pytest.approx(quiet.score(users), abs=1e-3)


def test_parts_of_one_unit_are_added_up_as_they_are(board):
    users = np.arange(12)
    plain = Hybrid([EASE(l2=1.0), Popularity()], [2.0, 0.3], standardize=False)
    wanted = 2 * EASE(l2=1.0).fit(board).score(users)
    wanted += 0.3 * Popularity().fit(board).score(users)
    found = plain.fit(board).score(users)
    assert found.dtype == np.float32
    assert found == pytest.approx(wanted, abs=1e-6)


def test_the_parts_given_stay_unfitted(board):
    parts = [EASE(l2=1.0), ItemKNN()]
    Hybrid(parts, [1.0, 1.0]).fit(board)
    with pytest.raises(RuntimeError, match="call fit first"):
        parts[0].score([0])


@pytest.mark.parametrize(
    ("parts", "weights", "message"),
    [
        ([], [], "at least one"),
        ([EASE()], [1.0, 2.0], r"one for each of the 1 parts .*got shape \(2,\)"),
        ([EASE()], [np.nan], "weights: must be finite"),
    ],
)
def test_bad_input_is_named(board, parts, weights, message):
    with pytest.raises(ValueError, match=message):
        Hybrid(parts, weights).fit(board)
