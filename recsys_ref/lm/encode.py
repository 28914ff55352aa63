"""Text to vectors: pooled hidden states of a language model, remembered."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from tqdm import tqdm

from recsys_ref.lm import store
from recsys_ref.lm.hidden import layer_index
from recsys_ref.lm.pooling import POOLINGS, batches, pooled
from recsys_ref.lm.text_model import TextModel

RECIPE = 1  # count up when the same arguments come to give other vectors
TRUNCATIONS = ("error", "end")


def encode(
    model: TextModel,
    texts: Iterable[str],
    *,
    pooling: Literal["mean", "last", "cls"] = "mean",
    layer: int | None = None,
    drop_first: bool = False,
    unit: bool = True,
    truncate: Literal["error", "end"] = "error",
    batch_size: int = 64,
    cache: bool = True,
    progress: bool = False,
) -> np.ndarray:
    """Turn each text into one vector.

    What a text says is all plain text: `[SEP]` or `<|im_start|>` in it reaches
    the model as these characters, not as the control token. The model's own
    tokens around a text (`[CLS]` and `[SEP]` of BERT) are added and pooled too.

    Vectors are remembered on disk (see `recsys_ref.lm.store`) by a hash of the
    text, the options and the model's weights, before they are scaled. A text's
    vector does not depend on the texts beside it, but for rounding.

    Args:
        model: What `load_encoder` or `load_causal` gave.
        texts: N texts, in any order and with repeats.
        pooling: `mean` of all tokens, the `last` one, or `cls`, the first one.
        layer: Which of L + 1 hidden states to pool: 0 are the embeddings, l is
            what block l gives, and L, the default (also None and -1), is what
            the whole network gives, after the final norm where it has one.
            No block above it is run.
        drop_first: Leave the first token out of the mean. In a causal model
            it is an attention sink, in middle layers so long that it drowns
            the others.
        unit: Scale each vector to length 1.
        truncate: What to do with a text of more than `model.context` tokens:
            raise an `error`, or leave its `end` out. `count_tokens` tells
            which texts these are.
        batch_size: Texts that run at once, at most; fewer if they are long.
        cache: Whether to look vectors up on disk, and remember them there.
        progress: Whether to draw a bar on stderr, if that is a terminal.

    Returns:
        `float32[N, D]`.

    Raises:
        ValueError: If a text is no string, empty, blank or too long, or leaves
            the model no token to pool; if an option is not one of those above;
            if a vector is not finite, or zero and to be scaled.
        OSError: If the cache folder is full or may not be written.

    References:
        Reimers and Gurevych (2019), Sentence-BERT,
        https://arxiv.org/abs/1908.10084; Xiao et al. (2023), Efficient
        Streaming Language Models with Attention Sinks,
        https://arxiv.org/abs/2309.17453

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> texts = ["a film about toys", "animation for children", "tax law"]
        >>> vectors = encode(load_encoder(), texts)
        >>> vectors.shape
        (3, 384)
        >>> (vectors @ vectors[0]).round(2)
        array([1.  , 0.41, 0.08], dtype=float32)
    """
    texts = _checked(texts)
    how = {
        "pooling": _one_of("pooling", pooling, POOLINGS),
        "layer": layer_index(model.network, layer),
        "drop_first": bool(drop_first),
    }
    if drop_first and pooling == "cls":
        raise ValueError("drop_first: must be False for pooling='cls', the first token")
    if batch_size < 1:
        raise ValueError(f"batch_size: must be at least 1, got {batch_size!r}")
    may_cut = _one_of("truncate", truncate, TRUNCATIONS) == "end"
    keys = _keys(model, texts, how)
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    rows = store.get(first) if cache else {}
    new = {first[key]: key for key in reversed(first) if key not in rows}
    ids = model.token_ids([texts[place] for place in new])
    counts = {first[key]: row[0] for key, row in rows.items()}
    counts |= {place: len(tokens) for place, tokens in zip(new, ids, strict=True)}
    _check_counts(model, counts, may_cut, drop_first and pooling == "mean")
    if new:
        vectors = _run(model, [texts[i] for i in new], ids, how, batch_size, progress)
        _check_vectors(vectors, list(new), "finite", np.isfinite(vectors).all(1))
        made = {
            key: (counts[place], vector)
            for (place, key), vector in zip(new.items(), vectors, strict=True)
        }
        if cache:
            store.put(made)
        rows |= made
    return _gather(rows, keys, model.network.config.hidden_size, unit)


def count_tokens(model: TextModel, texts: Iterable[str]) -> np.ndarray:
    """Count the tokens of each text, those that the model adds included.

    Args:
        model: What `load_encoder` or `load_causal` gave.
        texts: N texts.

    Returns:
        `int64[N]`. `encode` cuts the texts of more than `model.context`.

    Raises:
        ValueError: If a text is no string, empty or blank.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> model = load_encoder()
        >>> count_tokens(model, ["toy story", "toy " * 300])
        array([  4, 302])
        >>> count_tokens(model, ["toy story", "toy " * 300]) > model.context
        array([False,  True])
    """
    ids = model.token_ids(_checked(texts))
    return np.array([len(row) for row in ids], dtype=np.int64)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f"{name}: must be one of {list(allowed)}, got {value!r}")
    return value


def _checked(texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str | bytes):
        raise ValueError(f"texts: must be a sequence of texts, got one: {texts!r:.80}")
    texts = list(texts)
    for place, text in enumerate(texts):
        trouble = None
        if not isinstance(text, str):
            trouble = f"got {type(text).__name__} {text!r:.80}"
        elif not text.strip():
            trouble = f"got {text!r:.80}, which says nothing"
        elif not _is_unicode(text):
            trouble = f"got half a surrogate pair in {text!a:.80}"
        if trouble:
            raise ValueError(f"texts: texts[{place}] must be text, {trouble}")
    return [str(text) for text in texts]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _keys(model: TextModel, texts: Sequence[str], how: dict[str, Any]) -> list[bytes]:
    """Hash all that makes a vector."""
    spec = [RECIPE, model.fingerprint(), model.device.type, how]
    shared = hashlib.sha256(json.dumps(spec, sort_keys=True).encode())
    keys = []
    for text in texts:
        digest = shared.copy()
        digest.update(text.encode())
        keys.append(digest.digest())
    return keys


def _check_counts(
    model: TextModel, counts: dict[int, int], may_cut: bool, drop_first: bool
) -> None:
    added = model.tokenizer.num_special_tokens_to_add(pair=False)
    for place, count in sorted(counts.items()):
        if count in (added, int(drop_first)):
            raise ValueError(
                f"texts: texts[{place}] leaves no token to pool; its tokens are "
                f"{count}, of which the model's own {added}, drop_first={drop_first}"
            )
        if count > model.context and not may_cut:
            raise ValueError(
                f"texts: texts[{place}] must be of at most {model.context} tokens for "
                f"{model.name!r}, got {count}; shorten it, or cut by truncate='end'"
            )


def _run(
    model: TextModel,
    texts: list[str],
    ids: list[list[int]],
    how: dict[str, Any],
    batch_size: int,
    progress: bool,
) -> np.ndarray:
    """Compute `float32[N, D]` of tokenised texts, in batches."""
    long = [row for row, tokens in enumerate(ids) if len(tokens) > model.context]
    cut = model.token_ids([texts[row] for row in long], cut=True)
    for row, tokens in zip(long, cut, strict=True):
        ids[row] = tokens
    parts, order = [], []
    with tqdm(total=len(ids), disable=None if progress else True) as bar:
        for batch in batches([len(tokens) for tokens in ids], batch_size):
            parts.append(pooled(model, [ids[row] for row in batch], **how))
            order.append(batch)
            bar.update(len(batch))
    return np.concatenate(parts)[np.argsort(np.concatenate(order))]


def _check_vectors(
    vectors: np.ndarray, places: Sequence[int], wanted: str, good: np.ndarray
) -> None:
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ValueError(
            f"texts: texts[{places[row]}] must have a vector that is {wanted}, "
            f"got {vectors[row][:3]}..."
        )


def _gather(
    rows: dict[bytes, store.Row], keys: Sequence[bytes], width: int, unit: bool
) -> np.ndarray:
    """Put the vectors in the texts' order, scaled if they are to be."""
    if not keys:
        return np.empty((0, width), dtype=np.float32)
    vectors = np.stack([rows[key][1] for key in keys]).astype(np.float32)
    if unit:
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        _check_vectors(vectors, range(len(keys)), "not zero", norms[:, 0] > 0)
        vectors /= norms
    return vectors
