"""GGUF weights, converted once to safetensors in the cache.

Reading a GGUF file unpacks every 4-bit block, half a minute for SmolLM2. What
comes out is kept beside the assets, with a manifest of its checksums.
"""

import hashlib
import json
import os
import tempfile
from pathlib import Path

import torch
from filelock import FileLock
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from recsys_ref import assets

RECIPE = 1  # count up when `_convert` makes something else of the same file
MANIFEST = "manifest.json"


def converted(file: Path, *, sha256: str | None = None) -> Path:
    """Return the folder of a GGUF file's float32 safetensors, made if need be.

    The folder is hashed on every call and made again if it is damaged. It takes
    its place in one rename, so it is whole or absent, whatever is killed;
    processes that ask at once wait for one conversion. No network is used.

    Args:
        file: Weights of a model that transformers can read from GGUF.
        sha256: Hex digest of the file, if it was just checked; else computed.

    Returns:
        A folder in the layout of `save_pretrained`, in `assets.home()`, 4 bytes
        a weight. Treat it as read-only.

    Raises:
        ValueError: If the file is damaged or of an unknown kind.
        OSError: If the cache folder is full or may not be written.
    """
    source = sha256 or _sha256(file)
    folder = assets.home() / f"{file.stem}-{source[:16]}-float32-{RECIPE}"
    if _intact(folder, source):
        return folder
    assets.home().mkdir(parents=True, exist_ok=True)
    with FileLock(assets.home() / f".{folder.name}.lock"):
        if not _intact(folder, source):  # nobody else made it meanwhile
            _make(file, folder, source)
    return folder


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _intact(folder: Path, source: str) -> bool:
    """Tell whether every file is the one that the conversion wrote."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = manifest["files"]
        return manifest["source"] == source and all(
            _sha256(folder / name) == digest for name, digest in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _make(file: Path, folder: Path, source: str) -> None:
    """Convert aside, then rename into place."""
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}.tmp-", dir=folder.parent, ignore_cleanup_errors=True
    ) as aside:
        fresh = Path(aside, "fresh")
        fresh.mkdir()
        _convert(file, fresh)
        files = {path.name: _sha256(path) for path in sorted(fresh.iterdir())}
        manifest = {"source": source, "files": files}
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        if folder.exists():
            os.replace(folder, Path(aside, "damaged"))
        os.replace(fresh, folder)


def _convert(file: Path, folder: Path) -> None:
    """Write weights, configuration and tokenizer.

    A model that was read from GGUF refuses `save_pretrained`.
    """
    place = {"gguf_file": file.name, "local_files_only": True}
    try:
        model = AutoModelForCausalLM.from_pretrained(
            file.parent, dtype=torch.float32, **place
        )
        tokenizer = AutoTokenizer.from_pretrained(file.parent, **place)
    except Exception as error:  # whatever the GGUF reader stumbled over
        raise ValueError(
            f"name: {file} cannot be read as GGUF ({type(error).__name__}: {error})"
        ) from error
    once = {
        weight.data_ptr(): key for key, weight in reversed(model.state_dict().items())
    }
    weights = {key: model.state_dict()[key].contiguous() for key in once.values()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = model.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.architectures = [type(model).__name__]
    config.save_pretrained(folder)
    if model.generation_config is not None:
        model.generation_config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
