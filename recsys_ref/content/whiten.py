"""Make room between vectors that all point the same way.

A language model's vectors lie in a narrow cone: any two texts look alike.
Each estimator here learns from some vectors, of the training items say, and
can then be applied to others.

Book section 3.3; section 4 derives why it helps a product U V^T.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from recsys_ref.content.axes import principal_axes
from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.vectors import check_vectors, unit_rows


def mean_cosine(vectors: np.ndarray) -> float:
    """Average the cosine over all pairs of different rows: 0 if isotropic.

    Args:
        vectors: `float[N, D]`, finite. The cosine with a vector of zeros
            counts as 0.

    Returns:
        From -1 / (N - 1) to 1; NaN for fewer than two vectors. Exact, yet of
        cost O(N D): the sum over all pairs is the squared length of the sum.

    Raises:
        ValueError: If `vectors` has another shape or is not finite.

    Examples:
        >>> mean_cosine(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]))
        1.0
    """
    units = unit_rows(check_vectors("vectors", vectors).astype(np.float64))
    n = len(units)
    if n < 2:
        return float("nan")
    total = units.sum(axis=0)
    return float((total @ total - (units**2).sum()) / (n * (n - 1)))


def effective_rank(vectors: np.ndarray) -> float:
    """Count the directions that vectors really use.

    The participation ratio of the variances along the principal axes,
    (sum v)^2 / sum v^2: R if R axes share the variance evenly, near 1 if one
    has nearly all of it.

    Args:
        vectors: `float[N, D]`, finite.

    Returns:
        From 1 to min(N - 1, D); NaN if all vectors are equal.

    Raises:
        ValueError: If `vectors` has another shape or is not finite.

    Examples:
        >>> effective_rank(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
        2.0
    """
    variances = _axes(vectors)[2]
    if not variances.size:
        return float("nan")
    return float(variances.sum() ** 2 / (variances**2).sum())


@dataclass(eq=False)
class Centring:
    """Subtract the mean, and with it what all texts have in common.

    Vectors that are all equal become zeros.

    Attributes:
        mean_: `float64[D]`; set by `fit`.

    Examples:
        >>> Centring().fit(np.array([[1.0], [3.0]])).transform(np.array([[5.0]]))
        array([[3.]], dtype=float32)
    """

    mean_: np.ndarray = field(init=False, repr=False)

    def fit(self, vectors: np.ndarray) -> Self:
        """Learn the mean of `float[N, D]`, finite, N at least 1."""
        vectors = _some("vectors", vectors)
        self.mean_ = vectors.mean(axis=0, dtype=np.float64)
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Return `float32[M, D]`; RuntimeError before `fit`."""
        return _centred(self, vectors).astype(np.float32)


@dataclass(eq=False)
class ABTT:
    """All but the top: subtract the mean, and drop the strongest directions.

    Vectors that vary in fewer directions than are dropped become zeros.

    Attributes:
        components: Directions to drop, at least 0; 0 only centres. The
            authors propose about D / 100.
        mean_: `float64[D]`; set by `fit`.
        dropped_: `float64[C, D]`, orthonormal; C is `components`, or the
            rank of the vectors if that is less. Set by `fit`.

    Raises:
        ValueError: From `fit`, if `components` is negative.

    References:
        Mu and Viswanath (2018), https://arxiv.org/abs/1702.01417

    Examples:
        >>> vectors = np.array([[9.0, 1.0], [-9.0, 1.0], [0.0, 4.0]])
        >>> ABTT(components=1).fit(vectors).transform(vectors)
        array([[ 0., -1.],
               [ 0., -1.],
               [ 0.,  2.]], dtype=float32)
    """

    components: int = 3
    mean_: np.ndarray = field(init=False, repr=False)
    dropped_: np.ndarray = field(init=False, repr=False)

    def fit(self, vectors: np.ndarray) -> Self:
        """Learn mean and directions of `float[N, D]`, finite, N at least 1."""
        check_whole_number("components", self.components, 0)
        mean, axes, _ = _axes(vectors)
        self.mean_, self.dropped_ = mean, axes[: self.components]
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Return `float32[M, D]`; RuntimeError before `fit`."""
        centred = _centred(self, vectors)
        return (centred - centred @ self.dropped_.T @ self.dropped_).astype(np.float32)


@dataclass(eq=False)
class Whitening:
    r"""Turn to the principal axes, keep the first d, give all one variance.

    Without shrinkage the covariance of the fitted vectors becomes the
    identity (divisor N - 1). With shrinkage a the variance v along an axis is
    taken for (1 - a) v + a m, where m is the mean of all D variances: weak
    axes, which are mostly noise, are blown up less; at 1 nothing is.

    Attributes:
        dimensions: d, how many axes to keep. None: all that there are.
        shrinkage: a, in [0, 1].
        mean_: `float64[D]`; set by `fit`.
        projection_: `float64[D, d]`, set by `fit`: the scaled axes.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range, or
            the vectors vary in fewer than d directions: along the others
            there is nothing to scale but rounding errors. So equal vectors
            cannot be whitened at all.

    References:
        Su et al. (2021), https://arxiv.org/abs/2103.15316

    Examples:
        >>> vectors = np.array([[9.0, 0.0], [-9.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
        >>> white = Whitening().fit(vectors).transform(vectors)
        >>> np.cov(white.T).round(3)
        array([[1., 0.],
               [0., 1.]])
    """

    dimensions: int | None = None
    shrinkage: float = 0.0
    mean_: np.ndarray = field(init=False, repr=False)
    projection_: np.ndarray = field(init=False, repr=False)

    def fit(self, vectors: np.ndarray) -> Self:
        """Learn mean, axes and variances of `float[N, D]`, finite."""
        if self.dimensions is not None:
            check_whole_number("dimensions", self.dimensions, 1)
        if not 0 <= self.shrinkage <= 1:
            raise ValueError(f"shrinkage: must be in [0, 1], got {self.shrinkage}")
        mean, axes, variances = _axes(vectors)
        wanted, rank = self.dimensions or 1, len(axes)
        if rank < wanted:
            raise ValueError(
                f"dimensions: {self.dimensions}, but the vectors vary in {rank} "
                f"directions (there are {len(vectors)} of length {mean.size})"
            )
        kept = slice(self.dimensions)
        typical = variances.sum() / mean.size
        scale = (1 - self.shrinkage) * variances + self.shrinkage * typical
        self.mean_ = mean
        self.projection_ = (axes[kept] / np.sqrt(scale[kept])[:, None]).T
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Return `float32[M, d]`; RuntimeError before `fit`."""
        return (_centred(self, vectors) @ self.projection_).astype(np.float32)


def _some(name: str, vectors: np.ndarray) -> np.ndarray:
    vectors = check_vectors(name, vectors)
    if not len(vectors):
        raise ValueError(f"{name}: need at least one, got shape {vectors.shape}")
    return vectors


def _axes(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return principal_axes(_some("vectors", vectors))


def _centred(fitted: Centring | ABTT | Whitening, vectors: np.ndarray) -> np.ndarray:
    if not hasattr(fitted, "mean_"):
        raise RuntimeError(f"{type(fitted).__name__}: call fit first")
    vectors = check_vectors("vectors", vectors)
    if vectors.shape[1] != fitted.mean_.size:
        raise ValueError(
            f"vectors: must have length {fitted.mean_.size}, as those fitted, "
            f"got {vectors.shape[1]}"
        )
    return vectors - fitted.mean_
