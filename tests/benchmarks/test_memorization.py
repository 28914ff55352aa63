"""What SmolLM2 remembers: what the file says is what the code gives."""

import memorization as script
import numpy as np
import pytest
from scipy.stats import binomtest

from recsys_ref import results
from recsys_ref.lm.pretrained import load_causal

FILMS = 6


@pytest.fixture(scope="module")
def table():
    return results.load("memorization")


def test_the_films_are_drawn_anew(movielens, table):
    films = script.drawn_films(movielens)
    assert films.tolist() == table["protocol"]["films"]
    assert np.unique(films).size == 3 * script.PER_THIRD
    counts = np.bincount(movielens.interactions.item)[films]
    assert counts[0].min() >= counts[1].max()
    assert counts[1].min() >= counts[2].max()


def test_years_are_read_anew(movielens, table):
    films = np.array(table["protocol"]["films"]).ravel()[:FILMS]
    model = load_causal()
    for name, form in script.FORMS.items():
        scores = script.year_scores(model, movielens.items.select(films), form)
        assert np.exp(scores).sum(axis=1) == pytest.approx(np.ones(FILMS))
        likeliest = scores.argmax(axis=1) + script.FIRST
        assert likeliest.tolist() == table["years"][name]["likeliest"][:FILMS]


def test_shares_right_follow_from_the_years_read(movielens, table):
    films = np.array(table["protocol"]["films"]).ravel()
    truth = movielens.items.year[films]
    for name in script.FORMS:
        far = np.abs(np.array(table["years"][name]["likeliest"]) - truth)
        assert script.share(far == 0) == table["years"][name]["right_by_model"]
        near = table["years"][name]["within_one_year_by_model"]
        assert script.share(far <= 1) == near


def test_shares_carry_the_interval_of_wilson():
    hits = np.arange(30) < 4
    theirs = binomtest(4, 30).proportion_ci(method="wilson")
    ours = script.share(hits)
    assert (ours["low"], ours["high"]) == pytest.approx(theirs, abs=1e-6)


def test_a_film_does_not_count_for_its_own_habit():
    values = np.array([[1.0, 0.0], [3.0, 2.0], [5.0, 7.0]])
    assert script.others_mean(values).tolist() == [[4, 4.5], [3, 3.5], [2, 1]]


def test_a_habit_alone_is_divided_out():
    """A model that gives every title the same years knows no more than frequency."""
    scores = np.log(np.tile([0.7, 0.2, 0.1], (4, 1)))
    frequency = np.array([[5.0, 9.0, 1.0]] * 4)
    fair = script.calibrated(scores, frequency)
    assert np.exp(fair) == pytest.approx(frequency)
    ranks = script.reciprocal_ranks(fair, np.array([0, 1, 2, 1]))
    assert ranks == pytest.approx([1 / 2, 1, 1 / 3, 1])


def test_tied_years_share_their_rank():
    ranks = script.reciprocal_ranks(np.zeros((1, 3)), np.array([1]))
    assert ranks == pytest.approx([1 / 2])


def test_groups_add_up_and_intervals_hold_their_mean(table):
    for form in script.FORMS:
        years = table["years"][form]
        for part in ("reciprocal_rank", "shuffled"):
            thirds = [years[part][third] for third in script.THIRDS]
            assert np.mean(thirds) == pytest.approx(years[part]["all"], abs=1e-6)
        for part in ("minus_shuffled", "minus_frequency"):
            for gap in years[part].values():
                assert gap["low"] <= gap["mean"] <= gap["high"]
        gap = years["reciprocal_rank"]["all"]
        gap -= table["years"]["reciprocal_rank_of_frequency"]
        assert years["minus_frequency"]["all"]["mean"] == pytest.approx(gap, abs=1e-6)


def test_the_probe_sees_what_it_is_told(table):
    told = table["years"]["told"]
    assert told["right_by_model"]["low"] > 0.9
    assert told["minus_shuffled"]["all"]["low"] > 0


def test_the_report_names_every_probe(table):
    report = script.report(table)
    for word in ("told: right by model", "row of u.user", "u.data: next_row"):
        assert word in report
