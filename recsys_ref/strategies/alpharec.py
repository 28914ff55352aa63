"""A learned map: text embeddings in, a space of taste out.

Book section 9.2.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn.functional import normalize

from recsys_ref.data.checks import check_positive, check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.vectors import unit_rows
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.text_directions import text_directions


@dataclass(eq=False)
class AlphaRec(Recommender):
    r"""Map item texts by a small network, and users by their histories.

    With f a perceptron of one hidden layer, item i is f(t_i) and a user the
    mean of his items. Their cosine is the score. In training a random half of
    a user's history is his input, and the other half is to be told from all
    items by a softmax of the cosines at a temperature (the contrastive loss,
    with every item as a negative). No item has a parameter of its own: all
    that the model knows of it is its text.

    The paper smooths users and items by graph convolutions too; here one
    step of it is left, the mean over the history.

    An item without a text (a vector of zeros) is never scored but 0, and
    counts for nothing in a history. A user without events gets 0 for every
    item. If no item has a text, or all have the same, all scores are 0.

    Attributes:
        item_vectors: `float[I, D]`, finite; zeros where there is no text.
            They are centred and brought to length 1 first.
        factors: Length of the vectors that scores are made of, at least 1.
        hidden: Width of the hidden layer, at least 1.
        temperature: What cosines are divided by, > 0.
        steps: Training steps, at least 1.
        batch: Users a step, at least 1.
        learning_rate: Of Adam, > 0.
        rng: Seed of the start and of the draws, a whole number.
        item_factors_: `float32[I, factors]`, rows of length 1 or 0; set by
            `fit`.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range, or
            the vectors do not fit the items or are not finite.

    References:
        Sheng et al. (2025), https://arxiv.org/abs/2407.05441
    """

    item_vectors: np.ndarray = field(repr=False)
    factors: int = 64
    hidden: int = 256
    temperature: float = 0.15
    steps: int = 300
    batch: int = 256
    learning_rate: float = 1e-3
    rng: int = 0
    item_factors_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        for name in ("factors", "hidden", "steps", "batch"):
            check_whole_number(name, getattr(self, name), 1)
        for name in ("temperature", "learning_rate"):
            check_positive(name, getattr(self, name))
        texts = text_directions(self.item_vectors, interactions.n_items)
        told = torch.from_numpy(texts.any(axis=1))
        chosen = torch.from_numpy(interactions.matrix().toarray()).float() * told
        chosen = chosen[chosen.sum(dim=1) >= 2]  # an input and a target
        generator = torch.Generator().manual_seed(int(self.rng))
        inputs = torch.from_numpy(texts)
        network = self._network(texts.shape[1], generator)
        if len(chosen):
            self._train(network, inputs, told, chosen, generator)
        with torch.no_grad():
            items = normalize(network(inputs), dim=1) * told[:, None]
        self.item_factors_ = items.numpy()

    def _network(self, width: int, generator: torch.Generator) -> nn.Sequential:
        network = nn.Sequential(
            nn.Linear(width, self.hidden),
            nn.LeakyReLU(),
            nn.Linear(self.hidden, self.factors),
        )
        for layer in (network[0], network[2]):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
        return network

    def _train(self, network, inputs, told, chosen, generator) -> None:
        """Tell the withheld half of histories from all items that have a text."""
        optimizer = torch.optim.Adam(network.parameters(), lr=self.learning_rate)
        never = torch.where(told, 0.0, -torch.inf)
        for _ in range(self.steps):
            rows = torch.randperm(len(chosen), generator=generator)[: self.batch]
            history = chosen[rows]  # [B, I]
            coin = torch.rand(history.shape, generator=generator) < 0.5
            given, target = history * coin, history * ~coin
            items = normalize(network(inputs), dim=1)  # [I, F]
            users = normalize(given @ items, dim=1)  # [B, F]
            logits = users @ items.T / self.temperature + never
            logits = logits.masked_fill(given > 0, -torch.inf)
            chance = logits.log_softmax(dim=1).masked_fill(target == 0, 0.0)
            hits = target.sum(dim=1).clamp(min=1)
            loss = -(chance.sum(dim=1) / hits).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return cosines of users and items, `float32[B, I]`."""
        users = self._check_users(users)
        profiles = self.seen_[users].astype(np.float32) @ self.item_factors_
        return unit_rows(profiles) @ self.item_factors_.T
