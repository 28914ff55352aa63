"""Each check of chapter 3.1 passes what is right and hints at what is not."""

from collections import Counter

import numpy as np
import pytest

from recsys_ref.check import data as check

GARBAGE = ("many", None, [[1.0, 2.0]], np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def in_front(title):
    """The article of a plain title, back in its place."""
    for article in ("The", "A", "An", "La", "Les", "Le", "Das", "Die", "El", "Il"):
        if f", {article}" in title.split(" (")[0]:
            return article
    return title.split()[0]


def test_titles(movielens):
    written = movielens.items.title.tolist()
    catalog = Counter(title.split()[0] for title in written).most_common(1)[0][1]
    natural = Counter(map(in_front, written))["The"]
    assert check.titles(catalog, natural)
    secrets = str(catalog), str(natural)
    hints(check.titles(natural, catalog), "order", *secrets)
    hints(check.titles(catalog, catalog), "in front first", *secrets)
    hints(check.titles(0, 1), "look at the top", *secrets)


CHAIN = [(n, n + step) for n in range(6) for step in (0, 1)]


def test_core():
    assert check.core(CHAIN, (5, 0))
    assert check.core([(f"u{u}", f"i{i}") for u, i in CHAIN], ("u5", "i0"))
    ring = [*CHAIN[:-1], (5, 0)]
    for word, pairs in {
        "survives": [*ring, (6, 7), (6, 8)],
        "All items": ring,
        "not two": CHAIN[:-1],
        "twice": [*CHAIN, CHAIN[0]],
        "nothing to lose": [],
    }.items():
        hints(check.core(pairs, (5, 0)), word)
    hints(check.core(CHAIN, (0, 3)), "two ends")
    hints(check.core(CHAIN, 5), "pairs")
    hints(check.core([1, 2], (5, 0)), "pairs")


def test_stratified(movielens):
    count = Counter(movielens.interactions.item.tolist())
    right = sum(n - round(0.75 * n) == 0 for n in count.values())
    assert check.stratified(right)
    for word, wrong in {
        "have none": 1682 - right,
        "whole catalog": 1682,
        "single event": sum(n == 1 for n in count.values()),
        "three events": sum(n <= 3 for n in count.values()),
        "test rows": 0,
        "round(": 77,
    }.items():
        hints(check.stratified(wrong), word, str(right))


def test_twins(movielens):
    frame = movielens.interactions.to_frame()
    raters = frame.groupby("item_id")["user_id"].agg(set)
    by_name = {}
    for film in movielens.items.to_frame().itertuples():
        by_name.setdefault((film.title, film.year), []).append(film.item_id)
    pairs = [ids for ids in by_name.values() if len(ids) > 1]
    gone = sum(len(raters[a] & raters[b]) for a, b in pairs)
    stars = frame.set_index(["user_id", "item_id"])["value"]
    a, b = by_name["Chasing Amy", 1997]
    both = raters[a] & raters[b]
    by_title = {}
    for (title, _), ids in by_name.items():
        by_title.setdefault(title, []).extend(ids)
    alike = [raters[i] for ids in by_title.values() if len(ids) > 1 for i in ids]
    of_title = [ids for ids in by_title.values() if len(ids) > 1]
    too_many = sum(map(len, alike)) - sum(
        len(set().union(*(raters[i] for i in ids))) for ids in of_title
    )
    same = sum(stars[user, a] == stars[user, b] for user in both)
    near = sum(abs(stars[user, a] - stars[user, b]) <= 1 for user in both)
    agree = same / len(both)
    assert check.twins(gone, agree)
    secrets = str(gone), f"{agree:.2f}"
    for word, wrong in {
        "one id": 0,
        "counts films": len(pairs),
        "counts ids": 2 * len(pairs),
        "remake": too_many,
        "all ratings": sum(len(raters[i]) for pair in pairs for i in pair),
        "for each person": 7,
    }.items():
        hints(check.twins(wrong, agree), word, *secrets)
    for word, wrong in {
        "changed": 1 - agree,
        "only one": same / len(raters[a] | raters[b]),
        "a star apart": near / len(both),
        "of those": 0.01,
    }.items():
        hints(check.twins(gone, wrong), word, *secrets)


def before(x, at, *, strict=True, empty=np.nan):
    """Recency with a plain loop; with two ways to go wrong."""
    last = np.full(x.n_items, empty)
    for item, when in zip(x.item, x.timestamp, strict=True):
        if when < at or (not strict and when == at):
            last[item] = np.fmax(last[item], when)
    return at - last


def test_leak():
    assert check.leak(before)
    full = lambda x, at: at - np.array([10, x.timestamp.max()])  # noqa: E731
    for word, wrong in {
        "look back": lambda x, at: 0 * before(x, at) + 1.0,
        "could have known": full,
        "moment itself": lambda x, at: before(x, at, strict=False),
        "nothing is known": lambda x, at: np.nan_to_num(before(x, at)),
        "raised": lambda x, at: 1 / 0,
        "returned nothing": lambda x, at: None,
    }.items():
        hints(check.leak(wrong), word)


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer):
    for verdict in (
        check.titles(answer, 1),
        check.core(answer, (5, 0)),
        check.core(CHAIN, answer),
        check.stratified(answer),
        check.twins(answer, 0.5),
        check.leak(answer),
    ):
        assert not verdict
        assert verdict.message
