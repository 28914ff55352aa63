"""The checks of the exercises on what a pre-trained model knows."""

import numpy as np
import pytest
import torch

from recsys_ref.check import pretrained as check
from recsys_ref.lm.encode import encode

TITLES = ["Toy Story", "Alien", "Casablanca", "The Shining"]


def norms(causal, text):
    ids = torch.tensor(causal.token_ids([text]))
    with torch.inference_mode():
        states = causal.network(ids, output_hidden_states=True).hidden_states[16]
    return states[0].norm(dim=-1).tolist()


def test_sink_follows_the_longest_state(causal):
    front, behind = norms(causal, "See The")
    verdict = check.sink("place", causal)
    assert bool(verdict) == (front > behind)
    wrong = check.sink("word" if verdict else "place", causal)
    assert not wrong
    assert "before the sink" in wrong.message
    assert check.sink(" Place", causal)


def cosines(encoder):
    """The mean cosine of pairs at each layer, by loops."""
    means = []
    for depth in range(7):
        v = encode(encoder, TITLES, layer=depth)
        pairs = [v[a] @ v[b] for a in range(4) for b in range(a)]
        means.append(sum(pairs) / len(pairs))
    return np.array(means)


def test_encoder_by_loops(encoder):
    right = cosines(encoder)
    assert check.encoder(right, TITLES, encoder)
    for wrong, word in (
        (right[::-1], "first"),
        ((3 * right + 1) / 4, "diagonal"),
        (right + 0.2, "pairs"),
    ):
        verdict = check.encoder(wrong, TITLES, encoder)
        assert not verdict
        assert word in verdict.message
        assert not any(f"{value:.2f}" in verdict.message for value in right)


def test_encoder_sees_a_cone_that_was_centered_away(encoder):
    centered = []
    for depth in range(7):
        v = encode(encoder, TITLES, layer=depth)
        v = v - v.mean(axis=0)
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        centered.append(((v @ v.T).sum() - 4) / 12)
    assert "as they are" in check.encoder(centered, TITLES, encoder).message


def shares(encoder, causal):
    """How often the nearest love is of the refused kind, by loops."""
    options = ({}, {"layer": 16, "drop_first": True})
    table = []
    for wording in ("anything but {} films", "no {} films, please", "I hate {} films"):
        row = []
        for model, how in zip((encoder, causal), options, strict=True):
            love = encode(model, [f"I love {k} films" for k in check.KINDS], **how)
            hate = encode(model, [wording.format(k) for k in check.KINDS], **how)
            love, hate = love - love.mean(axis=0), hate - hate.mean(axis=0)
            hits = 0
            for place, vector in enumerate(hate):
                cosine = [vector @ other / np.linalg.norm(other) for other in love]
                hits += int(np.argmax(cosine)) == place
            row.append(hits / 10)
        table.append(row)
    return np.array(table)


def test_no_by_loops(encoder, causal):
    right = shares(encoder, causal)
    assert check.no(right, encoder, causal)
    assert "understood" in check.no(1 - right, encoder, causal).message
    assert "around their own mean" in check.no(right - 0.3, encoder, causal).message


@pytest.fixture(scope="module")
def vectors(movielens):
    rng = np.random.default_rng(0)
    genres = movielens.items.genres.astype(float)
    drawn = rng.normal(size=(2, 1682, 40))
    return {
        "one": np.column_stack([genres, drawn[0]]),
        "two": np.column_stack([genres @ rng.normal(size=(18, 18)), drawn[1]]),
    }


def whitened(x, d):
    """The first d principal axes, at equal variance."""
    x = x - x.mean(axis=0)
    u = np.linalg.svd(x, full_matrices=False)[0]
    return u[:, :d] * np.sqrt(len(x))


def test_both_by_svd(vectors):
    split, inner = check._splits()
    pair = np.column_stack([whitened(v, 16) for v in vectors.values()])
    right = check._mean(pair, inner)
    assert check.both(right, vectors)
    together = whitened(np.column_stack(list(vectors.values())), 32)
    for wrong, word in (
        (check._mean(pair, split), "test part"),
        (check._mean(np.column_stack(list(vectors.values())), inner), "Neither"),
        (check._mean(together, inner), "as one"),
        (check._mean(pair[:, :16], inner), "alone"),
        (0.9, "side by side"),
    ):
        verdict = check.both(wrong, vectors)
        assert not verdict
        assert word in verdict.message
        assert f"{right:.3f}" not in verdict.message


@pytest.mark.parametrize("answer", ["garbage", [[1, 2], [3]], {}, [0.5] * 4])
def test_garbage_is_refused(answer, encoder, causal, vectors):
    for verdict in (
        check.encoder(answer, TITLES, encoder),
        check.no(answer, encoder, causal),
        check.both(answer, vectors),
    ):
        assert not verdict
        assert "The answer should be" in verdict.message


@pytest.mark.parametrize("answer", ["the", None, 3, [[1], [2, 3]], {}])
def test_no_choice_is_refused(answer, causal):
    verdict = check.sink(answer, causal)
    assert not verdict
    assert "none of the choices" in verdict.message
