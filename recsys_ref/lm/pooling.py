"""One vector for many tokens: pooled hidden states, batch by batch."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from recsys_ref.lm.hidden import hidden_states
from recsys_ref.lm.text_model import TextModel

POOLINGS = ("mean", "last", "cls")
ROOM = 2**14  # tokens of a batch, padding included: bounds the memory


def batches(lengths: Sequence[int], batch_size: int) -> Iterator[np.ndarray]:
    """Put texts of like length together, short ones first.

    Args:
        lengths: Tokens of each of N texts.
        batch_size: Texts in a batch, at most; fewer if they would fill more
            than `ROOM` tokens.

    Yields:
        `int64[B]`, positions in `lengths`; each occurs once.

    Examples:
        >>> [batch.tolist() for batch in batches([9, 2, 8, 3, 9], batch_size=2)]
        [[1, 3], [2, 0], [4]]
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        stop = min(start + batch_size, len(order))
        while stop > start + 1 and lengths[order[stop - 1]] * (stop - start) > ROOM:
            stop -= 1
        yield order[start:stop]
        start = stop


def pooled(
    model: TextModel,
    ids: Sequence[Sequence[int]],
    *,
    pooling: str = "mean",
    layer: int | None = None,
    drop_first: bool = False,
) -> np.ndarray:
    """Run the network on one batch, and pool each text's hidden states.

    Args:
        model: What `load_encoder` or `load_causal` gave.
        ids: Tokens of B texts, at least one each, and two to drop the first.
        pooling: `mean` of all tokens, the `last` one, or `cls`, the first one.
        layer: See `hidden_states`.
        drop_first: Leave the first token out of the mean.

    Returns:
        `float32[B, D]`.
    """
    lengths = torch.tensor([len(row) for row in ids])
    width = int(lengths.max())
    pad = model.tokenizer.pad_token_id or 0  # RoBERTa counts positions by it
    padded = torch.tensor([[*row, *[pad] * (width - len(row))] for row in ids])
    padded, lengths = padded.to(model.device), lengths.to(model.device)
    mask = torch.arange(width, device=model.device) < lengths[:, None]  # [B, T]
    whole = bool(lengths.min() == width)  # attention is faster without a mask
    states = hidden_states(
        model.network, padded, None if whole else mask.long(), layer=layer
    )
    if pooling == "cls":
        vectors = states[:, 0]
    elif pooling == "last":
        vectors = states[torch.arange(len(ids), device=model.device), lengths - 1]
    else:
        mask[:, 0] &= not drop_first
        states = states.masked_fill(~mask[..., None], 0)  # padding may hold NaN
        vectors = states.sum(1) / mask.sum(1, keepdim=True)
    return vectors.float().cpu().numpy()
