"""The book's figures, one function each.

Each takes arrays, draws one message and returns the axes, so that a test or
a cell beside it can assert what the picture shows.
"""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from scipy.sparse import csr_array

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
    `rcParams` and nothing else. Book sections 1 and 3.5 show the first ones.
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
    0.1: "same\nsecond",
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
    share = np.concatenate([[0], np.cumsum(count) / gaps.size])
    axes.step(np.concatenate([at[:1], at]), share, where="post")
    axes.set(
        xscale="log",
        ylim=(0, 1.02),
        xlabel="Time to the next rating of the same user",
        ylabel="Share that waited at most so long",
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
    axes = _new_axes()
    for (name, values), colour in zip(groups.items(), COLOURS, strict=False):
        share = np.histogram(values, edges)[0] / values.size
        axes.stairs(share, edges, color=colour, fill=True, alpha=0.3)
        axes.stairs(share, edges, color=colour, linewidth=2, label=name)
        axes.axvline(values.mean(), color=colour, linestyle="--", linewidth=1.5)
    axes.set(xlabel=xlabel, ylabel="Share of the group", ylim=(0, None))
    axes.legend()
    return axes


def interaction_matrix(matrix: csr_array) -> Axes:
    """Draw who chose what, a dot for each, the most active first.

    Args:
        matrix: Sparse `[U, I]`, non-zero where a user chose an item.

    Returns:
        Axes with one picture: users downwards by falling activity, items
        rightwards by falling popularity, both counted from 1.

    Raises:
        ValueError: If there are no users or no items.

    References:
        Book section 1: how empty MovieLens-100K is, and where.
    """
    if not all(matrix.shape):
        raise ValueError(f"matrix: needs users and items, got shape {matrix.shape}")
    chosen = (matrix != 0).toarray()
    rows = np.argsort(-chosen.sum(axis=1), kind="stable")
    columns = np.argsort(-chosen.sum(axis=0), kind="stable")
    n_users, n_items = chosen.shape
    axes = _new_axes()
    axes.imshow(
        chosen[rows][:, columns].astype(float),
        aspect="auto",
        cmap=mpl.colors.LinearSegmentedColormap.from_list("dots", ["w", COLOURS[0]]),
        extent=(0.5, n_items + 0.5, n_users + 0.5, 0.5),
        vmin=0,
        vmax=1,
    )
    axes.grid(visible=False)
    axes.set(
        xlabel=f"Item, by popularity (1 to {n_items:,})",
        ylabel=f"User, by activity (1 to {n_users:,})",
    )
    return axes


def arrivals(first_seen: Mapping[str, np.ndarray]) -> Axes:
    """Draw what share of users, items or events had appeared by each day.

    Args:
        first_seen: For each name, `int64[M]` Unix seconds: when each of the
            M first appeared.

    Returns:
        Axes with one line a name, from 0 to 1, over the days since the
        earliest moment of all.

    Raises:
        ValueError: If there is no name, or one with nothing.

    References:
        Book section 1: who is new when.
    """
    moments = {name: np.sort(times) for name, times in first_seen.items()}
    if not moments or not all(times.size for times in moments.values()):
        sizes = {name: times.size for name, times in moments.items()}
        raise ValueError(f"first_seen: needs names, each with times, got {sizes}")
    start = min(times[0] for times in moments.values())
    end = max(times[-1] for times in moments.values())
    axes = _new_axes()
    for (name, times), dash in zip(moments.items(), _dashes(), strict=False):
        days = np.append(times, end) - start
        share = np.minimum(np.arange(1, times.size + 2) / times.size, 1)
        axes.plot(days / 86_400, share, dash, drawstyle="steps-post", label=name)
    axes.set(
        xlabel="Days since the first event",
        ylabel="Share that has appeared",
        ylim=(0, 1.03),
    )
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
    axes = _new_axes()
    for (name, values), dash in zip(curves.items(), _dashes(), strict=False):
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


def _dashes() -> tuple[str, ...]:
    """Return line styles, so that lines are told apart without colour."""
    return ("-", "--", "-.", ":")


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
    missing = [name for name in ("mean", "low", "high") if name not in table]
    if missing:
        raise KeyError(f"table: lacks {missing}, has {list(table.columns)}")
    mean, low, high = (table[name].to_numpy(float) for name in ("mean", "low", "high"))
    outside = ~((low <= mean) & (mean <= high))
    if not len(table) or outside.any():
        row = table[outside].to_dict("index") if len(table) else "no rows"
        raise ValueError(f"table: needs low <= mean <= high in every row, got {row}")
    axes = _new_axes()
    place = np.arange(len(table))
    axes.errorbar(mean, place, xerr=[mean - low, high - mean], fmt="o", capsize=4)
    if zero:
        axes.axvline(0, color="black", linewidth=1, linestyle="--")
    axes.set_yticks(place, labels=[str(name) for name in table.index])
    axes.set(xlabel=xlabel, ylim=(len(table) - 0.5, -0.5))
    axes.grid(visible=False, axis="y")
    return axes


def against_chance(
    shuffled: Mapping[str, np.ndarray], observed: Mapping[str, float], *, xlabel: str
) -> np.ndarray:
    """Draw what was observed beside what chance alone gives, one panel a case.

    Args:
        shuffled: `float64[P]`, the statistic after each of P shuffles, by the
            name of the case.
        observed: The statistic itself, by the same names.
        xlabel: What the statistic is.

    Returns:
        `Axes[S]`, one a case from top to bottom, with a common x axis: the
        number of shuffles in each interval and a line where the observed
        statistic stands.

    Raises:
        ValueError: If the names differ or a number is not finite.

    References:
        Book section 3.1: is a table linked to the right films?
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
        axes.hist(values, edges, color=COLOURS[5], label="links shuffled")
        axes.axvline(observed[name], color=COLOURS[1], linewidth=3, label="observed")
        axes.set(title=name, ylabel="Shuffles")
    grid[0, 0].legend()
    grid[-1, 0].set_xlabel(xlabel)
    return grid[:, 0]


def _new_axes() -> Axes:
    use_style()
    figure: Figure = plt.figure()
    return figure.add_subplot()


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
    axes = _new_axes()
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
    axes = _new_axes()
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
    axes = _new_axes()
    for place, (name, values) in enumerate(table.items()):
        style = f"{_dashes()[place % len(_dashes())]}{_MARKS[place % len(_MARKS)]}"
        axes.plot(amounts, values, style, label=str(name), markersize=5)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend()
    return axes


def pipeline() -> Axes:
    """Draw the article's five steps, the letters and the rooms of the package.

    Returns:
        Axes with a box a step, arrows between them, and the room of each as
        text. Where a language model may work the box is colored.

    References:
        Book section 3: the plan as one picture.
    """
    use_style()
    axes = plt.figure(figsize=(7.6, 3.6)).add_subplot()
    steps = {  # left and bottom of each box, heading, room, language model?
        "data": (0.0, 1.0, "1 Data", "$X$, $Y$", False),
        "profiles": (2.4, 2.0, "2 Profiles", r"$U = \mathrm{LLM}(X)$", True),
        "content": (2.4, 0.0, "3 Content", r"$V = \mathrm{LLM}(Y)$", True),
        "strategies": (4.9, 1.0, "4 Strategy", "$R$ from $U$ and $V$", True),
        "evaluation": (7.3, 1.0, "5 Evaluation", "on held-out data", False),
    }
    width, height = 1.75, 1.0
    for room, (left, bottom, heading, letters, has_model) in steps.items():
        axes.add_patch(
            FancyBboxPatch(
                (left, bottom),
                width,
                height,
                boxstyle="round,pad=0.05",
                facecolor="#CFE8F7" if has_model else "#F2F2F2",
                edgecolor=COLOURS[0] if has_model else "#555555",
                linestyle="--" if room == "strategies" else "-",
            )
        )
        middle = left + width / 2
        axes.text(middle, bottom + 0.74, heading, ha="center", weight="bold")
        axes.text(middle, bottom + 0.42, letters, ha="center", fontsize=10)
        axes.text(
            middle, bottom + 0.1, room, ha="center", fontsize=9, family="monospace"
        )
    bent = "arc3,rad=0.45"
    for start, end, bend in (
        ((1.8, 1.7), (2.35, 2.3), "arc3"),
        ((1.8, 1.3), (2.35, 0.7), "arc3"),
        ((4.2, 2.3), (4.85, 1.75), "arc3"),
        ((4.2, 0.7), (4.85, 1.25), "arc3"),
        ((6.7, 1.5), (7.25, 1.5), "arc3"),
        ((8.2, 2.05), (3.3, 3.05), bent),
    ):
        axes.annotate(
            "",
            end,
            start,
            arrowprops={
                "arrowstyle": "-|>",
                "connectionstyle": bend,
                "linestyle": "--" if bend == bent else "-",
                "color": "#333333",
            },
        )
    axes.text(7.3, 3.25, "adjust", style="italic")
    axes.set(xlim=(-0.2, 9.25), ylim=(-0.25, 3.8), aspect="equal")
    axes.axis("off")
    return axes


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
    axes = _new_axes()
    for (name, (steps, losses)), dash in zip(curves.items(), _dashes(), strict=False):
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
    axes = _new_axes()
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
    axes = _new_axes()
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
