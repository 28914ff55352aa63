"""The article's plan as one picture."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from recsys_ref.plots.style import COLOURS, use_style


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
