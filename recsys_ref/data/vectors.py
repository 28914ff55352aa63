"""Arrays of vectors, one a row: what is asked of them, and their lengths.

Book section 3.3.
"""

import numpy as np


def check_vectors(
    name: str, vectors: np.ndarray, *, rows: int | None = None
) -> np.ndarray:
    """Return vectors as numbers, or say what is wrong with them.

    Args:
        name: What the caller calls them.
        vectors: `float[N, D]`, D at least 1, finite. Whole numbers will do.
        rows: N, where it is known.

    Returns:
        `float32[N, D]` if they are, else `float64[N, D]`.

    Raises:
        ValueError: If the shape is another or a number is not finite.

    Examples:
        >>> check_vectors("item_vectors", np.array([[1.0, np.nan]]))
        Traceback (most recent call last):
            ...
        ValueError: item_vectors: must be finite, got nan in row 0, column 1
    """
    vectors = np.asarray(vectors)
    if vectors.dtype != np.float32:
        if vectors.dtype.kind not in "iuf":
            raise ValueError(f"{name}: must be real numbers, got {vectors.dtype}")
        vectors = vectors.astype(np.float64)
    wanted = "N" if rows is None else rows
    right = vectors.ndim == 2 and vectors.shape[1] and wanted in ("N", len(vectors))
    if not right:
        raise ValueError(
            f"{name}: must have shape [{wanted}, D], D > 0, got {vectors.shape}"
        )
    finite = np.isfinite(vectors)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise ValueError(
            f"{name}: must be finite, got {vectors[row, column]} "
            f"in row {row}, column {column}"
        )
    return vectors


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Bring every vector to length 1.

    A vector of zeros has no direction and stays as it is, so its cosine with
    any other counts as 0.

    Args:
        vectors: `float[N, D]`, finite.

    Returns:
        The same shape and type.

    Examples:
        >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    # First by the largest entry: the squares of what is left cannot overflow.
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = np.divide(vectors, largest, out=np.zeros_like(vectors), where=largest > 0)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.divide(scaled, length, out=scaled, where=length > 0)
