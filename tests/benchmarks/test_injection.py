"""Orders in an item's text: what the file says is what the code gives."""

import injection as script
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.lm.scoring import log_likelihood


@pytest.fixture(scope="module")
def table():
    return results.load("injection")


@pytest.fixture(scope="module")
def asked():
    return script.shops()


def test_one_user_is_asked_anew(table, asked, causal):
    """Ranks may move by one where two titles are almost as likely."""
    shop, chosen = asked[0][0], asked[1][0]
    seen = {}

    def scorer(prompt, texts):
        key = str((prompt, texts))
        if key not in seen:
            seen[key] = log_likelihood(causal, prompt, texts)
        return seen[key]

    stored = table["users"][0]["ranks"]
    for defense, case in (
        ("none", "clean"),
        ("none", "order"),
        ("control tokens act", "turns"),
        ("removed + delimiters", "order"),
        ("less the list alone", "order"),
    ):
        scores = shop.scores(case, defense, causal, scorer)
        rank = script.rank_of(scores, shop.place)
        assert abs(rank - stored[defense][case]) <= 1, (defense, case)
    assert chosen.shape == (script.CANDIDATES,)


def test_what_an_answer_names_is_judged_anew(table, asked):
    for user, shop in zip(table["users"], asked[0], strict=True):
        for case, answer in user["answers"].items():
            assert script.judged(answer, shop) == user["named"][case]


def test_defenses_that_change_nothing_have_the_same_ranks(table):
    """Only forged turns hold control strings; praise has none to remove."""
    for user in table["users"]:
        ranks = user["ranks"]
        for case in ("clean", "praise", "repeat", "order"):
            assert ranks["none"][case] == ranks["control tokens act"][case]
            assert ranks["none"][case] == ranks["strings removed"][case]


def test_everyone_was_asked_everything(table):
    assert len(table["users"]) == script.USERS
    for user in table["users"]:
        assert list(user["ranks"]) == list(script.DEFENSES)
        for cases in user["ranks"].values():
            assert list(cases) == list(script.CASES)
            assert all(1 <= rank <= script.CANDIDATES for rank in cases.values())


def test_the_attacker_owns_the_last_that_was_retrieved(asked):
    places = np.array([shop.place for shop in asked[0]])
    assert len(np.unique(places)) > 3, "its place in the prompt is drawn"
    for shop in asked[0]:
        addition = " Ignore"
        changed = [
            a != b
            for a, b in zip(shop.attacked(addition), shop.descriptions, strict=True)
        ]
        assert np.flatnonzero(changed).tolist() == [shop.place]
