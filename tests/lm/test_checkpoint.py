"""Checkpoints as transformers writes them, and every way to spoil one."""

import json
import pickle

import huggingface_hub
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Model

from recsys_ref.lm.gpt2 import GPT2

IDS = torch.tensor([[1, 2, 3, 4]])


@pytest.fixture
def peer():
    config = GPT2Config(
        vocab_size=11, n_positions=7, n_embd=6, n_layer=2, n_head=3, eos_token_id=None
    )
    return GPT2LMHeadModel(config).eval()


@pytest.fixture
def folder(peer, tmp_path):
    peer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def rewrite(folder, change):
    """Change the tensors of a checkpoint in place."""
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def reconfigure(folder, **settings):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def logits(model, ids=IDS):
    with torch.no_grad():
        out = model(ids)
    return out if torch.is_tensor(out) else out.logits


def test_a_saved_model_loads_by_path_and_by_string(peer, folder):
    for name in (folder, str(folder)):
        model = GPT2.from_pretrained(name)
        assert torch.allclose(logits(model), logits(peer), atol=1e-6)
        assert not model.training
        assert all(weight.requires_grad for weight in model.parameters())


def test_names_without_the_prefix_load_too(peer, tmp_path):
    bare = GPT2Model(peer.config)
    bare.load_state_dict(peer.transformer.state_dict())
    bare.save_pretrained(tmp_path)
    assert "wte.weight" in load_file(tmp_path / "model.safetensors")
    assert torch.allclose(logits(GPT2.from_pretrained(tmp_path)), logits(peer))


def test_shards_load_as_one(peer, tmp_path):
    peer.save_pretrained(tmp_path, max_shard_size="2KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert torch.allclose(logits(GPT2.from_pretrained(tmp_path)), logits(peer))
    next(tmp_path.glob("model-00002-of-*")).unlink()
    with pytest.raises(FileNotFoundError, match=r"shards are missing: \['model-00002"):
        GPT2.from_pretrained(tmp_path)


def test_a_shard_outside_the_folder_is_refused(peer, tmp_path):
    peer.save_pretrained(tmp_path, max_shard_size="2KB")
    index = tmp_path / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    content["weight_map"]["wte.weight"] = "../elsewhere.safetensors"
    index.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"names files elsewhere: \['\.\./elsewhere"):
        GPT2.from_pretrained(tmp_path)


def test_masks_and_the_tied_output_of_older_files_are_left_out(peer, folder):
    def age(tensors):
        tensors["transformer.h.0.attn.bias"] = torch.ones(1, 1, 7, 7)
        tensors["transformer.h.1.attn.masked_bias"] = torch.tensor(-1e4)
        tensors["lm_head.weight"] = tensors["transformer.wte.weight"].clone()

    rewrite(folder, age)
    assert torch.allclose(logits(GPT2.from_pretrained(folder)), logits(peer))


def test_the_shared_matrix_may_have_the_outputs_name_alone(peer, folder):
    rewrite(
        folder, lambda t: t.update({"lm_head.weight": t.pop("transformer.wte.weight")})
    )
    assert torch.allclose(logits(GPT2.from_pretrained(folder)), logits(peer))


def test_half_precision_is_widened(peer, folder):
    peer.to(torch.bfloat16).save_pretrained(folder)
    model = GPT2.from_pretrained(folder)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert torch.allclose(logits(model), logits(peer.float()), atol=1e-6)


def test_a_torn_file_is_named(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"model\.safetensors: is damaged"):
        GPT2.from_pretrained(folder)


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", b"\xff" * 99])
def test_a_file_of_something_else_is_named(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.safetensors: is damaged"):
        GPT2.from_pretrained(folder)


def drop(tensors):
    del tensors["transformer.h.1.mlp.c_fc.bias"]


def turn(tensors):
    name = "transformer.h.0.attn.c_attn.weight"
    tensors[name] = tensors[name].T.contiguous()


def spoil(tensors):
    tensors["transformer.ln_f.weight"][2] = float("nan")


def add(tensors):
    tensors["transformer.h.2.ln_1.bias"] = torch.zeros(6)


def untie(tensors):
    tensors["lm_head.weight"] = tensors["transformer.wte.weight"] + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop, "tensor h.1.mlp.c_fc.bias is missing"),
        (turn, r"h.0.attn.c_attn.weight must have shape \[6, 18\] .* got \[18, 6\]"),
        (spoil, r"model.safetensors: tensor ln_f.weight has values not finite"),
        (add, r"tensor h.2.ln_1.bias is not in a model of config.json"),
        (untie, "lm_head.weight must equal wte.weight"),
    ],
)
def test_a_wrong_tensor_is_named(folder, change, message):
    rewrite(folder, change)
    with pytest.raises(ValueError, match=message):
        GPT2.from_pretrained(folder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"vocab_size": 12}, r"wte.weight must have shape \[12, 6\] .* got \[11, 6\]"),
        ({"n_layer": 3}, "tensor h.2.ln_1.weight is missing"),
        ({"n_layer": 1}, r"tensor h.1.\S+ is not in a model"),
        ({"n_head": 4}, "n_embd must be a multiple of n_head = 4, got 6"),
        ({"n_head": None}, "n_head must be a whole number, got None"),
        ({"n_inner": 30}, "n_inner must be 24, got 30"),
        ({"activation_function": "relu"}, "activation_function must be gelu_new"),
        ({"model_type": "llama"}, "model_type must be gpt2, got llama"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings must be True"),
        ({"scale_attn_weights": False}, "scale_attn_weights must be True"),
    ],
)
def test_a_configuration_that_does_not_fit_is_named(folder, settings, message):
    reconfigure(folder, **settings)
    with pytest.raises(ValueError, match=message):
        GPT2.from_pretrained(folder)


def test_a_configuration_that_is_no_json_is_named(folder):
    (folder / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config\.json: is not JSON"):
        GPT2.from_pretrained(folder)
    (folder / "config.json").write_text("[]")
    with pytest.raises(ValueError, match="must hold an object, got list"):
        GPT2.from_pretrained(folder)
    (folder / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"config\.json: no such file"):
        GPT2.from_pretrained(folder)


def test_pickled_weights_are_never_read(folder):
    (folder / "model.safetensors").unlink()
    trap = folder / "pytorch_model.bin"
    trap.write_bytes(pickle.dumps({}))
    with pytest.raises(FileNotFoundError, match=r"pytorch_model\.bin'\] are pickled"):
        GPT2.from_pretrained(folder)


@pytest.mark.parametrize("name", ["no-such/model", "three/part/name", "bad name!"])
def test_a_name_that_nothing_gives_says_what_was_tried(name, monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as error:
        GPT2.from_pretrained(name)
    assert str(tmp_path / name) in str(error.value)
    assert "the hub and its cache gave no model" in str(error.value)


def test_a_model_in_the_hubs_cache_loads_offline(peer, folder, monkeypatch, tmp_path):
    entry = tmp_path / "models--some--model"
    snapshot = entry / "snapshots" / ("a" * 40)
    snapshot.parent.mkdir(parents=True)
    folder.rename(snapshot)
    (entry / "refs").mkdir()
    (entry / "refs" / "main").write_text("a" * 40)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    assert torch.allclose(logits(GPT2.from_pretrained("some/model")), logits(peer))
