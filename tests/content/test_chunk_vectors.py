"""Many windows, one vector: against plain loops, and where nothing can be told."""

import numpy as np
import pytest

from recsys_ref.content.chunk_vectors import ChunkVectors, encode_chunks, pool_chunks
from recsys_ref.content.long_text import chunk
from recsys_ref.lm.encode import count_tokens, encode

RNG = np.random.default_rng(3)
WINDOWS, QUERY = RNG.normal(size=(5, 4)), RNG.normal(size=4)
LENGTHS = np.array([10, 1, 0, 7, 3])


def loop_pool(how, temperature=0.1):
    """The same in plain Python."""
    total, result = 0.0, [0.0] * 4
    for window, length in zip(WINDOWS, LENGTHS, strict=True):
        norms = np.sqrt(sum(window**2)) * np.sqrt(sum(QUERY**2))
        weight = {
            "mean": 1.0,
            "length": float(length),
            "similar": float(np.exp(sum(window * QUERY) / norms / temperature)),
        }[how]
        total += weight
        result = [r + weight * x for r, x in zip(result, window, strict=True)]
    return [r / total for r in result]


@pytest.mark.parametrize("how", ["mean", "length", "similar"])
def test_pooling_is_a_weighted_mean_as_a_plain_loop_makes_it(how):
    ours = pool_chunks(WINDOWS, how, lengths=LENGTHS, query=QUERY)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, loop_pool(how), rtol=1e-5, atol=1e-6)


def test_max_is_the_largest_of_each_coordinate():
    ours = pool_chunks(WINDOWS, "max")
    largest = [max(w[d] for w in WINDOWS) for d in range(4)]
    np.testing.assert_allclose(ours, largest, rtol=1e-6)


def test_temperature_leads_from_the_best_window_to_the_mean():
    cosine = WINDOWS @ QUERY / np.linalg.norm(WINDOWS, axis=1)
    cold = pool_chunks(WINDOWS, "similar", query=QUERY, temperature=1e-4)
    np.testing.assert_allclose(cold, WINDOWS[cosine.argmax()], rtol=1e-5)
    hot = pool_chunks(WINDOWS, "similar", query=QUERY, temperature=1e6)
    np.testing.assert_allclose(hot, WINDOWS.mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("how", ["mean", "max", "length", "similar"])
def test_constant_windows_give_that_vector(how):
    same = np.tile([1.0, -2.0, 0.5, 0.0], (6, 1))
    ours = pool_chunks(same, how, lengths=np.arange(6), query=QUERY)
    np.testing.assert_allclose(ours, same[0], rtol=1e-6)


@pytest.mark.parametrize("how", ["mean", "max", "length", "similar"])
def test_no_windows_give_zeros(how):
    none = np.empty((0, 4), dtype=np.float32)
    ours = pool_chunks(none, how, lengths=np.empty(0), query=QUERY)
    assert ours.tolist() == [0.0] * 4


def test_what_tells_nothing_counts_all_alike():
    mean = WINDOWS.mean(axis=0)
    zeros = pool_chunks(WINDOWS, "similar", query=np.zeros(4))
    np.testing.assert_allclose(zeros, mean, rtol=1e-5)
    empty = pool_chunks(WINDOWS, "length", lengths=np.zeros(5))
    np.testing.assert_allclose(empty, mean, rtol=1e-5)


@pytest.mark.parametrize(
    ("how", "options", "message"),
    [
        ("median", {}, "how: must be one of"),
        ("length", {}, "lengths: must be 5 finite numbers"),
        ("length", {"lengths": [1, 2]}, "lengths: must be 5 finite numbers"),
        ("length", {"lengths": [1, 2, 3, 4, -1]}, "not negative"),
        ("length", {"lengths": [1, 2, 3, 4, np.nan]}, "finite"),
        ("similar", {}, "query: needed for how='similar'"),
        ("similar", {"query": np.ones(3)}, "query: must have length 4"),
        ("similar", {"query": np.full(4, np.nan)}, "query: must be finite"),
        ("similar", {"query": np.ones(4), "temperature": 0}, "temperature: must be"),
    ],
)
def test_bad_input_is_refused(how, options, message):
    with pytest.raises(ValueError, match=message):
        pool_chunks(WINDOWS, how, **options)


def test_vectors_must_be_finite_rows():
    with pytest.raises(ValueError, match="vectors: must be finite"):
        pool_chunks(np.array([[np.inf, 1.0]]))
    with pytest.raises(ValueError, match="vectors: must have shape"):
        pool_chunks(np.ones(3))


def test_texts_are_cut_encoded_and_pooled_each_for_itself(encoder):
    texts = ["rockets and planets " * 60, " ", "a wedding in may"]
    windows = encode_chunks(encoder, texts, size=64)
    assert windows.text.tolist() == [0] * (len(windows.text) - 1) + [2]
    assert windows.tokens.max() <= 64
    for row in (0, 2):
        parts = chunk(encoder, texts[row], size=64)
        vectors = encode(encoder, parts, cache=False)
        np.testing.assert_allclose(windows.of(row), vectors, atol=1e-5)
        lengths = count_tokens(encoder, parts)
        for how in ("mean", "max", "length", "similar"):
            one = pool_chunks(vectors, how, lengths=lengths, query=vectors[0])
            pooled = windows.pool(how, query=vectors[0])
            np.testing.assert_allclose(pooled[row], one, atol=1e-5)
    assert not windows.pool()[1].any()


def test_scores_are_products_with_the_text_pooled_for_the_item():
    items = RNG.normal(size=(7, 4))
    windows = ChunkVectors(
        WINDOWS.astype(np.float32), np.array([0, 0, 0, 2, 2]), LENGTHS, 3
    )
    ours = windows.score(items, temperature=0.3)
    for j, item in enumerate(items):
        pooled = windows.pool("similar", query=item, temperature=0.3)
        np.testing.assert_allclose(ours[:, j], pooled @ item, rtol=1e-4, atol=1e-5)
    assert not ours[1].any(), "a text without windows says nothing"


def test_no_texts_give_no_vectors(encoder):
    windows = encode_chunks(encoder, [])
    assert len(windows.vectors) == windows.n_texts == 0
    assert windows.score(np.ones((2, 384))).shape == (0, 2)
    nothing = encode_chunks(encoder, ["", " "])
    assert nothing.pool().shape == (2, 384)
    assert not nothing.pool().any()
