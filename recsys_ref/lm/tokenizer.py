"""Byte-level byte-pair encoding in GPT-2's scheme: train, encode, decode.

A text is cut into pieces (words with the space before them, numbers, runs of
signs), each piece is written as its UTF-8 bytes, and frequent neighbours are
merged into longer tokens. Since every byte is a token, no text is unknown.
Real models come with tokenizers of their own, and those must be used with
them; this one trains the small model of book section 5.1 and shows how it is
done.

References:
    Sennrich et al. (2016), https://aclanthology.org/P16-1162
    The released code: https://github.com/openai/gpt-2
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

import regex

from recsys_ref.lm.bpe import learn_merges, merge_pair

END_OF_TEXT = "<|endoftext|>"
VOCAB, MERGES = "vocab.json", "merges.txt"
# A contraction; letters, digits or other signs, each with one space before;
# white space, of which the last one is left to the word that follows.
PIECES = regex.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
)


def _byte_signs() -> dict[int, str]:
    """Give each byte a visible character: its own in Latin-1, or one above."""
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in own]
    signs = own + [256 + place for place in range(len(rest))]
    return dict(zip(own + rest, map(chr, signs), strict=True))


BYTE_SIGNS = _byte_signs()  # in the order of GPT-2's first 256 ids
SIGN_BYTES = {sign: byte for byte, sign in BYTE_SIGNS.items()}


@dataclass(frozen=True)
class ByteBPE:
    r"""A byte-level tokenizer. Make one by `train` or `load`.

    Attributes:
        tokens: The bytes of each token; the index is its id. A trained one
            has the 256 bytes, then the merges in order, then end-of-text.
        merges: Pairs of ids that are merged, the first learned first.
        end_of_text: Id of the token that ends a text. Its bytes are only
            what `decode` shows for it.

    Examples:
        >>> tokenizer = ByteBPE.train("low lower lowest low", vocab_size=260)
        >>> tokenizer.encode("low lows")
        [257, 258, 82]
        >>> [tokenizer.tokens[token] for token in (257, 258, 82)]
        [b'low', b' low', b's']
        >>> tokenizer.decode([257, 258, 82])
        'low lows'
    """

    tokens: tuple[bytes, ...] = field(repr=False)
    merges: tuple[tuple[int, int], ...] = field(repr=False)
    end_of_text: int
    _known: dict[str, tuple[int, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def train(
        cls, texts: str | Iterable[str], *, vocab_size: int, min_count: int = 2
    ) -> Self:
        """Learn merges from texts.

        Each step merges the most frequent pair of neighbouring tokens. Among
        equally frequent pairs the one with the smallest ids is merged, the
        left one compared first: bytes before merges, older before newer.
        No merge crosses pieces, texts or an end-of-text mark.

        Args:
            texts: One text, or several.
            vocab_size: V, at least 257: the bytes and end-of-text. Fewer come
                out where no pair is left that occurs `min_count` times.
            min_count: How often a pair must occur to be merged.

        Raises:
            ValueError: If there is no text, `vocab_size` or `min_count` is too
                small, or a text has half a surrogate pair.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not any(texts):
            raise ValueError("texts: need at least one character to train on")
        _check_at_least(257, vocab_size=vocab_size)
        _check_at_least(1, min_count=min_count)
        counts: dict[bytes, int] = {}
        for text in texts:
            _to_bytes(text)
            for part in text.split(END_OF_TEXT):
                for piece in PIECES.findall(part):
                    key = piece.encode()
                    counts[key] = counts.get(key, 0) + 1
        tokens, merges = learn_merges(
            counts, [bytes([byte]) for byte in BYTE_SIGNS], vocab_size - 1, min_count
        )
        return cls((*tokens, END_OF_TEXT.encode()), tuple(merges), len(tokens))

    def __len__(self) -> int:
        """Return V, the number of tokens."""
        return len(self.tokens)

    @cached_property
    def _ids(self) -> dict[bytes, int]:
        return {token: place for place, token in enumerate(self.tokens)}

    @cached_property
    def _ranks(self) -> dict[tuple[int, int], int]:
        return {pair: rank for rank, pair in enumerate(self.merges)}

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """Return the ids of a text; of an empty one, none.

        Args:
            text: Any Unicode.
            allow_special: Whether `<|endoftext|>` in the text is the token.
                By default it is letters and signs like others, so that a
                text from outside cannot end a prompt.

        Raises:
            ValueError: If the text has half a surrogate pair, which is no
                Unicode text and has no UTF-8.
        """
        _to_bytes(text)
        parts = text.split(END_OF_TEXT) if allow_special else [text]
        ids: list[int] = []
        for number, part in enumerate(parts):
            ids += [self.end_of_text] * (number > 0)
            for piece in PIECES.findall(part):
                ids += self._encode_piece(piece)
        return ids

    def _encode_piece(self, piece: str) -> tuple[int, ...]:
        """Merge, again and again, the pair that was learned first."""
        if piece in self._known:
            return self._known[piece]
        word = [self._ids[bytes([byte])] for byte in piece.encode()]
        while len(word) > 1:
            pair = min(pairwise(word), key=lambda p: self._ranks.get(p, len(self)))
            if pair not in self._ranks:
                break
            merged = self._ids[self.tokens[pair[0]] + self.tokens[pair[1]]]
            word = merge_pair(word, pair, merged)
        if len(self._known) < 2**16 and len(piece) < 64:  # keep the common ones
            self._known[piece] = tuple(word)
        return tuple(word)

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """Return the bytes of some tokens, whether they are UTF-8 or not.

        Raises:
            ValueError: If an id is out of range.
        """
        ids = [int(token) for token in ids]
        unknown = [token for token in ids if not 0 <= token < len(self)]
        if unknown:
            raise ValueError(f"ids: must be in [0, {len(self)}), got {unknown[:5]}")
        return b"".join(self.tokens[token] for token in ids)

    def decode(self, ids: Iterable[int], *, errors: str = "replace") -> str:
        """Return the text of some tokens.

        Args:
            ids: Ids in [0, V). Any sequence is allowed, so a character may be
                cut, or bytes come together that are no UTF-8.
            errors: What to do then: "replace" shows U+FFFD, as GPT-2 does,
                "strict" raises, "ignore" leaves them out.

        Raises:
            ValueError: If an id is out of range, or the bytes are no UTF-8
                and `errors` is "strict".
        """
        if errors not in ("replace", "strict", "ignore"):
            raise ValueError(
                f'errors: must be "replace", "strict" or "ignore", got {errors!r}'
            )
        return self.decode_bytes(ids).decode(errors=errors)

    def save(self, folder: str | Path) -> None:
        """Write `vocab.json` and `merges.txt`, the two files of GPT-2.

        transformers' `GPT2Tokenizer` reads them too.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        signs = [_to_signs(token) for token in self.tokens]
        vocab = {sign: place for place, sign in enumerate(signs)}
        (folder / VOCAB).write_text(
            json.dumps(vocab, ensure_ascii=False), encoding="utf-8"
        )
        lines = [f"{signs[left]} {signs[right]}" for left, right in self.merges]
        text = "\n".join(["#version: 0.2", *lines, ""])
        (folder / MERGES).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote, or the two files that came with GPT-2.

        Raises:
            FileNotFoundError: If a file is missing.
            ValueError: If a file is damaged or they do not belong together;
                names the file and what is wrong in it.
        """
        folder = Path(folder)
        tokens = _read_vocab(folder / VOCAB)
        ids = {token: place for place, token in enumerate(tokens)}
        absent = [byte for byte in range(256) if bytes([byte]) not in ids]
        if absent:
            raise ValueError(f"{folder / VOCAB}: lacks the bytes {absent[:5]}")
        if END_OF_TEXT.encode() not in ids:
            raise ValueError(f"{folder / VOCAB}: lacks {END_OF_TEXT}")
        merges = _read_merges(folder / MERGES, ids)
        made = {tokens[left] + tokens[right] for left, right in merges}
        orphans = [t for t in tokens if len(t) > 1 and t not in made]
        if orphans != [END_OF_TEXT.encode()]:
            orphans.remove(END_OF_TEXT.encode())
            raise ValueError(
                f"{folder / MERGES}: no merge makes {len(orphans)} tokens of {VOCAB}, "
                f"such as {orphans[0]!r}; is the file cut off?"
            )
        return cls(tuple(tokens), tuple(merges), ids[END_OF_TEXT.encode()])


