"""Figures of attacks and of what protects from them. Book section 8.1."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from recsys_ref.plots.style import COLOURS, dashes, new_axes, use_style

_MARKS = ("o", "s", "^", "D", "v", "P")


def attack_curves(
    curves: Mapping[str, pd.DataFrame], *, floor: float = 2e-3, accused: float = 0.01
) -> Axes:
    """Draw attacks as true against false alarms, both axes logarithmic.

    Args:
        curves: By the name of an attack, the columns `false_positive` and
            `true_positive`, rising, as from `privacy.membership.roc`.
        floor: The smallest share shown, in (0, 1).
        accused: A share of false alarms to mark.

    Returns:
        Axes with one stepped line an attack, and that of a coin.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there are no curves or more than line styles, or a curve
            falls.

    References:
        Book section 8.1: what each attacker sees, and whom he finds.
    """
    if not 1 <= len(curves) <= len(COLOURS):
        raise ValueError(f"curves: need 1 to {len(COLOURS)}, got {len(curves)}")
    if not 0 < floor < 1:
        raise ValueError(f"floor: must be in (0, 1), got {floor}")
    axes = new_axes()
    for place, (name, table) in enumerate(curves.items()):
        _needs(name, table, ["false_positive", "true_positive"])
        if (np.diff(table[["false_positive", "true_positive"]], axis=0) < 0).any():
            raise ValueError(f"curves: {name!r} must not fall")
        axes.plot(
            np.maximum(table["false_positive"], floor),
            np.maximum(table["true_positive"], floor),
            dashes()[place % len(dashes())],
            drawstyle="steps-post",
            color=COLOURS[place],
            label=name,
        )
    axes.plot([floor, 1], [floor, 1], color="black", linewidth=1, label="a coin")
    axes.axvline(accused, color="grey", linewidth=1, linestyle=":")
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(floor, 1.05),
        ylim=(floor, 1.2),
        xlabel="nonmembers accused (share)",
        ylabel="members found (share)",
    )
    axes.legend(fontsize=9, loc="lower right")
    return axes


def evidence_rows(
    rows: Mapping[str, np.ndarray], *, xlabel: str, line: float, words: str
) -> Axes:
    """Draw one dot a user, one row a group, on a logarithmic axis.

    Args:
        rows: By the name of a group, `float64[N]`, positive.
        xlabel: What was measured.
        line: A value that proves something, > 0.
        words: What is proved beyond it.

    Returns:
        Axes with one row of dots a group, the first on top.

    Raises:
        ValueError: If there are no groups, or a value is not positive.

    References:
        Book section 8.1: nobody who was there lies beyond the line.
    """
    if not rows:
        raise ValueError("rows: need at least one, got none")
    for name, values in rows.items():
        if not (np.asarray(values) > 0).all():
            raise ValueError(f"rows: {name!r} must be positive")
    axes = new_axes()
    rng = np.random.default_rng(0)  # so that dots do not cover each other
    for place, (name, values) in enumerate(rows.items()):
        height = len(rows) - 1 - place + rng.uniform(-0.25, 0.25, len(values))
        mark = _MARKS[place % len(_MARKS)]
        axes.plot(
            values,
            height,
            mark,
            markersize=3,
            alpha=0.5,
            color=COLOURS[place],
            label=name,
        )
    axes.axvline(line, color="black", linewidth=1)
    axes.text(line * 1.3, len(rows) - 0.55, words, fontsize=9)
    axes.set_yticks(np.arange(len(rows)), list(rows)[::-1])
    axes.set(xscale="log", xlabel=xlabel, ylim=(-0.5, len(rows) - 0.2))
    axes.grid(axis="y", visible=False)
    return axes


def budget_panels(
    quality: Mapping[str, pd.DataFrame],
    levels: Mapping[str, float],
    attacks: Mapping[str, pd.DataFrame],
    *,
    ylabel: str,
) -> np.ndarray:
    """Draw what privacy costs beside what it buys, over epsilon.

    Args:
        quality: By the name of a private model, one row an epsilon, rising and
            finite, with the columns `mean`, `low` and `high`.
        levels: By the name of a model without noise, its quality.
        attacks: By the name of an attack, its AUC, likewise; `low` and `high`
            may be NaN where nothing was sampled.
        ylabel: What quality is.

    Returns:
        `Axes[2]`: quality on the left, attacks on the right.

    Raises:
        KeyError: If a column is missing.
        ValueError: If an index does not rise, or there are too many curves.

    References:
        Book section 8.1: the price of noise.
    """
    use_style()
    _, panels = plt.subplots(1, 2, figsize=(9.2, 4.0), sharex=True)
    for axes, curves in zip(panels, (quality, attacks), strict=True):
        if len(curves) > len(_MARKS):
            raise ValueError(f"curves: at most {len(_MARKS)}, got {len(curves)}")
        for place, (name, table) in enumerate(curves.items()):
            _needs(name, table, ["mean", "low", "high"])
            amounts = np.asarray(table.index, dtype=np.float64)
            if (np.diff(amounts) <= 0).any() or not np.isfinite(amounts).all():
                raise ValueError(f"{name}: needs rising, finite epsilons")
            style = f"{dashes()[place % len(dashes())]}{_MARKS[place]}"
            color = COLOURS[place]
            axes.plot(amounts, table["mean"], style, color=color, label=name)
            axes.fill_between(
                amounts, table["low"], table["high"], color=color, alpha=0.15, lw=0
            )
        axes.set_xscale("log")
        axes.set_xticks(amounts, [f"{a:g}" for a in amounts])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("epsilon (less is more private)")
    for place, (name, level) in enumerate(levels.items()):
        dash = dashes()[1 + place % 3]
        panels[0].axhline(level, color="black", linewidth=1, linestyle=dash, label=name)
    panels[1].axhline(0.5, color="black", linewidth=1, label="a coin")
    panels[0].set(ylabel=ylabel, ylim=(0, None))
    panels[1].set(ylabel="AUC of the attack", ylim=(0.45, 1.02))
    for axes in panels:
        axes.legend(fontsize=9)
    return panels


def singling_out(tables: Mapping[str, pd.DataFrame]) -> Axes:
    """Draw how many users are singled out by so many known facts.

    Args:
        tables: By what a fact is, one row a number of facts, rising, with the
            columns `mean`, `low` and `high`, shares of users.

    Returns:
        Axes with one line a kind of fact, in the band of its intervals.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there are too many tables, or an index does not rise.

    References:
        Book section 8.1: who knows a few films of yours.
    """
    if not 1 <= len(tables) <= len(_MARKS):
        raise ValueError(f"tables: need 1 to {len(_MARKS)}, got {len(tables)}")
    axes = new_axes()
    for place, (name, table) in enumerate(tables.items()):
        _needs(name, table, ["mean", "low", "high"])
        if (np.diff(np.asarray(table.index, dtype=float)) <= 0).any():
            raise ValueError(f"{name}: needs rising numbers, got {list(table.index)}")
        style = f"{dashes()[place % len(dashes())]}{_MARKS[place]}"
        axes.plot(table.index, table["mean"], style, color=COLOURS[place], label=name)
        axes.fill_between(
            table.index,
            table["low"],
            table["high"],
            color=COLOURS[place],
            alpha=0.15,
            lw=0,
        )
    axes.set(xlabel="known facts of a user", ylabel="users singled out (share)")
    axes.set(ylim=(0, 1.03))
    axes.legend(title="a fact is", fontsize=9)
    return axes


def _needs(name: str, table: pd.DataFrame, columns: list[str]) -> None:
    missing = [column for column in columns if column not in table]
    if missing:
        raise KeyError(f"{name}: lacks {missing}, has {list(table.columns)}")
