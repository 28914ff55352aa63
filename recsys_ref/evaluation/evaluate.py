"""From lists to a table: values per user first, means second."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref.evaluation import metrics as accuracy
from recsys_ref.ranking import Ranking

Metric = Callable[[np.ndarray, np.ndarray], np.ndarray]
METRICS: tuple[Metric, ...] = (
    accuracy.ndcg,
    accuracy.average_precision,
    accuracy.precision,
    accuracy.recall,
    accuracy.reciprocal_rank,
    accuracy.hit_rate,
)


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """What each user got.

    Attributes:
        per_user: One row a user (index `user`), one column a metric, such as
            `ndcg@10`. NaN where the metric is undefined for the user.
        n_unranked: Users who have relevant items but no list. They are in
            no mean: a number above 0 asks for an explanation.
    """

    per_user: pd.DataFrame
    n_unranked: int = 0

    @property
    def n_users(self) -> int:
        """Users who got a list."""
        return len(self.per_user)

    @property
    def n_measured(self) -> int:
        """Users with a value in some metric: those the means are over."""
        return int(self.per_user.notna().any(axis=1).sum())

    def means(self) -> pd.Series:
        """Return the mean of each metric over the users who have a value."""
        return self.per_user.mean()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a metric: its mean, and the users it is over."""
        return pd.DataFrame({"mean": self.means(), "users": self.per_user.count()})

    def __repr__(self) -> str:
        of = f"{self.n_measured:,} of {self.n_users:,} users measured"
        if self.n_unranked:
            of += f", {self.n_unranked:,} not ranked"
        means = ", ".join(f"{name} {mean:.4f}" for name, mean in self.means().items())
        return f"Evaluation({of}: {means})"


def evaluate(
    ranking: Ranking,
    relevant: csr_array,
    *,
    k: int | Sequence[int] | None = None,
    metrics: Iterable[Metric] = METRICS,
) -> Evaluation:
    """Measure the lists of a ranking.

    Args:
        ranking: Lists of distinct users.
        relevant: Sparse `[U, I]`, non-zero where an item is relevant.
        k: The length or lengths to cut the lists to. Default: as they are.
        metrics: Functions of `(hits, n_relevant)`, as in
            `recsys_ref.evaluation.metrics`. A column is named after its
            function and its length: `ndcg@10`.

    Returns:
        A value for each user and metric; NaN for users with nothing relevant.

    Raises:
        ValueError: If a user occurs twice, `k` is longer than the lists, or
            the ranking does not fit `relevant`.

    Examples:
        >>> ranking = Ranking(
        ...     users=np.array([0, 1]),
        ...     items=np.array([[2, 0], [1, 0]]),
        ...     scores=np.zeros((2, 2)),
        ... )
        >>> relevant = csr_array(np.array([[0, 1, 1], [0, 0, 0], [1, 0, 0]]))
        >>> evaluation = evaluate(ranking, relevant, metrics=[accuracy.recall])
        >>> evaluation
        Evaluation(1 of 2 users measured, 1 not ranked: recall@2 0.5000)
        >>> evaluation.per_user
              recall@2
        user
        0          0.5
        1          NaN
    """
    users = pd.Index(ranking.users, name="user")
    if not users.is_unique:
        raise ValueError(
            f"ranking.users: must be distinct, got {users[users.duplicated()][0]} twice"
        )
    metrics = list(metrics)
    all_hits = accuracy.hits(ranking, relevant)
    everyone = accuracy.count_relevant(relevant, np.arange(relevant.shape[0]))
    n_relevant = everyone[ranking.users]
    columns = {
        f"{metric.__name__}@{length}": metric(all_hits[:, :length], n_relevant)
        for length in _lengths(k, ranking.k)
        for metric in metrics
    }
    unranked = int((everyone > 0).sum() - (n_relevant > 0).sum())
    return Evaluation(pd.DataFrame(columns, index=users), unranked)


def compare(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Put means side by side, one row an evaluation, in the order given.

    Args:
        evaluations: Evaluations by name. They need not have all metrics in
            common: what one lacks is NaN.

    Returns:
        A column a metric, and `users`, how many the means are over.

    Examples:
        >>> flat = pd.DataFrame({"recall@2": [0.5, 0.0]})
        >>> compare({"mine": Evaluation(flat), "best": Evaluation(flat + 0.5)})
              recall@2  users
        mine      0.25      2
        best      0.75      2
    """
    rows = {
        name: {**evaluation.means(), "users": evaluation.n_measured}
        for name, evaluation in evaluations.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _lengths(k: int | Sequence[int] | None, longest: int) -> list[int]:
    lengths = [longest] if k is None else [int(length) for length in np.atleast_1d(k)]
    for length in lengths:
        if not 1 <= length <= longest:
            raise ValueError(
                f"k: must be in [1, {longest}], the length of the lists, got {length}"
            )
    return lengths
