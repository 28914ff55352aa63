"""Figures of chapter 8.3 show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from recsys_ref.plots import gallery, spectrograms


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_pictures_hang_in_their_rows_unchanged():
    rng = np.random.default_rng(0)
    rows = {name: rng.integers(0, 256, (3, 16, 8, 3), np.uint8) for name in "ab"}
    axes = gallery(rows)
    wall = axes.images[0].get_array()
    assert wall.shape == (2 * 18, 3 * 10, 3)
    np.testing.assert_array_equal(wall[18:34, 20:28], rows["b"][2])
    assert (wall[16:18] == 255).all(), "a white gap"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    first, second = axes.get_yticks()
    assert first < 16 < 18 < second


def test_pictures_of_several_shapes_are_refused():
    one, other = np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 8, 9, 3), np.uint8)
    for bad in ({}, {"a": one, "b": other}, {"a": one[0]}, {"a": one[:0]}):
        with pytest.raises(ValueError, match="rows: must hold pictures"):
            gallery(bad)


def test_time_runs_right_pitch_up_and_loudness_has_one_scale():
    quiet, loud = np.full((40, 32), -50.0), np.full((40, 32), -10.0)
    loud[5, 31] = 3.0
    panels = spectrograms({"quiet": quiet, "loud": loud}, seconds=2.0)
    assert [axes.get_title() for axes in panels] == ["quiet", "loud"]
    for axes in panels:
        assert axes.images[0].get_clim() == (-50, 3)
        assert tuple(axes.images[0].get_extent()) == (0, 2, 0.5, 32.5)
        assert axes.images[0].origin == "lower"
    shown = panels[1].images[0].get_array()
    assert shown[31, 5] == 3.0, "band, then time"


def test_bad_spectrograms_are_refused():
    mel = np.zeros((4, 3))
    for bad in ({}, {"a": mel, "b": mel.T}, {"a": mel[0]}, dict.fromkeys("abcde", mel)):
        with pytest.raises(ValueError, match="mels: must be one to four"):
            spectrograms(bad, seconds=1.0)
