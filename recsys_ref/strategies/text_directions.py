"""Item vectors as a strategy that mixes them with events wants them.

Book section 9.2.
"""

import numpy as np

from recsys_ref.data.vectors import check_vectors, unit_rows

ROUNDING = 1e-6  # what is shorter than this share of the vectors is rounding


def text_directions(item_vectors: np.ndarray, n_items: int) -> np.ndarray:
    """Subtract the mean, and keep of what is left the direction alone.

    A vector of zeros stands for an item without a text. It has no part in the
    mean and stays zero, as does every vector that is the mean but for
    rounding. So constant vectors, which say nothing, become zeros.

    Args:
        item_vectors: `float[I, D]`, finite; zeros where an item has no text.
        n_items: I.

    Returns:
        `float32[I, D]`, rows of length 1 or 0.

    Raises:
        ValueError: If the shape is another or a number is not finite.

    Examples:
        >>> vectors = np.array([[3.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
        >>> text_directions(vectors, 3)
        array([[ 1.,  0.],
               [-1.,  0.],
               [ 0.,  0.]], dtype=float32)
    """
    vectors = check_vectors("item_vectors", item_vectors, rows=n_items)
    vectors = vectors.astype(np.float64)
    told = vectors.any(axis=1)
    if not told.any():
        return np.zeros(vectors.shape, dtype=np.float32)
    longest = np.linalg.norm(vectors, axis=1).max()
    vectors[told] -= vectors[told].mean(axis=0)
    vectors[np.linalg.norm(vectors, axis=1) <= ROUNDING * longest] = 0
    return unit_rows(vectors).astype(np.float32)
