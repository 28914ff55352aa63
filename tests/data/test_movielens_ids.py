"""Films under their later ids: matched by title and year, checked by genre."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.items import Items
from recsys_ref.data.movielens_ids import NO_ID, later_ids, match_films, read_movies

LATER = pd.DataFrame(
    [
        (47, "Seven (a.k.a. Se7en)", 1995),
        (994, "Big Night", 1996),
        (101, "Hamlet", 1948),
        (102, "Hamlet", 1990),
        (103, "Hamlet", 1991),
        (82, "Antonia's Line (Antonia)", 1995),
        (5, "Fun", 1994),
        (6, "Fun (Rire)", 1994),
        (73, "Misérables, Les", 1995),
        (1196, "Star Wars: Episode V - The Empire Strikes Back", 1980),
        (1210, "Star Wars: Episode VI - Return of the Jedi", 1983),
        (662, "Fear", 1996),
    ],
    columns=["movie_id", "title", "year"],
)


@pytest.mark.parametrize(
    ("title", "year", "later"),
    [
        ("Seven (Se7en)", 1995, 47),
        ("Miserables, Les", 1995, 73),
        ("BIG NIGHT!", 1995, 994),  # a year off
        ("Big Night", 1994, NO_ID),  # two years off
        ("Hamlet", 1948, 101),
        ("Hamlet", 1990, 102),  # the same year goes first
        ("Hamlet", 1989, 102),
        ("Hamlet", 1996, NO_ID),
        ("Fun", 1994, NO_ID),  # two fit
        ("Antonia", 1995, 82),
        ("Empire Strikes Back, The", 1980, 1196),  # one side of a dash
        ("Star Wars", 1983, 1210),  # one side of a colon, told by the year
        ("Fear, The", 1995, NO_ID),  # an article makes another name
        ("Big", 1996, NO_ID),
        ("Big Night", np.nan, NO_ID),
        ("()", 1996, NO_ID),
    ],
)
def test_titles_match_by_name_and_year(title, year, later):
    film = Items([1], [title], [year], [[True]], ("Drama",))
    assert match_films(film, LATER).tolist() == [later]


def test_the_table_knows_most_films_and_gives_known_ones_their_id(movielens):
    items, ids = movielens.items, later_ids(movielens.items)
    assert (ids == NO_ID).sum() == 269
    known = {"Toy Story": 1, "GoldenEye": 10, "Twelve Monkeys": 32, "Star Wars": 260}
    for title, later in known.items():
        assert ids[items.title == title].tolist() == [later]


def test_films_of_one_later_id_are_one_film_listed_twice(movielens):
    frame = movielens.items.to_frame().assign(later=later_ids(movielens.items))
    twice = frame[(frame.later != NO_ID) & frame.later.duplicated(keep=False)]
    assert len(twice) == 30
    for _, films in twice.groupby("later"):
        assert len(films) == 2
        assert films[["title", "year", "genres"]].duplicated().sum() == 1


def test_a_later_catalogue_is_read_from_its_own_file(movielens, tmp_path):
    path = tmp_path / "movies.csv"
    path.write_text(
        "movieId,title,genres\n"
        '1,"Toy Story (1995)",Comedy\n'
        '11,"American President, The (1995) ",Comedy\n'
        '260,"Star Wars: Episode IV - A New Hope (1977)",Sci-Fi\n'
        "999,Babylon 5,Sci-Fi\n"
    )
    movies = read_movies(path)
    assert movies.to_numpy().tolist() == [
        [1, "Toy Story", 1995],
        [11, "American President, The", 1995],
        [260, "Star Wars: Episode IV - A New Hope", 1977],
    ]
    found = match_films(movielens.items, movies)
    assert set(found[found != NO_ID]) == {1, 11, 260}
    expected = later_ids(movielens.items)
    assert (found[found != NO_ID] == expected[found != NO_ID]).all()
    path.write_text("id,name\n")
    with pytest.raises(ValueError, match=r"must name movieId and title, got \['id'"):
        read_movies(path)
