"""Sounds to vectors: the audio tower of CLAP.

Book section 8.3.
"""

import os
from collections.abc import Sequence
from math import gcd
from pathlib import Path

import numpy as np
import torch
from scipy.io import wavfile
from scipy.signal import resample_poly
from transformers import ClapFeatureExtractor, ClapModel

from recsys_ref.content.two_towers import (
    TwoTowers,
    in_batches,
    load_towers,
    run_tower,
)
from recsys_ref.data.checks import check_whole_number


def load_audio_model(
    name: str | os.PathLike[str], *, device: str | torch.device = "cpu"
) -> TwoTowers:
    """Load a CLAP model, both towers.

    Args:
        name: A folder in the layout of `save_pretrained`, or a name on the
            hub, such as `laion/clap-htsat-unfused`.
        device: See `lm.pretrained.devices`.

    Raises:
        FileNotFoundError: If there is no such model, or the hub cannot be
            reached.
        ValueError: If the files are damaged, pickled or no CLAP.

    References:
        Wu et al. (2023), https://arxiv.org/abs/2211.06687
    """
    return load_towers(ClapModel, ClapFeatureExtractor, name, device)


def read_wav(path: str | os.PathLike[str], *, rate: int) -> np.ndarray:
    """Read a WAV file as one channel of a given rate.

    Args:
        path: The file.
        rate: Samples a second that are wanted; the file is resampled.

    Returns:
        `float32[S]`, the mean of the channels, full scale at 1.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no WAV file, empty or damaged.
    """
    check_whole_number("rate", rate, 1)
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: {path}: no such file")
    try:
        own, data = wavfile.read(path)
    except (ValueError, OSError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"path: {path} cannot be read as WAV: {error}") from error
    if not data.size:
        raise ValueError(f"path: {path} holds no sample")
    sound = data.astype(np.float64)
    if data.dtype == np.uint8:
        sound = (sound - 128) / 128
    elif data.dtype.kind == "i":
        sound /= -float(np.iinfo(data.dtype).min)
    sound = sound.reshape(len(sound), -1).mean(axis=1)
    common = gcd(rate, own)
    return resample_poly(sound, rate // common, own // common).astype(np.float32)


def encode_sounds(
    model: TwoTowers,
    sounds: Sequence[np.ndarray],
    *,
    rate: int,
    batch_size: int = 32,
    progress: bool = False,
) -> np.ndarray:
    """Turn each sound into one vector.

    The model's own extractor makes the log-mel spectrogram. Of a longer sound
    it would take a part at random; here it is always the first one, so that
    the same sound has the same vector. A shorter one is repeated.

    Args:
        model: What `load_audio_model` gave.
        sounds: I sounds of one channel, `float[S]`, of any lengths.
        rate: Their samples a second; must be that of the model, see
            `read_wav`.
        batch_size: Sounds that run at once.
        progress: Whether to draw a bar on stderr, if that is a terminal.

    Returns:
        `float32[I, D]`, rows of length 1.

    Raises:
        ValueError: If the rate is another, a sound is empty, not finite or
            has several channels, or a vector is not finite.
    """
    wanted = model.processor.sampling_rate
    if rate != wanted:
        raise ValueError(f"rate: {model.name!r} was trained on {wanted} Hz, got {rate}")
    longest = int(model.processor.max_length_s * wanted)
    cut = [
        check_sound(f"sounds[{row}]", sound)[:longest]
        for row, sound in enumerate(sounds)
    ]
    inputs = (
        dict(model.processor(batch, sampling_rate=rate, return_tensors="pt"))
        for batch in in_batches(cut, batch_size, progress, "sounds")
    )
    return run_tower(model, model.model.get_audio_features, inputs, "sounds")


def check_sound(name: str, sound: np.ndarray) -> np.ndarray:
    """Return `float32[S]`; ValueError unless it is one finite channel."""
    sound = np.asarray(sound)
    if sound.ndim != 1 or not sound.size or sound.dtype.kind != "f":
        raise ValueError(
            f"{name}: must be float[S], got {sound.dtype} of shape {sound.shape}"
        )
    if not np.isfinite(sound).all():
        raise ValueError(f"{name}: must be finite")
    return sound.astype(np.float32)
