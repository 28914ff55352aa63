"""The network of SASRec: a plain loop, causality, padding, dropout."""

import numpy as np
import pytest
import torch

from recsys_ref.lm.gpt2 import GPT2, GPT2Config
from recsys_ref.strategies.sasrec_network import SASRecNetwork

ITEMS, LENGTH, WIDTH = 11, 6, 8


def network(dropout=0.0, layers=1, heads=2):
    config = GPT2Config(ITEMS, LENGTH, WIDTH, layers=layers, heads=heads)
    gpt = GPT2.from_scratch(config, rng=3)
    with torch.no_grad():  # large enough for attention to be uneven
        for weight in gpt.parameters():
            if weight.dim() > 1:
                weight *= 20
    return SASRecNetwork(gpt, dropout, torch.Generator().manual_seed(0)).eval()


def norm(x):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5)


def attention_by_loop(model, x):
    """One head at a time, one place at a time, in float64."""
    attn = model.gpt.h[0].attn
    weight, bias = (t.detach().double().numpy() for t in attn.c_attn.parameters())
    out_w, out_b = (t.detach().double().numpy() for t in attn.c_proj.parameters())
    size = WIDTH // attn.heads
    joined = np.zeros_like(x)
    query, key, value = np.split(x @ weight.T + bias, 3, axis=1)
    for head in range(attn.heads):
        part = slice(head * size, (head + 1) * size)
        for t in range(len(x)):
            dots = np.array(
                [query[t, part] @ key[s, part] / np.sqrt(size) for s in range(t + 1)]
            )
            share = np.exp(dots - dots.max())
            share /= share.sum()
            joined[t, part] = sum(share[s] * value[s, part] for s in range(t + 1))
    return joined @ out_w.T + out_b


@torch.no_grad()
def test_a_block_is_what_a_plain_loop_computes():
    model, items = network(), [4, 0, 9, 4]
    gpt = model.gpt
    x = (gpt.wte.weight[items] + gpt.wpe.weight[:4]).double().numpy()
    x = x + attention_by_loop(model, np.array([norm(row) for row in x]))
    mlp = gpt.h[0].mlp
    for t in range(4):
        wide = mlp.c_fc.weight.double().numpy() @ norm(x[t])
        bent = (
            wide / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
        )
        x[t] += mlp.c_proj.weight.double().numpy() @ bent
    expected = np.array([norm(row) for row in x])
    ours = model.hidden(torch.tensor([items]))[0]
    np.testing.assert_allclose(ours, expected, atol=2e-4)
    logits = model.last(torch.tensor([items]))[0]
    np.testing.assert_allclose(
        logits, gpt.wte.weight.double().numpy() @ expected[-1], atol=5e-3
    )


@torch.no_grad()
@pytest.mark.parametrize("layers", [1, 3])
def test_a_later_item_changes_nothing_before_it(layers):
    model = network(layers=layers)
    before = model.hidden(torch.tensor([[1, 2, 3, 4, 5]]))
    after = model.hidden(torch.tensor([[1, 2, 3, 9, 5]]))
    torch.testing.assert_close(before[:, :3], after[:, :3], rtol=0, atol=1e-6)
    assert (before[:, 3:] - after[:, 3:]).abs().max() > 0.1


def test_padding_changes_neither_scores_nor_loss():
    model = network()
    short, long = torch.tensor([[7, 2, 5]]), torch.tensor([[1, 2, 3, 4, 5, 6]])
    both = torch.tensor([[7, 2, 5, -1, -1, -1], [1, 2, 3, 4, 5, 6]])
    scores = torch.cat([model.last(short), model.last(long)])
    torch.testing.assert_close(model.last(both), scores, rtol=1e-5, atol=1e-5)
    # A mean over targets: two of the one, five of the other.
    mean = (2 * model.loss(short) + 5 * model.loss(long)) / 7
    torch.testing.assert_close(model.loss(both), mean, rtol=1e-5, atol=1e-5)
    gradients = []
    for batch in (both, torch.cat([both, torch.full((2, 1), -1)], dim=1)):
        model.zero_grad()
        model.loss(batch).backward()
        gradients.append(model.gpt.wpe.weight.grad.clone())
    torch.testing.assert_close(*gradients)


def test_dropout_has_its_own_generator_and_keeps_the_mean():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    model = network(dropout=0.25).train()
    ones = torch.ones(400, 400)
    dropped = model.drop(ones)
    assert (torch.get_rng_state() == state).all()
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert model.eval().drop(ones) is ones
