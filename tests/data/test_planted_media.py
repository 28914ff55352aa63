"""Generated media: the planted signal is as strong as it says."""

import numpy as np
import pytest

from recsys_ref.data.planted_media import (
    planted_looks,
    planted_posters,
    planted_sounds,
)


@pytest.fixture(scope="module")
def genres():
    rng = np.random.default_rng(0)
    return rng.random((4000, 6)) < np.array([0.5, 0.3, 0.2, 0.2, 0.1, 0.1])


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_a_look_is_an_own_genre_as_often_as_stated(genres, strength):
    some = genres[genres.any(axis=1)]
    looks = planted_looks(some, strength=strength, rng=1)
    own = some[np.arange(len(some)), looks]
    chance = strength + (1 - strength) * some.mean(axis=1)
    error = np.sqrt((chance * (1 - chance)).sum()) / len(some)
    assert abs(own.mean() - chance.mean()) < 4 * error + 1e-12


def test_own_genres_are_drawn_alike(genres):
    both = np.tile([True, False, True, True], (6000, 1))
    looks = planted_looks(both, strength=1.0, rng=2)
    share = np.bincount(looks, minlength=4) / 6000
    np.testing.assert_allclose(share, [1 / 3, 0, 1 / 3, 1 / 3], atol=0.03)


def test_a_film_without_genres_draws_from_all():
    looks = planted_looks(np.zeros((3000, 5), bool), strength=1.0, rng=3)
    np.testing.assert_allclose(np.bincount(looks) / 3000, 0.2, atol=0.04)


@pytest.mark.parametrize("make", [planted_posters, planted_sounds])
def test_media_come_from_the_seed_and_differ_within_a_look(make):
    looks = np.array([0, 0, 3])
    one, again, other = (make(looks, rng=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert (one[0] != one[1]).any()


def test_posters_have_the_stated_shape_and_their_looks_color():
    posters = planted_posters(np.repeat([0, 1], 20), size=24, rng=0)
    assert posters.shape == (40, 24, 24, 3)
    assert posters.dtype == np.uint8
    center = posters[:, 8:16, 8:16].mean(axis=(1, 2))  # [I, 3]
    assert (center[:20].argmax(axis=1) == 0).all(), "look 0 is red"
    assert (center[20:].argmax(axis=1) == 2).all(), "look 1 is blue"


def test_sounds_have_the_stated_pitch():
    looks = np.array([0, 6, 12])
    sounds = planted_sounds(looks, rate=8000, rng=0)
    assert sounds.shape == (3, 8000)
    assert sounds.dtype == np.float32
    assert np.abs(sounds).max() <= 1
    loudest = np.abs(np.fft.rfft(sounds)).argmax(axis=1)  # Hz: one second
    for look, found in zip(looks, loudest, strict=True):
        overtone = found / (150 * 2 ** (look / 6))
        assert min(abs(np.log2(overtone / n)) for n in range(1, 6)) < 0.12


def test_sounds_have_the_stated_tempo():
    looks = np.arange(5)
    sounds = planted_sounds(looks, rate=8000, seconds=4.0, rng=0)
    loud = np.abs(sounds).reshape(5, 400, 80).mean(axis=2)  # 100 a second
    spectrum = np.abs(np.fft.rfft(loud - loud.mean(axis=1, keepdims=True)))
    beats = spectrum[:, :33].argmax(axis=1) / 4  # a second
    np.testing.assert_allclose(beats, 2 + looks, atol=0.3)


def test_errors_name_the_argument(genres):
    with pytest.raises(ValueError, match="genres: must be bool"):
        planted_looks(genres.astype(int), strength=0.5, rng=0)
    with pytest.raises(ValueError, match="strength: must be in"):
        planted_looks(genres, strength=1.5, rng=0)
    for make in (planted_posters, planted_sounds):
        with pytest.raises(ValueError, match="looks: must be int"):
            make(np.array([-1]), rng=0)
    with pytest.raises(ValueError, match="size"):
        planted_posters(np.array([0]), size=4, rng=0)
    with pytest.raises(ValueError, match="rate \\* seconds"):
        planted_sounds(np.array([0]), seconds=0.0, rng=0)
