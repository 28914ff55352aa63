"""GPT-2 from scratch: attention, block, model, loss, sampling. Read top-down.

A token goes in as an integer, becomes a vector, passes through a stack of
blocks that each add something to it, and comes out as one score for every
token that could follow. Shapes stand at line ends: B sequences, T tokens that
are read now, S tokens seen so far (T and those before them), H heads, D width,
V vocabulary. Parameters have the names that the released checkpoints use.

There is no dropout: PyTorch draws it from a global generator, and what is
trained here is small and seeded. Book section 5.1 builds this file in steps.

References:
    Radford et al. (2019), Language Models are Unsupervised Multitask Learners.
    The released code: https://github.com/openai/gpt-2
"""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from recsys_ref.lm.checkpoint import read_gpt2


@dataclass(frozen=True)
class GPT2Config:
    """The sizes of a model; the defaults are those of the smallest GPT-2.

    Attributes:
        vocab_size: V, tokens in the vocabulary.
        context: The most tokens that the model can see at once.
        width: D, length of a token's vector. Must be a multiple of `heads`.
        layers: Blocks in the stack.
        heads: H, attention heads in a block.
        epsilon: What layer normalisation adds to the variance.

    Raises:
        ValueError: If a size is not a whole number of at least 1, `width` is
            no multiple of `heads`, or `epsilon` is not positive.
    """

    vocab_size: int = 50257
    context: int = 1024
    width: int = 768
    layers: int = 12
    heads: int = 12
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("vocab_size", "context", "width", "layers", "heads"):
            size = getattr(self, name)
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ValueError(
                    f"{name}: must be a whole number of at least 1, got {size!r}"
                )
        if self.width % self.heads:
            raise ValueError(
                f"width: must be a multiple of heads = {self.heads}, got {self.width}"
            )
        if not self.epsilon > 0:
            raise ValueError(f"epsilon: must be > 0, got {self.epsilon}")


