"""Quality against cost, and who is better than whom in which regime."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from recsys_ref.evaluation.cost import pareto_front
from recsys_ref.plots.comparison import intervals_of
from recsys_ref.plots.style import COLOURS, new_axes

FROM_ZERO = {"above": (COLOURS[2], "o"), "below": (COLOURS[1], "s")}
ACROSS = ("0.45", "D")


def pareto(table: pd.DataFrame, *, xlabel: str, ylabel: str) -> Axes:
    """Draw methods by cost and quality, with the line of those worth their price.

    Args:
        table: One method a row, named by the index, with the columns `cost` (> 0)
            and `quality`.
        xlabel: What a method costs, with its unit; the axis is logarithmic.
        ylabel: What was measured.

    Returns:
        Axes with one named point a method. Steps join the Pareto front; methods off
        it are hollow.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no row, a cost is not positive or a number not finite.

    References:
        Book section 9.2: what quality costs.
    """
    missing = [name for name in ("cost", "quality") if name not in table]
    if missing:
        raise KeyError(f"table: lacks {missing}, has {list(table.columns)}")
    cost, quality = (table[name].to_numpy(float) for name in ("cost", "quality"))
    if not len(table) or not np.isfinite([cost, quality]).all() or (cost <= 0).any():
        raise ValueError(
            f"table: needs finite numbers and costs > 0, got {table.to_dict('index')}"
        )
    front = pareto_front(table["cost"].to_dict(), table["quality"].to_dict())
    axes = new_axes()
    steps = table.loc[front]
    axes.step(
        [*steps["cost"], cost.max()],
        [*steps["quality"], steps["quality"].iloc[-1]],
        where="post",
        color=COLOURS[0],
        zorder=1,
    )
    on = table.index.isin(front)
    axes.plot(cost[on], quality[on], "o", color=COLOURS[0], markersize=9)
    axes.plot(cost[~on], quality[~on], "o", color=COLOURS[1], mfc="white", markersize=9)
    for name, x, y in zip(table.index, cost, quality, strict=True):
        right = np.log(x / cost.min()) > 0.7 * np.log(cost.max() / cost.min())
        axes.annotate(
            str(name),
            (x, y),
            xytext=(-8 if right else 8, -4),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top",
            fontsize=9,
        )
    axes.set(xscale="log", xlabel=xlabel, ylabel=ylabel)
    axes.margins(x=0.1, y=0.12)
    return axes


def forest(table: pd.DataFrame, *, xlabel: str) -> Axes:
    """Draw a difference with its interval for each comparison, by groups.

    Args:
        table: One comparison a row, its index (group, name), groups kept together;
            columns `mean`, `low`, `high` with low <= mean <= high.
        xlabel: The difference, with its unit and the level of the interval.

    Returns:
        Axes with one bar a comparison, the first on top, and a heading a group.
        Round: the interval is above 0; square: below; diamond and gray: across.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no row, the index has not two levels, or an interval
            does not hold its mean.

    References:
        Book section 9.2: all methods in all regimes.
    """
    mean, low, high = intervals_of(table)
    if table.index.nlevels != 2:
        raise ValueError(
            f"table: needs an index (group, name), got {table.index.nlevels} levels"
        )
    labels, places, place, before = {}, [], 0, None
    for group, name in table.index:
        if group != before:
            labels[place], before = str(group), group
            place += 1
        labels[place] = str(name)
        places.append(place)
        place += 1
    axes = new_axes()
    axes.figure.set_figheight(max(2.4, 1.1 + 0.26 * place))
    axes.axvline(0, color="black", linewidth=1)
    for y, x, left, right in zip(places, mean, low, high, strict=True):
        side = "above" if left > 0 else "below" if right < 0 else ""
        colour, mark = FROM_ZERO.get(side, ACROSS)
        error = [[x - left], [right - x]]
        axes.errorbar([x], [y], xerr=error, fmt=mark, color=colour, capsize=3)
    axes.set_yticks(list(labels), labels=list(labels.values()), fontsize=9)
    for text, y in zip(axes.get_yticklabels(), labels, strict=True):
        text.set_fontweight("normal" if y in places else "bold")
    axes.set(xlabel=xlabel, ylim=(place - 0.5, -0.8))
    axes.grid(visible=False, axis="y")
    return axes
