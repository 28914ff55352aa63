"""Items: columns that cannot change, and text that reads well."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.items import Items

COLUMNS = {
    "ids": pd.Index([7, 3, 9]),
    "title": ["Alien", "Brazil", "Alien"],
    "year": [1979, np.nan, 1979],
    "genres": [[True, True], [False, True], [False, False]],
    "genre_names": ("Horror", "Sci-Fi"),
}


def films(**changes):
    return Items(**COLUMNS | changes)


def test_columns_are_copies_and_cannot_be_written():
    year = np.array([1979.0, np.nan, 1979.0])
    items = films(year=year)
    year[0] = 1
    assert items.year[0] == 1979
    for column in (items.title, items.year, items.genres):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = column[1]
    with pytest.raises(AttributeError):
        items.year = year


def test_select_keeps_rows_together_and_in_the_order_given():
    by_place = films().select(np.array([2, 0]))
    assert by_place.ids.tolist() == [9, 7]
    assert by_place.title.tolist() == ["Alien", "Alien"]
    assert by_place.genres.tolist() == [[False, False], [True, True]]
    assert by_place.genre_names == ("Horror", "Sci-Fi")
    by_mask = films().select(np.array([False, True, False]))
    assert by_mask.ids.tolist() == [3]
    assert np.isnan(by_mask.year).tolist() == [True]
    assert len(films().select(np.array([], dtype=int))) == 0


def test_to_frame_says_what_is_unknown():
    frame = films().to_frame()
    assert list(frame.columns) == ["item_id", "title", "year", "genres"]
    assert frame.item_id.tolist() == [7, 3, 9]
    assert frame.year.isna().tolist() == [False, True, False]
    assert frame.year.iloc[0] == 1979
    assert frame.genres.tolist() == ["Horror, Sci-Fi", "Sci-Fi", ""]


def test_text_leaves_out_what_is_unknown():
    assert films().text().tolist() == [
        "Alien (1979): Horror, Sci-Fi",
        "Brazil: Sci-Fi",
        "Alien (1979)",
    ]


def test_text_outside_brackets_says_unknown():
    assert films().text("{title}, {year}, {genres}").tolist() == [
        "Alien, 1979, Horror, Sci-Fi",
        "Brazil, unknown, Sci-Fi",
        "Alien, 1979, unknown",
    ]


def test_a_title_that_looks_like_a_template_stays_as_it_is():
    odd = films(title=["[Rec]", "{year}", "100% [{x}]"])
    assert odd.text("<{title}>").tolist() == ["<[Rec]>", "<{year}>", "<100% [{x}]>"]


def test_an_unknown_field_is_named():
    with pytest.raises(KeyError, match=r"no field 'director', there are \['genres'"):
        films().text("{title} by {director}")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ids": [7, 3, 7]}, r"ids: must be distinct, got \[7\]"),
        ({"ids": [7, 3]}, r"title: must have shape \(2,\), got \(3,\)"),
        ({"title": ["Alien", None, "Alien"]}, "title: must be strings, got None"),
        ({"year": [1979, 1985]}, r"year: must have shape \(3,\), got \(2,\)"),
        ({"year": [np.inf, 1, 2]}, "year: must be finite or NaN, got inf in row 0"),
        ({"genres": [[True], [True], [True]]}, r"genres: must have shape \(3, 2\)"),
        ({"genres": [[0.5, 1], [0, 0], [0, 0]]}, "genres: must hold bool"),
        ({"genre_names": ("Horror", "Horror")}, "genre_names: must be distinct"),
    ],
)
def test_bad_columns_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        films(**changes)
