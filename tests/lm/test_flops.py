"""Operations, against torch's own counter and sums done by hand."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
)

from recsys_ref.lm.flops import Shape, reading_flops, rule_of_thumb, writing_flops

CONFIGS = {
    "gpt2": GPT2Config(
        vocab_size=50, n_positions=64, n_embd=24, n_layer=3, n_head=4,
        bos_token_id=1, eos_token_id=2,
    ),
    "gpt2, own inner width": GPT2Config(
        vocab_size=50, n_positions=64, n_embd=24, n_layer=2, n_head=4, n_inner=40,
        bos_token_id=1, eos_token_id=2,
    ),
    "llama, shared heads": LlamaConfig(
        vocab_size=50, hidden_size=24, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, intermediate_size=40, max_position_embeddings=64,
        bos_token_id=1, eos_token_id=2,
    ),
    "llama, own head width": LlamaConfig(
        vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=4,
        head_dim=10, intermediate_size=40, max_position_embeddings=64,
        bos_token_id=1, eos_token_id=2,
    ),
}  # fmt: skip


def build(config):
    """Build a random model whose attention is plain products, which are counted."""
    config._attn_implementation = "eager"
    kinds = {"gpt2": GPT2LMHeadModel, "llama": LlamaForCausalLM, "bert": BertModel}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return kinds[config.model_type](config).eval()


def counted(model, call):
    """Return what torch counts while `call` runs, without the rotary positions."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        call(model)
    counts = counter.get_flop_counts()
    rotary = [sum(c.values()) for name, c in counts.items() if "rotary" in name]
    return counter.get_total_flops() - sum(rotary)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize(("tokens", "logits"), [(1, 1), (7, 1), (7, 7), (31, 4)])
def test_reading_is_what_torch_counts(name, tokens, logits):
    model = build(CONFIGS[name])
    ids = torch.zeros((1, tokens), dtype=torch.long)
    theirs = counted(model, lambda m: m(input_ids=ids, logits_to_keep=logits))
    assert reading_flops(Shape.of(model.config), tokens, logits=logits) == theirs


@pytest.mark.parametrize("name", CONFIGS)
def test_writing_is_what_torch_counts(name):
    model = build(CONFIGS[name])
    ids = torch.ones((1, 9), dtype=torch.long)

    def write(network):
        network.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            min_new_tokens=6,
            max_new_tokens=6,
            do_sample=False,
            pad_token_id=0,
        )

    assert writing_flops(Shape.of(model.config), 9, 6) == counted(model, write)


def test_an_encoder_has_no_output_layer():
    config = BertConfig(
        vocab_size=50, hidden_size=24, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=40, max_position_embeddings=64,
    )  # fmt: skip
    model = build(config)
    pooler = 2 * 24 * 24  # a product for the first token, which nobody reads
    ids = torch.zeros((1, 13), dtype=torch.long)
    theirs = counted(model, lambda m: m(input_ids=ids))
    assert reading_flops(Shape.of(config), 13) == theirs - pooler


def test_the_models_of_the_book_have_these_shapes(causal, encoder):
    smol = Shape.of(causal.model.config)
    assert smol == Shape(30, 576, 9, 3, 64, 1536, 3, 49_152)
    matrices = [w for w in causal.network.layers.parameters() if w.dim() == 2]
    assert smol.weights == sum(w.numel() for w in matrices)
    mini = Shape.of(encoder.model.config)
    matrices = [w for w in encoder.network.encoder.parameters() if w.dim() == 2]
    assert mini.weights == sum(w.numel() for w in matrices)


def test_a_cache_saves_the_prompt():
    shape = Shape(2, 8, 2, 2, 4, 32, 2, 20)
    whole = reading_flops(shape, 12, logits=1)
    parts = reading_flops(shape, 8, logits=0) + reading_flops(shape, 4, cached=8)
    skipped = 4 * 2 * 8 * 8 * 4  # what the first eight would look ahead
    assert whole == parts + skipped


def test_the_rule_is_right_but_for_attention_and_head():
    shape = Shape(2, 8, 2, 2, 4, 32, 2, 20)
    assert rule_of_thumb(shape.weights, 5) == (
        reading_flops(shape, 5, logits=0) - 4 * 2 * 5 * 5 * 8
    )
    assert rule_of_thumb(10, 7, training=True) == 3 * rule_of_thumb(10, 7)


def test_nothing_read_costs_nothing():
    shape = Shape(2, 8, 2, 2, 4, 32, 2, 20)
    assert reading_flops(shape, 0) == 0
    assert writing_flops(shape, 4, 0) == 0
    assert writing_flops(shape, 4, 1) == reading_flops(shape, 4)


def test_bad_counts_are_refused():
    shape = Shape(2, 8, 2, 2, 4, 32, 2, 20)
    with pytest.raises(ValueError, match="tokens: must be at least 0, got -1"):
        reading_flops(shape, -1)
    with pytest.raises(ValueError, match="cached: must be at least 0, got -2"):
        reading_flops(shape, 1, cached=-2)
    with pytest.raises(ValueError, match="logits: must be at most tokens = 3, got 4"):
        reading_flops(shape, 3, logits=4)
    with pytest.raises(ValueError, match="prompt: must have at least 1 token, got 0"):
        writing_flops(shape, 0, 3)
    with pytest.raises(ValueError, match="new: must be at least 0, got -1"):
        writing_flops(shape, 3, -1)
    with pytest.raises(ValueError, match=r"config: must be of kind .* got 't5'"):
        Shape.of(T5Config())
