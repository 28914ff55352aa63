"""Profiles that a language model writes: always of the form, always complete."""

from dataclasses import replace

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.lm.chat import encode_prompt
from recsys_ref.lm.encode import encode
from recsys_ref.profiles import textual
from recsys_ref.profiles.history import LINE
from recsys_ref.profiles.textual import (
    MOODS,
    TextualProfile,
    decades,
    encode_profiles,
    profile_schema,
    write_profile,
    write_profiles,
)

FILMS = Items(
    ids=[1, 2, 3, 4],
    title=["Alien", "Full Monty, The", "Big", "Ghost {history}"],
    year=[1979, 1997, np.nan, 1990],
    genres=np.array([[1, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]]) > 0,
    genre_names=("Horror", "Comedy", "Western"),  # no film is a Western
)
ANN = Interactions([0] * 3, [0, 3, 1], [5, 4, 1], [1, 2, 3], ["ann"], FILMS.ids)
WRITTEN = {
    "likes": ["Horror"],
    "dislikes": [],
    "eras": ["1970s", "1990s"],
    "moods": ["dark"],
    "titles": ["Alien"],
}


@pytest.fixture
def asked(monkeypatch):
    """Answer in the model's place, and keep what it was asked."""
    calls = []

    def answer(model, prompt, schema, **options):
        calls.append({"prompt": prompt, "schema": schema} | options)
        return WRITTEN

    monkeypatch.setattr(textual, "generate_json", answer)
    return calls


def conforms(profile, items, most):
    genres = {
        g for g, row in zip(items.genre_names, items.genres.T, strict=True) if row.any()
    }
    for part, allowed, least in (
        ("likes", genres, 1),
        ("dislikes", genres, 0),
        ("eras", set(decades(items)), 1),
        ("moods", set(MOODS), 1),
    ):
        said = getattr(profile, part)
        assert least <= len(said) <= most
        assert len(set(said)) == len(said)
        assert set(said) <= allowed
    assert 1 <= len(profile.titles) <= most
    assert max(map(len, profile.titles)) <= 60


@pytest.mark.parametrize(
    "options",
    [
        {"most": 2},
        {"most": 1, "temperature": 3.0, "rng": 1},  # wild, and still of the form
    ],
)
def test_whatever_the_model_prefers_a_profile_has_the_form(causal, options):
    profile, read = write_profile(causal, FILMS, ANN, answer_tokens=70, **options)
    conforms(profile, FILMS, options["most"])
    assert (read.kept, read.dropped) == (3, 0)


def test_the_schema_names_what_the_catalogue_has():
    properties = profile_schema(FILMS, most=2)["properties"]
    assert list(properties) == ["likes", "dislikes", "eras", "moods", "titles"]
    assert properties["likes"]["items"]["enum"] == ["Horror", "Comedy"]
    assert properties["eras"]["items"]["enum"] == ["1970s", "1990s"]
    assert properties["moods"]["items"]["enum"] == list(MOODS)
    assert {each["maxItems"] for each in properties.values()} == {2}


def test_the_schema_needs_genres_and_years():
    for lacking, name in (
        (Items([1], ["A"], [1990], [[False]], ["Horror"]), "genres"),
        (Items([1], ["A"], [np.nan], [[True]], ["Horror"]), "year"),
    ):
        with pytest.raises(ValueError, match=rf"items.{name}: none is known"):
            profile_schema(lacking)
    with pytest.raises(ValueError, match="most: must be a whole number of at least 1"):
        profile_schema(FILMS, most=0)


def test_the_model_is_asked_about_the_history_in_words(causal, asked):
    profile, read = write_profile(
        causal,
        FILMS,
        ANN,
        with_ratings=True,
        n_last=2,
        instruction="{history}\nWhat does {name} like?",
        most=2,
        answer_tokens=99,
        temperature=0.5,
        rng=4,
    )
    lines = [
        "Ghost {history} (1990): Horror, rated 4",
        "The Full Monty (1997): Comedy, rated 1",
    ]
    text = "\n".join(lines)
    content = f"{text}\nWhat does {{name}} like?"
    assert asked == [
        {
            "prompt": [{"role": "user", "content": content}],
            "schema": profile_schema(FILMS, most=2),
            "max_tokens": 99,
            "temperature": 0.5,
            "rng": 4,
        }
    ]
    assert (read.text, read.kept, read.beyond_last) == (text, 2, 1)
    assert profile == TextualProfile(**WRITTEN)
    assert profile.likes == ("Horror",)


