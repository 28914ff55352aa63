"""The checks of chapter 3.3 let the right answer pass and name typical mistakes."""

from collections import defaultdict
from itertools import permutations

import numpy as np
import pytest

from recsys_ref.check import content as check
from recsys_ref.data.split import stratified_split

GARBAGE = ["many", None, {}, [[1, 2, 3]]]


def _says(verdict, words):
    assert not verdict
    assert words in verdict.message


@pytest.fixture(scope="module")
def by_hand(movielens):
    """Group films by title, year and genres, and users by film."""
    frame = movielens.items.to_frame()
    users = defaultdict(set)
    events = movielens.interactions
    for user, item in zip(events.user, events.item, strict=True):
        users[item].add(user)
    groups = defaultdict(list)
    for row, film in enumerate(frame.itertuples()):
        groups[film.title, str(film.year), film.genres].append(row)
    pairs = [rows for rows in groups.values() if len(rows) > 1]
    assert all(len(rows) == 2 for rows in pairs)
    both = sum(len(users[i] & users[j]) for i, j in pairs)
    either = sum(len(users[i] | users[j]) for i, j in pairs)
    return len(pairs), both, either


def test_twins_agrees_with_sets(by_hand):
    pairs, both, either = by_hand
    assert check.twins(pairs, both)
    for answer, words in (
        ((2 * pairs, both), "number of films"),
        ((22, both), "Compare the whole line"),
        ((1664, both), "all different lines"),
        ((1000, both), "group the films"),
        ((pairs, either), "at least one"),
        ((pairs, either + both), "ratings of all"),
        ((pairs, either - both), "exactly one"),
        ((pairs, both / pairs), "add up"),
        ((pairs, 7), "the one and the other"),
        *(((thing, both), "") for thing in GARBAGE),
        *(((pairs, thing), "") for thing in GARBAGE),
    ):
        verdict = check.twins(*answer)
        _says(verdict, words)
        assert not {str(pairs), str(both)} & set(verdict.message.split())


def _loop(vectors):
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.mean([a @ b for a, b in permutations(rows, 2)])


def _squared(vectors):
    total = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).sum(axis=0)
    return (total @ total - len(vectors)) / (len(vectors) * (len(vectors) - 1))


@pytest.mark.parametrize("function", [_loop, _squared])
def test_cone_lets_a_loop_and_the_sum_pass(function):
    assert check.cone(function)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda v: (v @ v.T).mean(), "with itself"),
        (lambda v: (v.sum(0) @ v.sum(0) - (v**2).sum()) / len(v) / (len(v) - 1),
         "length 1"),
        (lambda v: _squared(v) * (len(v) - 1) / len(v), "length 1"),
        (lambda v: abs(_loop(v)), "negative"),
        (lambda v: _squared(v) if len(v) < 6 else _squared(v) * 5 / 6, "N (N - 1)"),
        (lambda v: None, "return"),
        (lambda v: v @ v.T, "single number"),
        (lambda v: 1 / 0, "ZeroDivisionError"),
        (0.345, "function itself"),
        ("mean", "function itself"),
    ],
)  # fmt: skip
def test_cone_hints(function, words):
    _says(check.cone(function), words)


@pytest.fixture(scope="module")
def measured(movielens):
    """Measure both by plain sorting, with vectors drawn at random."""
    ratings = movielens.interactions
    rng = np.random.default_rng(3)
    counts = np.asarray(ratings.matrix().sum(axis=0), dtype=float)
    vectors = rng.standard_normal((ratings.n_items, 6))
    vectors *= np.log1p(counts)[:, None]
    vectors[:, 0] += 3 * np.log1p(counts)
    inner = stratified_split(stratified_split(ratings).train, seed=1)
    past = inner.train.matrix().toarray() > 0
    truth = inner.test.matrix().toarray() > 0
    gain = 1 / np.log2(np.arange(2, 12))

    users = past @ vectors / past.sum(axis=1, keepdims=True)
    relevant = truth.sum(axis=1)
    ideal = np.array([gain[:n].sum() for n in relevant if n])

    def ndcg(films):
        scores = np.where(past, -np.inf, users @ films.T)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        hits = np.take_along_axis(truth, best, axis=1) @ gain
        return (hits[relevant > 0] / ideal).mean()

    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors, ndcg(vectors), ndcg(units)


def test_cosine_agrees_with_plain_sorting(measured):
    vectors, product, angle = measured
    assert abs(angle - product) > 5e-3
    assert check.cosine(angle - product, vectors)
    for answer, words in (
        (product - angle, "subtract from which"),
        (angle, "nDCG of the cosine"),
        (product, "nDCG of the product"),
        (0.5, "user by user"),
        ("much", ""),
    ):
        verdict = check.cosine(answer, vectors)
        _says(verdict, words)
        assert f"{abs(angle - product):.3f}" not in verdict.message


@pytest.mark.parametrize("vectors", ["line", None, [1, 2], np.ones((3, 2)), {}])
def test_cosine_refuses_other_vectors(vectors):
    _says(check.cosine(0.0, vectors), "vectors")
