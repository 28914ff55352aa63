"""Train a SASRec: AdamW, averaged weights, and a stop by validation.

Book section 9.2.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from recsys_ref.strategies.sasrec_network import SASRecNetwork
from recsys_ref.strategies.sequences import batches

WARM_UP = 100  # steps
RAW = 3  # first epochs, which are not remembered


def train(
    network: SASRecNetwork,
    draw: Callable[[], list[np.ndarray]],
    surprise: Callable[[], float],
    *,
    epochs: int,
    patience: int,
    learning_rate: float,
    weight_decay: float,
    batch_tokens: int,
    averaging: float,
    rng: np.random.Generator,
    progress: bool = False,
) -> np.ndarray:
    """Train in place; leave the averaged weights of the best epoch.

    Args:
        network: Its device is used.
        draw: Called before each epoch; gives its windows, `int64[T]` each.
        surprise: Called after each epoch, while the averaged weights are in
            place. Returns nats, lower is better; NaN if there is nothing to
            watch, and then the last epoch is the best.
        epochs: The most passes.
        patience: Epochs without a lower surprise after which to stop.
        learning_rate: Reached in `WARM_UP` steps of a linear rise.
        weight_decay: Pull of matrices towards 0.
        batch_tokens: The most items in a batch.
        averaging: Share of the average that an epoch leaves as it was.
        rng: Generator of the batches.
        progress: Whether to draw a bar of epochs on stderr.

    Returns:
        `float64[epochs]`, the surprise after each epoch that was run.

    Raises:
        ValueError: If the weights stop being finite.
    """
    weights = list(network.parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [w for w in weights if w.dim() > 1]},
            {"params": [w for w in weights if w.dim() == 1], "weight_decay": 0.0},
        ],
        lr=learning_rate,
        betas=(0.9, 0.98),
        weight_decay=weight_decay,
    )
    warm_up = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP)
    )
    average = best = _flat(weights)
    losses: list[float] = []
    for epoch in tqdm(range(epochs), desc="epochs", disable=not progress):
        network.train()
        for batch in batches(draw(), batch_tokens, rng):
            loss = network.loss(torch.from_numpy(batch).to(network.gpt.device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            warm_up.step()
        now = _flat(weights)
        if not torch.isfinite(now).all():
            raise ValueError(
                f"learning_rate: {learning_rate} is too high, the weights are not "
                f"finite after epoch {epoch + 1}"
            )
        share = max(1 - averaging, 1 / (epoch + 1)) if epoch >= RAW else 1.0
        average = now if share == 1 else average + share * (now - average)
        _fill(weights, average)
        network.eval()
        losses.append(surprise())
        if np.isnan(losses[-1]) or losses[-1] == min(losses):
            best = average
        elif epoch - int(np.argmin(losses)) >= patience:
            break
        _fill(weights, now)
    _fill(weights, best)
    network.eval()
    return np.array(losses)


def _flat(weights: list[nn.Parameter]) -> torch.Tensor:
    """Return a copy of all weights as one vector."""
    return nn.utils.parameters_to_vector(weights).detach().clone()


def _fill(weights: list[nn.Parameter], vector: torch.Tensor) -> None:
    """Copy a vector into the weights."""
    nn.utils.vector_to_parameters(vector.clone(), weights)
