"""Training reaches what the text allows, and repeats from its seed."""

import math

import numpy as np
import pytest
import torch

from recsys_ref.lm.gpt2 import GPT2, GPT2Config
from recsys_ref.lm.train import learning_rate_at, train, windows

CONFIG = GPT2Config(vocab_size=12, context=16, width=24, layers=1, heads=2)
NINE_TENTHS = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))  # nats


def planted_stream(n, seed):
    """Each token is followed by its successor, or in one of ten by another.

    Known by construction: all tokens are equally frequent, so that their
    frequencies alone leave log 12 nats; who knows the rule is left .325.
    """
    rng = np.random.default_rng(seed)
    step = np.where(rng.random(n) < 0.9, 5, 1)
    return torch.from_numpy(np.cumsum(step) % 12)


def unigram_entropy(ids):
    shares = np.bincount(ids) / len(ids)
    return -(shares * np.log(shares)).sum()


def test_training_finds_the_planted_rule_and_no_more_than_there_is():
    model = GPT2.from_scratch(CONFIG, rng=1)
    stream = planted_stream(20_000, seed=1)
    losses = list(train(model, stream, steps=300, learning_rate=0.01, rng=1))
    fresh = planted_stream(6_800, seed=2).view(400, 17)
    with torch.no_grad():
        loss = model.loss(fresh).item()
    assert unigram_entropy(stream) == pytest.approx(math.log(12), abs=0.01)
    assert losses[0] == pytest.approx(math.log(12), abs=0.1)
    assert loss < 0.2 * unigram_entropy(stream)
    assert loss == pytest.approx(NINE_TENTHS, abs=0.03)


def test_one_window_is_learned_by_heart():
    config = GPT2Config(vocab_size=50, context=16, width=32, layers=2, heads=4)
    model = GPT2.from_scratch(config)
    ids = torch.from_numpy(np.random.default_rng(3).integers(0, 50, 17))
    losses = list(train(model, ids, steps=120, batch_size=1, learning_rate=0.01))
    assert losses[0] > 3
    assert losses[-1] < 0.05
    written = model.generate(ids[None, :1], max_tokens=15)
    assert written[0].tolist() == ids[:16].tolist()


def test_the_seed_decides_the_losses():
    def losses(rng):
        model = GPT2.from_scratch(CONFIG)
        return list(train(model, planted_stream(500, 0), steps=5, rng=rng))

    assert losses(4) == losses(4) != losses(5)
    assert losses(np.random.default_rng(4)) == losses(4)


def test_a_step_is_taken_when_its_loss_is_asked_for():
    model = GPT2.from_scratch(CONFIG)
    before = model.wte.weight.detach().clone()
    steps = train(model, planted_stream(500, 0), steps=3)
    assert torch.equal(model.wte.weight, before)
    next(steps)
    assert not torch.equal(model.wte.weight, before)


def test_the_first_step_is_adamws_by_hand():
    model = GPT2.from_scratch(CONFIG)
    stream = planted_stream(17, 0)  # one window only
    weight, bias = model.h[0].mlp.c_fc.weight, model.ln_f.bias
    before, shift = weight.detach().clone(), bias.detach().clone()
    model.loss(stream[None]).backward()
    sign, bias_sign = weight.grad.sign(), bias.grad.sign()
    model.zero_grad()
    steps = train(
        model, stream, steps=10, warmup=0, learning_rate=0.01, weight_decay=0.5
    )
    next(steps)
    rate = learning_rate_at(0, steps=10, peak=0.01, warmup=0)
    expected = before * (1 - rate * 0.5) - rate * sign
    assert (weight - expected).abs().median() < 1e-6  # Adam's first step is a sign
    assert (bias - (shift - rate * bias_sign)).abs().median() < 1e-6  # no decay


def test_clipping_bounds_the_gradient():
    model = GPT2.from_scratch(CONFIG)
    next(train(model, planted_stream(500, 0), steps=3, clip=1e-3))
    grads = torch.cat([weight.grad.flatten() for weight in model.parameters()])
    assert grads.norm().item() == pytest.approx(1e-3, rel=1e-3)


def test_windows_are_stretches_of_the_stream_and_reach_both_ends():
    ids = torch.arange(10) * 3
    drawn = windows(ids, batch_size=500, length=4, rng=0)
    assert ((drawn[:, 1:] - drawn[:, :-1]) == 3).all()
    starts = torch.bincount(drawn[:, 0] // 3)
    assert len(starts) == 7
    assert starts.min() > 40


def test_the_learning_rate_rises_falls_and_ends_at_a_tenth():
    rates = [
        learning_rate_at(step, steps=50, peak=2.0, warmup=10) for step in range(50)
    ]
    assert rates[:10] == pytest.approx(np.linspace(0.2, 2.0, 10))
    assert (np.diff(rates[9:]) < 0).all()
    assert rates[-1] == pytest.approx(0.2)


def test_a_bar_is_shown_only_when_asked_for(capsys):
    model = GPT2.from_scratch(CONFIG)
    list(train(model, planted_stream(100, 0), steps=2))
    assert capsys.readouterr() == ("", "")
    list(train(model, planted_stream(100, 0), steps=2, progress=True))
    assert "train" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": [3]}, "ids: must be at least two whole numbers"),
        ({"ids": [0.5, 1.0]}, r"ids: .* got torch.float32 of shape \[2\]"),
        ({"ids": [0, 12]}, r"ids: must be in \[0, 12\), got 0 to 12"),
        ({"length": 17}, r"length: must be in \[1, 16\], got 17"),
        ({"ids": [0, 1, 2], "length": 3}, r"length: must be in \[1, 2\], got 3"),
        ({"steps": 0}, "steps: must be a whole number of at least 1, got 0"),
        ({"batch_size": 1.5}, "batch_size: must be a whole number"),
        ({"warmup": -1}, "warmup: must be a whole number of at least 0"),
        ({"learning_rate": 0.0}, "learning_rate: must be finite and > 0, got 0.0"),
        ({"clip": float("nan")}, "clip: must be finite and > 0, got nan"),
        ({"weight_decay": -0.1}, "weight_decay: must be finite and >= 0, got -0.1"),
    ],
)
def test_bad_arguments_are_named_before_the_first_step(arguments, message):
    model = GPT2.from_scratch(CONFIG)
    arguments = {"ids": list(range(12)) * 3, "steps": 2, **arguments}
    with pytest.raises(ValueError, match=message):
        train(model, arguments.pop("ids"), **arguments)


def test_a_diverged_loss_is_named():
    model = GPT2.from_scratch(CONFIG)
    with torch.no_grad():
        model.ln_f.weight[0] = float("nan")
    with pytest.raises(ValueError, match=r"the loss is nan at step 0; 0\.5 is"):
        next(train(model, planted_stream(100, 0), steps=2, learning_rate=0.5))
