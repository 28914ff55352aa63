"""One place ranks: masks, ties, padding, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recsys_ref.ranking import PADDING, top_k


def loop_top_k(scores, k, excluded):
    """Rank by a plain loop; ties are reported as sets of equal score."""
    lists = []
    for row in range(len(scores)):
        left = [i for i in range(scores.shape[1]) if not excluded[row, i]]
        left.sort(key=lambda i: -scores[row, i])
        lists.append([scores[row, i] for i in left[:k]])
    return lists


@given(
    st.integers(1, 6), st.integers(1, 12), st.integers(1, 15), st.integers(0, 2**32 - 1)
)
def test_the_scores_of_each_list_are_those_of_a_plain_loop(users, items, k, seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, (users, items)).astype(np.float32)  # many ties
    excluded = rng.random((users, items)) < 0.4
    ranking = top_k(scores, k, excluded=csr_array(excluded), rng=seed)
    for row, expected in enumerate(loop_top_k(scores, k, excluded)):
        listed = ranking.items[row][ranking.items[row] != PADDING]
        assert len(set(listed.tolist())) == len(listed)
        assert not excluded[row, listed].any()
        assert scores[row, listed].tolist() == expected
        assert (ranking.items[row, len(expected) :] == PADDING).all()
        assert np.isnan(ranking.scores[row, len(expected) :]).all()


def test_ties_fall_evenly_and_not_by_item_id():
    scores = np.zeros((4000, 10))
    first = top_k(scores, 1, rng=3).items[:, 0]
    share = np.bincount(first, minlength=10) / 4000
    assert np.abs(share - 0.1).max() < 0.025, share


def test_a_users_ties_do_not_depend_on_the_others_in_the_batch():
    scores = np.zeros((5, 50))
    together = top_k(scores, 7, users=np.arange(5), rng=1).items
    alone = top_k(scores[:1], 7, users=np.array([3]), rng=1).items
    assert (together[3] == alone[0]).all()
    assert (together[2] != alone[0]).any()


def test_the_seed_and_a_generator_decide_ties():
    scores = np.zeros((1, 100))
    same = [top_k(scores, 10, rng=5).items.tolist() for _ in range(2)]
    assert same[0] == same[1]
    assert top_k(scores, 10, rng=6).items.tolist() != same[0]
    drawn = [
        top_k(scores, 10, rng=np.random.default_rng(9)).items.tolist() for _ in range(2)
    ]
    assert drawn[0] == drawn[1]


def test_only_candidates_are_offered():
    ranking = top_k(np.array([[5.0, 4.0, 3.0, 2.0]]), 3, candidates=np.array([3, 1]))
    assert ranking.items.tolist() == [[1, 3, PADDING]]


def test_head_keeps_the_first_places():
    ranking = top_k(np.array([[5.0, 4.0, 3.0]]), 3)
    assert ranking.head(2).items.tolist() == [[0, 1]]
    with pytest.raises(ValueError, match=r"k: must be in \[1, 3\], got 4"):
        ranking.head(4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": np.zeros(3), "k": 1}, r"scores: must have shape \[B, I\]"),
        ({"scores": np.zeros((1, 3)), "k": 0}, "k: must be a whole number"),
        ({"scores": np.zeros((1, 3)), "k": 1.5}, "k: must be a whole number"),
        (
            {"scores": np.array([[0.0, np.nan]]), "k": 1},
            "finite, got nan in row 0, item 1",
        ),
        ({"scores": np.array([[np.inf, 0.0]]), "k": 1}, "finite, got inf"),
        ({"scores": np.zeros((2, 3)), "k": 1, "users": np.arange(3)}, "users: must"),
        (
            {"scores": np.zeros((1, 3)), "k": 1, "candidates": np.array([3])},
            "candidates: every item",
        ),
        ({"scores": np.zeros((1, 3)), "k": 1, "rng": -1}, "rng: must be .* got -1"),
        ({"scores": np.zeros((1, 3)), "k": 1, "rng": None}, "rng: must .* got None"),
        (
            {"scores": np.zeros((1, 3)), "k": 1, "excluded": csr_array((1, 2))},
            "excluded: must have shape",
        ),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        top_k(arguments.pop("scores"), arguments.pop("k"), **arguments)
