"""Generated media: a small part of the file, computed again, and its order."""

import numpy as np
import planted_media
import pytest
from cold_items import Task, split_of
from multimodal import METRIC

from recsys_ref import results
from recsys_ref.content.blocks import stack_blocks


@pytest.fixture(scope="module")
def table():
    return results.load("planted_media")


@pytest.fixture(scope="module")
def tasks(movielens):
    task = Task.of(split_of(movielens.interactions, 42))
    return task, Task.of(split_of(task.split.train, planted_media.CUT))


def test_posters_of_one_seed_give_what_the_file_holds(
    movielens, tasks, table, tmp_path
):
    towers = planted_media.load_random(str(tmp_path))
    genres = movielens.items.genres
    blocks = planted_media.generate(genres[:40], 1.0, 42, towers)
    assert {name: len(block) for name, block in blocks.items()} == dict.fromkeys(
        ("poster look", "histogram", "CLIP", "sound look", "statistics", "CLAP"), 40
    )
    look = planted_media.planted_looks(genres, strength=1.0, rng=[42, 0])
    posters = planted_media.planted_posters(look, rng=42)
    again = {
        "poster: look": np.eye(genres.shape[1])[look],
        "poster: random CLIP": planted_media.encode_images(towers[0], posters),
    }
    for name, block in again.items():
        run = planted_media.measure(*tasks, stack_blocks({"x": block}))
        in_file = table["seeds"][f"{name} @ 1"]["42"]
        assert run.means()[METRIC] == pytest.approx(in_file, abs=4e-3)


def test_what_tells_nothing_is_no_better_than_random(table):
    gaps = table["less random"]
    assert gaps["poster: look @ 1"]["low"] > 0
    for name in ("look", "histogram", "random CLIP"):
        full, none = (table["over_seeds"][f"poster: {name} @ {s}"] for s in ("1", "0"))
        assert full["mean"] > none["mean"]


def test_the_report_shows_every_method(table):
    report = planted_media.report(table)
    assert all(name in report for name in table["over_seeds"])
