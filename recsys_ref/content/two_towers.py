"""Models that put a picture or a sound and its description in one space.

Two encoders, trained so that the vector of a thing lies near the vector of a
text that describes it. This module finds and loads them, `content.image` and
`content.audio` encode. As in `lm.pretrained`, nothing stands in for a model
that is not there, weights are safetensors and never unpickled, and code that
comes with a model is never run.

Book section 8.3.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from tqdm import tqdm
from transformers import AutoConfig, AutoTokenizer, PreTrainedModel

from recsys_ref.data.checks import check_whole_number
from recsys_ref.lm.pretrained import from_hub, network, place_of, quiet, weight_files

TOKENIZER_FILES = ("tokenizer.json", "vocab.json")


@dataclass(frozen=True, eq=False, repr=False)
class TwoTowers:
    """A loaded model, with what prepares its inputs.

    Attributes:
        name: What was asked for.
        model: The network, in evaluation mode.
        processor: Turns pictures or sounds into the network's input.
        tokenizer: Turns texts into tokens; None where the folder has none.
        device: Where it runs.
    """

    name: str
    model: PreTrainedModel
    processor: Any
    tokenizer: Any
    device: torch.device

    def __repr__(self) -> str:
        size = sum(weight.numel() for weight in self.model.parameters()) / 1e6
        kind = type(self.model).__name__
        return f"TwoTowers({self.name!r}, {kind}, {size:.2f} M parameters)"

    @property
    def dimensions(self) -> int:
        """Length D of the vectors of both towers."""
        return self.model.config.projection_dim


def load_towers(
    kind: type[PreTrainedModel],
    processor: type,
    name: str | os.PathLike[str],
    device: str | torch.device = "cpu",
) -> TwoTowers:
    """Load a folder in the layout of `save_pretrained`, or a model of the hub.

    Args:
        kind: The class of the network, such as `CLIPModel`.
        processor: The class of what prepares its input.
        name: A folder, or a name on the hub.
        device: See `lm.pretrained.devices`.

    Raises:
        FileNotFoundError: If there is no such model, or the hub cannot be
            reached.
        ValueError: If the files are damaged, pickled or of another kind of
            model, a weight is missing, or there is no such device here.
    """
    name, place = os.fspath(name), place_of(device)
    with quiet():
        folder = Path(name) if name and Path(name).is_dir() else from_hub(name)
        weights = weight_files(folder)
        try:
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
            wanted = kind.config_class.model_type
            if config.model_type != wanted:
                raise ValueError(f"it is a {config.model_type!r}, not a {wanted!r}")
            model, report = network(kind, folder, config)
            prepare = processor.from_pretrained(folder)
            tokenizer = None
            if any((folder / file).is_file() for file in TOKENIZER_FILES):
                tokenizer = AutoTokenizer.from_pretrained(
                    folder, trust_remote_code=False
                )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ValueError(
                f"name: {name!r}: {folder} holds no model that can be loaded as "
                f"{kind.__name__} from {weights[0].name}: {error}"
            ) from error
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])[:3]
        raise ValueError(f"name: {name!r} has no weights for {missing}")
    return TwoTowers(name, model.eval().to(place), prepare, tokenizer, place)


def in_batches(
    things: Sequence, batch_size: int, progress: bool, what: str
) -> Iterator[Sequence]:
    """Yield slices of a sequence, with a bar that counts them."""
    check_whole_number("batch_size", batch_size, 1)
    starts = range(0, len(things), batch_size)
    for start in tqdm(starts, desc=what, disable=None if progress else True):
        yield things[start : start + batch_size]


def run_tower(
    towers: TwoTowers,
    tower: Callable[..., Any],
    inputs: Sequence[dict[str, torch.Tensor]] | Iterator[dict[str, torch.Tensor]],
    what: str,
) -> np.ndarray:
    """Run a tower over batches; return unit vectors.

    Args:
        towers: The model.
        tower: `model.get_image_features` or one like it.
        inputs: Its arguments, one dictionary a batch.
        what: What is encoded, for errors.

    Returns:
        `float32[N, D]`, rows of length 1.

    Raises:
        ValueError: If a vector is not finite or zero.
    """
    rows = [np.zeros((0, towers.dimensions), dtype=np.float32)]
    with torch.inference_mode():
        for batch in inputs:
            out = tower(
                **{key: value.to(towers.device) for key, value in batch.items()}
            )
            out = getattr(out, "pooler_output", out)  # transformers 5 wraps it
            rows.append(out.float().cpu().numpy())
    vectors = np.concatenate(rows)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    bad = np.flatnonzero(~(np.isfinite(length) & (length > 0)))
    if bad.size:
        raise ValueError(f"{what}: {towers.name!r} gave no direction for {bad[:5]}")
    return vectors / length


def encode_texts(
    towers: TwoTowers,
    texts: Sequence[str],
    *,
    batch_size: int = 64,
    progress: bool = False,
) -> np.ndarray:
    """Encode texts by the second tower, into the space of the first.

    Args:
        towers: What `load_image_model` or `load_audio_model` gave.
        texts: N texts, none empty. What is longer than the model's context
            is cut, as these models are made for a line.
        batch_size: Texts that run at once.
        progress: Whether to draw a bar on stderr, if that is a terminal.

    Returns:
        `float32[N, D]`, rows of length 1: an inner product with the vector of
        a picture or sound is a cosine.

    Raises:
        ValueError: If the model has no tokenizer, or a text is empty.
    """
    if towers.tokenizer is None:
        raise ValueError(f"towers: {towers.name!r} has no tokenizer, so reads no text")
    for row, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"texts: must be texts, got {text!r} in row {row}")
    context = towers.model.config.text_config.max_position_embeddings
    if towers.model.config.model_type == "clap":
        context -= 2  # RoBERTa numbers its positions from 2
    inputs = (
        dict(
            towers.tokenizer(
                list(batch),
                padding=True,
                truncation=True,
                max_length=context,
                return_tensors="pt",
            )
        )
        for batch in in_batches(texts, batch_size, progress, "texts")
    )
    return run_tower(towers, towers.model.get_text_features, inputs, "texts")
