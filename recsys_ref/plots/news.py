"""Figures of news, where everything has an age."""

import numpy as np
from matplotlib.axes import Axes

from recsys_ref.plots.style import COLOURS, new_axes


def share_by_age(
    ages: np.ndarray,
    limits: np.ndarray,
    expected: np.ndarray,
    *,
    marks: dict[str, float],
) -> Axes:
    """Draw the share of clicks on items up to an age, and what was to be expected.

    Args:
        ages: `float64[N]`, hours from an item's appearance to each click.
        limits: `float64[A]`, rising ages in hours.
        expected: `float64[A]`, the share that a rule implies up to each.
        marks: Ages to point out, in hours, by a short name.

    Returns:
        Axes with two lines, observed and expected, and a vertical one for each mark.

    Raises:
        ValueError: If there are no ages, one is negative or not finite, the limits do
            not rise or the two do not pair.

    References:
        Book section 6.4.
    """
    ages, limits = np.asarray(ages, float), np.asarray(limits, float)
    expected = np.asarray(expected, float)
    if not ages.size or not (np.isfinite(ages) & (ages >= 0)).all():
        raise ValueError("ages: must be finite, not negative and at least one")
    if limits.shape != expected.shape or (np.diff(limits) <= 0).any():
        raise ValueError(
            f"limits: must rise and pair with expected, got {limits.shape} and "
            f"{expected.shape}"
        )
    observed = np.searchsorted(np.sort(ages), limits, side="right") / ages.size
    axes = new_axes()
    axes.plot(limits, observed, color=COLOURS[0], label="clicks")
    axes.plot(limits, expected, "--", color=COLOURS[1], label="expected by the rules")
    for name, age in marks.items():
        axes.axvline(age, color="0.5", linewidth=1, linestyle=":")
        axes.annotate(
            name, (age, 0.95), xytext=(4, 0), textcoords="offset points", fontsize=10
        )
    axes.set(
        xlabel="Age of the article, hours",
        ylabel="Share of clicks on younger ones",
        ylim=(0, 1.02),
    )
    axes.legend(loc="lower right")
    return axes
