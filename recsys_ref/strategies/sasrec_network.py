"""The network of SASRec: the GPT-2 of section 5.1 with items for tokens.

Shapes stand at line ends: B sequences, T items of each, D width, I items.
Book section 9.2.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from recsys_ref.lm.gpt2 import GPT2


class SASRecNetwork(nn.Module):
    """Blocks of a GPT-2 with dropout, which that has none of.

    Attributes:
        gpt: Gives the item embedding, which is the output layer too, the
            position embedding and the blocks.
        dropout: Chance that a number is zeroed while training.
        generator: What dropout is drawn from, on the device of `gpt`; no
            global generator is touched.
    """

    def __init__(self, gpt: GPT2, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.gpt, self.dropout, self.generator = gpt, dropout, generator

    def drop(self, x: Tensor) -> Tensor:
        """Zero some numbers and scale up the others; do nothing in evaluation."""
        if not self.training or not self.dropout:
            return x
        drawn = torch.rand(x.shape, generator=self.generator, device=x.device)
        return x * (drawn >= self.dropout) / (1 - self.dropout)

    def hidden(self, items: Tensor) -> Tensor:
        """Return what is expected after each place.

        Args:
            items: `int64[B, T]`, T at most the length of `gpt`. Padding
                behind the end may be any item: no place sees a later one.

        Returns:
            `float32[B, T, D]`; an inner product with an item's embedding is
            its logit as the next one.
        """
        gpt = self.gpt
        positions = gpt.wpe.weight[: items.shape[1]]  # [T, D]
        x = self.drop(gpt.wte(items) + positions)  # [B, T] -> [B, T, D]
        for block in gpt.h:
            x = x + self.drop(block.attn(block.ln_1(x)))  # [B, T, D]
            x = x + self.drop(block.mlp(block.ln_2(x)))  # [B, T, D]
        return gpt.ln_f(x)  # [B, T, D]

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean surprise at each next item, in nats.

        Args:
            batch: `int64[B, T]`, T at least 2, padded behind with -1.

        Returns:
            A scalar: cross-entropy over all I items, at the places whose next
            item is no padding.
        """
        real = batch[:, 1:] >= 0  # [B, T - 1]
        x = self.hidden(batch[:, :-1].clamp(min=0))[real]  # [N, D]
        return F.cross_entropy(self.logits(x), batch[:, 1:][real])

    def last(self, batch: Tensor) -> Tensor:
        """Score all items as the next one after each sequence.

        Args:
            batch: `int64[B, T]`, padded behind with -1, each row with at
                least one item.

        Returns:
            Logits, `float32[B, I]`.
        """
        end = (batch >= 0).sum(dim=1) - 1  # [B]
        x = self.hidden(batch.clamp(min=0))  # [B, T, D]
        return self.logits(x[torch.arange(len(x), device=x.device), end])

    def logits(self, x: Tensor) -> Tensor:
        """Return `float32[N, I]` from `float32[N, D]`."""
        return F.linear(x, self.gpt.wte.weight)
