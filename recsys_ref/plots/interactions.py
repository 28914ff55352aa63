"""Figures of who chose what, and when: sections 1 and 3.1."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from scipy.sparse import csr_array

from recsys_ref.plots.style import COLOURS, dashes, new_axes, use_style


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
    axes = new_axes()
    events = np.sort(popularity[popularity > 0])[::-1]
    axes.plot(np.arange(1, events.size + 1), events)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=f"Rank of the item by popularity (1 to {events.size:,})",
        ylabel="Events of the item",
    )
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
    axes = new_axes()
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
    axes = new_axes()
    for (name, times), dash in zip(moments.items(), dashes(), strict=False):
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
    axes = new_axes()
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
