"""Let a language model write: freely, one of a set of texts, or JSON of a schema.

A prompt is a string, continued as it stands, or messages, answered through the
model's chat template; nothing in it acts as a control token (`lm.chat`). What
is constrained is constrained token by token: what must not follow gets no
probability, so whatever the model would have said, the result is valid.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from transformers import DynamicCache

from recsys_ref.lm.chat import Prompt, encode_prompt, encode_text
from recsys_ref.lm.constrain import END, Literal, ending, read, trie, vocabulary
from recsys_ref.lm.schema import compile_schema
from recsys_ref.lm.scoring import tokenize
from recsys_ref.lm.text_model import TextModel


def generate(
    model: TextModel,
    prompt: Prompt,
    *,
    max_tokens: int = 128,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float = 1.0,
    stop: Sequence[str] = (),
    rng: np.random.Generator | int = 0,
) -> str:
    """Continue a text, or answer messages.

    Args:
        model: A causal model, from `load_causal`.
        prompt: A string, or messages; see `recsys_ref.lm.chat.render`.
        max_tokens: Most tokens to write, at least 1.
        temperature: 0 takes the likeliest token each time; 1 draws from the
            model's distribution, more is wilder.
        top_k: Draw from the k likeliest tokens only. Default: all.
        top_p: Draw from the fewest likeliest tokens that have this much
            probability together, in (0, 1].
        stop: Texts before the first of which the result ends.
        rng: Seed of the draws. The same seed gives the same text.

    Returns:
        What was written until a control token, a stop text or `max_tokens`;
        a character that is not finished then is left out.

    Raises:
        ValueError: If an argument is out of its range, or prompt and
            `max_tokens` together do not fit into the context.

    References:
        Holtzman et al. (2020), https://arxiv.org/abs/1904.09751, on `top_p`.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> generate(load_causal(), "One, two, three, four,", max_tokens=4)
        ' five, six,'
    """
    if isinstance(stop, str) or not all(isinstance(s, str) and s for s in stop):
        raise ValueError(f"stop: must be texts that are not empty, got {stop!r}")
    if not isinstance(max_tokens, int) or max_tokens < 1:
        raise ValueError(
            f"max_tokens: must be a whole number from 1, got {max_tokens!r}"
        )
    sampler = Sampler(temperature=temperature, top_k=top_k, top_p=top_p, rng=rng)
    reader = Reader(model, encode_prompt(model.tokenizer, prompt), room=max_tokens)
    ends = _ends(model)
    written: list[int] = []
    text = ""
    for _ in range(max_tokens):
        token = sampler.draw(reader.logits())
        if token in ends:
            break
        written.append(token)
        text = model.tokenizer.decode(written, clean_up_tokenization_spaces=False)
        found = [text.index(end) for end in stop if end in text]
        if found:
            return text[: min(found)]
        reader.feed([token])
    return text.rstrip("\ufffd")


def choose(
    model: TextModel,
    prompt: Prompt,
    candidates: Sequence[str],
    *,
    temperature: float = 0.0,
    rng: np.random.Generator | int = 0,
) -> str:
    """Let the model write one of some texts, and nothing else.

    At each step only tokens that lead to a candidate have probability, and
    theirs sums to 1; so do the candidates' products. Where a candidate may end
    and another goes on, ending has the probability of all tokens with which
    none goes on. What it costs grows with the length of candidates and not with
    their number. The likeliest
    token each time need not lead to the likeliest candidate: for that, take
    `log_likelihood`.

    Args:
        model: A causal model.
        prompt: A string, or messages.
        candidates: Texts, each with the space that parts it from the prompt; at
            least one. Doubles count once.
        temperature: 0 takes the likeliest token each time; 1 draws.
        rng: Seed of the draws.

    Returns:
        The candidate, as it was given.

    Raises:
        ValueError: If there is no candidate; and as `log_likelihood`.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> model = load_causal()
        >>> choose(model, "The capital of France is", [" Paris", " Berlin"])
        ' Paris'
    """
    prompt_ids, continuations = tokenize(model, prompt, candidates)
    if not continuations:
        raise ValueError("candidates: must have at least one text to choose, got none")
    sampler = Sampler(temperature=temperature, rng=rng)
    reader = Reader(model, prompt_ids)
    node = trie(continuations)
    while set(node) != {END}:
        options = list(node)
        token = options[0]
        if len(options) > 1:
            token = options[sampler.draw(_log_p(reader.logits(), options))]
        if token is END:
            break
        node = node[token]
        reader.feed([token])
    return candidates[node[END]]


def generate_json(
    model: TextModel,
    prompt: Prompt,
    schema: Mapping,
    *,
    max_tokens: int = 256,
    temperature: float = 0.0,
    top_p: float = 1.0,
    rng: np.random.Generator | int = 0,
) -> dict:
    """Let the model write an object that satisfies a schema, whatever it prefers.

    Tokens that cannot lead to a valid object have no probability. Texts that
    must follow as they stand, such as keys, are not asked of the model. Once
    the tokens that are left only suffice to close what is open, it is closed.

    Args:
        model: A causal model.
        prompt: A string, or messages; best with the schema's meaning in words.
        schema: Of the subset in `recsys_ref.lm.schema`, an object.
        max_tokens: Most tokens to write; at least what the shortest object
            needs.
        temperature: 0 takes the likeliest allowed token each time.
        top_p: As in `generate`, among the allowed tokens.
        rng: Seed of the draws.

    Returns:
        The object, with all properties of the schema.

    Raises:
        ValueError: If the schema is not of the subset or cannot be satisfied,
            or `max_tokens` is too small or does not fit into the context.

    References:
        Willard and Louf (2023), https://arxiv.org/abs/2307.09702, on guiding a
        model by an automaton over its vocabulary.
    """
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise ValueError(f"schema.type: must be 'object' at the top, got {schema!r}")
    rest = compile_schema(schema)
    sampler = Sampler(temperature=temperature, top_p=top_p, rng=rng)
    tokens = vocabulary(model.tokenizer)
    needed = len(encode_text(model.tokenizer, ending(rest)))
    if max_tokens < needed:
        raise ValueError(f"max_tokens: must be at least {needed}, got {max_tokens}")
    reader = Reader(model, encode_prompt(model.tokenizer, prompt), room=max_tokens)
    text, left = "", max_tokens
    while rest:
        if isinstance(rest[0], Literal):
            more = rest[0].text
            new = encode_text(model.tokenizer, more)
        else:
            allowed = tokens.allowed(rest)
            if not len(allowed):
                break
            new = [sampler.draw(reader.logits(), allowed)]
            more = tokens.texts[new[0]]
        after = read(rest, more)
        left -= len(new)
        if len(encode_text(model.tokenizer, ending(after))) > left:
            break  # what is open could no longer be closed after this
        text, rest = text + more, after
        if rest:
            reader.feed(new)
    return json.loads(text + ending(rest))


class Reader:
    """A text that a model has read, and what it expects next.

    Attributes:
        model: The causal model.
    """

    def __init__(self, model: TextModel, ids: Sequence[int], *, room: int = 0):
        if len(ids) + room > model.context:
            raise ValueError(
                f"prompt: {len(ids)} tokens and {room} to be written need "
                f"{len(ids) + room}, the context has {model.context}"
            )
        self.model = model
        self._cache = DynamicCache(config=model.model.config)
        self._unread = list(ids)
        self._logits = torch.empty(0)

    def feed(self, ids: Iterable[int]) -> None:
        """Append tokens; they are read when it is asked what comes next."""
        self._unread += ids

    def logits(self) -> torch.Tensor:
        """Return the logits of the next token, `float32[V]` on the CPU."""
        if self._unread:
            with torch.inference_mode():
                output = self.model.model(
                    input_ids=torch.tensor([self._unread], device=self.model.device),
                    past_key_values=self._cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
            self._logits, self._unread = output.logits[0, -1].float().cpu(), []
        return self._logits


class Sampler:
    """Draws tokens, from a seed of its own.

    Args:
        temperature: From 0; 0 takes the likeliest, the first of equals.
        top_k: From 1; how many of the likeliest are drawn from. Default: all.
        top_p: In (0, 1]; how much probability those have that are drawn from.
        rng: The seed, or a generator that one is drawn from.

    Examples:
        >>> Sampler().draw(torch.tensor([0.0, 2.0, 1.0]))
        1
        >>> Sampler().draw(torch.tensor([0.0, 2.0, 1.0]), allowed=[0, 2])
        2
    """

    def __init__(
        self,
        *,
        temperature: float = 0.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        rng: np.random.Generator | int = 0,
    ):
        if not 0 <= temperature < float("inf"):
            raise ValueError(
                f"temperature: must be finite and from 0, got {temperature!r}"
            )
        if top_k is not None and (not isinstance(top_k, int) or top_k < 1):
            raise ValueError(f"top_k: must be a whole number from 1, got {top_k!r}")
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p: must be in (0, 1], got {top_p!r}")
        if isinstance(rng, np.random.Generator):
            rng = int(rng.integers(2**32))
        self.temperature, self.top_k, self.top_p = temperature, top_k, top_p
        self._generator = torch.Generator().manual_seed(rng)

    def draw(self, logits: torch.Tensor, allowed: Sequence[int] | None = None) -> int:
        """Draw one of the allowed tokens, all by default, given logits `[V]`."""
        ids = None if allowed is None else torch.as_tensor(allowed)
        kept = logits if ids is None else logits[ids]
        place = int(kept.argmax())
        if self.temperature > 0:
            p = self.probabilities(kept)
            place = int(torch.multinomial(p, 1, generator=self._generator))
        return place if ids is None else int(ids[place])

    def probabilities(self, logits: torch.Tensor) -> torch.Tensor:
        """Return the distribution that is drawn from, `float64[V]`, sum 1."""
        ordered, order = torch.sort(logits.double(), descending=True, stable=True)
        p = ((ordered - ordered[0]) / self.temperature).softmax(dim=0)
        if self.top_k is not None:
            p[self.top_k :] = 0
            p /= p.sum()
        p[p.cumsum(dim=0) - p >= self.top_p] = 0  # the likeliest always stays
        return torch.empty_like(p).scatter_(0, order, p / p.sum())


def _log_p(logits: torch.Tensor, options: Sequence[int | None]) -> torch.Tensor:
    """Return log p of tokens, and of any other for `END`, `float64[N]`."""
    p = logits.double().softmax(dim=0)
    tokens = [token for token in options if token is not END]
    other = 1 - p[tokens].sum()
    return torch.stack([other if t is END else p[t] for t in options]).clamp(0).log()


def _ends(model: TextModel) -> set[int]:
    """Return the tokens at which a text ends: all that mark something."""
    ends = set(model.tokenizer.all_special_ids)
    configured = model.model.generation_config.eos_token_id
    if configured is not None:
        ends |= set(configured if isinstance(configured, list) else [configured])
    return ends
