"""What the figures of chapter 1 must show, whatever they look like."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.sparse import csr_array

from recsys_ref import plots

DAY = 86_400


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_the_matrix_is_drawn_with_the_most_active_first():
    matrix = csr_array(np.array([[0, 0, 1], [0, 0, 0], [3, 0, 1]]))
    (picture,) = plots.interaction_matrix(matrix).images
    np.testing.assert_array_equal(
        picture.get_array(), [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    )


def test_the_first_user_and_the_first_item_meet_in_the_upper_left_corner():
    axes = plots.interaction_matrix(csr_array(np.ones((4, 6))))
    assert axes.get_xlim() == (0.5, 6.5)
    assert axes.get_ylim() == (4.5, 0.5)
    assert axes.images[0].origin == "upper"
    assert "(1 to 6)" in axes.get_xlabel()
    assert "(1 to 4)" in axes.get_ylabel()


def test_a_matrix_without_items_is_refused():
    with pytest.raises(ValueError, match=r"users and items, got shape \(2, 0\)"):
        plots.interaction_matrix(csr_array((2, 0)))


def test_a_line_of_arrivals_counts_who_has_come_by_each_day():
    users, items = np.array([4, 0, 2, 1]) * DAY, np.array([1, 1]) * DAY
    axes = plots.arrivals({"users": users + 7, "items": items + 7})
    user_line, item_line = axes.lines

    def share(line, day):
        days, shares = line.get_data()
        return shares[days <= day][-1]

    assert [share(user_line, day) for day in (0, 1, 3, 4)] == [0.25, 0.5, 0.75, 1]
    assert [share(item_line, day) for day in (1, 4)] == [1, 1]
    assert user_line.get_xdata()[-1] == item_line.get_xdata()[-1] == 4
    assert user_line.get_drawstyle() == "steps-post"
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["users", "items"]


@pytest.mark.parametrize("first_seen", [{}, {"users": np.array([], dtype=int)}])
def test_arrivals_of_nobody_are_refused(first_seen):
    with pytest.raises(ValueError, match="first_seen: needs names, each with times"):
        plots.arrivals(first_seen)


def test_a_curve_is_the_mean_in_a_band_from_lowest_to_highest():
    values = np.array([[0.1, 0.5, 0.9], [0.3, 0.5, 0.4]])
    axes = plots.by_amount([0, 5, 50], {"knn": values}, xlabel="x", ylabel="y")
    (line,), (band,) = axes.lines, axes.collections
    np.testing.assert_allclose(line.get_xydata(), [[0, 0.2], [5, 0.5], [50, 0.65]])
    corners = {tuple(point) for point in band.get_paths()[0].vertices.round(6)}
    assert {(0, 0.1), (0, 0.3), (5, 0.5), (50, 0.4), (50, 0.9)} <= corners


def test_amounts_are_ticks_and_nought_has_its_place():
    axes = plots.by_amount([0, 1, 10], {"a": np.zeros(3)}, xlabel="x", ylabel="y")
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1", "10"]
    place = axes.transData.transform([[0, 0], [1, 0], [10, 0]])[:, 0]
    nought_to_one, one_to_ten = np.diff(place)
    assert 0.3 < nought_to_one / one_to_ten < 3, "neither gap swallows the other"


def test_lines_differ_in_more_than_colour():
    curves = {name: np.zeros(2) for name in "abc"}
    axes = plots.by_amount([1, 2], curves, xlabel="x", ylabel="y")
    assert len({line.get_linestyle() for line in axes.lines}) == 3


@pytest.mark.parametrize("amounts", [[2, 1], [1, 1], [-1, 0], [[1, 2]]])
def test_amounts_that_do_not_rise_from_nought_are_refused(amounts):
    with pytest.raises(ValueError, match="amounts: must rise and not be negative"):
        plots.by_amount(amounts, {"a": np.zeros(2)}, xlabel="x", ylabel="y")


def test_a_curve_of_another_length_is_named():
    curves = {"good": np.zeros(2), "bad": np.zeros((4, 3))}
    with pytest.raises(ValueError, match=r"'bad' must have shape \[R, 2\], got"):
        plots.by_amount([1, 2], curves, xlabel="x", ylabel="y")
