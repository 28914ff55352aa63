"""What the figures of chapter 5.1 must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from recsys_ref import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def draw_curves(curves, levels):
    return plots.learning_curves(curves, levels, xlabel="step", ylabel="loss")


def test_each_curve_and_each_level_is_a_line_with_its_name():
    axes = draw_curves({"train": ([1, 5, 9], [3.0, 2.0, 1.0])}, {"bigram": 2.5})
    curve, level = axes.lines
    np.testing.assert_array_equal(curve.get_xydata(), [[1, 3], [5, 2], [9, 1]])
    assert set(level.get_ydata()) == {2.5}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train"]
    (name,) = axes.texts
    assert (name.get_text(), name.xy) == ("bigram", (9, 2.5))


@pytest.mark.parametrize(
    ("curves", "levels", "message"),
    [
        ({}, {}, "at least one"),
        ({"a": ([1, 2], [1.0])}, {}, "'a' needs a finite loss for each step"),
        ({"a": ([1], [np.nan])}, {}, "'a' needs a finite loss"),
        ({"a": ([1], [1.0])}, {"b": np.inf}, "levels: must be finite"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(curves, levels, message):
    with pytest.raises(ValueError, match=message):
        draw_curves(curves, levels)


def test_bars_are_the_chances_and_a_cross_marks_what_is_never_drawn():
    panels = {"all": [0.5, 0.3, 0.2], "top 2": [0.6, 0.4, 0.0], "one": [0, 0, 1.0]}
    drawn = plots.chance_bars(list("abc"), panels, ylabel="chance")
    assert [axes.get_title() for axes in drawn] == list(panels)
    for axes, chances in zip(drawn, panels.values(), strict=True):
        assert [bar.get_height() for bar in axes.patches] == list(chances)
        (crosses,) = axes.lines
        assert (
            crosses.get_xdata().tolist()
            == np.flatnonzero(np.equal(chances, 0)).tolist()
        )
    names = [text.get_text() for text in drawn[-1].get_xticklabels()]
    assert names == ["a", "b", "c"]


@pytest.mark.parametrize("chances", [[0.5, 0.4], [1.2, -0.2], [1.0]])
def test_what_is_no_table_of_chances_is_refused(chances):
    with pytest.raises(ValueError, match="'x' must be 2 chances with sum 1"):
        plots.chance_bars(["a", "b"], {"x": chances}, ylabel="chance")


def test_lines_stand_under_their_headings_cut_and_without_what_no_font_has():
    axes = plots.written_lines(
        {"before": ["a\x00b\ufffd$x$"], "after": ["x" * 9, "é"]}, width=8
    )
    shown = [(text.get_text(), text.get_weight()) for text in axes.texts]
    assert shown == [
        ("before", "bold"),
        ("a·b·$x$", "normal"),
        ("after", "bold"),
        ("xxxxxxx…", "normal"),
        ("é", "normal"),
    ]
    heights = [text.get_position()[1] for text in axes.texts]
    assert heights == sorted(heights)
    assert axes.yaxis_inverted()
    axes.figure.canvas.draw()  # dollar signs are no formula


def test_no_lines_at_all_are_refused():
    with pytest.raises(ValueError, match="need at least one line"):
        plots.written_lines({"before": []})
