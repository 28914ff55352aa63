"""What is drawn for each student of the assignment `three_by_three`.

Book section 4.1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

TEMPERATURE = 0.25
APART = 0.02  # the least difference of two tables, in some cell
GAP = 0.009  # the least difference of two scores of one user
PATIENCE = 10_000


@dataclass(frozen=True)
class Example:
    """Users, items and who chose what.

    Attributes:
        U: `float64[m, 3]`, a row a user: tenths above 0 that sum to 1.
        V: `float64[n, 3]`, a row an item: the same.
        X: `int64[m, n]`, 1 where the user has chosen the item.
    """

    U: np.ndarray
    V: np.ndarray
    X: np.ndarray


@dataclass(frozen=True)
class Drawn:
    """One student's numbers.

    Attributes:
        square: Three users, three items.
        printed: Its product U V^T as a careless author prints it, to two decimals.
        tables: What is told of its probabilities, by letter: one table is right,
            and in each other there is one mistake. To four decimals.
        wide: Four users, five items; no two scores of a user are equal.
    """

    square: Example
    printed: np.ndarray
    tables: dict[str, np.ndarray]
    wide: Example


def draw(rng: np.random.Generator) -> Drawn:
    """Draw the numbers of one student.

    Args:
        rng: The student's generator, see `recsys_ref.course.student.student_rng`.

    Returns:
        An example with an erratum and six tables, and a larger one.

    Examples:
        >>> drawn = draw(np.random.default_rng(0))
        >>> drawn.wide.X.shape, "".join(drawn.tables)
        ((4, 5), 'ABCDEF')
    """
    for _ in range(PATIENCE):
        square = _example(3, 3, 1, rng)
        if square.X.all(axis=0).any():
            continue  # an item that nobody is left for
        tables = np.array(_told(square)).round(4)
        apart = np.abs(tables[:, None] - tables).max(axis=(2, 3))
        if (apart + np.eye(len(tables)) >= APART).all():
            break
    else:
        raise ValueError(f"rng: no clear tables in {PATIENCE} draws, take another")
    for _ in range(PATIENCE):
        wide = _example(4, 5, 2, rng)
        scores = wide.U @ wide.V.T
        gaps = np.diff(np.sort(scores, axis=1), axis=1)
        chosen_first = wide.X[np.arange(4), scores.argmax(axis=1)].sum()
        if gaps.min() >= GAP and 2 <= chosen_first < 4:
            break
    else:
        raise ValueError(f"rng: no clear lists in {PATIENCE} draws, take another")
    order = rng.permutation(len(tables))
    return Drawn(
        square=square,
        printed=_misprinted(square.U @ square.V.T, rng),
        tables=dict(zip("ABCDEF", tables[order], strict=True)),
        wide=wide,
    )


def _example(m: int, n: int, n_chosen: int, rng: np.random.Generator) -> Example:
    chosen = rng.permuted(np.tile(np.arange(n) < n_chosen, (m, 1)), axis=1)
    return Example(_tenths(m, rng), _tenths(n, rng), chosen.astype(np.int64))


def _tenths(rows: int, rng: np.random.Generator) -> np.ndarray:
    """Return `float64[rows, 3]`: tenths above 0, rows that sum to 1."""
    return (1 + rng.multinomial(7, rng.dirichlet(np.ones(3), rows))) / 10


def _misprinted(exact: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a table with four wrong cells, in two rows, whose sums are right."""
    hundredths = np.rint(100 * exact).astype(int)
    for row in rng.choice(3, 2, replace=False):
        down = int(rng.choice(np.argsort(-hundredths[row])[:2]))
        up = int(rng.choice([place for place in range(3) if place != down]))
        slip = int(rng.integers(2, 8))  # less than the least score, 0.1
        hundredths[row, down] -= slip
        hundredths[row, up] += slip
    return hundredths / 100


def _told(example: Example) -> list[np.ndarray]:
    """Return the probabilities, and five tables with one mistake each."""
    U, V, chosen = example.U, example.V, example.X == 1
    unit_U, unit_V = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (U, V))
    cosine = unit_U @ unit_V.T

    def table(
        scores: np.ndarray,
        axis: int = 1,
        temperature: float = TEMPERATURE,
        mask: float = -np.inf,
    ) -> np.ndarray:
        return softmax(np.where(chosen, mask, scores / temperature), axis=axis)

    return [
        table(cosine),
        table(unit_U @ unit_V),
        table(U @ V.T),
        table(cosine, temperature=1),
        table(cosine, axis=0),
        table(cosine, mask=0),
    ]
