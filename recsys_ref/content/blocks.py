"""Several descriptions of an item side by side, none drowning the others.

Genres, a year, vectors of two language models and a likelihood come in other
units and lengths. A block is one such description. Here each is centred and
brought to one size, so that its weight alone says how much it counts.

Book section 9.1.
"""

from collections.abc import Mapping

import numpy as np

from recsys_ref.data.checks import check_positive, check_whole_number
from recsys_ref.data.vectors import check_vectors


def stack_blocks(
    blocks: Mapping[str, np.ndarray], weights: Mapping[str, float] | None = None
) -> np.ndarray:
    """Join blocks to one vector an item, each of a weight of its own.

    Each block is centred and divided by its root mean squared length. So two
    items of a block lie, squared and on average over pairs, as far apart as
    twice its weight. A row of zeros says that a block knows nothing of an
    item, such as a film without a text: it takes no part in the mean and
    becomes the average item. A block in which all items are alike, such as
    the vectors of a broken model, becomes zeros and drops out.

    Args:
        blocks: `float[I, D]` each, finite, by name.
        weights: A number of at least 0 by name. Default, and for names left
            out: 1.

    Returns:
        `float64[I, sum of D]`, in the order of the blocks.

    Raises:
        ValueError: If there is no block, their items differ in number, a
            number is not finite, a weight is negative or of no block.

    Examples:
        >>> blocks = {"a": np.array([[1.0], [3.0], [0.0]]), "b": np.ones((3, 2))}
        >>> stack_blocks(blocks, {"a": 4.0})
        array([[-2.,  0.,  0.],
               [ 2.,  0.,  0.],
               [ 0.,  0.,  0.]])
    """
    weights = dict(weights or {})
    if not blocks:
        raise ValueError("blocks: need at least one, got none")
    unknown = sorted(set(weights) - set(blocks))
    if unknown:
        raise ValueError(f"weights: {unknown} are no blocks, there are {list(blocks)}")
    rows = len(next(iter(blocks.values())))
    parts = []
    for name, block in blocks.items():
        weight = weights.get(name, 1.0)
        if not (weight >= 0 and np.isfinite(weight)):
            raise ValueError(f"weights: {name!r} must be at least 0, got {weight}")
        vectors = check_vectors(f"blocks[{name!r}]", block, rows=rows)
        parts.append(np.sqrt(weight) * _scaled(vectors.astype(np.float64)))
    return np.hstack(parts)


def year_bumps(year: np.ndarray, *, bumps: int = 30, width: float = 0.15) -> np.ndarray:
    """Spread a year over smooth bumps, close together where it is recent.

    A straight line through the years says too little: in MovieLens-100K films
    of the seventies are rated most, those a few years old least, and those of
    the last years are in between. The bumps are Gaussian in log(1 + age), where
    age counts back from the year after the last one.

    Args:
        year: `float[I]`; NaN where it is unknown.
        bumps: Number of bumps, at least 2.
        width: Standard deviation of a bump in log(1 + age), > 0.

    Returns:
        `float64[I, bumps]`; a row of zeros for an unknown year.

    Raises:
        ValueError: If a year is infinite or an argument out of its range.

    Examples:
        >>> year_bumps(np.array([1997.0, 1990.0, np.nan]), bumps=2).round(2)
        array([[1., 0.],
               [0., 1.],
               [0., 0.]])
    """
    check_whole_number("bumps", bumps, 2)
    check_positive("width", width)
    year = np.asarray(year, dtype=np.float64)
    if year.ndim != 1 or np.isinf(year).any():
        raise ValueError("year: must be float[I], finite or NaN where unknown")
    known = ~np.isnan(year)
    out = np.zeros((year.size, bumps))
    if known.any():
        age = np.log1p(year[known].max() + 1 - year[known])
        centres = np.linspace(age.min(), age.max(), bumps)
        out[known] = np.exp(-(((age[:, None] - centres) / width) ** 2) / 2)
    return out


def _scaled(vectors: np.ndarray) -> np.ndarray:
    """Centre the rows that say something, and bring them to one size."""
    known = vectors.any(axis=1)
    out = np.zeros_like(vectors)
    if not known.any():
        return out
    centred = vectors[known] - vectors[known].mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=1).mean())
    rounding = 1e-6 * np.abs(vectors).max()  # float32 has seven digits
    if size > rounding:
        out[known] = centred / size
    return out
