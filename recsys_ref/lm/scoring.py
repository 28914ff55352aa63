"""How likely a language model holds each of some continuations of one prompt.

A prompt is long and its candidates are short. Scored one by one, the prompt is
read once for each; here it is read once, and what the network remembers of it
(its keys and values) serves all candidates, which follow one behind the other
in a single row. A mask lets each see the prompt and itself.

Where the prompt ends: prompt and candidate are tokenised as one text, and the
prompt's own tokens must be the beginning of it. So a space between the two
belongs to the candidate (`"I liked"`, `" Alien"`), and what would melt into
the prompt's last token is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from transformers import DynamicCache

from recsys_ref.lm.chat import Prompt, encode_text, render
from recsys_ref.lm.text_model import TextModel

ROW = 512  # candidate tokens in one pass: a mask has ROW x (prompt + ROW) entries
Scorer = Callable[[TextModel, list[int], list[list[int]]], Iterator[torch.Tensor]]


def log_likelihood(
    model: TextModel,
    prompt: Prompt,
    candidates: Sequence[str],
    *,
    how: Literal["shared", "batched", "naive"] = "shared",
    normalize: Literal["tokens"] | None = None,
) -> np.ndarray:
    r"""Score continuations of a prompt by log p(candidate | prompt).

    The three ways give the same numbers; they differ in what is computed
    twice. With P prompt tokens and C candidates of t tokens the network reads
    about C (P + t) tokens in the first two, and P + C t in the shared one.
    In all three the vocabulary is looked at only where a candidate's token is
    predicted.

    Args:
        model: A causal model, from `load_causal`. For `shared` one that takes a
            mask of four dimensions and positions, as those of `transformers`
            with full attention do.
        prompt: A string, continued as it stands, or messages, answered. No part
            of it acts as a control token, see `recsys_ref.lm.chat`.
        candidates: C texts, each with the space that parts it from the prompt.
            Equal ones get equal scores.
        how: `naive`, one call each; `batched`, one padded batch; `shared`, the
            prompt once.
        normalize: `tokens` divides by a candidate's number of tokens, as else
            a long one is always the less likely.

    Returns:
        `float64[C]`, nats, or nats per token. Empty for no candidates.

    Raises:
        ValueError: If an argument is of another kind, the prompt or a candidate
            has no tokens, a candidate melts into the prompt, or the longest
            does not fit into the model's context.

    References:
        Brown et al. (2020), https://arxiv.org/abs/2005.14165, section 2.4, on
        choosing among answers by likelihood. Book section 5.2.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> model = load_causal()
        >>> films = [" Paris", " Berlin", " banana"]
        >>> log_likelihood(model, "The capital of France is", films).argmax()
        np.int64(0)
    """
    scorers: dict[str, Scorer] = {
        "naive": _naive, "batched": _batched, "shared": _shared
    }  # fmt: skip
    if how not in scorers:
        raise ValueError(f"how: must be one of {sorted(scorers)}, got {how!r}")
    if normalize not in (None, "tokens"):
        raise ValueError(f"normalize: must be None or 'tokens', got {normalize!r}")
    prompt_ids, continuations = tokenize(model, prompt, candidates)
    if not continuations:
        return np.zeros(0)
    with torch.inference_mode():
        parts = list(scorers[how](model, prompt_ids, continuations))
    scores = torch.cat(parts).cpu().double().numpy()
    lengths = np.array([len(ids) for ids in continuations])
    return scores / lengths if normalize else scores


def pmi(
    model: TextModel,
    prompt: Prompt,
    candidates: Sequence[str],
    *,
    neutral: Prompt = "\n",
    how: Literal["shared", "batched", "naive"] = "shared",
) -> np.ndarray:
    r"""Score candidates by how much the prompt makes them likelier.

    log p(candidate | prompt) - log p(candidate | neutral): a title that is
    likely after anything gains nothing from that.

    Args:
        model: A causal model.
        prompt: What candidates are scored for.
        candidates: C texts.
        neutral: What stands in for knowing nothing; a line break by default.
            One that says what kind of text follows ("A film I liked:") leaves
            less of the style and more of the taste in the difference.
        how: As in `log_likelihood`.

    Returns:
        `float64[C]`, nats: pointwise mutual information. Above 0 where the
        prompt speaks for a candidate.

    Raises:
        ValueError: As `log_likelihood`.

    References:
        Holtzman et al. (2021), https://arxiv.org/abs/2104.08315
    """
    given = log_likelihood(model, prompt, candidates, how=how)
    return given - log_likelihood(model, neutral, candidates, how=how)


def tokenize(
    model: TextModel, prompt: Prompt, candidates: Sequence[str]
) -> tuple[list[int], list[list[int]]]:
    """Turn a prompt into tokens and each candidate into those that follow it.

    Raises:
        ValueError: As `log_likelihood`.
    """
    if isinstance(candidates, str) or not isinstance(candidates, Sequence):
        raise ValueError(
            f"candidates: must be a sequence of strings, got {candidates!r}"
        )
    head, last = render(model.tokenizer, prompt)
    start = head + encode_text(model.tokenizer, last)
    if not start:
        raise ValueError("prompt: must have at least one token, got an empty text")
    continuations = []
    for place, candidate in enumerate(candidates):
        if not isinstance(candidate, str):
            raise ValueError(
                f"candidates[{place}]: must be a string, got {candidate!r}"
            )
        whole = head + encode_text(model.tokenizer, last + candidate)
        if whole[: len(start)] != start:
            raise ValueError(
                f"candidates[{place}]: {candidate!r} melts into the prompt's end "
                f"{last[-12:]!r}; end the prompt on a whole word, and begin the "
                "candidate with the space"
            )
        if len(whole) == len(start):
            raise ValueError(f"candidates[{place}]: {candidate!r} has no tokens")
        continuations.append(whole[len(start) :])
    needed = len(start) + max(map(len, continuations), default=0)
    if needed > model.context:
        raise ValueError(
            f"prompt: {len(start)} tokens and a candidate of {needed - len(start)} "
            f"need {needed}, the context has {model.context}; shorten the prompt"
        )
    return start, continuations


def _naive(
    model: TextModel, prompt: list[int], continuations: list[list[int]]
) -> Iterator[torch.Tensor]:
    """Read prompt and candidate anew for every candidate."""
    for ids in continuations:
        yield from _batched(model, prompt, [ids])


def _batched(
    model: TextModel, prompt: list[int], continuations: list[list[int]]
) -> Iterator[torch.Tensor]:
    """Read all in one batch, padded on the right; give `float64[C]`."""
    longest = max(map(len, continuations))
    shape = (len(continuations), longest)
    ids = torch.zeros(shape, dtype=torch.long)
    real = torch.zeros(shape, dtype=torch.bool)
    for row, tokens in enumerate(continuations):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        real[row, : len(tokens)] = True
    ids, real = ids.to(model.device), real.to(model.device)
    before = torch.tensor([prompt], device=model.device).expand(len(ids), -1)
    seen = torch.cat([torch.ones_like(before), real.long()], dim=1)
    logits = model.model(
        input_ids=torch.cat([before, ids], dim=1)[:, :-1],  # [C, P + t - 1]
        attention_mask=seen[:, :-1],
        use_cache=False,
        logits_to_keep=longest,  # from the prompt's last token on
    ).logits  # [C, t, V]
    yield (_log_p(logits, ids) * real).sum(dim=1)


def _shared(
    model: TextModel, prompt: list[int], continuations: list[list[int]]
) -> Iterator[torch.Tensor]:
    """Read the prompt once, then candidates in rows; give `float64[c]` a row."""
    cache = DynamicCache(config=model.model.config)
    ids = torch.tensor([prompt], device=model.device)
    logits = model.model(
        input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1
    ).logits[0]  # [1, V]: it predicts every candidate's first token
    for group in _rows(continuations):
        firsts = torch.tensor([ids[0] for ids in group], device=model.device)
        scores = _log_p(logits.expand(len(group), -1), firsts)
        if any(len(ids) > 1 for ids in group):
            scores = scores + _rest(model, cache, len(prompt), group)
        yield scores


def _rest(
    model: TextModel, cache: DynamicCache, start: int, group: list[list[int]]
) -> torch.Tensor:
    """Score all tokens but the first of c candidates, and leave the cache as it was.

    Candidates stand in one row of N tokens, each without its last, which
    predicts nothing. Positions start anew in each; the mask does the rest.
    """
    place = {"device": model.device}
    row = torch.tensor([[t for ids in group for t in ids[:-1]]], **place)  # [1, N]
    following = torch.tensor([t for ids in group for t in ids[1:]], **place)  # [N]
    lengths = torch.tensor([len(ids) - 1 for ids in group], **place)  # [c]
    owner = torch.arange(len(group), **place).repeat_interleave(lengths)  # [N]
    number = torch.arange(len(owner), **place)
    position = start + number - (lengths.cumsum(0) - lengths)[owner]  # [N]

    own = (owner[:, None] == owner) & (number[:, None] >= number)  # [N, N]
    seen = torch.cat([own.new_ones(len(owner), start), own], dim=1)  # [N, P + N]
    dtype = model.model.dtype
    mask = torch.zeros(seen.shape, dtype=dtype, **place)
    mask.masked_fill_(~seen, torch.finfo(dtype).min)
    logits = model.model(
        input_ids=row,
        attention_mask=mask[None, None],  # [1, 1, N, P + N], added to the scores
        position_ids=position[None],
        past_key_values=cache,
        use_cache=True,
    ).logits[0]  # [N, V]
    cache.crop(-len(owner))
    return logits.new_zeros(len(group)).index_add(0, owner, _log_p(logits, following))


def _rows(continuations: list[list[int]]) -> Iterator[list[list[int]]]:
    """Split candidates into rows of at most `ROW` tokens, or one candidate."""
    group: list[list[int]] = []
    for ids in continuations:
        if group and sum(map(len, group)) + len(ids) > ROW:
            yield group
            group = []
        group = [*group, ids]
    yield group


def _log_p(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Look up log p of tokens `[...]` in logits `[..., V]`."""
    chosen = logits.gather(-1, ids[..., None])[..., 0]
    return chosen - logits.logsumexp(-1)
