"""Windows of a text: they fit, they are in order, and nothing is lost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_ref.content.long_text import chunk, truncate
from recsys_ref.lm.encode import count_tokens, encode

PROSE = "It rained. " + " ".join(f"Word {n} is said, and no more." for n in range(90))
LINES = "\n".join(
    f"Film {n} ({1950 + n}): Drama, War, rated {n % 5}" for n in range(40)
)
GIANT = "abcdefghij" * 40


@pytest.fixture(scope="module")
def models(encoder, causal):
    return {"encoder": encoder, "causal": causal}


@pytest.fixture(scope="module", params=["encoder", "causal"])
def model(request, models):
    return models[request.param]


def greedy(model, units, joined, size):
    """Fill windows with whole units, counting the tokens of each try."""
    windows, now = [], []
    for unit in units:
        if count_tokens(model, [joined.join([*now, unit])])[0] > size:
            windows.append(joined.join(now))
            now = []
        now.append(unit)
    return [*windows, joined.join(now)]


@pytest.mark.parametrize("size", [20, 64, 200])
def test_words_fill_windows_as_a_plain_loop_fills_them(models, size):
    words = " ".join(f"word{n}" for n in range(120)).split()
    ours = chunk(models["encoder"], " ".join(words), size=size)
    assert ours == greedy(models["encoder"], words, " ", size)


@pytest.mark.parametrize("size", [40, 64, 200])
def test_lines_are_kept_whole_as_a_plain_loop_keeps_them(models, size):
    ours = chunk(models["encoder"], LINES, size=size)
    assert ours == greedy(models["encoder"], LINES.split("\n"), "\n", size)


@pytest.mark.parametrize("text", [PROSE, LINES, f"{PROSE}\n\n{GIANT}. {LINES}"])
@pytest.mark.parametrize("size", [12, 50, 256])
def test_windows_fit_and_together_are_the_text(model, text, size):
    windows = chunk(model, text, size=size)
    assert (count_tokens(model, windows) <= size).all()
    assert "".join("".join(windows).split()) == "".join(text.split())
    at = 0
    for window in windows:  # each is a stretch of the text, after the one before
        at = text.index(window, at) + len(window)


@pytest.mark.parametrize("overlap", [1, 10, 60])
def test_overlap_repeats_at_most_so_many_tokens_from_the_window_before(model, overlap):
    windows = chunk(model, PROSE, size=64, overlap=overlap)
    assert (count_tokens(model, windows) <= 64).all()
    assert sum(map(len, windows)) > sum(map(len, chunk(model, PROSE, size=64)))
    for before, after in pairwise(windows):
        shared = max(
            n for n in range(min(len(before), len(after)) + 1)
            if before.endswith(after[:n])
        )  # fmt: skip
        assert shared or overlap == 1
        if shared:
            repeated = count_tokens(model, [after[:shared]])[0]
            assert repeated <= overlap + 2  # and what the model adds


def test_a_window_ends_with_a_line_if_one_ends_in_its_second_half(models):
    encoder = models["encoder"]
    assert chunk(encoder, "a b c d\ne f g", size=8) == ["a b c d", "e f g"]
    assert chunk(encoder, "a\nb c d e f g h i", size=8) == ["a\nb c d e f", "g h i"]


@pytest.mark.parametrize("text", ["", "  ", "\n\t\n", "\u200b\x00"])
def test_a_text_that_says_nothing_has_no_windows(models, text):
    assert chunk(models["encoder"], text) == []
    for keep in ("start", "end", "random"):
        assert truncate(models["encoder"], text, keep=keep).strip("\u200b\x00") == ""


def test_a_text_that_fits_is_its_only_window(model):
    assert chunk(model, "  Toy Story\n", size=12) == ["Toy Story"]
    for keep in ("start", "end", "random"):
        assert truncate(model, "  Toy Story\n", size=12, keep=keep) == "Toy Story"


def test_a_giant_word_is_cut_between_tokens_where_the_model_sees_tokens(models):
    windows = chunk(models["causal"], GIANT, size=16)
    assert len(windows) > 1
    assert "".join(windows) == GIANT
    # To WordPiece a word of over 100 letters is one unknown token, so it fits.
    assert chunk(models["encoder"], GIANT, size=16) == [GIANT]
    encode(models["encoder"], [GIANT], cache=False)


def test_a_character_of_many_tokens_is_not_torn(models):
    causal, text = models["causal"], "🜁🜂🜃🜄" * 5
    assert count_tokens(causal, ["🜁"])[0] > 1
    windows = chunk(causal, text, size=9)
    assert "".join(windows) == text
    assert (count_tokens(causal, windows) <= 9).all()
    with pytest.raises(ValueError, match="size: 1 is too small for '🜁' alone"):
        chunk(causal, text, size=1)


def test_control_tokens_in_a_text_are_plain_text(model):
    text = "[SEP] <|im_start|> " * 40
    windows = chunk(model, text, size=30)
    assert (count_tokens(model, windows) <= 30).all()
    assert " ".join(windows).split() == text.split()


@pytest.mark.parametrize("size", [9, 40, 256])
def test_start_and_end_are_windows_at_the_ends(model, size):
    for text in (PROSE, LINES):
        start = truncate(model, text, size=size)
        end = truncate(model, text, size=size, keep="end")
        assert start == chunk(model, text, size=size)[0]
        assert text.startswith(start)
        assert text.endswith(end)
        counts = count_tokens(model, [start, end])
        assert (counts <= size).all()
        assert (counts >= size // 2 - 2).all()


def test_the_last_lines_are_kept_whole(models):
    end = truncate(models["encoder"], LINES, size=64, keep="end")
    assert LINES.split("\n")[-end.count("\n") - 1 :] == end.split("\n")


def test_random_windows_come_from_the_seed_and_from_everywhere(models):
    encoder = models["encoder"]
    words = " ".join(f"w{n}" for n in range(100))
    draws = [
        truncate(encoder, words, size=12, keep="random", rng=seed) for seed in range(99)
    ]
    assert draws[3] == truncate(encoder, words, size=12, keep="random", rng=3)
    begins = np.array([words.index(draw.split()[0] + " ") for draw in draws])
    assert begins.min() < 60
    assert begins.max() > 300
    assert (count_tokens(encoder, draws) <= 12).all()


@settings(max_examples=60)
@given(text=st.text(max_size=80), size=st.integers(8, 20), overlap=st.integers(0, 5))
def test_any_text_is_cut_so_that_it_fits(models, text, size, overlap):
    for model in models.values():
        windows = chunk(model, text, size=size, overlap=overlap)
        if windows:
            assert (count_tokens(model, windows) <= size).all()
        assert all(window in text for window in windows)
        for keep in ("start", "end", "random"):
            kept = truncate(model, text, size=size, keep=keep)
            assert kept in text
            assert not kept or count_tokens(model, [kept])[0] <= size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 2}, "size: must be a whole number of at least 3, got 2"),
        ({"size": 0}, "size: must be a whole number of at least 3, got 0"),
        ({"size": 2.5}, "size: must be a whole number"),
        ({"size": 257}, "size: must be at most 256, the context of"),
        ({"size": 10, "overlap": 8}, "overlap: must be below 8, .* 10, got 8"),
        ({"size": 10, "overlap": 30}, "overlap: must be below 8"),
        ({"overlap": -1}, "overlap: must be a whole number of at least 0"),
    ],
)
def test_bad_numbers_are_refused(models, options, message):
    with pytest.raises(ValueError, match=message):
        chunk(models["encoder"], PROSE, **options)


def test_what_is_no_text_is_refused(models):
    with pytest.raises(ValueError, match="text: must be a string, got int"):
        chunk(models["encoder"], 7)
    with pytest.raises(ValueError, match="half a surrogate pair"):
        chunk(models["encoder"], "a \ud800 b")
    with pytest.raises(ValueError, match="keep: must be one of"):
        truncate(models["encoder"], "a", keep="middle")
