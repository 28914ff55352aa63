"""Pictures to vectors: the image tower of CLIP.

Book section 8.3.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from transformers import CLIPImageProcessorPil, CLIPModel

from recsys_ref.content.two_towers import (
    TwoTowers,
    in_batches,
    load_towers,
    run_tower,
)
from recsys_ref.data.checks import check_whole_number


def load_image_model(
    name: str | os.PathLike[str], *, device: str | torch.device = "cpu"
) -> TwoTowers:
    """Load a CLIP model, both towers.

    Args:
        name: A folder in the layout of `save_pretrained`, or a name on the
            hub, such as `openai/clip-vit-base-patch32`.
        device: See `lm.pretrained.devices`.

    Raises:
        FileNotFoundError: If there is no such model, or the hub cannot be
            reached.
        ValueError: If the files are damaged, pickled or no CLIP.

    References:
        Radford et al. (2021), https://arxiv.org/abs/2103.00020
    """
    return load_towers(CLIPModel, CLIPImageProcessorPil, name, device)


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """Read a picture file of any usual kind.

    Returns:
        `uint8[H, W, 3]`, red, green and blue.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no picture, or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: {path}: no such file")
    try:
        with Image.open(path) as picture:
            return np.array(picture.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"path: {path} cannot be read as a picture: {error}"
        ) from error


def encode_images(
    model: TwoTowers,
    images: Sequence[np.ndarray],
    *,
    batch_size: int = 64,
    progress: bool = False,
) -> np.ndarray:
    """Turn each picture into one vector.

    The model's own processor brings a picture to the size that the model was
    trained with: the shorter side is scaled, the middle cut out, and the
    colors are standardized.

    Args:
        model: What `load_image_model` gave.
        images: I pictures, `uint8[H, W, 3]`, of any sizes.
        batch_size: Pictures that run at once.
        progress: Whether to draw a bar on stderr, if that is a terminal.

    Returns:
        `float32[I, D]`, rows of length 1.

    Raises:
        ValueError: If a picture has another shape or type, or a vector is not
            finite.
    """
    for row, image in enumerate(images):
        check_image(f"images[{row}]", image)
    inputs = (
        dict(model.processor(list(batch), return_tensors="pt"))
        for batch in in_batches(images, batch_size, progress, "images")
    )
    return run_tower(model, model.model.get_image_features, inputs, "images")


def color_histogram(images: Sequence[np.ndarray], *, levels: int = 4) -> np.ndarray:
    """Count a picture's colors: what pictures say without any model.

    Args:
        images: I pictures, `uint8[H, W, 3]`.
        levels: Steps of each of the three channels, 2 to 256.

    Returns:
        `float32[I, levels ** 3]`: the share of the pixels of each color, blue
        varying fastest. Where in the picture they are is lost.

    Raises:
        ValueError: If a picture has another shape or type, or `levels` is out
            of its range.

    Examples:
        >>> red = np.zeros((2, 2, 3), dtype=np.uint8)
        >>> red[..., 0] = 255
        >>> color_histogram([red], levels=2)
        array([[0., 0., 0., 0., 1., 0., 0., 0.]], dtype=float32)
    """
    check_whole_number("levels", levels, 2)
    if levels > 256:
        raise ValueError(f"levels: must be at most 256, got {levels}")
    out = np.zeros((len(images), levels**3), dtype=np.float32)
    for row, image in enumerate(images):
        check_image(f"images[{row}]", image)
        step = image.reshape(-1, 3).astype(np.int64) * levels // 256
        color = (step[:, 0] * levels + step[:, 1]) * levels + step[:, 2]
        out[row] = np.bincount(color, minlength=levels**3) / len(color)
    return out


def check_image(name: str, image: np.ndarray) -> None:
    """Raise ValueError unless an array is `uint8[H, W, 3]`, not empty."""
    shape, dtype = np.shape(image), getattr(image, "dtype", type(image))
    if len(shape) != 3 or shape[2] != 3 or not all(shape) or dtype != np.uint8:
        raise ValueError(
            f"{name}: must be uint8[H, W, 3], got {dtype} of shape {shape}"
        )
