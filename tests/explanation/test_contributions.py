"""Contributions: they sum to the score, and leaving out agrees where it must."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.interactions import Interactions
from recsys_ref.explanation.contributions import (
    additive_parts,
    concentration,
    contribution_table,
    leave_one_out,
)
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity

RNG = np.random.default_rng(3)
CHOSEN = RNG.random((30, 12)) < 0.4
CHOSEN[:, 11] &= ~CHOSEN[:, 0]  # so that something speaks against something
CHOSEN[29] = False  # a user without events
USER, ITEM = np.nonzero(CHOSEN)
EVENTS = Interactions(
    USER,
    ITEM,
    RNG.integers(1, 6, USER.size),
    RNG.integers(0, 1000, USER.size),
    np.arange(30),
    np.arange(12),
)
VECTORS = RNG.normal(size=(12, 4))
MODELS = {
    "EASE": EASE(l2=5.0),
    "EASE, recent": EASE(l2=5.0, half_life=2.0),
    "ItemKNN": ItemKNN("jaccard", neighbours=4, use_values=True, half_life=400.0),
    "text": DotProduct(VECTORS),
    "text, cosine": DotProduct(VECTORS, cosine=True, prior=0.3),
    "text, rated": DotProduct(VECTORS, weighting="rating", last=3),
}


@pytest.mark.parametrize("name", MODELS)
def test_parts_and_rest_sum_to_the_score(name):
    model = MODELS[name].fit(EVENTS)
    scores = model.score(np.arange(30))
    for user in range(30):
        items, parts, rest = additive_parts(model, user, EVENTS)
        whole = parts.sum(axis=0) + rest
        np.testing.assert_allclose(whole, scores[user], rtol=1e-4, atol=1e-5)
        assert set(items) <= set(np.flatnonzero(CHOSEN[user]))
        assert (np.diff(items) > 0).all()


def test_the_terms_of_ease_are_its_weights():
    model = EASE(l2=5.0).fit(EVENTS)
    items, parts, rest = additive_parts(model, 4)
    for place, i in enumerate(items):
        for j in range(12):
            assert parts[place, j] == pytest.approx(model.weights_[i, j])
    assert items.tolist() == np.flatnonzero(CHOSEN[4]).tolist()
    assert not rest.any()
    assert (parts < 0).any(), "something must speak against something here"


@pytest.mark.parametrize("name", ["EASE", "ItemKNN", "text, cosine"])
def test_leaving_out_is_scoring_without(name):
    """Against a plain loop that folds in one history at a time."""
    model = MODELS[name].fit(EVENTS)
    item = int(np.flatnonzero(~CHOSEN[7])[0])
    found = leave_one_out(model, EVENTS, 7, item)
    history = np.flatnonzero(CHOSEN[7])
    assert found.index.tolist() == history.tolist()
    unseen = np.flatnonzero(~CHOSEN[7])

    def rank(scores):
        own = scores[item]
        return 1 + sum(
            (scores[j] > own) + 0.5 * (scores[j] == own) for j in unseen if j != item
        )

    before = model.score([7])[0]
    for left in history:
        rest = EVENTS.select((EVENTS.user != 7) | (EVENTS.item != left))
        after = model.fold_in(rest).score([7])[0]
        assert found["drop"][left] == pytest.approx(before[item] - after[item])
        assert found["places"][left] == pytest.approx(rank(after) - rank(before))


def test_for_ease_both_ways_agree():
    model = EASE(l2=5.0).fit(EVENTS)
    for item in np.flatnonzero(~CHOSEN[7]):
        items, parts, _ = additive_parts(model, 7)
        drop = leave_one_out(model, EVENTS, 7, item)["drop"]
        assert drop.index.tolist() == items.tolist()
        np.testing.assert_allclose(drop, parts[:, item], atol=1e-6)


def test_where_weights_are_shared_out_they_do_not():
    """A mean goes to the other films, so leaving out is not losing a term."""
    for name in ("EASE, recent", "text"):
        model = MODELS[name].fit(EVENTS)
        item = int(np.flatnonzero(~CHOSEN[7])[0])
        _, parts, _ = additive_parts(model, 7, EVENTS)
        drop = leave_one_out(model, EVENTS, 7, item)["drop"]
        assert not np.allclose(drop, parts[:, item], rtol=0.05)


def test_leaving_out_serves_a_model_that_is_no_sum():
    model = IALS(factors=3).fit(EVENTS)
    found = leave_one_out(model, EVENTS, 7, int(np.flatnonzero(~CHOSEN[7])[0]))
    assert found["drop"].abs().max() > 0
    with pytest.raises(ValueError, match="IALS is no sum"):
        additive_parts(model, 7)


def test_what_reads_no_history_loses_nothing():
    item = int(np.flatnonzero(~CHOSEN[7])[0])
    found = leave_one_out(Popularity().fit(EVENTS), EVENTS, 7, item)
    assert (found == 0).all(axis=None)


def test_excluded_items_take_no_place():
    model = EASE(l2=5.0).fit(EVENTS)
    unseen = np.flatnonzero(~CHOSEN[7])
    seen = np.flatnonzero(CHOSEN[7])
    alone = leave_one_out(model, EVENTS, 7, unseen[0], excluded=np.r_[seen, unseen[1:]])
    assert (alone["places"] == 0).all()
    with pytest.raises(ValueError, match="excluded"):
        leave_one_out(model, EVENTS, 7, seen[0])


def test_the_table_is_ordered_and_its_shares_sum_to_one():
    model = EASE(l2=5.0).fit(EVENTS)
    names = [f"film {i}" for i in range(12)]
    item = int(np.flatnonzero(~CHOSEN[4])[0])
    table = contribution_table(model, 4, item, names=names)
    assert (np.diff(table["contribution"]) <= 0).all()
    assert table["share"].sum() == pytest.approx(1)
    assert table["contribution"].sum() == pytest.approx(
        model.score([4])[0, item], abs=1e-6
    )
    assert table["name"].tolist() == [f"film {i}" for i in table["item"]]
    assert table.index.tolist() == list(range(1, len(table) + 1))


def test_no_events_no_contributions():
    model = EASE(l2=5.0).fit(EVENTS)
    table = contribution_table(model, 29, 0)
    assert len(table) == 0
    assert len(leave_one_out(model, EVENTS, 29, 0)) == 0
    text = DotProduct(VECTORS, cosine=True, prior=0.3).fit(EVENTS)
    items, parts, rest = additive_parts(text, 29, EVENTS)
    assert not items.size
    assert parts.shape == (0, 12)
    np.testing.assert_allclose(rest, text.score([29])[0])


def test_a_score_of_nought_has_no_shares():
    table = Interactions.from_frame(
        pd.DataFrame({"user_id": [1, 2], "item_id": [7, 8]})
    )
    found = contribution_table(ItemKNN("counts").fit(table), 0, 1)
    assert found["share"].isna().all()


def test_what_cannot_be_explained_is_refused():
    model = EASE(l2=5.0).fit(EVENTS)
    with pytest.raises(KeyError, match="users"):
        additive_parts(model, 30)
    with pytest.raises(KeyError, match="users"):
        leave_one_out(model, EVENTS, 30, 0)
    with pytest.raises(IndexError, match="item"):
        contribution_table(model, 0, 12)
    with pytest.raises(IndexError, match="item"):
        leave_one_out(model, EVENTS, 0, -1)
    with pytest.raises(ValueError, match="names: must be 12"):
        contribution_table(model, 0, 1, names=["a"])
    with pytest.raises(ValueError, match="events"):
        additive_parts(DotProduct(VECTORS).fit(EVENTS), 0)
    given_users = DotProduct(VECTORS, user_vectors=np.ones((30, 4))).fit(EVENTS)
    with pytest.raises(ValueError, match="user_vectors"):
        additive_parts(given_users, 0, EVENTS)


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=12),
    st.floats(0.05, 0.95),
)
def test_concentration_is_the_smallest_set(values, share):
    found = concentration(values, share)
    positive = sorted((v for v in values if v > 0), reverse=True)
    wanted = share * sum(positive)
    if not positive:
        assert found == 0
    else:
        assert sum(positive[:found]) >= wanted * (1 - 1e-9)
        assert found == 1 or sum(positive[: found - 1]) < wanted * (1 + 1e-9)


def test_concentration_wants_a_share():
    with pytest.raises(ValueError, match="share"):
        concentration([1.0], 1.5)
