"""Sounds: against transformers called directly; files in and out."""

import numpy as np
import pytest
import torch
from scipy.io import wavfile
from transformers import ClapFeatureExtractor, ClapModel

from recsys_ref.content.audio import encode_sounds, load_audio_model, read_wav

RATE = 8000


@pytest.fixture(scope="module")
def model(clap_folder):
    return load_audio_model(clap_folder)


@pytest.fixture(scope="module")
def sounds():
    rng = np.random.default_rng(0)
    return [rng.normal(0, 0.3, n).astype(np.float32) for n in (8000, 3000, 8000, 7999)]


def test_vectors_are_those_of_transformers(model, clap_folder, sounds):
    network = ClapModel.from_pretrained(clap_folder).eval()
    extractor = ClapFeatureExtractor.from_pretrained(clap_folder)
    inputs = extractor(sounds, sampling_rate=RATE, return_tensors="pt")
    with torch.inference_mode():
        out = network.get_audio_features(**inputs)
    theirs = getattr(out, "pooler_output", out).numpy()
    ours = encode_sounds(model, sounds, rate=RATE, batch_size=3)
    assert ours.shape == (4, 32)
    assert ours.dtype == np.float32
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_of_a_long_sound_the_beginning_counts_always(model):
    rng = np.random.default_rng(1)
    long = rng.normal(0, 0.3, 30_000)
    one, again = (encode_sounds(model, [long], rate=RATE) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    start = encode_sounds(model, [long[:8000]], rate=RATE)
    np.testing.assert_allclose(one, start, atol=1e-6)


def test_the_batch_does_not_matter(model, sounds):
    one, all_ = (encode_sounds(model, sounds, rate=RATE, batch_size=n) for n in (1, 9))
    np.testing.assert_allclose(one, all_, atol=1e-5)
    assert encode_sounds(model, [], rate=RATE).shape == (0, 32)


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        (np.zeros((2, 100)), "must be float"),
        (np.zeros(0), "must be float"),
        (np.zeros(100, np.int16), "must be float"),
        (np.array([0.0, np.nan]), "must be finite"),
    ],
)
def test_what_is_no_sound_is_refused(model, sounds, bad, match):
    with pytest.raises(ValueError, match=rf"sounds\[1\]: {match}"):
        encode_sounds(model, [sounds[0], bad], rate=RATE)


def test_another_rate_is_refused(model, sounds):
    with pytest.raises(ValueError, match=r"rate: .* trained on 8000 Hz, got 16000"):
        encode_sounds(model, sounds, rate=16_000)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.uint8])
def test_a_wav_file_comes_back_at_full_scale_one(tmp_path, dtype):
    wave = 0.5 * np.sin(np.arange(800) / 9)
    stored = {
        "int16": wave * 2**15,
        "int32": wave * 2**31,
        "float32": wave,
        "uint8": wave * 128 + 128,
    }[np.dtype(dtype).name].astype(dtype)
    wavfile.write(tmp_path / "x.wav", RATE, stored)
    ours = read_wav(tmp_path / "x.wav", rate=RATE)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, wave, atol=0.01)


def test_channels_are_averaged_and_the_rate_is_changed(tmp_path):
    time = np.arange(16_000) / 16_000
    tone = np.sin(2 * np.pi * 440 * time)
    stereo = np.column_stack([tone, np.zeros_like(tone)]).astype(np.float32)
    wavfile.write(tmp_path / "x.wav", 16_000, stereo)
    ours = read_wav(tmp_path / "x.wav", rate=RATE)
    assert ours.shape == (8000,)
    expected = np.sin(2 * np.pi * 440 * np.arange(8000) / RATE) / 2
    np.testing.assert_allclose(ours[100:-100], expected[100:-100], atol=0.01)


def test_files_that_are_no_sound_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_wav(tmp_path / "none.wav", rate=RATE)
    path = tmp_path / "x.wav"
    path.write_bytes(b"no sound at all")
    with pytest.raises(ValueError, match="cannot be read as WAV"):
        read_wav(path, rate=RATE)
    wavfile.write(path, RATE, np.zeros(0, np.int16))
    with pytest.raises(ValueError, match="holds no sample"):
        read_wav(path, rate=RATE)
