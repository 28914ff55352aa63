"""The checks of the exercises on GPT-2 from scratch."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from recsys_ref.check import gpt2_from_scratch as check
from recsys_ref.lm.ngram import NGram

UNITS = [3, 8, math.log(8) / 4]
LINES = ["Alien (1979): Horror", "Aliens (1986): Action", "Toys (1992): Drama"] * 3


def most_surprising():
    """Smoothed counts by hand: the title with the highest mean surprise."""
    stream = (". " + " . ".join(check.TITLES) + " .").split()
    once, pairs = Counter(stream[1:]), Counter(pairwise(stream))
    n, k = len(stream) - 1, len(once)
    n += 1  # the first sign counts as well
    once["."] += 1

    def surprise(title):
        signs = [".", *title.split(), "."]
        chances = []
        for before, after in pairwise(signs):
            follows = {b: c for (a, b), c in pairs.items() if a == before}
            plain = (once[after] + k / 6) / (n + k)
            total, kinds = sum(follows.values()), len(follows)
            chances.append((follows.get(after, 0) + kinds * plain) / (total + kinds))
        return -np.mean(np.log(chances))

    return max(check.TITLES, key=surprise)


def test_units_by_hand():
    assert check.units(UNITS, most_surprising())
    assert check.units(np.array(UNITS), most_surprising().upper())


@pytest.mark.parametrize(
    ("place", "value", "word"),
    [
        (0, math.log(8) * math.log(2), "nat"),
        (1, math.log(8), "exponential"),
        (1, math.exp(3), "base"),
        (2, 0.75, "bits per byte"),
        (2, 4 * math.log(8), "shared"),
        (0, 17, "doublings"),
    ],
)
def test_units_says_what_is_wrong(place, value, word):
    numbers = [*UNITS]
    numbers[place] = value
    verdict = check.units(numbers, most_surprising())
    assert not verdict
    assert word in verdict.message


def test_units_looks_at_the_title_last():
    assert "surprise" in check.units(UNITS, "alien").message
    assert "none of the choices" in check.units(UNITS, "aliens").message
    wrong = [title for title in check.TITLES if title != most_surprising()]
    assert not any(check.units(UNITS, title) for title in wrong)


def byte_trigram(train, held):
    """Nats per byte of a trigram of bytes: a vocabulary without a merge."""
    from recsys_ref.lm.tokenizer import ByteBPE

    tokenizer = ByteBPE.train(train, vocab_size=257)
    train, held = (
        [t for x in part for t in [*tokenizer.encode(x), tokenizer.end_of_text]]
        for part in (train, held)
    )
    assert len(held) == sum(len(x.encode()) + 1 for x in LINES[:2])
    return NGram(3, 257).fit(train).loss(held)


def test_vocabulary_of_bytes_alone_needs_no_conversion():
    losses, tokens = zip(
        *[check._trigram(size, LINES, LINES[:2]) for size in check.SIZES], strict=True
    )
    n_bytes = sum(len(line.encode()) + 1 for line in LINES[:2])
    right = [a * b / n_bytes for a, b in zip(losses, tokens, strict=True)]
    assert np.isclose(right[0], byte_trigram(LINES, LINES[:2]))
    assert check.vocabulary(right, LINES, LINES[:2])
    for wrong, word in (
        (losses, "per token"),
        (np.divide(right, math.log(2)), "bits"),
        (np.multiply(right, n_bytes / (n_bytes - 2)), "end of each line"),
        ([9, 9, 9], "Multiply"),
    ):
        verdict = check.vocabulary(wrong, LINES, LINES[:2])
        assert not verdict
        assert word in verdict.message


# Keys and values of 12 blocks, 1,024 tokens and width 768; 124,439,808 parameters.
NUMBERS = 2 * 12 * 1024 * 768


def test_memory_by_hand():
    assert check.memory(NUMBERS * 4 / 2**20, math.ceil(124_439_808 / NUMBERS))


@pytest.mark.parametrize(
    ("mib", "sequences", "word"),
    [
        (NUMBERS * 2 / 2**20, 7, "keys and values"),
        (NUMBERS * 4 / 2**20 / 12, 7, "Each block"),
        (NUMBERS * 4 / 1e6, 7, "mebibyte"),
        (NUMBERS / 2**20, 7, "four bytes"),
        (NUMBERS * 4 / 2**20 / 1024, 7, "one token"),
        (NUMBERS * 4 / 2**20, 6, "*more*"),
        (NUMBERS * 4 / 2**20, 124_439_808 / NUMBERS, "whole"),
        (NUMBERS * 4 / 2**20, 100, "Divide"),
    ],
)
def test_memory_says_what_is_wrong(mib, sequences, word):
    verdict = check.memory(mib, sequences)
    assert not verdict
    assert word in verdict.message
    assert not {"72", "7"} & set(verdict.message.split())


def test_mix_is_the_loss_of_the_mean_chance():
    a, b = np.array([0.5, 0.1, 0.2]), np.array([0.1, 0.3, 0.6])
    right = -sum(math.log((x + y) / 2) for x, y in zip(a, b, strict=True)) / 3
    assert check.mix(right, a, b)
    for wrong, word in (
        (-(np.log(a).mean() + np.log(b).mean()) / 2, "two losses"),
        (-math.log((a + b).mean() / 2), "mean last"),
        (right / math.log(2), "bits"),
        (-right, "negative"),
        (-np.log(a).mean(), "network"),
        (-np.log(b).mean(), "trigram"),
        (0.0, "mean surprise"),
    ):
        verdict = check.mix(wrong, a, b)
        assert not verdict
        assert word in verdict.message
        assert f"{right:.2f}" not in verdict.message


@pytest.mark.parametrize("answer", ["garbage", [[1, 2], [3]], {}, [1.0] * 5])
def test_garbage_is_refused(answer):
    half = np.array([0.5, 0.25])
    for verdict in (
        check.units(answer, "alien"),
        check.vocabulary(answer, LINES, LINES[:2]),
        check.memory(answer, 1),
        check.memory(NUMBERS * 4 / 2**20, answer),
        check.mix(answer, half, half),
    ):
        assert not verdict
        assert "The answer should be" in verdict.message
