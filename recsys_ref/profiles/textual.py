"""Textual profiles: a history as text, and what a language model makes of it.

U = encode(write(text(X))): a user's events become lines of a prompt, the model
writes a profile in a form that is given (`lm.generate.generate_json`), and an
encoder brings the profile into the space of the items. Whether the profile is
true is another question: see `recsys_ref.profiles.faithful`.

Book section 3.2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from tqdm import tqdm

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.lm.chat import Prompt
from recsys_ref.lm.encode import encode
from recsys_ref.lm.generate import generate_json
from recsys_ref.lm.text_model import TextModel
from recsys_ref.profiles.history import HistoryText, history_text

MOODS = (
    "dark", "dreamy", "exciting", "funny", "heart-warming", "light", "playful",
    "romantic", "sad", "scary", "tense", "thoughtful", "violent",
)  # fmt: skip
INSTRUCTION = (
    "Here are films that one person watched, the latest last:\n{history}\n\n"
    "Describe this person's taste as JSON. likes and dislikes: genres. "
    "eras: decades. moods: of the films. titles: films of the list that show "
    "the taste best."
)


@dataclass(frozen=True)
class TextualProfile:
    """What is said of a user's taste.

    Attributes:
        likes: Genres.
        dislikes: Genres.
        eras: Decades, as "1990s".
        moods: Words such as those of `MOODS`.
        titles: Titles that show the taste.

    Examples:
        >>> profile = TextualProfile(likes=("Horror", "War"), eras=("1980s",))
        >>> profile.text()
        'Likes: Horror, War. Eras: 1980s.'
        >>> profile.text(["eras"])
        'Eras: 1980s.'
        >>> TextualProfile().text()
        ''
    """

    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    eras: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) or not all(isinstance(v, str) for v in value):
                raise ValueError(f"{each.name}: must be strings, got {value!r}")
            object.__setattr__(self, each.name, tuple(value))

    def text(self, parts: Iterable[str] | None = None) -> str:
        """Say it in one line; what is empty goes unsaid.

        Args:
            parts: The attributes to say, in this order. Default: all. An
                encoder hardly reads "dislikes" as a no, so leaving them out
                may bring a profile nearer to what the user wants.

        Raises:
            KeyError: If there is no such attribute.
        """
        known = [each.name for each in fields(self)]
        parts = known if parts is None else list(parts)
        if unknown := [part for part in parts if part not in known]:
            raise KeyError(f"parts: no {unknown}, there are {known}")
        said = {part: ", ".join(getattr(self, part)) for part in parts}
        return " ".join(
            f"{p.capitalize()}: {words}." for p, words in said.items() if words
        )


def profile_schema(items: Items, *, most: int = 3) -> dict:
    """Give a profile's form as a JSON schema.

    Genres and decades are those of the catalogue and moods those of `MOODS`, so
    a profile cannot name others. Titles are free, so a model may invent some.

    Args:
        items: Y.
        most: Most entries of each attribute, at least 1. Of likes, eras, moods
            and titles there must be one.

    Raises:
        ValueError: If `most` is no such number, or no genre or year is known.
    """
    check_whole_number("most", most, 1)
    genres = [
        g
        for g, used in zip(items.genre_names, items.genres.T, strict=True)
        if used.any()
    ]
    eras = decades(items)
    for name, known in (("genres", genres), ("year", eras)):
        if not known:
            raise ValueError(f"items.{name}: none is known, so no profile can name any")

    def some_of(names: Sequence[str], least: int) -> dict:
        return {
            "type": "array",
            "items": {"enum": list(names)},
            "minItems": least,
            "maxItems": most,
            "uniqueItems": True,
        }

    title = {"type": "string", "maxLength": 60}
    properties = {
        "likes": some_of(genres, 1),
        "dislikes": some_of(genres, 0),
        "eras": some_of(eras, 1),
        "moods": some_of(MOODS, 1),
        "titles": {"type": "array", "items": title, "minItems": 1, "maxItems": most},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def write_profile(
    model: TextModel,
    items: Items,
    history: Interactions,
    *,
    instruction: str = INSTRUCTION,
    most: int = 3,
    answer_tokens: int = 160,
    temperature: float = 0.0,
    rng: int = 0,
    **text_options,
) -> tuple[TextualProfile, HistoryText]:
    """Let a language model write a profile of one user.

    Args:
        model: A chat model, from `lm.pretrained.load_causal`.
        items: Y.
        history: The events of one user. Of no events nothing is said, and the
            model is not asked.
        instruction: What the model is told, with the field `{history}`.
        most: Most entries of each attribute.
        answer_tokens: Most tokens of the answer; they are kept free.
        temperature: 0 for the likeliest profile; 1 draws.
        rng: Seed of the draws, and of the order within a second.
        text_options: Passed on to `history_text`: n_last, with_ratings and others.

    Returns:
        A profile that fits `profile_schema`, and the history as the model
        read it, with what was left out of it.

    Raises:
        KeyError: If the instruction or the template has another field.
        ValueError: As `history_text` and `lm.generate.generate_json`.
    """
    if "{history}" not in instruction:
        raise ValueError(
            f"instruction: must have a {{history}}, got {instruction!r:.80}"
        )

    def wrap(text: str) -> Prompt:
        return [{"role": "user", "content": instruction.replace("{history}", text)}]

    read = history_text(
        items,
        history,
        wrap=wrap,
        model=model,
        max_tokens=model.context - answer_tokens,
        rng=rng,
        **text_options,
    )
    if not read.kept:
        return TextualProfile(), read
    written = generate_json(
        model,
        read.prompt,
        profile_schema(items, most=most),
        max_tokens=answer_tokens,
        temperature=temperature,
        rng=rng,
    )
    return TextualProfile(**written), read


def write_profiles(
    model: TextModel,
    items: Items,
    interactions: Interactions,
    users: np.ndarray,
    *,
    progress: bool = False,
    **options,
) -> tuple[list[TextualProfile], list[HistoryText]]:
    """Let a language model write the profiles of some users, see `write_profile`.

    Args:
        model: A chat model.
        items: Y.
        interactions: X, the training part.
        users: `int64[B]`, user indices.
        progress: Whether to draw a bar on stderr, if that is a terminal.
        options: Passed on to `write_profile`.

    Returns:
        B profiles and B histories as they were read.

    Raises:
        KeyError: If a user is unknown.
        ValueError: As `write_profile`.
    """
    users = np.asarray(users, dtype=np.int64)
    unknown = users[(users < 0) | (users >= interactions.n_users)]
    if unknown.size:
        raise KeyError(
            f"users: must be in [0, {interactions.n_users}), got {unknown.tolist()[:5]}"
        )
    pairs = [
        write_profile(
            model, items, interactions.select(interactions.user == user), **options
        )
        for user in tqdm(users, desc="profiles", disable=None if progress else True)
    ]
    return [profile for profile, _ in pairs], [read for _, read in pairs]


def encode_profiles(
    model: TextModel,
    profiles: Sequence[TextualProfile],
    *,
    parts: Iterable[str] | None = None,
    **encode_options,
) -> np.ndarray:
    """Bring profiles into the space of the items, U of the same space as V.

    Args:
        model: What encoded the items, with the same options.
        profiles: U profiles.
        parts: What to say of each, see `TextualProfile.text`.
        encode_options: Passed on to `lm.encode.encode`.

    Returns:
        `float32[U, D]`. A profile that says nothing gets a vector of zeros, as
        in `profiles.behaviour.profile`.

    Raises:
        KeyError: If profiles have no such part.
        ValueError: As `encode`.
    """
    parts = None if parts is None else list(parts)
    texts = [profile.text(parts) for profile in profiles]
    said = [row for row, text in enumerate(texts) if text]
    vectors = encode(model, [texts[row] for row in said], **encode_options)
    rows = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    rows[said] = vectors
    return rows


def decades(items: Items) -> list[str]:
    """List the decades of release of a catalogue, as "1990s", in order."""
    known = items.year[~np.isnan(items.year)]
    return [f"{10 * decade:.0f}s" for decade in np.unique(known // 10)]
