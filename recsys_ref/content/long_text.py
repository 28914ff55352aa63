"""Text that is longer than a model's context: cut one window, or all of them.

`lm.encode` refuses such a text, or leaves its end out. Here a text is cut where
it hurts least, at the end of a line or between words, into windows that surely
fit. What becomes of many windows is said in `content.chunk_vectors` (one vector)
and `content.summary` (one short text).

Book section 9.3.
"""

from typing import Literal, get_args

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.lm.encode import count_tokens
from recsys_ref.lm.text_model import TextModel

Keep = Literal["start", "end", "random"]
LINE, SPACE, INSIDE = 2, 1, 0  # what a cut parts, the best first


def chunk(
    model: TextModel, text: str, *, size: int | None = None, overlap: int = 0
) -> list[str]:
    r"""Cut a text into windows that fit, in order; nothing is lost but white space.

    A window ends at the last end of a line in its second half; where there is
    none, between two words; where there is none either, as in one giant word,
    between two tokens. So all windows but the last are about half full or more.

    Args:
        model: Whose tokens are counted.
        text: Any text. One that says nothing has no windows.
        size: Most tokens of a window, those that the model adds included.
            Default: the model's context. More than the model adds.
        overlap: Most tokens that a window repeats from the one before. It
            begins where a line or a word does, so it may repeat fewer.

    Returns:
        The windows, none of which is blank; `count_tokens` of each is at most
        `size`. A text that fits is one window, without the white space around it.

    Raises:
        ValueError: If `text` is no string, `size` leaves no room for a token or
            is over the context, or `overlap` is negative or not below that room.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> text = "one two three four five six seven"
        >>> chunk(load_encoder(), text, size=5)
        ['one two three', 'four five six', 'seven']
        >>> chunk(load_encoder(), text, size=5, overlap=1)
        ['one two three', 'three four five', 'five six seven']
        >>> chunk(load_encoder(), "one two\nthree four five", size=5)
        ['one two', 'three four five']
    """
    size, room = _room(model, size)
    check_whole_number("overlap", overlap, 0)
    if overlap >= room:
        raise ValueError(
            f"overlap: must be below {room}, the tokens of a text in a window of "
            f"{size}, got {overlap}"
        )
    cut = _Cuts(model, text)
    windows, start = [], 0
    while start < cut.n:
        stop, window = cut.forward(start, size, room)
        windows.append(window)
        if stop == cut.n:
            break
        least = max(start + 1, stop - overlap)
        start = cut.best(least, stop)
    return [window for window in windows if window]


def truncate(
    model: TextModel,
    text: str,
    *,
    size: int | None = None,
    keep: Keep = "start",
    rng: np.random.Generator | int = 0,
) -> str:
    """Keep one window of a text, and drop the rest.

    Args:
        model: Whose tokens are counted.
        text: Any text. Of one that says nothing, the empty text is kept.
        size: See `chunk`.
        keep: The `start`, the `end`, or a window that begins at a `random`
            token, all that leave a full window as likely, or at the line or word
            after it.
        rng: Seed of the random window.

    Returns:
        A stretch of the text. All of it, but for the white space around it, if
        it fits.

    Raises:
        ValueError: As `chunk`, or if `keep` is something else.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> text = "one two three four five six seven"
        >>> truncate(load_encoder(), text, size=5, keep="end")
        'five six seven'
    """
    if keep not in get_args(Keep):
        raise ValueError(f"keep: must be one of {get_args(Keep)}, got {keep!r}")
    size, room = _room(model, size)
    cut = _Cuts(model, text)
    if cut.n <= room or keep == "start":
        return cut.forward(0, size, room)[1] if cut.n else ""
    if keep == "random":
        start = int(np.random.default_rng(rng).integers(cut.n - room + 1))
        start = cut.best(start, min(start + room // 2, cut.n - 1))
        return cut.forward(start, size, room)[1]
    start = cut.best(cut.n - room, cut.n - room // 2 - 1)
    while not cut.fits(cut.text(start, cut.n), size):
        start += 1
    return cut.text(start, cut.n)


def _room(model: TextModel, size: int | None) -> tuple[int, int]:
    added = model.tokenizer.num_special_tokens_to_add(pair=False)
    size = model.context if size is None else size
    check_whole_number("size", size, added + 1)
    if size > model.context:
        raise ValueError(
            f"size: must be at most {model.context}, the context of {model.name!r}, "
            f"got {size}"
        )
    return size, size - added


class _Cuts:
    """The tokens of a text, and what a cut before each of them parts."""

    def __init__(self, model: TextModel, text: str):
        if not isinstance(text, str):
            raise ValueError(f"text: must be a string, got {type(text).__name__}")
        self.model, self.whole = model, text.strip()
        if self.whole:
            count_tokens(model, [self.whole])  # refuses what is no Unicode
        spans = model.tokenizer(
            self.whole,
            add_special_tokens=False,
            split_special_tokens=True,
            return_offsets_mapping=True,
            verbose=False,
        )["offset_mapping"]
        begin, end = np.array(spans, dtype=np.int64).reshape(-1, 2).T
        own = np.ones(len(spans), dtype=bool)  # a character may have many tokens
        own[1:] = begin[1:] >= end[:-1]
        self.n, self.begin = int(own.sum()), begin[own]
        self.end = end[np.append(own[1:], True)[: len(own)]]
        self.kind = np.full(self.n + 1, LINE)
        for place in range(1, self.n):
            # Byte-level tokens hold the space before a word, others do not.
            around = self.whole[self.end[place - 1] - 1 : self.begin[place] + 1]
            blank = any(map(str.isspace, around))
            self.kind[place] = LINE if "\n" in around else SPACE if blank else INSIDE

    def text(self, start: int, stop: int) -> str:
        return self.whole[self.begin[start] : self.end[stop - 1]].strip()

    def fits(self, window: str, size: int) -> bool:
        return not window or int(count_tokens(self.model, [window])[0]) <= size

    def best(self, low: int, high: int) -> int:
        """Return the first of the best places to cut in [low, high]."""
        return low + int(np.argmax(self.kind[low : high + 1]))

    def forward(self, start: int, size: int, room: int) -> tuple[int, str]:
        """Return where a window from `start` ends, and the window."""
        stop = min(start + room, self.n)
        while stop > start:
            if stop < self.n:
                low = start + max((stop - start) // 2, 1)
                stop -= int(np.argmax(self.kind[low : stop + 1][::-1]))
            window = self.text(start, stop)
            # A piece may have more tokens alone than it had within the text.
            if self.fits(window, size):
                return stop, window
            stop -= 1
        raise ValueError(
            f"size: {size} is too small for {self.text(start, start + 1)!r} alone"
        )
