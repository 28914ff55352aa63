"""Log-mel spectrograms: against CLAP's own extractor, and a plain loop."""

from itertools import pairwise

import numpy as np
import pytest
from transformers import ClapFeatureExtractor

from recsys_ref.content.spectrogram import log_mel, mel_statistics

RATE = 8000


@pytest.fixture(scope="module")
def sound():
    return np.random.default_rng(0).normal(0, 0.3, 8000).astype(np.float32)


def test_it_is_what_claps_extractor_computes(sound, clap_folder):
    extractor = ClapFeatureExtractor.from_pretrained(clap_folder)
    theirs = extractor(sound, sampling_rate=RATE, return_tensors="np")
    ours = log_mel(sound, rate=RATE)
    np.testing.assert_allclose(ours, theirs["input_features"][0, 0], atol=1e-3)


def test_a_piece_is_a_faded_fourier_transform(sound):
    """Without bands: the power of one piece by the sum that defines it."""
    piece = sound[:512].astype(float)
    n = np.arange(512)
    faded = piece * np.sin(np.pi * n / 512) ** 2
    power = [
        abs((faded * np.exp(-2j * np.pi * k * n / 512)).sum()) ** 2 for k in (3, 90)
    ]
    theirs = np.abs(np.fft.rfft(piece * (0.5 - 0.5 * np.cos(2 * np.pi * n / 512)))) ** 2
    np.testing.assert_allclose(theirs[[3, 90]], power, rtol=1e-6)
    shifted = np.concatenate([np.zeros(256), sound[:512], np.zeros(256)])
    ours = log_mel(shifted.astype(np.float32), rate=RATE, hop=512, bands=8)[1]
    whole = np.abs(np.fft.rfft(faded)) ** 2
    assert (10 ** (ours / 10)).sum() < whole.sum(), "bands of area one"
    assert np.isfinite(ours).all()


@pytest.mark.parametrize("pitch", [300.0, 600.0, 2500.0])
def test_a_tone_is_loudest_in_the_band_of_its_pitch(pitch):
    tone = np.sin(2 * np.pi * pitch * np.arange(8000) / RATE)
    loudest = log_mel(tone, rate=RATE)[5:-5].argmax(axis=1)
    assert np.ptp(loudest) == 0
    others = [
        log_mel(np.sin(2 * np.pi * f * np.arange(8000) / RATE), rate=RATE)
        for f in (100.0, 3800.0)
    ]
    assert others[0][20].argmax() < loudest[0] < others[1][20].argmax()


def test_silence_is_the_floor():
    assert (log_mel(np.zeros(8000), rate=RATE) == -100).all()


def test_statistics_are_means_deviations_and_changes(sound):
    row = mel_statistics([sound], rate=RATE)[0]
    mel = log_mel(sound, rate=RATE)
    for band in (0, 31):
        column = mel[:, band].astype(float)
        steps = [abs(b - a) for a, b in pairwise(column)]
        assert row[band] == pytest.approx(column.mean(), rel=1e-4)
        assert row[32 + band] == pytest.approx(column.std(), rel=1e-4)
        assert row[64 + band] == pytest.approx(np.mean(steps), rel=1e-4)
    assert mel_statistics([], rate=RATE).shape == (0, 96)


def test_errors_name_the_argument(sound):
    with pytest.raises(ValueError, match="window: must be even"):
        log_mel(sound, rate=RATE, window=511)
    with pytest.raises(ValueError, match="less than twice the 100 samples"):
        log_mel(sound[:100], rate=RATE)
    with pytest.raises(ValueError, match="hop"):
        log_mel(sound, rate=RATE, hop=0)
    with pytest.raises(ValueError, match="sound: must be finite"):
        log_mel(np.full(8000, np.inf), rate=RATE)
