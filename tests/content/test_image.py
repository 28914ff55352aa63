"""Pictures: against transformers called directly, and against a plain loop."""

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPImageProcessorPil, CLIPModel

from recsys_ref.content.image import (
    color_histogram,
    encode_images,
    load_image_model,
    read_image,
)

MEAN = np.array([0.48145466, 0.4578275, 0.40821073])  # of CLIP's training pictures
STD = np.array([0.26862954, 0.26130258, 0.27577711])


@pytest.fixture(scope="module")
def model(clip_folder):
    return load_image_model(clip_folder)


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    sizes = [(32, 32), (40, 60), (90, 33), (32, 32), (50, 50)]
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


def test_vectors_are_those_of_transformers(model, clip_folder, pictures):
    network = CLIPModel.from_pretrained(clip_folder).eval()
    processor = CLIPImageProcessorPil.from_pretrained(clip_folder)
    with torch.inference_mode():
        out = network.get_image_features(**processor(pictures, return_tensors="pt"))
    theirs = getattr(out, "pooler_output", out).numpy()
    ours = encode_images(model, pictures, batch_size=2)
    assert ours.shape == (5, 32)
    assert ours.dtype == np.float32
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_preparation_is_scale_cut_and_standardize(model, pictures):
    """By Pillow and NumPy: shorter side to 32, the middle, colors standardized."""
    wide = pictures[1]  # 40 x 60
    scaled = Image.fromarray(wide).resize((48, 32), Image.Resampling.BICUBIC)
    middle = np.asarray(scaled)[:, 8:40]
    by_hand = ((middle / 255 - MEAN) / STD).transpose(2, 0, 1)
    theirs = model.processor([wide], return_tensors="np")["pixel_values"][0]
    np.testing.assert_allclose(theirs, by_hand, atol=1e-5)


def test_the_batch_does_not_matter(model, pictures):
    one, all_ = (encode_images(model, pictures, batch_size=n) for n in (1, 64))
    np.testing.assert_allclose(one, all_, atol=1e-5)
    assert encode_images(model, []).shape == (0, 32)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
        np.zeros((8, 8, 3)),
        "poster.png",
    ],
)
def test_what_is_no_picture_is_refused(model, pictures, bad):
    for use in (lambda x: encode_images(model, x), color_histogram):
        with pytest.raises(ValueError, match=r"images\[1\]: must be uint8"):
            use([pictures[0], bad])


def test_picture_files_come_back_as_they_were(tmp_path, pictures):
    path = tmp_path / "poster.png"
    Image.fromarray(pictures[1]).save(path)
    np.testing.assert_array_equal(read_image(path), pictures[1])
    Image.fromarray(pictures[1][..., 0]).save(path)
    np.testing.assert_array_equal(read_image(path), pictures[1][..., :1].repeat(3, 2))


def test_files_that_are_no_pictures_are_refused(tmp_path, pictures):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_image(tmp_path / "none.png")
    path = tmp_path / "poster.png"
    path.write_text("no picture")
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        read_image(path)
    Image.fromarray(pictures[1]).save(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        read_image(path)


@pytest.mark.parametrize("levels", [2, 4, 8])
def test_the_histogram_is_a_plain_count(pictures, levels):
    small = pictures[0][:6, :5]
    count = np.zeros((levels, levels, levels))
    for row in small:
        for pixel in row:
            count[tuple(int(v) // (256 // levels) for v in pixel)] += 1
    ours = color_histogram([small], levels=levels)[0]
    np.testing.assert_allclose(ours, count.ravel() / 30, rtol=1e-6)


def test_levels_out_of_range_are_refused(pictures):
    for levels in (1, 257):
        with pytest.raises(ValueError, match="levels: must be"):
            color_histogram(pictures, levels=levels)
