"""Figures of reasons: what counted, what was said, what passes. Book section 8.2."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from recsys_ref.plots.comparison import intervals_of
from recsys_ref.plots.style import COLOURS, new_axes

_MARKS = ("o", "s", "^", "D", "v", "P")


def waterfall(names: Sequence[str], contributions: np.ndarray, *, xlabel: str) -> Axes:
    """Draw the terms of a score, each beginning where the last one ended.

    Args:
        names: `str[n]`, what each term is called.
        contributions: `float[n]`, finite; they are drawn in this order.
        xlabel: What they sum to, with its unit.

    Returns:
        Axes with n bars and, last, one from 0 to their sum. What speaks against
        is drawn to the left, in another color and hatched.

    Raises:
        ValueError: If there is no term, the lengths differ, or a term is not
            finite.

    References:
        Book section 8.2: a score of EASE, film by film.
    """
    values = np.asarray(contributions, dtype=np.float64)
    if not len(values) or values.shape != (len(names),):
        raise ValueError(
            f"contributions: must be {len(names)}, one a name and at least one, "
            f"got shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"contributions: must be finite, got {values}")
    axes = new_axes()
    axes.figure.set_figheight(1.2 + 0.3 * (len(values) + 1))
    ends = np.cumsum(values)
    starts = ends - values
    place = np.arange(len(values) + 1)
    for row, (start, value) in enumerate(zip(starts, values, strict=True)):
        against = value < 0
        axes.barh(
            row,
            value,
            left=start,
            color=COLOURS[1] if against else COLOURS[0],
            hatch="//" if against else None,
            edgecolor="white",
        )
    axes.barh(place[-1], ends[-1], color="0.35", edgecolor="white")
    axes.vlines(ends, place[:-1] - 0.4, place[1:] + 0.4, color="0.5", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=1)
    axes.set_yticks(place, labels=[*map(str, names), "the score"])
    axes.set(xlabel=xlabel, ylim=(len(values) + 0.6, -0.6))
    axes.grid(visible=False, axis="y")
    return axes


def likeness_and_weight(
    cosine: np.ndarray,
    contribution: np.ndarray,
    *,
    names: Sequence[str],
    xlabel: str,
    ylabel: str,
) -> Axes:
    """Draw each film of a history by how like it is and by how much it counted.

    Args:
        cosine: `float[n]`, likeness to the recommended item.
        contribution: `float[n]`, what the film added to the score.
        names: `str[n]`; the most like film and the one that counted most are
            named in the picture, which may be the same.
        xlabel: What likeness is.
        ylabel: What the contribution is, with its unit.

    Returns:
        Axes with n points, two of them named.

    Raises:
        ValueError: If there is no film or the lengths differ.

    References:
        Book section 8.2: the nearest text beside what counted.
    """
    cosine, contribution = np.asarray(cosine, float), np.asarray(contribution, float)
    if not len(names) or {cosine.shape, contribution.shape} != {(len(names),)}:
        raise ValueError(
            f"cosine, contribution: must be {len(names)}, one a name and at least "
            f"one, got {cosine.shape} and {contribution.shape}"
        )
    axes = new_axes()
    axes.axhline(0, color="black", linewidth=1)
    axes.plot(cosine, contribution, "o", color=COLOURS[5])
    for place, mark, colour, what in (
        (int(cosine.argmax()), "s", COLOURS[1], "nearest text"),
        (int(contribution.argmax()), "D", COLOURS[0], "counted most"),
    ):
        axes.plot(
            cosine[place],
            contribution[place],
            mark,
            color=colour,
            markersize=9,
            label=f"{what}: {names[place]}",
        )
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=10)
    return axes


def passing(table: pd.DataFrame, *, xlabel: str, chance: float | None = None) -> Axes:
    """Draw the share that passes each of several checks, one row a kind.

    Args:
        table: Indexed by (kind, check), with the columns `mean`, `low` and
            `high`, shares in [0, 1]; the checks in one order for all kinds.
        xlabel: What the shares are of, and the level of the interval.
        chance: Where a line stands for what knowing nothing gives.

    Returns:
        Axes with one group of points a check, the first kind on top.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there are more checks than marks, a kind lacks one, or
            an interval does not hold its mean.

    References:
        Book section 8.2: who tells the truth.
    """
    mean, low, high = intervals_of(table)
    kinds = list(dict.fromkeys(table.index.get_level_values(0)))
    checks = list(dict.fromkeys(table.index.get_level_values(1)))
    if len(checks) > len(_MARKS):
        raise ValueError(f"table: at most {len(_MARKS)} checks, got {len(checks)}")
    wanted = [(kind, check) for kind in kinds for check in checks]
    if list(table.index) != wanted:
        raise ValueError(f"table: needs every kind with the checks {checks} in order")
    shape = (len(kinds), len(checks))
    mean, low, high = (part.reshape(shape) for part in (mean, low, high))
    axes = new_axes()
    axes.figure.set_figheight(1.6 + (0.16 + 0.13 * len(checks)) * len(kinds))
    place = np.arange(len(kinds))
    for number, check in enumerate(checks):
        shift = 0.22 * (number - (len(checks) - 1) / 2)
        axes.errorbar(
            mean[:, number],
            place + shift,
            xerr=[
                mean[:, number] - low[:, number],
                high[:, number] - mean[:, number],
            ],
            fmt=_MARKS[number],
            color=COLOURS[number],
            capsize=3,
            label=str(check),
        )
    if chance is not None:
        axes.axvline(chance, color="black", linewidth=1, linestyle="--", label="chance")
    axes.set_yticks(place, labels=[str(kind) for kind in kinds])
    axes.set(xlabel=xlabel, xlim=(-0.03, 1.03), ylim=(len(kinds) - 0.4, -0.6))
    axes.grid(visible=False, axis="y")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=10)
    return axes


def fluent_and_faithful(table: pd.DataFrame, *, xlabel: str) -> Axes:
    """Draw how fluent each text is, one row a group of texts.

    Args:
        table: One text a row, with the columns `group`, in the order wanted, and
            `nats`, nats per token, finite.
        xlabel: What the nats are, with the direction that is fluent.

    Returns:
        Axes with one row of points a group, the first on top, each with a
        line at its median. Points are spread a little up and down so as not
        to cover each other.

    Raises:
        KeyError: If a column is missing.
        ValueError: If there is no text or a number is not finite.

    References:
        Book section 8.2: fluent is not faithful.
    """
    missing = [name for name in ("group", "nats") if name not in table]
    if missing:
        raise KeyError(f"table: lacks {missing}, has {list(table.columns)}")
    if not len(table) or not np.isfinite(table["nats"]).all():
        raise ValueError("table: needs at least one text, and finite nats")
    axes = new_axes()
    groups = list(dict.fromkeys(table["group"]))
    axes.figure.set_figheight(1.2 + 0.55 * len(groups))
    for place, group in enumerate(groups):
        nats = np.sort(table["nats"][table["group"] == group].to_numpy(float))
        spread = 0.5 * (np.arange(len(nats)) * 0.618 % 1 - 0.5)
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(
            nats,
            place + spread,
            _MARKS[place % len(_MARKS)],
            color=colour,
            alpha=0.6,
            markersize=5,
        )
        axes.vlines(np.median(nats), place - 0.4, place + 0.4, color="black")
    labels = [f"{g} ({(table['group'] == g).sum()})" for g in groups]
    axes.set_yticks(np.arange(len(groups)), labels=labels)
    axes.set(xlabel=xlabel, ylim=(len(groups) - 0.4, -0.6))
    axes.grid(visible=False, axis="y")
    return axes
