"""What is drawn for the assignment `cold_start` are the book's ratings and films."""

import numpy as np
import pytest

from recsys_ref.content.blocks import year_bumps
from recsys_ref.course.cold_start import FEWEST, N_FILMS, STRENGTHS, draw
from recsys_ref.data.movielens import load_movielens_100k


@pytest.fixture(scope="module")
def drawn():
    return draw(np.random.default_rng(1))


def test_the_same_seed_draws_the_same_and_another_seed_another(drawn):
    again, other = (draw(np.random.default_rng(seed)) for seed in (1, 2))
    assert drawn.titles == again.titles
    assert drawn.new == again.new
    assert drawn.titles != other.titles
    assert drawn.new != other.new


def test_new_and_validation_films_are_different_films(drawn):
    assert len(set(drawn.new)) == len(set(drawn.validation)) == 80
    assert not set(drawn.new) & set(drawn.validation)
    assert set(drawn.new + drawn.validation) < set(range(N_FILMS))


def test_ratings_and_genres_are_those_of_the_films(drawn):
    movielens = load_movielens_100k()
    titles = movielens.items.text("{natural_title}[ ({year})]").tolist()
    x = movielens.interactions
    checked = 0
    for film, title in enumerate(drawn.titles[:60]):
        if titles.count(title) > 1:
            continue
        row = titles.index(title)
        users = np.zeros(x.n_users, dtype=bool)
        users[x.user[x.item == row]] = True
        assert (drawn.ratings[:, film] == users).all()
        assert (drawn.genres[film] == movielens.items.genres[row]).all()
        checked += 1
    assert checked > 50


def test_every_film_has_ratings_and_a_genre(drawn):
    assert drawn.ratings.sum(axis=0).min() >= FEWEST
    assert drawn.genres.any(axis=1).all()


def test_vectors_say_genres_and_years(drawn):
    assert drawn.vectors.shape == (400, 18 + year_bumps(np.array([1990.0])).shape[1])
    same = (drawn.genres[:, None] == drawn.genres).all(axis=2)
    apart = ((drawn.by_genre[:, None] - drawn.by_genre) ** 2).sum(axis=2)
    assert (apart[same] < 1e-12).all()
    assert (apart[~same] > 1e-3).all()


def test_no_strength_is_best_for_everyone():
    """Whoever hands in a neighbor's strength, or always the first, can be wrong."""
    best = set()
    for seed in range(6):
        drawn = draw(np.random.default_rng(seed))
        train = drawn.ratings.copy()
        train[:, drawn.new + drawn.validation] = False
        known = train.any(axis=0)
        x = drawn.vectors - drawn.vectors[known].mean(axis=0)
        y = train[:, known] - train[:, known].mean(axis=1, keepdims=True)
        wanted = drawn.ratings[:, drawn.validation]
        hits = []
        for l2 in STRENGTHS:
            ridge = x[known].T @ x[known] + l2 * np.eye(x.shape[1])
            scores = y @ x[known] @ np.linalg.solve(ridge, x[drawn.validation].T)
            top = np.argsort(-scores, axis=1)[:, :10]
            hits.append(np.take_along_axis(wanted, top, axis=1).sum())
        best.add(STRENGTHS[int(np.argmax(hits))])
    assert len(best) > 1
    assert STRENGTHS[0] not in best, "the weakest ridge remembers, and is not best"
