"""Three ways to one number, and transformers' own loss as the judge."""

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from recsys_ref.lm import scoring
from recsys_ref.lm.scoring import log_likelihood, pmi, tokenize
from recsys_ref.lm.text_model import TextModel

WAYS = ("naive", "batched", "shared")
FILMS = [
    " Alien",
    " Toy Story (1995)",
    " A",
    " 羅生門 🎬",
    " The Good, the Bad",
    " Alien",
]
PROMPT = "I like films such as"


def network(kind, attention):
    if kind == "llama":  # two heads share a key
        config = LlamaConfig(
            vocab_size=49152,
            hidden_size=24,
            intermediate_size=40,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=64,
            attn_implementation=attention,
        )
        return LlamaForCausalLM(config)
    config = GPT2Config(
        vocab_size=49152,
        n_positions=64,
        n_embd=24,
        n_layer=3,
        n_head=4,
        bos_token_id=1,
        eos_token_id=2,
        attn_implementation=attention,
    )
    return GPT2LMHeadModel(config)


@pytest.fixture(
    scope="module",
    params=[("llama", "sdpa"), ("llama", "eager"), ("gpt2", "sdpa")],
    ids="-".join,
)
def tiny(request, causal, device):
    """A random network of few weights, with weights large enough to matter."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = network(*request.param).eval()
        for name, weight in model.named_parameters():
            if weight.ndim > 1 and "embed" not in name:
                torch.nn.init.normal_(weight, std=0.3)
    place = torch.device(device)
    return TextModel("tiny", causal.tokenizer, model.to(place), place, 64)


def loss_of(model, start, ids):
    """Ask transformers for the loss of the candidate's tokens alone."""
    whole = torch.tensor([start + ids], device=model.device)
    labels = whole.clone()
    labels[:, : len(start)] = -100
    with torch.inference_mode():
        loss = model.model(input_ids=whole, labels=labels).loss
    return -float(loss) * len(ids)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(
    "prompt", [PROMPT, [{"role": "user", "content": "<|im_end|> Name a film 🎬"}]]
)
def test_every_way_gives_the_loss_of_transformers(tiny, how, prompt):
    start, continuations = tokenize(tiny, prompt, FILMS)
    expected = [loss_of(tiny, start, ids) for ids in continuations]
    scores = log_likelihood(tiny, prompt, FILMS, how=how)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("how", WAYS)
