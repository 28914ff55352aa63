"""Bring the scores of new items to the scale of those that are known.

A map from text shrinks what it predicts: the scores of cold items are closer
to the mean than those of warm ones, so in one list the cold ones drown.

Book section 9.1.
"""

import numpy as np
from scipy.sparse import csr_array


def match_scale(
    scores: np.ndarray,
    cold: np.ndarray,
    seen: csr_array,
    *,
    offset: float = 0.0,
) -> np.ndarray:
    """Give each user's cold scores the mean and the spread of his warm ones.

    Warm are the other items, but for those that he has seen: they are in no
    list, and their scores are high.

    Args:
        scores: `float[B, I]`, finite.
        cold: `bool[I]`, which items are cold.
        seen: Sparse `[B, I]`, non-zero where seen.
        offset: How far cold scores are lifted after that, or sunk where it
            is negative, in standard deviations of the user's warm scores.

    Returns:
        `float32[B, I]`, a copy; warm scores as they were. Each user's cold
        scores keep their order. Where they are all equal they become his
        warm mean and the offset. A user with no warm item left keeps what
        he has.

    Raises:
        ValueError: If `offset` is not finite or a shape is another.

    Examples:
        >>> scores = np.array([[1.0, 3.0, 0.1, 0.2]])
        >>> cold = np.array([False, False, True, True])
        >>> match_scale(scores, cold, csr_array((1, 4)), offset=0.5)
        array([[1. , 3. , 1.5, 3.5]], dtype=float32)
    """
    scores = np.array(scores, dtype=np.float64)
    cold = np.asarray(cold)
    if not np.isfinite(offset):
        raise ValueError(f"offset: must be finite, got {offset}")
    if cold.dtype != bool or scores.ndim != 2 or cold.shape != scores.shape[1:]:
        raise ValueError(
            f"cold: must be bool[I], I the columns of scores {scores.shape}, got "
            f"{cold.dtype} of shape {cold.shape}"
        )
    if seen.shape != scores.shape:
        raise ValueError(f"seen: must have shape {scores.shape}, got {seen.shape}")
    warm = np.broadcast_to(~cold, scores.shape).copy()
    warm[seen.nonzero()] = False
    mean, spread = _moments(scores, warm)
    of_cold = scores[:, cold]
    if of_cold.shape[1]:
        standard = of_cold - of_cold.mean(axis=1, keepdims=True)
        own = of_cold.std(axis=1, keepdims=True)
        standard = np.divide(standard, own, out=np.zeros_like(standard), where=own > 0)
        matched = mean + (standard + offset) * spread
        scores[:, cold] = np.where(warm.any(axis=1, keepdims=True), matched, of_cold)
    return scores.astype(np.float32)


def _moments(scores: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each row where the mask is set."""
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    mean = np.where(mask, scores, 0).sum(axis=1, keepdims=True) / count
    away = np.where(mask, scores - mean, 0)
    return mean, np.sqrt((away**2).sum(axis=1, keepdims=True) / count)
