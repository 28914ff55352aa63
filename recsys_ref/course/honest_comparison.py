"""What the assignment `honest_comparison` hands out beside its data.

A strategy whose scores are known, so that a measurement can be checked by hand; a
long table of what each withheld film is worth; and what MiniLM makes of the texts
of the films, so that no network runs while a class is graded.

Book sections 3.5 and 11.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import numpy as np
import pandas as pd

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.ranking import PADDING, Ranking
from recsys_ref.strategies.base import Recommender


def events(
    pairs: Iterable[tuple[int, int]], n_users: int, n_items: int
) -> Interactions:
    """Return a table of (user, item) pairs over users and items from 0.

    Examples:
        >>> events([(0, 1), (1, 0)], n_users=2, n_items=3).matrix().toarray()
        array([[0., 1., 0.],
               [1., 0., 0.]])
    """
    frame = pd.DataFrame(list(pairs), columns=["user_id", "item_id"], dtype=np.int64)
    return Interactions.from_frame(
        frame, user_ids=range(n_users), item_ids=range(n_items)
    )


@dataclass(eq=False)
class FixedScores(Recommender):
    """A strategy that learns nothing and says what it was fitted on.

    Attributes:
        scores: `float[U, I]`, what it answers.
        name: To tell several apart.
        fitted: The tables that `fit` got, in order.

    Examples:
        >>> strategy = FixedScores(np.array([[0.1, 0.9, 0.5]]))
        >>> train = events([(0, 1)], n_users=1, n_items=3)
        >>> strategy.fit(train).recommend([0], k=2).items
        array([[2, 0]])
        >>> strategy.fitted == [train]
        True
    """

    scores: np.ndarray = field(repr=False)
    name: str = ""
    fitted: list[Interactions] = field(default_factory=list, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self.fitted.append(interactions)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the given rows, `float32[B, I]`."""
        users = self._check_users(users)
        return np.asarray(self.scores, dtype=np.float32)[users]


def shares_of_ndcg(rankings: Mapping[str, Ranking], test: Interactions) -> pd.DataFrame:
    """Say of each withheld item what it adds to its user's nDCG.

    At rank r of a list of K an item adds 1 / log2(r + 1), divided by the best
    sum that the user could have; outside the list it adds 0. So a user's shares
    add up to his nDCG@K.

    Args:
        rankings: Lists of several strategies, by name.
        test: The events withheld, each pair of user and item once.

    Returns:
        One row an event: `user`, `item` and a column a strategy.

    Examples:
        >>> mine = Ranking(np.array([0]), np.array([[2, 1]]), np.zeros((1, 2)))
        >>> shares_of_ndcg({"mine": mine}, events([(0, 1), (0, 0)], 1, 3)).round(3)
           user  item   mine
        0     0     1  0.387
        1     0     0  0.000
    """
    count = np.bincount(test.user, minlength=test.n_users)
    table = pd.DataFrame({"user": test.user, "item": test.item})
    for name, ranking in rankings.items():
        discount = 1 / np.log2(np.arange(ranking.k) + 2)  # [K]
        best = np.cumsum(discount)[np.clip(count, 1, ranking.k) - 1]  # [U]
        worth = np.zeros((test.n_users, test.n_items))
        row, place = np.nonzero(ranking.items != PADDING)
        worth[ranking.users[row], ranking.items[row, place]] = discount[place]
        table[name] = worth[test.user, test.item] / best[test.user]
    return table


def film_vectors(items: Items) -> np.ndarray:
    """Return MiniLM's vectors of often rated films, made beforehand.

    The table `film_vectors.csv` holds them in thousandths: `main_directions` of
    `embed_items(load_encoder(), films)` for the films of MovieLens-100K that at
    least 100 people rated.

    Args:
        items: Some of these films.

    Returns:
        `float32[I, 32]`.

    Raises:
        KeyError: If a film is not in the table.
    """
    table = pd.read_csv(files("recsys_ref.data") / "film_vectors.csv", index_col=0)
    unknown = items.ids.difference(table.index)
    if len(unknown):
        raise KeyError(f"items: no vectors of the films {unknown[:5].tolist()}")
    return table.loc[items.ids].to_numpy(dtype=np.float32) / 1000


def main_directions(vectors: np.ndarray, size: int = 32) -> np.ndarray:
    """Return centered vectors by their coordinates along their main directions.

    Args:
        vectors: `float[I, D]`.
        size: Directions to keep, at most min(I, D).

    Returns:
        `float64[I, size]`. In each column the entry that is farthest from 0 is
        positive.

    Examples:
        >>> three = np.array([[5.0, 1.0], [5.0, 1.0], [2.0, 1.0]])
        >>> main_directions(three, size=1).round(6)
        array([[-1.],
               [-1.],
               [ 2.]])
    """
    centered = vectors - vectors.mean(axis=0)
    left, length, _ = np.linalg.svd(centered.astype(np.float64), full_matrices=False)
    kept = left[:, :size] * length[:size]
    farthest = kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])]
    return kept * np.where(farthest < 0, -1.0, 1.0)
