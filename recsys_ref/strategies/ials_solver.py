"""The half-turn of implicit ALS: all rows' normal equations at once."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from scipy.sparse import csr_array

CHUNK = 4096  # entries whose factors are gathered at once, to stay in cache


@dataclass(frozen=True, eq=False)
class RowSystems:
    """The systems of one side: R rows (say users) against C columns (items).

    Attributes:
        extra: Sparse `float32[R, C]`, confidence beyond 1, N entries.
        row: `int64[N]`, the row of each entry.
        column: `int64[N]`, its column.
        confidence: `float64[R]`, summed over all C cells of a row.
        mean: The mean over the rows of `confidence` to the exponent.
        l2: `float32[R, 1]`.
    """

    extra: csr_array
    row: np.ndarray
    column: np.ndarray
    confidence: np.ndarray
    mean: float
    l2: np.ndarray

    @classmethod
    def of(
        cls, extra: csr_array, l2: float, exponent: float, mean: float | None = None
    ) -> Self:
        """Set up the systems.

        Args:
            extra: Sparse `float32[R, C]`.
            l2: See `IALS`.
            exponent: See `IALS.l2_exponent`.
            mean: Of other rows, which `l2` is the mean strength of. Default:
                of these.
        """
        row = np.repeat(np.arange(extra.shape[0]), np.diff(extra.indptr))
        confidence = extra.shape[1] + extra.sum(axis=1, dtype=np.float64)
        scale = confidence**exponent
        mean = float(scale.mean()) if mean is None else mean
        scale *= l2 / mean
        column = extra.indices.astype(np.int64)
        ridge = scale.astype(np.float32)[:, None]
        return cls(extra, row, column, confidence, mean, ridge)

    def solve(self, y: np.ndarray) -> np.ndarray:
        """Solve every row's normal equations, one row after another.

        Args:
            y: `float32[C, D]`, held fixed.

        Returns:
            `float32[R, D]`, where the steps of `improve` lead to.
        """
        y = y.astype(np.float64)
        gram = y.T @ y
        x = np.zeros((len(self.l2), y.shape[1]), dtype=np.float32)
        for row, (start, stop) in enumerate(pairwise(self.extra.indptr.tolist())):
            if start < stop:  # without entries b is 0, and so is x
                own, extra = y[self.column[start:stop]], self.extra.data[start:stop]
                matrix = gram + own.T @ (extra[:, None] * own)
                matrix.flat[:: len(matrix) + 1] += self.l2[row]
                x[row] = np.linalg.solve(matrix, own.T @ (1 + extra))
        return x

    def improve(
        self, x: np.ndarray, y: np.ndarray, predicted: np.ndarray, steps: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take conjugate gradient steps on every row's normal equations.

        Row u solves A x = b with A = Y^T Y + sum of extra y y^T + l2 and
        b = sum of (1 + extra) y, the sums over its entries.

        Args:
            x: `float32[R, D]`, where to start.
            y: `float32[C, D]`, held fixed.
            predicted: `float32[N]`, x . y of each entry.
            steps: At least 1.

        Returns:
            The new `x` and its `predicted`.
        """
        extra = self.extra.data
        gram = y.T @ y
        mean = self._mean_inverse(y, gram)
        residual = self._weigh(1 + extra - extra * predicted, y) - x @ gram
        residual -= self.l2 * x
        direction = towards = residual @ mean
        slope = _row_dot(residual, towards)
        for step in range(steps):
            if step:
                towards = residual @ mean
                last, slope = slope, _row_dot(residual, towards)
                direction = towards + _ratio(slope, last)[:, None] * direction
            along = self._predict(direction, y)
            bend = direction @ gram + self.l2 * direction
            curvature = _row_dot(direction, bend) + np.bincount(
                self.row, extra * along * along, minlength=len(x)
            )
            length = _ratio(slope, curvature)
            x = x + length[:, None] * direction
            predicted = predicted + length[self.row] * along
            if step < steps - 1:
                bend += self._weigh(extra * along, y)
                residual = residual - length[:, None] * bend
        return x, predicted

    def loss(self, x: np.ndarray, y: np.ndarray, predicted: np.ndarray) -> float:
        """Return the loss but for the columns' penalty."""
        everywhere = np.vdot(x.T @ x, y.T @ y)  # sum of all (x . y)^2
        error = (1 + self.extra.data) * (1 - predicted) ** 2 - predicted**2
        return float(everywhere + error.sum(dtype=np.float64)) + self.penalty(x)

    def penalty(self, x: np.ndarray) -> float:
        """Return the sum of `l2 |x|^2`."""
        return float((self.l2 * x * x).sum(dtype=np.float64))

    def _mean_inverse(self, y: np.ndarray, gram: np.ndarray) -> np.ndarray:
        """Invert the mean of the rows' matrices, `float32[D, D]`."""
        weight = self.extra.sum(axis=0)[:, None] / len(self.l2)
        mean = (gram + y.T @ (weight * y)).astype(np.float64)
        mean.flat[:: len(mean) + 1] += self.l2.mean()
        return np.linalg.inv(mean).astype(np.float32)

    def _predict(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return x . y of each entry, `float32[N]`."""
        products = np.empty(len(self.row), dtype=np.float32)
        for start in range(0, len(products), CHUNK):
            part = slice(start, start + CHUNK)
            left = np.take(x, self.row[part], axis=0)
            right = np.take(y, self.column[part], axis=0)
            np.einsum("nd,nd->n", left, right, out=products[part])
        return products

    def _weigh(self, weights: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Sum each row's entries, weights times y, `float32[R, D]`."""
        part = (weights, self.extra.indices, self.extra.indptr)
        return csr_array(part, shape=self.extra.shape) @ y


def _row_dot(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.einsum("rd,rd->r", left, right)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide, 0 where there is nothing to divide by: a solved row rests."""
    out = np.zeros(len(above), dtype=np.float32)
    return np.divide(above, below, out=out, where=below > 0, casting="same_kind")
