"""Who is served worse: what the file says is what the code gives."""

import groups
import numpy as np
import protocol
import pytest
import warm

from recsys_ref import results
from recsys_ref.evaluation.groups import by_group, gap_test
from recsys_ref.evaluation.significance import holm


@pytest.fixture(scope="module")
def table():
    return results.load("groups")


@pytest.fixture(scope="module")
def popularity():
    return groups.values(methods=("Popularity",))["Popularity"]


def rows_of(table):
    for name, record in table["methods"].items():
        for kind in groups.KINDS:
            for attribute, row in record[kind].items():
                yield name, kind, attribute, row


@pytest.mark.parametrize("kind", groups.KINDS)
def test_the_groups_of_popularity_are_computed_anew(table, popularity, kind):
    within = groups.activity_bands() if kind == "adjusted" else None
    for attribute, of in groups.attributes().items():
        in_file = table["methods"]["Popularity"][kind][attribute]
        ours = by_group(popularity, of, within=within, n_resamples=200, rng=1)
        assert set(ours.index) == set(in_file["groups"])
        for name, row in ours.iterrows():
            stored = in_file["groups"][str(name)]
            assert stored["users"] == row["users"]
            if stored["mean"] is None:
                assert np.isnan(row["mean"])
                continue
            assert row["mean"] == pytest.approx(stored["mean"], abs=1e-3)
            width = stored["high"] - stored["low"]
            assert row["high"] - row["low"] == pytest.approx(width, rel=0.35)
        gap = gap_test(popularity, of, within=within, n_resamples=500, rng=1)
        assert gap.gap == pytest.approx(in_file["gap"], abs=2e-3)
        assert gap.p == pytest.approx(in_file["p"], abs=0.08)


def test_one_split_of_ease_is_near_its_mean_in_the_file(table):
    ours = groups.values(methods=("EASE",), seeds=(42,))["EASE"]
    bands = table["by_band"]["EASE"]
    means = ours.groupby(groups.activity_bands()).mean()
    for band, mean in bands.items():
        assert means[int(band)] == pytest.approx(mean, abs=0.03)


def test_the_groups_are_everyone(table):
    for _, _, _, row in rows_of(table):
        users = sum(each["users"] for each in row["groups"].values())
        assert users + row["undefined"] == 943
        small = [
            name
            for name, each in row["groups"].items()
            if each["users"] < table["protocol"]["least"]
        ]
        assert row["too_small"] == small
        assert all(row["groups"][name]["mean"] is None for name in small)


def test_the_gap_is_between_the_groups_named(table):
    for _, _, _, row in rows_of(table):
        means = {
            n: g["mean"] for n, g in row["groups"].items() if g["mean"] is not None
        }
        assert means[row["highest"]] == max(means.values())
        assert means[row["lowest"]] == min(means.values())
        gap = means[row["highest"]] - means[row["lowest"]]
        assert row["gap"] == pytest.approx(gap, abs=1e-6)
        for name in means:
            group = row["groups"][name]
            assert group["low"] <= group["mean"] <= group["high"]


def test_p_values_are_adjusted_over_the_three_attributes(table):
    for record in table["methods"].values():
        for kind in groups.KINDS:
            rows = record[kind].values()
            adjusted = holm(np.array([row["p"] for row in rows]))
            assert [row["holm"] for row in rows] == pytest.approx(adjusted, abs=1e-6)


def test_the_overall_means_are_those_of_the_warm_table(table):
    warm_table = results.load("warm")["over_seeds"]
    for name in groups.METHODS:
        gender = table["methods"][name]["plain"]["gender"]["groups"].values()
        total = sum(each["mean"] * each["users"] for each in gender)
        mean = total / sum(each["users"] for each in gender)
        assert mean == pytest.approx(warm_table[name]["mean"], abs=2e-3)


def test_ages_are_parted_as_movielens_1m_does():
    users = groups.load_movielens_100k().users
    of = groups.attributes()["age"]
    assert set(of[users.age < 18]) == {"under 18"}
    assert set(of[(users.age >= 45) & (users.age < 50)]) == {"45-49"}
    assert set(of[users.age >= 56]) == {"56 or older"}


def test_the_report_names_every_method(table):
    report = groups.report(table)
    assert all(name in report for name in (*groups.METHODS, *groups.KINDS))
    assert warm.METRIC in table["protocol"]["metric"]
    assert table["protocol"]["seeds"] == list(protocol.SEEDS)
