"""Centring, ABTT and whitening: known geometry, scikit-learn, plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from recsys_ref.content.whiten import (
    ABTT,
    Centring,
    Whitening,
    effective_rank,
    mean_cosine,
)

EVERY = [Centring(), ABTT(2), Whitening(), Whitening(3), Whitening(3, shrinkage=0.5)]
each = pytest.mark.parametrize("estimator", EVERY, ids=repr)


@pytest.fixture
def cone():
    """Vectors around one common direction, spread unevenly."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(200, 10)) * np.linspace(0.2, 2, 10) + 4


def loop_mean_cosine(vectors):
    cosines = []
    for i, a in enumerate(vectors):
        for j, b in enumerate(vectors):
            if i != j:
                lengths = np.linalg.norm(a) * np.linalg.norm(b)
                cosines.append(a @ b / lengths if lengths else 0.0)
    return np.mean(cosines)


@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_the_mean_cosine_is_that_of_a_loop_over_all_pairs(n, d, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d)) * (rng.random((n, 1)) < 0.8)  # some zeros
    assert mean_cosine(vectors) == pytest.approx(loop_mean_cosine(vectors), abs=1e-12)


def test_the_mean_cosine_of_known_figures():
    assert mean_cosine(np.ones((5, 3), dtype=np.float32)) == pytest.approx(1)
    assert mean_cosine(np.eye(7)) == pytest.approx(0)
    assert mean_cosine(np.array([[1.0], [-1.0]])) == pytest.approx(-1)
    assert np.isnan(mean_cosine(np.ones((1, 3))))
    assert np.isnan(mean_cosine(np.ones((0, 3))))


def test_the_effective_rank_of_known_figures():
    cross = np.concatenate([np.eye(6), -np.eye(6)])
    assert effective_rank(cross) == pytest.approx(6)
    assert effective_rank(cross + 100) == pytest.approx(6)
    line = np.outer(np.arange(9.0), np.ones(4))
    assert effective_rank(line) == pytest.approx(1)
    assert np.isnan(effective_rank(np.full((9, 4), 0.1)))
    uneven = cross * np.sqrt([1, 1, 2, 2, 3, 3])  # variances 1, 1, 2, 2, 3, 3
    assert effective_rank(uneven) == pytest.approx(12**2 / 28)


def test_centring_takes_the_fitted_mean_from_other_vectors(cone):
    centring = Centring().fit(cone[:100])
    expected = cone[100:] - cone[:100].mean(axis=0)
    np.testing.assert_allclose(centring.transform(cone[100:]), expected, atol=1e-6)
    assert mean_cosine(cone) > 0.7
    assert abs(mean_cosine(Centring().fit(cone).transform(cone))) < 0.01


def test_abtt_removes_the_directions_that_scikit_learn_finds(cone):
    ours = ABTT(3).fit(cone[:150]).transform(cone[150:])
    peer = PCA(3).fit(cone[:150])
    left = cone[150:] - peer.inverse_transform(peer.transform(cone[150:]))
    np.testing.assert_allclose(ours, left, atol=1e-5)
    assert np.abs(ours @ peer.components_.T).max() < 1e-5


def test_abtt_of_nothing_only_centres(cone):
    centred = Centring().fit(cone).transform(cone)
    np.testing.assert_array_equal(ABTT(0).fit(cone).transform(cone), centred)


def test_abtt_of_more_directions_than_there_are_leaves_zeros():
    line = np.outer(np.arange(9.0), np.ones(4))
    abtt = ABTT(3).fit(line)
    assert abtt.dropped_.shape == (1, 4)
    assert np.abs(abtt.transform(line)).max() < 1e-6


@pytest.mark.parametrize("dimensions", [None, 1, 4, 10])
def test_whitening_is_that_of_scikit_learn_up_to_sign(cone, dimensions):
    ours = Whitening(dimensions).fit(cone[:150]).transform(cone[150:])
    peer = PCA(dimensions, whiten=True).fit(cone[:150]).transform(cone[150:])
    np.testing.assert_allclose(np.abs(ours), np.abs(peer), atol=1e-5)
    for mine, theirs in zip(ours.T, peer.T, strict=True):
        assert abs(mine @ theirs) == pytest.approx(mine @ mine, rel=1e-4)


@pytest.mark.parametrize("dimensions", [None, 4])
def test_whitened_vectors_have_the_identity_for_covariance(cone, dimensions):
    white = Whitening(dimensions).fit(cone).transform(cone)
    covariance = np.cov(white.T.astype(float))
    np.testing.assert_allclose(covariance, np.eye(dimensions or 10), atol=1e-5)
    assert effective_rank(white) == pytest.approx(dimensions or 10, rel=1e-5)


