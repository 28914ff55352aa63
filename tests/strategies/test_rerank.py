"""What re-rankers share: one scale, similarities, a new order."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from recsys_ref.ranking import PADDING, Ranking, top_k
from recsys_ref.strategies import rerank as module
from recsys_ref.strategies.dpp import dpp
from recsys_ref.strategies.mmr import mmr
from recsys_ref.strategies.rerank import relevance, rerank, similarity

BOTH = pytest.mark.parametrize("method", [mmr, dpp])


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(60, 5))


@pytest.fixture
def candidates():
    scores = np.random.default_rng(1).normal(size=(150, 60))
    return top_k(scores, 20)


def test_relevance_runs_from_one_to_zero_within_each_user(candidates):
    wanted = relevance(candidates)
    assert (wanted[:, 0] == 1).all()
    assert (wanted[:, -1] == 0).all()
    scores = candidates.scores.astype(float)
    by_hand = (scores - scores[:, -1:]) / (scores[:, :1] - scores[:, -1:])
    np.testing.assert_allclose(wanted, by_hand)


def test_equal_scores_are_all_zero_and_padding_is_never_wanted():
    ranking = Ranking(
        np.arange(2),
        np.array([[3, 4, -1], [-1, -1, -1]]),
        np.array([[2.0, 2.0, np.nan], [np.nan] * 3]),
    )
    inf = np.inf
    np.testing.assert_array_equal(relevance(ranking), [[0, 0, -inf], [-inf] * 3])


def test_similarity_is_half_of_one_plus_the_cosine_of_a_peer_library(vectors):
    items = np.array([[5, 9, 11], [0, 1, 2]])
    for row, alike in zip(items, similarity(vectors, items), strict=True):
        peer = (1 + cosine_similarity(vectors[row])) / 2
        np.testing.assert_allclose(alike, peer, atol=1e-12)
        assert np.linalg.eigvalsh(alike).min() > -1e-12


def test_no_direction_is_at_a_right_angle_to_everything_but_itself():
    alike = similarity(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0, 1]]))
    np.testing.assert_allclose(alike[0], [[1, 0.5], [0.5, 1]])


@BOTH
def test_relevance_alone_keeps_the_order_of_the_first_stage(
    method, vectors, candidates
):
    ours = method(candidates, vectors, k=7, weight=1.0)
    np.testing.assert_array_equal(ours.items, candidates.items[:, :7])


@BOTH
def test_one_users_list_does_not_depend_on_who_else_is_ranked(
    method, vectors, candidates
):
    assert len(candidates.users) > 2 * module.BATCH
    ours = method(candidates, vectors, k=5, weight=0.4)
    alone = method(
        Ranking(
            candidates.users[99:100],
            candidates.items[99:100],
            candidates.scores[99:100],
        ),
        vectors,
        k=5,
        weight=0.4,
    )
    np.testing.assert_array_equal(ours.items[99:100], alone.items)
    np.testing.assert_allclose(ours.scores[99:100], alone.scores, rtol=1e-5)


@BOTH
def test_scores_never_rise_along_a_list_and_items_are_distinct_candidates(
    method, vectors, candidates
):
    for weight in (0.0, 0.3, 0.8):
        ours = method(candidates, vectors, k=10, weight=weight)
        assert (np.diff(ours.scores, axis=1) <= 1e-6).all()
        for new, old in zip(ours.items, candidates.items, strict=True):
            assert len(set(new)) == 10
            assert set(new) <= set(old)


@BOTH
def test_the_units_of_scores_and_the_lengths_of_vectors_do_not_matter(
    method, vectors, candidates
):
    other = Ranking(candidates.users, candidates.items, 7 * candidates.scores - 3)
    a = method(candidates, vectors, k=6, weight=0.5)
    b = method(other, vectors * np.linspace(0.1, 9, 60)[:, None], k=6, weight=0.5)
    np.testing.assert_array_equal(a.items, b.items)


@BOTH
def test_short_lists_are_padded_and_no_users_give_no_lists(method, vectors):
    short = Ranking(
        np.arange(2),
        np.array([[3, 4, PADDING], [PADDING] * 3]),
        np.array([[2.0, 1.0, np.nan], [np.nan] * 3]),
    )
    ours = method(short, vectors, k=4)
    np.testing.assert_array_equal(np.sort(ours.items[0]), [-1, -1, 3, 4])
    assert (ours.items[1] == PADDING).all()
    assert (np.isnan(ours.scores) == (ours.items == PADDING)).all()
    nobody = Ranking(np.arange(0), np.zeros((0, 3), int), np.zeros((0, 3)))
    assert method(nobody, vectors, k=4).items.shape == (0, 4)


@BOTH
def test_wrong_arguments_are_named(method, vectors, candidates):
    with pytest.raises(ValueError, match=r"weight: must be in \[0, 1\], got 1.5"):
        method(candidates, vectors, weight=1.5)
    with pytest.raises(ValueError, match="k: must be a whole number of at least 1"):
        method(candidates, vectors, k=0)
    with pytest.raises(ValueError, match="vectors: must have a row for every"):
        method(candidates, vectors[:10])
    with pytest.raises(ValueError, match="vectors: must be finite"):
        method(candidates, np.where(vectors > 2, np.nan, vectors))
    broken = Ranking(candidates.users, candidates.items, candidates.scores * np.nan)
    with pytest.raises(ValueError, match=r"ranking\.scores: must be numbers"):
        method(broken, vectors)


def test_any_rule_may_pick():
    ranking = Ranking(np.array([8]), np.array([[5, 2, 9]]), np.array([[3.0, 2.0, 1.0]]))

    def last_first(wanted, alike):
        return np.array([[2, 0]]), np.array([[1.0, 0.5]])

    ours = rerank(ranking, np.eye(10), 2, last_first)
    assert ours.items.tolist() == [[9, 5]]
    assert ours.scores.tolist() == [[1.0, 0.5]]
