"""Floating-point operations of a transformer that reads or writes tokens.

Counted are the matrix products, two operations (a multiplication and an addition)
for each product of two numbers; norms, softmax and activations are left out, less
than a hundredth of the whole. Attention is counted in full: a kernel that skips what
the causal mask hides saves at most half of that part. The quick rule stands beside
it: two operations for each parameter and token. Book section 9.2.
"""

from dataclasses import dataclass

from transformers import PretrainedConfig


@dataclass(frozen=True)
class Shape:
    """What of a transformer decides how much it computes.

    Attributes:
        layers: Number of blocks.
        width: Length D of a token's hidden state.
        heads: Number of query heads H.
        groups: Number of key and value heads; fewer than H where heads share them.
        head_width: Length of a query, a key and a value.
        inner: Width of the feed-forward network.
        products: Matrices of the feed-forward network: 2, or 3 if it is gated.
        vocabulary: Number of tokens V that the output layer tells apart; 0 if none.
    """

    layers: int
    width: int
    heads: int
    groups: int
    head_width: int
    inner: int
    products: int
    vocabulary: int

    @classmethod
    def of(cls, config: PretrainedConfig) -> "Shape":
        """Read the shape from a configuration of `transformers`.

        Args:
            config: Of a model built like GPT-2, Llama (SmolLM2) or BERT (MiniLM).

        Raises:
            ValueError: If the model is of another kind.
        """
        kind, width = config.model_type, config.hidden_size
        heads = config.num_attention_heads
        if kind not in ("gpt2", "llama", "bert"):
            raise ValueError(
                f"config: must be of kind 'gpt2', 'llama' or 'bert', got {kind!r}"
            )
        inner = config.n_inner if kind == "gpt2" else config.intermediate_size
        return cls(
            layers=config.num_hidden_layers,
            width=width,
            heads=heads,
            groups=getattr(config, "num_key_value_heads", None) or heads,
            head_width=getattr(config, "head_dim", None) or width // heads,
            inner=inner or 4 * width,
            products=3 if kind == "llama" else 2,
            vocabulary=0 if kind == "bert" else config.vocab_size,
        )

    @property
    def weights(self) -> int:
        """Count the weights of the blocks' matrices: each works on every token."""
        attention = self.width * self.head_width * 2 * (self.heads + self.groups)
        return self.layers * (attention + self.products * self.width * self.inner)


def reading_flops(
    shape: Shape, tokens: int, *, cached: int = 0, logits: int = 1
) -> int:
    r"""Count what one pass over a text costs.

    2 T (weights of the blocks) + 4 (layers) T S H (head width) + 2 L D V, with T
    tokens that look at S = cached + T, and L positions that go through the output
    layer.

    Args:
        shape: The transformer.
        tokens: T, tokens read in this pass.
        cached: Tokens before them whose keys and values are kept.
        logits: L, positions at which the next token is predicted.

    Returns:
        Floating-point operations.

    Raises:
        ValueError: If a count is negative or `logits` exceeds `tokens`.

    References:
        Kaplan et al. (2020), https://arxiv.org/abs/2001.08361, table 1.

    Examples:
        >>> tiny = Shape(1, 4, 1, 1, 4, 8, 2, 10)
        >>> tiny.weights, reading_flops(tiny, 3, logits=0)
        (128, 912)
        >>> 2 * 3 * 128 + 4 * 3 * 3 * 4
        912
    """
    for name, value in (("tokens", tokens), ("cached", cached), ("logits", logits)):
        if value < 0:
            raise ValueError(f"{name}: must be at least 0, got {value}")
    if logits > max(tokens, 1):
        raise ValueError(f"logits: must be at most tokens = {tokens}, got {logits}")
    if tokens == 0:
        return 0
    attention = 4 * shape.layers * tokens * (cached + tokens)
    attention *= shape.heads * shape.head_width
    head = 2 * logits * shape.width * shape.vocabulary
    return 2 * tokens * shape.weights + attention + head


def writing_flops(shape: Shape, prompt: int, new: int) -> int:
    """Count what it costs to read a prompt and write after it, with a cache.

    The prompt is one pass and predicts the first new token; each new token but
    the last is then read to predict the next.

    Args:
        shape: The transformer.
        prompt: Tokens of the prompt, at least 1.
        new: Tokens to write.

    Returns:
        Floating-point operations.

    Raises:
        ValueError: If the prompt is empty or `new` is negative.

    Examples:
        >>> tiny = Shape(1, 4, 1, 1, 4, 8, 2, 10)
        >>> one_pass = reading_flops(tiny, 3)
        >>> writing_flops(tiny, 3, 2) == one_pass + reading_flops(tiny, 1, cached=3)
        True
    """
    if prompt < 1:
        raise ValueError(f"prompt: must have at least 1 token, got {prompt}")
    if new < 0:
        raise ValueError(f"new: must be at least 0, got {new}")
    if new == 0:
        return 0
    steps = range(prompt, prompt + new - 1)
    return reading_flops(shape, prompt) + sum(
        reading_flops(shape, 1, cached=before) for before in steps
    )


def rule_of_thumb(weights: int, tokens: int, *, training: bool = False) -> int:
    """Estimate operations as 2 a weight and token, and 6 in training.

    Backward passes cost twice a forward one. The rule leaves attention out, and so
    holds for texts much shorter than the width of the model times a small number.

    Args:
        weights: Weights that work on every token: `Shape.weights`, or a model's
            parameters without its embedding table.
        tokens: Tokens read.
        training: Whether gradients are computed too.

    Returns:
        Floating-point operations.

    References:
        Kaplan et al. (2020), https://arxiv.org/abs/2001.08361, section 2.1.

    Examples:
        >>> rule_of_thumb(106_000_000, 1_000)
        212000000000
    """
    return (6 if training else 2) * weights * tokens
