r"""Count model of the next token: the baseline that a small network must beat.

How often did this token follow these? A count of none must not mean never, so
each order is mixed with the next lower one by the rule of Witten and Bell: a
context that was followed by many different tokens is trusted less.

    p(w | c) = (count(c w) + types(c) p(w | c without its first)) /
               (count(c) + types(c))

Below the chances without a context stands the even 1 / V. Book section 5.1.

References:
    Witten and Bell (1991), https://doi.org/10.1109/18.87000
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np


@dataclass
class NGram:
    """Chances of the next token given the last `order - 1`.

    Attributes:
        order: 1 looks at no token, 2 (a bigram) at the last one, and so on.
        vocab_size: V.
        counts_: After `fit`: for each context (a tuple of at most
            `order - 1` tokens) how often each token followed.

    Raises:
        ValueError: If `order` or `vocab_size` is not at least 1.

    Examples:
        >>> model = NGram(order=2, vocab_size=2).fit([0, 1, 0, 1, 0])
        >>> model.probabilities([0])  # (2 + 1 * chance without context) / 3
        array([0.16666667, 0.83333333])
    """

    order: int
    vocab_size: int
    counts_: dict[tuple[int, ...], Counter] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("order", "vocab_size"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name}: must be at least 1, got {getattr(self, name)}"
                )

    def fit(self, ids: Sequence[int]) -> Self:
        """Count in one stream, `int[N]`; its first token is context only.

        Raises:
            ValueError: If there are fewer than two tokens or one is unknown.
        """
        ids = self._check(ids)
        self.counts_ = defaultdict(Counter)
        for place in range(1, len(ids)):
            for length in range(min(self.order - 1, place) + 1):
                context = tuple(ids[place - length : place])
                self.counts_[context][ids[place]] += 1
        return self

    def probabilities(self, context: Sequence[int]) -> np.ndarray:
        """Return `float64[V]`, the chance of each token after a context.

        Args:
            context: Any tokens; only the last `order - 1` are looked at.
        """
        context = tuple(int(token) for token in context)
        chances = np.full(self.vocab_size, 1 / self.vocab_size)
        for length in range(min(self.order - 1, len(context)) + 1):
            followers = self.counts_.get(context[len(context) - length :])
            if followers is None:
                break  # nor was any longer context seen
            chances *= len(followers)
            chances[list(followers)] += list(followers.values())
            chances /= followers.total() + len(followers)
        return chances

    def loss(self, ids: Sequence[int]) -> float:
        """Return the mean surprise at each token but the first, in nats.

        Args:
            ids: `int[N]`, one stream, N of at least 2.

        Raises:
            ValueError: As `fit`.
        """
        ids = self._check(ids)
        chances = [
            self.probabilities(ids[max(place - self.order + 1, 0) : place])[ids[place]]
            for place in range(1, len(ids))
        ]
        return float(-np.log(chances).mean())

    def _check(self, ids: Sequence[int]) -> list[int]:
        ids = [int(token) for token in ids]
        if len(ids) < 2:
            raise ValueError(f"ids: need at least 2 tokens, got {len(ids)}")
        if min(ids) < 0 or max(ids) >= self.vocab_size:
            raise ValueError(
                f"ids: must be in [0, {self.vocab_size}), got {min(ids)} to {max(ids)}"
            )
        return ids
