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


def curve(false, true):
    return pd.DataFrame({"false_positive": false, "true_positive": true})


def table(mean, index):
    mean = np.array(mean)
    return pd.DataFrame({"mean": mean, "low": mean - 0.1, "high": mean + 0.1}, index)


GOOD = curve([0.0, 0.0, 1.0], [0.0, 0.5, 1.0])


def test_attack_curves_start_at_the_floor_beside_a_coin():
    axes = plots.attack_curves({"scores": GOOD}, floor=0.01)
    line, coin = axes.lines[:2]
    assert line.get_xdata().tolist() == [0.01, 0.01, 1.0]
    assert line.get_ydata().tolist() == [0.01, 0.5, 1.0]
    assert coin.get_label() == "a coin"
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_evidence_rows_hold_every_user_with_the_first_row_on_top():
    values = {"in": np.array([0.5, 0.9]), "out": np.array([2.0, 300.0, 9.0])}
    axes = plots.evidence_rows(values, xlabel="h", line=1.0, words="proof")
    first, second, line = axes.lines
    assert first.get_xdata().tolist() == [0.5, 0.9]
    assert len(second.get_xdata()) == 3
    assert min(first.get_ydata()) > max(second.get_ydata())
    assert line.get_xdata() == [1.0, 1.0]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["out", "in"]


def test_budget_panels_have_levels_on_the_left_and_a_coin_on_the_right():
    quality = {"private": table([0.1, 0.3], [1, 4])}
    attacks = {"ceiling": table([0.6, 0.9], [1, 4])}
    left, right = plots.budget_panels(
        quality, {"no noise": 0.4}, attacks, ylabel="nDCG"
    )
    names = [[line.get_label() for line in axes.lines] for axes in (left, right)]
    assert names == [["private", "no noise"], ["ceiling", "a coin"]]
    assert left.lines[0].get_ydata().tolist() == [0.1, 0.3]
    assert [t.get_text() for t in right.get_xticklabels()] == ["1", "4"]


def test_singling_out_draws_one_line_a_kind_of_fact():
    axes = plots.singling_out({"film": table([0.1, 0.2], [1, 2])})
    assert axes.lines[0].get_ydata().tolist() == [0.1, 0.2]
    assert axes.get_ylim()[0] == 0


BAD = table([0.1, 0.2], [2, 1])


@pytest.mark.parametrize(
    ("draw", "error", "match"),
    [
        (lambda: plots.attack_curves({}), ValueError, "curves: need"),
        (lambda: plots.attack_curves({"a": GOOD}, floor=0), ValueError, "floor: must"),
        (lambda: plots.attack_curves({"a": GOOD[::-1]}), ValueError, "must not fall"),
        (lambda: plots.attack_curves({"a": BAD}), KeyError, "a: lacks"),
        (
            lambda: plots.evidence_rows({}, xlabel="", line=1, words=""),
            ValueError,
            "rows: need",
        ),
        (
            lambda: plots.evidence_rows(
                {"a": np.zeros(2)}, xlabel="", line=1, words=""
            ),
            ValueError,
            "must be positive",
        ),
        (
            lambda: plots.budget_panels({"a": BAD}, {}, {}, ylabel=""),
            ValueError,
            "a: needs rising",
        ),
        (
            lambda: plots.budget_panels({"a": GOOD}, {}, {}, ylabel=""),
            KeyError,
            "a: lacks",
        ),
        (lambda: plots.singling_out({}), ValueError, "tables: need"),
        (lambda: plots.singling_out({"a": BAD}), ValueError, "a: needs rising"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, error, match):
    with pytest.raises(error, match=match):
        draw()
