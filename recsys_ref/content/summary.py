"""A long text made short by a causal language model, segment by segment.

Map: each segment that fits is summarized. Reduce: the summaries, one a line,
are a shorter text; while it is too long for one segment it is summarized in the
same way, and at last once as a whole.

Book section 9.3.
"""

from dataclasses import dataclass

from recsys_ref.content.long_text import chunk
from recsys_ref.data.checks import check_whole_number
from recsys_ref.lm.chat import encode_prompt, encode_text
from recsys_ref.lm.generate import generate
from recsys_ref.lm.text_model import TextModel

PART = "Summarize this text in one short sentence.\n\n{text}"
WHOLE = "Summarize these notes on one text in one short sentence.\n\n{text}"


@dataclass(frozen=True)
class Summary:
    """What a model wrote of a long text, and what that took.

    Attributes:
        text: The summary; empty if the model wrote nothing, or there was
            nothing to read.
        parts: The summaries of the segments, in order, without empty ones.
        calls: Tokens read and tokens written, each time that the model was asked.
        levels: How often the text was made shorter as a whole: 1 for a text
            that fits into a segment, 2 if the segments' summaries do, and so on.
    """

    text: str
    parts: tuple[str, ...]
    calls: tuple[tuple[int, int], ...]
    levels: int

    @property
    def read(self) -> int:
        """Tokens of all prompts."""
        return sum(read for read, _ in self.calls)

    @property
    def written(self) -> int:
        """Tokens of all answers."""
        return sum(written for _, written in self.calls)


def summarize(
    model: TextModel,
    text: str,
    *,
    size: int = 1024,
    answer_tokens: int = 40,
    part: str = PART,
    whole: str = WHOLE,
) -> Summary:
    """Summarize a text of any length by a model whose context is limited.

    Every answer is greedy, so the same text gives the same summary.

    Args:
        model: A chat model, from `lm.pretrained.load_causal`.
        text: Any text; of one that says nothing the model is not asked.
        size: Most tokens of a segment. With the instruction and the answer it
            must fit into the context.
        answer_tokens: Most tokens of each summary; at most a quarter of
            `size`, so that every level makes the text much shorter.
        part: What the model is told of a segment, with the field `{text}`.
        whole: What it is told of the summaries, with the same field.

    Returns:
        The summary, its parts, and what was read and written. A text that fits
        is told as a part and is its only part.

    Raises:
        ValueError: If an instruction lacks its field, or a number is out of its
            range.

    References:
        Wu et al. (2021), Recursively Summarizing Books with Human Feedback,
        https://arxiv.org/abs/2109.10862

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> nothing = summarize(load_causal(), " ")
        >>> nothing.text, nothing.calls
        ('', ())
    """
    _check(model, size, answer_tokens, part, whole)
    calls = []

    def ask(instruction: str, about: str) -> str:
        prompt = [{"role": "user", "content": instruction.replace("{text}", about)}]
        answer = generate(model, prompt, max_tokens=answer_tokens)
        answer = " ".join(answer.split())  # one line
        read = len(encode_prompt(model.tokenizer, prompt))
        calls.append((read, len(encode_text(model.tokenizer, answer))))
        return answer

    segments = chunk(model, text, size=size)
    parts = _told([ask(part, segment) for segment in segments])
    notes, levels = parts, int(bool(segments))
    while len(notes) > 1:
        groups = chunk(model, "\n".join(notes), size=size)
        notes = _told([ask(whole, group) for group in groups])
        levels += 1
    return Summary("".join(notes), tuple(parts), tuple(calls), levels)


def _told(answers: list[str]) -> list[str]:
    return [answer for answer in answers if answer]


def _check(
    model: TextModel, size: int, answer_tokens: int, part: str, whole: str
) -> None:
    check_whole_number("answer_tokens", answer_tokens, 1)
    check_whole_number("size", size, 4 * answer_tokens)
    for name, instruction in (("part", part), ("whole", whole)):
        if "{text}" not in instruction:
            raise ValueError(f"{name}: must have a {{text}}, got {instruction!r:.80}")
        asked = [{"role": "user", "content": instruction.replace("{text}", "")}]
        needed = len(encode_prompt(model.tokenizer, asked)) + size + answer_tokens
        if needed > model.context:
            raise ValueError(
                f"size: {size} tokens, {name} and {answer_tokens} to be written need "
                f"{needed}, the context has {model.context}"
            )
