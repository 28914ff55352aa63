"""The numbers of `clean_and_split`: a log with known truth, splits with one fault."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.course import clean_and_split
from recsys_ref.course.clean_and_split import COLUMNS, CORE, draw

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_log_is_the_events_and_every_kind_of_fault(seed):
    drawn = draw(np.random.default_rng(seed))
    latest, dropped = {}, dict.fromkeys(["user", "item", "nan", "range", "again"], 0)
    milliseconds = 0
    for user, item, rating, time in drawn.log[COLUMNS].itertuples(index=False):
        milliseconds += time > 10**11
        time = time // 1000 if time > 10**11 else time
        assert clean_and_split.START <= time < 2 * clean_and_split.START
        if not isinstance(user, str):
            dropped["user"] += 1
        elif item not in drawn.catalog:
            dropped["item"] += 1
        elif np.isnan(rating):
            dropped["nan"] += 1
        elif not 1 <= rating <= 5:
            dropped["range"] += 1
        else:
            known = latest.get((user, item))
            dropped["again"] += known is not None
            if known is None or time > known[1]:
                latest[user, item] = (rating, time)
    assert milliseconds > 0
    assert all(dropped.values())
    truth = drawn.events.set_index(["user", "item"])[["rating", "timestamp"]]
    assert latest == {pair: tuple(row) for pair, *row in truth.itertuples(name=None)}
    assert len(drawn.log) == len(truth) + sum(dropped.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_one_split_is_sound_and_each_other_breaks_one_promise(seed):
    drawn = draw(np.random.default_rng(seed))
    broken = []
    for parts in drawn.suspects.values():
        train, test = parts.train, parts.test
        assert test.user.isin(train.user).all(), "the test part is known"
        assert test.item.isin(train.item).all(), "the test part is known"
        rare = min(train[by].value_counts().min() for by in ("user", "item"))
        count = {item: int(n) for item, n in train.item.value_counts().items()}
        found = {
            "pair": len(train.merge(test, on=["user", "item"])) > 0,
            "time": train.timestamp.max() >= test.timestamp.min(),
            "core": rare < CORE,
            "popularity": parts.popularity != count,
        }
        broken.append([promise for promise, is_broken in found.items() if is_broken])
    assert sorted(broken) == [[], ["core"], ["pair"], ["popularity"], ["time"]]


def test_another_seed_is_another_log():
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.log, same.log)
    assert not one.log.equals(other.log)


def test_a_generator_without_clear_splits_is_refused(monkeypatch):
    monkeypatch.setattr(clean_and_split, "CORE", 1)
    monkeypatch.setattr(clean_and_split, "PATIENCE", 2)
    with pytest.raises(ValueError, match="no clear splits"):
        draw(np.random.default_rng(0))
