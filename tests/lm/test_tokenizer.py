"""The byte-level tokenizer: any Unicode, a plain loop, and the peers."""

import json
import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import GPT2Tokenizer

from recsys_ref.lm.tokenizer import BYTE_SIGNS, END_OF_TEXT, PIECES, ByteBPE

LINE = (
    "the film films filmed filming director directs directed comedy comedies drama "
    "dramatic don't I'll we're they've 1995 1996 1984 Schindler's naïve café (1995) "
    "映画 映画館 кино киноленты 🎬 🎬🎬 👩\u200d👩\u200d👧 "
    "e\u0301te\u0301 -- ... --- !!"
)
WORDS = LINE.split()
MIXED = [
    "",
    " ",
    "a",
    "The film's director, they'll say, didn't like it.",
    "  two  spaces\tand\n\nlines \r\n end   ",
    "日本語の映画と кино и cinéma 🎬👩‍👩‍👧 مرحبا",
    "I'M IT'S can''t 's 'll ''''",
    "x1y22z 1995年 ½ ² ٣",
    "\x00\x01\x7f\xa0\u2028\u200b\ufeff",
    "<|endoftext|> <|endoftext|>x <|endof",
    "aaaaaaaaaaaaaaaaaaaaaaa" * 10,
    "\U0010ffff\U000e0001\u0378",
]


def corpus(seed=0, n=600):
    """Words by a skewed draw, in lines of mixed spacing."""
    rng = random.Random(seed)
    weights = [1 / (place + 1) for place in range(len(WORDS))]
    seps = [" ", " ", " ", "  ", "\n", ", "]
    drawn = rng.choices(WORDS, weights, k=n)
    return "".join(word + rng.choice(seps) for word in drawn)


def slow_merges(text, n_merges, min_count=2):
    """Learn merges with no shortcuts: count all pairs again at every step."""
    order = {bytes([byte]): place for place, byte in enumerate(BYTE_SIGNS)}
    words = Counter(
        tuple(bytes([b]) for b in piece.encode()) for piece in PIECES.findall(text)
    )
    merges = []
    for _ in range(n_merges):
        counts = Counter()
        for word, n in words.items():
            for pair in pairwise(word):
                counts[pair] += n
        if not counts or max(counts.values()) < min_count:
            break
        pair = min(counts, key=lambda p: (-counts[p], order[p[0]], order[p[1]]))
        merges.append(pair)
        order.setdefault(pair[0] + pair[1], len(order))
        merged = Counter()
        for word, n in words.items():
            out = []
            for token in word:
                # A list that ends in the left half takes the right half in,
                # unless that left half was itself just made.
                if out and out[-1] == (pair[0], False) and token == pair[1]:
                    out[-1] = (pair[0] + pair[1], True)
                else:
                    out.append((token, False))
            merged[tuple(token for token, _ in out)] += n
        words = merged
    return merges


def peer_of(tokenizer, folder):
    tokenizer.save(folder)
    return GPT2Tokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def tokenizer():
    return ByteBPE.train(corpus(), vocab_size=380)


@pytest.fixture(scope="module")
def peer(tokenizer, tmp_path_factory):
    return peer_of(tokenizer, tmp_path_factory.mktemp("bpe"))


@given(st.text())
def test_any_unicode_comes_back(tokenizer, text):
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids, errors="strict") == text
    assert tokenizer.end_of_text not in ids


@given(st.lists(st.sampled_from([*WORDS, " ", "\n", "'s", END_OF_TEXT])).map("".join))
def test_text_like_the_training_text_comes_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text, allow_special=True)) == text


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text):
    assert "".join(PIECES.findall(text)) == text


@pytest.mark.parametrize("text", MIXED)
def test_ids_are_those_of_transformers(tokenizer, peer, text):
    assert len(tokenizer) == 380 == len(peer)
    theirs = peer(text)["input_ids"]
    assert tokenizer.encode(text, allow_special=True) == theirs
    apart = peer(text, split_special_tokens=True)["input_ids"]
    assert tokenizer.encode(text) == apart


@given(st.lists(st.sampled_from([*WORDS, " ", "\t", "x", "é", "'"])).map("".join))
def test_ids_of_random_texts_are_those_of_transformers(tokenizer, peer, text):
    assert tokenizer.encode(text) == peer(text)["input_ids"]


