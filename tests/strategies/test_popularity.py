"""Popularity against a count in plain Python."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.popularity import Popularity


@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_an_item_scores_the_users_who_chose_it_each_once(events, seed):
    rng = np.random.default_rng(seed)
    user, item = rng.integers(0, 5, events), rng.integers(0, 6, events)
    table = Interactions(
        user, item, np.ones(events), np.zeros(events), range(5), range(6)
    )
    pairs = set(zip(user.tolist(), item.tolist(), strict=True))  # repeats fall away
    count = Counter(item for _, item in pairs)
    for row in Popularity().fit(table).score(np.arange(5)):
        assert row.tolist() == [count[item] for item in range(6)]
