"""Fusion: what the file says is what the code gives, and what follows from it."""

import multimodal
import numpy as np
import pytest
from cold_items import Task, split_of

from recsys_ref import results
from recsys_ref.content.blocks import stack_blocks
from recsys_ref.content.demographics import demographic_blocks
from recsys_ref.strategies.fusion import late_fusion

LIVE = ("genres", "year", "MiniLM")  # SmolLM2 takes a minute


@pytest.fixture(scope="module")
def table():
    return results.load("multimodal")


@pytest.fixture(scope="module")
def blocks(movielens):
    return multimodal.item_blocks(movielens.items, smol=False)


@pytest.fixture(scope="module")
def task(movielens):
    return Task.of(split_of(movielens.interactions, 42))


def test_single_modalities_give_what_the_file_holds(task, blocks, table):
    for name, how in table["items"]["chosen"]["42"]["maps"].items():
        if name in LIVE:
            run = task.carry(stack_blocks({name: blocks[name]}), **how)
            in_file = table["items"]["seeds"][f"only {name}"]["42"]
            assert run.means()[multimodal.METRIC] == pytest.approx(in_file, abs=3e-3)


def test_fusions_of_three_give_what_the_file_holds(task, blocks, table):
    record = table["items"]["chosen"]["42"]
    less = record["minus SmolLM2"]
    maps = {name: record["maps"][name] for name in LIVE}
    parts = multimodal.parts_of(task, blocks, maps)
    weights = {name: less["early"][name] for name in LIVE}
    how = {key: less["early"][key] for key in ("l2", "width")}
    scores = {
        "late": late_fusion(parts.scores, less["late"]),
        "early": multimodal.early_scores(task, blocks, weights=weights, **how),
    }
    for fusion, score in scores.items():
        in_file = table["items"]["seeds"][f"{fusion} minus SmolLM2"]["42"]
        mean = task.rank(score).means()[multimodal.METRIC]
        assert mean == pytest.approx(in_file, abs=3e-3)


def test_climbing_ends_at_the_top_of_a_hill():
    def hill(a, b):
        return -((np.log(a) - np.log(9)) ** 2) - (b - 1) ** 2

    found, value = multimodal.climb(
        hill, {"a": 1.0, "b": 1.0}, {"a": (1 / 3, 3.0), "b": (0.5, 2.0)}, 5
    )
    assert found == {"a": 9.0, "b": 1.0}
    assert value == pytest.approx(0, abs=1e-6)


def test_a_map_a_pattern_is_early_fusion_where_nothing_is_missing(task, blocks, table):
    less = table["items"]["chosen"]["42"]["minus SmolLM2"]
    chosen = multimodal.Chosen(LIVE, {}, less["early"], less["late"], None)
    whole = {name: np.array(blocks[name]) for name in LIVE}
    whole["genres"][~whole["genres"].any(axis=1), 0] = 1
    whole["year"][~whole["year"].any(axis=1), 0] = 1
    ours = multimodal.by_pattern(task, whole, chosen)
    plain = multimodal.early_scores(task, whole, **chosen.early_how())
    np.testing.assert_allclose(ours, plain, rtol=1e-4, atol=1e-5)


def test_a_description_of_nobody_carries_popularity_over(movielens):
    cold = multimodal.Cold.of(movielens.interactions, 0.2, 42)
    flat = np.zeros((movielens.interactions.n_users, 2))
    ours = multimodal.carry_users(cold, flat, l2=1.0)
    share = cold.warm.matrix().sum(axis=0) / np.unique(cold.warm.user).size
    np.testing.assert_allclose(ours, np.tile(share, (len(cold.cold), 1)), atol=1e-9)


def test_new_users_without_ratings_give_what_the_file_holds(movielens, table):
    vectors = stack_blocks(demographic_blocks(movielens.users))
    means = []
    for seed in multimodal.SEEDS:
        place = multimodal.Cold.of(movielens.interactions, multimodal.USER_SHARE, seed)
        how = table["users"]["chosen"][str(seed)]["all"]
        scores = multimodal.carry_users(place, vectors, how["l2"])
        means.append(place.measure(scores).means()[multimodal.METRIC])
    in_file = table["users"]["over_seeds"]["0"]["all"]["mean"]
    assert np.mean(means) == pytest.approx(in_file, abs=2e-3)


def test_groups_part_all_users_in_three(movielens, table):
    groups = multimodal.groups(movielens.interactions)
    together = np.sort(np.concatenate(list(groups.values())))
    np.testing.assert_array_equal(together, np.arange(943))
    sizes = {name: len(users) for name, users in groups.items()}
    assert table["protocol"]["groups"] == sizes
    assert max(sizes.values()) < 1.1 * min(sizes.values())


def test_intervals_hold_the_differences_of_the_means(table):
    items = table["items"]
    for name, intervals in items["versus"].items():
        a, b = name.split(" less ")
        for seed in map(str, multimodal.SEEDS):
            gap = items["seeds"][a][seed] - items["seeds"][b][seed]
            assert intervals[seed]["mean"] == pytest.approx(gap, abs=1e-6)
            assert intervals[seed]["low"] <= gap <= intervals[seed]["high"]


def test_the_report_shows_everything(table):
    report = multimodal.report(table)
    for name in (*table["items"]["over_seeds"], *table["items"]["versus"], "only age"):
        assert name in report
