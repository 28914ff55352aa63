"""What the figure of ages must show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from recsys_ref import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_both_lines_and_every_mark_are_drawn():
    ages, limits = np.array([0.5, 1.0, 3.0, 9.0]), np.array([0.0, 1.0, 4.0, 10.0])
    axes = plots.share_by_age(
        ages, limits, limits / 10, marks={"half-life": 6.0, "night": 8.0}
    )
    observed, expected, first, second = axes.lines
    np.testing.assert_allclose(observed.get_xydata()[:, 1], [0, 0.5, 0.75, 1])
    np.testing.assert_allclose(expected.get_xydata()[:, 1], limits / 10)
    assert observed.get_linestyle() != expected.get_linestyle()
    assert [first.get_xdata()[0], second.get_xdata()[0]] == [6.0, 8.0]
    assert [text.get_text() for text in axes.texts] == ["half-life", "night"]


@pytest.mark.parametrize(
    ("ages", "limits", "expected", "message"),
    [
        ([], [0, 1], [0, 1], "at least one"),
        ([-1.0], [0, 1], [0, 1], "not negative"),
        ([1.0], [0, 1], [0], "pair with expected"),
        ([1.0], [1, 1], [0, 1], "must rise"),
    ],
)
def test_what_cannot_be_drawn_is_refused(ages, limits, expected, message):
    with pytest.raises(ValueError, match=message):
        plots.share_by_age(ages, limits, expected, marks={})
