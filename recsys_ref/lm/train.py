"""Train a small GPT-2 on a stream of tokens. Book section 5.1.

The usual recipe at its smallest: random windows, AdamW, a learning rate that
warms up and then falls along a cosine, and gradients clipped to a length.
"""

from collections.abc import Iterator
from math import cos, pi

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from recsys_ref.lm.gpt2 import GPT2

FLOOR = 0.1  # the learning rate ends at this share of its peak


def learning_rate_at(step: int, *, steps: int, peak: float, warmup: int) -> float:
    """Return the learning rate of a step, counted from 0.

    It rises in a line over `warmup` steps, then falls along half a cosine to
    a tenth of the peak at the last step.

    Examples:
        >>> [round(learning_rate_at(step, steps=6, peak=1.0, warmup=2), 3)
        ...  for step in range(6)]
        [0.5, 1.0, 0.868, 0.55, 0.232, 0.1]
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup + 1) / max(steps - warmup, 1)
    return peak * (FLOOR + (1 - FLOOR) * (1 + cos(pi * done)) / 2)


def windows(
    ids: Tensor, *, batch_size: int, length: int, rng: np.random.Generator | int
) -> Tensor:
    """Draw windows of a stream, with repetition, every start equally likely.

    Args:
        ids: `int64[N]`, the stream.
        batch_size: B, windows to draw.
        length: Tokens in each, at most N.
        rng: Seed, or a generator, which goes on.

    Returns:
        `int64[B, length]`.
    """
    generator = np.random.default_rng(rng)
    starts = generator.integers(0, len(ids) - length + 1, batch_size)  # [B]
    places = starts[:, None] + np.arange(length)  # [B, length]
    return ids[torch.from_numpy(places).to(ids.device)]


def train(
    model: GPT2,
    ids: Tensor | np.ndarray | list[int],
    *,
    steps: int,
    batch_size: int = 16,
    length: int | None = None,
    learning_rate: float = 1e-3,
    warmup: int | None = None,
    weight_decay: float = 0.1,
    clip: float = 1.0,
    rng: np.random.Generator | int = 0,
    progress: bool = False,
) -> Iterator[float]:
    """Train in place, one step each time the next loss is asked for.

    Args:
        model: The model; its device is used.
        ids: `int64[N]`, the text as one stream of tokens.
        steps: Gradient steps.
        batch_size: B, windows in a step.
        length: Tokens that a window predicts. Default: the model's context,
            or N - 1 where the stream is shorter.
        learning_rate: The peak, see `learning_rate_at`.
        warmup: Steps of rising learning rate. Default: a tenth of `steps`.
        weight_decay: Pull of matrices towards 0; biases and gains are free.
        clip: The greatest length of the gradient of all parameters together.
        rng: Seed of the windows, or a generator.
        progress: Whether to show a bar on stderr.

    Returns:
        The loss of each step, in nats per token, measured before the step.

    Raises:
        ValueError: At once, if an argument is out of range or a token is
            unknown. While training, if a loss is not finite.

    Examples:
        >>> from recsys_ref.lm.gpt2 import GPT2Config
        >>> config = GPT2Config(vocab_size=3, context=6, width=12, layers=1, heads=2)
        >>> model = GPT2.from_scratch(config)
        >>> losses = list(train(model, [0, 1, 2] * 9, steps=60, learning_rate=0.02))
        >>> losses[0] > 1, losses[-1] < 0.1
        (True, True)
    """
    ids = _check_stream(ids, model)
    longest = min(model.config.context, len(ids) - 1)
    length = longest if length is None else length
    if not 1 <= length <= longest:
        raise ValueError(f"length: must be in [1, {longest}], got {length}")
    _check_whole("steps", steps, 1)
    _check_whole("batch_size", batch_size, 1)
    warmup = steps // 10 if warmup is None else warmup
    _check_whole("warmup", warmup, 0)
    for name, value in (("learning_rate", learning_rate), ("clip", clip)):
        if not 0 < value < float("inf"):
            raise ValueError(f"{name}: must be finite and > 0, got {value}")
    if not 0 <= weight_decay < float("inf"):
        raise ValueError(f"weight_decay: must be finite and >= 0, got {weight_decay}")
    optimizer = _adamw(model, weight_decay)
    generator = np.random.default_rng(rng)

    def run() -> Iterator[float]:
        for step in tqdm(range(steps), disable=not progress, desc="train"):
            rate = learning_rate_at(
                step, steps=steps, peak=learning_rate, warmup=warmup
            )
            for group in optimizer.param_groups:
                group["lr"] = rate
            batch = windows(
                ids, batch_size=batch_size, length=length + 1, rng=generator
            )  # [B, length + 1]
            loss = model.loss(batch)
            if not torch.isfinite(loss):
                raise ValueError(
                    f"learning_rate: the loss is {loss.item()} at step {step}; "
                    f"{learning_rate} is too high"
                )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            yield loss.item()

    return run()


def _check_stream(ids: Tensor | np.ndarray | list[int], model: GPT2) -> Tensor:
    """Return `int64[N]` on the model's device."""
    ids = torch.as_tensor(ids, device=model.device)
    if ids.dim() != 1 or ids.dtype != torch.int64 or len(ids) < 2:
        raise ValueError(
            "ids: must be at least two whole numbers (int64) of shape [N], "
            f"got {ids.dtype} of shape {list(ids.shape)}"
        )
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high >= model.config.vocab_size:
        raise ValueError(
            f"ids: must be in [0, {model.config.vocab_size}), got {low} to {high}"
        )
    return ids


def _check_whole(name: str, number: int, least: int) -> None:
    if not isinstance(number, int) or number < least:
        raise ValueError(
            f"{name}: must be a whole number of at least {least}, got {number!r}"
        )


def _adamw(model: GPT2, weight_decay: float) -> torch.optim.AdamW:
    """Return AdamW that decays matrices and leaves vectors alone."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    vectors = [weight for weight in model.parameters() if weight.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.95))
