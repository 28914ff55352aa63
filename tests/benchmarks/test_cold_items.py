"""Cold items: what the file says is what the code gives, and what follows from it."""

from itertools import product

import cold_items
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.strategies.cold_start import ColdStart
from recsys_ref.strategies.ease import EASE

NDCG = "ndcg@10"


@pytest.fixture(scope="module")
def table():
    return results.load("cold_items")


@pytest.fixture(scope="module")
def blocks(movielens, table):
    return cold_items.describe(movielens.items, table["surprise"])


@pytest.fixture(scope="module")
def split(movielens):
    return cold_items.split_of(movielens.interactions, 42)


@pytest.fixture(scope="module")
def task(split):
    return cold_items.Task.of(split)


def test_the_likelihoods_in_the_file_are_the_models(movielens, table):
    rows = np.arange(0, 1682, 120)
    anew = cold_items.surprise(movielens.items, rows)
    assert anew == pytest.approx(np.array(table["surprise"])[rows], abs=0.01)


def test_maps_of_one_seed_give_what_the_file_holds(task, blocks, table):
    for method in ("genre + year, linear", "+ MiniLM", cold_items.BEST):
        name, _ = cold_items.maps()[method]
        vectors = cold_items.vectors_of(blocks, cold_items.BLOCKS[name])
        how = table["search"]["maps"][method]["chosen"]
        mean = task.carry(vectors, **how).means()[NDCG]
        in_file = table["seeds"][method]["42"][NDCG]
        assert mean == pytest.approx(in_file, abs=2e-3)


def test_what_learns_no_map_gives_what_the_file_holds(task, blocks, table):
    for method, run in cold_items.references(task, blocks).items():
        in_file = table["seeds"][method]["42"][NDCG]
        assert run.means()[NDCG] == pytest.approx(in_file, abs=1e-3)


def test_the_shortcut_of_the_script_is_the_strategy(split, task, blocks):
    vectors = cold_items.vectors_of(blocks, cold_items.BLOCKS[cold_items.BEST])
    how = {"l2": 0.3, "width": 7.0}
    model = ColdStart(vectors, EASE(l2=cold_items.EASE_L2), **how).fit(split.train)
    users = np.arange(split.train.n_users)
    ranking = model.recommend(users, k=10, candidates=split.cold)
    strategy = cold_items.evaluate(ranking, split.test.matrix()).means()[NDCG]
    assert task.carry(vectors, **how).means()[NDCG] == pytest.approx(strategy, abs=1e-3)


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    for method, record in table["search"]["maps"].items():
        space = cold_items.SPACES[cold_items.maps()[method][1]]
        assert record["space"] == space
        grid = [dict(zip(space, row, strict=True)) for row in product(*space.values())]
        assert len(record["means"]) == len(grid)
        assert grid[int(np.argmax(record["means"]))] == record["chosen"]


def test_the_method_called_best_is_the_best_on_validation(table):
    best = {name: max(r["means"]) for name, r in table["search"]["maps"].items()}
    assert max(best, key=best.get) == cold_items.BEST


def test_intervals_hold_the_differences_of_the_means(table):
    for name, intervals in table["versus"].items():
        a, b = name.split(" less ")
        for seed in map(str, cold_items.SEEDS):
            gap = table["seeds"][a][seed][NDCG] - table["seeds"][b][seed][NDCG]
            assert intervals[seed]["mean"] == pytest.approx(gap, abs=1e-6)
            assert intervals[seed]["low"] <= gap <= intervals[seed]["high"]


def test_the_text_beats_genre_and_year_and_shuffled_text_does_not(table):
    pair = f"{cold_items.BEST} less {cold_items.BASE}"
    assert table["over_seeds"][cold_items.BEST]["mean"] > 0.42
    assert all(gap["low"] > 0 for gap in table["versus"][pair].values())
    shuffled = table["versus"]["+ all three, texts shuffled less genre + year"]
    assert shuffled["pooled"]["high"] < 0
    length = table["versus"]["+ title length less genre + year"]
    assert length["pooled"]["low"] < 0.005


def test_offsets_were_chosen_on_validation_by_the_rules(table):
    one = table["one_list"]
    means = {
        offset: {
            kind: one["validation"][f"offset {offset:g}"][kind]["mean"]
            for kind in ("warm", "cold", "all")
        }
        for offset in one["offsets"]
    }
    warm_only = one["validation"]["warm only"]["warm"]["mean"]
    allowed = [
        offset
        for offset, mean in means.items()
        if mean["warm"] >= (1 - one["loss"]) * warm_only
    ]
    assert one["chosen"]["within the loss"] == max(allowed)
    best = max(means, key=lambda offset: means[offset]["all"])
    assert one["chosen"]["most relevant films"] == best
    reached = [o for o, mean in means.items() if mean["cold"] >= cold_items.COLD_TARGET]
    assert one["chosen"]["cold target"] == min(reached)


def test_one_list_of_one_seed_gives_what_the_file_holds(movielens, blocks, table):
    split = cold_items.split_of(movielens.interactions, 43)
    vectors = cold_items.vectors_of(blocks, cold_items.BLOCKS[cold_items.BEST])
    how = table["search"]["maps"][cold_items.BEST]["chosen"]
    one = cold_items.OneList.of(split, 43, 0.75, vectors, how)
    policies = one.policies()
    in_file = table["one_list"]["tests"]["25%"]
    base = one.measure(policies["warm only"])
    for policy in ("as predicted", "last 1 cold", "offset 1"):
        for kind, run in one.measure(policies[policy]).items():
            gap = run.means()[NDCG] - base[kind].means()[NDCG]
            stored = in_file[policy][kind]["less warm only"]["43"]["mean"]
            assert gap == pytest.approx(stored, abs=2e-3)


def test_places_kept_free_hold_cold_films_and_others_hold_none(table, split, blocks):
    vectors = cold_items.vectors_of(blocks, cold_items.BLOCKS["genre + year"])
    one = cold_items.OneList.of(split, 42, 0.75, vectors, {"l2": 30.0})
    policies = one.policies()
    for n in cold_items.PLACES:
        cold = one.cold[policies[f"last {n} cold"].items]
        assert cold[:, -n:].all()
        assert not cold[:, :-n].any()
    assert not one.cold[policies["warm only"].items].any()


def test_the_report_shows_every_method(table):
    report = cold_items.report(table)
    for name in (*table["over_seeds"], *table["versus"], "offset 1"):
        assert name in report
