"""The GPT-2 of the book against transformers, its own cache, and theory."""

import math

import numpy as np
import pytest
import torch
from transformers import GPT2Config as PeerConfig
from transformers import GPT2LMHeadModel, TopKLogitsWarper, TopPLogitsWarper

from recsys_ref.lm.gpt2 import GPT2, GPT2Config, token_probabilities

DEVICES = ["cpu"]
DEVICES += ["cuda"] if torch.cuda.is_available() else []
DEVICES += ["mps"] if torch.backends.mps.is_available() else []
SIZES = [  # vocabulary, context, width, layers, heads
    (97, 23, 15, 3, 3),
    (101, 33, 35, 2, 5),
    (13, 7, 8, 1, 1),
    (259, 65, 63, 4, 7),
    (50, 1, 6, 2, 2),
]
SMALL = GPT2Config(vocab_size=31, context=16, width=12, layers=2, heads=3)


def peer_and_ours(sizes, folder, device="cpu", dtype=torch.float32):
    """Return both models with the same weights, every one of them random."""
    vocab, context, width, layers, heads = sizes
    config = PeerConfig(
        vocab_size=vocab,
        n_positions=context,
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        bos_token_id=None,
        eos_token_id=None,
        attn_implementation="eager",
    )
    peer = GPT2LMHeadModel(config).eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in peer.named_parameters():
            drawn = torch.randn(weight.shape, generator=generator) / math.sqrt(width)
            weight.copy_(drawn + (".ln_" in name and name.endswith("weight")))
    peer.save_pretrained(folder)
    ours = GPT2.from_pretrained(folder, device=device)
    return peer.to(device, dtype), ours.to(device, dtype)


def some_ids(vocab, batch, length, device="cpu", seed=0):
    drawn = np.random.default_rng(seed).integers(0, vocab, (batch, length))
    return torch.from_numpy(drawn).to(device)


@pytest.fixture(scope="module")
def small():
    return GPT2.from_scratch(SMALL, rng=3)


@pytest.fixture(scope="module")
def sharp():
    """A model whose next tokens are far from even."""
    model = GPT2.from_scratch(SMALL, rng=3)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(12 if weight.dim() == 2 else 1)
    return model


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)]
)
def test_logits_and_loss_are_those_of_transformers(
    sizes, dtype, tolerance, device, tmp_path
):
    if device == "mps" and dtype == torch.float64:
        pytest.skip("MPS has no float64")
    peer, ours = peer_and_ours(sizes, tmp_path, device, dtype)
    ids = some_ids(sizes[0], 3, sizes[1], device)
    with torch.no_grad():
        expected, got = peer(ids, labels=ids), ours(ids)
        assert expected.logits.std() > 0.5
        assert (got - expected.logits).abs().max() < tolerance
        if sizes[1] > 1:  # transformers takes the loss in float32 always
            assert abs(ours.loss(ids) - expected.loss) < 5e-6


@pytest.mark.parametrize("sizes", SIZES[:4], ids=str)
def test_greedy_ids_are_those_of_transformers_with_and_without_cache(sizes, tmp_path):
    peer, ours = peer_and_ours(sizes, tmp_path)
    prompt = some_ids(sizes[0], 3, 3)
    n_new = sizes[1] - 3
    mask = torch.ones_like(prompt)
    expected = peer.generate(
        prompt, attention_mask=mask, max_new_tokens=n_new, do_sample=False
    )
    assert len(expected[:, 3:].unique()) > 1
    for use_cache in (True, False):
        got = ours.generate(prompt, max_tokens=n_new, use_cache=use_cache)
        assert got.tolist() == expected.tolist()


@pytest.mark.parametrize("cut", [1, 5, 15])
@pytest.mark.parametrize("step", [1, 3])
def test_a_cache_filled_in_pieces_changes_no_logit(sharp, cut, step):
    ids = some_ids(31, 2, 16)
    with torch.no_grad():
        whole = sharp.double()(ids)
        cache = sharp.new_cache(2)
        parts = [sharp(ids[:, :cut], cache=cache)]
        for start in range(cut, 16, step):
            parts.append(sharp(ids[:, start : start + step], cache=cache))
        sharp.float()
    assert cache[0].length == cache[1].length == 16
    assert (torch.cat(parts, dim=1) - whole).abs().max() < 1e-10


def test_a_token_never_sees_a_later_one(sharp):
    ids = some_ids(31, 1, 16)
    changed = ids.clone()
    changed[0, 9] = (changed[0, 9] + 1) % 31
    with torch.no_grad():
        before, after = sharp(ids), sharp(changed)
    assert torch.equal(before[:, :9], after[:, :9])
    assert (before[:, 9:] - after[:, 9:]).abs().amax(-1).min() > 1e-3


def test_last_only_gives_the_last_row(small):
    ids = some_ids(31, 2, 7)
    with torch.no_grad():
        assert torch.allclose(small(ids, last_only=True), small(ids)[:, -1:], atol=1e-6)


