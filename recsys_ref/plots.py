"""The book's figures, one function each.

Each takes arrays, draws one message and returns the axes, so that a test or
a cell beside it can assert what the picture shows.
"""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito (2008): told apart by colour-blind readers. Yellow is left out:
# it vanishes on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

_STYLE = {
    "axes.grid": True,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 13,
    "axes.labelsize": 12,
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "figure.facecolor": "white",  # opaque: legible in the dark theme, too
    "figure.figsize": (6.4, 3.8),
    "font.family": "DejaVu Sans",  # comes with matplotlib: alike everywhere
    "font.size": 11,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "savefig.facecolor": "white",
    "savefig.pad_inches": 0.15,
}


def use_style() -> None:
    """Set the look of the book's figures.

    Every function of this module calls it first. It changes matplotlib's
    `rcParams` and nothing else.
    """
    mpl.rcParams.update(_STYLE)


def long_tail(popularity: np.ndarray) -> Axes:
    """Draw how many events each item has, items in order of popularity.

    Args:
        popularity: `int64[I]` or `float64[I]`, events per item, any order.

    Returns:
        Axes with one line: rank (1-based) against events, both logarithmic.
        Items without events are left out; the title of the x axis counts
        those drawn.

    Raises:
        ValueError: If `popularity` is not one-dimensional, negative or has no
            positive entry.

    References:
        Book section 1: the long tail of MovieLens-100K.
    """
    popularity = np.asarray(popularity)
    if popularity.ndim != 1 or (popularity < 0).any() or not (popularity > 0).any():
        raise ValueError(
            "popularity: must be one-dimensional, not negative and not all zero, "
            f"got shape {popularity.shape}"
        )
    axes = _new_axes()
    events = np.sort(popularity[popularity > 0])[::-1]
    axes.plot(np.arange(1, events.size + 1), events)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=f"Rank of the item by popularity (1 to {events.size:,})",
        ylabel="Events of the item",
    )
    return axes


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
    axes = _new_axes()
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


WAITS = {
    0.5: "same\nsecond",
    1: "1 s",
    10: "10 s",
    60: "1 min",
    3600: "1 h",
    86_400: "1 day",
    2_592_000: "30 days",
}


def waiting_times(gaps: np.ndarray) -> Axes:
    """Draw how long users wait between two events in a row.

    Args:
        gaps: `float64[N]`, seconds from an event to the next of its user, not
            negative. A gap of 0 is drawn at the left edge of the picture.

    Returns:
        Axes with one line: the share of the gaps (y) that are at most so
        long (x, logarithmic).

    Raises:
        ValueError: If `gaps` is empty or holds a negative number or NaN.

    References:
        Book section 3.1: ratings come in bursts.
    """
    gaps = np.asarray(gaps, dtype=float)
    if not gaps.size or not (gaps >= 0).all():
        raise ValueError(f"gaps: must not be empty or negative, got {gaps[:3]}")
    at, count = np.unique(np.where(gaps == 0, min(WAITS), gaps), return_counts=True)
    axes = _new_axes()
    axes.step(at, np.cumsum(count) / gaps.size, where="post")
    axes.set(
        xscale="log",
        ylim=(0, 1.02),
        xlabel="Time to the next rating of the same user",
        ylabel="Share of ratings that waited at most so long",
    )
    axes.set_xticks(list(WAITS), list(WAITS.values()))
    axes.minorticks_off()
    return axes


def split_panels(
    user: np.ndarray,
    time: np.ndarray,
    item: Sequence[str],
    in_test: Mapping[str, np.ndarray],
    *,
    user_names: Sequence[str],
) -> np.ndarray:
    """Draw one small table of events once for each way to split it.

    Args:
        user: `int64[N]`, from 0, the row of the event.
        time: `float64[N]`, in days.
        item: N short names, written into the marks.
        in_test: `bool[N]` for each split by its title: whether an event is
            withheld.
        user_names: Names of the users, from 0.

    Returns:
        `Axes[S]`, one a split, in the order of `in_test`. Each has the train
        events (blue circles) and then the test events (orange squares).

    Raises:
        ValueError: If a mask or a column does not have N entries.

    References:
        Book section 3.1: six ways to cut one table.
    """
    user, time = np.asarray(user), np.asarray(time, dtype=float)
    columns = {"time": time, "item": item, **in_test}
    for name, column in columns.items():
        if len(column) != len(user):
            raise ValueError(
                f"{name}: must have {len(user)} entries, got {len(column)}"
            )
    use_style()
    rows = -(-len(in_test) // 2)
    figure, grid = plt.subplots(
        rows,
        2,
        figsize=(7.2, 0.5 + 2.1 * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    panels = grid.ravel()
    for axes, (title, mask) in zip(panels, in_test.items(), strict=False):
        mask = np.asarray(mask, dtype=bool)
        for part, colour, shape in ((~mask, COLOURS[0], "o"), (mask, COLOURS[1], "s")):
            axes.scatter(
                time[part], user[part], s=190, c=colour, marker=shape, zorder=2
            )
        for x, y, name in zip(time, user, item, strict=True):
            axes.text(
                x, y, name, color="white", weight="bold", ha="center", va="center"
            )
        axes.set_title(title)
    panels[0].set_yticks(np.arange(len(user_names)), user_names)
    panels[0].set(
        ylim=(len(user_names) - 0.4, -0.6), xlim=(time.min() - 1, time.max() + 1)
    )
    for axes in panels[len(in_test) :]:
        axes.remove()
    for axes in grid[-1]:
        axes.set_xlabel("Day")
    figure.legend(
        handles=[
            mpl.lines.Line2D(
                [], [], color=COLOURS[0], marker="o", ls="", label="train"
            ),
            mpl.lines.Line2D([], [], color=COLOURS[1], marker="s", ls="", label="test"),
        ],
        loc="outside upper center",
        ncols=2,
    )
    return panels[: len(in_test)]


def compare_distributions(
    groups: Mapping[str, np.ndarray], *, xlabel: str, bins: int = 25
) -> Axes:
    """Draw how a quantity is spread in a few groups of different sizes.

    Args:
        groups: `float64[N]` of each group, by its name.
        xlabel: What the quantity is, with its unit.
        bins: Number of equal intervals that all groups share.

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
    axes = _new_axes()
    for (name, values), colour in zip(groups.items(), COLOURS, strict=False):
        share = np.histogram(values, edges)[0] / values.size
        axes.stairs(share, edges, color=colour, fill=True, alpha=0.3)
        axes.stairs(share, edges, color=colour, linewidth=2, label=name)
        axes.axvline(values.mean(), color=colour, linestyle="--", linewidth=1.5)
    axes.set(xlabel=xlabel, ylabel="Share of the group", ylim=(0, None))
    axes.legend()
    return axes


def _new_axes() -> Axes:
    use_style()
    figure: Figure = plt.figure()
    return figure.add_subplot()
