"""Early and late fusion against plain loops and closed forms."""

import numpy as np
import pytest

from recsys_ref.content.blocks import stack_blocks
from recsys_ref.strategies.cold_start import text_map
from recsys_ref.strategies.fusion import (
    drop_blocks,
    early_map,
    late_fusion,
    late_parts,
)

WARM, COLD = np.arange(12), np.arange(12, 17)
MAPS = {"a": {"l2": 0.3, "width": 1.0}, "b": {"l2": 2.0}}


@pytest.fixture
def blocks():
    rng = np.random.default_rng(0)
    return {"a": rng.normal(size=(17, 3)), "b": rng.normal(size=(17, 5))}


@pytest.fixture
def scores():
    return np.random.default_rng(1).normal(size=(6, 12)).astype(np.float32)


def test_exactly_the_share_of_the_rows_named_loses_a_block(blocks):
    less = drop_blocks(blocks, share=0.4, rng=3, rows=COLD)
    for name, block in less.items():
        gone = ~block.any(axis=1)
        assert gone.sum() == 2
        assert set(np.flatnonzero(gone)) <= set(COLD)
        np.testing.assert_array_equal(block[~gone], blocks[name][~gone])
    assert blocks["a"].any(axis=1).all(), "the argument stays as it is"


def test_blocks_are_lost_one_by_one_and_by_the_seed():
    many = {"a": np.ones((400, 1)), "b": np.ones((400, 1))}
    less = drop_blocks(many, share=0.5, rng=0)
    both = (~less["a"].any(axis=1) & ~less["b"].any(axis=1)).mean()
    assert both == pytest.approx(0.25, abs=0.07)
    again = drop_blocks(many, share=0.5, rng=0)
    np.testing.assert_array_equal(less["b"], again["b"])


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_beyond_all_is_refused(blocks, share):
    with pytest.raises(ValueError, match="share: must be in"):
        drop_blocks(blocks, share=share, rng=0)
    with pytest.raises(ValueError, match="blocks: need at least one"):
        drop_blocks({}, share=0.5, rng=0)


@pytest.mark.parametrize("width", [None, 1.5])
def test_early_fusion_is_the_map_of_the_joined_blocks(blocks, width):
    weights = {"a": 0.5}
    vectors = stack_blocks(blocks, weights)
    by_hand = text_map(vectors[WARM], vectors[COLD], l2=0.3, width=width)
    ours = early_map(blocks, WARM, COLD, weights=weights, l2=0.3, width=width)
    np.testing.assert_allclose(ours, by_hand)


def test_joining_under_a_gaussian_multiplies_kernels(blocks):
    """So the early map solves with the product of the blocks' own kernels."""
    l2, width = 0.2, 1.3
    kernel = np.ones((17, 17))
    for name in blocks:
        v = stack_blocks({name: blocks[name]})
        squared = ((v[:, None] - v[None]) ** 2).sum(axis=-1)
        kernel *= np.exp(-squared / (2 * width**2))
    ridge = kernel[:12, :12] + l2 * np.eye(12)
    by_hand = np.linalg.solve(ridge, kernel[:12, 12:])
    by_hand += (1 - by_hand.sum(axis=0)) / 12
    ours = early_map(blocks, WARM, COLD, l2=l2, width=width)
    np.testing.assert_allclose(ours, by_hand, atol=1e-10)


def test_copies_are_extra_rows_with_the_same_targets(blocks, scores):
    how = {"l2": 0.3, "width": 1.5}
    carried = early_map(blocks, WARM, COLD, copies=2, share=0.5, rng=7, **how)
    vectors = stack_blocks(blocks)
    rng = np.random.default_rng(7)
    rows = [vectors[WARM]]
    for _ in range(2):
        copy = vectors[WARM].copy()
        for columns in (slice(0, 3), slice(3, 8)):
            copy[rng.choice(12, 6, replace=False), columns] = 0
        rows.append(copy)
    by_hand = np.tile(scores, 3) @ text_map(np.vstack(rows), vectors[COLD], **how)
    np.testing.assert_allclose(scores @ carried, by_hand, rtol=1e-4, atol=1e-6)


def test_a_copy_that_lacks_nothing_only_halves_the_ridge(blocks):
    double = early_map(blocks, WARM, COLD, l2=1.0, copies=1, share=0.0)
    np.testing.assert_allclose(double, early_map(blocks, WARM, COLD, l2=0.5))


def test_late_parts_are_each_modalitys_own_map_in_deviations(blocks, scores):
    parts = late_parts(scores, blocks, WARM, COLD, MAPS)
    assert parts.names == ("a", "b")
    for m, (name, how) in enumerate(MAPS.items()):
        v = stack_blocks({name: blocks[name]})
        carried = text_map(v[WARM], v[COLD], **how)
        for user in range(6):
            said = scores[user] @ carried
            expected = (said - said.mean()) / said.std()
            np.testing.assert_allclose(parts.scores[m, user], expected, atol=1e-4)
            assert parts.spread[user, m] == pytest.approx(np.log(said.std()), abs=1e-4)
        away = np.sqrt(((carried - 1 / 12) ** 2).sum(axis=0))
        np.testing.assert_allclose(parts.focus[:, m], np.log(away), atol=1e-5)


def test_what_lacks_a_modality_gets_zero_and_leaves_the_others_alone(blocks, scores):
    blocks["a"][[2, 14]] = 0  # one warm, one cold
    parts = late_parts(scores, blocks, WARM, COLD, MAPS)
    assert parts.present.tolist() == [[n != 14, True] for n in COLD]
    assert (parts.scores[0][:, 2] == 0).all()
    there = [0, 1, 3, 4]
    np.testing.assert_allclose(parts.scores[0][:, there].mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(parts.scores[0][:, there].std(axis=1), 1, atol=1e-5)
    assert parts.focus[2, 0] == pytest.approx(parts.focus[there, 0].mean())
    v = stack_blocks({"a": blocks["a"]})  # the warm one teaches nothing
    learn = np.delete(WARM, 2)
    said = scores[:, learn] @ text_map(v[learn], v[COLD[there]], **MAPS["a"])
    np.testing.assert_allclose(
        parts.scores[0][:, there],
        (said - said.mean(axis=1, keepdims=True)) / said.std(axis=1, keepdims=True),
        atol=1e-4,
    )


def test_a_modality_that_nobody_has_says_nothing(blocks, scores):
    blocks["b"][COLD] = 0
    parts = late_parts(scores, blocks, WARM, COLD, MAPS)
    assert not parts.present[:, 1].any()
    assert (parts.scores[1] == 0).all()
    assert np.isfinite(parts.focus).all()


def test_late_fusion_is_a_weighted_sum():
    parts = np.random.default_rng(0).normal(size=(3, 4, 5))
    weights = [0.5, 0.0, -2.0]
    by_hand = sum(w * part for w, part in zip(weights, parts, strict=True))
    np.testing.assert_allclose(late_fusion(parts, weights), by_hand, rtol=1e-5)


def test_errors_name_the_argument(blocks, scores):
    with pytest.raises(ValueError, match="weights: must be 2 finite numbers"):
        late_fusion(np.zeros((2, 3, 4)), [1.0])
    with pytest.raises(ValueError, match="scores: must have one column for each of 12"):
        late_parts(scores[:, :5], blocks, WARM, COLD, MAPS)
    with pytest.raises(KeyError, match="c"):
        late_parts(scores, blocks, WARM, COLD, {"c": {"l2": 1.0}})
    with pytest.raises(ValueError, match="copies"):
        early_map(blocks, WARM, COLD, l2=1.0, copies=-1)
