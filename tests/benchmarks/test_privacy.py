"""Attacks and protection: what the file says is what the code gives."""

import numpy as np
import privacy
import protocol
import pytest

from recsys_ref import results
from recsys_ref.evaluation.significance import paired_bootstrap
from recsys_ref.privacy.differential import attack_ceiling, gaussian_sigma
from recsys_ref.privacy.inversion import gram_of_weights, leverage
from recsys_ref.privacy.membership import attack_auc, own_fit, paired_halves
from recsys_ref.privacy.private_models import PrivateEASE
from recsys_ref.privacy.pseudonym import generalized

WAYS = ["lists", "lists, calibrated", "scores", "scores, calibrated"]


@pytest.fixture(scope="module")
def table():
    return results.load("privacy")


@pytest.fixture(scope="module")
def split():
    return protocol.published_splits()[42]


def test_the_attacks_by_weights_and_raw_scores_come_out_again(table, movielens):
    x = movielens.interactions
    halves = paired_halves(x.n_users, privacy.PAIRS, rng=privacy.RNG)
    by_scores, by_weights = [], []
    for target in privacy.TARGETS:
        model = privacy.TUNED["EASE"]().fit(privacy.of_users(x, halves[target]))
        scores = model.fold_in(x).score(np.arange(x.n_users))
        by_scores.append(attack_auc(own_fit(scores, x.matrix()), halves[target]))
        if target == privacy.TARGETS[0]:
            gram = gram_of_weights(model.weights_, model.l2)
            by_weights = attack_auc(-leverage(gram, x.matrix()), halves[target])
    ease = table["attacks"]["EASE"]
    assert np.mean(by_scores) == pytest.approx(ease["scores"]["auc"]["mean"], abs=1e-4)
    assert by_weights == ease["weights"]["auc"]["mean"] == 1


def test_the_control_is_a_coin_and_every_interval_holds_its_mean(table):
    for model, record in table["attacks"].items():
        assert set(WAYS) <= set(record)
        for row in record.values():
            for interval in row.values():
                assert interval["low"] <= interval["mean"] <= interval["high"], model
    for way in WAYS[1::2]:
        assert table["attacks"]["Text"][way]["auc"]["mean"] == 0.5


@pytest.mark.parametrize("epsilon", ["1", "inf"])
def test_a_private_model_comes_out_again(table, split, epsilon):
    given = table["search"][epsilon]["chosen"]
    run = privacy.over_draws(
        lambda rng: PrivateEASE(float(epsilon), privacy.DELTA, rng=rng, **given),
        split,
        1 if epsilon == "inf" else privacy.DRAWS,
    )
    popularity = privacy.measure(privacy.TUNED["Popularity"]().fit(split.train), split)
    gap = paired_bootstrap(
        run.per_user[privacy.METRIC], popularity.per_user[privacy.METRIC], rng=0
    )
    in_file = table["utility"]["minus_popularity"][f"private EASE, {epsilon}"]["42"]
    assert gap.mean == pytest.approx(in_file["mean"], abs=2e-3)
    assert gap.low == pytest.approx(in_file["low"], abs=3e-3)


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    for epsilon in privacy.EPSILONS:
        search = table["search"][f"{epsilon:g}"]
        assert search["space"] == privacy.SPACE
        best = int(np.argmax(search["means"]))
        grid = np.meshgrid(*privacy.SPACE.values(), indexing="ij")
        values = [axis.ravel()[best] for axis in grid]
        assert search["chosen"] == dict(zip(privacy.SPACE, values, strict=True))


def test_no_attack_on_a_private_model_is_above_the_ceiling(table):
    for epsilon in privacy.EPSILONS[:-1]:
        row = table["private"][f"{epsilon:g}"]
        ceiling = attack_ceiling(gaussian_sigma(epsilon, privacy.DELTA))
        assert row["ceiling"] == pytest.approx(ceiling, abs=1e-7)
        assert row["informed"] < ceiling + 0.02
        assert row["scores, calibrated"]["auc"]["low"] < ceiling


def test_the_informed_attack_comes_out_again(table, movielens):
    x = movielens.interactions
    half = paired_halves(x.n_users, privacy.PAIRS, rng=privacy.RNG)[0]
    found = privacy.informed(x, half, 4.0, table["search"]["4"]["chosen"])
    assert found == pytest.approx(table["private"]["4"]["informed"], abs=1e-3)


def test_what_histories_tell_comes_out_again(table, movielens):
    x, record = movielens.interactions, table["disclosure"]
    for name, fact in privacy.facts(x).items():
        again = privacy.singled_out(x, fact, 5)
        assert again["mean"] == pytest.approx(record["unicity"][name]["5"]["mean"])
    label = generalized(movielens.items, x, 100).label
    row = record["hidden"]["100"]
    assert row["names"] == len(np.unique(label))
    again = privacy.inferred(x, label, movielens.users.gender == "F")
    assert again["mean"] == pytest.approx(row["gender"]["mean"], abs=1e-3)


def test_facts_are_equal_only_where_all_that_they_say_is(movielens):
    x = movielens.interactions.select(np.arange(3000))
    days = x.timestamp // 86_400
    month = (days - days.min()) // 30
    says = {
        "film": list(x.item),
        "film, month": list(zip(x.item, month, strict=True)),
        "film, rating": list(zip(x.item, x.value, strict=True)),
        "film, day": list(zip(x.item, days, strict=True)),
    }
    for name, fact in privacy.facts(x).items():
        pairs = set(zip(fact.tolist(), says[name], strict=True))
        assert len(pairs) == len(set(fact.tolist())) == len(set(says[name]))


def test_the_report_shows_every_model_and_budget(table):
    report = privacy.report(table)
    for name in (*table["attacks"], *table["utility"]["over_seeds"]):
        assert name in report
    for epsilon in table["private"]:
        assert f"epsilon {epsilon:4}" in report
