"""Pre-trained language models by name; what ran is always named.

A name is an asset (`all-minilm-l6-v2`, `smollm2-135m-instruct`), a folder, or
a model of the Hugging Face hub, in this order; nothing stands in for it.
Weights are read from safetensors or GGUF files and never unpickled, and code
that comes with a model is never run.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from safetensors import SafetensorError, safe_open
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.utils import logging

from recsys_ref import assets
from recsys_ref.lm.gguf import converted
from recsys_ref.lm.text_model import TextModel

MODELS = ("all-minilm-l6-v2", "smollm2-135m-instruct")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
WANTED = ["*.json", "*.txt", "*.jinja", "*.model", "*.safetensors"]
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


def devices() -> list[str]:
    """List the devices here, `cpu` first.

    Examples:
        >>> devices()[0]
        'cpu'
    """
    found = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return found + ["mps"] * torch.backends.mps.is_available()


def load_encoder(
    name: str | os.PathLike[str] = MODELS[0],
    *,
    device: str | torch.device = "cpu",
) -> TextModel:
    """Load a model that turns tokens into hidden states, without a head.

    Args:
        name: An asset, a folder in the layout of `save_pretrained` or with one
            GGUF file, or a name on the hub, such as `openai-community/gpt2`.
            A folder that is called like an asset is meant by `./NAME`.
        device: `cpu`, `cuda`, `cuda:1`, `mps` ...; see `devices`.

    Raises:
        FileNotFoundError: If there is no such model, or the hub cannot be reached.
        ValueError: If the files are damaged, pickled or no model of this kind, or
            there is no such device here.

    Examples:
        >>> load_encoder()
        TextModel('all-minilm-l6-v2', BertModel, 22.7 M parameters, context 256
        tokens, on cpu)
    """
    return _load(AutoModel, name, device)


def load_causal(
    name: str | os.PathLike[str] = MODELS[1],
    *,
    device: str | torch.device = "cpu",
) -> TextModel:
    """Load a model that predicts the next token.

    The first load of a GGUF file, as SmolLM2's is, converts it in half a minute;
    the later ones take less than a second. See `load_encoder` for the rest.
    """
    return _load(AutoModelForCausalLM, name, device)


def network(
    kind: type, folder: Path, config: PretrainedConfig
) -> tuple[PreTrainedModel, dict]:
    """Read a network as every model of this book is read, and what was not found.

    Weights come from safetensors, in float32; code beside them is never run.

    Args:
        kind: A class of `transformers`, such as `AutoModel`.
        folder: Where the files lie.
        config: The model's own.

    Returns:
        The network, and the loading report of `transformers`.

    References:
        Book section 5.2.
    """
    return kind.from_pretrained(
        folder,
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
    )


def _load(kind: type, name: str | os.PathLike[str], device: str | torch.device):
    name, place = os.fspath(name), place_of(device)
    with quiet():
        folder = _folder(name)
        weights = weight_files(folder)
        try:
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
            tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            model, report = network(kind, folder, config)
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ValueError(
                f"name: {name!r}: {folder} holds no model that can be loaded as "
                f"{kind.__name__} from {weights[0].name}: {error}"
            ) from error
    missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if missing:
        raise ValueError(
            f"name: {name!r} has no weights for {sorted(missing)[:3]} and so is no "
            f"{type(model).__name__}; load it as what it is, or another model"
        )
    context = _context(folder, config, tokenizer)
    return TextModel(name, tokenizer, model.eval().to(place), place, context)


def place_of(device: str | torch.device) -> torch.device:
    """Return a device; ValueError if it is not here."""
    try:
        place = torch.device(device)
    except (RuntimeError, TypeError):
        place = None
    known = devices()
    if place is None or str(place) not in {*known, *(d.split(":")[0] for d in known)}:
        raise ValueError(f"device: must be one of {known} here, got {str(device)!r}")
    return place


def _folder(name: str) -> Path:
    """Find the folder that holds a model's safetensors, converted where need be."""
    checked: Mapping[str, str] = {}
    if name in MODELS:
        folder, checked = assets.fetch(name), assets.ASSETS[name].files
    elif name and Path(name).is_dir():
        folder = Path(name)
    else:
        folder = from_hub(name)
    packed = sorted(folder.glob("*.gguf"))
    if not packed or any(folder.glob("*.safetensors")):
        return folder
    if len(packed) > 1:
        files = [path.name for path in packed]
        raise ValueError(f"name: {name!r} must hold one GGUF file, got {files}")
    return converted(packed[0], sha256=checked.get(packed[0].name))


def from_hub(name: str) -> Path:
    """Return the hub's copy of a model; FileNotFoundError if it gives none."""
    trouble = "no name that the hub could have"
    if HUB_NAME.fullmatch(name):
        try:
            return Path(
                snapshot_download(name, allow_patterns=WANTED, ignore_patterns="*/*")
            )
        except Exception as error:  # its own, httpx's, OSError: all mean no model
            trouble = f"{type(error).__name__}: {error}".splitlines()[0]
    raise FileNotFoundError(
        f"name: {name!r} is no asset and no folder, and the hub did not give it "
        f"({trouble}); without the hub there are {list(MODELS)}, and folders"
    )


def weight_files(folder: Path) -> list[Path]:
    """List the weight files of a folder, once each is seen to be whole."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = sorted(p.name for p in folder.glob("*") if p.suffix in PICKLES)
        refused = f"; {pickled} may be pickled and is never read" if pickled else ""
        raise ValueError(
            f"name: {folder} holds no weights in safetensors or GGUF{refused}"
        )
    for path in files:
        try:
            with safe_open(path, framework="pt"):
                pass
        except SafetensorError as error:
            raise ValueError(f"name: {path} is damaged ({error})") from error
    return files


def _context(folder: Path, config: AutoConfig, tokenizer) -> int:
    """Take the least of what tokenizer, network and sentence-transformers allow."""
    limits = [tokenizer.model_max_length]
    limits.append(getattr(config, "max_position_embeddings", limits[0]))
    extra = folder / "sentence_bert_config.json"
    if extra.is_file():
        limits.append(json.loads(extra.read_text("utf-8"))["max_seq_length"])
    return int(min(limits))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from drawing bars and reports while it loads."""
    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
