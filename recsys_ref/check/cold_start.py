"""Check the answers to the exercises on cold start.

Book section 9.1.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, matches
from recsys_ref.content.blocks import stack_blocks
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import ColdSplit
from recsys_ref.data.social import Relations
from recsys_ref.data.split import cold_items, cold_users
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.results import load
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.cold_start import ColdStart
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.social import Social

SEED = 42
# Who has seen which of four films: the six people of the chapter.
PEOPLE = ("1110", "1000", "1001", "1000", "0110", "0001")
SEEN = np.array([[int(seen) for seen in row] for row in PEOPLE])
NOISES = (0.01, 1.0, 1000.0)


def eve(scores: object) -> Verdict:
    """Check `ex-ch91-eve`: what three friends say, smoothed as by two more.

    Args:
        scores: `float[4]`, of the films A to D.

    Returns:
        The verdict.

    Examples:
        >>> eve([0.5, 0.5, 0.5])
        Not yet. The answer should be numbers of the shape (4,); yours has the
        shape (3,).
    """
    share, friends = SEEN.mean(axis=0), SEEN[[0, 2, 4]].mean(axis=0)
    return matches(
        scores,
        _social([0, 2, 4]),
        because="Three friends and two who choose like everyone make five.",
        hint="Add up what the friends have seen and, twice, the shares of everyone. "
        "How many people is that?",
        mistakes=[
            (_social([0, 4]), "These are the scores with two friends, as before."),
            (friends, "This is the friends' share alone, without smoothing."),
            (share, "This is everyone's share. Where are the friends?"),
            ((friends + share) / 2, "Are there as many friends as there is smoothing?"),
            ((3 * friends + 2 * share) / 3, "Divide by all, the smoothing included."),
            (_social([1, 3, 5]), "The first person has the number 0."),
        ],
    )


def blank(ahead: object, vectors: np.ndarray) -> Verdict:
    """Check `ex-ch91-blank`: where a film without a text stands among the new ones.

    Args:
        ahead: Share of the new films that are ahead of it, the median over users.
        vectors: `float[I, D]`, with zeros in the row of the film, which is the first
            of the new films.

    Returns:
        The verdict.

    Examples:
        >>> blank("at the end", np.eye(1682, 5))
        Not yet. The answer should be a single number; yours is 'at the end'.
    """
    above, among_known = _ahead(vectors)
    right = float(np.median(above))
    return matches(
        ahead,
        right,
        because="Nothing known makes it the average film, and many are worse.",
        hint="Score the new films for every user, take for each user the share of new "
        "films with a higher score, then the median.",
        mistakes=[
            (1 - right, "This is the share behind it. How many are ahead?"),
            (above.mean(), "This is the mean over users. The question has the median."),
            (
                right * len(_new_films().cold),
                "This is a number of films. Give the share.",
            ),
            (
                np.median(among_known),
                "These are the known films. Compare it with the new ones.",
            ),
            (100 * right, "Give a share, between zero and one, not a percentage."),
        ],
        tolerance=5e-3,
    )


def fame(means: object, blocks: Mapping[str, np.ndarray]) -> Verdict:
    """Check `ex-ch91-fame`: what is left without the model's memory of fame.

    Args:
        means: Mean nDCG@10 on the split of seed 42, first without the title
            likelihood, then without SmolLM2.
        blocks: What is known of the films, as in the chapter; genres, year, MiniLM
            and SmolLM2 are looked at.

    Returns:
        The verdict.

    Examples:
        >>> fame(0.4, {})
        Not yet. Give two means: without the likelihood, and without SmolLM2.
    """
    if np.shape(_array(means)) != (2,):
        return Verdict(
            False, "Give two means: without the likelihood, and without SmolLM2."
        )
    table = load("cold_items")
    weights = table["protocol"]["weights"]
    maps = {name: m["chosen"] for name, m in table["search"]["maps"].items()}

    def mean(names, how, weighted=True):
        vectors = stack_blocks(
            {name: blocks[name] for name in names},
            {name: weights[name] for name in names} if weighted else None,
        )
        return _cold(vectors, **how)

    two = ["genres", "year", "MiniLM", "SmolLM2"]
    first = mean(two, maps["+ MiniLM + SmolLM2"])
    second = mean(two[:3], maps["+ MiniLM"])
    right = [first, second]
    because = "The second holds what the text says, and little that is memory."
    hint = (
        "Stack the blocks that remain with their weights, and take the map's "
        "strength that was chosen for just these."
    )
    if matches(means, right, because=because, hint=hint):
        return Verdict(True, because)
    alike = maps["+ all three"]
    mistakes = [
        (right[::-1], "First without the likelihood only, then without both."),
        (
            [mean(two, alike), mean(two[:3], alike)],
            "These maps have the strength that was chosen for all blocks.",
        ),
        (
            [
                mean(two, maps["+ MiniLM + SmolLM2"], weighted=False),
                mean(two[:3], maps["+ MiniLM"], weighted=False),
            ],
            "The blocks have weights, in `table['protocol']['weights']`.",
        ),
    ]
    return matches(means, right, because=because, hint=hint, mistakes=mistakes)


def noise(means: object) -> Verdict:
    """Check `ex-ch91-noise`: the conditional mean with little and with much noise.

    Args:
        means: Mean nDCG@10 of the held-out users of seed 42 after twenty ratings,
            with noise 0.01, 1 and 1000.

    Returns:
        The verdict.

    Examples:
        >>> noise([0.2, 0.2])
        Not yet. The answer should be numbers of the shape (3,); yours has the
        shape (2,).
    """
    right, hopeful, nothing = _noise()
    return matches(
        means,
        right,
        because="Much noise leaves popularity; little believes every accident.",
        hint="Fit on the other users, fold the first twenty ratings in, and rank for "
        "the held-out users only.",
        mistakes=[
            (right[::-1], "The least noise comes first."),
            (
                hopeful,
                "The held-out users were in the fit. Fit on `warm`, then fold in.",
            ),
            (nothing, "Each of these is popularity. Is the history folded in?"),
        ],
        tolerance=2e-3,
    )


def _social(friends: Sequence[int]) -> np.ndarray:
    """Return Eve's scores by what her friends have seen, smoothed by two more."""
    pairs = np.argwhere(SEEN)
    n = len(pairs)
    films = list("ABCD")
    people = Interactions(*pairs.T, np.ones(n), np.zeros(n), range(6), films)
    ties = Relations([[friend, 6] for friend in friends], [*range(6), "eve"], "made up")
    eve = Interactions([], [], [], [], ["eve"], films)
    return Social(ties, smoothing=2.0).fit(people).fold_in(eve).score([0])[0]


