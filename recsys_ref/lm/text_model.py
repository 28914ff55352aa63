"""A language model with its tokenizer and its name."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

UNTOLD = ("_name_or_path", "architectures", "dtype", "transformers_version")


@dataclass(frozen=True, eq=False)
class TextModel:
    """A language model that is ready to run.

    Attributes:
        name: What runs, as `load_encoder` or `load_causal` was asked for it.
        tokenizer: The model's own tokenizer.
        model: Its network: float32, in eval mode, on `device`.
        device: Where it runs, such as `cpu` or `cuda:0`.
        context: The most tokens that it takes, special ones included.
    """

    name: str
    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel
    device: torch.device
    context: int
    _hashed: dict[tuple, str] = field(default_factory=dict, init=False)

    def __repr__(self) -> str:
        size = sum(weight.numel() for weight in self.model.parameters()) / 1e6
        return (
            f"TextModel({self.name!r}, {type(self.model).__name__}, {size:.1f} M "
            f"parameters, context {self.context:,} tokens, on {self.device})"
        )

    @property
    def network(self) -> PreTrainedModel:
        """The model without its head: tokens in, hidden states out."""
        return self.model.base_model

    def token_ids(self, texts: Sequence[str], *, cut: bool = False) -> list[list[int]]:
        """Turn each text into tokens, and add what the model wants around a text.

        All of a text is plain text: `[SEP]` or `<|im_start|>` in it becomes the
        tokens of these characters, never the control token.

        Args:
            texts: N texts.
            cut: Leave out the end of a text, so that at most `context` are left.

        Returns:
            N lists of token ids.

        Examples:
            >>> from recsys_ref.lm.pretrained import load_encoder
            >>> model = load_encoder()
            >>> model.tokenizer.convert_ids_to_tokens(model.token_ids(["[SEP]"])[0])
            ['[CLS]', '[', 'sep', ']', '[SEP]']
        """
        if not texts:
            return []
        limit = {"truncation": True, "max_length": self.context} if cut else {}
        return self.tokenizer(
            list(texts),
            split_special_tokens=True,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
            **limit,
        )["input_ids"]

    def fingerprint(self) -> str:
        """Return a SHA-256 of all that makes the network's hidden states.

        Computed once, and again when a weight was changed in place or replaced,
        as training does, or a token was added; a change through `Tensor.data`
        goes unseen.
        """
        weights = self.network.state_dict(keep_vars=True)
        stamp = tuple((id(tensor), tensor._version) for tensor in weights.values())
        stamp += (len(self.tokenizer),)
        if stamp not in self._hashed:
            self._hashed.clear()
            self._hashed[stamp] = self._fingerprint(weights)
        return self._hashed[stamp]

    def _fingerprint(self, weights: dict[str, torch.Tensor]) -> str:
        config = self.network.config.to_diff_dict()
        config = {key: config[key] for key in config if key not in UNTOLD}
        backend = json.loads(self.tokenizer.backend_tokenizer.to_str())
        backend |= {"truncation": None, "padding": None}  # as the last call left them
        told = [type(self.network).__name__, config, backend, self.context]
        digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
        for key, tensor in weights.items():
            digest.update(f"{key} {tuple(tensor.shape)} {tensor.dtype}".encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy())
        return digest.hexdigest()
