"""What every strategy shares: fit, fold in, score, recommend."""

from abc import ABC, abstractmethod
from copy import copy
from typing import Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from recsys_ref.data.interactions import Interactions
from recsys_ref.ranking import Ranking, one_seed, top_k

BATCH = 2048  # users scored at once, so that memory stays BATCH x I


class Recommender(ABC):
    """A strategy that learns from interactions and ranks items.

    Subclasses are dataclasses of hyperparameters. They implement `_fit`,
    which stores what was learned in attributes ending in `_`, and `score`;
    and `_fold_in`, if they store anything of the users beside `seen_`.

    What is defined for every strategy: a user without events is scored like
    any other (each strategy says with what); a user who has seen everything
    gets a list of padding; a `k` larger than the catalogue pads; no users
    give no lists; an unknown user raises `KeyError`; a score that is not
    finite raises `ValueError`.

    Attributes:
        seen_: Sparse `float64[U, I]`, the fitted events; set by `fit`.
        item_ids_: `I` ids, the vocabulary of the items; set by `fit`.
    """

    seen_: csr_array
    item_ids_: pd.Index

    def fit(self, interactions: Interactions) -> Self:
        """Learn from events; what an earlier fit learned is forgotten.

        Args:
            interactions: The training part. Its vocabularies fix U and I.

        Raises:
            ValueError: If there are no users or no items, or a
                hyperparameter is out of its range.
        """
        if not interactions.n_users or not interactions.n_items:
            raise ValueError(
                "interactions: need at least one user and one item, got "
                f"{interactions.n_users} users and {interactions.n_items} items"
            )
        self._fit(interactions)
        self.item_ids_ = interactions.item_ids
        self.seen_ = interactions.matrix()  # last: a fit that failed is no fit
        return self

    def fold_in(self, interactions: Interactions) -> Self:
        """Serve other users with what was learned of the items.

        Nothing is learned anew: the users of the fitted table make way for
        those of another one, who may be the same with longer histories, or
        new ones. Of a table that it was fitted on, a strategy keeps its
        scores (IALS up to its last turn, which folding in takes to the end).

        Args:
            interactions: The histories to serve. Any users, the same items.

        Returns:
            A fitted strategy with these users. This one stays as it is.

        Raises:
            RuntimeError: If `fit` has not been called.
            ValueError: If the items are others than `fit` saw, or in another
                order; or if a user's side was given and not learned from
                his history.

        References:
            Book section 9.1.
        """
        self._check_users([])
        if not self.item_ids_.equals(interactions.item_ids):
            raise ValueError(
                f"interactions: must have the {len(self.item_ids_)} item_ids of the "
                f"fitted table, in that order, got {interactions.n_items} others"
            )
        model = copy(self)
        model._fold_in(interactions)
        model.seen_ = interactions.matrix()
        return model

    @abstractmethod
    def _fit(self, interactions: Interactions) -> None:
        """Set the fitted attributes."""

    def _fold_in(self, interactions: Interactions) -> None:  # noqa: B027
        """Set anew, on a copy of the model, what is stored of the users.

        By default nothing: `score` then needs no more of them than `seen_`.
        """

    @abstractmethod
    def score(self, users: np.ndarray) -> np.ndarray:
        """Score every item for some users, seen items included.

        Args:
            users: `int64[B]`, user indices.

        Returns:
            `float32[B, I]`, higher is better.

        Raises:
            KeyError: If a user is unknown.
            RuntimeError: If `fit` has not been called.
        """

    def recommend(
        self,
        users: np.ndarray,
        *,
        k: int = 10,
        exclude_seen: bool = True,
        candidates: np.ndarray | None = None,
        rng: np.random.Generator | int = 0,
    ) -> Ranking:
        """Rank the items of some users, best first.

        Args:
            users: `int64[B]`, user indices.
            k: Length of each list.
            exclude_seen: Whether items of the fitted events are left out.
            candidates: `int64[C]`, the only items to offer. Default: all.
            rng: Seed that breaks ties between equal scores.

        Raises:
            KeyError: If a user is unknown.
            RuntimeError: If `fit` has not been called.
            ValueError: If `k` < 1 or a score is not finite.
        """
        users = self._check_users(users)
        rng = one_seed(rng)  # for all batches
        parts = [
            top_k(
                self.score(batch),
                k,
                users=batch,
                excluded=self.seen_[batch] if exclude_seen else None,
                candidates=candidates,
                rng=rng,
            )
            for batch in np.split(users, range(BATCH, len(users), BATCH))
        ]
        return Ranking(
            users,
            np.concatenate([part.items for part in parts]),
            np.concatenate([part.scores for part in parts]),
        )

    def _check_users(self, users: np.ndarray) -> np.ndarray:
        """Return `int64[B]` user indices that the fitted matrices have."""
        if not hasattr(self, "seen_"):
            raise RuntimeError(f"{type(self).__name__}: call fit first")
        users = np.atleast_1d(np.asarray(users))
        if users.ndim != 1 or (users.size and users.dtype.kind not in "iu"):
            raise ValueError(
                "users: must be whole numbers of shape [B], "
                f"got {users.dtype} of shape {users.shape}"
            )
        users = users.astype(np.int64)
        known = (users >= 0) & (users < self.seen_.shape[0])
        if not known.all():
            raise KeyError(
                f"users: must be in [0, {self.seen_.shape[0]}), "
                f"got {users[~known].tolist()[:5]}"
            )
        return users
