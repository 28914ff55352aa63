"""A map: vectors of many dimensions laid out in two.

Nothing is drawn at random, and rounding decides nothing: a map is the same on
every machine.

Book section 3.3.
"""

import numpy as np
from scipy.linalg import eigh

from recsys_ref.content.axes import fixed_signs, principal_axes
from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.vectors import check_vectors, unit_rows

GRAVITY = 0.01  # ties to all others together, where a neighbour's is up to 2
ALIKE = 1e-6  # squared distances below are rounding errors of float32


def pca_layout(vectors: np.ndarray) -> np.ndarray:
    """Lay vectors out along the two directions in which they differ most.

    Args:
        vectors: `float[N, D]`, finite, N at least 1.

    Returns:
        `float64[N, 2]`, in the units of `vectors`, mean 0. A direction that
        the vectors do not have is 0 for all; equal vectors share a place. If
        the two strongest directions are equally strong, the map is
        determined only up to a rotation.

    Raises:
        ValueError: If `vectors` is empty, of another shape or not finite.

    Examples:
        >>> pca_layout(np.array([[1.0, 0.0, 1.0], [3.0, 0.0, 1.0]]))
        array([[ 1., 0.],
               [-1., 0.]])
    """
    vectors = _at_least(1, vectors)
    mean, axes, _ = principal_axes(vectors)
    places = np.zeros((len(vectors), 2))
    axes = axes[:2]
    places[:, : len(axes)] = (vectors - mean) @ axes.T
    return fixed_signs(places)


def spectral_layout(vectors: np.ndarray, *, neighbours: int = 15) -> np.ndarray:
    """Lay vectors out so that near neighbours come near each other.

    Laplacian eigenmaps. A row is tied to each row that is nearer than its own
    `neighbours`-th neighbour, by 1 - d^2 / s^2, where d^2 = 2 - 2 cosine and
    s is the distance of that neighbour; so the ties fade out, and a rounding
    error makes none and breaks none. They are added to their transpose, and
    all pairs are tied by another 0.01 / N, so that no part of the map floats
    free. Of all ways to set the rows on two uncorrelated axes of equal spread
    (a row weighing as much as its ties), this one makes the sum of the
    squared distances along the ties least.

    t-SNE keeps more neighbours together, but the last bit of a number decides
    what its map looks like.

    Args:
        vectors: `float[N, D]`, finite, N at least 3. Their lengths do not
            matter; the cosine with a vector of zeros counts as 0.
        neighbours: In rows, at least 2; all, if there are fewer.

    Returns:
        `float64[N, 2]`; each axis has its largest size at 1. All 0 if the
        directions are all the same. If the two axes tie equally well, the
        map is determined only up to a mixture of both. Costs O(N^2 D + N^3)
        time (0.5 s at 1,682 rows) and about 32 N^2 bytes.

    Raises:
        ValueError: If `vectors` has fewer than 3 rows, another shape or is
            not finite, or `neighbours` < 2.

    References:
        Belkin and Niyogi (2003), https://doi.org/10.1162/089976603321780317

    Examples:
        >>> angle = np.array([0.0, 0.1, 0.2, 1.5, 1.6, 1.7])
        >>> directions = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        >>> np.sign(spectral_layout(directions, neighbours=2)[:, 0])
        array([ 1.,  1.,  1., -1., -1., -1.])
    """
    vectors = _at_least(3, vectors)
    check_whole_number("neighbours", neighbours, 2)
    ties = _ties(
        unit_rows(vectors.astype(np.float64)), min(neighbours, len(vectors) - 1)
    )
    if ties is None:
        return np.zeros((len(vectors), 2))
    degree = ties.sum(axis=1)
    ties /= np.sqrt(degree[:, None] * degree)
    last = [len(ties) - 3, len(ties) - 1]
    _, columns = eigh(ties, subset_by_index=last, overwrite_a=True)
    places = columns[:, 1::-1] / np.sqrt(degree)[:, None]  # not the constant one
    return fixed_signs(places / np.abs(places).max(axis=0))


def _ties(units: np.ndarray, neighbours: int) -> np.ndarray | None:
    """Return `float64[N, N]`, how strongly rows are tied; None if all are alike."""
    squares = (units**2).sum(axis=1)
    apart = np.maximum(squares[:, None] + squares - 2 * units @ units.T, 0)
    np.fill_diagonal(apart, 0)
    if apart.max() < ALIKE:
        return None
    reach = np.partition(apart, neighbours, axis=1)[:, neighbours, None]
    ties = np.maximum(1 - apart / np.maximum(reach, ALIKE), 0)
    return ties + ties.T + GRAVITY / len(units)


def _at_least(n: int, vectors: np.ndarray) -> np.ndarray:
    vectors = check_vectors("vectors", vectors)
    if len(vectors) < n:
        raise ValueError(f"vectors: need at least {n}, got shape {vectors.shape}")
    return vectors
