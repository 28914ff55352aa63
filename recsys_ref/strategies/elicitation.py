"""Ask a new user a few questions: which films, so that the answers teach most?

A question is "have you seen this film?". A yes is an event that a strategy can
fold in. A no is taken for no answer: who has not seen a film may be about to.

Book section 9.1.
"""

from typing import Literal, get_args

import numpy as np

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.features import popularity
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.conditional import ConditionalMean

Criterion = Literal["popularity", "entropy", "popularity x entropy", "random"]


def rating_entropy(interactions: Interactions) -> np.ndarray:
    """Measure how much users disagree in their ratings of each item.

    Args:
        interactions: Events whose values are ratings.

    Returns:
        `float64[I]`, in nats; 0 for an item rated alike by all, or by no one.

    References:
        Rashid et al. (2002), https://doi.org/10.1145/502716.502737

    Examples:
        >>> x = Interactions([0, 1, 0, 1], [0, 0, 1, 1], [1, 5, 4, 4],
        ...                  [0, 0, 0, 0], [1, 2], [7, 8, 9])
        >>> rating_entropy(x).round(3)
        array([0.693, 0.   , 0.   ])
    """
    levels, level = np.unique(interactions.value, return_inverse=True)
    cells = interactions.item * max(levels.size, 1) + level
    counts = np.bincount(cells, minlength=interactions.n_items * levels.size)
    counts = counts.reshape(interactions.n_items, levels.size).astype(np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    return np.maximum(-(share * logs).sum(axis=1), 0.0)  # and no -0


def question_list(
    interactions: Interactions,
    n: int,
    criterion: Criterion = "popularity x entropy",
    *,
    rng: np.random.Generator | int = 0,
) -> np.ndarray:
    """Choose the films to ask everyone about, by one number a film.

    Args:
        interactions: The training part.
        n: Number of questions, from 1 to I.
        criterion: "popularity": films that many can answer for. "entropy":
            films whose ratings differ most, however few they are. "popularity
            x entropy": log(1 + users) times the entropy, a balance of both.
            "random": any films.
        rng: Seed or generator that draws, and orders equals.

    Returns:
        `int64[n]`, distinct items, the best question first.

    Raises:
        ValueError: If `n` is out of range or `criterion` is no such name.

    References:
        Rashid et al. (2002), https://doi.org/10.1145/502716.502737

    Examples:
        >>> x = Interactions([0, 1, 2, 0], [0, 0, 0, 1], [3, 4, 5, 5],
        ...                  [0, 0, 0, 0], [1, 2, 3], [7, 8, 9])
        >>> question_list(x, 2, "popularity")
        array([0, 1])
    """
    _check_n(n, interactions.n_items)
    if criterion not in get_args(Criterion):
        raise ValueError(
            f"criterion: must be one of {get_args(Criterion)}, got {criterion!r}"
        )
    count = popularity(interactions).astype(np.float64)
    if criterion == "popularity":
        worth = count
    elif criterion == "entropy":
        worth = rating_entropy(interactions)
    elif criterion == "popularity x entropy":
        worth = np.log1p(count) * rating_entropy(interactions)
    else:
        worth = np.zeros(interactions.n_items)
    chance = np.random.default_rng(rng).random(interactions.n_items)
    return np.lexsort((chance, -worth))[:n].astype(np.int64)


def informative_questions(model: ConditionalMean, n: int) -> np.ndarray:
    r"""Choose questions one by one, each for what it is expected to settle.

    Under the model's Gaussian, a yes to item i takes

        sum over j of C_ij^2 / (C_ii + noise)

    from the summed variance of all scores, and comes with probability m_i. The
    product is what the question is worth. Then the covariance is lowered by
    what the yes takes from it, times that probability, so the next question
    is worth little if it asks the same.

    Args:
        model: A fitted model; the users in it do not matter.
        n: Number of questions, from 1 to I.

    Returns:
        `int64[n]`, distinct items, in the order to ask. Costs O(n I^2).

    Raises:
        RuntimeError: If the model is not fitted.
        ValueError: If `n` is out of range.

    References:
        The greedy A-optimal design of experiments, for answers that may not
        come; compare Golbandi, Koren and Lempel (2011), who choose questions
        by the error that they leave, https://doi.org/10.1145/1935826.1935910
    """
    model._check_users([])
    _check_n(n, model.mean_.size)
    covariance = model.covariance_.astype(np.float64)
    likely = model.mean_.astype(np.float64)
    asked: list[int] = []
    for _ in range(n):
        worth = likely * _settled(covariance, covariance.diagonal(), model.noise)
        worth[asked] = -np.inf
        item = int(worth.argmax())
        asked.append(item)
        row = covariance[item].copy()
        covariance -= likely[item] * np.outer(row, row / (row[item] + model.noise))
    return np.array(asked)


def ask(pool: Interactions, questions: np.ndarray) -> Interactions:
    """Keep the events that answer the questions with a yes.

    Args:
        pool: What users could tell, all of it; never what they are tested on.
        questions: `int64[Q]`, items asked of everyone.

    Returns:
        The same vocabularies. A user who has seen none has no events.

    Examples:
        >>> pool = Interactions([0, 0, 1], [0, 2, 1], [1, 1, 1], [0, 0, 0],
        ...                     ["ann", "bob"], [7, 8, 9])
        >>> ask(pool, [2, 1]).to_frame()[["user_id", "item_id"]].values.tolist()
        [['ann', 9], ['bob', 8]]
    """
    return pool.select(np.isin(pool.item, np.asarray(questions, dtype=np.int64)))


def interview(
    model: ConditionalMean,
    pool: Interactions,
    n: int,
    *,
    candidates: int = 200,
) -> np.ndarray:
    """Ask each user in turn, choosing each question by the answers so far.

    As `informative_questions`, with the user's own probabilities and
    variances: both follow from his yeses.

    Args:
        model: A fitted model over the items of `pool`.
        pool: What users could tell; never what they are tested on.
        n: Questions to each user, from 1 to `candidates`.
        candidates: Ask about this many of the likeliest items at most.

    Returns:
        `int64[U, n]`, the items asked of each user of `pool`, in order. Costs
        O(U n candidates I).

    Raises:
        RuntimeError: If the model is not fitted.
        ValueError: If `n` is out of range, or the items are not the model's.

    References:
        Golbandi, Koren and Lempel (2011), adaptive questions as a tree,
        https://doi.org/10.1145/1935826.1935910
    """
    model.fold_in(pool)  # for its errors
    candidates = min(candidates, model.mean_.size)
    _check_n(n, candidates)
    first = np.argsort(-model.mean_, kind="stable")[:candidates]
    seen = pool.matrix()
    asked = np.empty((pool.n_users, n), dtype=np.int64)
    for user in range(pool.n_users):
        yes = set(seen.indices[seen.indptr[user] : seen.indptr[user + 1]].tolist())
        likely, covariance = model.mean_.copy(), model.covariance_[first]  # [C, I]
        settled = _settled(covariance, covariance[:, first].diagonal(), model.noise)
        for place in range(n):
            worth = np.clip(likely[first], 1e-6, 1) * settled
            worth[np.isin(first, asked[user, :place])] = -np.inf
            best = int(worth.argmax())
            item = asked[user, place] = int(first[best])
            if item in yes:
                gain = covariance[best] / (covariance[best, item] + model.noise)
                likely = likely + gain * (1 - likely[item])
                covariance = covariance - np.outer(covariance[:, item], gain)
                own = covariance[:, first].diagonal()
                settled = _settled(covariance, own, model.noise)
    return asked


def _settled(covariance: np.ndarray, own: np.ndarray, noise: float) -> np.ndarray:
    """Return the variance that knowing each row's item takes from all items."""
    return np.einsum("ij,ij->i", covariance, covariance) / (own + noise)


def _check_n(n: int, most: int) -> None:
    check_whole_number("n", n, 1)
    if n > most:
        raise ValueError(f"n: must be at most {most}, the items to ask, got {n}")
