"""What is to be expected of a user, given the little that he has told.

Book section 9.1: popularity, item-based prediction and everything between.
"""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.checks import GIB, check_memory, check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


@dataclass
class ConditionalMean(Recommender):
    r"""Begin at popularity, and move as far as a user's items give reason to.

    Users are taken for draws of a Gaussian over the items, with the mean m
    and the covariance C of the fitted users' rows of zeros and ones. Of a
    user the items S are known, and of the rest nothing: they are not zeros
    but unknown. His scores are the conditional mean

        m + C[:, S] (C[S, S] + noise)^-1 (1 - m[S]).

    So a user without events gets the share of users who chose each item,
    which is popularity. EASE, which reads unknown as zero, gives him zeros.

    Attributes:
        noise: Variance, > 0, that does not come from taste. The larger, the
            less one known item moves the scores; an item's own variance is
            at most 1/4.
        max_bytes: The most memory that the covariance may take, in bytes;
            4 I^2 are needed.
        mean_: `float32[I]`, over the users with events; set by `fit`.
        covariance_: `float32[I, I]`; set by `fit`.

    Raises:
        ValueError: From `fit`, before anything is allocated, if the
            covariance would take more than `max_bytes`, or if `noise` is not
            a finite number > 0.

    References:
        The regression of Rasmussen and Williams, Gaussian Processes for Machine
        Learning, with the items' own covariance in place of a kernel. Book
        section 9.1.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> model = ConditionalMean(noise=0.1).fit(table)
        >>> nobody = Interactions([], [], [], [], ["new"], table.item_ids)
        >>> model.fold_in(nobody).score([0])
        array([[0.75, 0.5 , 0.25]], dtype=float32)
    """

    noise: float = 1.0
    max_bytes: int = 4 * GIB
    mean_: np.ndarray = field(init=False, repr=False)
    covariance_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_positive("noise", self.noise)
        check_memory(interactions.n_items, self.max_bytes, need="a covariance of")
        chosen = interactions.matrix()
        users = max(np.unique(interactions.user).size, 1)
        mean = chosen.sum(axis=0) / users
        together = (chosen.T @ chosen).astype(np.float32).toarray()
        together /= users
        together -= np.outer(mean, mean).astype(np.float32)
        self.mean_, self.covariance_ = mean.astype(np.float32), together

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the conditional mean of every item, `float32[B, I]`."""
        users = self._check_users(users)
        scores = np.tile(self.mean_, (len(users), 1))
        for row, user in enumerate(users):
            start, stop = self.seen_.indptr[[user, user + 1]]
            known = self.seen_.indices[start:stop]
            if known.size:
                own = self.covariance_[known].astype(np.float64)  # [S, I]
                inner = own[:, known] + self.noise * np.eye(known.size)
                surprise = 1.0 - self.mean_[known]
                scores[row] += np.linalg.solve(inner, surprise) @ own
        return scores
