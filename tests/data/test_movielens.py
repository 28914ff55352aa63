"""MovieLens-100K: two layouts, one set of tables."""

import collections
import math

import numpy as np
import pytest

from recsys_ref import assets
from recsys_ref.data.movielens import (
    GENRES,
    MovieLens,
    load_movielens_100k,
    read_interactions,
)

OFFICIAL_GENRES = ("unknown", *GENRES)
FILMS = {  # id: title as u.item has it, release date, genres, title and year due
    3: ("Misérables, Les (1995)", "01-Jan-1995", ["Drama"], "Misérables, Les", 1995),
    1: ("2001: A Space Odyssey (1968)", "x", ["Sci-Fi"], "2001: A Space Odyssey", 1968),
    12: ("Two Friends (1986) ", "", ["Film-Noir"], "Two Friends", 1986),
    10: ("Hate (Haine, La) (1995)", "", ["Children's"], "Hate (Haine, La)", 1995),
    9: ("Time III (1995) (V)", "", ["Animation", "Musical"], "Time III", 1995),
    8: ("Cop (1934) (1988)", "", ["Crime", "Western"], "Cop (1934)", 1988),
    7: ("unknown", "", ["unknown"], "unknown", math.nan),
    6: ("Good  Morning (1971)", "4-Feb-1971", ["unknown"], "Good Morning", 1971),
}
RATINGS = ["3\t7\t5\t880000000", "20\t1\t1\t870000000", "3\t12\t2\t870000000"]
USERS = ["20|24|M|technician|01002", "3|53|F|other|V3N4P"]


def official_line(item, title, date, genres):
    flags = "|".join("1" if name in genres else "0" for name in OFFICIAL_GENRES)
    return f"{item}|{title}|{date}||http://us.imdb.com/M/title-exact|{flags}"


def write(folder, **files):
    for name, lines in files.items():
        text = "".join(f"{line}\n" for line in lines)
        (folder / f"u.{name}").write_bytes(text.encode("latin-1"))
    return folder


@pytest.fixture
def official(tmp_path):
    return write(
        tmp_path,
        data=RATINGS,
        item=[official_line(item, *film[:3]) for item, film in FILMS.items()],
        user=USERS,
        genre=[f"{name}|{place}" for place, name in enumerate(OFFICIAL_GENRES)] + [""],
    )


@pytest.fixture
def recbole(tmp_path):
    folder = tmp_path / "recbole"
    folder.mkdir()
    films = [
        "3\tMisérables, Les\t1995\tDrama",
        "1\t2001: A Space Odyssey\t1968\tSci-Fi",
        "12\tTwo Friends\t1986\tFilm-Noir",
        "10\tHate (Haine, La)\t1995\tChildren's",
        "9\tTime III (1995)\tV\tAnimation Musical",
        "8\tCop (1934)\t1988\tCrime Western",
        "7\tunkonwn\tunkonwn\tunknown",
        "6\tGood Morning\t1971\tunknown",
    ]
    for suffix, header, lines in (
        ("inter", "user_id:token item_id:token rating:float timestamp:float", RATINGS),
        (
            "item",
            "item_id:token movie_title:token_seq release_year:token class:token_seq",
            films,
        ),
        (
            "user",
            "user_id:token age:token gender:token occupation:token zip_code:token",
            [line.replace("|", "\t") for line in USERS],
        ),
    ):
        text = "\n".join([header.replace(" ", "\t"), *lines]) + "\n"
        (folder / f"ml-100k.{suffix}").write_bytes(text.encode("utf-8"))
    return folder


def assert_identical(one: MovieLens, other: MovieLens):
    for table in ("interactions", "items", "users"):
        for name, column in vars(getattr(one, table)).items():
            twin = getattr(getattr(other, table), name)
            np.testing.assert_array_equal(column, twin, err_msg=f"{table}.{name}")
            if hasattr(column, "dtype"):
                assert column.dtype == twin.dtype, f"{table}.{name}"


