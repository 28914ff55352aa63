"""Cold users: what the file says is what the code gives."""

from itertools import pairwise, product

import cold_users as script
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.warm_up import WarmUp


@pytest.fixture(scope="module")
def table():
    return results.load("cold_users")


@pytest.fixture(scope="module")
def cold(movielens):
    return script.Cold.of(movielens.interactions, script.SHARE, 42)


def mean_of(cold, scores):
    return cold.measure(scores).means()[script.METRIC]


def test_what_is_shown_grows_and_the_test_stays_apart(cold):
    users = cold.cold.size
    shown = [cold.first(n) for n in script.KNOWN]
    assert [len(part) for part in shown] == [n * users for n in script.KNOWN]
    for less, more in pairwise(shown):
        cells = [part.matrix() for part in (less, more)]
        assert (cells[0] > cells[1]).nnz == 0  # what was shown stays shown
    assert cold.known.matrix().multiply(cold.test.matrix()).nnz == 0
    first = np.full(cold.test.n_users, np.iinfo(np.int64).max)
    np.minimum.at(first, cold.test.user, cold.test.timestamp)
    assert (cold.known.timestamp <= first[cold.known.user]).all()
    assert not np.isin(cold.warm.user, cold.cold).any()


@pytest.mark.parametrize("name", ["Popularity", "EASE", "Conditional"])
def test_the_curves_are_computed_anew(cold, table, name):
    chosen = table["search"]["42"]["models"]
    model = {
        "Popularity": Popularity(),
        "EASE": EASE(**chosen["EASE"]["chosen"]),
        "Conditional": ConditionalMean(**chosen["Conditional"]["chosen"]),
    }[name].fit(cold.warm)
    for n in script.KNOWN:
        assert mean_of(cold, cold.scored(model, n)) == pytest.approx(
            table["seeds"][name][str(n)]["42"], abs=2e-3
        )


@pytest.mark.parametrize("kind", ["popularity", "informative"])
def test_the_answers_are_computed_anew(cold, table, kind):
    noise = table["search"]["42"]["questions"][kind]["chosen"]
    model = ConditionalMean(**noise).fit(cold.warm)
    told = script.answers(cold, model, kind)
    for n in script.KNOWN:
        in_file = table["answers"]["42"][kind][str(n)]
        assert len(told[n]) / len(cold.cold) == pytest.approx(in_file, abs=0.02)
        scores = model.fold_in(told[n]).score(cold.cold)
        assert mean_of(cold, scores) == pytest.approx(
            table["seeds"][f"Questions, {kind}"][str(n)]["42"], abs=3e-3
        )


def test_a_blend_is_what_the_library_s_strategy_gives(cold, table):
    searched = table["search"]["42"]["blends"]["Popularity + EASE"]
    weights = {0: (1.0, 0.0)}
    weights |= {int(n): (1.0, one["chosen"]["EASE"]) for n, one in searched.items()}
    ease = EASE(**table["search"]["42"]["models"]["EASE"]["chosen"])
    model = WarmUp([Popularity(), ease], weights).fit(cold.warm)
    for n in (0, 20):
        assert mean_of(cold, cold.scored(model, n)) == pytest.approx(
            table["seeds"]["Popularity + EASE"][str(n)]["42"], abs=2e-3
        )


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    for seed in map(str, script.SEEDS):
        searched = table["search"][seed]
        records = [
            *searched["models"].values(),
            *searched["questions"].values(),
            *(each for by_n in searched["blends"].values() for each in by_n.values()),
            *(each["smoothing"] for each in searched["friends"].values()),
        ]
        for record in records:
            space = record["space"]
            grid = [
                dict(zip(space, row, strict=True)) for row in product(*space.values())
            ]
            assert grid[int(np.argmax(record["means"]))] == record["chosen"]
    assert table["search"]["42"]["models"]["EASE"]["space"] == script.SPACES["EASE"]


def test_the_intervals_hold_the_differences_of_the_means(table):
    for name, by_n in table["minus_popularity"].items():
        for n, gaps in by_n.items():
            for seed in map(str, script.SEEDS):
                gap = (
                    table["seeds"][name][n][seed]
                    - table["seeds"]["Popularity"][n][seed]
                )
                assert gaps[seed]["mean"] == pytest.approx(gap, abs=1e-6)
            for each in gaps.values():
                assert each["low"] <= each["mean"] <= each["high"]


def test_with_nothing_known_histories_say_nothing(table):
    """The lottery, popularity, and friends, who alone know something."""
    none = {name: table["mean"][name]["0"]["mean"] for name in table["mean"]}
    assert none["EASE"] == none["IALS"] == none["ItemKNN"] == none["text"]
    assert none["EASE"] < 0.1
    assert none["Conditional"] == none["Popularity"] == none["Popularity + text"]
    assert none["Friends, h = 1.0"] > none["Popularity"]
    popular = {run["mean"] for run in table["mean"]["Popularity"].values()}
    assert len(popular) == 1  # the same candidates and test at every number


def test_the_report_marks_who_is_ahead(table):
    report = script.report(table)
    line = next(li for li in report.splitlines() if li.startswith("Conditional "))
    ahead = [
        gaps["pooled"]["low"] > 0
        for gaps in table["minus_popularity"]["Conditional"].values()
    ]
    assert line.count("*") == sum(ahead)
