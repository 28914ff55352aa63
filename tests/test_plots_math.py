"""What the figures of sections 4 and 4.1 must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from recsys_ref import plots

PRINTED = pd.DataFrame([[0.1, 0.9], [0.5, 0.2]], ["u1", "u2"], ["i1", "i2"])
DIFFERS = np.array([[False, True], [False, False]])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def draw(tables, **options):
    return plots.matrices(tables, xlabel="item", ylabel="user", **options)


def test_each_cell_shows_its_number_and_a_marked_one_its_star():
    (axes,) = draw({"printed": PRINTED}, marked={"printed": DIFFERS})
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["0.10", "0.90*", "0.50", "0.20"]
    places = [text.get_position() for text in axes.texts]
    assert places == [(0, 0), (1, 0), (0, 1), (1, 1)], "row by row"


def test_the_frame_lies_around_the_marked_cell():
    (axes,) = draw({"printed": PRINTED}, marked={"printed": DIFFERS})
    (frame,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    (left, low), (right, high) = frame.get_bbox().get_points()
    assert left < 1 < right
    assert low < 0 < high
    assert not left < 0
    assert not high > 1


def test_matrices_share_one_scale_and_keep_their_names():
    first, second = draw({"one": PRINTED, "two": PRINTED * 10})
    assert first.images[0].get_clim() == second.images[0].get_clim() == (0.1, 9)
    assert [t.get_text() for t in second.get_xticklabels()] == ["i1", "i2"]
    assert [t.get_text() for t in first.get_yticklabels()] == ["u1", "u2"]
    assert (first.get_title(), second.get_title()) == ("one", "two")
    np.testing.assert_array_equal(second.images[0].get_array(), PRINTED * 10)


def test_numbers_can_be_read_on_dark_and_on_light_cells():
    (axes,) = draw({"printed": PRINTED})
    colours = [text.get_color() for text in axes.texts]
    assert colours == ["black", "white", "black", "black"]


@pytest.mark.parametrize(
    ("tables", "marked"),
    [
        ({"a": PRINTED, "b": PRINTED.iloc[:1]}, {}),
        ({"a": PRINTED}, {"b": DIFFERS}),
        ({"a": PRINTED}, {"a": DIFFERS[0]}),
        ({}, {}),
    ],
)
def test_matrices_that_do_not_fit_together_are_refused(tables, marked):
    with pytest.raises(ValueError, match="must have one shape and the same titles"):
        draw(tables, marked=marked)


def test_a_matrix_with_a_hole_is_refused():
    with pytest.raises(ValueError, match="tables: must be finite"):
        draw({"a": PRINTED.where(~DIFFERS)})


def test_a_cloud_is_drawn_around_the_origin_with_an_arrow_to_its_mean():
    points = np.array([[2.0, 1.0], [4.0, -3.0]])
    (axes,) = plots.clouds({"raw": points})
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), points)
    (arrow,) = axes.texts
    np.testing.assert_array_equal(arrow.xy, [3, -1])
    assert arrow.xyann == (0, 0)
    assert axes.get_xlim() == axes.get_ylim()
    low, high = axes.get_xlim()
    assert low == -high
    assert high > 4


def test_a_cloud_around_the_origin_has_no_arrow():
    points = np.array([[2.0, 1.0], [-2.0, -1.0 + 1e-9]])
    assert not plots.clouds({"centered": points})[0].texts


def test_clouds_stand_side_by_side_in_their_order():
    panels = plots.clouds({"far": np.ones((3, 2)), "near": np.zeros((1, 2))})
    assert [axes.get_title() for axes in panels] == ["far", "near"]
    assert panels[1].get_xlim()[1] > 0, "a single point at the origin has room"


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((3, 3)), np.zeros(2)])
def test_what_is_no_cloud_in_the_plane_is_refused(points):
    with pytest.raises(ValueError, match=r"'odd' must be \[N, 2\]"):
        plots.clouds({"odd": points})


def test_a_cloud_with_a_point_at_infinity_is_refused():
    with pytest.raises(ValueError, match="'odd' must be finite"):
        plots.clouds({"odd": np.array([[0, np.inf]])})
