"""What is drawn for each student of the assignment `metrics_by_hand`.

Book section 3.5.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.ranking import top_k

N_USERS, N_ITEMS, K = 40, 60, 5
PLACES = 8
APART = 0.01  # so that no two of the reports can be mistaken for each other
PATIENCE = 200


@dataclass(frozen=True)
class Drawn:
    """One student's numbers.

    Attributes:
        hits: A list of `PLACES` places, 1 where it holds a relevant item. The first
            place holds none.
        n_relevant: How many relevant items there are, more than were found.
        scores: `float64[U, I]`, of a world of U users and I items; no two of a user
            are equal.
        seen: For each user the items of his training part.
        relevant: For each user the items of his test part, at least one.
        reports: What is told of the recall of the best `K` unseen items, by letter:
            one number is right, and in each other there is one mistake.
    """

    hits: list[int]
    n_relevant: int
    scores: np.ndarray
    seen: list[set[int]]
    relevant: list[set[int]]
    reports: dict[str, float]


def draw(rng: np.random.Generator) -> Drawn:
    """Draw the numbers of one student.

    Args:
        rng: The student's generator, see `recsys_ref.course.student.student_rng`.

    Returns:
        A list for the pencil, and a world with reports about it.

    Examples:
        >>> drawn = draw(np.random.default_rng(0))
        >>> len(drawn.hits), drawn.scores.shape, sorted(drawn.reports)
        (8, (40, 60), ['A', 'B', 'C', 'D', 'E'])
    """
    hits = np.zeros(PLACES, dtype=int)
    found = int(rng.integers(2, 5))
    hits[1 + rng.choice(PLACES - 1, found, replace=False)] = 1
    n_relevant = found + int(rng.integers(1, PLACES - found))
    for _ in range(PATIENCE):
        scores, seen, relevant = _world(rng)
        values = _reported(scores, seen, relevant)
        if np.diff(np.sort(values)).min() >= APART:
            break
    else:
        raise ValueError(f"rng: no clear reports in {PATIENCE} draws, take another")
    told = rng.permutation(values).round(4).tolist()
    return Drawn(
        hits=hits.tolist(),
        n_relevant=n_relevant,
        scores=scores,
        seen=[set(np.flatnonzero(row).tolist()) for row in seen],
        relevant=[set(np.flatnonzero(row).tolist()) for row in relevant],
        reports=dict(zip("ABCDE", told, strict=True)),
    )


def _world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores `[U, I]`, and who saw and who will like what, `bool[U, I]`."""
    appeal = -0.6 * np.log1p(np.arange(N_ITEMS)) + rng.normal(size=(N_USERS, N_ITEMS))
    order = np.argsort(-(appeal + rng.gumbel(size=appeal.shape)), axis=1)
    seen, relevant = np.zeros((2, N_USERS, N_ITEMS), dtype=bool)
    for user, (n_seen, n_next) in enumerate(
        zip(
            rng.integers(3, 12, N_USERS),
            np.minimum(rng.geometric(0.2, N_USERS), 20),
            strict=True,
        )
    ):
        chosen = rng.permutation(order[user, : n_seen + n_next])
        seen[user, chosen[:n_seen]] = True
        relevant[user, chosen[n_seen:]] = True
    return appeal + 0.3 * rng.normal(size=appeal.shape), seen, relevant


def _reported(
    scores: np.ndarray, seen: np.ndarray, relevant: np.ndarray
) -> list[float]:
    """Return the recall that is asked for, and four numbers told in its place."""
    test = csr_array(relevant)
    unseen = top_k(scores, K, excluded=csr_array(seen))
    kinds = (metrics.recall, metrics.capped_recall, metrics.precision)
    rates = evaluate(unseen, test, metrics=kinds).means().to_list()
    every = evaluate(top_k(scores, K), test, metrics=kinds[:1]).means().to_list()
    pooled = metrics.hits(unseen, test).sum() / relevant.sum()
    return [*rates, *every, float(pooled)]