@given(st.text())
def test_ids_of_any_unicode_are_those_of_transformers(tokenizer, peer, text):
    assert tokenizer.encode(text) == peer(text, split_special_tokens=True)["input_ids"]


@given(st.lists(st.integers(0, 379), max_size=30))
def test_any_ids_decode_as_in_transformers(tokenizer, peer, ids):
    assert tokenizer.decode(ids) == peer.decode(ids, clean_up_tokenization_spaces=False)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("min_count", [2, 5])
def test_merges_are_those_of_a_slow_loop_ties_included(seed, min_count):
    text = corpus(seed, n=150)
    tokenizer = ByteBPE.train(text, vocab_size=357, min_count=min_count)
    merges = [
        (tokenizer.tokens[left], tokenizer.tokens[right])
        for left, right in tokenizer.merges
    ]
    assert len(merges) > 20
    assert merges == slow_merges(text, 100, min_count)


@given(st.text("ab", min_size=1, max_size=60), st.integers(1, 12))
def test_merges_of_two_letters_are_those_of_a_slow_loop(text, n_merges):
    tokenizer = ByteBPE.train(text, vocab_size=257 + n_merges)
    expected = slow_merges(text, n_merges)
    made = [tokenizer.tokens[a] + tokenizer.tokens[b] for a, b in tokenizer.merges]
    assert made[:n_merges] == [left + right for left, right in expected][: len(made)]
    assert len(tokenizer.merges) >= len(expected)


