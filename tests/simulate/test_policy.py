from itertools import permutations

import numpy as np
import pytest

from recsys_ref.simulate.policy import SoftmaxPolicy

SCORES = np.array([[0.0, 1.0, 2.0, -np.inf], [3.0, 3.0, 0.0, 1.0]])


def test_chances_are_a_softmax_mixed_with_a_uniform_draw():
    policy = SoftmaxPolicy(SCORES, temperature=0.5, exploration=0.3)
    weight = np.exp(np.array([0.0, 2.0, 4.0]))
    due = 0.3 / 3 + 0.7 * weight / weight.sum()
    assert np.allclose(policy.probabilities([0])[0], [*due, 0.0])
    assert np.allclose(policy.probabilities([0, 1]).sum(axis=1), 1)


def test_without_temperature_the_best_share_the_place():
    policy = SoftmaxPolicy(SCORES, temperature=0.0)
    assert policy.probabilities([0, 1]).tolist() == [[0, 0, 1, 0], [0.5, 0.5, 0, 0]]


def test_the_chances_of_all_lists_sum_to_one():
    policy = SoftmaxPolicy(SCORES, temperature=2.0, exploration=0.2)
    lists = np.array(list(permutations(range(4), 2)))
    users = np.ones(len(lists), dtype=int)
    assert policy.propensity(users, lists).prod(axis=1).sum() == pytest.approx(1)


def test_lists_come_as_often_as_their_propensity_says():
    policy, n = SoftmaxPolicy(SCORES, exploration=0.1), 30_000
    items, chosen = policy.sample(np.ones(n, dtype=int), k=2, rng=0)
    for pair in permutations(range(4), 2):
        due = policy.propensity([1], [pair]).prod()
        share = (items == pair).all(axis=1).mean()
        assert abs(share - due) < 4 * np.sqrt(due * (1 - due) / n)
    assert np.allclose(chosen, policy.propensity(np.ones(n, dtype=int), items))


def test_no_item_comes_twice_and_what_is_barred_never():
    items, chosen = SoftmaxPolicy(SCORES).sample(np.zeros(500, dtype=int), 3, rng=0)
    assert (np.sort(items, axis=1) == [0, 1, 2]).all()
    assert (chosen[:, -1] == 1).all()  # only one is left


def test_scores_are_kept_and_read_only():
    scores = np.zeros((1, 3))
    policy = SoftmaxPolicy(scores)
    scores[0, 0] = 9.0
    policy.sample([0], 3, rng=0)
    assert policy.scores.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(3),), "scores: must be float"),
        ((np.array([[np.nan]]),), "scores: must be float"),
        ((SCORES, -1.0), "temperature: "),
        ((SCORES, 1.0, 1.5), r"exploration: must be in \[0, 1\], got 1.5"),
    ],
)
def test_bad_policies_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SoftmaxPolicy(*arguments)


def test_a_list_longer_than_the_catalog_is_refused():
    with pytest.raises(ValueError, match="nothing is left to show"):
        SoftmaxPolicy(SCORES).sample([0], k=4, rng=0)
