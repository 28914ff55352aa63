"""The checks of chapter 6.4 let the right answer pass and name typical mistakes."""

import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.check import news as check
from recsys_ref.data.interactions import Interactions
from recsys_ref.simulate import newsroom
from recsys_ref.simulate.retention import ReturnModel
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.fresh import Fresh


def _says(verdict, words):
    assert not verdict
    assert words in verdict.message


def test_worth_agrees_with_the_library_at_the_age_where_the_scores_are_level():
    # A reader whose profile has these cosines with the two articles.
    vectors = np.array([[1.0, 0.0], [0.7, np.sqrt(1 - 0.49)], [0.2, np.sqrt(0.96)]])
    read = Interactions([0], [0], [1], [0], ["ann"], list("abc"))
    level = []
    for hours in range(40):
        published = [0.0, 1e6 - hours * 3600, 1e6]
        scores = Fresh(DotProduct(vectors, cosine=True), published, weight=4.0)
        scores = scores.fit(read).score([0])[0]
        if abs(scores[1] - scores[2]) < 1e-4:
            level.append(hours)
    assert len(level) == 1
    assert check.worth(level[0])


@pytest.mark.parametrize(
    ("answer", "words"),
    [(2.0, "half-lives"), (3.0, "turns"), (16.8, "second article"), (21.6, "against"),
     (7.0, "scores equal"), ("old", "single number"), ([1, 2], "single number"),
     (None, "scores equal")],
)  # fmt: skip
def test_worth_hints(answer, words):
    verdict = check.worth(answer)
    _says(verdict, words)
    assert "12" not in verdict.message


def _first(scores, clicked):
    ranked = sorted(zip(scores, clicked, strict=True), reverse=True)
    for rank, (_, hit) in enumerate(ranked, start=1):
        if hit:
            return 1 / rank
    return float("nan")


def _mean(scores, clicked):
    ranks = np.argsort(np.argsort(-scores)) + 1
    return np.mean(1 / ranks[clicked]) if clicked.any() else np.nan


def test_mrr_lets_a_plain_loop_pass():
    assert check.mrr(_first)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_mean, "mean is MIND's"),
        (lambda s, c: 1 / (1 + c.argmax()), "Sort by the scores"),
        (lambda s, c: _first(-s, c), "Sort by the scores"),
        (lambda s, c: _first(s, c) if c.any() else 0.0, "no value"),
        (lambda s, c: None, "return"),
        (lambda s, c: s, "single number"),
        (lambda s, c: 1 / 0, "ZeroDivisionError"),
        (0.4, "function itself"),
        ("first", "function itself"),
    ],
)
def test_mrr_hints(function, words):
    _says(check.mrr(function), words)


def test_mrr_gives_nothing_away():
    message = check.mrr(_mean).message
    assert "0.5" not in message
    assert "1/2" not in message


def _left(weeks, change=lambda chance: chance):
    tables = results.load("news")["click_through"]
    return np.array([
        ReturnModel().expected_active(
            np.mean([change(table[name]["any"]) for table in tables.values()]), weeks
        )[-1]
        for name in ("Random", "Age, clicks", "Age, clicks, text")
    ])  # fmt: skip


def test_sticky_agrees_with_drawing_readers():
    right = _left(8)
    assert check.sticky(right)
    assert check.sticky(list(right))
    rng, model = np.random.default_rng(0), ReturnModel()
    tables = results.load("news")["click_through"].values()
    good = np.mean([table["Random"]["any"] for table in tables])
    there, found = np.ones(200_000, dtype=bool), np.zeros(200_000)
    for week in range(1, 8):
        found += rng.random(there.size) < good
        there &= rng.random(there.size) < model.chance(np.full(there.size, week), found)
    assert abs(there.mean() - right[0]) < 0.005


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.ones(3), "first week"),
        (_left(9), "all are there"),
        (_left(7), "Count the weeks"),
        (_left(8)[::-1], "order of the methods"),
        ([0.1, 0.2, 0.3], "expected_active"),
        (0.4, "shape (3,)"),
        (["a", "b", "c"], "shape (3,)"),
        ({}, "shape (3,)"),
    ],
)
def test_sticky_hints(answer, words):
    verdict = check.sticky(answer)
    _says(verdict, words)
    assert not any(f"{value:.2f}" in verdict.message for value in _left(8))


@pytest.fixture(scope="module")
def split_by_readers():
    """Recompute both by plain loops, without the strategies."""
    room = newsroom.make_newsroom(
        600, days=8, rng=0, breaking={156.5: 3.0}, sharpness=6.0
    )
    pages = newsroom.random_pages(room, k=20, eta=0.5, rng=1000)
    held = set(np.random.default_rng(0).permutation(600)[:120].tolist())
    clicks = sorted(
        (time, item)
        for user, time, shown, hits in zip(
            pages.user, pages.timestamp, pages.shown, pages.clicked, strict=True
        )
        if user not in held
        for item in shown[hits]
    )
    times, items = map(np.array, zip(*clicks, strict=True))
    found = {"all": [], "past": []}
    rng = np.random.default_rng(5)
    for user, time, shown, hits in zip(
        pages.user, pages.timestamp, pages.shown, pages.clicked, strict=True
    ):
        if user not in held or time < 6 * 86_400 or not hits.any():
            continue
        for name, until in (("all", np.inf), ("past", time // 3600 * 3600)):
            counts = np.bincount(items[times < until], minlength=items.max() + 1)
            counts = np.append(counts, np.zeros(shown.max() + 1))[shown]
            order = np.lexsort((rng.random(shown.size), -counts))[:10]
            gains = 1 / np.log2(2 + np.arange(10))
            ideal = gains[: hits.sum()].sum()
            found[name].append(gains[: order.size][hits[order]].sum() / ideal)
    return np.mean(found["all"]), np.mean(found["past"])


def test_readers_agrees_with_a_plain_loop(split_by_readers):
    *right, own, own_past, all_days = check._splits()
    # Ties are ordered by other draws in the loop.
    assert np.allclose(right, split_by_readers, atol=0.01)
    assert check.readers(*right)
    for answer, words in (
        (right[::-1], "look ahead"),
        ((right[0], right[0]), "not known yet"),
        ((right[1], right[1]), "what time it is"),
        ((own, own_past), "trained it"),
        ((all_days, right[1]), "last two days"),
        ((0.9, 0.1), "same clicks"),
        (("much", "little"), "shape (2,)"),
        (([1, 2], [3, 4]), "shape (2,)"),
        (([1, 2], 3), "shape (2,)"),
    ):
        verdict = check.readers(*answer)
        _says(verdict, words)
        assert not any(f"{value:.2f}" in verdict.message for value in right)
