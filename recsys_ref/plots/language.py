"""Figures of what a language model learns, chooses and writes."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from recsys_ref.plots.style import COLOURS, dashes, new_axes, use_style


def learning_curves(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    levels: Mapping[str, float],
    *,
    xlabel: str,
    ylabel: str,
) -> Axes:
    """Draw how losses fall while a model learns, and what they must pass.

    Args:
        curves: For each name, steps `int64[N]` and the losses at them.
        levels: For each baseline its loss, drawn as a line across with the
            name at its right end.
        xlabel: What is counted.
        ylabel: What the loss is, with its unit.

    Returns:
        Axes with one line a curve, then one a level.

    Raises:
        ValueError: If there is no curve, a curve has not one loss a step, or
            a loss is not finite.

    References:
        Book section 5.1: a small GPT-2 beside counts of tokens.
    """
    if not curves:
        raise ValueError("curves: need at least one, got none")
    for name, (steps, losses) in curves.items():
        if np.shape(steps) != np.shape(losses) or not np.isfinite(losses).all():
            raise ValueError(
                f"curves: {name!r} needs a finite loss for each step, got shapes "
                f"{np.shape(steps)} and {np.shape(losses)}"
            )
    if not np.isfinite(list(levels.values())).all():
        raise ValueError(f"levels: must be finite, got {dict(levels)}")
    axes = new_axes()
    for (name, (steps, losses)), dash in zip(curves.items(), dashes(), strict=False):
        axes.plot(steps, losses, dash, label=name)
    end = max(np.max(steps) for steps, _ in curves.values())
    for name, level in levels.items():
        axes.axhline(level, color="0.35", linewidth=1, linestyle="--")
        axes.annotate(
            name,
            (end, level),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=10,
            annotation_clip=False,
        )
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, end))
    axes.legend()
    return axes


def chance_bars(
    names: Sequence[str], panels: Mapping[str, np.ndarray], *, ylabel: str
) -> np.ndarray:
    """Draw what a few ways of sampling make of the same chances.

    Args:
        names: V names of what may be drawn.
        panels: By title, `float64[V]`, each with sum 1.
        ylabel: What the bars are.

    Returns:
        `Axes[P]`, two a row, one scale for all, each with V bars. What
        cannot be drawn at all is marked with a cross.

    Raises:
        ValueError: If chances are negative, do not sum to 1, or do not have
            V entries.

    References:
        Book section 5.1: temperature, top-k and the nucleus.
    """
    for title, chances in panels.items():
        fits = np.shape(chances) == (len(names),)
        if not fits or np.min(chances) < 0 or abs(np.sum(chances) - 1) > 1e-6:
            raise ValueError(
                f"panels: {title!r} must be {len(names)} chances with sum 1, "
                f"got {np.asarray(chances)}"
            )
    use_style()
    rows = -(-len(panels) // 2)
    _, grid = plt.subplots(
        rows,
        2,
        figsize=(7.2, 0.6 + 1.9 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    place = np.arange(len(names))
    for axes, (title, chances) in zip(grid.ravel(), panels.items(), strict=False):
        chances = np.asarray(chances)
        axes.bar(place, chances)
        never = place[chances == 0]
        axes.plot(never, np.full(never.size, 0.03), "x", color=COLOURS[1])
        axes.set_title(title)
        axes.set_xticks(place, names, rotation=60, ha="right")
        axes.grid(False, axis="x")
    for axes in grid.ravel()[len(panels) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    return grid.ravel()[: len(panels)]


def written_lines(samples: Mapping[str, Sequence[str]], *, width: int = 74) -> Axes:
    """Show lines that a model wrote, under a heading for each moment.

    Text of a trained model differs in places from one processor to the next,
    so a page shows it as a picture.

    Args:
        samples: By heading, the lines. A character that cannot be shown is
            replaced by a middle dot.
        width: Characters after which a line is cut.

    Returns:
        Axes without a frame, with one text a heading and one a line.

    Raises:
        ValueError: If there is no line at all.

    References:
        Book section 5.1: what a small GPT-2 writes as it learns.
    """
    rows = [
        (text, kind)
        for heading, lines in samples.items()
        for text, kind in [(heading, "bold"), *((line, "normal") for line in lines)]
    ]
    if not any(kind == "normal" for _, kind in rows):
        raise ValueError(f"samples: need at least one line, got {dict(samples)}")
    axes = new_axes()
    axes.figure.set_size_inches(7.2, 0.3 + 0.27 * len(rows))
    for place, (text, kind) in enumerate(rows):
        shown = "".join(sign if _showable(sign) else "·" for sign in text)
        shown = shown if len(shown) <= width else shown[: width - 1] + "…"
        axes.text(
            0.0 if kind == "bold" else 0.02,
            place,
            shown,
            weight=kind,
            family="DejaVu Sans" if kind == "bold" else "DejaVu Sans Mono",
            fontsize=10 if kind == "bold" else 9,
            va="center",
            parse_math=False,
        )
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
    axes.axis("off")
    return axes


def _showable(sign: str) -> bool:
    return sign.isprintable() and ord(sign) < 0x250


def against_limits(
    amounts: np.ndarray,
    sizes: np.ndarray,
    limits: Mapping[str, float],
    *,
    xlabel: str,
    ylabel: str,
) -> Axes:
    """Draw how large things grow, and the limits that some of them pass.

    Args:
        amounts: `float64[N]`, positive: what makes them grow.
        sizes: `float64[N]`, positive: how large each is.
        limits: By name, a size; the name is written above its line.
        xlabel: What the amounts are, with their unit.
        ylabel: What the sizes are, with their unit.

    Returns:
        Axes with one point each and one line across a limit, both axes
        logarithmic.

    Raises:
        ValueError: If there is not one size an amount, or a number is not
            positive and finite.

    References:
        Book section 3.2: histories against what a model can read at once.
    """
    for name, values in (
        ("amounts", amounts),
        ("sizes", sizes),
        ("limits", list(limits.values())),
    ):
        values = np.asarray(values, dtype=np.float64)
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"{name}: must be positive and finite, got {values}")
    if np.ndim(amounts) != 1 or np.shape(amounts) != np.shape(sizes):
        raise ValueError(
            f"sizes: must have shape {np.shape(amounts)}, got {np.shape(sizes)}"
        )
    axes = new_axes()
    axes.scatter(amounts, sizes, s=14, alpha=0.5, linewidths=0)
    for name, limit in limits.items():
        axes.axhline(limit, color=COLOURS[1], linewidth=1.5, linestyle="--")
        high = limit > np.median(sizes)  # on the side where no points are
        axes.annotate(
            name,
            (np.min(amounts) if high else np.max(amounts), limit),
            (0, 4),
            ha="left" if high else "right",
            textcoords="offset points",
            fontsize=10,
        )
    axes.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:,.0f}")
        axis.set_minor_formatter("")
    return axes