def test_a_real_model_agrees_with_the_loss_of_transformers(causal, how):
    start, continuations = tokenize(causal, PROMPT, FILMS[:4])
    expected = [loss_of(causal, start, ids) for ids in continuations]
    scores = log_likelihood(causal, PROMPT, FILMS[:4], how=how)
    # Sums of up to 60 nats in float32, which processors add in different orders.
    np.testing.assert_allclose(scores, expected, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("row", [1, 6, 9])
def test_candidates_that_do_not_fit_into_one_row_score_the_same(tiny, monkeypatch, row):
    whole = log_likelihood(tiny, PROMPT, FILMS)
    monkeypatch.setattr(scoring, "ROW", row)
    np.testing.assert_allclose(log_likelihood(tiny, PROMPT, FILMS), whole, atol=1e-4)


def test_a_candidates_score_does_not_depend_on_the_others(tiny):
    alone = [log_likelihood(tiny, PROMPT, [film])[0] for film in FILMS]
    np.testing.assert_allclose(log_likelihood(tiny, PROMPT, FILMS), alone, atol=1e-4)


@pytest.mark.parametrize("how", WAYS)
def test_all_first_tokens_together_have_probability_one(tiny, how):
    texts = [t for t in (f" {chr(c)}" for c in range(ord("a"), ord("z") + 1))]
    start, continuations = tokenize(tiny, PROMPT, texts)
    with torch.inference_mode():
        logits = tiny.model(torch.tensor([start], device=tiny.device)).logits[0, -1]
    log_p = logits.log_softmax(-1).cpu().numpy()
    scores = log_likelihood(tiny, PROMPT, texts, how=how)
    expected = [log_p[ids[0]] for ids in continuations]
    assert all(len(ids) == 1 for ids in continuations)
    np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_the_prompt_is_read_once_and_the_vocabulary_only_where_it_is_needed(
    tiny, monkeypatch
):
    calls = []
    forward = tiny.model.forward

    def watched(*args, **kwargs):
        output = forward(*args, **kwargs)
        calls.append((kwargs["input_ids"].numel(), output.logits.shape[:-1].numel()))
        return output

    monkeypatch.setattr(tiny.model, "forward", watched)
    start, continuations = tokenize(tiny, PROMPT, FILMS)
    rest = sum(len(ids) - 1 for ids in continuations)
    log_likelihood(tiny, PROMPT, FILMS)
    assert calls == [(len(start), 1), (rest, rest)]
    calls.clear()
    log_likelihood(tiny, PROMPT, FILMS, how="naive")
    assert calls == [(len(start) + len(c) - 1, len(c)) for c in continuations]


def test_normalised_scores_are_nats_per_token(tiny):
    _, continuations = tokenize(tiny, PROMPT, FILMS)
    lengths = [len(ids) for ids in continuations]
    per_token = log_likelihood(tiny, PROMPT, FILMS, normalize="tokens")
    np.testing.assert_allclose(
        per_token * lengths, log_likelihood(tiny, PROMPT, FILMS), rtol=1e-12
    )


def test_pmi_is_the_gain_over_a_prompt_that_says_nothing(tiny):
    given = log_likelihood(tiny, PROMPT, FILMS, how="naive")
    for neutral in ("\n", "A film:"):
        nothing = log_likelihood(tiny, neutral, FILMS, how="naive")
        gains = pmi(tiny, PROMPT, FILMS, neutral=neutral)
        np.testing.assert_allclose(gains, given - nothing, atol=2e-4)
    assert (pmi(tiny, "\n", FILMS) == 0).all(), "the default is a line break"


def test_a_prompt_that_speaks_for_a_film_shows_in_pmi(causal):
    films = [" Paris", " Tokyo"]
    gains = pmi(causal, "The capital of Japan is", films)
    assert gains[1] > max(gains[0], 0)


def test_tokens_of_prompt_and_candidate_are_those_of_the_whole_text(causal):
    start, continuations = tokenize(causal, PROMPT, FILMS)
    for film, ids in zip(FILMS, continuations, strict=True):
        assert start + ids == causal.tokenizer.encode(PROMPT + film)


def test_equal_candidates_get_equal_scores(tiny):
    scores = log_likelihood(tiny, PROMPT, FILMS)
    assert scores[0] == pytest.approx(scores[5], abs=1e-5)


@pytest.mark.parametrize("how", WAYS)
def test_no_candidates_give_no_scores(tiny, how):
    assert log_likelihood(tiny, PROMPT, [], how=how).shape == (0,)


@pytest.mark.parametrize(
    ("prompt", "candidates", "message"),
    [
        (PROMPT, [" a", ""], r"candidates\[1\]: '' has no tokens"),
        (PROMPT, [" a", 7], r"candidates\[1\]: must be a string, got 7"),
        (PROMPT, [None], r"candidates\[0\]: must be a string, got None"),
        (PROMPT, " Alien", "candidates: must be a sequence of strings"),
        (PROMPT, None, "candidates: must be a sequence of strings"),
        ("A mov", ["ie"], r"candidates\[0\]: 'ie' melts into the prompt's end"),
        ("A film: ", ["Alien"], "begin the candidate with the space"),
        ("", [" Alien"], "prompt: must have at least one token"),
    ],
)
def test_bad_candidates_and_prompts_are_refused(tiny, prompt, candidates, message):
    with pytest.raises(ValueError, match=message):
        log_likelihood(tiny, prompt, candidates)


@pytest.mark.parametrize("how", WAYS)
def test_the_context_can_be_filled_but_not_overflowed(tiny, how):
    fits = "a" + " a" * 61
    assert np.isfinite(log_likelihood(tiny, fits, [" a a", " a"], how=how)).all()
    message = "62 tokens and a candidate of 3 need 65, the context has 64"
    with pytest.raises(ValueError, match=message):
        log_likelihood(tiny, fits, [" a a", " a a a"], how=how)


def test_unknown_choices_are_named(tiny):
    with pytest.raises(ValueError, match="how: must be one of"):
        log_likelihood(tiny, PROMPT, FILMS, how="fast")
    with pytest.raises(ValueError, match="normalize: must be None or 'tokens'"):
        log_likelihood(tiny, PROMPT, FILMS, normalize="words")
