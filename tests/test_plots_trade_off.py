"""What the figure of a bargain must show, whatever it looks like."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recsys_ref import plots

DIAL = pd.DataFrame({"loss": [0.0, 1.0, 4.0], "gain": [0.0, 0.1, 0.2]}, [-1, 0, 1])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_every_setting_stands_at_its_loss_and_gain_with_its_name():
    axes = plots.trade_off({"a": DIAL, "b": DIAL * 2}, xlabel="loss", ylabel="gain")
    a, b = axes.lines
    np.testing.assert_array_equal(a.get_xydata(), DIAL[["loss", "gain"]])
    np.testing.assert_array_equal(b.get_xydata(), 2 * DIAL[["loss", "gain"]])
    assert a.get_marker() != b.get_marker()
    assert a.get_linestyle() != b.get_linestyle()
    assert [text.get_text() for text in axes.texts] == ["-1", "0", "1"] * 2
    assert [each.get_text() for each in axes.get_legend().get_texts()] == ["a", "b"]


def test_the_corner_that_is_asked_for_is_shaded_and_in_view():
    axes = plots.trade_off({"a": DIAL}, xlabel="loss", ylabel="gain", target=(1.0, 0.3))
    (corner,) = axes.collections
    points = corner.get_paths()[0].vertices
    assert points[:, 0].max() == 1.0
    assert points[:, 1].min() == 0.3
    assert axes.get_ylim()[1] > 0.3


@pytest.mark.parametrize(
    ("curves", "error", "message"),
    [
        ({}, ValueError, "need 1 to 4, got 0"),
        ({str(n): DIAL for n in range(5)}, ValueError, "got 5"),
        ({"a": DIAL[["loss"]]}, KeyError, "lacks"),
        ({"a": DIAL * np.nan}, ValueError, "'a' must be finite"),
    ],
)
def test_a_wrong_bargain_is_named(curves, error, message):
    with pytest.raises(error, match=message):
        plots.trade_off(curves, xlabel="", ylabel="")
