"""Implicit ALS: user and item factors, fitted to all cells of the matrix."""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_positive
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ials_solver import RowSystems


@dataclass
class IALS(Recommender):
    r"""Factorise preferences (1 where seen, else 0), seen cells weighing more.

    The loss, with confidence c_ui = 1 + alpha r_ui at events and 1 elsewhere:

        sum over all (u, i) of c_ui (p_ui - x_u . y_i)^2
        + sum over u of l2_u |x_u|^2 + sum over i of l2_i |y_i|^2

    Users and items take turns. In a turn every row has its own system of
    normal equations; `steps` steps of conjugate gradients, begun at the last
    solution, improve all of them together. The steps are preconditioned with
    the one system that is the mean of all, so that one step a turn does what
    needs three without. A user without events gets the score 0 everywhere.
    `fold_in` solves the systems of its users, the item factors held fixed.

    Attributes:
        factors: D, the length of the vectors x_u and y_i, at least 1.
        l2: Mean ridge strength of the rows, > 0.
        alpha: Extra confidence of a seen cell, > 0.
        iterations: Turns of users and items each, at least 1.
        l2_exponent: At 0 all rows are shrunk by `l2`; at 1 in proportion to
            the row's summed confidence, so that active users and popular
            items are shrunk more; `l2` stays the mean.
        use_values: Whether r_ui is the summed value (rating) instead of 1.
        steps: Conjugate gradient steps a turn, at least 1.
        rng: Seed, or generator, of the item factors that it starts from.
        user_factors_: `float32[U, D]`; set by `fit`.
        item_factors_: `float32[I, D]`; set by `fit`.
        losses_: `float64[iterations]`, the loss after each; set by `fit`.
            It never rises, but for rounding.
        mean_scale_: What the scaled ridges of the users were divided by; set
            by `fit`, and kept for users who are folded in.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range or a
            value is negative.

    References:
        Hu, Koren and Volinsky (2008), http://yifanhu.net/PUB/cf.pdf; the
        scaled ridge as in Rendle et al. (2021),
        https://arxiv.org/abs/2110.14037

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3, 4], "item_id": [7, 8, 7, 8, 7, 9],
        ... }))
        >>> IALS(factors=2, l2=0.1).fit(table).recommend([2], k=1).items
        array([[1]])
    """

    factors: int = 64
    l2: float = 30.0
    alpha: float = 2.0
    iterations: int = 15
    l2_exponent: float = 0.0
    use_values: bool = False
    steps: int = 1
    rng: np.random.Generator | int = 0
    user_factors_: np.ndarray = field(init=False, repr=False)
    item_factors_: np.ndarray = field(init=False, repr=False)
    losses_: np.ndarray = field(init=False, repr=False)
    mean_scale_: float = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self._check(interactions)
        extra = self._extra(interactions)
        # The same events in the order of the users and of the items.
        by_user = RowSystems.of(extra, self.l2, self.l2_exponent)
        by_item = RowSystems.of(extra.T.tocsr(), self.l2, self.l2_exponent)
        to_items = np.argsort(by_user.column, kind="stable")
        to_users = np.argsort(by_item.column, kind="stable")

        rng = np.random.default_rng(self.rng)
        x = np.zeros((interactions.n_users, self.factors), dtype=np.float32)
        y = rng.standard_normal((interactions.n_items, self.factors), np.float32)
        y *= 0.1 / np.sqrt(self.factors)
        y[by_item.confidence == interactions.n_users] = 0  # never seen
        predicted = np.zeros(extra.nnz, dtype=np.float32)  # x . y of each event
        losses = []
        for _ in range(self.iterations):
            x, predicted = by_user.improve(x, y, predicted, self.steps)
            y, predicted = by_item.improve(y, x, predicted[to_items], self.steps)
            losses.append(by_item.loss(y, x, predicted) + by_user.penalty(x))
            predicted = predicted[to_users]
        self.user_factors_, self.item_factors_ = x, y
        self.mean_scale_ = by_user.mean
        self.losses_ = np.array(losses)

    def _fold_in(self, interactions: Interactions) -> None:
        self._check(interactions)
        systems = RowSystems.of(
            self._extra(interactions), self.l2, self.l2_exponent, self.mean_scale_
        )
        self.user_factors_ = systems.solve(self.item_factors_)

    def _extra(self, interactions: Interactions) -> csr_array:
        values = interactions.value if self.use_values else None
        return (self.alpha * interactions.matrix(values)).astype(np.float32)

    def _check(self, interactions: Interactions) -> None:
        for name in ("factors", "iterations", "steps"):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"{name}: must be at least 1 and whole, got {value!r}")
        for name in ("l2", "alpha"):
            check_positive(name, getattr(self, name))
        if not np.isfinite(self.l2_exponent):
            raise ValueError(f"l2_exponent: must be finite, got {self.l2_exponent}")
        if self.use_values and interactions.value.min(initial=0) < 0:
            raise ValueError(
                "interactions: use_values needs values of at least 0, "
                f"got {interactions.value.min()}"
            )

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return x_u . y_i, near 1 for what a user likes, `float32[B, I]`."""
        users = self._check_users(users)
        return self.user_factors_[users] @ self.item_factors_.T
