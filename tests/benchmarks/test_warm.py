"""Text where ratings are plenty: what the file says is what the code gives."""

from itertools import product

import numpy as np
import protocol
import pytest
import warm

from recsys_ref import results
from recsys_ref.evaluation.significance import holm, paired_bootstrap


@pytest.fixture(scope="module")
def table():
    return results.load("warm")


@pytest.fixture(scope="module")
def split():
    return protocol.published_splits()[42]


@pytest.fixture(scope="module")
def bench(split):
    return warm.Bench(split, warm.item_vectors())


@pytest.mark.parametrize(
    "name",
    [
        "Popularity",
        "EASE",
        "Text",
        "Collective EASE",
        "Prior EASE",
        "Genre prior EASE",
        "EASE + text",
    ],
)
def test_the_file_holds_what_is_computed_anew(bench, table, name):
    ours = bench.method(name, table["chosen"]).means()[warm.METRIC]
    in_file = table["seeds"][name]["42"][warm.METRIC]
    assert ours == pytest.approx(in_file, abs=1e-3)


def test_shuffled_text_loses_the_gain(split, bench, table):
    control = warm.Bench(split, warm.shuffled(warm.item_vectors(), 42))
    lost = control.method("Prior EASE", table["chosen"])
    in_file = table["controls"]["Prior EASE"]["42"][warm.METRIC]
    assert lost.means()[warm.METRIC] == pytest.approx(in_file, abs=1e-3)
    true = bench.method("Prior EASE", table["chosen"])
    gap = paired_bootstrap(
        true.per_user[warm.METRIC], lost.per_user[warm.METRIC], rng=0
    )
    assert gap.low > 0
    assert gap.mean == pytest.approx(
        table["minus_control"]["Prior EASE"]["42"]["mean"], abs=1e-3
    )


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    spaces = warm.SPACES | warm.BLENDS
    assert set(table["search"]) == set(spaces)
    for name, record in table["search"].items():
        space = spaces[name]
        assert record["space"] == {key: list(tried) for key, tried in space.items()}
        grid = [dict(zip(space, row, strict=True)) for row in product(*space.values())]
        assert len(record["means"]) == len(grid)
        assert grid[int(np.argmax(record["means"]))] == record["chosen"]
        assert table["chosen"][name] == record["chosen"]


def test_models_tuned_before_are_taken_as_they_were(table):
    before = results.load("movielens_100k")["chosen"]
    assert {name: table["chosen"][name] for name in before} == before


def test_the_intervals_hold_the_differences_of_the_means(table):
    for kind, base in (("minus_ease", "EASE"), ("minus_ials", "IALS")):
        for name, intervals in table[kind].items():
            for seed in map(str, warm.SEEDS):
                gap = (
                    table["seeds"][name][seed][warm.METRIC]
                    - table["seeds"][base][seed][warm.METRIC]
                )
                assert intervals[seed]["mean"] == pytest.approx(gap, abs=1e-6)
                assert intervals[seed]["low"] < gap < intervals[seed]["high"]


def test_the_p_values_are_adjusted_for_all_methods_with_text(table):
    assert tuple(table["p_values"]) == warm.WITH_TEXT
    raw = np.array([row["p"] for row in table["p_values"].values()])
    adjusted = [row["holm"] for row in table["p_values"].values()]
    assert adjusted == pytest.approx(holm(raw), abs=1e-6)


def test_the_report_shows_every_method_from_worst_to_best(table):
    lines = warm.report(table).split("\n\n")[0].splitlines()[1:]
    means = [float(line[30:37]) for line in lines]
    assert len(means) == len(warm.METHODS)
    assert means == sorted(means)
