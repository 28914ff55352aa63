"""The dial: at one end the first strategy's list, at the other variety."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.mmr import mmr
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.varied import Varied

TOPICS = np.eye(3)[np.arange(12) % 3]


@pytest.fixture
def first():
    """Items of topic 0 are the popular ones."""
    rng = np.random.default_rng(0)
    chance = np.where(np.arange(12) % 3 == 0, 0.8, 0.3)
    user, item = np.nonzero(rng.random((60, 12)) < chance)
    table = pd.DataFrame({"user_id": user, "item_id": item})
    return Popularity().fit(Interactions.from_frame(table, user_ids=range(61)))


def test_the_dial_goes_from_the_first_list_to_all_topics(first):
    plain = first.recommend([60], k=3).items
    assert (Varied(first, TOPICS, 1.0, 12).recommend([60], k=3).items == plain).all()
    assert set(plain[0] % 3) == {0}
    varied = Varied(first, TOPICS, 0.1, 12).recommend([60], k=3).items[0]
    assert set(varied % 3) == {0, 1, 2}
    assert varied[0] == plain[0, 0]


def test_it_is_mmr_of_the_proposals(first):
    users, offered = np.arange(5), np.arange(2, 12)
    expected = mmr(
        first.recommend(users, k=6, candidates=offered, rng=3), TOPICS, k=2, weight=0.4
    )
    found = Varied(first, TOPICS, 0.4, 6).recommend(
        users, k=2, candidates=offered, rng=3
    )
    assert (found.items == expected.items).all()
    assert set(found.items.ravel()) <= set(offered.tolist())


def test_the_pool_holds_at_least_the_list(first):
    with pytest.raises(ValueError, match="pool: must be a whole number of at least 5"):
        Varied(first, TOPICS, 0.4, 4).recommend([0], k=5)
    with pytest.raises(ValueError, match="weight: must be in"):
        Varied(first, TOPICS, 1.4).recommend([0], k=5)