@pytest.mark.parametrize("shrinkage", [0.0, 0.3, 1.0])
def test_shrinkage_mixes_each_variance_with_the_mean_of_all(cone, shrinkage):
    white = Whitening(shrinkage=shrinkage).fit(cone).transform(cone)
    variances = np.sort(np.linalg.eigvalsh(np.cov(cone.T)))[::-1]
    mixed = (1 - shrinkage) * variances + shrinkage * variances.mean()
    np.testing.assert_allclose(
        np.var(white, axis=0, ddof=1), variances / mixed, rtol=1e-4
    )


def test_full_shrinkage_only_turns_and_scales(cone):
    white = Whitening(shrinkage=1.0).fit(cone).transform(cone).astype(float)
    centred = cone - cone.mean(axis=0)
    gram = centred @ centred.T
    scale = (white**2).sum() / (centred**2).sum()
    np.testing.assert_allclose(white @ white.T, gram * scale, atol=1e-3)


@pytest.mark.parametrize("shrinkage", [0.0, 0.5])
def test_more_dimensions_than_the_vectors_vary_in_are_refused(shrinkage):
    rng = np.random.default_rng(1)
    flat = (rng.normal(size=(50, 2)) @ rng.normal(size=(2, 6))).astype(np.float32)
    assert Whitening(shrinkage=shrinkage).fit(flat).transform(flat).shape == (50, 2)
    with pytest.raises(
        ValueError, match="dimensions: 3, but the vectors vary in 2 dir"
    ):
        Whitening(3, shrinkage=shrinkage).fit(flat)
    with pytest.raises(ValueError, match=r"vary in 4 directions \(there are 5 of"):
        Whitening(5).fit(rng.normal(size=(5, 20)))


def test_equal_vectors_cannot_be_whitened_and_become_zeros_otherwise():
    equal = np.full((30, 4), 0.1, dtype=np.float32)
    with pytest.raises(ValueError, match="vary in 0 directions"):
        Whitening().fit(equal)
    assert np.abs(Centring().fit(equal).transform(equal)).max() < 1e-7
    assert np.abs(ABTT().fit(equal).transform(equal)).max() < 1e-7


@each
def test_a_vector_of_zeros_is_transformed_like_any_other(estimator, cone):
    estimator.fit(cone)
    zero, mean = np.zeros((1, 10)), cone.mean(axis=0, keepdims=True)
    assert np.linalg.norm(estimator.transform(zero)) > 0.1
    np.testing.assert_allclose(estimator.transform(mean), 0, atol=1e-5)
    doubled = estimator.transform(2 * mean)  # the mirror image of zero
    np.testing.assert_allclose(estimator.transform(zero), -doubled, atol=1e-4)


@each
def test_vectors_of_one_row_or_none_are_transformed(estimator, cone):
    estimator.fit(cone)
    everything = estimator.transform(cone)
    assert everything.dtype == np.float32
    np.testing.assert_allclose(estimator.transform(cone[7:8]), everything[7:8], 1e-4)
    assert estimator.transform(cone[:0]).shape == (0, everything.shape[1])


@each
def test_a_second_fit_forgets_the_first(estimator, cone):
    assert estimator.fit(cone[:, ::-1] * 3) is estimator
    again = estimator.fit(cone).transform(cone)
    fresh = type(estimator)(
        **{k: v for k, v in vars(estimator).items() if not k.endswith("_")}
    )
    np.testing.assert_array_equal(again, fresh.fit(cone).transform(cone))


@pytest.mark.parametrize("fresh", [Centring(), ABTT(), Whitening()], ids=repr)
def test_before_fit_transform_says_what_to_do(fresh):
    with pytest.raises(RuntimeError, match=f"{type(fresh).__name__}: call fit first"):
        fresh.transform(np.ones((2, 3)))


@each
def test_bad_vectors_are_named(estimator, cone):
    with pytest.raises(ValueError, match="vectors: need at least one"):
        estimator.fit(cone[:0])
    with pytest.raises(ValueError, match="vectors: must be finite, got nan in row 1"):
        estimator.fit(np.array([[1.0, 2.0], [np.nan, 0.0]]))
    estimator.fit(cone)
    with pytest.raises(ValueError, match=r"vectors: must have length 10, .* got 4"):
        estimator.transform(np.ones((2, 4)))


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (ABTT(-1), "components: must be a whole number of at least 0, got -1"),
        (Whitening(0), "dimensions: must be a whole number of at least 1, got 0"),
        (Whitening(2.5), "dimensions: must be a whole number"),
        (Whitening(shrinkage=1.1), r"shrinkage: must be in \[0, 1\], got 1.1"),
        (Whitening(shrinkage=float("nan")), "shrinkage: must be in"),
    ],
)
def test_bad_hyperparameters_are_named(estimator, message, cone):
    with pytest.raises(ValueError, match=message):
        estimator.fit(cone)
