"""What the figures of chapters 3.2 and 3.4 must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from recsys_ref import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_sizes_stand_over_their_amounts_and_limits_across():
    axes = plots.against_limits(
        np.array([2.0, 20]), np.array([30.0, 300]), {"short": 100}, xlabel="", ylabel=""
    )
    (points,), (limit,), (name,) = axes.collections, axes.lines, axes.texts
    np.testing.assert_array_equal(points.get_offsets(), [[2, 30], [20, 300]])
    assert set(limit.get_ydata()) == {100}
    assert (name.get_text(), name.xy[1]) == ("short", 100)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


@pytest.mark.parametrize(
    ("amounts", "sizes", "limits", "message"),
    [
        ([1, 2], [1], {}, r"sizes: must have shape \(2,\), got \(1,\)"),
        ([0, 2], [1, 1], {}, "amounts: must be positive"),
        ([1, 2], [1, np.nan], {}, "sizes: must be positive"),
        ([1, 2], [1, 1], {"none": 0}, "limits: must be positive"),
    ],
)
def test_limits_name_what_is_wrong(amounts, sizes, limits, message):
    with pytest.raises(ValueError, match=message):
        plots.against_limits(amounts, sizes, limits, xlabel="", ylabel="")
