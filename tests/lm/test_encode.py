"""Text to vectors: against a plain loop, sentence-transformers, and the cache."""

import sqlite3
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from recsys_ref import assets
from recsys_ref.lm import encode as module
from recsys_ref.lm import store
from recsys_ref.lm.encode import count_tokens, encode
from recsys_ref.lm.pooling import ROOM, batches
from recsys_ref.lm.pretrained import load_encoder

TEXTS = [
    "Toy Story (1995): Animation, Children's, Comedy",
    "tax law",
    "Ein Film über Spielzeug, für Kinder und für alle, die es einmal waren.",
    "日本語 und русский, العربية 🎬🍿 👨‍👩‍👧",
    "x",
    "Toy Story (1995): Animation, Children's, Comedy",
    "line\nbreak\tand  spaces ",
]


@pytest.fixture(autouse=True)
def own_store(encoder, causal, tmp_path, monkeypatch):
    """Give each test a store of its own, once the real models are loaded."""
    monkeypatch.setenv("RECSYS_REF_HOME", str(tmp_path / "home"))


@pytest.fixture
def no_network_runs(monkeypatch):
    """Forbid computing, from when it is called."""

    def forbid():
        monkeypatch.setattr(module, "pooled", None)

    return forbid


def one_by_one(model, texts, pooling, layer, drop_first):
    """Pool by hand, a text at a time, what transformers gives of all layers."""
    vectors = []
    for text in texts:
        ids = torch.tensor([model.tokenizer(text)["input_ids"]])
        with torch.inference_mode():
            output = model.network(ids, output_hidden_states=True)
        states = output.hidden_states[-1 if layer is None else layer][0].numpy()
        states = states[int(drop_first) :]
        if pooling == "mean":
            vectors.append(states.sum(0) / len(states))
        else:
            vectors.append(states[{"last": -1, "cls": 0}[pooling]])
    vectors = np.array(vectors)
    return vectors / np.sqrt((vectors**2).sum(1, keepdims=True))


# What the vectors are


def test_the_catalogue_has_sentence_transformers_own_vectors(encoder, movielens):
    texts = movielens.items.text().tolist()
    peer = SentenceTransformer(str(encoder.model.config.name_or_path), device="cpu")
    wanted = peer.encode(texts, show_progress_bar=False)
    found = encode(encoder, texts)
    assert len(texts) == 1_682
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def test_a_cut_text_has_sentence_transformers_own_vector(encoder):
    peer = SentenceTransformer(str(encoder.model.config.name_or_path), device="cpu")
    texts = ["toy story " * 200, *TEXTS]
    found = encode(encoder, texts, truncate="end")
    wanted = peer.encode(texts, show_progress_bar=False)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("which", "pooling", "layer", "drop_first"),
    [
        ("encoder", "mean", None, False),
        ("encoder", "mean", 3, True),
        ("encoder", "last", None, False),
        ("encoder", "cls", 5, False),
        ("causal", "mean", 16, True),
        ("causal", "mean", 0, False),
        ("causal", "last", None, True),
    ],
)
def test_vectors_are_those_of_a_plain_loop(which, pooling, layer, drop_first, request):
    model = request.getfixturevalue(which)
    texts = [text for text in TEXTS if len(text) > 1]
    options = {"pooling": pooling, "layer": layer, "drop_first": drop_first}
    found = encode(model, texts, **options)
    wanted = one_by_one(model, texts, **options)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def test_the_first_token_drowns_the_others_in_a_middle_layer(causal):
    texts = [TEXTS[0], TEXTS[1], TEXTS[2]]
    sunk = encode(causal, texts, layer=16)
    clear = encode(causal, texts, layer=16, drop_first=True)
    assert (sunk @ sunk.T).min() > 0.99
    assert (clear @ clear.T).min() < 0.8


def test_a_layer_counted_from_the_end_is_the_same_layer(encoder):
    last = encode(encoder, TEXTS)
    np.testing.assert_array_equal(encode(encoder, TEXTS, layer=-1), last)
    np.testing.assert_array_equal(encode(encoder, TEXTS, layer=6), last)
    np.testing.assert_array_equal(
        encode(encoder, TEXTS, layer=-3), encode(encoder, TEXTS, layer=4)
    )


@pytest.mark.parametrize("batch_size", [1, 2, 64])
@pytest.mark.parametrize("which", ["encoder", "causal"])
def test_a_vector_depends_neither_on_order_nor_on_batches(which, batch_size, request):
    model = request.getfixturevalue(which)
    options = {"drop_first": False, "cache": False}
    wanted = encode(model, TEXTS, **options)
    found = encode(model, TEXTS[::-1], batch_size=batch_size, **options)[::-1]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def test_unit_length_is_a_choice(encoder):
    raw = encode(encoder, TEXTS, unit=False)
    lengths = np.linalg.norm(raw, axis=1)
    assert lengths.min() > 1.5
    np.testing.assert_allclose(
        encode(encoder, TEXTS), raw / lengths[:, None], atol=1e-6
    )


