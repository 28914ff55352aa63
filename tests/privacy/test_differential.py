"""The Gaussian mechanism: closed forms, an accountant from elsewhere, and draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from recsys_ref.privacy import differential as dp


@pytest.mark.parametrize(("sigma", "epsilon"), [(0.5, 3.0), (1.0, 0.0), (2.0, 0.7)])
def test_delta_is_the_integral_of_what_exceeds_e_to_the_epsilon(sigma, epsilon):
    def excess(y):
        ratio = np.exp(epsilon) * norm.pdf(y, 0, sigma)
        return max(norm.pdf(y, 1, sigma) - ratio, 0)

    by_hand = quad(excess, -10 * sigma, 1 + 10 * sigma, limit=200, points=[0.5])[0]
    assert dp.gaussian_delta(sigma, epsilon) == pytest.approx(by_hand, abs=1e-7)


@given(st.floats(0.05, 40.0), st.sampled_from([1e-3, 1e-4, 1e-6]))
def test_sigma_is_the_least_noise_that_keeps_the_promise(epsilon, delta):
    sigma = dp.gaussian_sigma(epsilon, delta)
    assert dp.gaussian_delta(sigma, epsilon) == pytest.approx(delta, rel=1e-6)
    assert dp.gaussian_delta(0.99 * sigma, epsilon) > delta
    assert dp.gaussian_epsilon(sigma, delta) == pytest.approx(epsilon, rel=1e-6)
    if epsilon < 1:  # the classical calibration, which needs more
        assert sigma < np.sqrt(2 * np.log(1.25 / delta)) / epsilon


def test_so_much_noise_that_delta_alone_covers_it_has_epsilon_zero():
    assert dp.gaussian_epsilon(1e5, 1e-4) == 0


@pytest.mark.parametrize("sigmas", [[2.0], [10.0, 1.05], [0.6]])
def test_an_accountant_from_elsewhere_agrees(sigmas):
    closed = dp.gaussian_epsilon(dp.composed_sigma(sigmas), 1e-4)
    bound = dp.accounted_epsilon(sigmas, 1e-4)
    assert closed <= bound <= closed + 0.015


def test_composition_is_one_mechanism_on_both_sums_side_by_side():
    """Scaled to equal noise, two sums are one vector of a longer sensitivity."""
    assert dp.composed_sigma([3.0, 4.0]) == pytest.approx(1 / np.hypot(1 / 3, 1 / 4))


def test_the_ceiling_is_the_auc_of_two_normal_distributions():
    rng, sigma = np.random.default_rng(0), 1.3
    out, inside = sigma * rng.normal(size=(2, 200_000))
    assert dp.attack_ceiling(sigma) == pytest.approx(
        (inside + 1 > out).mean(), abs=3e-3
    )
    assert dp.attack_ceiling(0.0) == 1


rows = st.integers(0, 10**6).map(
    lambda seed: (np.random.default_rng(seed).random((6, 9)) < 0.5).astype(float)
)


@given(rows, st.sampled_from([1.0, 1.7, 3.0]), st.integers(0, 5))
def test_a_user_moves_a_sum_by_no_more_than_the_sensitivity(x, norm, user):
    others = np.delete(x, user, axis=0)
    moved = dp.noisy_sums(x, norm, 0.0, 0) - dp.noisy_sums(others, norm, 0.0, 0)
    assert np.linalg.norm(moved) <= norm + 1e-9
    moved = dp.noisy_gram(x, norm, 0.0, 0) - dp.noisy_gram(others, norm, 0.0, 0)
    assert np.linalg.norm(moved) <= norm**2 + 1e-9
    if x[user].sum() >= norm**2:  # the bound is met
        assert np.linalg.norm(moved) == pytest.approx(norm**2)


def test_clipping_shortens_long_rows_alone():
    x = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    np.testing.assert_allclose(
        dp.clip_rows(x, 1.0), [[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]]
    )


def test_the_noise_is_as_large_as_it_says():
    x, rng = np.zeros((3, 400)), np.random.default_rng(0)
    sums = dp.noisy_sums(np.zeros((3, 40_000)), 2.0, 1.5, rng)
    assert sums.std() == pytest.approx(3.0, rel=0.02)
    gram = dp.noisy_gram(x, 2.0, 1.5, rng)
    np.testing.assert_array_equal(gram, gram.T)
    upper = gram[np.triu_indices(400, 1)]
    assert upper.std() == pytest.approx(6.0 / np.sqrt(2), rel=0.02)
    assert gram.diagonal().std() == pytest.approx(6.0, rel=0.12)
    edge = 6.0 * np.sqrt(2 * 400)
    assert np.linalg.eigvalsh(gram).max() == pytest.approx(edge, rel=0.05)


def test_the_symmetric_noise_is_as_private_as_the_one_it_is_made_of():
    """The likelihood ratio of the symmetric release, entry by entry, is the same."""
    x = dp.clip_rows(np.random.default_rng(1).random((1, 5)), 1.0)[0]
    shift, upper = np.outer(x, x), np.triu_indices(5, 1)
    distance = shift.diagonal() @ shift.diagonal() + 2 * shift[upper] @ shift[upper]
    assert distance == pytest.approx(np.linalg.norm(shift) ** 2)  # at sigma = 1


def test_denoising_leaves_a_matrix_without_negative_eigenvalues():
    rng = np.random.default_rng(0)
    noisy = dp.noisy_gram(rng.random((5, 8)), 1.0, 0.5, rng)
    before, after = (np.linalg.eigvalsh(g) for g in (noisy, dp.denoised(noisy, 0.4)))
    assert before.min() < 0
    np.testing.assert_allclose(after, np.maximum(before - 0.4, 0), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: dp.gaussian_sigma(-1.0, 1e-4), "epsilon: must be"),
        (lambda: dp.gaussian_sigma(1.0, 0.0), "delta: must be"),
        (lambda: dp.gaussian_delta(0.0, 1.0), "sigma: must be"),
        (lambda: dp.gaussian_epsilon(1.0, 1.0), "delta: must be"),
        (lambda: dp.composed_sigma([]), "sigmas: need at least one"),
        (lambda: dp.composed_sigma([1.0, 0.0]), "sigmas: must be"),
        (lambda: dp.clip_rows(np.ones((1, 1)), 0.0), "norm: must be"),
        (lambda: dp.noisy_gram(np.ones((1, 1)), 1.0, -1.0, 0), "sigma: must be"),
        (lambda: dp.denoised(np.eye(2), -1.0), "edge: must be"),
        (lambda: dp.attack_ceiling(-1.0), "sigma: must be"),
    ],
)
def test_wrong_arguments_are_named(call, match):
    with pytest.raises(ValueError, match=match):
        call()
