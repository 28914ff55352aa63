"""What a history says about its owner, whoever reads it.

Book section 8.1.
"""

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.privacy.membership import attack_auc


def unicity(
    user: np.ndarray,
    fact: np.ndarray,
    k: int,
    *,
    n_users: int,
    draws: int = 10,
    rng: np.random.Generator | int,
) -> np.ndarray:
    """Ask how often k known facts of a user single him out among all.

    Someone knows k events of a user, drawn at random, and looks for them in a
    table of histories without names. If only one history has them all, it is
    found, and the rest of it is read. What an event says is its fact: the film;
    or the film and its rating; or nothing but a genre.

    Args:
        user: `int64[N]`, whose each event is.
        fact: `int64[N]`, at least 0; equal where two events say the same.
        k: How many events are known, at least 1.
        n_users: U.
        draws: How often k events are drawn for each user, at least 1.
        rng: Seed of the draws.

    Returns:
        `float64[U]`, the share of draws after which one user is left; NaN for
        users of fewer than k events.

    Raises:
        ValueError: If a number is too small, or the columns do not fit.

    References:
        Narayanan and Shmatikov (2008) found subscribers of Netflix so; the name
        is from de Montjoye et al. (2013), https://doi.org/10.1038/srep01376

    Examples:
        >>> user, film = np.array([0, 0, 1, 1, 2]), np.array([7, 8, 7, 9, 7])
        >>> unicity(user, film, 2, n_users=3, rng=0)
        array([ 1.,  1., nan])
        >>> unicity(user, film > 7, 2, n_users=3, rng=0)  # all that is told
        array([ 0.,  0., nan])
    """
    for name, number in (("k", k), ("n_users", n_users), ("draws", draws)):
        check_whole_number(name, number, 1)
    user, fact = np.asarray(user, np.int64), np.asarray(fact, np.int64)
    if user.shape != fact.shape or (len(user) and not 0 <= user.max() < n_users):
        raise ValueError(
            f"user: must be one index below {n_users} for each of {len(fact)} facts"
        )
    _, fact = np.unique(fact, return_inverse=True)
    shown = np.zeros((fact.max(initial=0) + 1, n_users), dtype=bool)
    shown[fact, user] = True
    rng = np.random.default_rng(rng)
    order = np.argsort(user, kind="stable")
    ends = np.searchsorted(user[order], np.arange(n_users + 1))
    shares = np.full(n_users, np.nan)
    for each in range(n_users):
        mine = fact[order[ends[each] : ends[each + 1]]]
        if len(mine) >= k:
            alone = [
                shown[rng.choice(mine, k, replace=False)].all(axis=0).sum() == 1
                for _ in range(draws)
            ]
            shares[each] = np.mean(alone)
    return shares


def infer_attribute(
    features: np.ndarray,
    attribute: np.ndarray,
    *,
    strengths: np.ndarray | None = None,
    folds: int = 5,
    rng: np.random.Generator | int,
) -> np.ndarray:
    r"""Guess a yes-or-no attribute of users who never told it.

    Ridge regression on the users who did. Its strength is chosen inside each
    training part, by the AUC of leave-one-out predictions, which ridge gives in
    closed form.

    Args:
        features: `float[U, D]`, such as rows of histories; D may exceed U.
        attribute: `bool[U]`.
        strengths: `float64[S]`, ridge strengths to choose from, in units of the
            mean squared length of a centered row, > 0. Default: 12 from 0.001
            to 30.
        folds: Parts of the users, 2 to U. Each is guessed from the others.
        rng: Seed that deals the users.

    Returns:
        `float64[U]`, higher where the attribute is likelier, 0 where it is as
        likely as in the training part. Compare with `membership.attack_auc`.
        Costs O(folds U^3) time.

    Raises:
        ValueError: If a shape does not fit, a strength is not positive, or a
            training part lacks one of the two kinds.

    References:
        Weinsberg et al. (2012), https://doi.org/10.1145/2365952.2365989, who
        infer gender from ratings.
    """
    features = np.asarray(features, dtype=np.float64)
    attribute = np.asarray(attribute, dtype=bool)
    if features.ndim != 2 or attribute.shape != features.shape[:1]:
        raise ValueError(
            f"attribute: must be one for each row of {features.shape}, "
            f"got {attribute.shape}"
        )
    check_whole_number("folds", folds, 2)
    strengths = np.geomspace(1e-3, 30, 12) if strengths is None else strengths
    if not (np.asarray(strengths) > 0).all():
        raise ValueError("strengths: must be > 0")
    n_users = len(features)
    fold = np.random.default_rng(rng).permutation(np.arange(n_users) % folds)
    guess = np.empty(n_users)
    for part in range(folds):
        out = fold == part
        guess[out] = _ridge_guess(
            features[~out], attribute[~out], features[out], strengths
        )
    return guess


def _ridge_guess(
    known: np.ndarray, told: np.ndarray, asked: np.ndarray, strengths: np.ndarray
) -> np.ndarray:
    """Fit on `known` with the best strength; predict for `asked`, less the mean."""
    mean, level = known.mean(axis=0), told.mean()
    known, asked, target = known - mean, asked - mean, told - level
    values, axes = np.linalg.eigh(known @ known.T)
    unit = values.mean()
    if not unit > 0:  # equal rows tell nothing
        return np.zeros(len(asked))
    along = axes.T @ target

    def left_out(strength: float) -> float:
        """AUC of predictions for each row from the others, the mean kept."""
        shrink = 1 / (np.maximum(values, 0) + strength * unit)
        inverse = (axes**2) @ shrink
        residual = (axes @ (shrink * along)) / inverse
        return attack_auc(target - residual, told)

    best = max(strengths, key=left_out)
    dual = axes @ (along / (np.maximum(values, 0) + best * unit))
    return asked @ (known.T @ dual)
