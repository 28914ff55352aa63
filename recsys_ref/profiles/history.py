"""A history as text, as much of it as a model's context takes.

What does not fit is left out from the oldest end, and counted: nothing is cut
in silence.

Book section 3.2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.lm.chat import Prompt, encode_prompt
from recsys_ref.lm.text_model import TextModel

Order = Literal["oldest first", "newest first"]
LINE = "{natural_title}[ ({year})][: {genres}]"


@dataclass(frozen=True)
class HistoryText:
    """A history in words, and what of it was left out.

    Attributes:
        text: One event a line.
        prompt: What the text was put into; the text itself by default.
        kept: Events in the text.
        beyond_last: Events left out because they are not among the last n.
        beyond_tokens: Events left out because the prompt would be too long.
        tokens: Tokens of the prompt; None where no model counted them.
    """

    text: str
    prompt: Prompt
    kept: int
    beyond_last: int = 0
    beyond_tokens: int = 0
    tokens: int | None = None

    @property
    def dropped(self) -> int:
        """Events left out, for either reason."""
        return self.beyond_last + self.beyond_tokens


def history_text(
    items: Items,
    history: Interactions,
    *,
    n_last: int | None = None,
    order: Order = "oldest first",
    with_ratings: bool = False,
    template: str = LINE,
    wrap: Callable[[str], Prompt] | None = None,
    model: TextModel | None = None,
    max_tokens: int | None = None,
    rng: np.random.Generator | int = 0,
) -> HistoryText:
    """Write a user's events, one a line, as many as fit.

    What does not fit is the oldest, and it is counted. An item's white space
    becomes single spaces, so that no title can pretend to be two lines.

    Args:
        items: Y.
        history: The events of one user, or none; from `Interactions.select`.
        n_last: How many of the last events to write at most. Default: all.
        order: Which come first in the text.
        with_ratings: Whether a line ends with the event's value.
        template: How an item becomes a line, see `Items.text`.
        wrap: Puts the text into the prompt that is to be short enough: a string,
            or messages. Default: the text is the prompt.
        model: Whose tokens are counted. Default: nothing is, and nothing is
            left out for its length.
        max_tokens: Most tokens of the prompt; leave room for an answer. Default:
            the model's context.
        rng: Seed that orders events of the same second.

    Raises:
        KeyError: If the template has a field that items have not.
        ValueError: If the events are of several users or of other items, an
            argument is out of its range, or not even the last event fits.

    Examples:
        >>> films = Items([1, 2], ["Alien", "Big"], [1979, 1988],
        ...               [[True], [False]], ("Horror",))
        >>> x = Interactions([0, 0], [1, 0], [3, 5], [60, 0], ["ann"], [1, 2])
        >>> print(history_text(films, x, with_ratings=True).text)
        Alien (1979): Horror, rated 5
        Big (1988), rated 3
        >>> history_text(films, x, n_last=1, template="{title}")
        HistoryText(text='Big', prompt='Big', kept=1, beyond_last=1, beyond_tokens=0,
        tokens=None)
    """
    _check_history(items, history)
    if order not in get_args(Order):
        raise ValueError(f"order: must be one of {get_args(Order)}, got {order!r}")
    if max_tokens is not None and model is None:
        raise ValueError(
            f"max_tokens: needs a model that counts, got {max_tokens} alone"
        )
    lines = _lines(items, history, with_ratings, template, rng)
    beyond_last = 0
    if n_last is not None:
        check_whole_number("n_last", n_last, 1)
        beyond_last = max(len(lines) - n_last, 0)
    lines = lines[beyond_last:]

    def made(kept: int) -> tuple[str, Prompt]:
        chosen = lines[len(lines) - kept :]
        text = "\n".join(chosen if order == "oldest first" else chosen[::-1])
        return text, wrap(text) if wrap else text

    if model is None:
        return HistoryText(*made(len(lines)), len(lines), beyond_last)
    limit = model.context if max_tokens is None else max_tokens
    kept, tokens = _most_that_fit(model, made, len(lines), limit)
    return HistoryText(*made(kept), kept, beyond_last, len(lines) - kept, tokens)


def _check_history(items: Items, history: Interactions) -> None:
    if not items.ids.equals(history.item_ids):
        raise ValueError(
            f"items: must be the {history.n_items} items of the history "
            f"in their order, got {len(items)} items"
        )
    users = np.unique(history.user)
    if users.size > 1:
        raise ValueError(
            f"history: must be the events of one user, got {users.size} users"
        )


def _lines(
    items: Items,
    history: Interactions,
    with_ratings: bool,
    template: str,
    rng: np.random.Generator | int,
) -> list[str]:
    """Write events, the oldest first."""
    tie = np.random.default_rng(rng).permutation(len(history))
    place = np.lexsort((tie, history.timestamp))
    chosen, which = np.unique(history.item[place], return_inverse=True)
    texts = items.select(chosen).text(template)
    lines = [" ".join(texts[row].split()) for row in which]
    if with_ratings:
        values = history.value[place]
        lines = [f"{line}, rated {v:g}" for line, v in zip(lines, values, strict=True)]
    return lines


def _most_that_fit(
    model: TextModel,
    made: Callable[[int], tuple[str, Prompt]],
    n_events: int,
    limit: int,
) -> tuple[int, int]:
    """Find by halving how many events fit, and the tokens of the prompt then."""

    def count(kept: int) -> int:
        prompt = made(kept)[1]
        counts = [len(encode_prompt(model.tokenizer, prompt))] if prompt else [0]
        if isinstance(prompt, str):  # as `lm.encode` would count it
            counts.append(len(model.token_ids([prompt])[0]))
        return max(counts)

    low, high, tokens = 0, n_events, count(n_events)
    if tokens <= limit:
        return n_events, tokens
    while high - low > 1:  # `high` does not fit, `low` does or is 0
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= limit else (low, middle)
    if not low:
        raise ValueError(
            f"max_tokens: must be at least {count(min(1, n_events))} for a prompt "
            f"with the last event alone, got {limit}"
        )
    return low, count(low)
