"""What the figures of simulations must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recsys_ref import plots

TRUTH = pd.Series([0.2, 0.4], index=["1", "2"])
TABLE = pd.DataFrame(
    {"mean": [0.1, 0.5], "low": [0.0, 0.4], "high": [0.3, 0.6]}, index=["1", "2"]
)
SEEDS = [
    pd.DataFrame({"clicks": [1.0, 2.0, 3.0], "lift": [np.nan, 0.1, 0.2]}),
    pd.DataFrame({"clicks": [3.0, 4.0, 5.0], "lift": [np.nan, 0.3, 0.4]}),
]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_items_stand_by_topic_and_quality_and_users_by_their_best_topic():
    attraction = np.array([[0.1, 0.9, 0.2, 0.8], [0.7, 0.1, 0.9, 0.0]])
    axes = plots.attraction_map(attraction, np.array([0, 1, 0, 1]))
    (image,) = axes.images
    due = attraction[[1, 0]][:, [2, 0, 1, 3]]
    np.testing.assert_array_equal(image.get_array(), due)
    assert [line.get_xdata()[0] for line in axes.lines] == [1.5]


def test_estimates_stand_side_by_side_beside_the_truth():
    axes = plots.against_truth(
        TRUTH, {"a": TABLE, "b": TABLE}, xlabel="case", ylabel="value"
    )
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), TRUTH)
    bars = axes.containers
    assert [bar.get_label() for bar in bars] == ["a", "b"]
    for bar in bars:
        np.testing.assert_array_equal(bar.lines[0].get_ydata(), TABLE["mean"])
    left, right = (bar.lines[0].get_xdata() for bar in bars)
    assert (left < right).all()
    lows = [segment[0, 1] for segment in bars[0].lines[2][0].get_segments()]
    assert lows == pytest.approx(TABLE["low"].tolist())
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1", "2"]


def test_a_row_of_nan_is_left_out():
    gap = TABLE.copy()
    gap.iloc[0] = np.nan
    axes = plots.against_truth(TRUTH, {"a": gap}, xlabel="", ylabel="")
    assert axes.containers[0].lines[0].get_ydata().tolist() == [0.5]


def test_each_panel_has_the_mean_of_the_seeds_in_their_band():
    panels = plots.over_rounds(
        {"a": SEEDS, "b": SEEDS[:1]}, {"clicks": "Clicks", "lift": "Lift"}
    )
    assert [axes.get_title() for axes in panels] == ["Clicks", "Lift"]
    assert panels[0].lines[0].get_ydata().tolist() == [2.0, 3.0, 4.0]
    assert panels[0].lines[1].get_ydata().tolist() == [1.0, 2.0, 3.0]
    assert panels[1].lines[0].get_xdata().tolist() == [1, 2]
    band = panels[0].collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (1.0, 5.0)


def test_a_panel_without_a_partner_leaves_its_place_empty():
    names = {"clicks": "A", "lift": "B"}
    table = SEEDS[0].assign(third=1.0)
    panels = plots.over_rounds({"a": [table]}, names | {"third": "C"})
    assert len(panels) == 3
    assert [axes.get_visible() for axes in panels[0].figure.axes] == [True] * 3 + [
        False
    ]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: plots.attraction_map(np.ones((2, 3)), np.zeros(2)),
            ValueError,
            "topics: must have one for each",
        ),
        (
            lambda: plots.attraction_map(np.full((2, 3), 2.0), np.zeros(3)),
            ValueError,
            "must be in",
        ),
        (
            lambda: plots.against_truth(TRUTH, {}, xlabel="", ylabel=""),
            ValueError,
            "need 1 to 4, got 0",
        ),
        (
            lambda: plots.against_truth(TRUTH, {"a": TABLE[:1]}, xlabel="", ylabel=""),
            ValueError,
            "'a' must have the index of truth",
        ),
        (
            lambda: plots.against_truth(
                TRUTH, {"a": TABLE.assign(low=1.0)}, xlabel="", ylabel=""
            ),
            ValueError,
            "low <= mean <= high",
        ),
        (lambda: plots.over_rounds({}, {"a": "A"}), ValueError, "tables: need 1 to 4"),
        (lambda: plots.over_rounds({"a": SEEDS}, {}), ValueError, "panels: need 1 to"),
        (
            lambda: plots.over_rounds({"a": SEEDS}, {"gini": "G"}),
            KeyError,
            "'a' lacks",
        ),
    ],
)
def test_what_cannot_be_drawn_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
