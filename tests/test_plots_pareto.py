"""What the figures of cost and of comparisons show."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from recsys_ref.plots import forest, pareto


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


METHODS = pd.DataFrame(
    {"cost": [1.0, 10.0, 50.0, 900.0], "quality": [0.25, 0.48, 0.47, 0.49]},
    index=["popularity", "EASE", "slow", "best"],
)
DIFFERENCES = pd.DataFrame(
    {"mean": [0.1, -0.2, 0.0], "low": [0.05, -0.3, -0.1], "high": [0.2, -0.1, 0.1]},
    index=pd.MultiIndex.from_tuples([("warm", "a"), ("warm", "b"), ("cold", "a")]),
)


def test_the_front_is_filled_and_joined():
    axes = pareto(METHODS, xlabel="ms", ylabel="nDCG@10")
    steps, filled, hollow = axes.lines
    assert list(steps.get_xdata()) == [1, 10, 900, 900]
    assert list(filled.get_ydata()) == [0.25, 0.48, 0.49]
    assert list(hollow.get_ydata()) == [0.47]
    assert axes.get_xscale() == "log"
    assert {text.get_text() for text in axes.texts} == set(METHODS.index)


def test_one_method_is_a_front():
    axes = pareto(METHODS.iloc[:1], xlabel="ms", ylabel="nDCG@10")
    assert list(axes.lines[1].get_xdata()) == [1]


def test_groups_have_headings_and_intervals_their_mark():
    axes = forest(DIFFERENCES, xlabel="difference")
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == ["warm", "a", "b", "cold", "a"]
    weights = [text.get_fontweight() for text in axes.get_yticklabels()]
    assert weights == ["bold", "normal", "normal", "bold", "normal"]
    marks = [container[0] for container in axes.containers]
    assert [mark.get_marker() for mark in marks] == ["o", "s", "D"]
    assert [float(mark.get_xdata()[0]) for mark in marks] == [0.1, -0.2, 0.0]
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_bad_tables_are_refused():
    with pytest.raises(KeyError, match=r"lacks \['quality'\]"):
        pareto(METHODS[["cost"]], xlabel="", ylabel="")
    with pytest.raises(ValueError, match="costs > 0"):
        pareto(METHODS.assign(cost=0.0), xlabel="", ylabel="")
    with pytest.raises(ValueError, match="costs > 0"):
        pareto(METHODS.iloc[:0], xlabel="", ylabel="")
    with pytest.raises(KeyError, match=r"lacks \['low'\]"):
        forest(DIFFERENCES.drop(columns="low"), xlabel="")
    with pytest.raises(ValueError, match="low <= mean <= high"):
        forest(DIFFERENCES.assign(low=9.0), xlabel="")
    with pytest.raises(ValueError, match="1 levels"):
        forest(DIFFERENCES.droplevel(0), xlabel="")
