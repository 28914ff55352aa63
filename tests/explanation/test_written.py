"""Explanations in words: of the form that was asked, true where made to be."""

import json

import numpy as np
import pytest

from recsys_ref.explanation import written
from recsys_ref.explanation.written import (
    EXAMPLES,
    OPENING,
    REASON_LETTERS,
    ask_why,
    template_explanation,
    write_explanation,
)

HISTORY = ["Alien", "The Full Monty", "Big"]


def test_the_prompt_holds_the_history_and_ends_where_the_answer_begins():
    prompt = ask_why(HISTORY, "Aliens")
    assert prompt.endswith(
        f"Watched: Alien; The Full Monty; Big\nRecommended: Aliens\nWhy: {OPENING}"
    )
    assert "Counted" not in prompt
    assert prompt.count("Watched:") == 1 + len(EXAMPLES)


def test_who_is_told_is_told_in_the_examples_too():
    prompt = ask_why(HISTORY, "Aliens", told=["Alien", "Big"], form="cited")
    assert "Counted most: Alien; Big\n" in prompt
    assert prompt.count("Counted most:") == 1 + len(EXAMPLES)
    answers = [json.loads(line) for line in prompt.split("\n") if line[:1] == "{"]
    assert [a["because_you_watched"] for a in answers] == [e[2] for e in EXAMPLES]


def test_the_examples_are_not_of_the_catalogue(movielens):
    titles = set(movielens.items.title)
    for history, film, cited, _ in EXAMPLES:
        assert not titles & {*history, film}
        assert cited in history


def test_a_free_text_is_one_line(causal):
    said = write_explanation(causal, HISTORY, "Aliens", max_tokens=24)
    assert said.text.startswith(OPENING)
    assert "\n" not in said.text
    assert said.cited is None


def test_the_list_is_all_that_can_be_cited(causal):
    """Even where the model is drawn from wildly."""
    for seed in range(2):
        said = write_explanation(
            causal, HISTORY, "Aliens", form="cited", temperature=3.0, rng=seed
        )
        assert said.cited in HISTORY
        assert said.text.startswith(f'{OPENING}{said.cited}": ')
        assert len(said.text.split('": ', 1)[1]) <= REASON_LETTERS


def test_what_the_model_says_goes_into_the_sentence(monkeypatch):
    monkeypatch.setattr(written, "generate", lambda *a, **k: 'Big": it is big. ')
    assert (
        write_explanation(None, HISTORY, "Aliens").text == f'{OPENING}Big": it is big.'
    )
    found = {"because_you_watched": "Alien", "reason": " it is alien. "}
    monkeypatch.setattr(written, "generate_json", lambda *a, **k: found)
    said = write_explanation(None, HISTORY, "Aliens", form="cited")
    assert (said.text, said.cited) == (f'{OPENING}Alien": it is alien.', "Alien")


def test_the_template_names_what_counted_and_how_much():
    said = template_explanation(HISTORY, np.array([0.1, 0.5, -0.1]), "Aliens", most=3)
    assert said.cited == "The Full Monty"
    assert '"The Full Monty" (100 % of the score), "Alien" (20 %' in said.text
    assert "Big" not in said.text, "what speaks against is no reason"


def test_the_template_can_be_silent():
    for counted in ([-0.1, 0.0, 0.0], [0.0, 0.0, 0.0]):
        said = template_explanation(HISTORY, counted, "Aliens")
        assert said.cited is None
        assert said.text.startswith("Nothing")


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="titles"):
        ask_why([], "Aliens")
    with pytest.raises(ValueError, match="form"):
        ask_why(HISTORY, "Aliens", form="verse")
    with pytest.raises(ValueError, match="contributions: must be 3"):
        template_explanation(HISTORY, np.ones(2), "Aliens")
