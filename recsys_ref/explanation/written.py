"""Explanations that a language model writes, and one that a template writes.

The language model did not make the recommendation. It is told the history and
the film, and asked why. In a second way of asking it is also told which films
counted most, so that it only has to put them into words. Whether what it says
is so, is the business of `recsys_ref.explanation.checks`.

Book section 8.2.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from recsys_ref.lm.generate import generate, generate_json
from recsys_ref.lm.text_model import TextModel

Form = Literal["free", "cited"]
OPENING = 'Because you watched "'
REASON_LETTERS = 100
TOKENS = 48  # most of an answer


@dataclass(frozen=True)
class Explanation:
    """A reason in words.

    Attributes:
        text: What the user reads.
        cited: The title that is given as the reason, where the form has a
            field for it; else None, and one has to read the text.
    """

    text: str
    cited: str | None = None


# Two examples that show the form. Their films are younger than MovieLens-100K,
# so that an explanation that copies from them is seen to do so.
EXAMPLES = (
    (
        ("Gladiator", "Finding Nemo", "The Matrix", "Shrek"),
        "Inception",
        "The Matrix",
        "both ask whether the world that we see is real.",
    ),
    (
        ("Ratatouille", "Casino Royale", "Wall-E", "Zodiac"),
        "Up",
        "Wall-E",
        "both are tender cartoons about a lonely hero.",
    ),
)


def ask_why(
    titles: Sequence[str],
    recommended: str,
    *,
    told: Sequence[str] = (),
    form: Form = "free",
) -> str:
    r"""Write the text that an explanation continues, two examples first.

    Args:
        titles: The user's history, as the reader should see it.
        recommended: The title to be explained.
        told: The titles that counted most, the first the most. Default: the
            model is not told.
        form: "free", a sentence that begins `Because you watched "`; or "cited",
            JSON with the cited title in a field of its own.

    Returns:
        A prompt, for `lm.generate`.

    Raises:
        ValueError: If there is no history, or `form` is no such name.

    Examples:
        >>> prompt = ask_why(["Alien", "Big"], "Aliens", told=["Alien"])
        >>> print("\n".join(prompt.split("\n")[-4:]))
        Watched: Alien; Big
        Counted most: Alien
        Recommended: Aliens
        Why: Because you watched "
    """
    if not len(titles):
        raise ValueError("titles: need at least one film of the history, got none")
    if form not in get_args(Form):
        raise ValueError(f"form: must be one of {get_args(Form)}, got {form!r}")
    blocks = []
    for history, film, cited, reason in EXAMPLES:
        answer = f'Why: {OPENING}{cited}": {reason}'
        if form == "cited":
            answer = json.dumps({"because_you_watched": cited, "reason": reason})
        blocks.append(f"{_case(history, film, [cited] if told else [])}\n{answer}\n\n")
    ending = f"\nWhy: {OPENING}" if form == "free" else "\n"
    return "".join(blocks) + _case(titles, recommended, told) + ending


def _case(titles: Sequence[str], recommended: str, told: Sequence[str]) -> str:
    lines = [f"Watched: {'; '.join(titles)}"]
    if len(told):
        lines.append(f"Counted most: {'; '.join(told)}")
    return "\n".join([*lines, f"Recommended: {recommended}"])


def write_explanation(
    model: TextModel,
    titles: Sequence[str],
    recommended: str,
    *,
    told: Sequence[str] = (),
    form: Form = "free",
    max_tokens: int = TOKENS,
    temperature: float = 0.0,
    rng: np.random.Generator | int = 0,
) -> Explanation:
    """Let a language model say why a film was recommended.

    In the form "cited" only titles of the history can be cited: the others
    have no probability.

    Args:
        model: A causal model, from `lm.pretrained.load_causal`.
        titles: See `ask_why`.
        recommended: See `ask_why`.
        told: See `ask_why`.
        form: See `ask_why`.
        max_tokens: Most tokens of the answer.
        temperature: 0 for the likeliest token each time; 1 draws.
        rng: Seed of the draws.

    Returns:
        In the form "free" the line as the model ends it. In the form "cited" a
        line made of the title and the reason.

    Raises:
        ValueError: As `ask_why`, or if the prompt is too long for the model.

    References:
        Turpin et al. (2023), https://arxiv.org/abs/2305.04388, on models whose
        stated reasons are not what moved them.
    """
    prompt = ask_why(titles, recommended, told=told, form=form)
    options = {"max_tokens": max_tokens, "temperature": temperature, "rng": rng}
    if form == "free":
        said = generate(model, prompt, stop=["\n"], **options)
        return Explanation(f"{OPENING}{said}".strip())
    schema = {
        "type": "object",
        "properties": {
            "because_you_watched": {"enum": list(dict.fromkeys(titles))},
            "reason": {"type": "string", "maxLength": REASON_LETTERS},
        },
    }
    found = generate_json(model, prompt, schema, **options)
    cited, reason = found["because_you_watched"], found["reason"].strip()
    return Explanation(f'{OPENING}{cited}": {reason}', cited)


def template_explanation(
    titles: Sequence[str],
    contributions: np.ndarray,
    recommended: str,
    *,
    most: int = 1,
) -> Explanation:
    """Say in fixed words what counted most; true by construction.

    Args:
        titles: `str[n]`, the user's history.
        contributions: `float[n]`, what each of them adds to the score.
        recommended: The title to be explained.
        most: How many films to name at most. Those that speak against the
            film are not named.

    Returns:
        The sentence; the first film named is `cited`. Where the contributions
        sum to no more than 0 it says that nothing was found, and cites nothing:
        a template can be silent.

    Raises:
        ValueError: If the lengths differ or there is no history.

    Examples:
        >>> template_explanation(["Alien", "Big"], [0.3, 0.1], "Aliens").text
        'We recommend "Aliens" because you watched "Alien" (75 % of the score).'
        >>> template_explanation(["Alien", "Big"], [-0.3, 0.1], "Mulan").text
        'Nothing that you watched speaks for "Mulan".'
    """
    contributions = np.asarray(contributions, dtype=np.float64)
    if not len(titles) or len(titles) != len(contributions):
        raise ValueError(
            f"contributions: must be {len(titles)}, one a film and at least one, "
            f"got {len(contributions)}"
        )
    score = contributions.sum()
    if score <= 0:
        return Explanation(f'Nothing that you watched speaks for "{recommended}".')
    order = np.argsort(-contributions, kind="stable")[:most]
    named = [
        f'"{titles[place]}" ({100 * contributions[place] / score:.0f} % of the score)'
        for place in order
        if contributions[place] > 0
    ]
    words = f'We recommend "{recommended}" because you watched {", ".join(named)}.'
    return Explanation(words, titles[order[0]])
