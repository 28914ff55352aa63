"""What the figures of chapter 3.1 must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from recsys_ref import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_bars_stand_in_the_order_given_with_the_first_on_top():
    axes = plots.bars(["drama", "comedy"], [725, 505.4], xlabel="Films")
    assert [bar.get_width() for bar in axes.patches] == [725, 505.4]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["drama", "comedy"]
    top, bottom = axes.get_ylim()[::-1]
    assert top < 0 < 1 < bottom, "the axis runs downwards, so bar 0 is on top"
    assert axes.get_xlabel() == "Films"


def test_bars_are_labelled_with_their_values():
    axes = plots.bars(["a", "b", "c"], [1234, 0.256, 0], xlabel="x")
    assert [text.get_text() for text in axes.texts] == ["1,234", "0.26", "0"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0], "one for each of 2 names"),
        ([1, -1], "negative"),
        ([1, np.nan], "finite"),
    ],
)
def test_bars_refuse_what_cannot_be_drawn(values, message):
    with pytest.raises(ValueError, match=message):
        plots.bars(["a", "b"], values, xlabel="x")


def test_waiting_times_are_the_cumulative_share_of_the_gaps():
    axes = plots.waiting_times([0, 0, 0, 7, 3600])
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [0.1, 0.1, 7, 3600]
    assert line.get_ydata() == pytest.approx([0, 0.6, 0.8, 1.0])
    assert axes.get_xscale() == "log"


@pytest.mark.parametrize("gaps", [[], [-1.0], [np.nan]])
def test_waiting_times_refuse_what_is_no_waiting_time(gaps):
    with pytest.raises(ValueError, match="gaps"):
        plots.waiting_times(gaps)


def test_each_panel_shows_the_train_events_and_the_test_events_of_its_split():
    panels = plots.split_panels(
        [0, 0, 1],
        [1, 2, 3],
        ["a", "b", "a"],
        {"last": [False, True, False], "cold": [True, False, True], "late": [0, 0, 1]},
        user_names=["ann", "bob"],
    )
    assert [axes.get_title() for axes in panels] == ["last", "cold", "late"]
    train, test = panels[1].collections
    assert train.get_offsets().tolist() == [[2, 0]]
    assert test.get_offsets().tolist() == [[1, 0], [3, 1]]
    assert [text.get_text() for text in panels[0].texts] == ["a", "b", "a"]
    assert len(panels[0].figure.axes) == 3, "no empty panel is left over"


def test_split_panels_refuse_a_mask_of_another_length():
    with pytest.raises(ValueError, match="late: must have 2 entries, got 1"):
        plots.split_panels(
            [0, 1], [1, 2], ["a", "b"], {"late": [True]}, user_names=["ann", "bob"]
        )


def test_distributions_are_shares_within_each_group_over_common_intervals():
    axes = plots.compare_distributions(
        {"friends": [0, 1, 1, 1], "strangers": [0, 0, 0, 0, 0, 0, 0, 2]},
        xlabel="x",
        bins=2,
    )
    outlines = [stairs.get_data() for stairs in axes.patches][1::2]
    assert outlines[0].values.tolist() == [0.25, 0.75]
    assert outlines[1].values.tolist() == [0.875, 0.125]
    assert outlines[0].edges.tolist() == outlines[1].edges.tolist() == [0, 1, 2]
    assert [line.get_xdata()[0] for line in axes.lines] == [0.75, 0.25]


def test_intervals_may_be_given_by_their_edges():
    axes = plots.compare_distributions(
        {"a": [0, 1, 1]}, xlabel="x", bins=[-0.5, 0.5, 2]
    )
    assert axes.patches[1].get_data().values == pytest.approx([1 / 3, 2 / 3])


@pytest.mark.parametrize("values", [[], [np.inf]])
def test_an_empty_or_infinite_group_is_named(values):
    with pytest.raises(ValueError, match="'friends'"):
        plots.compare_distributions({"friends": values}, xlabel="x")


def test_each_case_stands_beside_its_own_shuffles():
    panels = plots.against_chance(
        {"as found": [0.1, 0.2, 0.2], "mended": [0.1, 0.1, 0.3]},
        {"as found": 0.15, "mended": 0.9},
        xlabel="agreement",
    )
    assert [axes.get_title() for axes in panels] == ["as found", "mended"]
    assert [axes.lines[0].get_xdata()[0] for axes in panels] == [0.15, 0.9]
    heights = [sum(bar.get_height() for bar in axes.patches) for axes in panels]
    assert heights == [3, 3], "every shuffle is in the picture"
    assert panels[-1].get_xlabel() == "agreement"


@pytest.mark.parametrize(
    ("observed", "message"),
    [({"b": 1.0}, "must have the names"), ({"a": np.nan}, "finite")],
)
def test_chance_and_observation_must_speak_of_the_same_cases(observed, message):
    with pytest.raises(ValueError, match=message):
        plots.against_chance({"a": [0.1, 0.2]}, observed, xlabel="x")
