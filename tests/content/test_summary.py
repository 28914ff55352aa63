"""Map and reduce: every segment is read once, and every level is shorter."""

import pytest

from recsys_ref.content import summary
from recsys_ref.content.long_text import chunk
from recsys_ref.content.summary import PART, WHOLE, Summary, summarize
from recsys_ref.lm.chat import encode_prompt
from recsys_ref.lm.pretrained import load_encoder

TEXT = " ".join(f"Sentence {n} says that all is well." for n in range(60))


@pytest.fixture
def asked(monkeypatch):
    """Replace the model's answers by a script; collect what it is asked."""
    prompts = []

    def answer(model, prompt, *, max_tokens):
        prompts.append(prompt[0]["content"])
        return f"Note\n {len(prompts)} " + "of many words " * (max_tokens // 5)

    monkeypatch.setattr(summary, "generate", answer)
    return prompts


def test_segments_are_read_in_order_and_their_notes_after_them(causal, asked):
    made = summarize(causal, TEXT, size=200, answer_tokens=20)
    segments = chunk(causal, TEXT, size=200)
    assert asked[: len(segments)] == [PART.format(text=s) for s in segments]
    assert len(made.parts) == len(segments) > 2
    assert all("\n" not in part for part in made.parts)
    notes = chunk(causal, "\n".join(made.parts), size=200)
    assert asked[len(segments) :] == [WHOLE.format(text=n) for n in notes]
    assert made.levels == 2
    assert made.text.startswith(f"Note {len(asked)} ")


def test_levels_follow_until_one_segment_is_left(causal, asked):
    made = summarize(causal, TEXT * 6, size=80, answer_tokens=20)
    assert made.levels > 2
    assert made.text.startswith(f"Note {len(asked)} ")
    assert len(made.calls) == len(asked)


def test_what_was_read_and_written_is_counted(causal, asked):
    made = summarize(causal, TEXT, size=200, answer_tokens=20)
    read = [
        len(encode_prompt(causal.tokenizer, [{"role": "user", "content": prompt}]))
        for prompt in asked
    ]
    assert [count for count, _ in made.calls] == read
    assert made.read == sum(read)
    assert made.written == sum(written for _, written in made.calls) > 0


def test_a_text_that_fits_is_asked_about_once(causal, asked):
    made = summarize(causal, "  All is well. ", size=200, answer_tokens=20)
    assert asked == [PART.format(text="All is well.")]
    assert (made.levels, len(made.parts), made.text) == (1, 1, made.parts[0])


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_is_not_summarized(causal, asked, text):
    assert summarize(causal, text) == Summary("", (), (), 0)
    assert asked == []


def test_a_model_that_writes_nothing_leaves_nothing(causal, monkeypatch):
    monkeypatch.setattr(summary, "generate", lambda *_, **__: " \n")
    made = summarize(causal, TEXT, size=200, answer_tokens=20)
    assert (made.text, made.parts, made.levels) == ("", (), 1)
    assert made.written == 0 < made.read


def test_a_real_model_writes_a_short_text_and_the_same_one_again(causal):
    first, again = (
        summarize(causal, TEXT[:900], size=120, answer_tokens=12) for _ in range(2)
    )
    assert first == again
    assert first.text
    assert first.levels == 2
    assert all(written <= 12 for _, written in first.calls)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"answer_tokens": 0}, "answer_tokens: must be a whole number of at least 1"),
        ({"size": 99, "answer_tokens": 25}, "size: .* at least 100, got 99"),
        ({"size": 8190}, "size: 8190 tokens, part and 40 .* the context has 8192"),
        ({"part": "Summarize."}, r"part: must have a \{text\}"),
        ({"whole": ""}, r"whole: must have a \{text\}"),
    ],
)
def test_bad_input_is_refused_before_the_model_is_asked(
    causal, asked, options, message
):
    with pytest.raises(ValueError, match=message):
        summarize(causal, TEXT, **options)
    assert asked == []


def test_an_encoder_is_refused(causal):
    with pytest.raises(ValueError, match="no chat template"):
        summarize(load_encoder(), TEXT)
