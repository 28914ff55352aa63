import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.relistening import Relistening


def table(user, item, time, n_users=3, n_items=5):
    return Interactions(
        user, item, np.ones(len(user)), time, range(n_users), range(n_items)
    )


def test_scores_are_the_sum_of_the_docstring():
    rng = np.random.default_rng(0)
    user, item = rng.integers(3, size=40), rng.integers(5, size=40)
    x = table(user, item, rng.permutation(40))
    scores = Relistening(decay=0.7).fit(x).score([0, 1, 2])
    for u in range(3):
        mine = np.flatnonzero(x.user == u)
        mine = mine[np.argsort(-x.timestamp[mine])]  # the last first
        due = np.zeros(5)
        for age, event in enumerate(mine, start=1):
            due[x.item[event]] += age**-0.7
        assert np.allclose(scores[u], due / due.sum(), atol=1e-6)


def test_without_decay_it_counts():
    x = table([0, 0, 0], [1, 1, 2], [0, 1, 2])
    assert np.allclose(Relistening(decay=0.0).fit(x).score([0])[0, 1:3], [2 / 3, 1 / 3])


def test_with_much_decay_the_last_comes_first():
    x = table([0] * 4, [1, 1, 1, 2], [0, 1, 2, 3])
    ranking = Relistening(decay=5.0).fit(x).recommend([0], k=2, exclude_seen=False)
    assert ranking.items.tolist() == [[2, 1]]


def test_a_negative_decay_is_refused():
    with pytest.raises(ValueError, match="decay: "):
        Relistening(decay=-1.0).fit(table([0], [0], [0]))
