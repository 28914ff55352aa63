"""What the tables of items and users share: columns that cannot change."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array


def frozen_column(name: str, values: Sequence, dtype: type, shape: tuple) -> np.ndarray:
    """Copy a column, check its shape and make it read-only.

    Args:
        name: What an error calls it.
        values: Anything `np.array` takes. For `dtype=str` every value must
            be a string already: None does not become "None".
        dtype: `bool`, `int`, `float` or `str`.
        shape: What the column must have, `(N,)` or `(N, G)`.

    Raises:
        ValueError: If the shape differs, a value is not a string where one
            is due, or a value would change on its way to `dtype`.

    Examples:
        >>> frozen_column("age", [24, 53], int, (2,))
        array([24, 53])
        >>> frozen_column("age", [24.5, 53], int, (2,))
        Traceback (most recent call last):
        ...
        ValueError: age: must hold int, got 24.5
    """
    if dtype is str:
        for row, value in enumerate(values):
            if not isinstance(value, str):
                raise ValueError(f"{name}: must be strings, got {value!r} in row {row}")
    given = np.array(values, dtype=str if dtype is str else None)
    if given.size == 0 and 0 in shape:
        given = given.reshape(shape)
    if given.shape != shape:
        raise ValueError(f"{name}: must have shape {shape}, got {given.shape}")
    with np.errstate(invalid="ignore"):
        column = given.astype(dtype)
    changed = (column != given) & ~((column != column) & (given != given))  # not NaN
    if changed.any():
        raise ValueError(f"{name}: must hold {dtype.__name__}, got {given[changed][0]}")
    column.flags.writeable = False
    return column


def distinct_ids(name: str, ids: Sequence) -> pd.Index:
    """Return ids as an index; ValueError names those that occur twice."""
    ids = pd.Index(ids, name=None)
    if not ids.is_unique:
        twice = ids[ids.duplicated()].unique().tolist()[:3]
        raise ValueError(f"{name}: must be distinct, got {twice} more than once")
    return ids


def frozen_matrix(matrix: csr_array) -> csr_array:
    """Make a sparse matrix read-only, in place, and return it.

    Examples:
        >>> matrix = frozen_matrix(csr_array([[0.0, 2.0]]))
        >>> matrix.data[0] = 1.0
        Traceback (most recent call last):
        ...
        ValueError: assignment destination is read-only
    """
    for part in (matrix.data, matrix.indices, matrix.indptr):
        part.flags.writeable = False
    return matrix
