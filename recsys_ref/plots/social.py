"""Figures of what happens round after round. Book section 6.2."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from recsys_ref.plots.comparison import intervals_of
from recsys_ref.plots.style import COLOURS, dashes, use_style

_MARKS = ("o", "s", "^", "D", "v", "P")


def policy_panels(
    panels: Mapping[str, Mapping[str, pd.DataFrame]], *, xlabel: str
) -> np.ndarray:
    """Draw how several policies move on several measures, one panel each.

    Args:
        panels: For each measure (its name and unit become the title), the
            policies by their names, at most six, the same in every panel. A
            policy's table has one row a round, rising, with the columns `mean`,
            `low` and `high`.
        xlabel: What the rows are.

    Returns:
        `Axes[P]`, two in a row; a band goes from `low` to `high`. The policies
        are named once, above all panels.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no panel, the policies or rounds differ between
            panels, there are too many, or an interval does not hold its mean.

    References:
        Book section 6.2: bubbles and sameness over rounds.
    """
    if not panels:
        raise ValueError("panels: need at least one, got none")
    names = list(next(iter(panels.values())))
    if not 0 < len(names) <= len(_MARKS):
        raise ValueError(f"panels: need 1 to {len(_MARKS)} policies, got {len(names)}")
    for title, policies in panels.items():
        if list(policies) != names:
            raise ValueError(
                f"panels: {title!r} must have {names}, got {list(policies)}"
            )
    rounds = next(iter(next(iter(panels.values())).values())).index
    use_style()
    columns, rows = min(2, len(panels)), -(-len(panels) // 2)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(4.2 * columns, 1.0 + 2.7 * rows),
        sharex=True,
        squeeze=False,
    )
    step = max(1, len(rounds) // 5)
    for axes, (title, policies) in zip(grid.flat, panels.items(), strict=False):
        for number, (name, table) in enumerate(policies.items()):
            if not table.index.equals(rounds):
                raise ValueError(f"panels: {title!r}, {name!r} has other rounds")
            mean, low, high = intervals_of(table)
            style = f"{dashes()[number % len(dashes())]}{_MARKS[number]}"
            axes.plot(
                rounds,
                mean,
                style,
                color=COLOURS[number],
                markevery=(number % step, step),
                label=name,
            )
            axes.fill_between(
                rounds, low, high, color=COLOURS[number], alpha=0.15, lw=0
            )
        axes.set_title(title)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel(xlabel)
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(),
        loc="outside upper center",
        ncols=min(3, len(names)),
    )
    return grid.ravel()[: len(panels)]
