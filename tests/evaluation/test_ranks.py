"""AUC and ranks against scikit-learn, plain loops, and drawing by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import hypergeom
from sklearn.metrics import roc_auc_score

from recsys_ref.evaluation.ranks import auc, ranks

USERS, ITEMS = 6, 15
SEEDS = st.integers(0, 2**32 - 1)


def random_case(seed, n_values=4):
    """Scores with ties; users with nothing relevant, or nothing else."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, n_values, (USERS, ITEMS)) / 2
    relevant = rng.random((USERS, ITEMS)) < rng.random((USERS, 1))
    seen = rng.random((USERS, ITEMS)) < 0.3
    relevant[0] = False
    relevant[1] = True
    return scores, relevant, seen


@given(SEEDS)
def test_auc_is_that_of_scikit_learn(seed):
    scores, relevant, seen = random_case(seed)
    expected = []
    for row in range(USERS):
        judged = relevant[row] | ~seen[row]
        if len(set(relevant[row, judged].tolist())) == 2:
            expected.append(roc_auc_score(relevant[row, judged], scores[row, judged]))
        else:
            expected.append(np.nan)
    ours = auc(scores, csr_array(relevant), csr_array(seen))
    np.testing.assert_allclose(ours, expected, rtol=1e-12)
    assert np.isnan(ours[:2]).all()


@given(SEEDS)
def test_the_full_rank_is_one_plus_the_negatives_that_score_higher(seed):
    scores, relevant, seen = random_case(seed, n_values=10**9)  # no ties
    table = ranks(scores, csr_array(relevant), csr_array(seen), rng=0)
    expected = [
        (row, item, 1 + sum(scores[row, n] > scores[row, item] for n in negatives))
        for row in range(USERS)
        for negatives in [np.flatnonzero(~relevant[row] & ~seen[row])]
        for item in np.flatnonzero(relevant[row])
    ]
    assert list(table[["user", "item", "rank"]].itertuples(index=False)) == expected


def test_a_tie_takes_every_place_equally_often():
    scores = np.zeros((3000, 5))
    relevant = csr_array(np.tile([0, 0, 1, 0, 0], (3000, 1)))
    drawn = ranks(scores, relevant, rng=0)["rank"]
    share = np.bincount(drawn, minlength=6)[1:] / 3000
    assert np.abs(share - 0.2).max() < 0.03, share


def test_sampled_ranks_are_as_if_negatives_were_drawn():
    rng = np.random.default_rng(0)
    scores = np.round(rng.random(60), 1)  # with ties
    relevant = np.zeros(60, dtype=bool)
    relevant[7] = True
    by_hand = []
    for _ in range(4000):
        drawn = rng.choice(np.flatnonzero(~relevant), 12, replace=False)
        luck = rng.random(60)
        above = (scores[drawn] > scores[7]) | (
            (scores[drawn] == scores[7]) & (luck[drawn] > luck[7])
        )
        by_hand.append(1 + above.sum())
    ours = ranks(
        np.tile(scores, (4000, 1)),
        csr_array(np.tile(relevant, (4000, 1))),
        n_negatives=12,
        rng=1,
    )["rank"]
    longest = max(max(by_hand), ours.max()) + 1
    shares = [np.bincount(drawn, minlength=longest) / 4000 for drawn in (ours, by_hand)]
    assert np.abs(shares[0] - shares[1]).max() < 0.04


def test_the_law_of_a_sampled_rank_is_hypergeometric_in_the_full_rank():
    scores = np.tile(np.arange(101.0), (5000, 1))
    relevant = csr_array(scores == 70)  # 30 of 100 negatives score higher
    drawn = ranks(scores, relevant, n_negatives=10, rng=2)
    assert (drawn["n_negatives"] == 10).all()
    share = np.bincount(drawn["rank"] - 1, minlength=11) / 5000
    expected = hypergeom(100, 30, 10).pmf(np.arange(11))
    assert np.abs(share - expected).max() < 0.025


def test_all_negatives_sampled_is_the_full_rank():
    scores, relevant = np.random.default_rng(3).random((4, 9)), np.eye(4, 9)
    full = ranks(scores, csr_array(relevant), rng=0)
    sampled = ranks(scores, csr_array(relevant), n_negatives=8, rng=0)
    assert full.equals(sampled)
    assert (full["n_negatives"] == 8).all()


def test_rows_carry_the_names_of_their_users_and_one_seed_one_answer():
    scores, relevant, seen = random_case(5)
    arguments = (scores, csr_array(relevant), csr_array(seen))
    named = ranks(*arguments, users=np.arange(6) + 40, rng=7)
    assert set(named["user"]) == set(np.flatnonzero(relevant.any(axis=1)) + 40)
    again = ranks(*arguments, users=np.arange(6) + 40, rng=np.random.default_rng(7))
    assert named.equals(again)
    assert not named.equals(ranks(*arguments, users=np.arange(6) + 40, rng=8))


def test_nobody_to_rank_gives_an_empty_table():
    table = ranks(np.zeros((2, 3)), csr_array((2, 3)), rng=0)
    assert len(table) == 0
    assert list(table) == ["user", "item", "rank", "n_negatives"]
    assert len(ranks(np.zeros((0, 3)), csr_array((0, 3)), n_negatives=5, rng=0)) == 0
    assert auc(np.zeros((0, 3)), csr_array((0, 3))).shape == (0,)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scores": np.zeros(3)}, r"scores: must be finite \[B, I\], got shape \(3,\)"),
        ({"scores": np.array([[0.0, np.nan, 1.0]])}, "scores: must be finite"),
        ({"relevant": csr_array((1, 4))}, r"relevant: must have shape \(1, 3\)"),
        ({"seen": csr_array((2, 3))}, r"seen: must have shape \(1, 3\)"),
        ({"users": np.arange(2)}, r"users: must have shape \[1\], got \(2,\)"),
        ({"n_negatives": 3}, "at most the negatives of each user, at least 2, got 3"),
        ({"n_negatives": -1}, "n_negatives: must be at least 0"),
    ],
)
def test_bad_input_is_named(changed, message):
    fine = {"scores": np.zeros((1, 3)), "relevant": csr_array(np.array([[1, 0, 0]]))}
    with pytest.raises(ValueError, match=message):
        ranks(**{**fine, **changed}, rng=0)


def test_a_stored_zero_is_neither_relevant_nor_seen():
    stored = csr_array(
        (np.array([1.0, 0.0]), np.array([0, 1]), np.array([0, 2])), (1, 3)
    )
    scores = np.array([[0.5, 0.9, 0.1]])
    assert auc(scores, stored).tolist() == [0.5]
    assert ranks(scores, stored, stored, rng=0)["rank"].tolist() == [2]
