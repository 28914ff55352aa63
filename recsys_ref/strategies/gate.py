"""Gated fusion: how much a modality counts depends on the user and the item.

Book section 8.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch
from torch import Tensor

from recsys_ref.data.checks import check_not_negative, check_whole_number

LEVEL = 1e-3  # ridge on b: or "none" and the factor of the scores grow together


@dataclass(frozen=True, eq=False)
class Asked:
    """Users and candidate items, and what each modality says of them.

    Attributes:
        parts: `float32[M, U, C]`, as from `fusion.late_parts`.
        users: `float64[U, F]`, what the gate may know of a user.
        items: `float64[C, G]`, what it may know of an item.
        present: `bool[C, M]`, which items have which modality.
        relevant: `bool[U, C]`, what was chosen; None where nobody knows yet.

    Raises:
        ValueError: If the shapes do not fit together or a number is not
            finite.
    """

    parts: np.ndarray
    users: np.ndarray
    items: np.ndarray
    present: np.ndarray
    relevant: np.ndarray | None = None

    def __post_init__(self) -> None:
        if np.ndim(self.parts) != 3:
            raise ValueError(
                f"parts: must be float[M, U, C], got shape {np.shape(self.parts)}"
            )
        m, u, c = np.shape(self.parts)
        wanted = {"users": (u, None), "items": (c, None), "present": (c, m)}
        if self.relevant is not None:
            wanted["relevant"] = (u, c)
        for name, (rows, columns) in wanted.items():
            shape = np.shape(getattr(self, name))
            if len(shape) != 2 or shape[0] != rows or columns not in (None, shape[1]):
                width = "any" if columns is None else columns
                raise ValueError(
                    f"{name}: must be [{rows}, {width}], got shape {shape}"
                )
        for name in ("parts", "users", "items"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name}: must be finite")


@dataclass(eq=False)
class Gate:
    r"""Weigh modalities by a softmax that reads the user and the item.

    score(u, i) = sum over m of g_m(u, i) part_m(u, i), where

        g(u, i) = softmax of (b + A^T user(u) + B^T item(i)),

    taken over the modalities that the item has, and one more, "none", whose
    part is 0: the less there is to go by, the nearer to 0 the gate may pull
    an item. With A = B = 0 it is late fusion with weights that sum to less
    than 1. What is learned are b, A and B, and one number by which the scores
    are multiplied: on `Asked` whose answer is known (items withheld from the
    training part) the logarithm of softmax over the candidates is maximized,
    averaged over a user's chosen items, then over users.

    Attributes:
        l2: Ridge on A and B, at least 0, in units of the loss (nats).
        dropout: Share of the present modalities that are taken away from a
            second copy of each `Asked` to learn from; 0 makes no copy.
        steps: Most iterations of L-BFGS, at least 1. It starts at zeros.
        rng: Seed of the dropout, nothing else is random.
        bias_: `float64[M + 1]`, b; "none" comes last. Set by `fit`.
        of_users_: `float64[F, M + 1]`, A, of standardized features; set by
            `fit`.
        of_items_: `float64[G, M + 1]`, B, likewise; set by `fit`.
        loss_: What was reached, in nats a chosen item; set by `fit`.

    Raises:
        ValueError: From `fit`, if there is nothing to learn from or a
            hyperparameter is out of its range.

    References:
        Jacobs et al. (1991), https://doi.org/10.1162/neco.1991.3.1.79: a
        gate that divides the work among experts.

    Examples:
        >>> parts = np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
        >>> asked = Asked(parts, np.array([[1.0], [-1.0]]), np.zeros((2, 0)),
        ...               np.ones((2, 2), bool), np.eye(2, dtype=bool))
        >>> gate = Gate(l2=0.01).fit([asked])  # the first user heeds part 0
        >>> gate.weights(asked)[:, 0].argmax(axis=1)
        array([0, 1])
    """

    l2: float = 0.01
    dropout: float = 0.0
    steps: int = 30
    rng: int = 0
    bias_: np.ndarray = field(init=False, repr=False)
    of_users_: np.ndarray = field(init=False, repr=False)
    of_items_: np.ndarray = field(init=False, repr=False)
    loss_: float = field(init=False, repr=False)

    def fit(self, asked: Sequence[Asked]) -> Self:
        """Learn from one or more `Asked` with `relevant`."""
        check_not_negative("l2", self.l2)
        check_whole_number("steps", self.steps, 1)
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout: must be in [0, 1), got {self.dropout}")
        if not asked or any(each.relevant is None for each in asked):
            raise ValueError("asked: needs at least one, each with relevant")
        if not all(np.any(each.relevant) for each in asked):
            raise ValueError("asked: each needs a relevant item, got one without")
        self._scale = [
            (np.mean(rows, axis=0), np.maximum(np.std(rows, axis=0), 1e-12))
            for rows in (
                np.vstack([each.users for each in asked]),
                np.vstack([each.items for each in asked]),
            )
        ]
        rng = np.random.default_rng(self.rng)
        lessons = list(asked)
        if self.dropout:
            lessons += [_without(each, self.dropout, rng) for each in asked]
        tensors = [self._tensors(each) for each in lessons]
        chosen = [_targets(each.relevant) for each in lessons]
        sizes = [1, lessons[0].users.shape[1], lessons[0].items.shape[1]]
        m = len(lessons[0].parts) + 1
        weights = [torch.zeros(n, m, requires_grad=True) for n in sizes]
        sharp = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.LBFGS(
            [*weights, sharp], max_iter=self.steps, line_search_fn="strong_wolfe"
        )

        def loss() -> Tensor:
            total = sum(
                _cross_entropy(sharp.exp() * _fused(*data, *weights)[1], target)
                for data, target in zip(tensors, chosen, strict=True)
            )
            ridge = sum((weight**2).sum() for weight in weights[1:])
            level = (weights[0] ** 2).sum()
            return total / len(tensors) + self.l2 * ridge + LEVEL * level

        def closure() -> Tensor:
            optimizer.zero_grad()
            value = loss()
            value.backward()
            return value

        optimizer.step(closure)
        self.loss_ = float(loss().detach())
        self.bias_, self.of_users_, self.of_items_ = (
            weight.detach().numpy().astype(np.float64) for weight in weights
        )
        self.bias_ = self.bias_[0]
        return self

    def weights(self, asked: Asked) -> np.ndarray:
        """Return g, `float32[U, C, M + 1]`; "none" is the last."""
        return self._apply(asked)[0].numpy()

    def fuse(self, asked: Asked) -> np.ndarray:
        """Return the fused scores, `float32[U, C]`."""
        return self._apply(asked)[1].numpy()

    def _apply(self, asked: Asked) -> tuple[Tensor, Tensor]:
        if not hasattr(self, "bias_"):
            raise RuntimeError("Gate: call fit first")
        learned = (self.bias_[None], self.of_users_, self.of_items_)
        weights = [torch.tensor(part, dtype=torch.float32) for part in learned]
        with torch.inference_mode():
            return _fused(*self._tensors(asked), *weights)

    def _tensors(self, asked: Asked) -> tuple[Tensor, ...]:
        """Return parts [U, C, M + 1], features, and what is not to be heeded."""
        parts = np.moveaxis(np.asarray(asked.parts, np.float32), 0, -1)
        none = np.zeros((*parts.shape[:2], 1), np.float32)
        present = np.hstack([asked.present, np.ones((len(asked.present), 1), bool)])
        features = [
            torch.tensor((np.asarray(rows) - mean) / std, dtype=torch.float32)
            for rows, (mean, std) in zip(
                (asked.users, asked.items), self._scale, strict=True
            )
        ]
        both = torch.from_numpy(np.concatenate([parts, none], axis=-1))
        return both, *features, torch.from_numpy(~present.astype(bool))


def _fused(
    parts: Tensor,
    users: Tensor,
    items: Tensor,
    absent: Tensor,
    bias: Tensor,
    of_users: Tensor,
    of_items: Tensor,
) -> tuple[Tensor, Tensor]:
    of_item = (items @ of_items).masked_fill(absent, -torch.inf)  # [C, M + 1]
    logits = (bias + users @ of_users)[:, None] + of_item[None]  # [U, C, M + 1]
    weights = logits.softmax(dim=-1)
    return weights, (weights * parts).sum(dim=-1)


def _targets(relevant: np.ndarray) -> Tensor:
    """Share each user's weight evenly among what he chose, `float32[U, C]`."""
    relevant = np.asarray(relevant, dtype=np.float32)
    count = relevant.sum(axis=1, keepdims=True)
    return torch.from_numpy(relevant / np.maximum(count, 1) / (count > 0).sum())


def _cross_entropy(scores: Tensor, target: Tensor) -> Tensor:
    return -(target * scores.log_softmax(dim=1)).sum()


def _without(asked: Asked, share: float, rng: np.random.Generator) -> Asked:
    """Take modalities away from items at random."""
    kept = asked.present & (rng.random(asked.present.shape) >= share)
    parts = asked.parts * kept.T[:, None]
    return Asked(parts, asked.users, asked.items, kept, asked.relevant)
