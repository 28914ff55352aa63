"""The figures of section 6.2 show what they are given."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from recsys_ref import plots

mpl.use("agg")


def table(start, rounds=6):
    mean = start + np.arange(rounds) / 10
    return pd.DataFrame({"mean": mean, "low": mean - 0.1, "high": mean + 0.2})


PANELS = {
    title: {"Random": table(shift), "Text": table(shift + 1)}
    for shift, title in enumerate(("topics shown", "overlap", "clicks"))
}


def test_each_panel_has_a_line_and_a_band_a_policy():
    grid = plots.policy_panels(PANELS, xlabel="Round")
    assert [axes.get_title() for axes in grid] == list(PANELS)
    for shift, axes in enumerate(grid):
        lines = axes.get_lines()
        assert [line.get_label() for line in lines] == ["Random", "Text"]
        assert lines[1].get_ydata() == pytest.approx(shift + 1 + np.arange(6) / 10)
        assert len({line.get_linestyle() for line in lines}) == 2
        assert len(axes.collections) == 2
        band = axes.collections[0].get_paths()[0].get_extents()
        assert (band.y0, band.y1) == pytest.approx((shift - 0.1, shift + 0.7))
    legend = grid[0].figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["Random", "Text"]
    assert grid[2].get_xlabel() == "Round"
    assert not grid[0].figure.axes[3].get_visible()


def test_panels_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="panels: need at least one"):
        plots.policy_panels({}, xlabel="Round")
    with pytest.raises(ValueError, match="panels: need 1 to 6 policies, got 7"):
        plots.policy_panels({"a": {str(n): table(n) for n in range(7)}}, xlabel="Round")
    with pytest.raises(ValueError, match=r"'b' must have \['x'\], got \['y'\]"):
        plots.policy_panels(
            {"a": {"x": table(0)}, "b": {"y": table(0)}}, xlabel="Round"
        )
    with pytest.raises(ValueError, match="'a', 'y' has other rounds"):
        plots.policy_panels({"a": {"x": table(0), "y": table(0, 5)}}, xlabel="Round")
    with pytest.raises(KeyError, match="lacks"):
        plots.policy_panels({"a": {"x": table(0)[["mean", "low"]]}}, xlabel="Round")
    with pytest.raises(ValueError, match="low <= mean <= high"):
        plots.policy_panels({"a": {"x": table(0).assign(high=-9)}}, xlabel="Round")
