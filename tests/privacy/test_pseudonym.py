"""Names without names, and titles that enough users share."""

import hashlib
import hmac

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.privacy.pseudonym import generalized, pseudonym

KEY = b"0123456789abcdef"


def test_a_pseudonym_is_a_keyed_hash():
    whole = hmac.new(KEY, b"42", hashlib.sha256).hexdigest()
    assert pseudonym(42, KEY) == pseudonym("42", KEY) == whole[:12]
    plain = {hashlib.sha256(str(u).encode()).hexdigest()[:12] for u in range(1000)}
    assert not plain & {pseudonym(u, KEY) for u in range(1000)}
    assert len({pseudonym(u, KEY) for u in range(1000)}) == 1000
    with pytest.raises(ValueError, match="key: must be"):
        pseudonym(42, b"short")


@pytest.fixture
def films():
    genres = [[1, 0], [1, 1], [0, 1], [0, 1], [0, 0]]
    titles = ["Aliens", "Ghosts", "Othello", "Emma", "unknown"]
    years = [1986, 1984, 1995, 1996, np.nan]
    return Items(range(5), titles, years, np.array(genres, bool), ("Action", "Drama"))


def events(pairs, items):
    user, item = np.array(pairs).T
    zeros = np.zeros(len(user), int)
    return Interactions(user, item, zeros + 1, zeros, range(user.max() + 1), items.ids)


def test_a_name_climbs_until_enough_users_share_it(films):
    x = events([(0, 0), (1, 1), (0, 2), (1, 2), (2, 3), (0, 4), (1, 4)], films)
    found = generalized(films, x, 2)
    assert found.items.title.tolist() == [
        "an action film of the 1980s",
        "an action film of the 1980s",
        "Othello",
        "a film",  # no other drama is hidden, nor any other film
        "unknown",
    ]
    assert found.level.tolist() == [1, 1, 0, 3, 0]
    assert found.label[0] == found.label[1]
    assert len(set(found.label)) == 4
    assert found.items.text().tolist()[2] == "Othello (1995): Drama"
    assert found.items.text().tolist()[0] == "an action film of the 1980s"


def test_a_threshold_of_one_changes_nothing_that_was_chosen(films):
    x = events([(0, i) for i in range(5)], films)
    found = generalized(films, x, 1)
    assert found.items.title.tolist() == films.title.tolist()
    np.testing.assert_array_equal(found.items.genres, films.genres)


@pytest.mark.parametrize("least", [10, 100, 944])
def test_enough_users_share_every_name_on_real_data(movielens, least):
    x, items = movielens.interactions, movielens.items
    found = generalized(items, x, least)
    for label in np.unique(found.label):
        of = found.label == label
        users = len(np.unique(x.user[of[x.item]]))
        assert users >= least or (found.level[of] == 3).all()
    popular = np.bincount(x.item) >= least
    assert (found.level[popular] == 0).all()
    assert (found.level[~popular] > 0).all()


def test_what_cannot_be_is_refused(films):
    x = events([(0, 0)], films)
    with pytest.raises(ValueError, match="least: must be"):
        generalized(films, x, 0)
    with pytest.raises(ValueError, match="items: must be"):
        generalized(films.select(np.arange(3)), x, 2)