def test_official_files_become_the_tables_that_they_mean(official):
    loaded = load_movielens_100k(official)
    items, users = loaded.items, loaded.users
    assert items.ids.tolist() == [1, 3, 6, 7, 8, 9, 10, 12]
    assert items.title.tolist() == [FILMS[item][3] for item in items.ids]
    np.testing.assert_array_equal(items.year, [FILMS[item][4] for item in items.ids])
    for item, row in zip(items.ids, items.genres, strict=True):
        named = {name for name, has in zip(items.genre_names, row, strict=True) if has}
        assert named == set(FILMS[item][2]) - {"unknown"}
    assert users.to_frame().to_numpy().tolist() == [
        [3, 53, "F", "other", "V3N4P"],
        [20, 24, "M", "technician", "01002"],
    ]
    assert loaded.interactions.to_frame().to_numpy().tolist() == [
        [3, 7, 5, 880000000],
        [20, 1, 1, 870000000],
        [3, 12, 2, 870000000],
    ]
    assert loaded.interactions.n_items == len(FILMS)


def test_both_layouts_give_identical_tables(official, recbole):
    assert_identical(load_movielens_100k(official), load_movielens_100k(recbole))


def test_a_copy_saved_as_utf8_with_windows_line_ends_is_the_same(official, tmp_path):
    saved = tmp_path / "saved"
    saved.mkdir()
    for path in official.glob("u.*"):
        text = path.read_text("latin-1").replace("\n", "\r\n")
        (saved / path.name).write_bytes(text.encode("utf-8"))
    assert_identical(load_movielens_100k(official), load_movielens_100k(saved))


def test_the_real_catalogue_survives_the_official_format(movielens, tmp_path):
    items = movielens.items
    names = np.array(GENRES)
    lines = []
    for item, title, year, genres in zip(
        items.ids, items.title, items.year, items.genres, strict=True
    ):
        if not np.isnan(year):
            title = f"{title} ({year:.0f})"
        if item == 1412:
            title += " (V)"
        lines.append(
            official_line(
                item, title, "", names[genres] if any(genres) else ["unknown"]
            )
        )
    events = movielens.interactions.to_frame().astype(int)
    folder = write(
        tmp_path,
        data=["\t".join(map(str, row)) for row in events.to_numpy().tolist()],
        item=lines,
        user=["|".join(map(str, row)) for row in movielens.users.to_frame().to_numpy()],
        genre=[f"{name}|{place}" for place, name in enumerate(OFFICIAL_GENRES)],
    )
    assert_identical(load_movielens_100k(folder), movielens)


def test_the_real_data_are_what_is_known_of_them(movielens):
    events, items, users = movielens.interactions, movielens.items, movielens.users
    assert (len(events), events.n_users, events.n_items) == (100_000, 943, 1682)
    assert users.ids.tolist() == list(range(1, 944))
    assert items.ids.tolist() == list(range(1, 1683))
    assert np.unique(events.item).size == 1682
    assert events.to_frame().iloc[0].tolist() == [196, 242, 3, 881250949]
    assert np.bincount(events.value.astype(int)).tolist() == [
        *(0, 6110, 11370, 27145, 34174, 21201)
    ]
    assert items.ids[np.isnan(items.year)].tolist() == [267]
    assert items.ids[~items.genres.any(axis=1)].tolist() == [267, 1373]
    assert sorted(items.genres.sum(axis=0))[-1] == 725  # drama
    film = items.select(np.array([1411]))
    assert film.text().tolist() == [
        "Land Before Time III: The Time of the Great Giving (1995): "
        "Animation, Children's"
    ]
    assert "Misérables, Les" in items.title
    titles = collections.Counter(items.title.tolist())
    assert sum(times > 1 for times in titles.values()) == 22
    films = collections.Counter(zip(items.title, items.year, strict=True))
    assert sum(times == 2 for times in films.values()) == 18


def test_without_a_folder_the_asset_is_read(movielens):
    folder = assets.fetch("movielens-100k")
    assert_identical(load_movielens_100k(folder), movielens)


def test_raw_ratings_are_the_text_of_the_file(official):
    raw = read_interactions(official)
    assert list(raw.columns) == ["user_id", "item_id", "value", "timestamp"]
    assert raw.to_numpy().tolist() == [line.split("\t") for line in RATINGS]


