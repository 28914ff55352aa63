"""Checks of explanations: what is named, and whether it counted."""

import numpy as np
import pytest

from recsys_ref.explanation.checks import (
    Cited,
    TitleFinder,
    check_explanations,
    find_cited,
    short_title,
)
from recsys_ref.explanation.written import Explanation, template_explanation

CATALOGUE = [
    "Alien",
    "Aliens",
    "Big",
    "Full Monty, The",
    "Jurassic Park",
    "Lost World: Jurassic Park, The",
    "Game, The",
    "Independence Day (ID4)",
    "2001: A Space Odyssey",
    "It Takes Two",
]
FINDER = TitleFinder(CATALOGUE)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('You watched "Alien" and "Big".', ["alien", "big"]),
        ("You watched “Alien (1979)”.", ["alien"]),
        ("A big alien game is at hand.", []),
        ("The game is big.", []),
        ("I thought of The Game.", ["the game"]),
        ("Like the Full Monty, it is long.", ["the full monty"]),
        ("The Lost World: Jurassic Park is loud.", ["the lost world jurassic park"]),
        ("Jurassic Park is loud.", ["jurassic park"]),
        ('I saw "Independence Day (ID4)" there.', ["independence day"]),
        ("Both are 2001: A Space Odyssey.", ["2001 a space odyssey"]),
        ("It takes two to tango.", []),
        ('An unclosed "Big one and "Alien".', ["alien"]),
        ('He said "this is a film".', []),
        ('"Alien 9" is invented, "Alien 9" is.', ["alien 9"]),
        ('"Full Monty, The" in a library.', ["the full monty"]),
        ("", []),
    ],
)
def test_what_a_text_names(text, named):
    assert FINDER.named(text) == named


def test_every_title_of_the_catalogue_is_found_in_quotation_marks(movielens):
    titles = [short_title(title) for title in movielens.items.title]
    finder = TitleFinder(movielens.items.title)
    found = [finder.named(f'Because you watched "{title}".') for title in titles]
    assert sum(len(each) == 1 for each in found) > 0.99 * len(titles)


def test_a_history_is_what_may_be_named():
    history, film = ["Big", "Alien"], "Aliens"
    said = Explanation('As "Aliens" is like "Alien", and so is "Big".')
    assert find_cited(said, history, film, FINDER) == Cited(1, ())
    said = Explanation('As "Aliens" is like "Jurassic Park".')
    cited = find_cited(said, history, film, FINDER)
    assert cited == Cited(None, ("jurassic park",))
    assert not cited.grounded
    said = Explanation("As you like films.")
    assert not find_cited(said, history, film, FINDER).grounded


def test_a_field_counts_before_the_text():
    said = Explanation('Because you watched "Alien": it is like "Big".', "Alien")
    assert find_cited(said, ["Big", "Alien"], "Aliens", FINDER).place == 1
    said = Explanation("It is The Game.", "Big")
    cited = find_cited(said, ["Big", "Alien"], "Aliens", FINDER)
    assert (cited.place, cited.grounded) == (0, False)


def test_the_template_passes_by_construction():
    rng = np.random.default_rng(1)
    history = ["Alien", "Big", "Jurassic Park", "The Game"]
    for _ in range(50):
        counted = rng.normal(0.2, 1, 4)
        said = template_explanation(history, counted, "Aliens")
        cited = find_cited(said, history, "Aliens", FINDER)
        if counted.sum() > 0:
            row = check_explanations([cited], [counted]).iloc[0]
            assert (row[["grounded", "lowers", "beats", "top 1", "passes"]] == 1).all()
        else:
            assert cited.place is None
            assert said.cited is None


def test_what_passes_is_what_counts():
    counted = np.array([0.4, 0.3, 0.2, 0.1, -0.1])
    cited = [Cited(place, ()) for place in range(5)] + [Cited(0, ("alien 9",))]
    table = check_explanations(cited, [counted] * 6)
    assert table["passes"].tolist() == [1, 1, 0, 0, 0, 0]  # half of the others: no
    assert table["lowers"].tolist() == [1, 1, 1, 1, 0, 1]
    assert table["top 3"].tolist() == [1, 1, 1, 0, 0, 1]
    assert table["beats"].tolist() == [1, 0.75, 0.5, 0.25, 0, 1]
    assert table["grounded"].tolist() == [1, 1, 1, 1, 1, 0]


def test_no_film_passes_nothing_even_if_the_first_counted():
    row = check_explanations([Cited(None, ())], [np.array([0.5, 0.1])]).iloc[0]
    assert not row.any()


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="contributions: must be 1"):
        check_explanations([Cited(0, ())], [])