def test_each_device_gives_the_same_vectors(device, bert_folder):
    wanted = encode(load_encoder(bert_folder), TEXTS)
    found = encode(load_encoder(bert_folder, device=device), TEXTS)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def test_no_texts_give_no_vectors(encoder):
    assert encode(encoder, []).shape == (0, 384)
    assert count_tokens(encoder, []).shape == (0,)


def test_control_tokens_in_a_text_do_not_end_it(encoder):
    said = encode(encoder, ["toys [SEP] [PAD] tax law", "toys tax law"])
    ids = encoder.tokenizer("toys [SEP] [PAD] tax law")["input_ids"]
    with torch.inference_mode():
        control = encoder.model(torch.tensor([ids])).last_hidden_state[0].mean(0)
    control = control.numpy() / np.linalg.norm(control.numpy())
    assert abs(said[0] - control).max() > 0.01


@given(
    st.lists(st.integers(1, 9_000), max_size=40),
    st.integers(1, 7),
)
def test_batches_hold_each_text_once_and_have_room(lengths, batch_size):
    found = list(batches(lengths, batch_size))
    order = [int(row) for batch in found for row in batch]
    assert sorted(order) == list(range(len(lengths)))
    assert [lengths[row] for row in order] == sorted(lengths)
    for batch in found:
        longest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or len(batch) * longest <= ROOM
        assert 1 <= len(batch) <= batch_size


# What is refused


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "says nothing"),
        (" \n\t\u3000", "says nothing"),
        (None, "NoneType"),
        (float("nan"), "float nan"),
        (b"bytes", "bytes"),
        (["list"], "list"),
        ("half \ud83c", "half a surrogate pair"),
        ("\x00", "leaves no token to pool"),
        ("\u200b\u200d", "leaves no token to pool"),
    ],
)
def test_a_text_that_is_none_is_named(text, trouble, encoder):
    with pytest.raises(ValueError, match=rf"texts\[1\].*{trouble}"):
        encode(encoder, ["fine", text, "fine too"])


def test_one_text_alone_is_not_taken_for_its_letters(encoder):
    with pytest.raises(ValueError, match=r"must be a sequence of texts.*'tax law'"):
        encode(encoder, "tax law")


def test_a_text_of_one_token_cannot_lose_it(causal):
    with pytest.raises(ValueError, match=r"texts\[1\] leaves no token.*drop_first"):
        encode(causal, ["two tokens", "x"], drop_first=True)


@pytest.mark.parametrize(
    "options",
    [
        {"pooling": "max"},
        {"layer": 7},
        {"truncate": "start"},
        {"truncate": None},
        {"batch_size": 0},
        {"drop_first": True, "pooling": "cls"},
    ],
)
def test_an_option_that_is_not_there_is_named(options, encoder):
    name = next(iter(options))
    with pytest.raises(ValueError, match=f"^{name}: must be"):
        encode(encoder, TEXTS, **options)


def test_a_long_text_is_cut_only_when_that_is_said(encoder):
    texts = ["fine", "toy " * 254, "toy " * 255]
    assert count_tokens(encoder, texts).tolist() == [3, 256, 257]
    with pytest.raises(ValueError, match=r"texts\[2\] must be of at most 256.*257"):
        encode(encoder, texts)
    cut = encode(encoder, texts, truncate="end")
    np.testing.assert_allclose(cut[2], cut[1], atol=1e-5)
    with pytest.raises(ValueError, match=r"texts\[0\] must be of at most 256.*257"):
        encode(encoder, texts[2:])  # though its vector is now in the store


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_names_its_text(wrong, bert_folder):
    model = load_encoder(bert_folder)
    tax = model.tokenizer.convert_tokens_to_ids("tax")
    with torch.no_grad():
        model.model.embeddings.word_embeddings.weight[tax] = wrong
    texts = ["toys", "children and toys", "on tax law", "toys", "on tax law"]
    for _ in range(2):  # and is not remembered
        with pytest.raises(ValueError, match=r"texts\[2\] must have.*finite.*nan"):
            encode(model, texts)
    assert np.isfinite(encode(model, texts[:2])).all()


def test_a_zero_vector_has_no_unit_length(bert_folder):
    model = load_encoder(bert_folder)
    with torch.no_grad():
        model.model.embeddings.LayerNorm.weight.zero_()
        model.model.embeddings.LayerNorm.bias.zero_()
    with pytest.raises(ValueError, match=r"texts\[0\] must have.*not zero"):
        encode(model, TEXTS, layer=0)
    assert not encode(model, TEXTS, layer=0, unit=False).any()


# What is remembered


