"""The official files of MovieLens-1M, in their exact format, bad lines included."""

import numpy as np
import pytest

from recsys_ref.data.movielens import GENRES, load_movielens_100k
from recsys_ref.data.movielens_1m import (
    AGES,
    OCCUPATIONS,
    load_movielens_1m,
    read_movielens_1m,
)

GOOD = {
    "users.dat": [
        "1::F::1::10::48067",
        "3::M::25::15::55117",
        "2::M::56::16::70072",
        "10::F::35::1::95370-1234",
    ],
    "movies.dat": [
        "1::Toy Story (1995)::Animation|Children's|Comedy",
        "260::Star Wars: Episode IV - A New Hope (1977)::Action|Fantasy|Sci-Fi",
        "73::Misérables, Les (1995)::Drama|Musical",
        "3952::Contender, The (2000)::Drama|Thriller",
    ],
    "ratings.dat": [
        "1::260::5::978300760",
        "1::1::3::978302109",
        "2::73::4::978299026",
        "10::1::1::978224375",
    ],
}


def write(folder, tables=GOOD, end="\n"):
    for name, lines in tables.items():
        text = "".join(f"{line}{end}" for line in lines)
        (folder / name).write_bytes(text.encode("latin-1"))
    return folder


def with_lines(**more):
    """Return the good tables with bad lines at their ends."""
    return {
        name: [*lines, *more.get(name.removesuffix(".dat"), ())]
        for name, lines in GOOD.items()
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_tables_hold_what_the_files_say(tmp_path, end):
    movielens = load_movielens_1m(write(tmp_path, end=end))
    films, users, events = movielens.items, movielens.users, movielens.interactions
    assert films.ids.tolist() == [1, 73, 260, 3952]
    assert films.title.tolist() == [
        "Toy Story",
        "Misérables, Les",
        "Star Wars: Episode IV - A New Hope",
        "Contender, The",
    ]
    assert films.year.tolist() == [1995, 1995, 1977, 2000]
    assert films.genre_names == GENRES
    assert films.genre_text()[0] == "Animation, Children's, Comedy"
    assert users.ids.tolist() == [1, 2, 3, 10]
    assert users.age.tolist() == [1, 56, 25, 35]
    assert users.gender.tolist() == ["F", "M", "M", "F"]
    assert users.occupation[:2].tolist() == ["K-12 student", "self-employed"]
    assert users.zip_code[3] == "95370-1234"
    assert events.to_frame().iloc[0].tolist() == [1, 260, 5, 978300760]
    assert len(events) == 4
    assert (events.matrix().sum(axis=0) == [2, 1, 1, 0]).all(), "no rating, still there"


def test_the_codes_are_those_of_the_readme():
    assert list(AGES) == [1, 18, 25, 35, 45, 50, 56]
    assert len(OCCUPATIONS) == 21
    assert OCCUPATIONS[12] == "programmer"
    assert OCCUPATIONS[20] == "writer"


BAD = {
    "users": {
        "4::X::25::1::1": "gender not M or F",
        "5::M::30::1::1": "age not a code",
        "6::M::25::21::1": "occupation not a code",
        "x::M::25::1::1": "user_id not a whole number",
        "3::F::25::1::1": "user_id again",
        "7::M::25::1": "not 5 fields",
        "": "blank line",
    },
    "movies": {
        "4::Cop (1988)::Crime|Cooking": "unknown genre",
        "5::::Drama": "title missing",
        "-6::Cop (1988)::Crime": "item_id not a whole number",
        "1::Cop (1988)::Crime": "item_id again",
        "7::Cop (1988)::": "unknown genre",
        "8::Cop (1988)": "not 3 fields",
    },
    "ratings": {
        "1::73::6::978300760": "value not in [1.0, 5.0]",
        "1::73::five::978300760": "value not a number",
        "1::73::::978300760": "value missing",
        "1::73::4::": "timestamp missing",
        "::73::4::978300760": "user_id missing",
        "99::73::4::978300760": "user_id not in users.dat",
        "1::99::4::978300760": "item_id not in movies.dat",
        "x::73::4::978300760": "user_id not in users.dat",
        "1::260::5::978300759": "same user and item: kept last",
        "1,73,4,978300760": "not 4 fields",
    },
}
CASES = [(table, *case) for table, lines in BAD.items() for case in lines.items()]


@pytest.mark.parametrize(("table", "line", "reason"), CASES)
def test_a_bad_line_is_left_out_and_named(tmp_path, table, line, reason):
    folder = write(tmp_path, with_lines(**{table: [line]}))
    movielens, reports = read_movielens_1m(folder)
    name = f"{table}.dat"
    assert reports[name][reason].rows == 1
    assert reports[name][reason].examples == (5,)
    assert reports[name].rows_in == 5
    assert reports[name].rows_out == 4
    clean = load_movielens_1m(write(tmp_path))
    assert movielens.users.to_frame().equals(clean.users.to_frame())
    assert movielens.items.to_frame().equals(clean.items.to_frame())
    assert movielens.interactions.to_frame().equals(clean.interactions.to_frame())
    write(tmp_path, with_lines(**{table: [line]}))
    with pytest.raises(ValueError, match=rf"{name}, line 5: "):
        load_movielens_1m(folder)


def test_all_bad_lines_at_once_are_all_counted(tmp_path):
    every = {table: list(lines) for table, lines in BAD.items()}
    movielens, reports = read_movielens_1m(write(tmp_path, with_lines(**every)))
    for table, lines in BAD.items():
        report = reports[f"{table}.dat"]
        assert report.dropped == len(lines)
        assert report.rows_in == 4 + len(lines)
    assert len(movielens.interactions) == 4


def test_a_rating_of_a_user_whose_line_is_bad_goes_with_him(tmp_path):
    tables = with_lines(users=["4::X::25::1::1"], ratings=["4::73::4::978300760"])
    _, reports = read_movielens_1m(write(tmp_path, tables))
    assert reports["ratings.dat"]["user_id not in users.dat"].rows == 1


def test_a_missing_or_empty_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"lacks \['users.dat', 'movies.dat'"):
        load_movielens_1m(tmp_path)
    write(tmp_path, GOOD | {"movies.dat": []})
    with pytest.raises(ValueError, match=r"movies\.dat: has no good line"):
        read_movielens_1m(tmp_path)


def test_movielens_100k_written_in_this_format_comes_back(tmp_path):
    before = load_movielens_100k()
    small = before.items.select(before.items.genres.any(axis=1))
    years = [
        title if np.isnan(year) else f"{title} ({year:.0f})"
        for title, year in zip(small.title, small.year, strict=True)
    ]
    genres = [text.replace(", ", "|") for text in small.genre_text()]
    movies = [
        f"{item}::{title}::{text}"
        for item, title, text in zip(small.ids, years, genres, strict=True)
    ]
    users = [f"{user}::M::25::0::00000" for user in before.users.ids]
    events = before.interactions.to_frame()
    events = events[events.item_id.isin(small.ids)]
    ratings = [
        f"{row.user_id}::{row.item_id}::{row.value:.0f}::{row.timestamp}"
        for row in events.itertuples()
    ]
    tables = {"users.dat": users, "movies.dat": movies, "ratings.dat": ratings}
    after = load_movielens_1m(write(tmp_path, tables))
    assert after.items.to_frame().equals(small.to_frame())
    assert after.interactions.to_frame().equals(events.reset_index(drop=True))
