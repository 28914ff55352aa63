r"""Differential privacy: noise that hides whether one user is there.

A mechanism is (epsilon, delta)-private if for any two tables that differ in one
user, added or removed, and any set S of answers

    P(answer in S) <= e^epsilon P'(answer in S) + delta.

The Gaussian mechanism adds normal noise to a sum over users. Its standard
deviation is `sigma` times the sensitivity: the most, in Euclidean length, that
one user can change the sum. Whatever is computed from the noisy sum alone is as
private as the sum is.

Book section 8.1.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.sparse import csr_array
from scipy.stats import norm

from recsys_ref.data.checks import check_not_negative, check_positive, check_share


def gaussian_delta(sigma: float, epsilon: float) -> float:
    r"""Return the smallest delta of the Gaussian mechanism at an epsilon.

    delta = F(1/(2 sigma) - epsilon sigma) - e^epsilon F(-1/(2 sigma) - epsilon sigma)

    with F the normal distribution function. This is exact, not a bound.

    Args:
        sigma: Standard deviation of the noise per unit of sensitivity, > 0.
        epsilon: At least 0.

    Raises:
        ValueError: If a number is out of its range.

    References:
        Balle and Wang (2018), theorem 8, https://arxiv.org/abs/1805.06530

    Examples:
        >>> round(gaussian_delta(sigma=1.0, epsilon=1.0), 4)
        0.1269
    """
    check_positive("sigma", sigma)
    check_not_negative("epsilon", epsilon)
    tail = epsilon + norm.logcdf(-0.5 / sigma - epsilon * sigma)  # no overflow
    return float(norm.cdf(0.5 / sigma - epsilon * sigma) - np.exp(tail))


def gaussian_sigma(epsilon: float, delta: float) -> float:
    """Return the least noise that is (epsilon, delta)-private.

    Args:
        epsilon: > 0; infinite for no noise at all.
        delta: In (0, 1): the chance of breaking the promise. Less than one in
            the number of users, or it could be kept by giving one user away.

    Returns:
        Standard deviation per unit of sensitivity.

    Raises:
        ValueError: If a number is out of its range.

    Examples:
        >>> round(gaussian_sigma(1.0, 1e-4), 3), gaussian_sigma(float("inf"), 1e-4)
        (3.186, 0.0)
    """
    check_share("delta", delta)
    if epsilon == np.inf:
        return 0.0
    check_positive("epsilon", epsilon)

    def excess(log_sigma: float) -> float:
        return gaussian_delta(np.exp(log_sigma), epsilon) - delta

    return float(np.exp(brentq(excess, np.log(1e-3), np.log(1e6), xtol=1e-12)))


def gaussian_epsilon(sigma: float, delta: float) -> float:
    """Return the least epsilon of noise, the inverse of `gaussian_sigma`.

    Raises:
        ValueError: If a number is out of its range.

    Examples:
        >>> round(gaussian_epsilon(gaussian_sigma(2.0, 1e-5), 1e-5), 6)
        2.0
    """
    check_positive("sigma", sigma)
    check_share("delta", delta)
    if gaussian_delta(sigma, 0.0) <= delta:
        return 0.0
    most = 1 / sigma**2 + 40 / sigma  # delta is 0 in float64 by then
    return float(brentq(lambda e: gaussian_delta(sigma, e) - delta, 0.0, most))


def composed_sigma(sigmas: Sequence[float]) -> float:
    """Return the noise of the one release that several amount to.

    Gaussian mechanisms add up exactly: 1 / sigma^2 is the sum of 1 / sigma_r^2.

    Raises:
        ValueError: If there is none, or one is not positive.

    Examples:
        >>> round(composed_sigma([2.0, 2.0]) ** 2, 9)
        2.0
    """
    if not len(sigmas):
        raise ValueError("sigmas: need at least one, got none")
    for sigma in sigmas:
        check_positive("sigmas", sigma)
    return float(np.sum([sigma**-2.0 for sigma in sigmas]) ** -0.5)


def accounted_epsilon(sigmas: Sequence[float], delta: float) -> float:
    """Ask an accountant from elsewhere what several releases spend together.

    Opacus composes the privacy loss of mechanisms numerically, also of those
    that have no closed form. It needs the extra `privacy`.

    Args:
        sigmas: Noise per unit of sensitivity of each release, > 0.
        delta: In (0, 1).

    Returns:
        An upper bound of epsilon, within 0.01 of the truth.

    Raises:
        ValueError: As `composed_sigma`.

    References:
        Gopi, Lee and Wutschitz (2021), https://arxiv.org/abs/2106.02848
    """
    from opacus.accountants import PRVAccountant  # slow to import, seldom needed

    composed_sigma(sigmas)
    check_share("delta", delta)
    accountant = PRVAccountant()
    for sigma in sigmas:
        accountant.step(noise_multiplier=sigma, sample_rate=1.0)
    with np.errstate(divide="ignore"):  # log(1 - sample_rate), which is -inf
        return float(accountant.get_epsilon(delta))


def attack_ceiling(sigma: float) -> float:
    """Return the AUC that no membership attack on one user can exceed.

    The strongest attacker knows all other users. He sees the same normal noise
    around one of two points that lie at most one sensitivity apart.

    Raises:
        ValueError: If `sigma` is negative.

    References:
        Dong, Roth and Su, "Gaussian differential privacy", take this trade-off
        as the definition.

    Examples:
        >>> round(attack_ceiling(gaussian_sigma(1.0, 1e-4)), 3)
        0.588
    """
    check_not_negative("sigma", sigma)
    return float(norm.cdf(1 / (sigma * np.sqrt(2)))) if sigma else 1.0


def clip_rows(rows: csr_array | np.ndarray, norm: float) -> np.ndarray:
    """Shorten each user's row to a Euclidean length of at most `norm`.

    Args:
        rows: `float[U, I]`, sparse or not.
        norm: > 0. Of a row of n ones it leaves min(1, norm / sqrt(n)) each.

    Returns:
        `float64[U, I]`.

    Raises:
        ValueError: If `norm` is not positive.

    Examples:
        >>> clip_rows(np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]]), 1.0)
        array([[0.5, 0.5, 0.5, 0.5],
               [0. , 0. , 0. , 1. ]])
    """
    check_positive("norm", norm)
    dense = csr_array(rows).astype(np.float64).toarray()
    length = np.linalg.norm(dense, axis=1, keepdims=True)
    return dense * np.divide(
        norm, length, out=np.ones_like(length), where=length > norm
    )


def noisy_sums(
    rows: np.ndarray, norm: float, sigma: float, rng: np.random.Generator | int
) -> np.ndarray:
    """Release each item's sum over the users.

    Adding or removing a user changes the sums by his row, so the sensitivity is
    the length that rows are clipped to.

    Args:
        rows: `float64[U, I]`, clipped to `norm` here once more.
        norm: The longest row, > 0.
        sigma: Noise per unit of sensitivity, at least 0.
        rng: Seed. Who knows it can take the noise off again.

    Returns:
        `float64[I]`.

    Raises:
        ValueError: If a number is out of its range.
    """
    check_not_negative("sigma", sigma)
    sums = clip_rows(rows, norm).sum(axis=0)
    return sums + norm * sigma * np.random.default_rng(rng).standard_normal(len(sums))


def noisy_gram(
    rows: np.ndarray, norm: float, sigma: float, rng: np.random.Generator | int
) -> np.ndarray:
    """Release X^T X.

    Adding or removing a user changes it by x x^T, whose Frobenius norm is the
    squared length of x: the sensitivity is norm^2. Every entry gets noise of
    its own, and then the matrix is made symmetric, which is post-processing:
    sigma on the diagonal and sigma / sqrt(2) off it, times norm^2.

    Args:
        rows: As in `noisy_sums`.
        norm: See there.
        sigma: See there.
        rng: See there.

    Returns:
        `float64[I, I]`, symmetric. It may have negative eigenvalues.

    Raises:
        ValueError: If a number is out of its range.

    References:
        Dwork, Talwar, Thakurta and Zhang (2014), "Analyze Gauss", STOC.
    """
    check_not_negative("sigma", sigma)
    clipped = clip_rows(rows, norm)
    noise = np.random.default_rng(rng).standard_normal((clipped.shape[1],) * 2)
    return clipped.T @ clipped + norm**2 * sigma * (noise + noise.T) / 2


def denoised(gram: np.ndarray, edge: float) -> np.ndarray:
    """Shrink the eigenvalues of a noisy Gram matrix by `edge`, none below 0.

    The eigenvalues of the noise alone, with s its standard deviation on the
    diagonal, lie within s sqrt(2 I) of 0, nearly: below that edge nothing can
    be told from noise. It looks at the noisy matrix alone, so it costs no
    privacy.

    Args:
        gram: `float64[I, I]`, symmetric.
        edge: At least 0.

    Returns:
        `float64[I, I]`, without a negative eigenvalue.

    Raises:
        ValueError: If `edge` is negative.

    Examples:
        >>> denoised(np.diag([5.0, 1.0, -3.0]), 2.0)
        array([[3., 0., 0.],
               [0., 0., 0.],
               [0., 0., 0.]])
    """
    check_not_negative("edge", edge)
    values, axes = np.linalg.eigh(gram)
    kept = values > edge
    return (axes[:, kept] * (values[kept] - edge)) @ axes[:, kept].T
