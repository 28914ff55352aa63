"""Small models with random weights: the code runs, and knows nothing.

They stand where real weights are not at hand, and are never taken for a trained
model: their folder's name begins with `random-`. Random features are not
nothing, though. A network that was never trained still sends different pictures
to different places, and a linear map on top can read some of it.

Book section 8.3.
"""

import os
from pathlib import Path

import torch
from transformers import (
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    PreTrainedModel,
)

from recsys_ref.lm.pretrained import quiet

TEXT = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 64}
TEXT |= {"num_hidden_layers": 1, "num_attention_heads": 4}
TEXT |= {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
RATE = 8000  # Hz, of the random CLAP


def random_clip(folder: str | os.PathLike[str], *, seed: int) -> Path:
    """Write a small CLIP with random weights, in the layout of real ones.

    Pictures of 32 x 32 pixels in patches of 8, two blocks of width 64, 32
    dimensions. There is no tokenizer: its text tower reads nothing.

    Args:
        folder: Where to make the folder `random-clip`.
        seed: Of the weights; torch's own seed is left as it was.

    Returns:
        The folder, for `content.image.load_image_model`.
    """
    vision = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    vision |= {"num_attention_heads": 4, "image_size": 32, "patch_size": 8}
    config = CLIPConfig(
        text_config=TEXT | {"max_position_embeddings": 16},
        vision_config=vision,
        projection_dim=32,
    )
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    return _write(CLIPModel, config, processor, Path(folder) / "random-clip", seed)


def random_clap(folder: str | os.PathLike[str], *, seed: int) -> Path:
    """Write a small CLAP with random weights, in the layout of real ones.

    Sounds of one second at 8 kHz in 32 bands, two stages of width 16 and 32,
    32 dimensions. There is no tokenizer.

    Args:
        folder: Where to make the folder `random-clap`.
        seed: Of the weights; torch's own seed is left as it was.

    Returns:
        The folder, for `content.audio.load_audio_model`.
    """
    audio = {"spec_size": 64, "num_mel_bins": 32, "window_size": 4, "patch_size": 4}
    audio |= {"patch_stride": [4, 4], "patch_embeds_hidden_size": 16, "depths": [1, 1]}
    audio |= {"num_attention_heads": [2, 2], "hidden_size": 32, "num_classes": 2}
    config = ClapConfig(
        text_config=TEXT | {"max_position_embeddings": 20},
        audio_config=audio | {"projection_dim": 32},
        projection_dim=32,
    )
    extractor = ClapFeatureExtractor(
        feature_size=32,
        sampling_rate=RATE,
        hop_length=200,
        max_length_s=1,
        fft_window_size=512,
        frequency_min=50,
        frequency_max=RATE // 2,
        truncation="rand_trunc",
    )
    return _write(ClapModel, config, extractor, Path(folder) / "random-clap", seed)


def _write(
    kind: type[PreTrainedModel], config, processor, folder: Path, seed: int
) -> Path:
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        kind(config).save_pretrained(folder)
        processor.save_pretrained(folder)
    return folder
