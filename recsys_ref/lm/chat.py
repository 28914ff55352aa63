"""From text or a conversation to tokens; no user's text acts as a control token.

Chat models mark turns by control tokens such as `<|im_start|>`. A user who
writes one into his message must not open a turn of his own. So control strings
in texts that are given are cut after their first character, and the pieces are
tokenised apart: the text stays as it is, its tokens are ordinary ones.
"""

import re
from collections.abc import Mapping, Sequence

from transformers import PreTrainedTokenizerBase

ROLES = ("system", "user", "assistant")
Prompt = str | Sequence[Mapping[str, str]]


def control_tokens(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """Give the id of each string that the tokenizer takes for one token as a whole.

    These are the tokens added to those that were learned: marks of turns, of
    the end of a text, of tools.
    """
    added = tokenizer.get_added_vocab()
    return {text: token for text, token in added.items() if len(text) > 1}


def encode_text(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Tokenise a text none of which acts as a control token.

    Args:
        tokenizer: A model's own.
        text: Any text, the empty one too.

    Returns:
        Its tokens, without those that some tokenizers put around a text.
    """
    mark = _unused(text)
    pieces = _cut(text, control_tokens(tokenizer), mark).split(mark)
    return [
        token
        for piece in pieces
        for token in tokenizer.encode(piece, add_special_tokens=False, verbose=False)
    ]


def render(tokenizer: PreTrainedTokenizerBase, prompt: Prompt) -> tuple[list[int], str]:
    """Bring a prompt to tokens, up to and without its last stretch of plain text.

    The last stretch is left as text because what follows it must be tokenised
    together with it, or the boundary would be one that the model never saw.

    Args:
        tokenizer: A model's own.
        prompt: A string, which is continued as it stands, after the token that
            begins a text if the tokenizer sets one; or messages such as
            `{"role": "user", "content": "Hi"}` with the roles `system`, `user`
            and `assistant`, which go through the tokenizer's chat template and
            end where the assistant's answer begins.

    Returns:
        The tokens, and the text that follows them, without control strings that
        act.

    Raises:
        ValueError: If the prompt is neither, or the tokenizer has no template.
    """
    if isinstance(prompt, str):
        return list(tokenizer("")["input_ids"]), prompt
    messages = _checked(prompt)
    if not tokenizer.chat_template:
        raise ValueError("prompt: the tokenizer has no chat template, give a string")
    controls = control_tokens(tokenizer)
    mark = _unused("".join(message["content"] for message in messages))
    safe = [{**m, "content": _cut(m["content"], controls, mark)} for m in messages]
    text = tokenizer.apply_chat_template(
        safe, tokenize=False, add_generation_prompt=True
    )
    *parts, last = re.split(f"({_any(controls)})", text) if controls else [text]
    ids: list[int] = []
    for part in parts:
        known = part in controls
        part = part.replace(mark, "")
        ids += [controls[part]] if known else encode_text(tokenizer, part)
    return ids, last.replace(mark, "")


def encode_prompt(tokenizer: PreTrainedTokenizerBase, prompt: Prompt) -> list[int]:
    """Tokenise a prompt whole; see `render`.

    Raises:
        ValueError: If it is no prompt, or has no tokens.
    """
    ids, last = render(tokenizer, prompt)
    ids = ids + encode_text(tokenizer, last)
    if not ids:
        raise ValueError("prompt: must have at least one token, got an empty text")
    return ids


def _checked(prompt: Prompt) -> list[dict[str, str]]:
    """Check a conversation."""
    if not isinstance(prompt, Sequence) or not prompt:
        raise ValueError(f"prompt: must be a string or messages, got {prompt!r}")
    for place, message in enumerate(prompt):
        if not isinstance(message, Mapping) or set(message) != {"role", "content"}:
            raise ValueError(
                f"prompt[{place}]: must have a role and a content, got {message!r}"
            )
        if message["role"] not in ROLES:
            raise ValueError(
                f"prompt[{place}]: role must be one of {list(ROLES)}, "
                f"got {message['role']!r}"
            )
        if not isinstance(message["content"], str):
            raise ValueError(
                f"prompt[{place}]: content must be a string, got {message['content']!r}"
            )
    return [dict(message) for message in prompt]


def _any(controls: Mapping[str, int]) -> str:
    """Match any control string, the longest first."""
    return "|".join(map(re.escape, sorted(controls, key=len, reverse=True)))


def _cut(text: str, controls: Mapping[str, int], mark: str) -> str:
    """Put a mark after the first character of each control string in a text."""
    if not controls:
        return text
    return re.sub(f"(?=(?:{_any(controls)}))(.)", rf"\1{mark}", text, flags=re.DOTALL)


def _unused(text: str) -> str:
    """Find a character for private use that a text does not have."""
    return next(c for c in map(chr, range(0xE000, 0xF8FF)) if c not in text)
