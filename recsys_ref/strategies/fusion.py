"""Early and late fusion: several modalities say what a new item is.

A modality is one kind of description: genres, a year, a title's vector, a
picture's, a sound's. Each is a block, one row an item, and a row of zeros says
that an item has none, as in `content.blocks`. Early fusion joins the blocks
before one map is learned; late fusion learns a map for each and adds up what
they say. `strategies.gate` lets the weights of the sum depend on who asks and
what is asked for.

Book section 8.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recsys_ref.content.blocks import stack_blocks
from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.vectors import check_vectors
from recsys_ref.strategies.cold_start import text_map
from recsys_ref.strategies.standardized import standardized

TINY = 1e-9  # keeps a logarithm finite where nothing varies


def drop_blocks(
    blocks: Mapping[str, np.ndarray],
    *,
    share: float,
    rng: np.random.Generator | int,
    rows: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Take each modality away from items drawn at random, each by itself.

    Args:
        blocks: `float[I, D]` each, by name.
        share: Share of the items that lose a modality, in [0, 1]. Exactly
            this share of `rows`, rounded, drawn anew for each block.
        rng: Seed or generator of the draws.
        rows: `int64[N]`, the items that can lose it. Default: all.

    Returns:
        Copies with rows of zeros. An item may lose all it has.

    Raises:
        ValueError: If there is no block, or `share` is not in [0, 1].

    Examples:
        >>> gone = drop_blocks({"a": np.ones((4, 1))}, share=0.5, rng=0)
        >>> gone["a"].ravel()
        array([1., 1., 0., 0.])
    """
    if not blocks:
        raise ValueError("blocks: need at least one, got none")
    if not 0 <= share <= 1:
        raise ValueError(f"share: must be in [0, 1], got {share}")
    rng = np.random.default_rng(rng)
    out = {name: np.array(block, np.float64) for name, block in blocks.items()}
    if rows is None:
        rows = np.arange(len(next(iter(out.values()))))
    for block in out.values():
        block[rng.choice(rows, round(share * len(rows)), replace=False)] = 0.0
    return out


def early_map(
    blocks: Mapping[str, np.ndarray],
    warm: np.ndarray,
    cold: np.ndarray,
    *,
    weights: Mapping[str, float] | None = None,
    l2: float,
    width: float | None = None,
    copies: int = 0,
    share: float = 0.5,
    rng: np.random.Generator | int = 0,
) -> np.ndarray:
    """Join the blocks, and learn one map from warm items to cold ones.

    With a Gaussian of distances, joining multiplies: the kernel of two items
    is the product of what each block alone would give, so they count as alike
    only if they are alike in every modality.

    With modality dropout the map also learns from copies of the warm items
    that lack some of their blocks. It then knows what to expect of an item
    that lacks some, too.

    Args:
        blocks: `float[I, D]` each, by name; zeros where an item has none.
        warm: `int64[W]`, items with events.
        cold: `int64[C]`, items without.
        weights: See `content.blocks.stack_blocks`.
        l2: See `cold_start.text_map`.
        width: See `cold_start.text_map`.
        copies: How many copies of each warm item to learn from as well, at
            least 0.
        share: Share of the copies that lack a block.
        rng: Seed of what the copies lack.

    Returns:
        `float64[W, C]`: scores of warm items times it are those of cold
        ones. Costs O(N^3) time with N = (1 + copies) W.

    Raises:
        ValueError: As `stack_blocks`, `text_map` and `drop_blocks`, or if
            `copies` is negative.

    References:
        Neverova et al. (2016), https://arxiv.org/abs/1501.00102, drop
        modalities in training so that any may be missing later.

    Examples:
        >>> blocks = {"a": np.array([[1.0], [-1.0], [1.0]]), "b": np.eye(3)}
        >>> early_map(blocks, np.array([0, 1]), np.array([2]), l2=0.1).round(2)
        array([[0.79],
               [0.21]])
    """
    check_whole_number("copies", copies, 0)
    vectors = stack_blocks(blocks, weights)
    rng = np.random.default_rng(rng)
    rows = [vectors[warm]]
    edges = np.cumsum([0, *(np.shape(block)[1] for block in blocks.values())])
    for _ in range(copies):
        parts = {
            str(n): vectors[warm, start:stop]
            for n, (start, stop) in enumerate(pairwise(edges))
        }
        rows.append(np.hstack(list(drop_blocks(parts, share=share, rng=rng).values())))
    carried = text_map(np.vstack(rows), vectors[cold], l2=l2, width=width)
    return carried.reshape(1 + copies, len(warm), len(cold)).sum(axis=0)


