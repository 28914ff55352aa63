"""SASRec: a transformer reads a user's items in order and expects the next.

Book section 9.2.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch.nn import functional as F

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.split import leave_last_out
from recsys_ref.data.vectors import check_vectors
from recsys_ref.lm.gpt2 import GPT2, GPT2Config
from recsys_ref.ranking import one_seed
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.sasrec_network import SASRecNetwork
from recsys_ref.strategies.sasrec_training import train as fit_network
from recsys_ref.strategies.sequences import histories, padded, windows

SCALE = 0.02  # standard deviation of the numbers in an untrained embedding
ROWS = 128  # sequences scored at once


@dataclass(eq=False)
class SASRec(Recommender):
    r"""Predict each event of a history from those before it.

    Causal attention over the item embeddings; the loss is cross-entropy over
    all items, where the paper has a binary one with a negative sample (of
    which Klenitskiy and Vasilev show that it is the weaker). Events of one
    second have no order, so a new one is drawn each epoch. Before training
    the last event of each user who has two is set aside, as by
    `leave_last_out(interactions, rng=rng)`. Scores come from the weights
    averaged over the epochs, and training ends when those have not become
    better at the events set aside for `patience` epochs.

    A user is scored by his last `length` events. One without events gets 0
    for every item.

    Attributes:
        item_vectors: `float[I, width]`, where the embedding starts, such as
            whitened vectors of the items' texts. They are scaled so that
            their numbers have the root mean square of a random start, so
            that only directions and relative lengths are theirs. Items with
            a vector of zeros, as if without text, start at random. None: all.
        width: D, length of an item's embedding; a multiple of `heads`.
        layers: Blocks.
        heads: Attention heads in a block.
        length: The most events that are seen at once.
        dropout: Chance that a number is zeroed while training, in [0, 1).
        epochs: The most passes over all events, at least 1.
        patience: Epochs without a better loss after which to stop.
        learning_rate: Of AdamW, > 0, reached in 100 steps of a linear rise.
        weight_decay: Pull of matrices towards 0.
        batch_tokens: The most events in a batch.
        averaging: Share of the averaged weights that an epoch leaves as they
            were, in [0, 1). 0: no averaging.
        device: Where to compute.
        rng: Seed, or generator, of everything that is drawn.
        progress: Whether to draw a bar of epochs on stderr.
        network_: With the weights of the best epoch; set by `fit`.
        validation_losses_: `float64[epochs]`, nats per event set aside, of
            the averaged weights after each epoch; NaN if none could be set
            aside, and then all epochs are run. Set by `fit`.
        histories_: `U` arrays of items, the oldest first; set by `fit`.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range or
            `item_vectors` do not fit.

    References:
        Kang and McAuley (2018), https://arxiv.org/abs/1808.09781; Klenitskiy
        and Vasilev (2023), https://arxiv.org/abs/2309.07602; the start from
        text: Harte et al. (2023), https://arxiv.org/abs/2309.09261

    Examples:
        >>> import pandas as pd
        >>> rounds = Interactions.from_frame(pd.DataFrame([
        ...     {"user_id": u, "item_id": (u + t) % 6, "timestamp": t}
        ...     for u in range(6) for t in range(4)
        ... ]))
        >>> small = SASRec(width=12, heads=2, dropout=0.0, learning_rate=0.02)
        >>> small.fit(rounds).recommend([0, 1], k=1).items  # who comes next
        array([[4],
               [5]])
    """

    item_vectors: np.ndarray | None = field(default=None, repr=False)
    width: int = 64
    layers: int = 1
    heads: int = 4
    length: int = 50
    dropout: float = 0.4
    epochs: int = 40
    patience: int = 3
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    batch_tokens: int = 1500
    averaging: float = 0.8
    device: torch.device | str = "cpu"
    rng: np.random.Generator | int = 0
    progress: bool = False
    network_: SASRecNetwork = field(init=False, repr=False)
    validation_losses_: np.ndarray = field(init=False, repr=False)
    histories_: list[np.ndarray] = field(init=False, repr=False)
    item_keys_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        self._check(interactions)
        seed = one_seed(self.rng)
        rng = np.random.default_rng(seed)
        self.item_keys_ = rng.permutation(interactions.n_items)
        self._fold_in(interactions)
        train, held_out = interactions, None
        if np.bincount(interactions.user, minlength=1).max() > 1:
            split = leave_last_out(interactions, rng=seed)
            train, held_out = split.train, split.test
        self.network_ = self._start(interactions.n_items, rng)
        known = histories(train, self.item_keys_[train.item])

        def draw() -> list[np.ndarray]:
            return windows(histories(train, rng.random(len(train))), self.length, rng)

        self.validation_losses_ = fit_network(
            self.network_,
            draw,
            lambda: self._surprise(known, held_out),
            epochs=self.epochs,
            patience=self.patience,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            batch_tokens=self.batch_tokens,
            averaging=self.averaging,
            rng=rng,
            progress=self.progress,
        )

    def _fold_in(self, interactions: Interactions) -> None:
        # Within a second by a key of the item: others' events change nothing.
        self.histories_ = histories(interactions, self.item_keys_[interactions.item])

    def _start(self, n_items: int, rng: np.random.Generator) -> SASRecNetwork:
        """Make the untrained network."""
        config = GPT2Config(
            n_items, self.length, self.width, layers=self.layers, heads=self.heads
        )
        gpt = GPT2.from_scratch(config, rng=rng, device=self.device)
        if self.item_vectors is not None:
            vectors = np.asarray(self.item_vectors, dtype=np.float32)
            given = np.flatnonzero(vectors.any(axis=1))
            if given.size:
                vectors = vectors[given]
                vectors = vectors * (SCALE / np.sqrt((vectors**2).mean()))
                with torch.no_grad():
                    gpt.wte.weight[given] = torch.tensor(vectors, device=self.device)
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(2**63)))
        return SASRecNetwork(gpt, self.dropout, generator)

    def _surprise(
        self, known: list[np.ndarray], held_out: Interactions | None
    ) -> float:
        """Return the mean surprise at the events set aside, in nats."""
        if held_out is None:
            return float("nan")
        logits = self._next([known[user] for user in held_out.user])
        targets = torch.tensor(held_out.item)
        return F.cross_entropy(torch.from_numpy(logits), targets).item()

    @torch.no_grad()
    def _next(self, sequences: list[np.ndarray]) -> np.ndarray:
        """Return the logits after each sequence, `float32[B, I]`; 0 after none."""
        logits = np.zeros((len(sequences), len(self.item_keys_)), dtype=np.float32)
        rows = [row for row, sequence in enumerate(sequences) if len(sequence)]
        for start in range(0, len(rows), ROWS):
            some = rows[start : start + ROWS]
            batch = padded([sequences[row][-self.length :] for row in some])
            scores = self.network_.last(torch.from_numpy(batch).to(self.device))
            logits[some] = scores.cpu().numpy()
        return logits

    def score(self, users: np.ndarray) -> np.ndarray:
        """Return the logits of the next item, `float32[B, I]`."""
        users = self._check_users(users)
        return self._next([self.histories_[user] for user in users])

    def _check(self, interactions: Interactions) -> None:
        for name in ("width", "layers", "heads", "length", "epochs", "patience"):
            check_whole_number(name, getattr(self, name), 1)
        check_whole_number("batch_tokens", self.batch_tokens, 1)
        for name in ("dropout", "averaging"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(
                    f"{name}: must be in [0, 1), got {getattr(self, name)}"
                )
        if not 0 < self.learning_rate < np.inf:
            raise ValueError(
                f"learning_rate: must be finite and > 0, got {self.learning_rate}"
            )
        if not 0 <= self.weight_decay < np.inf:
            raise ValueError(
                f"weight_decay: must be finite and >= 0, got {self.weight_decay}"
            )
        if self.width % self.heads:
            raise ValueError(
                f"width: must be a multiple of heads = {self.heads}, got {self.width}"
            )
        if self.item_vectors is not None:
            vectors = check_vectors(
                "item_vectors", self.item_vectors, rows=interactions.n_items
            )
            if vectors.shape[1] != self.width:
                raise ValueError(
                    f"item_vectors: must have length width = {self.width}, "
                    f"got {vectors.shape[1]}"
                )