def _check_at_least(least: int, **named: int) -> None:
    for name, number in named.items():
        if not isinstance(number, int) or number < least:
            raise ValueError(
                f"{name}: must be a whole number of at least {least}, got {number!r}"
            )


def _to_bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"text: half a surrogate pair at character {error.start} "
            f"({text[error.start]!r}) is no Unicode text"
        ) from error


def _to_signs(token: bytes) -> str:
    return "".join(BYTE_SIGNS[byte] for byte in token)


def _from_signs(signs: str) -> bytes | None:
    """Return the bytes that signs stand for; None if one stands for none."""
    known = all(sign in SIGN_BYTES for sign in signs)
    return bytes(SIGN_BYTES[sign] for sign in signs) if known else None


def _read_vocab(path: Path) -> list[bytes]:
    """Return the bytes of each token, by id."""
    try:
        vocab = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: is not JSON: {error}") from error
    if not isinstance(vocab, dict) or sorted(
        place for place in vocab.values() if isinstance(place, int)
    ) != list(range(len(vocab))):
        raise ValueError(f"{path}: must map tokens to the ids from 0, each once")
    tokens = []
    for signs in sorted(vocab, key=vocab.__getitem__):
        tokens.append(_from_signs(signs))
        if not tokens[-1]:
            raise ValueError(f"{path}: {signs!r} stands for no bytes")
    return tokens


def _read_merges(path: Path, ids: dict[bytes, int]) -> Sequence[tuple[int, int]]:
    merges = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or (number == 1 and line.startswith("#version")):
            continue
        parts = [_from_signs(part) for part in line.split(" ")]
        known = len(parts) == 2 and None not in parts
        known = known and all(part in ids for part in [*parts, b"".join(parts)])
        if not known:
            raise ValueError(
                f"{path}, line {number}: {line!r} must be two tokens of {VOCAB} "
                "that make a third"
            )
        merges.append((ids[parts[0]], ids[parts[1]]))
    return merges
