"""What may be written next: closed sets of texts, and a subset of JSON Schema.

A schema becomes a row of parts that are still to be written. Reading one
character gives the parts that are then left, or none if it may not stand
there. Each part knows one way to end, so a text that is cut short anywhere can
be closed properly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from transformers import PreTrainedTokenizerBase

END = None  # key of a trie's node where a sequence may end


def trie(sequences: Iterable[Sequence]) -> dict:
    """Join sequences where they begin alike.

    Returns:
        A node maps each element that may follow to its node, and `END` to the
        place of the last sequence that may end there.

    Examples:
        >>> trie([[5, 7], [5, 8], [5]])
        {5: {7: {None: 0}, 8: {None: 1}, None: 2}}
    """
    root: dict = {}
    for place, sequence in enumerate(sequences):
        node = root
        for element in sequence:
            node = node.setdefault(element, {})
        node[END] = place
    return root


@dataclass(frozen=True)
class Literal:
    """A text, not empty, that follows as it stands."""

    text: str

    def after(self, char: str) -> "Rest | None":
        """Return the parts left of this one once a character is read, or None."""
        if char != self.text[0]:
            return None
        return (Literal(self.text[1:]),) if len(self.text) > 1 else ()

    def ending(self) -> str:
        """Return a text that ends this part; empty if it may end here."""
        return self.text


@dataclass(frozen=True)
class String:
    """The inside of a string, at most `room` characters, and its closing quote.

    It has no escapes: neither quotes nor backslashes nor control characters.
    """

    room: float

    def after(self, char: str) -> "Rest | None":
        """See `Literal`."""
        if char == '"':
            return ()
        return (String(self.room - 1),) if self.room >= 1 and is_plain(char) else None

    def ending(self) -> str:
        """See `Literal`."""
        return '"'


@dataclass(frozen=True)
class Number:
    """A number in a range, in decimal notation without exponent.

    Attributes:
        low: Least, in units of 10 ** -decimals.
        high: Greatest, in the same units.
        decimals: Most digits behind the point; 0 for whole numbers.
        written: What is written of it.
    """

    low: int
    high: int
    decimals: int
    written: str = ""

    def after(self, char: str) -> "Rest | None":
        """See `Literal`."""
        if char not in "-.0123456789":
            return None
        longer = replace(self, written=self.written + char)
        return None if longer._completion() is None else (longer,)

    def ending(self) -> str:
        """See `Literal`."""
        return self._completion() or ""

    def _completion(self) -> str | None:
        """Return what makes a number of the range; None if nothing can."""
        low, high, digits = self.low, self.high, self.written
        if not digits:
            nearest = min(max(low, 0), high)
            return "-" * (nearest < 0) + self._format(abs(nearest))
        if digits[0] == "-":
            low, high, digits = max(1, -high), -low, digits[1:]
        low = max(low, 0)
        whole, point, fraction = digits.partition(".")
        if whole[:1] == "0" < whole or (point and not (whole and self.decimals)):
            return None
        if len(fraction) > self.decimals or "." in fraction or "-" in digits:
            return None
        if not whole:
            return self._format(low) if low <= high else None
        longest = 1 if point or whole == "0" else len(str(max(high, 1)))
        for more in range(longest):  # digits that still come before the point
            step = 10 ** (self.decimals - len(fraction) + more)
            least = max(low, int(whole + fraction) * step)
            if least <= min(high, int(whole + fraction) * step + step - 1):
                places = max(1, len(fraction)) if point else 0
                return self._format(least, places)[len(digits) :]
        return None

    def _format(self, units: int, places: int = 0) -> str:
        """Write a number with as few digits behind the point as it takes."""
        whole, fraction = divmod(units, 10**self.decimals)
        tail = f"{fraction:0{self.decimals}}" if self.decimals else ""
        tail = tail[:places] + tail[places:].rstrip("0")
        return f"{whole}.{tail}" if tail else str(whole)


@dataclass(frozen=True)
class OneOf:
    """What is left of those texts of a set that begin as was read.

    Attributes:
        options: Pairs: the text that is left, and the whole text.
        array: The rest of the array that may not have the same text again.
    """

    options: tuple[tuple[str, str], ...]
    array: "Items | None" = None

    def after(self, char: str) -> "Rest | None":
        """See `Literal`."""
        left = tuple((t[1:], whole) for t, whole in self.options if t[:1] == char)
        if len(left) == 1 and not left[0][0]:
            return self._then(left[0][1])
        return (replace(self, options=left),) if left else None

    def ending(self) -> str:
        """See `Literal`."""
        text, whole = min(self.options, key=lambda option: len(option[0]))
        return text + ending(self._then(whole))

    def _then(self, whole: str) -> "Rest":
        return (self.array.without(whole),) if self.array else ()


@dataclass(frozen=True)
class Items:
    """Items of an array, parted by commas, and its closing bracket.

    Attributes:
        item: One item; a single `OneOf` if each may come only once.
        least: Items that must still come.
        most: Items that may still come.
        distinct: Whether each of the set may come only once.
        first: Whether none has come.
    """

    item: "Rest"
    least: int
    most: float
    distinct: bool = False
    first: bool = True

    def after(self, char: str) -> "Rest | None":
        """See `Literal`."""
        if char == "]" and self.least < 1:
            return ()
        if self.most < 1:
            return None
        if self.first:
            return read(self._one_more(), char)
        return (Literal(" "), *self._one_more()) if char == "," else None

    def ending(self) -> str:
        """See `Literal`."""
        if self.least < 1:
            return "]"
        return ("" if self.first else ", ") + ending(self._one_more())

    def without(self, whole: str) -> "Items":
        """Leave out one of the set from here on."""
        options = tuple(o for o in self.item[0].options if o[1] != whole)
        most = min(self.most, len(options))
        return replace(self, item=(OneOf(options),), most=most)

    def _one_more(self) -> "Rest":
        rest = replace(self, least=self.least - 1, most=self.most - 1, first=False)
        if self.distinct:
            return (replace(self.item[0], array=rest),)
        return (*self.item, rest)


Part = Literal | String | Number | OneOf | Items
Rest = tuple[Part, ...]


def read(rest: Rest, text: str) -> Rest | None:
    """Return the parts that are left once a text is read; None if it may not be.

    Examples:
        >>> read((Literal("[1"), Literal("]")), "[1]")
        ()
        >>> read((String(room=2),), 'abc"') is None
        True
    """
    for char in text:
        while rest:
            part, *others = rest
            left = part.after(char)
            if left is not None:
                rest = (*left, *others)
                break
            if part.ending():
                return None  # it neither goes on with this nor ends here
            rest = tuple(others)
        else:
            return None
    return rest


def ending(rest: Rest) -> str:
    """Return a text that writes all parts to their ends; short, not the shortest.

    Examples:
        >>> ending((String(room=2), Literal("}")))
        '"}'
    """
    return "".join(part.ending() for part in rest)


def is_plain(text: str) -> bool:
    """Tell whether a text may stand in a JSON string without escapes."""
    return all(
        c >= " " and c not in '"\\' and not "\ud800" <= c <= "\udfff" for c in text
    )


class Vocabulary:
    """The texts of a tokenizer's tokens, to look up which may come next.

    Tokens that are control tokens or end within a character are left out.

    Attributes:
        texts: V texts; empty for a token that is left out.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase):
        anchor = tokenizer.encode("a", add_special_tokens=False)  # keeps first spaces
        texts = tokenizer.batch_decode(
            [[*anchor, token] for token in range(len(tokenizer))],
            clean_up_tokenization_spaces=False,
        )
        start = len(tokenizer.decode(anchor))
        left_out = {*tokenizer.get_added_vocab().values(), *tokenizer.all_special_ids}
        self.texts = [
            "" if token in left_out or "\ufffd" in text else text[start:]
            for token, text in enumerate(texts)
        ]
        self._trie: dict = {}
        for token, text in enumerate(self.texts):
            node = self._trie
            for char in text:
                node = node.setdefault(char, {})
            if text:
                node.setdefault(END, []).append(token)
        plain = np.array([bool(text) and is_plain(text) for text in self.texts])
        self._plain = np.flatnonzero(plain)
        self._length = np.array([len(self.texts[token]) for token in self._plain])
        self._closing = [t for t, text in enumerate(self.texts) if '"' in text]

    def allowed(self, rest: Rest) -> np.ndarray:
        """Return the tokens that may come next, `int64[N]`, in no set order."""
        if isinstance(rest[0], String):  # nearly all may: count instead of reading
            plain = self._plain[self._length <= rest[0].room]
            closing = [
                t for t in self._closing if read(rest, self.texts[t]) is not None
            ]
            return np.concatenate([plain, np.array(closing, dtype=np.int64)])
        found: list[int] = []
        stack = [(self._trie, rest)]
        while stack:
            node, state = stack.pop()
            for char, child in node.items():
                if char is END:
                    found += child
                elif (left := read(state, char)) is not None:
                    stack.append((child, left))
        return np.array(found, dtype=np.int64)


@lru_cache(maxsize=4)
def vocabulary(tokenizer: PreTrainedTokenizerBase) -> Vocabulary:
    """Return a tokenizer's vocabulary, built once: seconds for 50,000 tokens."""
    return Vocabulary(tokenizer)
