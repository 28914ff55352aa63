"""Policies: who shows what with which probability. Book section 6."""

from dataclasses import dataclass, field

import numpy as np

from recsys_ref.data.checks import check_not_negative, check_whole_number


@dataclass(frozen=True, eq=False)
class SoftmaxPolicy:
    r"""Fill the places of a list one after another, at random by score.

    With what is left to show, a place is filled by

    .. math:: \pi(i | u) = \frac{\varepsilon}{n} + (1 - \varepsilon)
              \frac{\exp(s_{ui} / \tau)}{\sum_j \exp(s_{uj} / \tau)},

    n items being left. Without exploration this is the Plackett-Luce model.

    Attributes:
        scores: `float[U, I]`, of any recommender. -inf: never shown.
        temperature: tau, >= 0, in the scores' units. 0: always the best of what
            is left; equal ones share the chance.
        exploration: epsilon, in [0, 1], the share of places filled uniformly.

    Raises:
        ValueError: If a score is NaN or +inf, or a parameter is out of range.

    Examples:
        >>> policy = SoftmaxPolicy(np.log([[1.0, 2.0, 5.0]]), exploration=0.0)
        >>> policy.probabilities([0]).round(3)
        array([[0.125, 0.25 , 0.625]])
        >>> items, chances = policy.sample([0], k=2, rng=0)
        >>> items, chances.round(3)
        (array([[2, 0]]), array([[0.625, 0.333]]))
    """

    scores: np.ndarray = field(repr=False)
    temperature: float = 1.0
    exploration: float = 0.0

    def __post_init__(self) -> None:
        scores = np.array(self.scores, dtype=np.float64)
        scores.flags.writeable = False
        object.__setattr__(self, "scores", scores)
        if scores.ndim != 2 or np.isnan(scores).any() or (scores == np.inf).any():
            raise ValueError(
                "scores: must be float[U, I], no NaN and no +inf, got shape "
                f"{scores.shape}"
            )
        check_not_negative("temperature", self.temperature)
        if not 0 <= self.exploration <= 1:
            raise ValueError(f"exploration: must be in [0, 1], got {self.exploration}")

    def probabilities(self, users: np.ndarray) -> np.ndarray:
        """Return the chance of each item in the first place, `float64[B, I]`.

        Raises:
            ValueError: If a user has nothing that may be shown.
        """
        return self._chances(self.scores[np.asarray(users, dtype=np.int64)])

    def sample(
        self, users: np.ndarray, k: int, rng: np.random.Generator | int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw a list for each user.

        Args:
            users: `int64[B]`; a user may come several times.
            k: K, the length of the lists.
            rng: Seed or generator of the draws.

        Returns:
            Items, `int64[B, K]`, and the propensity of each, `float64[B, K]`:
            its chance given the places before. The chance of a whole list is
            the product over its row.

        Raises:
            ValueError: If `k` < 1, or more than there is to show.
        """
        check_whole_number("k", k, 1)
        rng = np.random.default_rng(rng)
        left = self.scores[np.asarray(users, dtype=np.int64)]
        items = np.empty((len(left), k), dtype=np.int64)
        chosen = np.empty((len(left), k))
        rows = np.arange(len(left))
        for place in range(k):
            chances = self._chances(left)
            sums = np.cumsum(chances, axis=1)
            draws = rng.random(len(left)) * sums[:, -1]
            items[:, place] = (sums <= draws[:, None]).sum(axis=1)
            chosen[:, place] = chances[rows, items[:, place]]
            left[rows, items[:, place]] = -np.inf
        return items, chosen

    def propensity(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Return with which chance this policy would have shown given lists.

        Args:
            users: `int64[B]`.
            items: `int64[B, K]`, distinct within a row.

        Returns:
            `float64[B, K]`, as `sample` returns it; 0 where it never would.
        """
        left = self.scores[np.asarray(users, dtype=np.int64)]
        items = np.asarray(items, dtype=np.int64)
        rows = np.arange(len(left))
        chosen = np.empty(items.shape)
        for place in range(items.shape[1]):
            chosen[:, place] = self._chances(left)[rows, items[:, place]]
            left[rows, items[:, place]] = -np.inf
        return chosen

    def _chances(self, scores: np.ndarray) -> np.ndarray:
        """Return the chances of what is left, `float64[B, I]`; rows sum to 1."""
        left = np.isfinite(scores)
        n_left = left.sum(axis=1, keepdims=True)
        if (n_left == 0).any():
            raise ValueError("scores: nothing is left to show; use a smaller k")
        best = scores.max(axis=1, keepdims=True)
        if self.temperature == 0:
            weight = (scores == best).astype(np.float64)
        else:
            weight = np.exp((scores - best) / self.temperature)
        soft = weight / weight.sum(axis=1, keepdims=True)
        return self.exploration * left / n_left + (1 - self.exploration) * soft
