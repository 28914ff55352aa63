"""The checks of the exercises on cold start."""

import numpy as np
import pytest

from recsys_ref.check import cold_start as check
from recsys_ref.data.split import cold_users
from recsys_ref.results import load
from recsys_ref.strategies.cold_start import text_map
from recsys_ref.strategies.ease import EASE


@pytest.fixture(scope="module")
def blocks(movielens):
    """Genres and years are real; what a model would say is drawn."""
    rng = np.random.default_rng(0)
    genres = movielens.items.genres.astype(float)
    year = np.nan_to_num(movielens.items.year, nan=1990.0)
    return {
        "genres": genres,
        "year": (year[:, None] - 1990) / 10,
        "MiniLM": genres @ rng.normal(size=(18, 8)) + rng.normal(size=(1682, 8)),
        "SmolLM2": genres @ rng.normal(size=(18, 8)) + rng.normal(size=(1682, 8)),
    }


@pytest.fixture(scope="module", autouse=True)
def each_map_once():
    """Learn each map only once, for however many answers it is asked for."""

    def remember(function):
        found = {}

        def ask(vectors, **how):
            key = np.asarray(vectors).tobytes(), *sorted(how.items())
            if key not in found:
                found[key] = function(vectors, **how)
            return found[key]

        return ask

    with pytest.MonkeyPatch.context() as patch:
        for name in ("_ahead", "_cold"):
            patch.setattr(check, name, remember(getattr(check, name)))
        yield


def test_eve_by_hand():
    seen = [[1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 1, 0]]
    seen.append([0, 0, 0, 1])
    right = []
    for film in range(4):
        everyone = sum(row[film] for row in seen) / 6
        friends = seen[0][film] + seen[2][film] + seen[4][film]
        right.append((friends + 2 * everyone) / 5)
    assert check.eve(right)


FRIENDS, SHARE = check.SEEN[[0, 2, 4]].mean(axis=0), check.SEEN.mean(axis=0)


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        ((check.SEEN[[0, 4]].mean(axis=0) + SHARE) / 2, "two friends"),
        (FRIENDS, "without smoothing"),
        (SHARE, "everyone's share"),
        ((FRIENDS + SHARE) / 2, "as many friends"),
        (FRIENDS + 2 / 3 * SHARE, "Divide by all"),
        ((3 * check.SEEN[[1, 3, 5]].mean(axis=0) + 2 * SHARE) / 5, "number 0"),
        (np.zeros(4), "Add up"),
    ],
)
def test_eve_says_what_is_wrong(scores, word):
    verdict = check.eve(scores)
    assert not verdict
    assert word in verdict.message


def test_blank_by_the_weights_of_the_map(blocks):
    split = check._new_films()
    film, old = split.cold[0], np.setdiff1d(np.arange(1682), split.cold)
    vectors = np.column_stack(list(blocks.values()))
    vectors = vectors - vectors.mean(axis=0)
    vectors[film] = 0
    how = load("cold_items")["search"]["maps"]["+ all three"]["chosen"]
    known = EASE(l2=400.0).fit(split.train).score(np.arange(943))[:, old]
    new = known @ text_map(vectors[old], vectors[split.cold], **how)
    above = np.array([(row > row[0]).mean() for row in new])
    right = sorted(above)[len(above) // 2]
    assert 0.02 < right < 0.98
    assert check.blank(right, vectors)
    for wrong, word in (
        (1 - right, "behind"),
        (above.mean(), "mean over users"),
        (right * len(split.cold), "number of films"),
        (100 * right, "percentage"),
        (-1.0, "higher score"),
    ):
        verdict = check.blank(wrong, vectors)
        assert not verdict
        assert word in verdict.message
        assert f"{right:.2f}" not in verdict.message


def test_fame_takes_blocks_away(blocks):
    table = load("cold_items")
    size = table["protocol"]["weights"]
    maps = table["search"]["maps"]

    def mean(names, strength, weighted=True):
        parts = []
        for name in names:
            x = blocks[name] - blocks[name][np.any(blocks[name] != 0, axis=1)].mean(0)
            x[~np.any(blocks[name] != 0, axis=1)] = 0
            length = np.sqrt((x**2).sum() / np.any(blocks[name] != 0, axis=1).sum())
            parts.append(x / length * (size[name] ** 0.5 if weighted else 1))
        return check._cold(np.column_stack(parts), **maps[strength]["chosen"])

    two = ["genres", "year", "MiniLM", "SmolLM2"]
    right = [mean(two, "+ MiniLM + SmolLM2"), mean(two[:3], "+ MiniLM")]
    assert check.fame(right, blocks)
    unweighted = [
        mean(two, "+ MiniLM + SmolLM2", False),
        mean(two[:3], "+ MiniLM", False),
    ]
    for wrong, word in (
        (right[::-1], "First without"),
        (unweighted, "weights"),
        ([0.9, 0.9], "Stack"),
    ):
        verdict = check.fame(wrong, blocks)
        assert not verdict
        assert word in verdict.message
        assert not any(f"{value:.2f}" in verdict.message for value in right)


def by_conditioning(movielens, noises):
    """The mean nDCG@10 by a Gaussian's conditional mean, one user at a time."""
    split = cold_users(movielens.interactions, share=0.2, rng=42, known=20)
    x = split.train.matrix().toarray() > 0
    hidden = split.test.matrix().toarray() > 0
    rows = np.delete(x, split.cold, axis=0).astype(float)
    mean, spread = rows.mean(axis=0), np.cov(rows.T, ddof=0)
    discount = 1 / np.log2(np.arange(2, 12))
    values = []
    for user in split.cold:
        told, new = np.flatnonzero(x[user]), hidden[user]
        ideal = discount[: min(10, new.sum())].sum()
        for noise in noises:
            inner = spread[np.ix_(told, told)] + noise * np.eye(len(told))
            surprise = np.linalg.solve(inner, 1 - mean[told])
            scores = mean + spread[:, told] @ surprise
            scores[told] = -np.inf
            hits = new[np.argsort(-scores, kind="stable")[:10]]
            values.append(hits @ discount / ideal)
    return np.nanmean(np.reshape(values, (-1, len(noises))), axis=0)


def test_noise_by_conditioning(movielens):
    assert check.noise(by_conditioning(movielens, (0.01, 1, 1000)))


def test_noise_goes_from_accidents_to_popularity():
    right, hopeful, popular = check._noise()
    assert abs(right[2] - popular) < 0.01
    assert right[1] > right[0]
    for wrong, word in (
        (right[::-1], "first"),
        (hopeful, "in the fit"),
        ([popular] * 3, "folded in"),
        ([0.9, 0.9, 0.9], "held-out"),
    ):
        verdict = check.noise(wrong)
        assert not verdict
        assert word in verdict.message
        assert not any(f"{value:.2f}" in verdict.message for value in right)


@pytest.mark.parametrize("answer", ["garbage", [[1, 2], [3]], {}, [0.5] * 5])
def test_garbage_is_refused(answer, blocks):
    for verdict in (
        check.eve(answer),
        check.blank(answer, blocks["MiniLM"]),
        check.noise(answer),
    ):
        assert not verdict
        assert "The answer should be" in verdict.message
    assert "Give two means" in check.fame(answer, blocks).message
