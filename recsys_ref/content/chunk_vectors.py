"""One vector for many windows of a text, or one score.

Book section 9.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from recsys_ref.content.long_text import chunk
from recsys_ref.data.vectors import check_vectors, unit_rows
from recsys_ref.lm.encode import count_tokens, encode
from recsys_ref.lm.text_model import TextModel

Pooling = Literal["mean", "max", "length", "similar"]


def pool_chunks(
    vectors: np.ndarray,
    how: Pooling = "mean",
    *,
    lengths: np.ndarray | None = None,
    query: np.ndarray | None = None,
    temperature: float = 0.1,
) -> np.ndarray:
    """Make one vector of C.

    Args:
        vectors: `float[C, D]`, finite, one a window.
        how: `mean`; `max` of each coordinate; `length`, the mean weighted by
            tokens; `similar`, the mean weighted by
            softmax(cosine with the query / temperature).
        lengths: `float[C]`, not negative, for `length`. If all are 0, all
            windows count alike.
        query: `float[D]`, for `similar`. With a query of zeros, as with windows
            that are all alike, all count alike.
        temperature: > 0, for `similar`: near 0 the best window alone counts,
            and if it is large, all count alike.

    Returns:
        `float32[D]`; zeros if C is 0. Windows that are all equal give that vector.

    Raises:
        ValueError: If `how` is something else, a shape does not fit, a number is
            not finite, or `temperature` is not positive.

    Examples:
        >>> windows = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> pool_chunks(windows).round(2)
        array([0.67, 0.33], dtype=float32)
        >>> pool_chunks(windows, "length", lengths=np.array([10, 10, 20]))
        array([0.5, 0.5], dtype=float32)
        >>> pool_chunks(windows, "similar", query=np.array([0.0, 2.0])).round(2)
        array([0., 1.], dtype=float32)
    """
    if how not in get_args(Pooling):
        raise ValueError(f"how: must be one of {get_args(Pooling)}, got {how!r}")
    vectors = check_vectors("vectors", vectors).astype(np.float64)
    weights = np.ones(len(vectors))
    if how == "length":
        weights = _lengths(lengths, len(vectors))
    elif how == "similar":
        weights = _closeness(vectors, query, temperature)[0]
    if not len(vectors):
        return np.zeros(vectors.shape[1], dtype=np.float32)
    if how == "max":
        return vectors.max(axis=0).astype(np.float32)
    return (weights / weights.sum() @ vectors).astype(np.float32)


@dataclass(frozen=True, eq=False, repr=False)
class ChunkVectors:
    """The windows of N texts as C vectors, in order.

    Attributes:
        vectors: `float32[C, D]`.
        text: `int64[C]`, the text, from 0, of which each is a window.
        tokens: `int64[C]`, tokens of each, those that the model adds included.
        n_texts: N.
    """

    vectors: np.ndarray
    text: np.ndarray
    tokens: np.ndarray
    n_texts: int

    def __repr__(self) -> str:
        return (
            f"ChunkVectors({self.n_texts:,} texts, {len(self.vectors):,} windows, "
            f"{self.tokens.sum():,} tokens)"
        )

    def of(self, row: int) -> np.ndarray:
        """Return `float32[c, D]`, the windows of one text."""
        return self.vectors[self.text == row]

    def pool(
        self,
        how: Pooling = "mean",
        *,
        query: np.ndarray | None = None,
        temperature: float = 0.1,
    ) -> np.ndarray:
        """Return `float32[N, D]`, see `pool_chunks`; zeros for a text without any."""
        rows = [
            pool_chunks(
                self.of(row),
                how,
                lengths=self.tokens[self.text == row],
                query=query,
                temperature=temperature,
            )
            for row in range(self.n_texts)
        ]
        return np.array(rows, dtype=np.float32).reshape(self.n_texts, -1)

    def score(self, items: np.ndarray, *, temperature: float = 0.1) -> np.ndarray:
        """Score items by the windows that are like them.

        The score is the inner product of an item with the text's vector that is
        pooled for it: `pool("similar", query=item) @ item`.

        Args:
            items: `float[I, D]`, finite.
            temperature: See `pool_chunks`.

        Returns:
            `float32[N, I]`; 0 for a text without windows.
        """
        items = check_vectors("items", items).astype(np.float64)
        scores = np.zeros((self.n_texts, len(items)), dtype=np.float32)
        for row in np.unique(self.text):
            windows = self.of(row).astype(np.float64)
            weights = _closeness(windows, items, temperature)
            weights /= weights.sum(axis=1, keepdims=True)
            scores[row] = (weights * (items @ windows.T)).sum(axis=1)
        return scores


def encode_chunks(
    model: TextModel,
    texts: Iterable[str],
    *,
    size: int | None = None,
    overlap: int = 0,
    **encode_options,
) -> ChunkVectors:
    """Cut texts into windows that fit, and encode each.

    Args:
        model: What `load_encoder` or `load_causal` gave.
        texts: N texts; one that says nothing has no windows.
        size: See `content.long_text.chunk`.
        overlap: See there.
        encode_options: Passed on to `lm.encode.encode`.

    Raises:
        ValueError: As `chunk` and `encode`.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> windows = encode_chunks(load_encoder(), ["toys " * 600, ""])
        >>> windows
        ChunkVectors(2 texts, 3 windows, 606 tokens)
        >>> np.abs(windows.pool()).max(axis=1) > 0
        array([ True, False])
    """
    parts = [chunk(model, text, size=size, overlap=overlap) for text in texts]
    windows = [window for part in parts for window in part]
    return ChunkVectors(
        vectors=encode(model, windows, **encode_options),
        text=np.repeat(np.arange(len(parts)), [len(part) for part in parts]),
        tokens=count_tokens(model, windows),
        n_texts=len(parts),
    )


def _lengths(lengths: np.ndarray | None, n: int) -> np.ndarray:
    lengths = np.asarray(lengths, dtype=np.float64)
    if lengths.shape != (n,) or not (lengths >= 0).all() or np.isinf(lengths).any():
        raise ValueError(
            f"lengths: must be {n} finite numbers, not negative, got {lengths!r}"
        )
    return lengths if lengths.any() else np.ones(n)


def _closeness(
    vectors: np.ndarray, queries: np.ndarray | None, temperature: float
) -> np.ndarray:
    """Return `float64[Q, C]`, weights that do not sum to 1 yet, the largest 1."""
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature: must be > 0 and finite, got {temperature}")
    if queries is None:
        raise ValueError("query: needed for how='similar', got None")
    queries = check_vectors("query", np.atleast_2d(queries))
    if queries.shape[1] != vectors.shape[1]:
        raise ValueError(
            f"query: must have length {vectors.shape[1]}, as the windows, "
            f"got {queries.shape[1]}"
        )
    cosine = unit_rows(queries.astype(np.float64)) @ unit_rows(vectors).T
    best = cosine.max(axis=1, keepdims=True, initial=-1)
    return np.exp((cosine - best) / temperature)
