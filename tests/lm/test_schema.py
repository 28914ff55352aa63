"""What a schema allows, read character by character."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.lm import constrain
from recsys_ref.lm.constrain import ending, read
from recsys_ref.lm.schema import compile_schema


def accepts(schema, text):
    rest = read(compile_schema(schema), text)
    return rest is not None and ending(rest) == ""


@given(low=st.integers(-120, 120), width=st.integers(0, 130))
def test_exactly_the_whole_numbers_of_a_range_are_accepted(low, width):
    schema = {"type": "integer", "minimum": low, "maximum": low + width}
    accepted = {n for n in range(-260, 261) if accepts(schema, str(n))}
    assert accepted == set(range(low, low + width + 1))
    assert not any(
        accepts(schema, text) for text in ("", "-", "007", "-0", "1.0", "+1")
    )


@given(low=st.integers(-150, 150), width=st.integers(0, 160))
def test_exactly_the_hundredths_of_a_range_are_accepted(low, width):
    schema = {"type": "number", "minimum": low / 100, "maximum": (low + width) / 100}
    accepted = {n for n in range(-320, 321) if accepts(schema, f"{n / 100:.2f}")}
    assert accepted == set(range(low, low + width + 1))
    assert not any(accepts(schema, text) for text in ("", "-", "1.", ".5", "01", "1e0"))


@given(
    low=st.integers(-(10**6), 10**6),
    width=st.integers(0, 10**6),
    kind=st.sampled_from(["integer", "number"]),
    typed=st.text("-.0123456789", max_size=6),
)
def test_what_was_begun_can_be_ended(low, width, kind, typed):
    schema = {"type": kind, "minimum": low, "maximum": low + width}
    rest = compile_schema(schema)
    for char in typed:
        rest = read(rest, char) or rest
    written = rest[0].written + ending(rest)
    jsonschema.validate(json.loads(written), schema)


def test_a_distinct_item_comes_once():
    items = {"type": "array", "items": {"enum": ["a", "ab"]}, "uniqueItems": True}
    assert accepts(items, "[]")
    assert accepts(items, '["ab", "a"]')
    assert not accepts(items, '["a", "a"]')
    assert not accepts(items, '["a", "ab", "a"]')
    assert not accepts(items, '["a",]')


def test_numbers_of_an_enum_may_begin_alike():
    array = {"type": "array", "items": {"enum": [1, 10, 100]}}
    assert accepts(array, "[1, 10, 100, 1]")
    assert not accepts(array, "[1000]")
    assert not accepts(array, "[1 0]")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (3, "schema: must be an object, got 3"),
        ({}, r"schema.type: must be one of .*, got None"),
        ({"type": ["string"]}, "schema.type: must be one of"),
        ({"type": "null"}, "schema.type: must be one of"),
        ({"type": "string", "pattern": "a"}, r"schema: knows no \['pattern'\]"),
        ({"type": "string", "minLength": 1}, r"schema: knows no \['minLength'\]"),
        ({"type": "string", "maxLength": -1}, "maxLength: must be a whole number"),
        (
            {"type": "integer", "minimum": 1},
            "maximum: must be a finite number, got None",
        ),
        (
            {"type": "number", "minimum": 0, "maximum": float("inf")},
            "schema.maximum: must be a finite number",
        ),
        (
            {"type": "integer", "minimum": 0.1, "maximum": 0.9},
            "nothing with 0 decimals lies between 0.1 and 0.9",
        ),
        ({"enum": []}, "schema.enum: must be a list of values"),
        ({"enum": [[1]]}, r"schema.enum: \[1\] is no scalar"),
        ({"enum": [float("nan")]}, "schema.enum: nan is no scalar"),
        ({"type": "string", "enum": [1]}, "schema.enum: 1 is no string"),
        ({"type": "integer", "enum": [True]}, "schema.enum: True is no integer"),
        ({"type": "array"}, "schema.items: must be given"),
        (
            {"type": "array", "items": {"enum": ["a"]}, "minItems": 2, "maxItems": 1},
            "schema.minItems: 2 items cannot be had, at most 1",
        ),
        (
            {
                "type": "array",
                "items": {"enum": ["a"]},
                "minItems": 2,
                "uniqueItems": True,
            },
            "schema.minItems: 2 items cannot be had, at most 1",
        ),
        (
            {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
            "schema.uniqueItems: needs items of an enum of strings",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "x"}}},
            "schema.a.type: must be one of",
        ),
        ({"type": "object", "required": ["b"]}, "schema.required: not among"),
        ({"type": "object", "properties": []}, "schema.properties: must be an object"),
    ],
)
def test_a_schema_outside_the_subset_is_refused(schema, message):
    with pytest.raises(ValueError, match=message):
        compile_schema(schema)


STATES = [
    ({"type": "string", "maxLength": 5}, '"'),
    ({"type": "string", "maxLength": 5}, '"abcde'),
    ({"type": "array", "items": {"type": "string", "maxLength": 2}}, '["a'),
    ({"type": "array", "items": {"enum": ["drama", "dry"]}}, "["),
    ({"type": "array", "items": {"enum": ["drama", "dry"]}}, '["dr'),
    ({"type": "integer", "minimum": -5, "maximum": 120}, ""),
]


@pytest.fixture(scope="module")
def vocabulary(causal):
    return constrain.vocabulary(causal.tokenizer)


@pytest.mark.parametrize(("schema", "written"), STATES)
def test_the_allowed_tokens_are_those_whose_text_can_be_read(
    vocabulary, schema, written
):
    rest = read(compile_schema(schema), written)
    allowed = vocabulary.allowed(rest)
    expected = [
        token
        for token, text in enumerate(vocabulary.texts)
        if text and read(rest, text) is not None
    ]
    assert sorted(allowed.tolist()) == expected
    assert expected


def test_the_texts_of_tokens_join_to_what_was_encoded(vocabulary, causal):
    text = " The  Good, the\nBad and 'the' {Ugly}"
    ids = causal.tokenizer.encode(text)
    assert "".join(vocabulary.texts[token] for token in ids) == text
    control = causal.tokenizer.get_added_vocab().values()
    assert not any(vocabulary.texts[token] for token in control)
