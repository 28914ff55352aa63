"""What a history supports, against a plain loop over its events."""

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.profiles.evidence import histories, plain_title

GENRES = ("Horror", "Comedy", "War")


def random_table(seed):
    rng = np.random.default_rng(seed)
    items = Items(
        ids=range(12),
        title=[f"Film {i % 10}" for i in range(12)],
        year=np.where(rng.random(12) < 0.2, np.nan, rng.integers(1955, 1999, 12)),
        genres=rng.random((12, 3)) < 0.4,
        genre_names=GENRES,
    )
    n = 70
    user, item = rng.integers(0, 9, n), rng.integers(0, 12, n)  # user 9 has nothing
    value = rng.integers(1, 6, n)
    return items, Interactions(user, item, value, np.zeros(n), range(10), range(12))


@pytest.mark.parametrize("threshold", [None, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_support_is_that_of_a_loop_over_the_events(seed, threshold):
    items, x = random_table(seed)
    known = histories(items, x, threshold=threshold)
    years = items.year[~np.isnan(items.year)]
    answers = []
    for user in range(10):
        rows = [n for n in range(len(x)) if x.user[n] == user]
        for g, genre in enumerate(GENRES):
            of_genre = [n for n in rows if items.genres[x.item[n], g]]
            least = items.genres[:, g].mean() if threshold is None else threshold
            like = bool(of_genre) and len(of_genre) / len(rows) >= least
            dislike = bool(of_genre) and (
                np.mean(x.value[of_genre]) < np.mean(x.value[rows]) - 1e-12
            )
            assert known.supports(user, "likes", genre) == like
            assert known.supports(user, "dislikes", genre) == dislike
            answers += [like, dislike]
        dated = [items.year[x.item[n]] for n in rows if items.year[x.item[n]] > 0]
        for decade in range(1950, 2000, 10):
            within = [year for year in dated if decade <= year < decade + 10]
            share = np.mean((years >= decade) & (years < decade + 10))
            least = share if threshold is None else threshold
            era = bool(within) and len(within) / len(dated) >= least
            assert known.supports(user, "eras", f"{decade}s") == era
            answers.append(era)
        for i in range(11):
            named = any(items.title[x.item[n]] == f"Film {i}" for n in rows)
            assert known.supports(user, "titles", f"film {i}") == named
    assert 0 < np.mean(answers) < 1


def test_a_genre_that_was_never_chosen_is_not_disliked():
    items = Items([1, 2], ["A", "B"], [1990, 1990], np.eye(2, 3) > 0, GENRES)
    x = Interactions([0, 0], [0, 0], [1, 5], [0, 1], ["ann"], [1, 2])
    known = histories(items, x)
    assert not known.supports(0, "dislikes", "Comedy")
    assert not known.supports(0, "likes", "War")  # the catalogue's share is 0 too


def test_who_values_everything_alike_dislikes_nothing():
    items, x = random_table(0)
    for value in (1.0, 0.1, 1e7 / 3):
        flat = Interactions(
            x.user, x.item, np.full(70, value), x.timestamp, range(10), range(12)
        )
        assert not histories(items, flat).dislikes.any()


@pytest.mark.parametrize(
    "claim", ["The Full Monty", "full monty, the", " THE FULL MONTY (1997). "]
)
def test_a_title_may_be_spelled_in_several_ways(claim):
    items = Items(
        [1, 2], ["Full Monty, The", "?"], [1997, 1990], np.ones((2, 3)) > 0, GENRES
    )
    x = Interactions([0, 0], [0, 1], [1, 1], [0, 0], ["ann"], [1, 2])
    known = histories(items, x)
    assert known.supports(0, "titles", claim)
    assert not known.supports(0, "titles", "The Full")
    assert not known.supports(0, "titles", "!")  # a title without a word is no title


def test_a_title_that_is_a_year_is_not_lost():
    assert plain_title("1984") == "1984"
    assert plain_title("2001: A Space Odyssey (1968)") == "2001 a space odyssey"


def test_names_may_differ_in_case_and_unknown_ones_have_no_support():
    items, x = random_table(1)
    known = histories(items, x, threshold=0.001)
    assert known.likes.any()
    user, genre = np.argwhere(known.likes)[0]
    assert known.supports(int(user), "likes", f" {GENRES[genre].upper()}")
    assert not known.supports(int(user), "likes", "Steampunk")
    assert not known.supports(int(user), "eras", "1890s")


def test_what_cannot_be_asked_is_named():
    items, x = random_table(1)
    known = histories(items, x)
    assert "10 users, 3 genres" in repr(known)
    with pytest.raises(KeyError, match=r"user: must be in \[0, 10\), got 10"):
        known.supports(10, "likes", "War")
    with pytest.raises(KeyError, match="user: must be"):
        known.supports(-1, "titles", "Film 1")
    with pytest.raises(KeyError, match=r"part: must be one of .*got 'moods'"):
        known.supports(0, "moods", "dark")
    for threshold in (0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="threshold: must be in"):
            histories(items, x, threshold=threshold)
    with pytest.raises(ValueError, match="items: must be the 12 items"):
        histories(items.select(np.arange(11)), x)
