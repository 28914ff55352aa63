"""Item texts: what is empty, what is said twice, and templates compared."""

import numpy as np
import pytest

from recsys_ref.content.text import TEMPLATES, compare_templates, text_report
from recsys_ref.data.items import Items


@pytest.fixture
def films():
    return Items(
        ids=[7, 3, 9],
        title=["Alien", "Full Monty, The", "alien"],
        year=[1979, np.nan, 1979],
        genres=[[True, True], [False, False], [False, True]],
        genre_names=("Horror", "Sci-Fi"),
    )


def test_empty_and_repeated_texts_are_found_and_words_counted():
    report = text_report(["b c", "", "a", "B c ", " \t", "a", "d", "b c"])
    assert report.n_texts == 8
    assert report.empty.tolist() == [1, 4]
    assert [group.tolist() for group in report.repeated] == [[0, 3, 7], [2, 5]]
    assert report.n_repeated == 5
    assert report.n_words.tolist() == [2, 0, 1, 2, 0, 1, 1, 2]


def test_a_report_of_no_texts():
    report = text_report([])
    assert repr(report) == "TextReport(0 texts, 0 empty, 0 repeated in 0 groups)"


def test_scripts_and_emoji_are_compared_as_they_are_read():
    report = text_report(["STRASSE", "straße", "千と千尋", "千と千尋", "🎬", "🎞️"])
    assert [group.tolist() for group in report.repeated] == [[0, 1], [2, 3]]
    assert not report.empty.size


def test_what_is_no_text_is_named():
    with pytest.raises(ValueError, match="texts: must be strings, got None in row 1"):
        text_report(["a", None])


def test_every_named_template_can_be_filled_and_they_differ(films):
    texts = [tuple(films.text(template).tolist()) for template in TEMPLATES.values()]
    assert len(set(texts)) == len(TEMPLATES)
    assert not any(
        "unknown" in line or "[" in line
        for each in texts
        for line in each
        if line != "unknown"
    )


def test_templates_side_by_side(films):
    table = compare_templates(films)
    assert table.index.tolist() == list(TEMPLATES)
    assert table.loc["title"].tolist() == [0, 2, 1.0, 3, "Alien"]
    assert table.loc["line", "example"] == "Alien (1979): Horror, Sci-Fi"
    assert table.loc["line", "repeated"] == 0
    assert table.loc["natural title", "longest"] == 3


def test_a_template_that_says_nothing_of_an_item_shows(films):
    table = compare_templates(films, {"bare": "[{genres}]"})
    assert table.loc["bare", "empty"] == 1


def test_no_items_cannot_be_compared(films):
    with pytest.raises(ValueError, match="items: need at least one, got none"):
        compare_templates(films.select(np.array([], dtype=int)))


def test_the_real_catalogue_tells_its_titles_apart_only_in_part(movielens):
    table = compare_templates(movielens.items)
    assert table.loc["title", "repeated"] > table.loc["title, year", "repeated"] > 0
    report = text_report(movielens.items.text().tolist())
    for group in report.repeated:
        assert len(set(movielens.items.title[group].tolist())) == 1
