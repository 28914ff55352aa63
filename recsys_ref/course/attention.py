"""What is drawn for each student of the assignment `attention`.

Book section 5.1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

PLACE = 2  # the token of the pencil example that looks, of four
N_TOKENS, HEAD_WIDTH = 6, 8
APART = 0.03  # so that no two right or wrong answers can be mistaken for each other
PATIENCE = 1000


@dataclass(frozen=True)
class Model:
    """A transformer of one block without a network, over films instead of words.

    Attributes:
        films: `float64[V, D]`, one vector a film.
        places: `float64[C, D]`, one vector a place of the history.
        w_qkv: `float64[D, 3 D]`, side by side what makes queries, keys, values.
        w_out: `float64[D, D]`, what the joined heads pass through.
        n_heads: H, a divisor of D.
    """

    films: np.ndarray
    places: np.ndarray
    w_qkv: np.ndarray
    w_out: np.ndarray
    n_heads: int


@dataclass(frozen=True)
class Pencil:
    """Attention of one token, small enough for paper.

    Attributes:
        query: `int64[4]`, of the third token.
        keys: `int64[4, 4]`, of four tokens.
        values: `int64[4, 2]`, of four tokens.
    """

    query: np.ndarray
    keys: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Sizes:
    """A model and a task whose cache is to be counted.

    Attributes:
        layers: Blocks.
        width: D, the length of a token's vector.
        heads: H.
        history: Tokens of a user's history.
        candidates: Films that are scored after it.
        title: Tokens of each candidate.
        written: Tokens that are written after the history, one by one.
        number_bytes: Bytes of one number.
    """

    layers: int
    width: int
    heads: int
    history: int
    candidates: int
    title: int
    written: int
    number_bytes: int


@dataclass(frozen=True)
class Drawn:
    """One student's numbers.

    Attributes:
        pencil: One token's attention, for paper.
        query: `float64[T, D]`, of the tables below; three decimals.
        key: `float64[T, D]`.
        tables: Attention weights of them, `float64[T, T]` of three decimals, by
            letter: one table is right, and in each other there is one mistake.
        model: A small model.
        history: Films for it, fewer than it has places.
        sizes: What the last step counts.
    """

    pencil: Pencil
    query: np.ndarray
    key: np.ndarray
    tables: dict[str, np.ndarray]
    model: Model
    history: list[int]
    sizes: Sizes


def draw(rng: np.random.Generator) -> Drawn:
    """Draw the numbers of one student.

    Args:
        rng: The student's generator, see `recsys_ref.course.student.student_rng`.

    Returns:
        A token for the pencil, five tables, a model and sizes to count with.

    Examples:
        >>> drawn = draw(np.random.default_rng(0))
        >>> sorted(drawn.tables), drawn.model.w_qkv.shape, len(drawn.history)
        (['A', 'B', 'C', 'D', 'E'], (12, 36), 9)
    """
    pencil = _until(lambda: _pencil(rng), _pencil_is_clear)
    query, key = _until(
        lambda: rng.normal(size=(2, N_TOKENS, HEAD_WIDTH)).round(3),
        lambda both: _apart(list(told(*both).values())),
    )
    tables = told(query, key)
    order = rng.permutation(len(tables))
    shuffled = [list(tables.values())[place].round(3) for place in order]
    return Drawn(
        pencil=pencil,
        query=query,
        key=key,
        tables=dict(zip("ABCDE", shuffled, strict=True)),
        model=_model(rng),
        history=rng.integers(0, 20, 9).tolist(),
        sizes=_sizes(rng),
    )


def told(query: np.ndarray, key: np.ndarray) -> dict[str, np.ndarray]:
    """Return the attention weights that five programs compute, by what they do.

    Args:
        query: `float64[T, D]`.
        key: `float64[T, D]`.

    Returns:
        `float64[T, T]` each. "right" is causal attention. "unscaled" forgets the
        root of the head's width, "late mask" masks after the softmax, "over queries"
        lets the columns sum to one, "peeks" lets each token see the next one.
    """
    scores = query @ key.T / np.sqrt(query.shape[1])
    later = np.triu(np.ones(scores.shape, dtype=bool), 1)
    beyond = np.triu(np.ones(scores.shape, dtype=bool), 2)
    masked = np.where(later, -np.inf, scores)
    return {
        "right": softmax(masked, axis=1),
        "unscaled": softmax(masked * np.sqrt(query.shape[1]), axis=1),
        "late mask": np.where(later, 0, softmax(scores, axis=1)),
        "over queries": softmax(masked, axis=0),
        "peeks": softmax(np.where(beyond, -np.inf, scores), axis=1),
    }


def _until(make, is_clear):
    for _ in range(PATIENCE):
        made = make()
        if is_clear(made):
            return made
    raise ValueError(f"rng: nothing clear in {PATIENCE} draws, take another")


def _apart(answers: list[np.ndarray]) -> bool:
    return all(
        np.abs(a - b).max() >= APART
        for place, a in enumerate(answers)
        for b in answers[:place]
    )


def _pencil(rng: np.random.Generator) -> Pencil:
    return Pencil(
        query=rng.integers(-2, 3, 4),
        keys=rng.integers(-2, 3, (4, 4)),
        values=rng.integers(-5, 6, (4, 2)),
    )


def _pencil_is_clear(pencil: Pencil) -> bool:
    """Tell whether no score is zero or double, and each mistake shows."""
    scores = pencil.keys @ pencil.query
    if len(set(scores.tolist())) < 4 or not scores.all() or np.abs(scores).max() > 6:
        return False
    seen = np.arange(4) <= PLACE
    weights = [
        softmax(np.where(seen, scores / 2, -np.inf)),
        softmax(np.where(seen, scores, -np.inf)),
        softmax(scores / 2),
        softmax(scores / 2) * seen,
        softmax(np.where(np.arange(4) < PLACE, scores / 2, -np.inf)),
    ]
    return _apart(weights) and _apart([w @ pencil.values for w in weights])


def _model(rng: np.random.Generator) -> Model:
    width, films, places = 12, 20, 16
    return Model(
        films=rng.normal(size=(films, width)),
        places=rng.normal(size=(places, width)),
        w_qkv=rng.normal(size=(width, 3 * width)) / np.sqrt(width),
        w_out=rng.normal(size=(width, width)) / np.sqrt(width),
        n_heads=3,
    )


def _sizes(rng: np.random.Generator) -> Sizes:
    heads = int(rng.choice([6, 8, 12, 16]))
    return Sizes(
        layers=int(rng.integers(6, 25)),
        width=64 * heads,
        heads=heads,
        history=int(rng.integers(200, 900)),
        candidates=int(rng.integers(20, 100)),
        title=int(rng.integers(4, 13)),
        written=int(rng.integers(15, 60)),
        number_bytes=int(rng.choice([2, 4])),
    )
