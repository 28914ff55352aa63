"""Each check of chapter 3.2 passes what is right and hints at what is not."""

import numpy as np
import pytest

from recsys_ref.check import profiles as check
from recsys_ref.data.split import stratified_split

GARBAGE = ("many", None, [[1.0, 2.0]], np.nan, lambda: 1)


def hints(verdict, word, *secrets):
    """Assert that a wrong answer gets the hint meant for it, and no solution."""
    assert not verdict
    assert word in verdict.message
    assert not any(secret in verdict.message for secret in secrets)


def test_half():
    root = 2**0.5
    sizes = np.array([1, 1 / root, 1 / root / 2])  # two days: a half; one: its root
    right = sizes / sizes.sum()
    assert check.half(right)
    assert check.half(list(right.round(2)))
    for word, wrong in {
        "forget": np.full(3, 1 / 3),
        "sum to 1": sizes,
        "order": right[::-1],
        "How long": np.array([8, 4, 1]) / 13,
        "for each film": np.array([4, 2, 1]) / 7,
        "every two days": [0.9, 0.1, 0.0],
    }.items():
        hints(check.half(wrong), word, "0.49", "0.34", "0.17")
    hints(check.half(sizes / root), "sum to 1")


def test_horoscope(movielens):
    train = stratified_split(movielens.interactions).train
    genres, names = movielens.items.genres, movielens.items.genre_names
    catalog, liked, share = genres.mean(axis=0), np.zeros(18), np.zeros(18)
    for user in range(943):
        mine = genres[train.item[train.user == user]].mean(axis=0)
        share += mine / 943
        liked += (mine >= catalog) & (mine > 0)

    def top(values):
        return [names[place] for place in np.argsort(-values)[:3]]

    right = top(liked)
    assert check.horoscope(right)
    assert check.horoscope(tuple(name.upper() for name in right[::-1]))
    secrets = [name for name in right if name not in top(share)]
    hints(check.horoscope(top(-liked)), "fewest", *right)
    hints(check.horoscope(top(share)), "compared", *secrets)
    hints(check.horoscope([*right[:2], top(-liked)[0]]), "For each genre", *right)
    hints(check.horoscope([right[0]] * 3), "different", *right)
    hints(check.horoscope(["Western"]), "different", *right)


def test_dislikes():
    rng = np.random.default_rng(0)
    low, noise = rng.uniform(0.4, 0.5, 8), rng.uniform(-0.02, 0.02, 8)
    high = low + 0.2 + noise
    assert check.dislikes("without dislikes", high, low)
    assert check.dislikes("Dislikes alone", low, high)
    level = low + np.array([0.1, -0.1] * 4)
    assert check.dislikes("cannot tell", low, level)
    hints(check.dislikes("without dislikes", low, level), "above", "cannot")
    hints(check.dislikes("dislikes alone", low, level), "below", "cannot")
    hints(check.dislikes("cannot tell", high, low), "zero in it", "without")


def ndcg(users, vectors, known, wanted):
    """Mean nDCG@10, one user after the other."""
    discount, values = 1 / np.log2(np.arange(2, 12)), []
    score = users @ vectors.T
    for own, seen, hidden in zip(score, known, wanted, strict=True):
        if hidden.any():
            ranked = np.argsort(-np.where(seen, -np.inf, own), kind="stable")
            best = discount[: min(10, hidden.sum())].sum()
            values.append(hidden[ranked[:10]] @ discount / best)
    return np.mean(values)


def test_recency(movielens):
    vectors = movielens.items.genres - movielens.items.genres.mean(axis=0)
    vectors += 1e-3 * np.random.default_rng(3).normal(size=vectors.shape)  # no ties
    gains, parts = [], []
    for split in (check._split(), check._last()):
        known, wanted = (p.matrix().toarray() > 0 for p in (split.train, split.test))
        plain = known @ vectors / known.sum(axis=1, keepdims=True)
        fading = np.zeros_like(plain)
        for user in range(943):
            mine = np.flatnonzero(split.train.user == user)
            when = split.train.timestamp[mine]
            later = [(when > t).sum() + ((when == t).sum() - 1) / 2 for t in when]
            weight = 0.5 ** (np.array(later) / 10)
            fading[user] = weight @ vectors[split.train.item[mine]] / weight.sum()
        two = [ndcg(users, vectors, known, wanted) for users in (fading, plain)]
        gains.append(two[0] - two[1])
        parts.append(two)
    assert check.recency(*gains, vectors)
    hints(check.recency(0.5, gains[1], vectors), "Random quarter: fit")
    hints(check.recency(gains[0], 0.5, vectors), "Last five: fit")
    assert abs(gains[0]) > 2e-3, "or the sign cannot be seen"
    hints(check.recency(-gains[0], gains[1], vectors), "you subtract")
    for one in parts[0]:
        hints(check.recency(one, gains[1], vectors), "one of the two")


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_refused(answer):
    eight = np.linspace(0, 1, 8)
    for verdict in (
        check.half(answer),
        check.horoscope(answer),
        check.horoscope([answer] * 3),
        check.dislikes(answer, eight, eight),
        check.recency(answer, 0.0, np.eye(1682, 2)),
    ):
        assert not verdict
        assert verdict.message