def test_the_loss_is_the_mean_of_minus_log_probabilities_of_a_loop(sharp):
    ids = some_ids(31, 2, 9)
    with torch.no_grad():
        logits = sharp(ids).double().numpy()
        loss = sharp.loss(ids).item()
    surprises = [
        np.log(np.exp(logits[row, t]).sum()) - logits[row, t, ids[row, t + 1]]
        for row in range(2)
        for t in range(8)
    ]
    assert loss == pytest.approx(np.mean(surprises), abs=1e-5)


def test_the_loss_may_read_one_token_more_than_the_context(small):
    assert small.loss(some_ids(31, 1, 17)).item() > 0
    with pytest.raises(ValueError, match="17 tokens exceed the context of 16"):
        small.loss(some_ids(31, 1, 18))


def test_an_untrained_model_is_as_surprised_as_chance(small):
    loss = small.loss(some_ids(31, 40, 16)).item()
    assert loss == pytest.approx(math.log(31), abs=0.05)


def test_initial_weights_have_gpt2s_spread():
    config = GPT2Config(vocab_size=500, context=200, width=128, layers=8, heads=4)
    weights = dict(GPT2.from_scratch(config).named_parameters())
    residual = 0.02 / math.sqrt(16)
    for name, expected in {
        "wte.weight": 0.02,
        "wpe.weight": 0.01,
        "h.3.attn.c_attn.weight": 0.02,
        "h.3.mlp.c_fc.weight": 0.02,
        "h.3.attn.c_proj.weight": residual,
        "h.7.mlp.c_proj.weight": residual,
    }.items():
        assert weights[name].std().item() == pytest.approx(expected, rel=0.03), name
        assert abs(weights[name].mean().item()) < expected / 20
    for name, weight in weights.items():
        if weight.dim() == 1:
            assert (weight == (0 if name.endswith("bias") else 1)).all(), name


def test_the_seed_decides_the_weights_and_no_global_generator_moves():
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    same = [GPT2.from_scratch(SMALL, rng=8).wte.weight for _ in range(2)]
    assert torch.equal(*same)
    assert not torch.equal(same[0], GPT2.from_scratch(SMALL, rng=9).wte.weight)
    drawn = GPT2.from_scratch(SMALL, rng=np.random.default_rng(8)).wte.weight
    assert torch.equal(same[0], drawn)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tolist()  # noqa: NPY002


@pytest.mark.parametrize("sizes", SIZES[:2], ids=str)
def test_parameters_are_counted_as_transformers_counts_them(sizes, tmp_path):
    peer, ours = peer_and_ours(sizes, tmp_path)
    assert ours.num_parameters == peer.num_parameters()


@pytest.mark.parametrize("seed", range(4))
def test_filters_keep_the_tokens_that_transformers_keeps(seed):
    logits = torch.from_numpy(np.random.default_rng(seed).normal(0, 3, (4, 60)))
    for top_k, top_p, temperature in [(5, 1.0, 1.0), (None, 0.7, 2.0), (20, 0.5, 0.5)]:
        scores = logits / temperature
        if top_k:
            scores = TopKLogitsWarper(top_k)(None, scores)
        if top_p < 1:
            scores = TopPLogitsWarper(top_p)(None, scores)
        got = token_probabilities(
            logits, temperature=temperature, top_k=top_k, top_p=top_p
        )
        assert torch.allclose(got, scores.softmax(-1), atol=1e-12)


def test_draws_have_the_stated_chances(sharp):
    prompt = some_ids(31, 1, 4).expand(20_000, -1)
    drawn = sharp.generate(prompt, max_tokens=1, temperature=1.5, top_k=6, rng=2)[:, -1]
    with torch.no_grad():
        logits = sharp(prompt[:1], last_only=True)[:, 0]
    chances = token_probabilities(logits, temperature=1.5, top_k=6)[0]
    shares = torch.bincount(drawn, minlength=31) / 20_000
    assert (chances > 0.02).sum() > 2
    assert (shares - chances).abs().max() < 0.015  # four standard errors
    assert (shares[chances == 0] == 0).all()


def test_the_seed_decides_the_draws_and_a_generator_goes_on(sharp):
    prompt = some_ids(31, 2, 4)

    def draw(rng):
        out = sharp.generate(prompt, max_tokens=10, temperature=2.0, rng=rng)
        return out.tolist()

    assert draw(1) == draw(1) != draw(2)
    generator = np.random.default_rng(1)
    assert draw(generator) == draw(1)
    assert draw(generator) != draw(1)