@cache
def _new_films() -> ColdSplit:
    """Return the chapter's split with a fifth of the films new."""
    ratings = load_movielens_100k().interactions
    return cold_items(ratings, share=0.2, rng=SEED)


def _ahead(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which share of new and of known films is ahead of the first new one.

    Each is a `float64[U]`.
    """
    split = _new_films()
    how = load("cold_items")["search"]["maps"]["+ all three"]["chosen"]
    model = ColdStart(vectors, EASE(l2=400.0), **how).fit(split.train)
    scores = model.score(np.arange(split.train.n_users))
    ahead = scores > scores[:, split.cold[:1]]
    known = np.setdiff1d(np.arange(split.train.n_items), split.cold)
    return ahead[:, split.cold].mean(axis=1), ahead[:, known].mean(axis=1)


def _cold(vectors: np.ndarray, **how: float) -> float:
    """Return the mean nDCG@10 of the new films' list."""
    split = _new_films()
    model = ColdStart(vectors, EASE(l2=400.0), **how).fit(split.train)
    everyone = np.arange(split.train.n_users)
    lists = model.recommend(everyone, k=10, candidates=split.cold)
    return float(evaluate(lists, split.test.matrix()).means()["ndcg@10"])


@cache
def _noise() -> tuple[np.ndarray, np.ndarray, float]:
    """Return the means by noise, those of a fit that saw too much, and popularity's."""
    ratings = load_movielens_100k().interactions
    split = cold_users(ratings, share=0.2, rng=SEED, known=20)
    is_new = np.isin(split.train.user, split.cold)
    others, first = split.train.select(~is_new), split.train.select(is_new)

    def mean(model: Recommender) -> float:
        lists = model.fold_in(first).recommend(split.cold, k=10, rng=SEED)
        return float(evaluate(lists, split.test.matrix()).means()["ndcg@10"])

    models = [ConditionalMean(noise=value) for value in NOISES]
    right = np.array([mean(model.fit(others)) for model in models])
    hopeful = np.array([mean(model.fit(split.train)) for model in models])
    return right, hopeful, mean(Popularity().fit(others))


def _array(answer: object) -> np.ndarray:
    try:
        return np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        return np.array(np.nan)
