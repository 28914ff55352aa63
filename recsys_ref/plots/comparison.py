"""Figures that set methods, groups or amounts side by side."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from recsys_ref.plots.style import COLOURS, dashes, new_axes, use_style


def bars(names: Sequence[str], values: np.ndarray, *, xlabel: str) -> Axes:
    """Draw one horizontal bar a name, from top to bottom in the order given.

    Args:
        names: N labels.
        values: `float64[N]`, not negative; written at the ends of the bars.
        xlabel: What the values are, with their unit.

    Returns:
        Axes with N bars, the first on top.

    Raises:
        ValueError: If `names` and `values` differ in length or a value is
            negative or not finite.

    References:
        Book section 3.1: genres, and how few attributes single a person out.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(names),):
        raise ValueError(
            f"values: must have one for each of {len(names)} names, "
            f"got shape {values.shape}"
        )
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(f"values: must be finite and not negative, got {values}")
    axes = new_axes()
    drawn = axes.barh(np.arange(len(names)), values)
    written = [f"{value:,.0f}" if value >= 10 else f"{value:.2g}" for value in values]
    axes.bar_label(drawn, written, padding=3, fontsize=10)
    axes.set_yticks(np.arange(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel(xlabel)
    axes.grid(False, axis="y")
    axes.figure.set_figheight(max(2.4, 0.9 + 0.27 * len(names)))
    return axes


def compare_distributions(
    groups: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    bins: int | np.ndarray = 25,
) -> Axes:
    """Draw how a quantity is spread in a few groups of different sizes.

    Args:
        groups: `float64[N]` of each group, by its name.
        xlabel: What the quantity is, with its unit.
        bins: Number of equal intervals that all groups share, or their edges.

    Returns:
        Axes with one outline a group: the share of the group in each
        interval. A dashed line stands at each mean.

    Raises:
        ValueError: If a group is empty or holds a value that is not finite.

    References:
        Book section 3.1: friends are more alike than strangers.
    """
    groups = {name: np.asarray(values, float) for name, values in groups.items()}
    for name, values in groups.items():
        if not values.size or not np.isfinite(values).all():
            raise ValueError(f"groups: {name!r} must be finite and not empty")
    edges = np.histogram_bin_edges(np.concatenate(list(groups.values())), bins)
    axes = new_axes()
    for (name, values), colour in zip(groups.items(), COLOURS, strict=False):
        share = np.histogram(values, edges)[0] / values.size
        axes.stairs(share, edges, color=colour, fill=True, alpha=0.3)
        axes.stairs(share, edges, color=colour, linewidth=2, label=name)
        axes.axvline(values.mean(), color=colour, linestyle="--", linewidth=1.5)
    axes.set(xlabel=xlabel, ylabel="Share of the group", ylim=(0, None))
    axes.legend()
    return axes


def by_amount(
    amounts: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    ylabel: str,
) -> Axes:
    """Draw how something grows with the amount of data, and its scatter.

    Args:
        amounts: `float64[A]`, rising, none negative: how much was known.
        curves: For each name, `float64[R, A]` of R repetitions (other draws
            of the same amount).
        xlabel: What the amount is, with its unit.
        ylabel: What was measured.

    Returns:
        Axes with one line a name, the mean over repetitions, in a band from
        the lowest to the highest. The amounts are on a logarithmic axis; a
        leading 0 has a place of its own on its left.

    Raises:
        ValueError: If the amounts do not rise from 0 or more, or a curve has
            another length.

    References:
        Book section 1: when behaviour beats popularity and content.
    """
    amounts = np.asarray(amounts, dtype=np.float64)
    if amounts.ndim != 1 or (amounts < 0).any() or (np.diff(amounts) <= 0).any():
        raise ValueError(f"amounts: must rise and not be negative, got {amounts}")
    axes = new_axes()
    for (name, values), dash in zip(curves.items(), dashes(), strict=False):
        values = np.atleast_2d(values)
        if values.shape[1] != amounts.size:
            raise ValueError(
                f"curves: {name!r} must have shape [R, {amounts.size}], "
                f"got {list(values.shape)}"
            )
        (line,) = axes.plot(amounts, values.mean(axis=0), f"{dash}o", label=name)
        axes.fill_between(
            amounts,
            values.min(axis=0),
            values.max(axis=0),
            color=line.get_color(),
            alpha=0.2,
            linewidth=0,
        )
    least = amounts[amounts > 0].min(initial=np.inf)
    axes.set_xscale("symlog", linthresh=least if np.isfinite(least) else 1)
    axes.set_xticks(amounts, [f"{amount:g}" for amount in amounts])
    axes.set_xticks([], minor=True)
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
    axes.legend()
    return axes


def interval_plot(table: pd.DataFrame, *, xlabel: str, zero: bool = False) -> Axes:
    """Draw the mean of each method with its interval, the first on top.

    Args:
        table: One method a row, named by the index, with the columns `mean`,
            `low` and `high` in the same unit, low <= mean <= high.
        xlabel: What was measured, with its unit and the level of the
            interval, such as "nDCG@10, mean and 95 % interval".
        zero: Whether to mark zero, for differences of two methods.

    Returns:
        Axes with one point and one bar a method.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no row or an interval does not hold its mean.

    References:
        Book section 3.5: a difference is shown with its interval.
    """
    mean, low, high = intervals_of(table)
    axes = new_axes()
    place = np.arange(len(table))
    axes.errorbar(mean, place, xerr=[mean - low, high - mean], fmt="o", capsize=4)
    if zero:
        axes.axvline(0, color="black", linewidth=1, linestyle="--")
    axes.set_yticks(place, labels=[str(name) for name in table.index])
    axes.set(xlabel=xlabel, ylim=(len(table) - 0.5, -0.5))
    axes.grid(visible=False, axis="y")
    return axes


def intervals_of(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a table's columns `mean`, `low` and `high`, `float64[N]` each.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no row or an interval does not hold its mean.

    References:
        Book section 3.5.
    """
    missing = [name for name in ("mean", "low", "high") if name not in table]
    if missing:
        raise KeyError(f"table: lacks {missing}, has {list(table.columns)}")
    mean, low, high = (table[name].to_numpy(float) for name in ("mean", "low", "high"))
    outside = ~((low <= mean) & (mean <= high))
    if not len(table) or outside.any():
        row = table[outside].to_dict("index") if len(table) else "no rows"
        raise ValueError(f"table: needs low <= mean <= high in every row, got {row}")
    return mean, low, high


def against_chance(
    shuffled: Mapping[str, np.ndarray],
    observed: Mapping[str, float],
    *,
    xlabel: str,
    label: str = "links shuffled",
) -> np.ndarray:
    """Draw what was observed beside what chance alone gives, one panel a case.

    Args:
        shuffled: `float64[P]`, the statistic after each of P shuffles, by the
            name of the case.
        observed: The statistic itself, by the same names.
        xlabel: What the statistic is.
        label: What was shuffled.

    Returns:
        `Axes[S]`, one a case from top to bottom, with a common x axis: the
        number of shuffles in each interval and a line where the observed
        statistic stands.

    Raises:
        ValueError: If the names differ or a number is not finite.

    References:
        Book section 3.1: is a table linked to the right films? Section 6.2: do
        friends copy?
    """
    if list(shuffled) != list(observed):
        raise ValueError(
            f"observed: must have the names {list(shuffled)}, got {list(observed)}"
        )
    everything = np.concatenate([*shuffled.values(), list(observed.values())])
    if not np.isfinite(everything).all():
        raise ValueError("shuffled and observed: must be finite")
    use_style()
    _, grid = plt.subplots(
        len(shuffled),
        1,
        figsize=(6.4, 0.9 + 1.7 * len(shuffled)),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    edges = np.histogram_bin_edges(everything, 60)
    for axes, (name, values) in zip(grid[:, 0], shuffled.items(), strict=True):
        axes.hist(values, edges, color=COLOURS[5], label=label)
        axes.axvline(observed[name], color=COLOURS[1], linewidth=3, label="observed")
        axes.set(title=name, ylabel="Shuffles")
    grid[0, 0].legend()
    grid[-1, 0].set_xlabel(xlabel)
    return grid[:, 0]


_MARKS = ("o", "s", "^", "D", "v", "P")


def dots(table: pd.DataFrame, *, xlabel: str, chance: float | None = None) -> Axes:
    """Draw one row of dots a name, one dot a column, on a common axis.

    Args:
        table: Finite numbers in one unit; at most six columns. NaN is left
            out.
        xlabel: What the numbers are.
        chance: Where a line stands for what knowing nothing gives.

    Returns:
        Axes with one group of points a column, the first row on top.

    Raises:
        ValueError: If there is no number or there are more columns than marks.

    References:
        Book section 3.3: what can be read off a vector, genre by genre.
    """
    if not table.notna().any(axis=None) or table.shape[1] > len(_MARKS):
        raise ValueError(
            f"table: needs numbers and at most {len(_MARKS)} columns, "
            f"got shape {table.shape}"
        )
    axes = new_axes()
    axes.figure.set_figheight(max(2.4, 1.3 + 0.29 * len(table)))
    place = np.arange(len(table))
    axes.hlines(place, table.min(axis=1), table.max(axis=1), color="0.8", linewidth=2)
    for (name, values), mark, colour in zip(
        table.items(), _MARKS, COLOURS, strict=False
    ):
        axes.plot(values, place, mark, color=colour, label=str(name), markersize=7)
    if chance is not None:
        axes.axvline(chance, color="black", linewidth=1, linestyle="--", label="chance")
    axes.set_yticks(place, labels=[str(name) for name in table.index])
    axes.set(xlabel=xlabel, ylim=(len(table) - 0.5, -0.5))
    axes.grid(visible=False, axis="y")
    if table.shape[1] + (chance is not None) > 4:  # two rows, above the lines
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
    else:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=4)
    return axes


def curves(table: pd.DataFrame, *, xlabel: str, ylabel: str) -> Axes:
    """Draw one line a column over the numbers of the index.

    Args:
        table: Index: rising numbers. NaN breaks a line.
        xlabel: What the index is, with its unit.
        ylabel: What the columns measure, with its unit.

    Returns:
        Axes with one line a column, each in a style of its own.

    Raises:
        ValueError: If the index does not rise or there is no number.

    References:
        Book section 5.2: what each layer of a model knows.
    """
    amounts = np.asarray(table.index, dtype=np.float64)
    if (np.diff(amounts) <= 0).any() or not table.notna().any(axis=None):
        raise ValueError(f"table: needs numbers over a rising index, got {amounts}")
    axes = new_axes()
    for place, (name, values) in enumerate(table.items()):
        style = f"{dashes()[place % len(dashes())]}{_MARKS[place % len(_MARKS)]}"
        axes.plot(amounts, values, style, label=str(name), markersize=5)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend()
    return axes
