"""Figures of reasons show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from recsys_ref.plots.explanation import (
    fluent_and_faithful,
    likeness_and_weight,
    passing,
    waterfall,
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_waterfall_ends_at_the_sum():
    values = np.array([0.4, 0.3, -0.2])
    axes = waterfall(["a", "b", "c"], values, xlabel="score")
    bars = [bar for box in axes.containers for bar in box]
    starts = [bar.get_x() for bar in bars]
    widths = [bar.get_width() for bar in bars]
    assert starts == pytest.approx([0, 0.4, 0.7, 0])
    assert widths == pytest.approx([0.4, 0.3, -0.2, 0.5])
    assert bars[2].get_hatch()
    assert not bars[0].get_hatch()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["a", "b", "c", "the score"]


def test_the_two_films_are_named():
    axes = likeness_and_weight(
        np.array([0.9, 0.1, 0.2]),
        np.array([0.0, 0.3, -0.1]),
        names=["near", "heavy", "other"],
        xlabel="cosine",
        ylabel="contribution",
    )
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["nearest text: near", "counted most: heavy"]
    named = {line.get_label(): line.get_xydata()[0] for line in axes.get_lines()}
    assert named["counted most: heavy"].tolist() == [0.1, 0.3]


def _shares():
    index = pd.MultiIndex.from_product([["LM", "template"], ["named", "counted"]])
    return pd.DataFrame(
        {
            "mean": [0.5, 0.2, 1, 1],
            "low": [0.4, 0.1, 0.9, 0.9],
            "high": [0.6, 0.3, 1, 1],
        },
        index=index,
    )


def test_a_point_a_kind_and_check():
    axes = passing(_shares(), xlabel="share", chance=0.5)
    points = [box.lines[0].get_xdata() for box in axes.containers]
    assert [list(each) for each in points] == [[0.5, 1.0], [0.2, 1.0]]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["LM", "template"]
    assert "chance" in [t.get_text() for t in axes.get_legend().get_texts()]


def test_texts_lie_in_their_groups():
    table = pd.DataFrame(
        {"group": ["passes", "fails", "passes"], "nats": [2.0, 3.0, 1.0]}
    )
    axes = fluent_and_faithful(table, xlabel="nats per token")
    points = [line.get_xdata() for line in axes.get_lines()]
    assert [list(each) for each in points] == [[1.0, 2.0], [3.0]]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["passes (2)", "fails (1)"]


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="contributions: must be 2"):
        waterfall(["a", "b"], np.ones(3), xlabel="x")
    with pytest.raises(ValueError, match="finite"):
        waterfall(["a"], np.array([np.nan]), xlabel="x")
    with pytest.raises(ValueError, match="one a name"):
        likeness_and_weight(np.ones(2), np.ones(1), names=["a"], xlabel="x", ylabel="y")
    with pytest.raises(ValueError, match="every kind"):
        passing(_shares().iloc[:3], xlabel="x")
    with pytest.raises(KeyError, match="low"):
        passing(_shares().drop(columns="low"), xlabel="x")
    with pytest.raises(KeyError, match="nats"):
        fluent_and_faithful(pd.DataFrame({"group": ["a"]}), xlabel="x")
    with pytest.raises(ValueError, match="finite nats"):
        fluent_and_faithful(
            pd.DataFrame({"group": ["a"], "nats": [np.inf]}), xlabel="x"
        )