class LayerCache:
    """The keys and values that one block has computed so far.

    Attributes:
        length: Tokens seen.
        keys: `float[B, H, capacity, D / H]`, filled up to `length`.
        values: As `keys`.
    """

    def __init__(self, like: Tensor, shape: tuple[int, int, int, int]) -> None:
        self.length = 0
        self.keys, self.values = like.new_empty(shape), like.new_empty(shape)

    def extend(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Append `float[B, H, T, D / H]`; return all, `float[B, H, S, D / H]`."""
        start, self.length = self.length, self.length + keys.shape[2]
        self.keys[:, :, start : self.length] = keys
        self.values[:, :, start : self.length] = values
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]


class Attention(nn.Module):
    """Every token looks at itself and those before it, and takes a mean."""

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.heads = config.heads
        self.c_attn = nn.Linear(config.width, 3 * config.width)
        self.c_proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, cache: LayerCache | None = None) -> Tensor:
        """Return what each token gathers, `float[B, T, D]`, from the same."""
        n_batch, n_tokens, width = x.shape
        shape = (n_batch, n_tokens, 3, self.heads, width // self.heads)
        parts = self.c_attn(x).view(shape)  # [B, T, D] -> [B, T, 3, H, D/H]
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each [B, H, T, D/H]
        if cache is not None:
            key, value = cache.extend(key, value)  # [B, H, S, D/H]

        # softmax(query key^T / sqrt(D/H)) value, no token seeing a later one.
        mixed = F.scaled_dot_product_attention(
            query, key, value, **_causal(n_tokens, key.shape[2], x.device)
        )  # [B, H, T, D/H]
        joined = mixed.transpose(1, 2).reshape(x.shape)  # [B, T, H, D/H] -> [B, T, D]
        return self.c_proj(joined)


def _causal(n_new: int, n_seen: int, device: torch.device) -> dict:
    """Say who may look at whom, in the cheapest way."""
    if n_new == 1:
        return {}  # the last token sees all
    if n_new == n_seen:
        return {"is_causal": True}
    allowed = torch.ones(n_new, n_seen, dtype=torch.bool, device=device)
    return {"attn_mask": allowed.tril(n_seen - n_new)}  # [T, S]


class MLP(nn.Module):
    """Each token on its own: four times wider, bent, and back."""

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.c_fc = nn.Linear(config.width, 4 * config.width)
        self.c_proj = nn.Linear(4 * config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """Return `float[B, T, D]` from the same."""
        wide = F.gelu(self.c_fc(x), approximate="tanh")  # [B, T, D] -> [B, T, 4 D]
        return self.c_proj(wide)  # [B, T, 4 D] -> [B, T, D]


class Block(nn.Module):
    """Attention, then the MLP; each reads a normalised copy and adds to x."""

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width, eps=config.epsilon)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(config.width, eps=config.epsilon)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, cache: LayerCache | None = None) -> Tensor:
        """Return `float[B, T, D]` from the same."""
        x = x + self.attn(self.ln_1(x), cache)
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    """The whole model. Make one by `from_scratch` or `from_pretrained`.

    Called directly the class takes PyTorch's own initial weights, which are
    not GPT-2's and come from the global generator.

    Attributes:
        config: The sizes.
        wte: Token embedding, `float[V, D]`; also the output layer.
        wpe: Position embedding, `float[context, D]`.
        h: The blocks.
        ln_f: The last normalisation.

    Examples:
        >>> with torch.device("meta"):  # sizes without memory
        ...     GPT2(GPT2Config()).num_parameters
        124439808
    """

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.width)
        self.wpe = nn.Embedding(config.context, config.width)
        self.h = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.ln_f = nn.LayerNorm(config.width, eps=config.epsilon)

    @classmethod
    def from_scratch(
        cls,
        config: GPT2Config,
        *,
        rng: np.random.Generator | int = 0,
        device: torch.device | str = "cpu",
    ) -> Self:
        """Make an untrained model with GPT-2's initial weights, in float32.

        Normal with standard deviation 0.02 (positions 0.01), divided by the
        root of the number of residual additions, 2 a block, where a block
        adds to x; biases 0, normalisation gains 1.

        Args:
            config: The sizes.
            rng: Seed, or a generator. The weights are the same on every
                device, and the global generators are not touched.
            device: Where the model is to live.
        """
        generator = np.random.default_rng(rng)
        with torch.device("meta"):
            model = cls(config)
        model.to_empty(device=device)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if weight.dim() == 1:
                    weight.fill_(1.0 if ".weight" in name else 0.0)
                    continue
                scale = 0.01 if name == "wpe.weight" else 0.02
                if name.endswith("c_proj.weight"):
                    scale /= sqrt(2 * config.layers)
                drawn = generator.standard_normal(weight.shape, dtype=np.float32)
                weight.copy_(torch.from_numpy(drawn * np.float32(scale)))
        return model

    @classmethod
    def from_pretrained(
        cls, name_or_folder: str | Path, *, device: torch.device | str = "cpu"
    ) -> Self:
        """Load the released checkpoint format, in float32.

        Args:
            name_or_folder: A folder with `config.json` and
                `model.safetensors` (or its shards), or a hub name such as
                "openai-community/gpt2", fetched where the hub can be reached
                or found in its cache. Nothing pickled is ever read.
            device: Where the model is to live.

        Raises:
            FileNotFoundError: If there is no such folder and the hub gives
                none, or a file is missing; says what was tried.
            ValueError: If a file is damaged, or the tensors are not those
                that the configuration asks for; names the file and tensor.
        """
        sizes, tensors = read_gpt2(name_or_folder)
        with torch.device("meta"):
            model = cls(GPT2Config(**sizes))
        model.load_state_dict(tensors, assign=True)
        return model.to(device).eval()

    @property
    def num_parameters(self) -> int:
        """Numbers that training can change; the tied output counts once."""
        return sum(weight.numel() for weight in self.parameters())

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.wte.weight.device

    def new_cache(self, n_batch: int, capacity: int | None = None) -> list[LayerCache]:
        """Return an empty cache, one layer a block, for reading only.

        Args:
            n_batch: B, sequences that will be read.
            capacity: The most tokens it will hold. Default: the context.
                Memory is 2 B D `capacity` numbers a block.
        """
        capacity = self.config.context if capacity is None else capacity
        heads = self.config.heads
        shape = (n_batch, heads, capacity, self.config.width // heads)
        return [LayerCache(self.wte.weight, shape) for _ in self.h]

    def hidden(self, ids: Tensor, cache: list[LayerCache] | None = None) -> Tensor:
        """Return the last layer's vectors, normalised.

        Args:
            ids: `int64[B, T]`, tokens that follow those in the cache.
            cache: From `new_cache`; is extended by these tokens.

        Returns:
            `float[B, T, D]`.

        Raises:
            ValueError: If a shape, type or token is wrong, or more tokens
                are seen than the context or the cache can hold.
        """
        start = cache[0].length if cache else 0
        self._check(ids, start, cache)
        positions = torch.arange(start, start + ids.shape[1], device=ids.device)
        x = self.wte(ids) + self.wpe(positions)  # [B, T, D] + [T, D] -> [B, T, D]
        for layer, block in enumerate(self.h):
            x = block(x, cache[layer] if cache else None)  # [B, T, D] -> [B, T, D]
        return self.ln_f(x)  # [B, T, D]

    def forward(
        self,
        ids: Tensor,
        *,
        cache: list[LayerCache] | None = None,
        last_only: bool = False,
    ) -> Tensor:
        """Score every token as the next one, after each token.

        Args:
            ids: `int64[B, T]`, tokens that follow those in the cache.
            cache: From `new_cache`; is extended by these tokens.
            last_only: Whether to score only what follows the last token.

        Returns:
            Logits, `float[B, T, V]`; `float[B, 1, V]` with `last_only`.

        Raises:
            ValueError: As `hidden`.
        """
        x = self.hidden(ids, cache)  # [B, T, D]
        if last_only:
            x = x[:, -1:]  # [B, T, D] -> [B, 1, D]
        return F.linear(x, self.wte.weight)  # [B, T, D] x [V, D]^T -> [B, T, V]

    def loss(self, ids: Tensor) -> Tensor:
        """Return the mean surprise at each next token, in nats per token.

        Args:
            ids: `int64[B, T]` with T of at least 2 and at most one more than
                the context: the last token is only predicted.

        Returns:
            A scalar, mean over the B (T - 1) predicted tokens.

        Raises:
            ValueError: As `hidden`, or if there is nothing to predict.
        """
        self._check(ids[:, :1] if ids.dim() == 2 else ids, 0, None)
        if ids.shape[1] < 2:
            raise ValueError(f"ids: need at least 2 tokens, got {ids.shape[1]}")
        logits = self(ids[:, :-1])  # [B, T - 1, V]
        return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())

    @torch.inference_mode()
    def generate(
        self,
        ids: Tensor,
        *,
        max_tokens: int,
        temperature: float = 0.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        stop: int | None = None,
        overflow: Literal["error", "slide"] = "error",
        use_cache: bool = True,
        rng: np.random.Generator | int = 0,
    ) -> Tensor:
        """Continue some sequences, token by token.

        Args:
            ids: `int64[B, T]`, the prompts, all of one length.
            max_tokens: The most tokens to add.
            temperature: 0 takes the likeliest token each time; otherwise
                tokens are drawn as `token_probabilities` says.
            top_k: See `token_probabilities`.
            top_p: See `token_probabilities`.
            stop: A token that ends a sequence; it is kept, and what follows
                it in a batch with longer sequences is filled with it.
            overflow: What to do where prompt and `max_tokens` exceed the
                context: "error", or "slide": go on, seeing only the last
                `context` tokens. Positions then change with each token, so
                each costs a pass over the whole context.
            use_cache: Whether keys and values are kept, which changes the
                time and not the result.
            rng: Seed of the draws, or a generator, which goes on.

        Returns:
            `int64[B, T + N]`, prompts included, N of at most `max_tokens`.

        Raises:
            ValueError: If an argument is out of range, a token is unknown,
                or the context is exceeded and may not slide.
        """
        total = self._check_length(ids, max_tokens, overflow)
        _check_sampling(temperature, top_k, top_p)
        self._check_stop(stop)
        generator = np.random.default_rng(rng)
        capacity = min(total, self.config.context)
        cache = self.new_cache(len(ids), capacity) if use_cache else None
        ended = torch.zeros(len(ids), dtype=torch.bool, device=ids.device)  # [B]
        for _ in range(max_tokens):
            logits = self._next_logits(ids, cache)  # [B, V]
            if temperature == 0:
                chosen = logits.argmax(dim=-1)  # [B, V] -> [B]
            else:
                chances = token_probabilities(
                    logits, temperature=temperature, top_k=top_k, top_p=top_p
                )  # [B, V]
                chosen = _draw(chances, generator).to(ids.device)  # [B]
            if stop is not None:
                chosen = chosen.masked_fill(ended, stop)
                ended |= chosen == stop
            ids = torch.cat((ids, chosen[:, None]), dim=1)  # [B, T] -> [B, T + 1]
            if stop is not None and ended.all():
                break
        return ids

    def _next_logits(self, ids: Tensor, cache: list[LayerCache] | None) -> Tensor:
        """Score what follows the last token, `float[B, V]`."""
        if cache is None or ids.shape[1] > self.config.context:
            window = ids[:, -self.config.context :]
            return self(window, last_only=True)[:, 0]
        return self(ids[:, cache[0].length :], cache=cache, last_only=True)[:, 0]

    def _check(self, ids: Tensor, start: int, cache: list[LayerCache] | None) -> None:
        if not isinstance(ids, Tensor) or ids.dtype != torch.int64 or ids.dim() != 2:
            got = (
                f"{ids.dtype} of shape {list(ids.shape)}"
                if hasattr(ids, "shape")
                else ids
            )
            raise ValueError(f"ids: must be an int64 tensor [B, T], got {got}")
        if not ids.numel():
            raise ValueError(f"ids: need at least one token, got {list(ids.shape)}")
        room, holder = self.config.context, "context"
        if cache and cache[0].keys.shape[2] < room:
            room, holder = cache[0].keys.shape[2], "cache"
        if start + ids.shape[1] > room:
            raise ValueError(
                f"ids: {start + ids.shape[1]} tokens exceed the {holder} of {room}"
            )
        if cache and len(ids) != len(cache[0].keys):
            raise ValueError(
                f"ids: must have the cache's {len(cache[0].keys)} rows, got {len(ids)}"
            )
        low, high = ids.aminmax()
        if low < 0 or high >= self.config.vocab_size:
            raise ValueError(
                f"ids: must be in [0, {self.config.vocab_size}), "
                f"got {int(low)} to {int(high)}"
            )

    def _check_length(self, ids: Tensor, max_tokens: int, overflow: str) -> int:
        """Return the length of prompt and continuation, if it may be."""
        if not isinstance(max_tokens, int) or max_tokens < 0:
            raise ValueError(
                f"max_tokens: must be a whole number of at least 0, got {max_tokens!r}"
            )
        if overflow not in ("error", "slide"):
            raise ValueError(f'overflow: must be "error" or "slide", got {overflow!r}')
        context = self.config.context
        sliding = overflow == "slide"
        self._check(ids[:, -context:] if sliding and ids.dim() == 2 else ids, 0, None)
        total = ids.shape[1] + max_tokens
        if total > context and not sliding:
            raise ValueError(
                f"max_tokens: {ids.shape[1]} prompt tokens and {max_tokens} new ones "
                f'exceed the context of {context}; shorten, or set overflow="slide"'
            )
        return total

    def _check_stop(self, stop: int | None) -> None:
        if stop is not None and not 0 <= stop < self.config.vocab_size:
            raise ValueError(
                f"stop: must be in [0, {self.config.vocab_size}), got {stop}"
            )


def token_probabilities(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> Tensor:
    """Turn logits into the chances that sampling draws from.

    First the temperature, then the `top_k` likeliest tokens, then of these
    the fewest whose chances reach `top_p` (the nucleus).

    Args:
        logits: `float[B, V]`.
        temperature: Divides the logits; > 0. Below 1 sharpens.
        top_k: How many tokens may be drawn. Default: all. Among equals the
            lower id stays.
        top_p: Chance that the nucleus must reach, in (0, 1].

    Returns:
        `float64[B, V]` on the CPU; rows sum to 1.

    Raises:
        ValueError: If an argument is out of range.

    References:
        Holtzman et al. (2020), The Curious Case of Neural Text Degeneration,
        https://arxiv.org/abs/1904.09751. Book section 5.1.

    Examples:
        >>> logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log()
        >>> token_probabilities(logits, top_k=3, top_p=0.6).numpy().round(3)
        array([[0.625, 0.375, 0.   , 0.   ]])
    """
    _check_sampling(temperature, top_k, top_p)
    if not temperature:
        raise ValueError("temperature: must be > 0, got 0")
    chances = F.softmax(logits.cpu().double() / temperature, dim=-1)  # [B, V]
    ranked, order = chances.sort(dim=-1, descending=True, stable=True)  # [B, V]
    if top_k is not None:
        ranked[:, top_k:] = 0
        ranked /= ranked.sum(dim=-1, keepdim=True)
    before = ranked.cumsum(dim=-1) - ranked  # chance of all likelier tokens
    ranked = ranked.where(before < top_p, 0)
    ranked /= ranked.sum(dim=-1, keepdim=True)
    return torch.zeros_like(ranked).scatter(-1, order, ranked)  # [B, V]


def _draw(chances: Tensor, generator: np.random.Generator) -> Tensor:
    """Draw `int64[B]` tokens, one a row: where a uniform number falls."""
    edges = chances.cumsum(dim=-1)  # [B, V]
    drawn = torch.from_numpy(generator.random((len(chances), 1)))  # [B, 1]
    token = torch.searchsorted(edges, drawn * edges[:, -1:], right=True)  # [B, 1]
    last = (chances > 0) * torch.arange(chances.shape[1])  # rounding never passes it
    return token[:, 0].minimum(last.amax(dim=-1))


def _check_sampling(temperature: float, top_k: int | None, top_p: float) -> None:
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature: must be finite and >= 0, got {temperature}")
    if top_k is not None and (not isinstance(top_k, int) or top_k < 1):
        raise ValueError(f"top_k: must be a whole number of at least 1, got {top_k!r}")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p: must be in (0, 1], got {top_p}")
