"""Forget a user exactly, without learning anew.

Book section 8.1.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from recsys_ref.data.checks import check_positive, check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.base import Recommender


def gram_inverse(interactions: csr_array | np.ndarray, l2: float) -> np.ndarray:
    """Return P = (X^T X + l2)^-1, `float64[I, I]`.

    Raises:
        ValueError: If `l2` is not positive.
    """
    check_positive("l2", l2)
    x = csr_array(interactions).astype(np.float64)
    gram = (x.T @ x).toarray()
    gram.flat[:: len(gram) + 1] += l2
    return cho_solve(cho_factor(gram, overwrite_a=True), np.eye(len(gram)))


def weights_of_inverse(inverse: np.ndarray) -> np.ndarray:
    """Return the weights of EASE, `float64[I, I]`, from P: -P_ij / P_jj."""
    weights = -inverse / inverse.diagonal()
    np.fill_diagonal(weights, 0.0)
    return weights


def downdate(inverse: np.ndarray, rows: csr_array | np.ndarray) -> np.ndarray:
    r"""Take users out of P = (X^T X + l2)^-1.

    For one user, by Sherman and Morrison,

        (P^-1 - x x^T)^-1 = P + P x x^T P / (1 - x^T P x);

    for B users at once, by Woodbury, with their rows R,

        P + P R^T (1 - R P R^T)^-1 R P.

    Args:
        inverse: P, `float64[I, I]`; stays as it is.
        rows: `float[B, I]`, rows of X, each one a user who is in it.

    Returns:
        `float64[I, I]`. Costs 2 B I^2 multiplications for small B.

    Raises:
        ValueError: If the users cannot have been in X: without them the matrix
            would not be positive.

    References:
        Cao and Yang (2015), https://doi.org/10.1109/SP.2015.35, for the plan:
        keep sums over users, and take the one who leaves off the sums.

    Examples:
        >>> x = np.array([[1.0, 1.0], [1.0, 0.0]])
        >>> before, after = gram_inverse(x, 1.0), gram_inverse(x[:1], 1.0)
        >>> np.abs(downdate(before, x[1:]) - after).max() < 1e-12
        np.True_
    """
    rows = csr_array(rows).astype(np.float64)
    moved = rows @ inverse
    middle = np.eye(rows.shape[0]) - moved @ rows.T
    try:
        factor = cho_factor(middle)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"rows: these {rows.shape[0]} users cannot all have been in the matrix"
        ) from None
    return inverse + moved.T @ cho_solve(factor, moved)


@dataclass
class ForgettingEASE(Recommender):
    """EASE that keeps P in double precision, so that users can be taken out.

    Attributes:
        l2: Ridge strength, in users.
        inverse_: P, `float64[I, I]`; set by `fit`, changed by `forget`.
        weights_: `float64[I, I]`, column j predicts item j; likewise.

    Raises:
        ValueError: From `fit`, if `l2` is not positive.

    Examples:
        >>> import pandas as pd
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3], "item_id": [7, 8, 8, 9, 9],
        ... }))
        >>> model = ForgettingEASE(l2=1.0).fit(table).forget([1])
        >>> anew = ForgettingEASE(l2=1.0).fit(table.select(table.user != 1))
        >>> np.abs(model.weights_ - anew.weights_).max() < 1e-12
        np.True_
    """

    l2: float = 400.0
    inverse_: np.ndarray = field(init=False, repr=False)
    weights_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self.inverse_ = gram_inverse(interactions.matrix(), self.l2)
        self.weights_ = weights_of_inverse(self.inverse_)

    def forget(self, users: np.ndarray) -> Self:
        """Remove users from the weights and their histories from the model.

        What is gone is gone from this object. Copies, logs, older versions of
        the weights and what was tuned with the user's help are not.

        Args:
            users: `int64[B]`, user indices, each once. Of those without events
                nothing is left to forget.

        Returns:
            This model.

        Raises:
            KeyError: If a user is unknown.
            RuntimeError: If `fit` has not been called.
            ValueError: If a user is named twice.
        """
        users = self._check_users(users)
        if len(np.unique(users)) < len(users):
            raise ValueError(f"users: must be distinct, got {users.tolist()[:5]}")
        self.inverse_ = downdate(self.inverse_, self.seen_[users])
        self.weights_ = weights_of_inverse(self.inverse_)
        keep = np.ones(self.seen_.shape[0])
        keep[users] = 0
        kept = csr_array(self.seen_.multiply(keep[:, None]))
        kept.eliminate_zeros()
        self.seen_ = kept
        return self

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the sum of the weights of each user's items, `float32[B, I]`."""
        users = self._check_users(users)
        return (self.seen_[users] @ self.weights_).astype(np.float32)


def retraining_cost(n_items: int, events_squared: int) -> int:
    """Count the multiplications of learning anew.

    Args:
        n_items: I.
        events_squared: The sum of squared history lengths, what X^T X takes.

    Returns:
        events_squared + I^3: a third of I^3 for the Cholesky factor and two
        thirds for the inverse.

    Raises:
        ValueError: If a number is negative.
    """
    check_whole_number("n_items", n_items, 0)
    check_whole_number("events_squared", events_squared, 0)
    return events_squared + n_items**3


def forgetting_cost(n_items: int, history: int) -> int:
    """Count the multiplications of `downdate` for one user.

    Args:
        n_items: I.
        history: His items.

    Returns:
        history I for P x, with x of ones and zeros additions in truth, and
        I^2 for the outer product.

    Raises:
        ValueError: If a number is negative.
    """
    check_whole_number("n_items", n_items, 0)
    check_whole_number("history", history, 0)
    return history * n_items + n_items**2