@pytest.mark.parametrize("use_cache", [True, False])
def test_sampling_is_the_same_with_and_without_the_cache(sharp, use_cache):
    prompt = some_ids(31, 2, 4)
    out = sharp.generate(
        prompt, max_tokens=12, temperature=1.0, top_p=0.9, use_cache=use_cache, rng=7
    )
    assert (
        out.tolist()
        == (
            sharp.generate(prompt, max_tokens=12, temperature=1.0, top_p=0.9, rng=7)
        ).tolist()
    )


def test_a_sliding_context_sees_the_last_tokens_only(sharp):
    prompt = some_ids(31, 2, 21)  # longer than the context of 16
    out = sharp.generate(prompt, max_tokens=9, overflow="slide")
    ids = prompt
    for _ in range(9):  # the plain loop
        with torch.no_grad():
            best = sharp(ids[:, -16:])[:, -1].argmax(-1)
        ids = torch.cat((ids, best[:, None]), dim=1)
    assert out.tolist() == ids.tolist()
    short = sharp.generate(prompt[:, :10], max_tokens=20, overflow="slide")
    again = sharp.generate(
        prompt[:, :10], max_tokens=20, overflow="slide", use_cache=False
    )
    assert short.tolist() == again.tolist()


def test_a_sequence_ends_at_the_stop_token_and_is_filled_with_it(sharp):
    prompt = some_ids(31, 6, 4)
    free = sharp.generate(prompt, max_tokens=12)[:, 4:].tolist()
    stop = free[0][5]
    ended = sharp.generate(prompt, max_tokens=12, stop=stop)[:, 4:].tolist()
    for row, expected in zip(ended, free, strict=True):
        n = expected.index(stop) + 1 if stop in expected else len(expected)
        assert row[:n] == expected[:n]
        assert set(row[n:]) <= {stop}
    alone = sharp.generate(prompt[:1], max_tokens=12, stop=stop)[0, 4:].tolist()
    assert alone == free[0][: free[0].index(stop) + 1]


def test_no_new_tokens_give_back_the_prompt(small):
    prompt = some_ids(31, 2, 4)
    assert small.generate(prompt, max_tokens=0).tolist() == prompt.tolist()


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (torch.zeros(3, dtype=torch.int64), r"ids: must be an int64 tensor \[B, T\]"),
        (torch.zeros(1, 3), r"got torch.float32 of shape \[1, 3\]"),
        ([[1, 2]], r"ids: must be an int64 tensor"),
        (torch.zeros(1, 0, dtype=torch.int64), "need at least one token"),
        (torch.zeros(1, 17, dtype=torch.int64), "17 tokens exceed the context of 16"),
        (torch.tensor([[3, 31]]), r"must be in \[0, 31\), got 3 to 31"),
        (torch.tensor([[-1, 3]]), r"must be in \[0, 31\), got -1 to 3"),
    ],
)
def test_bad_ids_are_named(small, ids, message):
    with pytest.raises(ValueError, match=message):
        small(ids)
    with pytest.raises(ValueError, match=message):
        small.generate(ids, max_tokens=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_tokens": -1}, "max_tokens: must be a whole number"),
        ({"max_tokens": 13}, r"4 prompt tokens and 13 new ones exceed .* 16"),
        ({"temperature": -1.0}, "temperature: must be finite and >= 0, got -1.0"),
        ({"temperature": float("nan")}, "temperature: .* got nan"),
        ({"top_k": 0}, "top_k: must be a whole number of at least 1, got 0"),
        ({"top_p": 0.0}, r"top_p: must be in \(0, 1\], got 0.0"),
        ({"stop": 31}, r"stop: must be in \[0, 31\), got 31"),
        ({"overflow": "crop"}, "overflow: must be"),
    ],
)
def test_bad_arguments_of_generate_are_named(small, arguments, message):
    with pytest.raises(ValueError, match=message):
        small.generate(some_ids(31, 1, 4), **{"max_tokens": 2, **arguments})


def test_a_loss_needs_two_tokens(small):
    with pytest.raises(ValueError, match="need at least 2 tokens, got 1"):
        small.loss(some_ids(31, 1, 1))


def test_a_cache_that_does_not_fit_is_refused(small):
    cache = small.new_cache(2, capacity=5)
    with torch.no_grad():
        with pytest.raises(ValueError, match="6 tokens exceed the cache of 5"):
            small(some_ids(31, 2, 6), cache=cache)
        with pytest.raises(ValueError, match="must have the cache's 2 rows, got 1"):
            small(some_ids(31, 1, 2), cache=cache)
    assert cache[0].length == 0


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"heads": 5}, "width: must be a multiple of heads = 5, got 768"),
        ({"layers": 0}, "layers: must be a whole number of at least 1, got 0"),
        ({"context": 1.5}, "context: must be a whole number of at least 1, got 1.5"),
        ({"epsilon": 0.0}, "epsilon: must be > 0, got 0.0"),
    ],
)
def test_sizes_that_make_no_model_are_named(sizes, message):
    with pytest.raises(ValueError, match=message):
        GPT2Config(**sizes)