@dataclass(frozen=True, eq=False)
class Parts:
    """What each modality says of the cold items, and how decidedly.

    Attributes:
        names: The M modalities.
        scores: `float32[M, U, C]`: each user's scores in standard deviations
            above his mean over the cold items that have the modality. An item
            that lacks it gets 0, that mean.
        present: `bool[C, M]`, which items have which modality.
        focus: `float64[C, M]`: how far the map's weights of an item are from
            1 / W each, as the logarithm of the root of the sum of squares.
            High: like a few warm items. Low: like none, and so the mean of
            all. An item that lacks the modality gets the mean of the others.
        spread: `float64[U, M]`: logarithm of the standard deviation that was
            divided out. High: the modality parts this user's items.
    """

    names: tuple[str, ...]
    scores: np.ndarray
    present: np.ndarray
    focus: np.ndarray
    spread: np.ndarray


def late_parts(
    scores: np.ndarray,
    blocks: Mapping[str, np.ndarray],
    warm: np.ndarray,
    cold: np.ndarray,
    maps: Mapping[str, Mapping[str, float]],
) -> Parts:
    """Let each modality alone score the cold items.

    Args:
        scores: `float[U, W]`, what a behavioural model gives warm items.
        blocks: `float[I, D]` each, by name; zeros where an item has none.
        warm: `int64[W]`, items with events.
        cold: `int64[C]`, items without.
        maps: The `l2` and `width` of `text_map` for each block that is to
            take part, by name.

    Returns:
        One part for each name of `maps`, in that order.

    Raises:
        KeyError: If there is no block of a name.
        ValueError: As `stack_blocks` and `text_map`, or if `scores` has not
            one column for each warm item.
    """
    scores = check_vectors("scores", scores)
    if scores.shape[1] != len(warm):
        raise ValueError(
            f"scores: must have one column for each of {len(warm)} warm items, "
            f"got shape {scores.shape}"
        )
    size = len(maps)
    parts = np.zeros((size, len(scores), len(cold)), dtype=np.float32)
    present = np.zeros((len(cold), size), dtype=bool)
    focus = np.zeros((len(cold), size))
    spread = np.zeros((len(scores), size))
    for m, (name, how) in enumerate(maps.items()):
        vectors = stack_blocks({name: blocks[name]})
        has = np.asarray(blocks[name]).any(axis=1)
        learn, told = has[warm], has[cold]
        present[:, m] = told
        if not learn.any() or not told.any():
            continue
        carried = text_map(vectors[warm[learn]], vectors[cold[told]], **how)
        said = scores[:, learn] @ carried.astype(np.float32)
        parts[m][:, told] = standardized(said)
        away = ((carried - 1 / len(carried)) ** 2).sum(axis=0)
        focus[told, m] = np.log(away + TINY) / 2
        focus[~told, m] = focus[told, m].mean()
        spread[:, m] = np.log(said.std(axis=1) + TINY)
    return Parts(tuple(maps), parts, present, focus, spread)


def late_fusion(parts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up what the modalities say, with one weight for each.

    With Gaussians this adds kernels where early fusion multiplies them: an
    item counts as alike if it is alike in any modality.

    Args:
        parts: `float[M, U, C]`, the scores of `Parts`.
        weights: `float[M]`, finite.

    Returns:
        `float32[U, C]`.

    Raises:
        ValueError: If there is not one finite weight for each part.

    Examples:
        >>> late_fusion(np.array([[[1.0, -1.0]], [[0.0, 2.0]]]), [1.0, 0.25])
        array([[ 1. , -0.5]], dtype=float32)
    """
    weights = np.asarray(weights, dtype=np.float32)
    if weights.shape != (len(parts),) or not np.isfinite(weights).all():
        raise ValueError(
            f"weights: must be {len(parts)} finite numbers, one a part, got {weights}"
        )
    return np.tensordot(weights, np.asarray(parts, dtype=np.float32), axes=1)
