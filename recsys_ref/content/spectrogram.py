"""A sound as a picture: how loud each pitch is at each time.

Book section 8.3.
"""

from collections.abc import Sequence

import numpy as np
from transformers.audio_utils import mel_filter_bank

from recsys_ref.content.audio import check_sound
from recsys_ref.data.checks import check_whole_number

FLOOR = 1e-10  # power that counts as silence: -100 dB


def log_mel(
    sound: np.ndarray,
    *,
    rate: int,
    bands: int = 32,
    window: int = 512,
    hop: int = 200,
    lowest: float = 50.0,
) -> np.ndarray:
    """Compute a log-mel spectrogram.

    The sound is cut into overlapping pieces, each faded in and out by a Hann
    window; the power of their frequencies is added up in bands, which grow
    wider with the pitch as hearing does (Slaney's mel scale, each band of area
    one).

    Args:
        sound: `float[S]`, one channel, S more than half a window.
        rate: Its samples a second, Hz.
        bands: M, number of bands, from `lowest` to half the rate.
        window: Samples of a piece, even.
        hop: Samples from one piece to the next.
        lowest: Where the first band begins, Hz.

    Returns:
        `float32[T, M]`, dB, not below -100; T is 1 + S // hop.

    Raises:
        ValueError: If the sound is too short, or an argument is out of its
            range.

    Examples:
        >>> time = np.arange(8000) / 8000
        >>> low = log_mel(np.sin(2 * np.pi * 200 * time), rate=8000)
        >>> high = log_mel(np.sin(2 * np.pi * 2000 * time), rate=8000)
        >>> low.shape, int(low[20].argmax()) < int(high[20].argmax())
        ((41, 32), True)
    """
    sound = check_sound("sound", sound).astype(np.float64)
    for name, value in {"rate": rate, "bands": bands, "hop": hop}.items():
        check_whole_number(name, value, 1)
    check_whole_number("window", window, 2)
    if window % 2 or len(sound) <= window // 2:
        raise ValueError(
            f"window: must be even and less than twice the {len(sound)} samples, "
            f"got {window}"
        )
    padded = np.pad(sound, window // 2, mode="reflect")
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    fade = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    power = np.abs(np.fft.rfft(pieces * fade)) ** 2
    filters = mel_filter_bank(
        window // 2 + 1,
        bands,
        lowest,
        rate / 2,
        rate,
        norm="slaney",
        mel_scale="slaney",
    )
    return (10 * np.log10(np.maximum(power @ filters, FLOOR))).astype(np.float32)


def mel_statistics(sounds: Sequence[np.ndarray], *, rate: int) -> np.ndarray:
    """Sum a sound up: what sounds say without any model.

    Args:
        sounds: I sounds, `float[S]` each.
        rate: Their samples a second, Hz.

    Returns:
        `float32[I, 96]`: of each of 32 bands the mean over time, the standard
        deviation, and the mean absolute change from one moment to the next,
        dB. The first tells timbre, the others rhythm.
    """
    rows = []
    for sound in sounds:
        mel = log_mel(sound, rate=rate)
        change = np.abs(np.diff(mel, axis=0)).mean(axis=0)
        rows.append(np.concatenate([mel.mean(axis=0), mel.std(axis=0), change]))
    return np.array(rows, dtype=np.float32).reshape(len(rows), 96)