@pytest.mark.parametrize("seed", range(3))
def test_training_is_that_of_the_tokenizers_library(seed):
    text = corpus(seed, n=3000)
    tokenizer = ByteBPE.train(text, vocab_size=600)
    library = Tokenizer(BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.train_from_iterator(
        [text],
        trainers.BpeTrainer(
            vocab_size=len(tokenizer) - 1,
            min_frequency=2,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    theirs = json.loads(library.to_str())["model"]["merges"]
    signs = ["".join(BYTE_SIGNS[b] for b in token) for token in tokenizer.tokens]
    assert [[signs[a], signs[b]] for a, b in tokenizer.merges] == theirs
    assert len(theirs) > 100


def test_the_first_ids_are_gpt2s():
    tokenizer = ByteBPE.train("ab", vocab_size=257)
    # As in the released vocabulary: "!" is 0, "a" 64, space 220, newline 198.
    assert [tokenizer.encode(sign)[0] for sign in "!a \n"] == [0, 64, 220, 198]
    assert (len(tokenizer), tokenizer.end_of_text) == (257, 256)


def test_a_text_from_outside_cannot_end_a_prompt(tokenizer):
    text = f"a{END_OF_TEXT}b"
    assert tokenizer.end_of_text not in tokenizer.encode(text)
    marked = tokenizer.encode(text, allow_special=True)
    assert marked.count(tokenizer.end_of_text) == 1
    assert tokenizer.decode(marked) == text


def test_nothing_is_learned_across_an_end_of_text():
    joined = ByteBPE.train(f"xy{END_OF_TEXT}" * 50, vocab_size=300)
    assert [joined.tokens[a] + joined.tokens[b] for a, b in joined.merges] == [b"xy"]
    assert joined == ByteBPE.train(["xy"] * 50, vocab_size=300)


def test_a_pair_seen_once_is_not_merged_and_fewer_tokens_come_out():
    assert len(ByteBPE.train("abcdefgh", vocab_size=400)) == 257
    assert len(ByteBPE.train("abcdefgh", vocab_size=400, min_count=1)) == 264


def test_what_is_saved_loads_the_same(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "new")
    again = ByteBPE.load(tmp_path / "new")
    assert again == tokenizer
    assert again.encode(MIXED[3]) == tokenizer.encode(MIXED[3])


def test_end_of_text_may_have_any_id(tmp_path, tokenizer):
    tokenizer.save(tmp_path)
    vocab = json.loads((tmp_path / "vocab.json").read_text())
    moved = {sign: (place + 1) % len(vocab) for sign, place in vocab.items()}
    (tmp_path / "vocab.json").write_text(json.dumps(moved))
    first = ByteBPE.load(tmp_path)
    assert first.end_of_text == 0
    ids = [token + 1 for token in tokenizer.encode(MIXED[3])]
    assert first.encode(MIXED[3]) == ids


def test_a_cut_character_is_shown_or_refused(tokenizer):
    ids = tokenizer.encode("é")[:1] if len(tokenizer.encode("é")) > 1 else None
    ids = ids or [tokenizer.tokens.index(b"\xc3")]
    assert tokenizer.decode(ids) == "\ufffd"
    assert tokenizer.decode(ids, errors="ignore") == ""
    assert tokenizer.decode_bytes(ids) == b"\xc3"
    with pytest.raises(ValueError, match="unexpected end of data"):
        tokenizer.decode(ids, errors="strict")


@pytest.mark.parametrize("ids", [[380], [-1], [0, 999]])
def test_an_id_out_of_range_is_named(tokenizer, ids):
    with pytest.raises(ValueError, match=r"ids: must be in \[0, 380\), got \["):
        tokenizer.decode(ids)


def test_an_unknown_policy_is_named(tokenizer):
    with pytest.raises(ValueError, match='errors: must be "replace"'):
        tokenizer.decode([1], errors="hope")


@pytest.mark.parametrize("text", ["ab\ud800c", "\udfff"])
def test_half_a_surrogate_pair_is_named(tokenizer, text):
    place = min(text.find("\ud800") % 99, text.find("\udfff") % 99)
    with pytest.raises(ValueError, match=f"surrogate pair at character {place}"):
        tokenizer.encode(text)
    with pytest.raises(ValueError, match="surrogate pair"):
        ByteBPE.train(text, vocab_size=300)


@pytest.mark.parametrize(
    ("texts", "arguments", "message"),
    [
        ("", {"vocab_size": 300}, "texts: need at least one character"),
        ([], {"vocab_size": 300}, "texts: need at least one character"),
        (["", ""], {"vocab_size": 300}, "texts: need at least one character"),
        ("ab", {"vocab_size": 256}, "vocab_size: .* at least 257, got 256"),
        ("ab", {"vocab_size": 300.0}, "vocab_size: must be a whole number"),
        ("ab", {"vocab_size": 300, "min_count": 0}, "min_count: .* at least 1, got 0"),
    ],
)
def test_bad_training_input_is_named(texts, arguments, message):
    with pytest.raises(ValueError, match=message):
        ByteBPE.train(texts, **arguments)


def cut_merges(folder):
    path = folder / "merges.txt"
    path.write_text("\n".join(path.read_text().split("\n")[:-20]))


def spoil_merges(folder):
    with (folder / "merges.txt").open("a") as file:
        file.write("nonsense\n")


def foreign_merges(folder):
    with (folder / "merges.txt").open("a") as file:
        file.write("z \u4e00\n")


def tear_vocab(folder):
    path = folder / "vocab.json"
    path.write_text(path.read_text()[:-9])


def revise_vocab(**changes):
    def revise(folder):
        path = folder / "vocab.json"
        vocab = json.loads(path.read_text()) | changes
        path.write_text(json.dumps({k: v for k, v in vocab.items() if v is not None}))

    return revise


def swap_byte(folder):
    path = folder / "vocab.json"
    vocab = json.loads(path.read_text())
    vocab["!!!!!"] = vocab.pop("!")
    path.write_text(json.dumps(vocab))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (cut_merges, r"merges\.txt: no merge makes \d+ tokens of vocab.json"),
        (spoil_merges, r"merges\.txt, line \d+: 'nonsense' must be two tokens"),
        (foreign_merges, r"merges\.txt, line \d+: 'z \u4e00' must be two tokens"),
        (tear_vocab, r"vocab\.json: is not JSON"),
        (revise_vocab(extra=7), r"vocab\.json: must map tokens to the ids from 0"),
        (revise_vocab(extra="x"), r"vocab\.json: must map tokens to the ids from 0"),
        (
            revise_vocab(**{END_OF_TEXT: None}),
            r"vocab\.json: lacks <\|endoftext\|>",
        ),
        (swap_byte, r"vocab\.json: lacks the bytes \[33\]"),
        (revise_vocab(**{"\u4e00": 380}), r"vocab\.json: '\u4e00' stands for no bytes"),
    ],
)
def test_a_spoiled_file_is_named(tokenizer, tmp_path, spoil, message):
    tokenizer.save(tmp_path)
    spoil(tmp_path)
    with pytest.raises(ValueError, match=message):
        ByteBPE.load(tmp_path)


def test_a_missing_file_is_named(tokenizer, tmp_path):
    tokenizer.save(tmp_path)
    (tmp_path / "merges.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"merges\.txt"):
        ByteBPE.load(tmp_path)
