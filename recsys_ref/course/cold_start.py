"""What is drawn for each student of the assignment `cold_start`.

Book section 9.1.
"""

import functools
from dataclasses import dataclass

import numpy as np

from recsys_ref.content.blocks import stack_blocks, year_bumps
from recsys_ref.data.movielens import MovieLens, load_movielens_100k

N_FILMS, N_NEW, N_VALIDATION = 400, 80, 80
FEWEST = 10  # ratings of a film that may be drawn
STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True)
class Drawn:
    """One student's films; some of them count as new.

    Attributes:
        titles: `str[I]`, of I films.
        ratings: `bool[U, I]`, who rated what.
        new: Numbers of the films that count as new, in order.
        validation: Numbers of others, which are withheld to choose a strength.
        genres: `bool[I, G]`; each film has at least one.
        by_genre: `float64[I, G]`, genres as vectors of comparable size.
        vectors: `float64[I, D]`, genres and year as vectors.
        strengths: What the ridge's strength is chosen from.
    """

    titles: list[str]
    ratings: np.ndarray
    new: list[int]
    validation: list[int]
    genres: np.ndarray
    by_genre: np.ndarray
    vectors: np.ndarray
    strengths: tuple[float, ...]


def draw(rng: np.random.Generator) -> Drawn:
    """Draw the films of one student, and which of them count as new.

    Args:
        rng: The student's generator, see `recsys_ref.course.student.student_rng`.

    Returns:
        Ratings and descriptions of some films of MovieLens-100K.

    Examples:
        >>> drawn = draw(np.random.default_rng(0))
        >>> drawn.ratings.shape, len(drawn.new), len(drawn.validation)
        ((943, 400), 80, 80)
    """
    movielens, ratings = _movielens()
    known = movielens.items.genres.any(axis=1) & (ratings.sum(axis=0) >= FEWEST)
    rows = np.sort(rng.choice(np.flatnonzero(known), N_FILMS, replace=False))
    films = movielens.items.select(rows)
    withheld = rng.permutation(N_FILMS)[: N_NEW + N_VALIDATION]
    genres = films.genres.astype(float)
    return Drawn(
        titles=films.text("{natural_title}[ ({year})]").tolist(),
        ratings=ratings[:, rows],
        new=sorted(withheld[:N_NEW].tolist()),
        validation=sorted(withheld[N_NEW:].tolist()),
        genres=films.genres,
        by_genre=stack_blocks({"genres": genres}),
        vectors=stack_blocks({"genres": genres, "year": year_bumps(films.year)}),
        strengths=STRENGTHS,
    )


@functools.cache
def _movielens() -> tuple[MovieLens, np.ndarray]:
    """Return MovieLens-100K, and who rated what, `bool[U, I]`."""
    movielens = load_movielens_100k()
    return movielens, movielens.interactions.matrix().toarray() > 0
