import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recsys_ref import plots


@pytest.fixture(autouse=True)
def clean_slate():
    with mpl.rc_context():
        yield
    plt.close("all")


def table(mean, **more):
    mean = np.array(mean)
    return pd.DataFrame(
        {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, **more}, index=[0, 1, 5]
    )


FLAT = table([0.3, 0.3, 0.3])
RISING = table([0.1, 0.2, 0.5], ahead=[False, False, True])
WORDS = {"name": "popularity", "xlabel": "ratings", "ylabel": "nDCG"}


def test_marks_are_filled_where_a_method_is_ahead():
    (axes,) = plots.overtaking({"own": {"EASE": RISING}}, FLAT, **WORDS)
    marked = [line for line in axes.lines if line.get_marker() == "o"]
    open_, filled = (line for line in marked if len(line.get_xdata()))
    assert open_.get_markerfacecolor() == "white"
    assert open_.get_ydata().tolist() == [0.1, 0.2]
    assert filled.get_markerfacecolor() != "white"
    assert filled.get_ydata().tolist() == [0.5]
    assert [text.get_text() for text in axes.get_legend().texts] == [
        "popularity",
        "EASE",
    ]


def test_three_panels_leave_the_fourth_place_empty():
    panels = {name: {"EASE": RISING} for name in "abc"}
    drawn = plots.overtaking(panels, FLAT, **WORDS)
    assert [axes.get_title() for axes in drawn] == ["a", "b", "c"]
    assert not drawn[0].figure.axes[3].get_visible()


def test_no_panel_cuts_off_what_another_one_shows():
    high = table([0.3, 0.6, 0.9], ahead=[False, True, True])
    drawn = plots.overtaking({"a": {"x": RISING}, "b": {"y": high}}, FLAT, **WORDS)
    for axes in drawn:
        bottom, top = axes.get_ylim()
        assert bottom == 0
        assert top >= 1.0


@pytest.mark.parametrize(
    ("panels", "error", "message"),
    [
        ({}, ValueError, "need at least one"),
        ({"a": {"x": FLAT}}, KeyError, "lacks"),
        ({"a": {"x": RISING.iloc[:2]}}, ValueError, "must have the amounts"),
        ({"a": {"x": RISING.assign(low=1.0)}}, ValueError, "low <= mean <= high"),
        ({"a": dict.fromkeys("abcdefg", RISING)}, ValueError, "may have 6 methods"),
    ],
)
def test_bad_tables_are_refused(panels, error, message):
    with pytest.raises(error, match=message):
        plots.overtaking(panels, FLAT, **WORDS)
