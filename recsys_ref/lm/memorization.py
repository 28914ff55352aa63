"""What a language model remembers of a data set: ask for a piece it was not given.

A model that has read the files of a data set can recite them, and then seems to
understand users whose ratings it has seen. The probes here know texts alone: which
film, year or row a text is about, the caller says.

A recited piece proves little by itself (a fluent guess is right at times), so each
probe needs a control that can be known by guessing only: years shuffled among the
titles, and titles that nobody has used. Book section 9.2.
"""

from collections.abc import Sequence

import numpy as np
import torch
from transformers import DynamicCache

from recsys_ref.lm.chat import Prompt
from recsys_ref.lm.scoring import tokenize
from recsys_ref.lm.text_model import TextModel


def recited(model: TextModel, prompt: Prompt, continuation: str) -> bool:
    """Tell whether greedy writing after a prompt would give a text word for word.

    One pass over prompt and continuation decides it: each token of the
    continuation must be the likeliest after all that stands before it.

    Args:
        model: A causal model, from `load_causal`.
        prompt: As in `recsys_ref.lm.scoring.log_likelihood`.
        continuation: The text, with the space that parts it from the prompt.

    Raises:
        ValueError: As `log_likelihood`.

    References:
        Carlini et al. (2023), https://arxiv.org/abs/2202.07646: a text is
        extractable if the model continues its beginning with it, word for word.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> model = load_causal()
        >>> recited(model, "One, two, three,", " four, five")
        True
        >>> recited(model, "One, two, three,", " four, six")
        False
    """
    start, (rest,) = tokenize(model, prompt, [continuation])
    ids = torch.tensor([start + rest], device=model.device)
    with torch.inference_mode():
        logits = model.model(
            input_ids=ids[:, :-1], use_cache=False, logits_to_keep=len(rest)
        ).logits[0]
    return bool((logits.argmax(-1) == ids[0, len(start) :]).all())


def tree_log_likelihood(
    model: TextModel, prompt: Prompt, candidates: Sequence[str]
) -> np.ndarray:
    r"""Score candidates that begin alike, such as years, as a tree of tokens.

    All years from 1922 to 1998 share "19", and ten at a time a decade: what they
    share is read once, so that 77 years cost 8 tokens and not 308. The numbers
    are those of `log_likelihood`.

    Args:
        model: A causal model of full attention, from `load_causal`.
        prompt: As in `recsys_ref.lm.scoring.log_likelihood`.
        candidates: C distinct texts.

    Returns:
        `float64[C]`, nats.

    Raises:
        ValueError: As `log_likelihood`.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> years = [str(year) for year in range(1985, 1990)]
        >>> prompt = "The Berlin Wall fell in the year "
        >>> int(years[tree_log_likelihood(load_causal(), prompt, years).argmax()])
        1989
    """
    start, texts = tokenize(model, prompt, candidates)
    if not texts:
        return np.zeros(0)
    shared = 0  # leading tokens that all have, short of anybody's last
    while min(map(len, texts)) > shared + 1 and len({t[shared] for t in texts}) == 1:
        shared += 1
    cache = DynamicCache(config=model.model.config)
    front = torch.tensor([start + texts[0][:shared]], device=model.device)
    scores = np.zeros(len(texts))
    with torch.inference_mode():
        logits = model.model(
            input_ids=front,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=shared + 1,
        ).logits.log_softmax(-1)[0]  # [shared + 1, V]
        for place in range(shared):
            scores += float(logits[place, texts[0][place]])
        level = {tuple(texts[0][:shared]): (0, logits[-1].double().cpu().numpy())}
        for depth in range(shared, max(map(len, texts))):
            for row, ids in enumerate(texts):
                if len(ids) > depth:
                    scores[row] += level[tuple(ids[:depth])][1][ids[depth]]
            branches = sorted(
                {tuple(t[: depth + 1]) for t in texts if len(t) > depth + 1}
            )
            if not branches:
                break
            parents = [level[branch[:-1]][0] for branch in branches]
            cache.batch_select_indices(torch.tensor(parents, device=model.device))
            last = [[branch[-1]] for branch in branches]
            logits = model.model(
                input_ids=torch.tensor(last, device=model.device),
                past_key_values=cache,
                use_cache=True,
            ).logits.log_softmax(-1)[:, -1]  # [branches, V]
            rows = logits.double().cpu().numpy()
            level = {b: (place, rows[place]) for place, b in enumerate(branches)}
    return scores


def invented_titles(
    titles: Sequence[str], n_titles: int, rng: np.random.Generator | int
) -> list[str]:
    """Join the beginning of one title to the end of another: nobody knows these.

    Args:
        titles: N titles. Those of one word take no part.
        n_titles: How many to invent.
        rng: Seed of the draws.

    Returns:
        Distinct titles, none of which is among `titles`.

    Raises:
        ValueError: If there are fewer than two titles of several words, or too few
            to invent so many.

    Examples:
        >>> invented_titles(["Pulp Fiction", "Jurassic Park"], 2, rng=0)
        ['Pulp Park', 'Jurassic Fiction']
    """
    words = [title.split() for title in titles if len(title.split()) > 1]
    if len(words) < 2:
        raise ValueError(
            f"titles: need two titles of several words, got {len(words)} of these"
        )
    rng = np.random.default_rng(rng)
    known = {title.casefold() for title in titles}
    made: list[str] = []
    for _ in range(100 * n_titles):
        if len(made) == n_titles:
            return made
        first, second = (words[i] for i in rng.choice(len(words), 2, replace=False))
        title = " ".join(first[: len(first) // 2] + second[len(second) // 2 :])
        if title.casefold() not in known:
            known.add(title.casefold())
            made.append(title)
    raise ValueError(
        f"n_titles: these titles give fewer than {n_titles} new ones, got {len(made)}"
    )
