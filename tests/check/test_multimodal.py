"""The checks of chapter 8.3 let the right answer pass and name typical mistakes."""

import math

import numpy as np
import pytest

from recsys_ref.check import multimodal as check


def _says(verdict, words, *secrets):
    assert not verdict
    assert words in verdict.message
    for secret in secrets:
        assert secret not in verdict.message


def test_alike_agrees_with_a_plain_calculation():
    near = [1.0, math.exp(-0.5), math.exp(-2.0)]
    early, late = near[0] * near[1] * near[2], sum(near)
    assert check.alike(early, late)
    assert check.alike(round(early, 2), round(late, 2))
    for answer, words in (
        ((math.exp(-5), 1 + math.exp(-1) + math.exp(-4)), "a half"),
        ((math.exp(-1.5), 1 + math.exp(-0.5) + math.exp(-1)), "squared"),
        ((late, early), "multiplies"),
        ((early, late / 3), "no mean"),
        ((late, late), "alike in everything"),
        ((3, 3), "Each distance"),
        (("near", "far"), "shape (2,)"),
        (([1], None), "shape (2,)"),
    ):
        _says(check.alike(*answer), words, f"{early:.3f}", f"{late:.2f}")


def _scaled_up(scores, present, weights):
    """One film and one modality after the other."""
    fused = np.zeros(scores.shape[1:])
    for film, has in enumerate(present):
        left = sum(w for w, there in zip(weights, has, strict=True) if there)
        for part, w, there in zip(scores, weights, has, strict=True):
            if there:
                fused[:, film] += w * part[:, film] * sum(weights) / left
    return fused


def _abstains(scores, present, weights):
    return np.tensordot(weights, scores, axes=1)


def _divides(scores, present, weights):
    return _abstains(scores, present, weights) / (present @ weights)


def test_zero_lets_a_plain_loop_pass():
    assert check.zero(_scaled_up)
    quiet = check.zero(
        lambda s, p, w: _abstains(s, p, w) / np.where(p.any(axis=1), p @ w, 1) * w.sum()
    )
    assert quiet


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_abstains, "Whose weight is free"),
        (lambda s, p, w: _abstains(s, p, w) / p.mean(), "Whose weight is free"),
        (lambda s, p, w: s.mean(axis=0), "late fusion, with these weights"),
        (lambda s, p, w: _scaled_up(s, p, w)[0], "shape (1, 2)"),
        (lambda s, p, w: None, "return"),
        (lambda s: s, "TypeError"),
        (_abstains(np.ones((2, 1, 1)), None, [1, 1]), "function itself"),
        ("scaled_up", "function itself"),
    ],
)
def test_zero_hints(function, words):
    _says(check.zero(function), words)


def test_zero_names_the_film_of_which_nothing_is_known():
    with np.errstate(all="ignore"):
        _says(check.zero(_divides), "Nothing is known of one film")


def test_gate_counts_on_the_exam():
    right, useful, fixed = check._gates()
    # Which part a user heeds cannot be known: the better part for half of them.
    parts = np.random.default_rng(2).normal(size=(2, 40, 20)).astype(np.float32)
    heeded = parts[np.arange(40) % 2, np.arange(40)]
    top = heeded >= np.sort(heeded, axis=1)[:, [-2]]
    either = [top[np.arange(40), part.argmax(axis=1)].mean() for part in parts]
    assert useful > 0.9
    assert min(either) - 0.2 < right < fixed + 0.05
    assert check.gate(right)
    assert check.gate(right + 0.025)
    for answer, words in (
        (useful, "which kind"),
        (fixed, "best fixed"),
        (0.1, "on the lesson"),
        ("worse", "single number"),
        ([right, right], "single number"),
        (None, "on the lesson"),
    ):
        _says(check.gate(answer), words, f"{right:.2f}", f"{right:.3f}")


def test_twice_agrees_with_counting_what_the_looks_tell():
    items = check.load_movielens_100k().items
    looks = [check.planted_looks(items.genres, strength=1.0, rng=rng) for rng in (0, 1)]
    told = {name: np.zeros(items.genres.shape) for name in ("poster", "independent")}
    rows = np.arange(len(items))
    told["poster"][rows, looks[0]] = 1
    told["independent"][rows, looks[0]] = told["independent"][rows, looks[1]] = 1
    known = {name: (items.genres * hits).sum() for name, hits in told.items()}
    assert known["independent"] > known["poster"] * 1.1
    assert check.twice("independent")
    assert check.twice(" Independent ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [("poster", "Two sources"), ("same look", "does not"),
     ("sound", "none of the choices"), (3, "should be"), (None, "should be"),
     (["poster"], "should be")],
)  # fmt: skip
def test_twice_hints(answer, words):
    _says(check.twice(answer), words)
