"""Figures of users of whom little is known. Book section 9.1."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from recsys_ref.plots.style import COLOURS, dashes, use_style

_MARKS = ("o", "s", "^", "D", "v", "P")


def overtaking(
    panels: Mapping[str, Mapping[str, pd.DataFrame]],
    baseline: pd.DataFrame,
    *,
    name: str,
    xlabel: str,
    ylabel: str,
) -> np.ndarray:
    """Draw curves of several methods against a baseline, one panel a family.

    Args:
        panels: For each title, the methods by their names. A method's table
            has one row an amount, rising, the columns `mean`, `low` and
            `high` with low <= mean <= high, and `ahead`, whether it is shown
            to be ahead of the baseline.
        baseline: Such a table (without `ahead`), drawn in every panel.
        name: What the baseline is called.
        xlabel: What the amount is, with its unit.
        ylabel: What was measured, and the level of the intervals.

    Returns:
        `Axes[P]`. A curve's marks are filled where it is ahead, open
        elsewhere; its band is the interval.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no panel, a panel has more methods than marks,
            amounts differ, or an interval does not hold its mean.

    References:
        Book section 9.1: where each method overtakes popularity.
    """
    if not panels:
        raise ValueError("panels: need at least one, got none")
    _check(name, baseline, baseline, ["mean", "low", "high"])
    for title, methods in panels.items():
        if len(methods) > len(_MARKS):
            raise ValueError(
                f"panels: {title!r} may have {len(_MARKS)} methods, got {len(methods)}"
            )
        for method, table in methods.items():
            _check(method, table, baseline, ["mean", "low", "high", "ahead"])
    use_style()
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    _, grid = plt.subplots(
        rows,
        columns,
        figsize=(4.6 * columns, 0.6 + 3.5 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    place = np.arange(len(baseline))
    for axes, (title, methods) in zip(grid.flat, panels.items(), strict=False):
        axes.plot(place, baseline["mean"], color="black", linewidth=1.5, label=name)
        axes.fill_between(
            place, baseline["low"], baseline["high"], color="black", alpha=0.1, lw=0
        )
        for number, (method, table) in enumerate(methods.items()):
            colour, mark = COLOURS[number], _MARKS[number]
            dash = dashes()[number % len(dashes())]
            axes.plot(place, table["mean"], dash, color=colour)
            axes.fill_between(
                place, table["low"], table["high"], color=colour, alpha=0.15, lw=0
            )
            ahead = table["ahead"].to_numpy(bool)
            for which, face in ((~ahead, "white"), (ahead, colour)):
                axes.plot(
                    place[which],
                    table["mean"].to_numpy()[which],
                    mark,
                    color=colour,
                    markerfacecolor=face,
                    markersize=7,
                )
            # What the legend shows: line and mark together.
            axes.plot([], [], f"{dash}{mark}", color=colour, label=method)
        axes.set_title(title)
        axes.set_xticks(place, [f"{amount:g}" for amount in baseline.index])
        axes.legend(fontsize=8, labelspacing=0.25)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    grid[0, 0].set_ylim(0, None)  # and so of all
    for axes in grid[-1]:
        axes.set_xlabel(xlabel)
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    return grid.ravel()[: len(panels)]


def _check(
    name: str, table: pd.DataFrame, baseline: pd.DataFrame, needed: list[str]
) -> None:
    missing = [column for column in needed if column not in table]
    if missing:
        raise KeyError(f"{name}: lacks {missing}, has {list(table.columns)}")
    if not table.index.equals(baseline.index):
        raise ValueError(
            f"{name}: must have the amounts {list(baseline.index)}, "
            f"got {list(table.index)}"
        )
    if not ((table["low"] <= table["mean"]) & (table["mean"] <= table["high"])).all():
        raise ValueError(f"{name}: needs low <= mean <= high in every row")
