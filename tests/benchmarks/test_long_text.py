"""Long texts: what the file says is what the code gives."""

from itertools import product

import long_text
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.content.embed import embed_items
from recsys_ref.data.split import stratified_split
from recsys_ref.data.synthetic import TOPIC_WORDS

HEADS = ("bare", "product", "map")


@pytest.fixture(scope="module")
def table():
    return results.load("long_text")


@pytest.fixture(scope="module")
def task(movielens, encoder):
    ratings = movielens.interactions
    users = long_text.heavy_users(ratings)[0]
    vectors = embed_items(encoder, movielens.items)
    split = stratified_split(ratings, seed=42)
    return long_text.make_task(movielens.items, vectors, split, users)


def in_file(table, name):
    return table["seeds"][name]["42"][long_text.METRIC]


def test_users_are_those_with_most_ratings_and_nobody_is_in_both_parts(
    movielens, table
):
    users, tuning, panel = long_text.heavy_users(movielens.interactions)
    assert table["protocol"]["users"] == users.tolist()
    assert table["protocol"]["tuning_users"] == tuning.tolist()
    assert table["panel"]["users"] == panel.tolist()
    assert not set(users) & set(tuning)
    assert set(panel) < set(users)
    counts = np.bincount(movielens.interactions.user)
    assert counts[users].min() >= counts[tuning].max()


def test_what_reads_no_text_is_computed_anew(task, table):
    for name, run in long_text.baselines(task).items():
        mean = run.means()[long_text.METRIC]
        assert mean == pytest.approx(in_file(table, name), abs=5e-4)


@pytest.mark.parametrize("name", [long_text.FIRST, long_text.ITEMS])
def test_two_ways_to_read_are_computed_anew(
    movielens, encoder, task, table, name, monkeypatch
):
    monkeypatch.setattr(
        long_text, "encode", lambda *a, cache, **k: ENCODE(*a, cache=True, **k)
    )
    read = long_text.read_all(encoder, movielens.items, task, [name], "test")[0]
    for head in HEADS:
        chosen = table["search"].get(head, {}).get(name, {"chosen": {"prior": 0.0}})
        best = chosen["chosen"]
        content = long_text.scores(task, read[name], best.get("l2"))
        mean = long_text.measure(task, content, best["prior"]).means()
        # In float32 another processor may swap two neighbours on a list.
        expected = in_file(table, f"{name} | {head}")
        assert mean[long_text.METRIC] == pytest.approx(expected, abs=2e-3)


ENCODE = long_text.encode


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    for head, by_name in table["search"].items():
        for record in by_name.values():
            space = record["space"]
            assert space == long_text.SPACES[head]
            grid = [dict(zip(space, v, strict=True)) for v in product(*space.values())]
            assert len(record["means"]) == len(grid)
            assert grid[int(np.argmax(record["means"]))] == record["chosen"]


def test_the_intervals_hold_the_differences_of_the_means(table):
    bases = {
        "Popularity": table["minus_popularity"],
        **{
            f"{base} | {head}": table[key][head]
            for head in HEADS
            for base, key in (
                (long_text.LAST, "minus_last_window"),
                (long_text.ITEMS, "minus_mean_of_films"),
            )
        },
    }
    for base, rows in bases.items():
        assert rows
        for name, by_seed in rows.items():
            seeds = [seed for seed in by_seed if seed != "pooled"]
            gaps = [
                table["seeds"][name][s][long_text.METRIC]
                - table["seeds"][base][s][long_text.METRIC]
                for s in seeds
            ]
            for seed, gap in zip(seeds, gaps, strict=True):
                assert by_seed[seed]["mean"] == pytest.approx(gap, abs=1e-6)
            pooled = by_seed["pooled"]
            assert pooled["mean"] == pytest.approx(np.mean(gaps), abs=1e-6)
            assert pooled["low"] <= pooled["mean"] <= pooled["high"]


def test_the_panel_adds_up(table):
    panel = table["panel"]
    assert set(panel["costs"]) <= {name.split(" |")[0] for name in panel["means"]}
    for name, gap in panel["differences"].items():
        left, base = name.split(" - ")
        mine, head = left.split(" | ")
        theirs = base if base == "Popularity" else f"{base} | {head}"
        expected = panel["means"][f"{mine} | {head}"] - panel["means"][theirs]
        assert gap["mean"] == pytest.approx(expected, abs=1e-6)
        assert gap["low"] <= gap["mean"] <= gap["high"]
    for name, best in panel["best_on_test"].items():
        assert best >= panel["means"][name] - 1e-9
    costs = panel["costs"]
    assert costs[long_text.LAST]["ratio"]["median"] == 1
    assert costs[long_text.LAST]["read"] <= table["protocol"]["context"]
    assert costs[long_text.SUMMARY]["written"] > 0
    for name, cost in costs.items():
        assert (cost["written"] > 0) == (name == long_text.SUMMARY)


def test_planted_texts_are_read_anew_where_that_is_cheap(encoder, table):
    texts, topics, places = long_text.planted_texts()
    planted = table["planted"]
    assert len(texts) == planted["texts"]
    queries = ENCODE(
        encoder, [long_text.topic_query(t) for t in range(len(TOPIC_WORDS))]
    )
    vectors = ENCODE(encoder, long_text.rare_words(texts))
    hits = long_text.planted_hits(vectors, queries, topics)
    again = long_text.by_place({"rare words": hits}, places)["rare words"]
    assert again == pytest.approx(planted["hits"]["rare words"], abs=0.03)


def test_shares_of_places_average_to_the_whole(table):
    for part in (table["planted"], table["planted"]["model"]):
        for row in part["hits"].values():
            mean = np.mean([row[place] for place in long_text.PLACES])
            assert row["all"] == pytest.approx(mean, abs=1e-6)
            assert row["low"] <= row["all"] <= row["high"]


def test_every_place_of_a_permutation_is_anothers():
    place = long_text.others(9)
    assert sorted(place) == list(range(9))
    assert not (place == np.arange(9)).any()


def test_the_report_shows_every_mean(table):
    report = long_text.report(table)
    for name, mean in {**table["means"], **table["panel"]["means"]}.items():
        assert f"{name:38}{mean:8.4f}" in report