def test_raw_ratings_are_not_converted(official):
    write(official, data=["x\t007\t9.0\t"])
    assert read_interactions(official).to_numpy().tolist() == [["x", "007", "9.0", ""]]


@pytest.mark.parametrize("name", ["u.item", "u.user", "u.genre"])
def test_a_missing_official_file_is_named(official, name):
    (official / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"lacks \['{name}'\]"):
        load_movielens_100k(official)


@pytest.mark.parametrize("suffix", ["item", "user"])
def test_a_missing_recbole_file_is_named(recbole, suffix):
    (recbole / f"ml-100k.{suffix}").unlink()
    with pytest.raises(FileNotFoundError, match=rf"lacks \['ml-100k.{suffix}'\]"):
        load_movielens_100k(recbole)


def test_a_folder_with_neither_layout_is_told_what_is_needed(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must hold u.data.* or one .inter"):
        load_movielens_100k(tmp_path)


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("data", ["1,2,3,4"], r"u.data, line 1: must have 4 fields.*got 1: '1,2,3,4'"),
        ("data", [], "u.data: has no rows"),
        ("user", [USERS[0], "4|3"], r"u.user, line 2: must have 5 fields"),
        ("user", ["20|24.5|M|x|1"], "u.user, line 1: age must be a whole number"),
        ("user", ["x|24|M|x|1"], "line 1: user id must be a whole number, got 'x'"),
        ("item", ["1|Alien (1979)|||"], "u.item, line 1: must have 24 fields"),
        (
            "item",
            ["1|A (1979)|||" + "|0" * 18 + "|7"],
            "u.item, line 1: genres must be 0 or 1",
        ),
        ("genre", ["Drama|0"], "u.genre: must have 19 lines"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_due(official, name, lines, message):
    write(official, **{name: lines})
    with pytest.raises(ValueError, match=message):
        load_movielens_100k(official)


@pytest.mark.parametrize(
    ("suffix", "old", "new", "message"),
    [
        ("inter", "rating:float", "stars:float", "inter, line 1: must name user_id, i"),
        ("item", "Crime Western", "Crime Wester", "item, line 7: no genre 'Wester'"),
        ("item", "\t1968\t", "1968", "item, line 3: must have 4 fields"),
    ],
)
def test_a_wrong_recbole_line_is_named(recbole, suffix, old, new, message):
    path = recbole / f"ml-100k.{suffix}"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ValueError, match=message):
        load_movielens_100k(recbole)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("3\t99\t5\t88", "u.data, line 2: item_id must be listed in u.item, got 99"),
        ("4\t1\t5\t88", "u.data, line 2: user_id must be listed in u.user, got 4"),
        ("x\t1\t5\t88", "u.data, line 2: user_id must be listed in u.user, got x"),
        ("3\t1\t6\t88", r"line 2: value not in .*, got \['3', '1', '6', '88'\]"),
        ("3\t1\t\t88", "u.data, line 2: value missing"),
        ("3\t1\t5\tnoon", "u.data, line 2: timestamp not a number"),
        (RATINGS[0], "u.data, line 1: same user and item"),
    ],
)
def test_a_rating_that_cannot_be_is_refused_with_its_line(official, line, message):
    write(official, data=[RATINGS[0], line])
    with pytest.raises(ValueError, match=message):
        load_movielens_100k(official)


def test_a_line_of_the_recbole_layout_is_counted_with_its_header(recbole):
    path = recbole / "ml-100k.inter"
    path.write_text(path.read_text("utf-8").replace("\t1\t870", "\t8\t870"), "utf-8")
    with pytest.raises(ValueError, match=r"ml-100k.inter, line 3: value not in"):
        load_movielens_100k(recbole)
    assert read_interactions(recbole).index.tolist() == [2, 3, 4]


def test_tables_that_speak_of_different_ids_are_refused(official):
    loaded = load_movielens_100k(official)
    with pytest.raises(ValueError, match="items: ids must be the vocabulary"):
        MovieLens(loaded.interactions, loaded.items.select(np.arange(3)), loaded.users)
