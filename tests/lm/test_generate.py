"""What is written is what was asked for, from a model that knows nothing."""

import itertools
import json
from collections import Counter

import jsonschema
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from recsys_ref.lm.chat import encode_prompt
from recsys_ref.lm.generate import Sampler, choose, generate, generate_json
from recsys_ref.lm.scoring import tokenize
from recsys_ref.lm.text_model import TextModel

CHAT = [{"role": "user", "content": "Name a film."}]


@pytest.fixture(scope="module")
def tiny(causal, device):
    """A random network: no fluent luck makes its JSON valid."""
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=400,
    )
    with torch.random.fork_rng():
        torch.manual_seed(4)
        model = LlamaForCausalLM(config).eval()
        torch.nn.init.normal_(model.lm_head.weight, std=1.5)
    place = torch.device(device)
    return TextModel("tiny", causal.tokenizer, model.to(place), place, 400)


def logits_after(model, ids):
    with torch.inference_mode():
        whole = torch.tensor([ids], device=model.device)
        return model.model(whole).logits[0, -1].cpu()


@pytest.mark.parametrize("prompt", ["Once upon", CHAT])
def test_greedy_text_is_that_of_transformers(causal, prompt):
    ids = encode_prompt(causal.tokenizer, prompt)
    with torch.inference_mode():
        whole = causal.model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids)),
            max_new_tokens=12,
            do_sample=False,
        )
    theirs = causal.tokenizer.decode(whole[0, len(ids) :], skip_special_tokens=True)
    assert generate(causal, prompt, max_tokens=12) == theirs


def test_greedy_tokens_are_the_likeliest_of_a_plain_loop(tiny):
    ids = encode_prompt(tiny.tokenizer, "Once")
    start = len(ids)
    for _ in range(6):
        ids.append(int(logits_after(tiny, ids).argmax()))
    assert generate(tiny, "Once", max_tokens=6) == tiny.tokenizer.decode(
        ids[start:]
    ).rstrip("\ufffd")


def test_text_ends_before_the_first_stop(causal):
    counting = "One, two, three, four,"
    assert (
        generate(causal, counting, max_tokens=8, stop=["x", " six", "en"]) == " five,"
    )
    assert generate(causal, counting, max_tokens=8, stop=["fiv"]) == " "


def test_a_control_token_ends_the_text_and_is_not_in_it(tiny, monkeypatch):
    script = iter([31, 32, 2, 33])  # 2 is <|im_end|>
    monkeypatch.setattr(Sampler, "draw", lambda *_: next(script))
    assert generate(tiny, "a", max_tokens=9) == tiny.tokenizer.decode([31, 32])
    assert next(script) == 33


def test_a_character_that_is_not_finished_is_left_out(tiny, monkeypatch):
    first, *rest = tiny.tokenizer.encode("🎬")
    script = iter([31, first, 31, first, *rest])
    monkeypatch.setattr(Sampler, "draw", lambda *_: next(script))
    start = tiny.tokenizer.decode([31])
    assert generate(tiny, "a", max_tokens=2) == start
    assert generate(tiny, "a", max_tokens=2 + len(rest)) == start + "🎬"


def test_one_seed_gives_one_text_and_others_give_others(tiny):
    def write(rng):
        return generate(tiny, "a", max_tokens=5, temperature=1.0, rng=rng)

    assert write(1) == write(1) != write(2)
    assert write(np.random.default_rng(5)) == write(np.random.default_rng(5))
    state = torch.random.get_rng_state()
    write(3)
    assert torch.equal(state, torch.random.get_rng_state()), "the global seed moved"


