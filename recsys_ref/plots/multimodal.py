"""Figures of section 8.3: generated media, and what happens when some is missing."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from recsys_ref.plots.style import use_style


def gallery(rows: Mapping[str, np.ndarray]) -> Axes:
    """Hang pictures in rows, each with its name.

    Args:
        rows: By name, `uint8[N, H, W, 3]`; all rows of one N, H and W.

    Returns:
        Axes with one image of all pictures, the first row on top.

    Raises:
        ValueError: If there is no picture, or the rows differ in shape.

    References:
        Book section 8.3: posters that give their genre away.
    """
    shapes = {np.shape(pictures) for pictures in rows.values()}
    if len(shapes) != 1 or len(shape := shapes.pop()) != 4 or not all(shape):
        raise ValueError("rows: must hold pictures uint8[N, H, W, 3] of one shape")
    n, height, width, _ = shape
    gap = max(height // 8, 1)
    tile = np.full((len(rows), n, height + gap, width + gap, 3), 255, dtype=np.uint8)
    tile[:, :, :height, :width] = np.stack(list(rows.values()))
    wall = tile.transpose(0, 2, 1, 3, 4).reshape(
        len(rows) * (height + gap), n * (width + gap), 3
    )
    use_style()
    figure = plt.figure(figsize=(6.4, 0.4 + 0.62 * len(rows)))
    axes = figure.add_subplot()
    axes.imshow(wall, interpolation="nearest")
    places = np.arange(len(rows)) * (height + gap) + height / 2
    axes.set_yticks(places, labels=list(rows))
    axes.set_xticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return axes


def spectrograms(mels: Mapping[str, np.ndarray], *, seconds: float) -> np.ndarray:
    """Draw log-mel spectrograms side by side, on one scale of loudness.

    Args:
        mels: By name, `float[T, M]`, dB, of one shape; at most four.
        seconds: Length of each sound.

    Returns:
        `Axes[N]`, from left to right, each with one image; time runs to the
        right, pitch upwards.

    Raises:
        ValueError: If there are none or more than four, or shapes differ.

    References:
        Book section 8.3: sounds that give their genre away.
    """
    shapes = {np.shape(mel) for mel in mels.values()}
    if not 1 <= len(mels) <= 4 or len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(
            f"mels: must be one to four of one shape [T, M], got {sorted(shapes)}"
        )
    use_style()
    figure, panels = plt.subplots(
        1, len(mels), figsize=(7.2, 2.9), sharey=True, squeeze=False
    )
    low = min(np.min(mel) for mel in mels.values())
    high = max(np.max(mel) for mel in mels.values())
    bands = next(iter(shapes))[1]
    for axes, (name, mel) in zip(panels[0], mels.items(), strict=True):
        picture = axes.imshow(
            np.asarray(mel).T,
            origin="lower",
            aspect="auto",
            extent=(0, seconds, 0.5, bands + 0.5),
            vmin=low,
            vmax=high,
            cmap="cividis",
        )
        axes.set(title=name, xlabel="Time (s)")
        axes.grid(False)
    panels[0, 0].set_ylabel("Band, low to high")
    figure.colorbar(picture, ax=panels[0].tolist(), label="Power (dB)")
    return panels[0]
