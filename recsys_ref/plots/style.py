"""The look that all figures share. Book section 1 is the first to use it."""

import matplotlib as mpl
import matplotlib.pyplot as plt
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
    `rcParams` and nothing else. Book sections 1 and 3.5 show the first ones.
    """
    mpl.rcParams.update(_STYLE)


def dashes() -> tuple[str, ...]:
    """Return line styles, so that lines are told apart without colour."""
    return ("-", "--", "-.", ":")


def new_axes() -> Axes:
    """Return the axes of a new figure in the book's style."""
    use_style()
    figure: Figure = plt.figure()
    return figure.add_subplot()
