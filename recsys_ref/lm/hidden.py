"""Hidden states of any layer, running no block above it."""

from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel


class _Reached(Exception):
    """Carries the hidden states out of a network, past the blocks above."""

    def __init__(self, states: torch.Tensor) -> None:
        self.states = states


def blocks(network: PreTrainedModel) -> nn.ModuleList:
    """Return the L blocks that a network runs one after the other.

    Raises:
        ValueError: If there is no such list in it.
    """
    depth = getattr(network.config, "num_hidden_layers", None)
    for module in network.modules():
        if isinstance(module, nn.ModuleList) and len(module) == depth:
            return module
    raise ValueError(
        f"layer: must be None for {type(network).__name__}, which has no list of "
        f"{depth} blocks"
    )


def layer_index(network: PreTrainedModel, layer: int | None) -> int | None:
    """Return a layer counted from 0, the embeddings; None for the whole network.

    Raises:
        ValueError: If there is no such layer.
    """
    if layer is None or layer == -1:
        return None
    depth = len(blocks(network))
    if not -depth - 1 <= layer <= depth:
        raise ValueError(
            f"layer: must be from 0, the embeddings, to {depth}, the last, or count "
            f"from the end (-1 to {-depth - 1}), or be None, got {layer!r}"
        )
    index = layer % (depth + 1)
    return None if index == depth else index


@torch.inference_mode()
def hidden_states(
    network: PreTrainedModel,
    ids: torch.Tensor,
    mask: torch.Tensor | None = None,
    *,
    layer: int | None = None,
) -> torch.Tensor:
    """Run a network without a head as far as a layer.

    Args:
        network: Such as `TextModel.model.base_model`.
        ids: `int64[B, T]`, padded at the end.
        mask: `int64[B, T]`, 1 for tokens and 0 for padding; None if all count.
        layer: `0` for the embeddings, `l` for what block l gives, None for what
            the network gives; as `transformers` counts its `hidden_states`, of
            which the last has gone through the final norm, if there is one.

    Returns:
        `float32[B, T, D]`. What stands at padding means nothing.

    Raises:
        ValueError: If there is no such layer.
    """
    layer = layer_index(network, layer)
    cacheless = {"use_cache": False} if getattr(network.config, "use_cache", 0) else {}
    if layer is None:
        return network(ids, attention_mask=mask, **cacheless).last_hidden_state
    hook = blocks(network)[layer].register_forward_pre_hook(_leave, with_kwargs=True)
    try:
        network(ids, attention_mask=mask, **cacheless)
    except _Reached as reached:
        return reached.states
    finally:
        hook.remove()
    raise AssertionError("the network ran without the block")


def _leave(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    raise _Reached(args[0] if args else kwargs["hidden_states"])
