"""Pages are scored for their reader, by a model that does not know what comes."""

import numpy as np
import pytest

from recsys_ref.data.impressions import Impressions
from recsys_ref.data.rolling import rolling_windows
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.pages import rank_visits, score_pages, score_windows
from recsys_ref.strategies.popularity import Popularity


@pytest.fixture(scope="module")
def pages():
    rng = np.random.default_rng(0)
    shown = [rng.permutation(12)[: rng.integers(2, 7)] for _ in range(80)]
    return Impressions.from_lists(
        rng.integers(6, size=80),
        np.sort(rng.integers(1000, size=80)),
        shown,
        [rng.random(len(row)) < 0.4 for row in shown],
        item_ids=range(12),
        user_ids=range(6),
    )


def test_a_page_gets_its_readers_scores_of_what_it_shows(pages):
    model = EASE(l2=1.0).fit(pages.clicks())
    for row, scores in enumerate(score_pages(model, pages)):
        due = model.score([pages.user[row]])[0, pages.shown[row]]
        np.testing.assert_array_equal(scores, due)
    assert score_pages(model, pages.select(np.array([], dtype=int))) == []


@pytest.mark.parametrize("retrain", [100, 300])
def test_each_window_is_scored_by_what_was_known_at_its_training(pages, retrain):
    windows = rolling_windows(400, 1000, length=100, retrain=retrain)
    rows, scores = score_windows(Popularity(), pages.clicks(), pages, windows)
    assert rows.tolist() == np.flatnonzero(pages.timestamp >= 400).tolist()
    for row, given in zip(rows, scores, strict=True):
        at = 400 + (pages.timestamp[row] - 400) // retrain * retrain
        users = [set() for _ in range(12)]
        for user, time, shown, hit in zip(
            pages.user, pages.timestamp, pages.shown, pages.clicked, strict=True
        ):
            if time < at:
                for item in shown[hit]:
                    users[item].add(user)
        assert given.tolist() == [len(users[item]) for item in pages.shown[row]]


def test_other_items_are_refused(pages):
    other = Impressions.from_lists([0], [0], [[0]], [[True]], item_ids=["x"])
    with pytest.raises(ValueError, match="must have the 12 items of the model"):
        score_pages(Popularity().fit(pages.clicks()), other)


def test_lists_are_of_what_is_offered_and_was_not_chosen(pages):
    clicks, windows = pages.clicks(), rolling_windows(400, 1000, length=200)

    def offered(start):
        return np.arange(4) if start == 400 else np.arange(4, 12)

    rows, lists = rank_visits(Popularity(), clicks, pages, windows, offered, k=3, rng=5)
    assert rows.tolist() == np.flatnonzero(pages.timestamp >= 400).tolist()
    for row, items in zip(rows, lists, strict=True):
        start = 400 + (pages.timestamp[row] - 400) // 200 * 200
        before = clicks.select(clicks.timestamp < start)
        model = Popularity().fit(before)
        due = model.recommend(
            [pages.user[row]], k=3, candidates=offered(start), rng=5
        ).items[0]
        assert items.tolist() == due.tolist()
    none = rank_visits(Popularity(), clicks, pages, [], offered, k=3)
    assert [part.shape for part in none] == [(0,), (0, 3)]