def test_the_distribution_drawn_from_is_that_of_a_plain_loop():
    logits = torch.tensor([1.0, 3.0, 2.0, 0.0, 2.5])
    for temperature, top_k, top_p in itertools.product(
        (0.5, 1.0, 2.0), (None, 1, 3, 9), (0.1, 0.6, 0.9, 1.0)
    ):
        left = {i: np.exp(float(x) / temperature) for i, x in enumerate(logits)}
        order = sorted(left, key=lambda i: -left[i])[:top_k]
        total, kept, reached = sum(left[i] for i in order), [], 0.0
        for i in order:
            if kept and reached >= top_p:
                break
            kept.append(i)
            reached += left[i] / total
        share = sum(left[i] for i in kept)
        expected = [left[i] / share if i in kept else 0 for i in range(5)]
        sampler = Sampler(temperature=temperature, top_k=top_k, top_p=top_p)
        np.testing.assert_allclose(sampler.probabilities(logits), expected, atol=1e-12)


def test_draws_follow_the_distribution():
    sampler = Sampler(temperature=1.0, top_k=2, rng=0)
    logits = torch.tensor([0.0, np.log(3.0), -9.0])
    drawn = Counter(sampler.draw(logits) for _ in range(2000))
    assert set(drawn) == {0, 1}
    assert drawn[1] / 2000 == pytest.approx(0.75, abs=0.04)


FILMS = [" Alien", " Alien 3", " Toy Story", " Toy Story 2", " Toys", " Heat"]


def trie_probabilities(model, prompt, candidates):
    """Multiply along each candidate what its tokens have among those allowed."""
    start, continuations = tokenize(model, prompt, candidates)
    found = []
    for ids in continuations:
        product = 1.0
        for place in range(len(ids) + 1):
            before = ids[:place]
            others = [c for c in continuations if c[:place] == before]
            allowed = sorted({c[place] for c in others if len(c) > place})
            p = logits_after(model, start + before).double().softmax(0)
            mass = {token: float(p[token]) for token in allowed}
            if before in continuations:
                mass[None] = 1 - sum(mass.values())
            product *= mass[ids[place] if place < len(ids) else None] / sum(
                mass.values()
            )
        found.append(product)
    return found


def test_candidates_are_drawn_as_often_as_their_tokens_say(tiny):
    expected = trie_probabilities(tiny, "I like", FILMS)
    assert sum(expected) == pytest.approx(1, abs=1e-9)
    rng, n = np.random.default_rng(1), 300
    drawn = Counter(
        choose(tiny, "I like", FILMS, temperature=1.0, rng=rng) for _ in range(n)
    )
    assert set(drawn) <= set(FILMS)
    for film, p in zip(FILMS, expected, strict=True):
        assert drawn[film] / n == pytest.approx(
            p, abs=4 * np.sqrt(p * (1 - p) / n) + 1e-3
        )


def test_greedy_choice_follows_the_likeliest_allowed_token(causal):
    films = [" Berlin", " Paris", " Paris Hilton", " banana"]
    assert choose(causal, "The capital of France is", films) == " Paris"
    assert choose(causal, CHAT, ["Alien", "xqz"]) == "Alien"


def test_doubles_count_once_and_a_single_candidate_is_chosen(tiny):
    films = [" Heat", " Heat", " Heat"]
    assert choose(tiny, "I like", films, temperature=1.0) == " Heat"


def test_nothing_to_choose_from_is_refused(tiny):
    with pytest.raises(ValueError, match="candidates: must have at least one text"):
        choose(tiny, "I like", [])
    with pytest.raises(ValueError, match=r"candidates\[1\]: '' has no tokens"):
        choose(tiny, "I like", [" a", ""])


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
bounds = st.tuples(st.integers(-300, 300), st.integers(0, 300)).map(
    lambda pair: {"minimum": pair[0], "maximum": pair[0] + pair[1]}
)
hundredths = bounds.map(lambda b: {key: value / 100 for key, value in b.items()})
choices = st.lists(texts, min_size=1, max_size=4, unique=True)
leaves = st.one_of(
    st.builds(lambda n: {"type": "string", "maxLength": n}, st.integers(0, 12)),
    st.builds(lambda values: {"enum": values}, choices),
    st.builds(
        lambda values: {"enum": values},
        st.lists(st.sampled_from([1, 10, 100, None, True, 2.5, "a"]), min_size=1),
    ),
    st.just({"type": "boolean"}),
    bounds.map(lambda b: {"type": "integer", **b}),
    st.one_of(bounds, hundredths).map(lambda b: {"type": "number", **b}),
)


