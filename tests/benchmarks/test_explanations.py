"""Explanations: what the file says of its texts is what the checks say again."""

import explanations as script
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.content.embed import embed_items
from recsys_ref.explanation.checks import TitleFinder
from recsys_ref.explanation.written import OPENING


@pytest.fixture(scope="module")
def table():
    return results.load("explanations")


@pytest.fixture(scope="module")
def case():
    return script.Case()


@pytest.fixture(scope="module")
def vectors(encoder, case):
    return embed_items(encoder, case.items)


def test_users_and_films_are_drawn_anew(case, table):
    for name in ("users", "first", "last"):
        assert getattr(case, name).tolist() == table["protocol"][name]
    for row, own in enumerate(case.history):
        assert len(own) == script.WINDOW
        assert case.first[row] not in own
        assert case.counted()[row].sum() > case.counted("last")[row].sum()


def test_every_check_is_repeated_on_the_stored_texts(case, table, vectors):
    found = script.checks(case, table["texts"], vectors)
    assert list(found) == list(table["checks"])
    for kind, shares in found.items():
        for column, value in shares.items():
            assert value == pytest.approx(table["checks"][kind][column], abs=1e-6)


def test_what_is_true_by_construction_passes(table):
    template = table["checks"]["template"]
    for column in ("grounded", "lowers", "beats", "top 1", "passes"):
        assert template[column]["mean"] == 1
    for name in ("cited", "cited, told", "nearest text", "nearest genres"):
        assert table["checks"][name]["lowers"]["mean"] > 0
    chance = table["checks"]["random film"]
    assert chance["beats"]["mean"] == pytest.approx(0.5)
    assert chance["top 1"]["mean"] == pytest.approx(1 / script.WINDOW)
    assert chance["top 3"]["mean"] == pytest.approx(3 / script.WINDOW)


def test_the_last_film_is_judged_again(case, table):
    assert script.last_film(case, table["texts"]) == table["last_film"]


def test_texts_have_their_form(case, table):
    for name, (form, _, _) in script.ASKED.items():
        assert len(table["texts"][name]) == script.USERS
        for row, each in enumerate(table["texts"][name]):
            assert each["text"].startswith(OPENING)
            if form == "cited":
                assert each["cited"] in case.names(row)
            else:
                assert each["cited"] is None


def test_a_text_is_written_again(case, table, causal):
    """Where two tokens are nearly as likely another processor may choose the other."""
    for name in ("free", "cited"):
        again = script.write(causal, case, 0, name)
        stored = table["texts"][name][0]["text"]
        assert again.text[:30] == stored[:30]


def test_texts_written_together_are_those_written_alone(case, causal):
    prompts = [script.ask_why(**script.asked(case, row, "free")) for row in (0, 1)]
    together = script.continued(causal, prompts)
    alone = [script.write(causal, case, row, "free").text for row in (0, 1)]
    for one, other in zip(together, alone, strict=True):
        assert f"{OPENING}{one}"[:30] == other[:30]


def test_fluency_is_read_again(table, causal):
    texts = [each["text"] for each in table["texts"]["free"][:5]]
    nats = script.fluency(causal, texts)
    assert nats == pytest.approx(table["fluency"]["nats"]["free"][:5], abs=5e-3)


def test_likeness_of_whole_histories_is_counted_again(case, table, vectors):
    everyone = np.arange(case.train.n_users)
    films = case.learned.recommend(everyone, k=1, rng=script.SEED).items[:, 0]
    parts = [script.additive_parts(case.learned, user) for user in everyone]
    counted = [p[:, film] for (_, p, _), film in zip(parts, films, strict=True)]
    history = [items for items, _, _ in parts]
    genres = script.likenesses(case.items, vectors)["genres"]
    again = script.agreement(counted, script.by_likeness(genres, history, films))
    stored = table["whole_histories"]["EASE"]["genres"]
    for column in ("top 1", "top 3", "beats"):
        assert again[column].mean() == pytest.approx(stored[column]["mean"], abs=2e-3)


def test_shares_and_means_get_their_intervals():
    found = script.interval([0, 0, 0, 0])
    assert found["mean"] == found["low"] == 0 < found["high"]
    found = script.interval([0.2, 0.4, 0.9])
    assert found["mean"] == pytest.approx(0.5)
    assert 0.2 <= found["low"] < found["mean"] < found["high"] <= 0.9


def test_fluency_that_tells_and_that_does_not():
    nats = np.arange(20.0)[:, None]
    found = script.told_apart(nats, nats >= 10)
    assert found["mean"] == found["low"] == found["high"] == 1
    assert script.auc(np.ones((4, 1)), np.eye(4, 1) > 0) == 0.5
    assert np.isnan(script.auc(nats, nats >= 0))


def test_fluency_is_compared_within_a_way_of_asking():
    """One way passes always and is fluent: that is no evidence, there is no pair."""
    nats = np.array([[9.0, 1.0], [9.0, 2.0]])
    passes = np.array([[True, False], [True, True]])
    assert script.auc(nats, passes) == 1  # the pair of the second column
    assert np.isnan(script.auc(nats[:, :1], passes[:, :1]))


def test_fluency_and_checks_give_the_stored_interval(case, table):
    finder = TitleFinder(case.items.title)
    firsts = [n for n, (_, _, which) in script.ASKED.items() if which == "first"]
    nats = np.array([table["fluency"]["nats"][name] for name in firsts]).T
    passes = [
        script.check(
            case, [script.Explanation(**each) for each in table["texts"][name]], finder
        )[1]["passes"]
        > 0
        for name in firsts
    ]
    found = script.told_apart(nats, np.array(passes).T)
    assert found == pytest.approx(table["fluency"]["told_apart"], abs=1e-6)


def test_a_reason_is_what_follows_the_film():
    assert script.reason('Because you watched "Big": it is big.') == "it is big."
    assert script.reason('Because you watched "Big" and more.') == ""


def test_doubt_is_a_word():
    for text in ("it is not big.", "Nothing is.", "it isn't.", "big, but old"):
        assert script.DOUBT.search(text)
    for text in ("a notable film", "a button", "another one"):
        assert not script.DOUBT.search(text)


def test_a_genre_fits_its_own_film(encoder, movielens):
    films = np.array([0, 49, 55])  # Toy Story, Star Wars, Pulp Fiction
    reasons = [script.genre_reason(movielens.items, film) for film in films]
    reasons[2] = ""
    shares = script.swapped(reasons, films, encoder, movielens.items)
    assert len(shares) == 2
    assert np.mean(shares) > 0.5


def test_chance_is_a_mean_over_all_films(case):
    again = script.drawn(case)
    _, found = script.check(
        case,
        [script.cite(case.names(row)[0]) for row in range(len(case.users))],
        TitleFinder(case.items.title),
    )
    assert found["grounded"].mean() == again["grounded"]["mean"] == 1


def test_the_report_names_every_kind(table):
    report = script.report(table)
    for word in ("EASE: half", "free, told", "template", "last film", "fluency"):
        assert word in report
