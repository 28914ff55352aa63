"""Read GPT-2's released checkpoint format: a folder of JSON and safetensors.

Weights are read as safetensors and never unpickled. The released files store
the four matrices of a block as inputs x outputs, as TensorFlow did; PyTorch's
linear layer wants outputs x inputs, so they are transposed. Book section 5.1.
"""

import json
import re
from pathlib import Path

import httpx
import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"

SIZES = {  # our name: the file's
    "vocab_size": "vocab_size",
    "context": "n_positions",
    "width": "n_embd",
    "layers": "n_layer",
    "heads": "n_head",
}
ONLY = {  # settings that change the arithmetic: what this book's GPT-2 does
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}
TRANSPOSED = re.compile(
    r"h\.\d+\.(attn\.c_attn|attn\.c_proj|mlp\.c_fc|mlp\.c_proj)\.weight"
)
MASKS = re.compile(r"h\.\d+\.attn\.(masked_)?bias")  # constants of older files


def read_gpt2(name_or_folder: str | Path) -> tuple[dict, dict[str, Tensor]]:
    """Return the sizes and the tensors of a checkpoint.

    Args:
        name_or_folder: A folder, or a name on the hub.

    Returns:
        Arguments of `GPT2Config`, and `float32` tensors by parameter name of
        `GPT2`, checked against these sizes.

    Raises:
        FileNotFoundError: If no folder is found or a file is missing.
        ValueError: If a file is damaged or does not fit the configuration.
    """
    folder = find_folder(name_or_folder)
    sizes = _read_sizes(folder / CONFIG)
    tensors: dict[str, Tensor] = {}
    source: dict[str, Path] = {}
    for path in _weight_files(folder):
        for name, tensor in _read_tensors(path).items():
            tensors[name.removeprefix("transformer.")] = tensor
            source[name.removeprefix("transformer.")] = path
    _check_output(tensors, source)
    _check_shapes(tensors, source, expected_shapes(sizes), folder)
    return sizes, tensors


def find_folder(name_or_folder: str | Path) -> Path:
    """Return a local folder: the one named, or the hub's copy of that name.

    Raises:
        FileNotFoundError: If there is neither; says what was tried and why
            it failed.
    """
    folder = Path(name_or_folder)
    if folder.is_dir():
        return folder
    wanted = [CONFIG, WEIGHTS, INDEX, "model-*-of-*.safetensors"]
    try:
        return Path(snapshot_download(str(name_or_folder), allow_patterns=wanted))
    except (OSError, HFValidationError, httpx.HTTPError) as error:
        why = str(error).strip().splitlines()
        raise FileNotFoundError(
            f"name_or_folder: {str(name_or_folder)!r} is no folder "
            f"(tried {folder.resolve()}), and the hub and its cache gave no model "
            f"of that name: {type(error).__name__}: {why[0] if why else ''}"
        ) from error


def expected_shapes(sizes: dict) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of the file, by parameter name."""
    width = sizes["width"]
    shapes: dict[str, tuple[int, ...]] = {
        "wte.weight": (sizes["vocab_size"], width),
        "wpe.weight": (sizes["context"], width),
        "ln_f.weight": (width,),
        "ln_f.bias": (width,),
    }
    for layer in range(sizes["layers"]):
        for name in ("ln_1", "ln_2"):
            shapes[f"h.{layer}.{name}.weight"] = (width,)
            shapes[f"h.{layer}.{name}.bias"] = (width,)
        for name, n_in, n_out in (
            ("attn.c_attn", width, 3 * width),
            ("attn.c_proj", width, width),
            ("mlp.c_fc", width, 4 * width),
            ("mlp.c_proj", 4 * width, width),
        ):
            shapes[f"h.{layer}.{name}.weight"] = (n_in, n_out)
            shapes[f"h.{layer}.{name}.bias"] = (n_out,)
    return shapes


def _read_json(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must hold an object, got {type(content).__name__}")
    return content


def _read_sizes(path: Path) -> dict:
    settings = _read_json(path)
    for name, allowed in ONLY.items():
        if settings.get(name, allowed[0]) not in allowed:
            raise ValueError(
                f"{path}: {name} must be {allowed[0]}, got {settings[name]}"
            )
    sizes = {}
    for ours, theirs in SIZES.items():
        size = settings.get(theirs)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"{path}: {theirs} must be a whole number, got {size!r}")
        sizes[ours] = size
    if sizes["width"] % sizes["heads"]:
        raise ValueError(
            f"{path}: n_embd must be a multiple of n_head = {sizes['heads']}, "
            f"got {sizes['width']}"
        )
    if settings.get("n_inner") not in (None, 4 * sizes["width"]):
        raise ValueError(
            f"{path}: n_inner must be {4 * sizes['width']}, got {settings['n_inner']}"
        )
    return sizes | {"epsilon": float(settings.get("layer_norm_epsilon", 1e-5))}


def _weight_files(folder: Path) -> list[Path]:
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if (folder / INDEX).is_file():
        names = sorted(set(_read_json(folder / INDEX).get("weight_map", {}).values()))
        outside = [name for name in names if Path(name).name != name]
        if outside:
            raise ValueError(f"{folder / INDEX}: names files elsewhere: {outside}")
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            raise FileNotFoundError(f"{folder}: shards are missing: {missing}")
        return [folder / name for name in names]
    pickled = sorted(path.name for path in folder.glob("*.bin"))
    advice = f"; {pickled} are pickled and are not read" if pickled else ""
    raise FileNotFoundError(f"{folder}: has no {WEIGHTS} and no {INDEX}{advice}")


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{path}: is damaged or no safetensors file: {error}"
        ) from error


def _check_output(tensors: dict[str, Tensor], source: dict[str, Path]) -> None:
    """Drop what is constant or stored twice."""
    for name in [name for name in tensors if MASKS.fullmatch(name)]:
        del tensors[name]
    output = tensors.pop("lm_head.weight", None)
    if output is None:
        return
    embedding = tensors.get("wte.weight")
    if embedding is None:  # some files keep the shared matrix under this name alone
        tensors["wte.weight"] = output
        source["wte.weight"] = source["lm_head.weight"]
    elif not torch.equal(output, embedding):
        raise ValueError(
            f"{source['lm_head.weight']}: lm_head.weight must equal wte.weight, "
            "to which GPT-2 ties it"
        )


def _check_shapes(
    tensors: dict[str, Tensor],
    source: dict[str, Path],
    expected: dict[str, tuple[int, ...]],
    folder: Path,
) -> None:
    """Compare with the configuration; transpose and convert in place."""
    for name, shape in expected.items():
        if name not in tensors:
            raise ValueError(f"{folder}: tensor {name} is missing from the weights")
        if tuple(tensors[name].shape) != shape:
            raise ValueError(
                f"{source[name]}: tensor {name} must have shape {list(shape)} by "
                f"{CONFIG}, got {list(tensors[name].shape)}"
            )
        if not torch.isfinite(tensors[name]).all():
            raise ValueError(f"{source[name]}: tensor {name} has values not finite")
        turned = tensors[name].T if TRANSPOSED.fullmatch(name) else tensors[name]
        # Turned as a view: for one token at a time this order in memory is faster.
        tensors[name] = turned.to(torch.float32)
    for name in tensors.keys() - expected.keys():
        raise ValueError(f"{source[name]}: tensor {name} is not in a model of {CONFIG}")
