"""The count model against its formula, spelled out, and against what it must obey."""

import numpy as np
import pytest

from recsys_ref.lm.ngram import NGram


def by_formula(ids, context, token, vocab_size):
    """Witten and Bell's rule by recursion over the raw stream."""
    if context is None:
        return 1 / vocab_size
    n = len(context)
    after = [
        ids[place]
        for place in range(max(n, 1), len(ids))
        if tuple(ids[place - n : place]) == context
    ]
    lower = by_formula(ids, context[1:] if n else None, token, vocab_size)
    if not after:
        return lower
    types = len(set(after))
    return (after.count(token) + types * lower) / (len(after) + types)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_chances_are_those_of_the_formula_and_sum_to_one(order):
    rng = np.random.default_rng(order)
    ids = rng.integers(0, 4, 60).tolist()
    model = NGram(order, vocab_size=6).fit(ids)
    for _ in range(20):
        context = tuple(rng.integers(0, 5, order - 1).tolist())
        chances = model.probabilities(context)
        expected = [by_formula(ids, context, token, 6) for token in range(6)]
        np.testing.assert_allclose(chances, expected, rtol=1e-12)
        assert chances.sum() == pytest.approx(1)
        assert (chances > 0).all()


def test_only_the_last_tokens_of_a_context_are_looked_at():
    model = NGram(order=2, vocab_size=3).fit([0, 1, 2, 0, 1, 0])
    np.testing.assert_array_equal(
        model.probabilities([2, 2, 1]), model.probabilities([1])
    )


def test_the_loss_is_the_mean_of_a_loop():
    rng = np.random.default_rng(0)
    ids, held = rng.integers(0, 5, (2, 40)).tolist()
    model = NGram(order=3, vocab_size=5).fit(ids)
    expected = [
        -np.log(by_formula(ids, tuple(held[max(p - 2, 0) : p]), held[p], 5))
        for p in range(1, 40)
    ]
    assert model.loss(held) == pytest.approx(np.mean(expected))


def test_a_stream_that_repeats_is_learned():
    model = NGram(order=2, vocab_size=3).fit([0, 1, 2] * 200)
    assert model.loss([0, 1, 2] * 5) < 0.02
    assert NGram(1, 3).fit([0, 1, 2] * 200).loss([0, 1, 2]) == pytest.approx(
        np.log(3), abs=0.01
    )


@pytest.mark.parametrize("ids", [[], [1], [0, 3], [-1, 0]])
def test_streams_without_a_next_token_or_with_unknown_ones_are_refused(ids):
    with pytest.raises(ValueError, match="ids: "):
        NGram(order=2, vocab_size=3).fit(ids)


@pytest.mark.parametrize("sizes", [(0, 3), (2, 0)])
def test_sizes_below_one_are_named(sizes):
    with pytest.raises(ValueError, match="must be at least 1, got 0"):
        NGram(*sizes)
