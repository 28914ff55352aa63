"""The checks of the exercises on the article's program."""

import numpy as np
import pytest

from recsys_ref.check import gpt2_code as check
from recsys_ref.data.split import stratified_split
from recsys_ref.lm.encode import encode


def test_english_takes_the_nearest_other_word(causal):
    a, b, c = encode(causal, ["technology", "entertainment", "life"])
    best = [
        102 if a @ b > a @ c else 103,
        101 if b @ a > b @ c else 103,
        101 if c @ a > c @ b else 102,
    ]
    assert check.english(best, causal)
    assert "rows" in check.english(np.array(best) - 101, causal).message


@pytest.mark.parametrize(
    ("best", "word"),
    [([101, 102, 103], "rated"), ([102, 103, 102], "Chinese"), ([103] * 3, "cosines")],
)
def test_english_says_what_is_wrong(best, word, causal):
    verdict = check.english(best, causal)
    assert not verdict
    assert word in verdict.message


def test_second_counts_what_is_left():
    rated = {1: {101, 103}, 2: {102}, 3: {103}}
    assert check.second([len({101, 102, 103} - rated[user]) for user in (1, 2, 3)])


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([2, 2, 2], "profile"),
        ([3, 3, 3], "he has rated"),
        ([2, 1, 1], "was not"),
        ([2, 2, 1], "value_counts"),
        ([1, 1, 1], "first rows"),
        ([0, 0, 0], "one row"),
    ],
)
def test_second_says_what_is_wrong(rows, word):
    verdict = check.second(rows)
    assert not verdict
    assert word in verdict.message


def genre_lists(movielens, prior, centered=True, nested=False):
    """The mean nDCG@10 of genres and a prior, by plain loops over users."""
    x = movielens.items.genres.astype(float)
    x = x - x.mean(axis=0) if centered else x
    split = stratified_split(movielens.interactions)
    split = stratified_split(split.train) if nested else split
    seen = split.train.matrix().toarray() > 0
    hidden = split.test.matrix().toarray() > 0
    popular = prior * np.log1p(seen.sum(axis=0))
    values = []
    for old, new in zip(seen, hidden, strict=True):
        if not new.any():
            continue
        taste = x[old].mean(axis=0) if old.any() else np.zeros(x.shape[1])
        scores = np.where(old, -np.inf, x @ taste + popular)
        hits = new[np.argsort(-scores, kind="stable")[:10]]
        discount = 1 / np.log2(np.arange(2, 12))
        values.append(hits @ discount / discount[: min(10, new.sum())].sum())
    return np.mean(values)


def test_onehot_is_the_tuned_genres_on_the_test_part(movielens):
    best = max(check.PRIORS, key=lambda p: genre_lists(movielens, p, nested=True))
    assert best > 0
    right = genre_lists(movielens, best)
    assert check.onehot(right)


def test_onehot_says_what_is_wrong():
    (without, _), (raw, _), (validation, _) = check._genres()[1]
    for value, word in (
        (without, "without a prior"),
        (raw, "centered"),
        (validation, "validation"),
        (0.9, "Center"),
    ):
        verdict = check.onehot(value)
        assert not verdict
        assert word in verdict.message
        assert f"{check._genres()[0]:.3f}" not in verdict.message


def loved(movielens, vectors, weighting):
    """The mean nDCG@10 of films with four stars or more, by a loop over users."""
    split = stratified_split(movielens.interactions)
    train, test = split.train, split.test
    values = []
    for user in range(train.n_users):
        old, stars = (x[train.user == user] for x in (train.item, train.value))
        new = test.item[(test.user == user) & (test.value >= 4)]
        if not len(new):
            continue
        if weighting == "mean" or not len(stars):
            stars = np.ones(len(old))
        elif weighting == "rating":
            stars = stars - stars.mean()
        scores = vectors @ (stars @ vectors[old])
        scores[old] = -np.inf
        hits = np.isin(np.argsort(-scores)[:10], new)
        discount = 1 / np.log2(np.arange(2, 12))
        values.append(hits @ discount / discount[: min(10, len(new))].sum())
    return np.mean(values)


def test_love_by_a_loop(movielens):
    vectors = movielens.items.genres - movielens.items.genres.mean(axis=0)
    jitter = np.random.default_rng(0).normal(size=vectors.shape)
    vectors = vectors + 0.1 * jitter  # no two films alike, so no lots are drawn
    names = ("mean", "value", "rating")
    found = {name: loved(movielens, vectors, name) for name in names}
    right = max(found, key=found.get)
    assert check.love(right, vectors)
    for name in set(names) - {right}:
        assert not check.love(name, vectors)


def test_love_is_computed_from_the_vectors_given():
    vectors = np.random.default_rng(0).normal(size=(1682, 8))
    verdicts = {name: check.love(name, vectors) for name in ("mean", "value", "rating")}
    assert sum(map(bool, verdicts.values())) == 1
    wrong = [verdict.message for verdict in verdicts.values() if not verdict]
    assert len(set(wrong)) == 2


@pytest.mark.parametrize("answer", ["garbage", [[1, 2], [3]], {}])
def test_garbage_is_refused(answer, causal):
    for verdict in (
        check.english(answer, causal),
        check.second(answer),
        check.onehot(answer),
    ):
        assert not verdict
        assert "The answer should be" in verdict.message


@pytest.mark.parametrize("answer", ["stars", None, 3, [[1], [2, 3]], {}])
def test_no_choice_is_refused(answer):
    verdict = check.love(answer, np.eye(1682, 4))
    assert not verdict
    assert "none of the choices" in verdict.message
