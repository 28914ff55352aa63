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


def luminance(colour):
    """Relative luminance by WCAG 2, of a colour in sRGB."""
    channels = np.array(mpl.colors.to_rgb(colour))
    low = channels <= 0.04045
    linear = np.where(low, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_the_style_is_opaque_white_so_that_a_dark_page_keeps_it_legible():
    plots.use_style()
    for name in ("figure.facecolor", "savefig.facecolor"):
        assert mpl.colors.to_rgba(mpl.rcParams[name]) == (1, 1, 1, 1)


def test_the_first_three_colours_stand_out_from_white():
    # WCAG 2.1, success criterion 1.4.11: graphics need a contrast of 3 to 1.
    ratios = [1.05 / (luminance(colour) + 0.05) for colour in plots.COLOURS[:3]]
    assert min(ratios) > 3


def test_a_figure_saved_twice_has_the_same_bytes(tmp_path):
    files = [tmp_path / name for name in ("one.png", "two.png")]
    for file in files:
        plots.long_tail(np.arange(5)).figure.savefig(file, metadata={"Software": None})
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_long_tail_shows_items_in_order_of_popularity():
    axes = plots.long_tail(np.array([2, 0, 9, 4]))
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [1, 2, 3]
    assert line.get_ydata().tolist() == [9, 4, 2]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert "1 to 3" in axes.get_xlabel()
    assert axes.get_ylabel() == "Events of the item"


@pytest.mark.parametrize("popularity", [[], [0, 0], [1, -1], [[1, 2]]])
def test_the_long_tail_needs_events(popularity):
    with pytest.raises(ValueError, match="popularity: must be one-dimensional"):
        plots.long_tail(np.array(popularity))


@pytest.fixture
def table():
    rows = {"EASE": [0.48, 0.47, 0.50], "popularity": [0.25, 0.24, 0.26]}
    return pd.DataFrame.from_dict(rows, "index", columns=["mean", "low", "high"])


def test_an_interval_spans_low_to_high_around_its_mean(table):
    axes = plots.interval_plot(table, xlabel="nDCG@10, mean and 95 % interval")
    (container,) = axes.containers
    points, _, (bars,) = container.lines
    assert points.get_xdata().tolist() == [0.48, 0.25]
    spans = [segment[:, 0].tolist() for segment in bars.get_segments()]
    assert spans == [pytest.approx([0.47, 0.50]), pytest.approx([0.24, 0.26])]
    assert axes.get_xlabel() == "nDCG@10, mean and 95 % interval"


def test_the_first_method_stands_on_top(table):
    axes = plots.interval_plot(table, xlabel="x")
    assert [label.get_text() for label in axes.get_yticklabels()] == list(table.index)
    assert axes.yaxis_inverted()


def test_zero_is_marked_on_request(table):
    for zero in (False, True):
        axes = plots.interval_plot(table, xlabel="x", zero=zero)
        assert ([0, 0] in [list(line.get_xdata()) for line in axes.lines]) is zero


def test_an_interval_must_hold_its_mean(table):
    table.loc["EASE", "low"] = 0.49
    with pytest.raises(ValueError, match=r"low <= mean <= high.*EASE"):
        plots.interval_plot(table, xlabel="x")


def test_a_missing_column_is_named(table):
    with pytest.raises(KeyError, match=r"lacks \['high'\]"):
        plots.interval_plot(table.drop(columns="high"), xlabel="x")


def test_the_pipeline_shows_five_steps_each_with_its_room():
    axes = plots.pipeline()
    texts = [text.get_text() for text in axes.texts]
    headings = [text for text in texts if text[:1].isdigit()]
    rooms = ["data", "profiles", "content", "strategies", "evaluation"]
    assert [heading[0] for heading in headings] == list("12345")
    assert [text for text in texts if text in rooms] == rooms
    assert len([text for text in texts if text == ""]) == 6, "arrows"
