"""Lists by lot: every unseen item is as likely, in every place."""

import numpy as np

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.uniform import Uniform


def test_every_unseen_item_is_as_likely_in_every_place():
    n_users, n_items = 6000, 8
    seen = Interactions(
        np.arange(n_users),
        np.zeros(n_users, int),
        np.ones(n_users),
        np.zeros(n_users, int),
        range(n_users),
        range(n_items),
    )
    ranking = Uniform().fit(seen).recommend(np.arange(n_users), k=3, rng=1)
    for place in range(3):
        share = np.bincount(ranking.items[:, place], minlength=n_items) / n_users
        assert share[0] == 0
        error = np.sqrt(1 / 7 * 6 / 7 / n_users)
        assert np.abs(share[1:] - 1 / 7).max() < 4.5 * error
