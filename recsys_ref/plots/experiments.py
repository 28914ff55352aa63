"""Simulations beside their truth: who likes what, estimates, and rounds.

Book section 6.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from recsys_ref.plots.comparison import intervals_of
from recsys_ref.plots.style import COLOURS, dashes, new_axes, use_style

_MARKS = ("o", "s", "^", "D")


def attraction_map(attraction: np.ndarray, topics: np.ndarray) -> Axes:
    """Draw the chance of a click of some users on all items, topic by topic.

    Args:
        attraction: `float64[B, I]`, in [0, 1].
        topics: `int64[I]`, the topic of each item.

    Returns:
        Axes with one row a user and one column an item. Columns are ordered
        by topic, and within a topic by their mean; lines part the topics.
        Rows are ordered by the topic that a user likes best.

    Raises:
        ValueError: If the lengths differ or a chance is not in [0, 1].

    References:
        Book section 6: a simulated audience.
    """
    attraction, topics = np.asarray(attraction, float), np.asarray(topics)
    if attraction.ndim != 2 or topics.shape != attraction.shape[1:]:
        raise ValueError(
            f"topics: must have one for each of attraction[B, I], got {topics.shape} "
            f"for {attraction.shape}"
        )
    if not ((attraction >= 0) & (attraction <= 1)).all():
        raise ValueError("attraction: must be in [0, 1]")
    columns = np.lexsort((-attraction.mean(axis=0), topics))
    by_topic = [attraction[:, topics == topic].mean(axis=1) for topic in set(topics)]
    rows = np.argsort(np.argmax(by_topic, axis=0), kind="stable")
    axes = new_axes()
    image = axes.imshow(
        attraction[rows][:, columns], aspect="auto", cmap="cividis", vmin=0, vmax=1
    )
    for edge in np.flatnonzero(np.diff(topics[columns])):
        axes.axvline(edge + 0.5, color="white", linewidth=1)
    axes.grid(visible=False)
    axes.set(xlabel="Items, by topic and quality", ylabel="Users", xticks=[], yticks=[])
    axes.figure.colorbar(image, label="Chance of a click if looked at")
    return axes


def against_truth(
    truth: pd.Series,
    estimates: Mapping[str, pd.DataFrame],
    *,
    xlabel: str,
    ylabel: str,
    truth_label: str = "truth",
) -> Axes:
    """Draw estimates with intervals beside what they are to find.

    Args:
        truth: One value a case, named by its index.
        estimates: By the name of an estimator, at most four, a table with the
            index of `truth` and the columns `mean`, `low` and `high`; rows of
            NaN are left out.
        xlabel: What the cases are.
        ylabel: What is estimated, with its unit.
        truth_label: What the line is called.

    Returns:
        Axes with a line for the truth, in the order of its index, and one
        group of points with bars an estimator, side by side at each case.

    Raises:
        ValueError: If there are too many estimators, an index is another or
            an interval does not hold its mean.
        KeyError: If a column is missing.

    References:
        Book section 6: places, off-policy estimates, planned power.
    """
    if not 1 <= len(estimates) <= len(_MARKS):
        raise ValueError(f"estimates: need 1 to {len(_MARKS)}, got {len(estimates)}")
    axes = new_axes()
    axes.plot(np.arange(len(truth)), truth, "-", color="black", label=truth_label)
    width = 0.5 / len(estimates)
    for place, (name, table) in enumerate(estimates.items()):
        if not table.index.equals(truth.index):
            raise ValueError(
                f"estimates: {name!r} must have the index of truth, "
                f"{list(truth.index)}, got {list(table.index)}"
            )
        at = np.arange(len(truth)) + (place - (len(estimates) - 1) / 2) * width
        there = table.notna().all(axis=1).to_numpy()
        mean, low, high = intervals_of(table[there])
        axes.errorbar(
            at[there],
            mean,
            yerr=[mean - low, high - mean],
            fmt=_MARKS[place],
            color=COLOURS[place],
            capsize=2,
            markersize=5,
            linewidth=1.5,
            label=name,
        )
    axes.set_xticks(np.arange(len(truth)), [str(case) for case in truth.index])
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(visible=False, axis="x")
    axes.legend()
    return axes


def over_rounds(
    tables: Mapping[str, Sequence[pd.DataFrame]], panels: Mapping[str, str]
) -> np.ndarray:
    """Draw how measures of a feedback loop go from round to round.

    Args:
        tables: By the name of a policy, at most four, one table a seed: one
            round a row, one measure a column. NaN is left out.
        panels: Title of each panel, by the name of its column; at most four.

    Returns:
        `Axes[P]`, one a panel: one line a policy, the mean over seeds, in a
        band from the lowest seed to the highest.

    Raises:
        KeyError: If a table lacks a column.
        ValueError: If there are no policies or panels, or too many.

    References:
        Book section 6: a feedback loop.
    """
    for name, what in (("tables", tables), ("panels", panels)):
        if not 1 <= len(what) <= len(_MARKS):
            raise ValueError(f"{name}: need 1 to {len(_MARKS)}, got {len(what)}")
    for name, seeds in tables.items():
        for table in seeds:
            if missing := [column for column in panels if column not in table]:
                raise KeyError(f"tables: {name!r} lacks {missing}, has {list(table)}")
    use_style()
    n_rows = (len(panels) + 1) // 2
    n_columns = min(2, len(panels))
    _, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(7.2, 0.5 + 2.6 * n_rows),
        sharex=True,
        squeeze=False,
    )
    flat = grid.ravel()
    for axes, (column, title) in zip(flat, panels.items(), strict=False):
        for place, (name, seeds) in enumerate(tables.items()):
            values = pd.concat([table[column] for table in seeds], axis=1).dropna()
            style = f"{dashes()[place]}{_MARKS[place]}"
            axes.plot(
                values.index,
                values.mean(axis=1),
                style,
                color=COLOURS[place],
                markersize=3,
                label=name,
            )
            axes.fill_between(
                values.index,
                values.min(axis=1),
                values.max(axis=1),
                color=COLOURS[place],
                alpha=0.2,
                linewidth=0,
            )
        axes.set_title(title, fontsize=11)
    for axes in flat[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("Round")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    handles, labels = flat[0].get_legend_handles_labels()
    flat[0].figure.legend(
        handles, labels, loc="outside lower center", ncols=min(2, len(labels))
    )
    return flat[: len(panels)]
