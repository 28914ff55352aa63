"""Models by name: what ran is named, nothing stands in, nothing is unpickled."""

import json
import pickle
import socket
import threading
import time

import gguf
import huggingface_hub
import numpy as np
import pytest
import torch

from recsys_ref import assets
from recsys_ref.lm import gguf as conversion
from recsys_ref.lm import pretrained
from recsys_ref.lm.hidden import hidden_states
from recsys_ref.lm.pretrained import devices, load_causal, load_encoder

TEXTS = ["A film about toys.", "日本語と emoji 🎬", "x"]


def states_of(model, ids):
    """Return all L + 1 hidden states as transformers gives them."""
    with torch.inference_mode():
        return model(ids, output_hidden_states=True).hidden_states


def test_the_repr_says_what_runs_where(encoder, causal):
    assert repr(encoder) == (
        "TextModel('all-minilm-l6-v2', BertModel, 22.7 M parameters, "
        "context 256 tokens, on cpu)"
    )
    assert "'smollm2-135m-instruct', LlamaForCausalLM, 134.5 M" in repr(causal)


def test_a_model_is_ready_to_run(encoder, causal):
    for model in (encoder.model, causal.model):
        assert not model.training
        assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_a_local_folder_gives_the_model_that_was_saved(gpt2_folder, tiny_gpt2):
    model = load_causal(gpt2_folder)
    ids = torch.tensor([[5, 900, 41]])
    with torch.inference_mode():
        torch.testing.assert_close(model.model(ids).logits, tiny_gpt2(ids).logits)
    assert model.name == str(gpt2_folder)
    assert model.context == 40


def test_a_causal_model_can_be_loaded_without_its_head(gpt2_folder, tiny_gpt2):
    model = load_encoder(gpt2_folder)
    ids = torch.tensor([[5, 900, 41]])
    with torch.inference_mode():
        found = model.model(ids).last_hidden_state
    torch.testing.assert_close(found, states_of(tiny_gpt2, ids)[-1])


def test_an_encoder_is_not_passed_off_as_a_causal_model(bert_folder):
    with pytest.raises(ValueError, match="so is no BertLMHeadModel"):
        load_causal(bert_folder)


def test_loading_says_nothing_and_asks_no_network(capfd, monkeypatch, gpt2_folder):
    def no_network(*_, **__):
        raise AssertionError("the network was asked")

    capfd.readouterr()  # what the fixtures said
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    load_encoder()
    load_causal()
    load_encoder(gpt2_folder)  # drops a head: transformers would report it
    assert capfd.readouterr() == ("", "")


# Names


def test_an_unknown_name_without_the_hub_says_what_is_here(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(FileNotFoundError) as caught:
        load_causal("openai-community/gpt2-not-here")
    for word in ("gpt2-not-here", "hub", *pretrained.MODELS):
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["no such name", "/no/such/folder", "", "a/b/c"])
def test_what_no_hub_can_have_is_not_asked_for(name, monkeypatch):
    monkeypatch.setattr(pretrained, "snapshot_download", None)  # a call would fail
    with pytest.raises(FileNotFoundError, match="no name that the hub could have"):
        load_encoder(name)


def test_an_asset_that_is_no_model_is_refused():
    with pytest.raises(FileNotFoundError, match="'movielens-100k' is no"):
        load_encoder("movielens-100k")


def test_a_hub_name_loads_what_the_hub_gives(gpt2_folder, monkeypatch):
    asked = []

    def download(name, **options):
        asked.append((name, options["allow_patterns"]))
        return str(gpt2_folder)

    monkeypatch.setattr(pretrained, "snapshot_download", download)
    assert load_causal("someone/small").name == "someone/small"
    ((name, patterns),) = asked
    assert name == "someone/small"
    assert "*.safetensors" in patterns
    assert not any("bin" in pattern or "py" in pattern for pattern in patterns)


# Devices


