"""Figures of small matrices and clouds of vectors: sections 3.3 to 4.1."""

from collections.abc import Mapping

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from recsys_ref.plots.comparison import _MARKS
from recsys_ref.plots.style import COLOURS, new_axes, use_style


def matrices(
    tables: Mapping[str, pd.DataFrame],
    *,
    marked: Mapping[str, np.ndarray] | None = None,
    xlabel: str,
    ylabel: str,
) -> np.ndarray:
    """Draw small matrices side by side, with their numbers, on one scale.

    Args:
        tables: By title, matrices with names for rows and columns; all of one
            shape, none of it NaN.
        marked: By title, `bool` of that shape: cells to frame, and to mark
            with a star.
        xlabel: What the columns are.
        ylabel: What the rows are.

    Returns:
        `Axes[T]`, from left to right, each with one image and one text a cell,
        row by row.

    Raises:
        ValueError: If shapes differ, a number is not finite, or `marked` has a
            title that `tables` has not.

    References:
        Book section 4.1: a printed matrix beside the true one.
    """
    marked = dict(marked or {})
    shapes = {table.shape for table in tables.values()}
    shapes |= {np.shape(mask) for mask in marked.values()}
    if len(shapes) != 1 or not set(marked) <= set(tables):
        raise ValueError(
            "tables and marked: must have one shape and the same titles, got shapes "
            f"{sorted(shapes)} and titles {list(tables)}, {list(marked)}"
        )
    values = np.stack([table.to_numpy(float) for table in tables.values()])
    if not np.isfinite(values).all():
        raise ValueError("tables: must be finite")
    use_style()
    n_rows, n_columns = values.shape[1:]
    _, panels = plt.subplots(
        1,
        len(tables),
        figsize=(0.6 + len(tables) * (0.7 + 0.62 * n_columns), 1.3 + 0.55 * n_rows),
        sharey=True,
        squeeze=False,
    )
    low, high = values.min(), values.max()
    for axes, (title, table), cells in zip(
        panels[0], tables.items(), values, strict=True
    ):
        axes.imshow(cells, cmap="Blues", vmin=low, vmax=high, aspect="auto")
        mask = np.asarray(marked.get(title, np.zeros(cells.shape)), dtype=bool)
        for (row, column), value in np.ndenumerate(cells):
            dark = value - low > 0.6 * (high - low)
            star = "*" if mask[row, column] else ""
            axes.text(
                column,
                row,
                f"{value:.2f}{star}",
                ha="center",
                va="center",
                color="white" if dark else "black",
            )
        for row, column in np.argwhere(mask):
            axes.add_patch(
                mpl.patches.Rectangle(
                    (column - 0.46, row - 0.46),
                    0.92,
                    0.92,
                    fill=False,
                    edgecolor=COLOURS[1],
                    linewidth=2.5,
                )
            )
        axes.set_xticks(np.arange(n_columns), [str(name) for name in table.columns])
        axes.set_yticks(np.arange(n_rows), [str(name) for name in table.index])
        axes.set(title=title, xlabel=xlabel)
        axes.grid(visible=False)
    panels[0, 0].set_ylabel(ylabel)
    return panels[0]


def clouds(panels: Mapping[str, np.ndarray]) -> np.ndarray:
    """Draw clouds of points in the plane, each around the same origin.

    Args:
        panels: By title, `float64[N, 2]`.

    Returns:
        `Axes[P]`, from left to right, each with its own scale, the same in
        both directions: points, a cross at the origin and, unless they
        coincide, an arrow from it to the mean.

    Raises:
        ValueError: If a cloud is empty, has another shape or is not finite.

    References:
        Book section 4: what centring and whitening do.
    """
    for title, points in panels.items():
        shape = np.shape(points)
        if len(shape) != 2 or not shape[0] or shape[1] != 2:
            raise ValueError(f"panels: {title!r} must be [N, 2], got shape {shape}")
        if not np.isfinite(points).all():
            raise ValueError(f"panels: {title!r} must be finite")
    use_style()
    _, grid = plt.subplots(
        1, len(panels), figsize=(0.6 + 2.9 * len(panels), 3.2), squeeze=False
    )
    for axes, (title, points) in zip(grid[0], panels.items(), strict=True):
        axes.scatter(*np.transpose(points), s=14, alpha=0.7, linewidths=0)
        axes.plot(0, 0, "k+", markersize=14, markeredgewidth=2, zorder=3)
        reach = 1.08 * max(np.abs(points).max(), 1e-12)
        mean = np.mean(points, axis=0)
        if np.abs(mean).max() > reach / 100:  # else the head would hide the origin
            axes.annotate(
                "",
                xy=mean,
                xytext=(0, 0),
                arrowprops={"arrowstyle": "->", "color": COLOURS[1], "linewidth": 2.5},
            )
        axes.set(title=title, xlim=(-reach, reach), ylim=(-reach, reach))
        axes.set_aspect("equal")
    return grid[0]


def catalogue_map(
    places: np.ndarray,
    groups: Mapping[str, np.ndarray],
    *,
    labels: Mapping[int, str] | None = None,
) -> Axes:
    """Draw items as points of a map, some groups of them marked, some named.

    Args:
        places: `float64[I, 2]`, such as `content.layout` gives; finite.
        groups: `bool[I]` by name, up to six. Items of no group are grey, those
            of two show the mark of the later group.
        labels: What to write beside an item, by its row.

    Returns:
        Axes without units (a map has none): first all items, then one group of
        points a name.

    Raises:
        ValueError: If a shape differs, a number is not finite, or there are
            more groups than marks.

    References:
        Book section 3.3: the catalogue as its texts have it.
    """
    places = np.asarray(places, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 2 or not np.isfinite(places).all():
        raise ValueError(f"places: must be finite [I, 2], got shape {places.shape}")
    if len(groups) > len(_MARKS):
        raise ValueError(f"groups: at most {len(_MARKS)}, got {len(groups)}")
    for name, group in groups.items():
        if np.shape(group) != (len(places),):
            raise ValueError(
                f"groups: {name!r} must have {len(places)} entries, "
                f"got shape {np.shape(group)}"
            )
    axes = new_axes()
    axes.figure.set_size_inches(8.2, 7.4)
    axes.scatter(*places.T, s=6, c="#BBBBBB", linewidths=0)
    for (name, group), mark, colour in zip(
        groups.items(), _MARKS, COLOURS, strict=False
    ):
        points = places[np.asarray(group, dtype=bool)]
        axes.scatter(*points.T, s=20, c=colour, marker=mark, label=name, linewidths=0)
    for row, text in (labels or {}).items():
        axes.annotate(
            text,
            places[row],
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "0.6", "lw": 0.5},
        )
        axes.plot(*places[row], "k.", markersize=5)
    axes.set(xticks=[], yticks=[])
    axes.legend(loc="best", markerscale=1.6, framealpha=0.8, frameon=True)
    return axes