def test_a_long_history_leaves_room_for_the_answer_and_says_what_it_cost(causal, asked):
    n = 3000
    rows = np.random.default_rng(0).integers(0, 4, n)
    long = Interactions(np.zeros(n), rows, np.ones(n), np.arange(n), ["ann"], FILMS.ids)
    _, read = write_profile(causal, FILMS, long, answer_tokens=200)
    tokens = len(encode_prompt(causal.tokenizer, asked[0]["prompt"]))
    assert causal.context - 230 < tokens == read.tokens <= causal.context - 200
    assert read.kept + read.beyond_tokens == n
    assert read.text.split("\n")[-1] == FILMS.text(LINE)[rows[-1]]
    tight = replace(causal, context=300)
    _, read = write_profile(tight, FILMS, long, answer_tokens=200)
    assert read.tokens <= 100
    with pytest.raises(ValueError, match="max_tokens: must be at least"):
        write_profile(tight, FILMS, long, answer_tokens=295)


def test_of_no_events_nothing_is_said_and_the_model_is_not_asked(causal, asked):
    nobody = ANN.select(np.array([], dtype=int))
    profile, read = write_profile(causal, FILMS, nobody)
    assert profile == TextualProfile()
    assert (read.text, read.kept) == ("", 0)
    assert asked == []


def test_an_instruction_without_the_history_is_refused(causal):
    with pytest.raises(ValueError, match=r"instruction: must have a \{history\}"):
        write_profile(causal, FILMS, ANN, instruction="What do people like?")


def test_profiles_of_users_are_written_from_their_own_events(causal, asked):
    x = Interactions(
        [0, 2, 0], [0, 1, 3], [1, 1, 1], [0, 1, 2], ["ann", "bob", "cy"], FILMS.ids
    )
    profiles, reads = write_profiles(causal, FILMS, x, [2, 1, 0], n_last=1)
    assert profiles == [TextualProfile(**WRITTEN), TextualProfile(), profiles[0]]
    assert [read.text.split(" (")[0] for read in reads] == [
        "The Full Monty", "", "Ghost {history}"
    ]  # fmt: skip
    assert [read.beyond_last for read in reads] == [0, 0, 1]
    for user in (3, -1):
        with pytest.raises(KeyError, match=rf"\[0, 3\), got \[{user}\]"):
            write_profiles(causal, FILMS, x, [0, user])


def test_profiles_are_encoded_into_the_space_of_the_items(encoder):
    said = TextualProfile(**WRITTEN)
    other = TextualProfile(likes=("Comedy",), dislikes=("Horror",))
    vectors = encode_profiles(encoder, [said, TextualProfile(), other], cache=False)
    assert vectors.dtype == np.float32
    expected = encode(encoder, [said.text(), other.text()], cache=False)
    np.testing.assert_allclose(vectors[[0, 2]], expected, atol=1e-6)
    assert (vectors[1] == 0).all()
    parts = encode_profiles(encoder, [said, other], parts=iter(["likes"]), cache=False)
    expected = encode(encoder, ["Likes: Horror.", "Likes: Comedy."], cache=False)
    np.testing.assert_allclose(parts, expected, atol=1e-6)
    items = encode(encoder, FILMS.text().tolist(), cache=False)
    assert items.shape[1] == vectors.shape[1]


def test_profiles_that_all_say_nothing_are_zeros(encoder):
    vectors = encode_profiles(encoder, [TextualProfile()] * 2, cache=False)
    assert vectors.shape == (2, 384)
    assert not vectors.any()
    assert encode_profiles(encoder, [], cache=False).shape == (0, 384)


def test_a_profile_is_said_part_by_part():
    said = TextualProfile(**WRITTEN)
    assert said.text() == (
        "Likes: Horror. Eras: 1970s, 1990s. Moods: dark. Titles: Alien."
    )
    assert said.text(["titles", "likes"]) == "Titles: Alien. Likes: Horror."
    assert said.text([]) == ""
    with pytest.raises(KeyError, match=r"parts: no \['actors'\], there are \['likes'"):
        said.text(["likes", "actors"])


@pytest.mark.parametrize("likes", ["Horror", [1990]])
def test_a_part_of_a_profile_is_a_row_of_strings(likes):
    with pytest.raises(ValueError, match="likes: must be strings, got"):
        TextualProfile(likes=likes)


def test_decades_are_those_of_known_years_in_order():
    assert decades(FILMS) == ["1970s", "1990s"]
