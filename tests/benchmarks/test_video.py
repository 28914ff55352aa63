"""Labels and variety: what the file says is what the code gives."""

import numpy as np
import protocol
import pytest
import video

from recsys_ref import results


@pytest.fixture(scope="module")
def table():
    return results.load("video")


@pytest.fixture(scope="module")
def split():
    return protocol.published_splits()[42]


@pytest.mark.parametrize(
    "name", ["Mean rating", "EASE, watched", "EASE, liked", "EASE, watched + liked"]
)
def test_the_labels_in_the_file_are_computed_anew(split, table, name):
    bench = video.LabelBench(split)
    ours = bench.measure(bench.scores(name, table["labels"]["chosen"])).means()
    in_file = table["labels"]["seeds"][name]["42"]
    for label in video.LABELS:
        assert ours[label] == pytest.approx(in_file[label], abs=1e-3)


def test_the_curves_in_the_file_are_computed_anew(split, table):
    bench = video.VarietyBench(split, video.likeness(), stages=("EASE",))
    for how in video.RERANKERS:
        for by in video.ALIKE:
            row = table["variety"][f"EASE, {how}, {by}"]
            weight = row["chosen"]["bargain"]
            ours = bench.measure(bench.rerank("EASE", how, by, weight)).means()
            for name in video.COLUMNS:
                in_file = row["seeds"][str(weight)]["42"][name]
                assert ours[name] == pytest.approx(in_file, abs=1e-3)


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    for name, record in table["labels"]["search"].items():
        best = int(np.argmax(record["means"]))
        grid = list(record["space"].values())
        shape = [len(values) for values in grid]
        places = np.unravel_index(best, shape)
        found = [values[place] for values, place in zip(grid, places, strict=True)]
        assert list(record["chosen"].values()) == found
        assert record["chosen"].items() <= table["labels"]["chosen"][name].items()


def test_the_dials_are_chosen_on_validation_by_the_rule(table):
    for row in table["variety"].values():
        cuts = {float(weight): each for weight, each in row["validation"].items()}
        assert list(cuts) == video.WEIGHTS
        assert row["chosen"] == video.choose(cuts)
        least = table["protocol"]["kept_ndcg"] * cuts[1.0]["ndcg"]
        assert cuts[row["chosen"]["bargain"]]["ndcg"] >= least
        assert cuts[row["chosen"]["accurate"]]["ndcg"] >= cuts[1.0]["ndcg"]


def test_the_first_stage_is_the_same_for_all_dials(table):
    for stage in video.STAGES:
        rows = [
            row["test"]["1.0"]
            for name, row in table["variety"].items()
            if name.startswith(f"{stage}, ")
        ]
        assert len(rows) == 4
        assert all(row == rows[0] for row in rows)


def test_the_intervals_hold_the_differences_of_the_means(table):
    seeds = table["labels"]["seeds"]
    for name, by_label in table["labels"]["minus_watched"].items():
        for label, gaps in by_label.items():
            for seed in map(str, video.SEEDS):
                gap = seeds[name][seed][label] - seeds[video.BASE][seed][label]
                assert gaps[seed]["mean"] == pytest.approx(gap, abs=1e-6)
                assert gaps[seed]["low"] <= gap <= gaps[seed]["high"]
    for row in table["variety"].values():
        for kind, weight in row["chosen"].items():
            for seed in map(str, video.SEEDS):
                after, before = row["seeds"][str(weight)], row["seeds"]["1.0"]
                gap = after[seed]["ndcg"] - before[seed]["ndcg"]
                in_file = row["minus_first"][kind]["ndcg"][seed]["mean"]
                assert in_file == pytest.approx(gap, abs=1e-6)


def test_the_mean_rating_of_a_film_is_drawn_to_that_of_all(split):
    train = split.train
    ours = video.mean_ratings(train)
    item = int(np.bincount(train.item).argmax())
    own = train.value[train.item == item]
    expected = (own.sum() + 10 * train.value.mean()) / (len(own) + 10)
    assert ours[item] == pytest.approx(expected)
    unseen = np.setdiff1d(np.arange(train.n_items), train.item)
    assert np.allclose(ours[unseen], train.value.mean())


def test_the_report_names_every_method_and_dial(table):
    report = video.report(table)
    for name in (*video.METHODS, *table["variety"]):
        assert name in report