def test_a_second_run_computes_nothing(encoder, no_network_runs):
    first = encode(encoder, TEXTS)
    no_network_runs()
    np.testing.assert_array_equal(encode(encoder, TEXTS), first)
    np.testing.assert_array_equal(encode(encoder, TEXTS[::-1]), first[::-1])
    np.testing.assert_array_equal(encode(encoder, [TEXTS[2]])[0], first[2])


def test_only_new_texts_are_computed_once_each(encoder, monkeypatch):
    encode(encoder, TEXTS[:2])
    ran = []
    honest = module.pooled

    def counted(model, ids, **options):
        ran.extend(ids)
        return honest(model, ids, **options)

    monkeypatch.setattr(module, "pooled", counted)
    encode(encoder, [*TEXTS, *TEXTS])
    assert sorted(ran) == sorted(encoder.token_ids(TEXTS[2:5] + TEXTS[6:]))


def test_remembered_or_not_the_vectors_are_the_same(encoder):
    without = encode(encoder, TEXTS, cache=False)
    assert store.size() == 0
    encode(encoder, TEXTS[3:])
    for _ in range(2):
        with_cache = encode(encoder, TEXTS)
        np.testing.assert_allclose(with_cache, without, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "options", [{"pooling": "cls"}, {"layer": 2}, {"drop_first": True}]
)
def test_other_options_are_other_vectors(options, encoder):
    texts = TEXTS[:3]
    plain = encode(encoder, texts)
    found = encode(encoder, texts, **options)
    np.testing.assert_array_equal(found, encode(encoder, texts, cache=False, **options))
    assert abs(found - plain).max() > 0.001


def test_a_model_that_was_trained_gets_no_stale_vectors(bert_folder):
    model = load_encoder(bert_folder)
    before = encode(model, TEXTS)
    weights = model.model.encoder.parameters()
    optimiser = torch.optim.SGD(weights, lr=0.1)
    ids = torch.tensor(model.token_ids([TEXTS[0]]))
    model.model(ids).last_hidden_state[..., 0].sum().backward()
    optimiser.step()
    after = encode(model, TEXTS)
    assert abs(after - before).max() > 1e-4
    np.testing.assert_array_equal(after, encode(model, TEXTS, cache=False))


def test_a_damaged_store_is_begun_anew(encoder):
    first = encode(encoder, TEXTS)
    store.path().write_bytes(b"no database at all" * 999)
    np.testing.assert_allclose(encode(encoder, TEXTS), first, rtol=0, atol=1e-6)
    whole = store.path().read_bytes()
    store.path().write_bytes(whole[: len(whole) // 2])
    np.testing.assert_allclose(encode(encoder, TEXTS), first, rtol=0, atol=1e-6)
    assert len(store.path().read_bytes()) == len(whole)


def test_each_flipped_byte_of_the_store_is_found(encoder):
    first = encode(encoder, TEXTS)
    whole = bytearray(store.path().read_bytes())
    for place in range(100, len(whole), 997):
        torn = whole.copy()
        torn[place] ^= 0x55
        store.path().write_bytes(torn)
        found = encode(encoder, TEXTS)
        np.testing.assert_allclose(found, first, rtol=0, atol=1e-6)


def test_a_vector_with_another_checksum_is_computed_again(encoder):
    first = encode(encoder, TEXTS)
    with sqlite3.connect(store.path()) as connection:
        connection.execute("UPDATE vectors SET vector = zeroblob(1536)")
    connection.close()
    np.testing.assert_allclose(encode(encoder, TEXTS), first, rtol=0, atol=1e-6)


def test_processes_write_at_once():
    script = """
import sys
import numpy as np
from recsys_ref.lm import store
for row in range(20):
    key = b"%s %d" % (sys.argv[1].encode(), row)
    store.put({key: (row, np.full(9, row, np.float32))})
"""
    names = ("a", "b", "c")
    command = [sys.executable, "-c", script]
    writers = [subprocess.Popen([*command, name]) for name in names]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    keys = [b"%s %d" % (name.encode(), row) for name in names for row in range(20)]
    found = store.get(keys)
    assert [found[key][0] for key in keys] == [*range(20)] * 3
    assert all((vector == tokens).all() for tokens, vector in found.values())


def test_the_store_can_be_cleared(encoder):
    encode(encoder, TEXTS)
    assert store.size() > 0
    store.clear()
    store.clear()
    assert store.size() == 0
    assert store.get([b"key"]) == {}


def test_a_store_that_cannot_be_written_says_what_to_do(encoder):
    assets.home().mkdir()
    store.path().mkdir()
    with pytest.raises(OSError, match=r"vectors\.sqlite cannot be used.*cache=False"):
        encode(encoder, TEXTS)
    assert encode(encoder, TEXTS, cache=False).shape == (7, 384)
