"""What is drawn for each student of the assignment `embeddings`.

Book section 3.3.
"""

import functools
from dataclasses import dataclass

import numpy as np
import torch

from recsys_ref.content.whiten import mean_cosine
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.vectors import unit_rows
from recsys_ref.lm.hidden import hidden_states
from recsys_ref.lm.pretrained import TextModel, load_encoder

N_FILMS = 120
TITLE, LINE = "{natural_title}", "{title}[ ({year})][: {genres}]"
APART = 0.003  # so that no two of the reports can be mistaken for each other
PATIENCE = 20


@dataclass(frozen=True)
class Drawn:
    """One student's films, and what MiniLM makes of them.

    Attributes:
        titles: `str[I]`, of I films.
        states: `float32[I, T, D]`, MiniLM's vector of each token of each title.
            Titles are filled up to T tokens, and vectors of the filling look like
            any other.
        mask: `int64[I, T]`, 1 where there is a token of the title, else 0.
        lines: `float32[I, D]`, vectors of title, year and genres as one line, of
            length 1.
        genres: `bool[I, G]`; each film has at least one.
        reports: What is told of the mean cosine of the titles' vectors, by letter:
            one number is right, and in each other there is one mistake.
    """

    titles: list[str]
    states: np.ndarray
    mask: np.ndarray
    lines: np.ndarray
    genres: np.ndarray
    reports: dict[str, float]


def draw(rng: np.random.Generator) -> Drawn:
    """Draw the films of one student, and read them with MiniLM.

    Takes some seconds; what was read is remembered while the process lives.

    Args:
        rng: The student's generator, see `recsys_ref.course.student.student_rng`.

    Returns:
        Films, their token vectors and reports about them.

    Examples:
        >>> drawn = draw(np.random.default_rng(0))
        >>> drawn.states.shape[::2], drawn.lines.shape, sorted(drawn.reports)
        ((120, 384), (120, 384), ['A', 'B', 'C', 'D', 'E'])
    """
    items = _items()
    known = np.flatnonzero(items.genres.any(axis=1))
    for _ in range(PATIENCE):
        rows = np.sort(rng.choice(known, N_FILMS, replace=False))
        films = items.select(rows)
        states, mask = _read(tuple(films.text(TITLE).tolist()))
        values = list(told(states, mask).values())
        if np.diff(np.sort(values)).min() >= APART:
            break
    else:
        raise ValueError(f"rng: no clear reports in {PATIENCE} draws, take another")
    lines, tokens = _read(tuple(films.text(LINE).tolist()))
    shuffled = rng.permutation(values).round(4).tolist()
    return Drawn(
        titles=films.text(TITLE).tolist(),
        states=states,
        mask=mask,
        lines=unit_rows(_mean(lines, tokens)).astype(np.float32),
        genres=films.genres,
        reports=dict(zip("ABCDE", shuffled, strict=True)),
    )


def told(states: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """Return the mean cosine that five programs compute, by what they do.

    Args:
        states: `float32[I, T, D]`.
        mask: `int64[I, T]`.

    Returns:
        "right" is the mean cosine of two different films. "diagonal" counts each
        film with itself as well, "dot" takes products of vectors as long as they
        are, "padding" takes the mean over all T places, "first" takes the first
        token's vector.
    """
    vectors = _mean(states, mask)
    units = unit_rows(vectors)
    n = len(vectors)
    dots = vectors @ vectors.T
    return {
        "right": mean_cosine(vectors),
        "diagonal": float((units @ units.T).mean()),
        "dot": float((dots.sum() - np.trace(dots)) / (n * (n - 1))),
        "padding": mean_cosine(states.mean(axis=1)),
        "first": mean_cosine(states[:, 0]),
    }


def _mean(states: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return `float64[I, D]`, the mean over tokens, without padding."""
    total = np.einsum("itd,it->id", states, mask, dtype=np.float64)
    return total / mask.sum(axis=1, keepdims=True)


@functools.lru_cache(maxsize=8)
def _read(texts: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the states of all tokens, and which of them are tokens; read-only."""
    model = _encoder()
    ids = model.token_ids(list(texts))
    lengths = np.array([len(row) for row in ids])
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    padded = np.zeros(mask.shape, dtype=np.int64)
    padded[mask == 1] = np.concatenate(ids)
    states = hidden_states(
        model.network, torch.from_numpy(padded), torch.from_numpy(mask)
    ).numpy()
    for array in (states, mask):
        array.flags.writeable = False
    return states, mask


@functools.cache
def _items() -> Items:
    return load_movielens_100k().items


@functools.cache
def _encoder() -> TextModel:
    return load_encoder()
