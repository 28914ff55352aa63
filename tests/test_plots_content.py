"""What the figures of chapters 3.3 and 5.2 must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recsys_ref import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_map_shows_every_item_then_each_group_where_it_lies():
    places = np.array([[0.0, 0], [1, 2], [3, 1]])
    groups = {"a": np.array([True, False, True]), "b": np.array([False, True, False])}
    axes = plots.catalogue_map(places, groups, labels={2: "third"})
    everything, a, b = axes.collections
    np.testing.assert_array_equal(everything.get_offsets(), places)
    np.testing.assert_array_equal(a.get_offsets(), places[[0, 2]])
    np.testing.assert_array_equal(b.get_offsets(), places[[1]])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]
    (label,) = axes.texts
    assert (label.get_text(), tuple(label.xy)) == ("third", (3, 1))


def test_groups_of_a_map_differ_in_colour_and_in_mark():
    groups = {name: np.array([True]) for name in "abcdef"}
    axes = plots.catalogue_map(np.zeros((1, 2)), groups)
    drawn = axes.collections[1:]
    assert len({tuple(points.get_facecolor()[0]) for points in drawn}) == 6
    assert len({points.get_paths()[0].vertices.tobytes() for points in drawn}) == 6


@pytest.mark.parametrize(
    ("places", "groups", "message"),
    [
        (np.zeros((2, 3)), {}, r"got shape \(2, 3\)"),
        (np.full((2, 2), np.nan), {}, "places: must be finite"),
        (np.zeros((2, 2)), {"a": np.ones(3, bool)}, "'a' must have 2 entries"),
        (np.zeros((2, 2)), {n: np.ones(2, bool) for n in "abcdefg"}, "at most 6"),
    ],
)
def test_a_map_names_what_is_wrong(places, groups, message):
    with pytest.raises(ValueError, match=message):
        plots.catalogue_map(places, groups)


def test_dots_stand_at_their_numbers_the_first_row_on_top():
    table = pd.DataFrame({"x": [0.2, 0.4], "y": [0.9, np.nan]}, index=["top", "low"])
    axes = plots.dots(table, xlabel="share", chance=0.5)
    x, y, chance = axes.lines
    np.testing.assert_array_equal(x.get_xdata(), [0.2, 0.4])
    np.testing.assert_array_equal(y.get_xdata(), [0.9, np.nan])
    assert chance.get_xdata()[0] == 0.5
    low, high = axes.get_ylim()
    assert low > high, "the first row is on top"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["top", "low"]


def test_dots_without_a_number_are_refused():
    with pytest.raises(ValueError, match="needs numbers"):
        plots.dots(pd.DataFrame({"x": [np.nan]}), xlabel="share")


def test_curves_are_told_apart_without_colour():
    table = pd.DataFrame({"a": [1.0, 2], "b": [3.0, np.nan]}, index=[0, 5])
    a, b = plots.curves(table, xlabel="layer", ylabel="AUC").lines
    np.testing.assert_array_equal(a.get_xydata(), [[0, 1], [5, 2]])
    np.testing.assert_array_equal(b.get_ydata(), [3, np.nan])
    assert (a.get_linestyle(), a.get_marker()) != (b.get_linestyle(), b.get_marker())


def test_curves_need_a_rising_index():
    with pytest.raises(ValueError, match="rising index"):
        plots.curves(pd.DataFrame({"a": [1, 2]}, index=[1, 1]), xlabel="", ylabel="")
