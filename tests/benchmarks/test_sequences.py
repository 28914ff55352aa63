"""The committed numbers about sequences, recomputed where that is cheap."""

from itertools import product

import numpy as np
import pytest
import sequences

from recsys_ref import results
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.sasrec import SASRec

NDCG = f"ndcg@{sequences.K}"
LINEAR = (sequences.EASE_NAME, sequences.BASE)


@pytest.fixture(scope="module")
def table():
    return results.load("sequences")


@pytest.fixture(scope="module")
def lab():
    return sequences.Lab()


@pytest.mark.parametrize("ties", ["random", "order", "item id"])
def test_cheap_methods_give_what_the_file_holds(lab, table, ties):
    case = (ties, 0)
    split = lab.split(case)
    scores = {
        name: lab.linear(case, "test", **table["chosen"][name]) for name in LINEAR
    }
    scores["popularity"] = Popularity().fit(split.train).score(np.arange(943))
    for name, each in scores.items():
        means = sequences.measure(each, split, 0).means().to_dict()
        expected = table["ties"][ties]["seeds"][name]["0"]
        assert means == pytest.approx(expected, abs=2e-3, nan_ok=True), name


def test_the_first_epochs_of_sasrec_lose_what_the_file_says(lab, table):
    dropout = table["chosen"]["SASRec"]["dropout"]
    train = lab.split(("random", 0)).train
    for start in ("random", "text"):
        vectors = sequences.start_vectors(start, 0)
        model = SASRec(vectors, dropout=dropout, rng=0, epochs=2).fit(train)
        expected = table["training"][start]["random 0"]["losses"][:2]
        assert model.validation_losses_ == pytest.approx(expected, abs=5e-3)


def test_the_validation_events_are_in_train_and_those_of_sasrec(lab):
    split, inner = lab.split(("random", 1)), lab.inner(("random", 1))
    inner.check(split.train)
    assert len(inner.test) == len(split.test) == 943


def test_shuffled_vectors_are_the_same_vectors_of_other_films():
    text, shuffled = (
        sequences.start_vectors(start, 2) for start in ("text", "shuffled text")
    )
    assert (text != shuffled).any(axis=1).mean() > 0.99
    np.testing.assert_array_equal(np.sort(text, axis=0), np.sort(shuffled, axis=0))


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    for name, record in table["search"].items():
        space = record["space"]
        grid = [dict(zip(space, row, strict=True)) for row in product(*space.values())]
        assert len(record["means"]) == len(grid)
        best = grid[int(np.argmax(record["means"]))]
        assert best == record["chosen"] == table["chosen"][name]


def test_the_intervals_hold_the_differences_of_the_means(table):
    for ties, part in table["ties"].items():
        for pair, metrics in part["differences"].items():
            a, b = pair.split(" minus ")
            for metric, intervals in metrics.items():
                for seed, interval in intervals.items():
                    assert interval["low"] <= interval["mean"] <= interval["high"]
                    if seed != "pooled":
                        gap = (
                            part["seeds"][a][seed][metric]
                            - part["seeds"][b][seed][metric]
                        )
                        assert interval["mean"] == pytest.approx(gap, abs=1e-6), (
                            ties,
                            pair,
                        )


def test_training_stopped_by_validation_or_at_the_last_epoch(table):
    for runs in table["training"].values():
        for run in runs.values():
            losses = run["losses"]
            assert len(losses) == run["epochs"] <= SASRec().epochs
            assert min(losses) == losses[run["best_epoch"] - 1] == run["loss"]
            stopped = run["epochs"] - run["best_epoch"] == SASRec().patience
            assert stopped or run["epochs"] == SASRec().epochs


def test_popularity_and_the_shuffled_control_stand_beside_the_others(table):
    for part in table["ties"].values():
        assert {"popularity", *LINEAR} <= set(part["seeds"])
    random = table["ties"]["random"]
    assert f"{sequences.TEXT} minus {sequences.SHUFFLED}" in random["differences"]
    assert all(len(seeds) == 5 for seeds in random["seeds"].values())


def test_the_report_has_a_line_for_every_method(table):
    report = sequences.report(table)
    for name in table["ties"]["random"]["seeds"]:
        assert f"\n{name} " in report
