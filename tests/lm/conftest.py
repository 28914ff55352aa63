"""Small models, made for the tests of language models."""

import pytest
import torch
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

from recsys_ref.lm.pretrained import devices


@pytest.fixture(scope="session", autouse=True)
def _one_thread(one_thread):
    """Keep torch to one thread in all these tests."""


@pytest.fixture(scope="session", params=devices())
def device(request) -> str:
    """Each device that is here."""
    return request.param


@pytest.fixture
def tiny_bert(encoder) -> BertModel:
    """A random BERT of 3 blocks for MiniLM's tokenizer."""
    config = BertConfig(
        vocab_size=len(encoder.tokenizer),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=40,
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        return BertModel(config).eval()


@pytest.fixture
def tiny_gpt2(causal) -> GPT2LMHeadModel:
    """A random GPT-2 of 3 blocks for SmolLM2's tokenizer."""
    config = GPT2Config(
        vocab_size=len(causal.tokenizer),
        n_positions=40,
        n_embd=24,
        n_layer=3,
        n_head=4,
        bos_token_id=1,
        eos_token_id=2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(6)
        return GPT2LMHeadModel(config).eval()


@pytest.fixture
def bert_folder(tiny_bert, encoder, tmp_path):
    """The small BERT in the layout of `save_pretrained`."""
    return _save(tiny_bert, encoder.tokenizer, tmp_path / "bert")


@pytest.fixture
def gpt2_folder(tiny_gpt2, causal, tmp_path):
    """The small GPT-2 in the layout of `save_pretrained`."""
    return _save(tiny_gpt2, causal.tokenizer, tmp_path / "gpt2")


def _save(model, tokenizer, folder):
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