def test_each_device_that_is_here_runs_a_model(device, gpt2_folder, tiny_gpt2):
    model = load_causal(gpt2_folder, device=device)
    assert {w.device.type for w in model.model.parameters()} == {model.device.type}
    ids = torch.tensor([[5, 900, 41]])
    found = hidden_states(model.network, ids.to(model.device))
    torch.testing.assert_close(found.cpu(), states_of(tiny_gpt2, ids)[-1])


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "cpu:7", "meta", 3.5, None])
def test_a_device_that_is_not_here_is_refused(name):
    with pytest.raises(ValueError, match=r"device: must be one of \['cpu'"):
        load_encoder(device=name)


def test_the_processor_is_always_there():
    assert devices()[0] == "cpu"


# Files


class Trap:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.pt"])
def test_pickled_weights_are_refused_unopened(file, bert_folder, tmp_path):
    (bert_folder / "model.safetensors").unlink()
    (bert_folder / file).write_bytes(pickle.dumps(Trap(tmp_path / "mark")))
    with pytest.raises(ValueError, match=f"{file}.*may be pickled and is never read"):
        load_encoder(bert_folder)
    assert not (tmp_path / "mark").exists()


def test_a_folder_without_weights_is_refused(bert_folder):
    (bert_folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="holds no weights in safetensors or GGUF"):
        load_encoder(bert_folder)


@pytest.mark.parametrize("keep", [0, 7, 2_000, -1])
def test_torn_weights_are_named(keep, bert_folder):
    weights = bert_folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"model\.safetensors is damaged"):
        load_encoder(bert_folder)


def test_weights_of_another_shape_are_named(bert_folder):
    config = json.loads((bert_folder / "config.json").read_text())
    (bert_folder / "config.json").write_text(
        json.dumps(config | {"intermediate_size": 64})
    )
    with pytest.raises(ValueError, match=r"AutoModel from model\.safetensors"):
        load_encoder(bert_folder)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json"])
def test_damaged_text_files_give_a_clear_error(file, bert_folder):
    path = bert_folder / file
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="no model that can be loaded"):
        load_encoder(bert_folder)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no such thing" * 99])
def test_a_damaged_gguf_file_is_named(content, tmp_path, monkeypatch):
    monkeypatch.setenv("RECSYS_REF_HOME", str(tmp_path / "home"))
    (tmp_path / "torn.gguf").write_bytes(content)
    with pytest.raises(ValueError, match=r"torn\.gguf cannot be read as GGUF"):
        load_causal(tmp_path)
    assert not [p for p in (tmp_path / "home").iterdir() if p.is_dir()]


def test_two_gguf_files_in_a_folder_leave_the_choice_open(tmp_path):
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=r"must hold one GGUF file.*a\.gguf"):
        load_causal(tmp_path)


# Conversion


def test_converted_weights_are_those_of_the_gguf_file(causal):
    folder = assets.fetch("smollm2-135m-instruct")
    reader = gguf.GGUFReader(next(folder.glob("*.gguf")))
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    state = causal.model.state_dict()
    for theirs, ours in {
        "token_embd.weight": "model.embed_tokens.weight",
        "blk.29.ffn_down.weight": "model.layers.29.mlp.down_proj.weight",
        "blk.3.attn_v.weight": "model.layers.3.self_attn.v_proj.weight",
        "output_norm.weight": "model.norm.weight",
    }.items():
        tensor = tensors[theirs]
        values = gguf.quants.dequantize(tensor.data[:400], tensor.tensor_type)
        np.testing.assert_array_equal(state[ours][:400].numpy(), values[:400])


def test_the_converted_model_speaks(causal):
    ids = causal.tokenizer("The capital of France is", return_tensors="pt")
    with torch.inference_mode():
        best = causal.model(**ids).logits[0, -1].argmax()
    assert causal.tokenizer.decode(best) == " Paris"


@pytest.fixture
def packed(tmp_path, monkeypatch):
    """A file, and a cheap conversion of it that counts how often it ran."""
    monkeypatch.setenv("RECSYS_REF_HOME", str(tmp_path / "home"))
    runs = []

    def convert(file, folder):
        runs.append(file)
        time.sleep(0.05)  # so that others can come meanwhile
        (folder / "model.safetensors").write_bytes(file.read_bytes() * 2)
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(conversion, "_convert", convert)
    (tmp_path / "small.gguf").write_bytes(b"some weights")
    return tmp_path / "small.gguf", runs