def arrays(items):
    return st.builds(
        lambda item, least, more: {
            "type": "array", "items": item, "minItems": least, "maxItems": least + more
        },
        items, st.integers(0, 2), st.integers(0, 2),
    )  # fmt: skip


distinct = st.builds(
    lambda values, least: {
        "type": "array",
        "items": {"type": "string", "enum": values},
        "minItems": min(least, len(values)),
        "uniqueItems": True,
    },
    choices,
    st.integers(0, 3),
)


def objects(values):
    return st.dictionaries(texts, values, max_size=3).map(
        lambda properties: {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    )


schemas = objects(st.one_of(leaves, distinct, arrays(leaves), objects(leaves)))


@settings(max_examples=150)
@given(
    schema=schemas,
    temperature=st.sampled_from([0.0, 1.0]),
    room=st.integers(0, 25),
    seed=st.integers(0, 9),
)
def test_whatever_the_model_prefers_the_object_satisfies_the_schema(
    tiny, schema, temperature, room, seed
):
    def write(max_tokens):
        return generate_json(
            tiny, "a", schema, max_tokens=max_tokens, temperature=temperature, rng=seed
        )

    try:
        value = write(1)
    except ValueError as error:
        least = int(str(error).split("at least ")[1].split(",")[0])
        value = write(least + room)  # the tokens that it says suffice, suffice
    jsonschema.validate(value, schema)
    assert list(value) == list(schema["properties"])


def test_a_real_model_fills_a_profile(causal):
    genres = ["action", "comedy", "romance", "science fiction"]
    liked = {"type": "array", "items": {"enum": genres}, "uniqueItems": True}
    schema = {
        "type": "object",
        "properties": {
            "likes": {**liked, "minItems": 1, "maxItems": 2},
            "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        },
    }
    value = generate_json(causal, CHAT, schema, max_tokens=40)
    jsonschema.validate(value, schema)
    assert value["likes"]


def test_the_unforced_choice_is_the_models_own(causal):
    """Where the schema leaves a choice, probability decides."""
    schema = {"type": "object", "properties": {"city": {"enum": ["Paris", "Tokyo"]}}}
    for country, city in (("Japan", "Tokyo"), ("France", "Paris")):
        prompt = f"The capital of {country} as JSON: "
        assert generate_json(causal, prompt, schema) == {"city": city}


def test_a_prompt_that_does_not_fit_is_refused(tiny):
    with pytest.raises(ValueError, match="need 402, the context has 400"):
        generate(tiny, "a", max_tokens=401)
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    with pytest.raises(ValueError, match="need 402, the context has 400"):
        generate_json(tiny, "a", schema, max_tokens=401)
    with pytest.raises(ValueError, match="max_tokens: must be at least"):
        generate_json(tiny, "a", schema, max_tokens=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_tokens": 0}, "max_tokens: must be a whole number from 1, got 0"),
        ({"max_tokens": 2.5}, "max_tokens: must be a whole number from 1, got 2.5"),
        ({"temperature": -1}, "temperature: must be finite and from 0"),
        ({"temperature": float("nan")}, "temperature: must be finite and from 0"),
        ({"top_p": 0}, r"top_p: must be in \(0, 1\]"),
        ({"top_k": 0}, "top_k: must be a whole number from 1"),
        ({"stop": "abc"}, "stop: must be texts"),
        ({"stop": [""]}, "stop: must be texts that are not empty"),
    ],
)
def test_options_out_of_range_are_refused(tiny, options, message):
    with pytest.raises(ValueError, match=message):
        generate(tiny, "a", **options)


def test_a_json_text_is_what_json_dumps_writes(tiny):
    """Keys and values that need escapes come back as they were."""
    odd = 'q"\\\n\u2028é🎬<|im_end|>'
    schema = {"type": "object", "properties": {odd: {"enum": [odd]}}}
    assert generate_json(tiny, "a", schema) == {odd: odd}
    assert json.loads(json.dumps({odd: odd})) == {odd: odd}
