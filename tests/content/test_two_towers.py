"""What loads is what was saved, and what is no model says so."""

import json
import pickle
import shutil
import socket

import huggingface_hub
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import CLIPModel, PreTrainedTokenizerFast

from recsys_ref.content import two_towers
from recsys_ref.content.audio import load_audio_model
from recsys_ref.content.image import load_image_model
from recsys_ref.content.random_towers import random_clap, random_clip
from recsys_ref.content.two_towers import encode_texts
from recsys_ref.lm import pretrained

WORDS = ["<pad>", "<s>", "</s>", "<unk>", "a", "red", "disc", "blue", "square"]


@pytest.fixture
def copied(clip_folder, tmp_path):
    return shutil.copytree(clip_folder, tmp_path / "copy")


@pytest.fixture
def with_words(copied):
    """A CLIP folder whose text tower can read nine words."""
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
    ).save_pretrained(copied)
    return copied


def test_the_model_is_the_one_that_was_saved(clip_folder):
    ours = load_image_model(clip_folder)
    theirs = CLIPModel.from_pretrained(clip_folder)
    for name, weight in theirs.named_parameters():
        torch.testing.assert_close(ours.model.get_parameter(name), weight)
    assert not ours.model.training
    assert ours.dimensions == 32
    assert "random-clip" in repr(ours)
    assert "CLIPModel" in repr(ours)


def test_random_weights_come_from_the_seed_and_leave_torchs_alone(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one = random_clip(tmp_path / "one", seed=1)
    random_clap(tmp_path / "one", seed=1)
    torch.testing.assert_close(torch.rand(3), expected)
    again, other = (random_clip(tmp_path / f"{s}", seed=s) for s in (1, 2))
    weights = [(f / "model.safetensors").read_bytes() for f in (one, again, other)]
    assert weights[0] == weights[1] != weights[2]


def test_loading_says_nothing_and_asks_no_network(capfd, monkeypatch, clip_folder):
    def no_network(*_):
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    load_image_model(clip_folder)
    assert capfd.readouterr() == ("", "")


def test_a_name_that_the_hub_does_not_give_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no asset and no folder"):
        load_image_model("openai/clip-vit-base-patch32")


def test_a_hub_name_loads_what_the_hub_gives(clip_folder, monkeypatch):
    monkeypatch.setattr(
        pretrained, "snapshot_download", lambda name, **_: str(clip_folder)
    )
    assert load_image_model("someone/clip").name == "someone/clip"


def test_another_kind_of_model_is_refused(clip_folder, clap_folder):
    with pytest.raises(ValueError, match="it is a 'clap', not a 'clip'"):
        load_image_model(clap_folder)
    with pytest.raises(ValueError, match="it is a 'clip', not a 'clap'"):
        load_audio_model(clip_folder)


class Bomb:
    """Unpickling this would be noticed."""

    def __reduce__(self):
        return (pytest.fail, ("was unpickled",))


def test_pickled_weights_are_never_read(copied):
    (copied / "model.safetensors").unlink()
    (copied / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ValueError, match=r"pytorch_model\.bin.*never read"):
        load_image_model(copied)


def test_damaged_weights_are_refused(copied):
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ValueError, match="damaged"):
        load_image_model(copied)


def test_missing_files_and_weights_are_refused(copied):
    config = json.loads((copied / "config.json").read_text())
    config["vision_config"]["num_hidden_layers"] = 3
    (copied / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"no weights for \['vision_model"):
        load_image_model(copied)
    (copied / "preprocessor_config.json").unlink()
    with pytest.raises(ValueError, match="preprocessor_config"):
        load_image_model(copied)


def test_an_unknown_device_is_refused(clip_folder):
    with pytest.raises(ValueError, match="device: must be one of"):
        load_image_model(clip_folder, device="abacus")


def test_texts_go_through_the_text_tower(with_words):
    model = load_image_model(with_words)
    texts = ["a red disc", "a blue square", "a red disc"]
    ours = encode_texts(model, texts, batch_size=2)
    with torch.inference_mode():
        for row, ids in zip(ours, ([1, 4, 5, 6, 2], [1, 4, 7, 8, 2]), strict=False):
            out = model.model.get_text_features(input_ids=torch.tensor([ids]))
            vector = getattr(out, "pooler_output", out)[0].numpy()
            np.testing.assert_allclose(
                row, vector / np.linalg.norm(vector), rtol=1e-4, atol=1e-5
            )
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, rtol=1e-5)


def test_a_text_beyond_the_context_is_cut(with_words):
    model = load_image_model(with_words)
    long, longer = (encode_texts(model, ["red " * n]) for n in (14, 40))
    np.testing.assert_allclose(long, longer, atol=1e-5)


def test_a_model_without_a_tokenizer_reads_no_text(clip_folder, with_words):
    with pytest.raises(ValueError, match="has no tokenizer"):
        encode_texts(load_image_model(clip_folder), ["a red disc"])
    with pytest.raises(ValueError, match="in row 1"):
        encode_texts(load_image_model(with_words), ["red", " "])


def test_a_vector_without_a_direction_is_refused(clip_folder):
    model = load_image_model(clip_folder)
    rows = torch.eye(32)
    rows[1] = 0
    with pytest.raises(ValueError, match=r"things: .* gave no direction for \[1\]"):
        two_towers.run_tower(model, lambda x: x, [{"x": rows}], "things")
