"""Principal axes against scikit-learn, and on data whose axes are known."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from recsys_ref.content.axes import fixed_signs, principal_axes


@pytest.mark.parametrize("shape", [(50, 8), (8, 50)])
def test_axes_and_variances_are_those_of_scikit_learn_up_to_sign(shape):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=shape) * np.linspace(1, 3, shape[1]) + 5
    mean, axes, variances = principal_axes(vectors)
    peer = PCA().fit(vectors)
    rank = min(shape[0] - 1, shape[1])
    np.testing.assert_allclose(mean, peer.mean_)
    assert axes.shape == (rank, shape[1])
    np.testing.assert_allclose(variances, peer.explained_variance_[:rank])
    turned = np.abs(np.sum(axes * peer.components_[:rank], axis=1))
    np.testing.assert_allclose(turned, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 3.3, 1e3])
def test_the_rank_is_found_whatever_the_mean(dtype, offset):
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(300, 4)) @ rng.normal(size=(4, 30)) + offset
    _, axes, variances = principal_axes(vectors.astype(dtype))
    assert len(axes) == len(variances) == 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_equal_vectors_have_no_axis(dtype, value):
    mean, axes, variances = principal_axes(np.full((1000, 6), value, dtype=dtype))
    assert mean == pytest.approx([value] * 6)
    assert axes.shape == (0, 6)
    assert variances.shape == (0,)


def test_one_vector_has_no_axis():
    assert principal_axes(np.ones((1, 4)))[1].shape == (0, 4)


def test_signs_do_not_depend_on_the_sign_that_came_in():
    columns = np.random.default_rng(2).normal(size=(40, 9))
    flipped = columns * np.array([1, -1, 1, -1, -1, 1, 1, -1, -1])
    assert (fixed_signs(columns) == fixed_signs(flipped)).all()
    assert (np.abs(fixed_signs(columns)) == np.abs(columns)).all()


@pytest.mark.parametrize("nudge", [-1e-15, 1e-15])
def test_rounding_does_not_choose_between_two_largest_entries(nudge):
    column = np.array([[0.2], [-1.0], [1.0 + nudge]])
    assert np.sign(fixed_signs(column)[:, 0]).tolist() == [-1, 1, -1]