def test_a_file_is_converted_once(packed):
    file, runs = packed
    assert conversion.converted(file) == conversion.converted(file)
    assert len(runs) == 1


def test_another_content_under_the_same_name_is_converted_too(packed):
    file, runs = packed
    before = conversion.converted(file)
    file.write_bytes(b"other weights")
    assert conversion.converted(file) != before
    assert len(runs) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"some weightssome weightz"),
        ("config.json", None),
        ("manifest.json", None),
        ("manifest.json", b"[]"),
        ("manifest.json", b"{"),
    ],
)
def test_a_damaged_conversion_is_made_again(name, content, packed):
    file, runs = packed
    folder = conversion.converted(file)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    assert conversion.converted(file) == folder
    assert (folder / "model.safetensors").read_bytes() == b"some weightssome weights"
    assert len(runs) == 2
    assert conversion.converted(file) == folder
    assert len(runs) == 2


def test_a_conversion_that_fails_leaves_nothing(packed, monkeypatch):
    file, _ = packed

    def fail(_, folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(conversion, "_convert", fail)
    with pytest.raises(OSError, match="No space left"):
        conversion.converted(file)
    assert [p for p in assets.home().iterdir() if p.suffix != ".lock"] == []


def test_processes_that_ask_at_once_wait_for_one_conversion(packed):
    file, runs = packed
    gate = threading.Barrier(4)

    def ask():
        gate.wait()
        conversion.converted(file)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1


# Hidden states, tokens, fingerprint


@pytest.mark.parametrize("layer", [*range(-4, 4), None])
@pytest.mark.parametrize("tiny", ["tiny_bert", "tiny_gpt2"])
def test_a_layer_is_the_hidden_state_that_transformers_counts(tiny, layer, request):
    network = request.getfixturevalue(tiny).base_model
    ids = torch.tensor([[5, 900, 41, 7], [6, 6, 8, 0]])
    wanted = states_of(network, ids)[-1 if layer is None else layer]
    torch.testing.assert_close(hidden_states(network, ids, layer=layer), wanted)
    states_of(network, ids)  # nothing is left behind in the network


@pytest.mark.parametrize("layer", [4, -5, 99])
def test_a_layer_that_is_not_there_is_refused(layer, tiny_bert):
    with pytest.raises(ValueError, match=r"layer: must be from 0.* to 3, the last"):
        hidden_states(tiny_bert, torch.tensor([[1]]), layer=layer)


@pytest.mark.parametrize("which", ["encoder", "causal"])
def test_control_tokens_in_a_text_are_plain_text(which, request):
    model = request.getfixturevalue(which)
    control = set(model.tokenizer.all_special_ids)
    text = "".join(model.tokenizer.all_special_tokens)
    plain, said = model.token_ids(["x", text])
    assert [i for i in said if i in control] == [i for i in plain if i in control]
    decoded = model.tokenizer.decode(said, skip_special_tokens=True)
    assert decoded.replace(" ", "").lower() == text.replace(" ", "").lower()


def test_a_cut_text_keeps_the_model_s_own_tokens(encoder):
    long = "toy " * 300
    (whole,), (cut,) = encoder.token_ids([long]), encoder.token_ids([long], cut=True)
    assert (len(whole), len(cut)) == (302, 256)
    assert cut == [*whole[:255], whole[-1]]


def test_the_fingerprint_follows_the_weights_and_the_tokenizer(bert_folder):
    model, again = load_encoder(bert_folder), load_encoder(bert_folder)
    before = model.fingerprint()
    model.token_ids(["x " * 99], cut=True)  # leaves its mark in the tokenizer
    assert again.fingerprint() == before == model.fingerprint()
    with torch.no_grad():
        model.model.encoder.layer[1].output.dense.weight[3, 4] += 1e-3
    changed = model.fingerprint()
    assert changed != before
    again.tokenizer.add_tokens(["neologism"])
    assert again.fingerprint() not in (before, changed)
