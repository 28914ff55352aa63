"""What one side of a bargain gains while the other loses."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from recsys_ref.plots.style import COLOURS, dashes, new_axes

_MARKS = ("o", "s", "^", "D")


def trade_off(
    curves: Mapping[str, pd.DataFrame],
    *,
    xlabel: str,
    ylabel: str,
    target: tuple[float, float] | None = None,
) -> Axes:
    """Draw settings of one dial as points of what they cost and what they bring.

    Args:
        curves: By the name of a dial, one setting a row, named by the index,
            with the columns `loss` and `gain`; at most four dials.
        xlabel: What is lost, with its unit.
        ylabel: What is gained, with its unit.
        target: A loss that must not be passed and a gain to be reached. The
            corner that satisfies both is shaded.

    Returns:
        Axes with one joined line a dial in the order of its settings, each
        point named by its setting.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there are no curves or too many, or a number is not
            finite.

    References:
        Book section 9.1: new films in one list with all others.
    """
    if not 1 <= len(curves) <= len(_MARKS):
        raise ValueError(f"curves: need 1 to {len(_MARKS)}, got {len(curves)}")
    for name, table in curves.items():
        missing = [column for column in ("loss", "gain") if column not in table]
        if missing:
            raise KeyError(f"curves: {name!r} lacks {missing}, has {list(table)}")
        if not np.isfinite(table[["loss", "gain"]].to_numpy(float)).all():
            raise ValueError(f"curves: {name!r} must be finite")
    axes = new_axes()
    for place, (name, table) in enumerate(curves.items()):
        axes.plot(
            table["loss"],
            table["gain"],
            f"{dashes()[place]}{_MARKS[place]}",
            color=COLOURS[place],
            label=name,
        )
        shift = (-6, 6) if place % 2 == 0 else (6, -12)
        for setting, loss, gain in zip(
            table.index, table["loss"], table["gain"], strict=True
        ):
            axes.annotate(
                str(setting),
                (loss, gain),
                xytext=shift,
                textcoords="offset points",
                ha="right" if place % 2 == 0 else "left",
                fontsize=9,
                color=COLOURS[place],
            )
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.margins(0.08)
    if target is not None:
        most, least = target
        left, right = axes.get_xlim()
        bottom, top = axes.get_ylim()
        top = max(top, least * 1.1)
        axes.fill_between([left, most], least, top, color="0.85", label="asked for")
        axes.set(xlim=(left, max(right, most)), ylim=(bottom, top))
    axes.legend(loc="lower right")
    return axes
