"""Checks for the exercises on explanations: shares, whose model, what is named.

Book section 8.2.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, matches
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import stratified_split
from recsys_ref.explanation import checks, contributions
from recsys_ref.explanation.nearest_text import agreement
from recsys_ref.explanation.written import Explanation
from recsys_ref.profiles.behaviour import last_events
from recsys_ref.results import load
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE

SEED = 0


def support(share: float, films: int) -> Verdict:
    """Check what one film makes up of all that speaks for a recommendation.

    Args:
        share: Of the first film of the table `why` in what speaks for *Star Wars*.
        films: How many films it takes, the largest first, to reach half of that.

    Returns:
        The verdict.

    Examples:
        >>> support(1.0, 1)
        Not yet. Add up what is above zero in the column `contribution`, and divide by
        that.
    """
    parts = _asked().counted[4]
    films_needed = int(contributions.concentration(parts))
    helps = np.maximum(parts, 0).sum()
    right = parts.max() / helps
    return matches(
        [share, films],
        [right, films_needed],
        because="It is less than its share of the score, which the others lower.",
        hint="Add up what is above zero in the column `contribution`, and divide by "
        "that.",
        mistakes=[
            ([parts.max() / parts.sum(), films_needed], "That is its share of the "
             "score, and the score is lowered by what speaks against the film."),
            ([parts.max() / np.abs(parts).sum(), films_needed], "What speaks against "
             "the film is no support, whatever its sign."),
            ([right, films_needed - 1], "So few films do not reach half of it."),
            ([right, films_needed + 1], "Fewer films are enough, if the largest come "
             "first."),
            ([right, (parts > 0).sum()], "These are all films that speak for it. How "
             "many make up half?"),
        ],
        tolerance=6e-3,
    )  # fmt: skip


def two(cover: np.ndarray) -> Verdict:
    """Check how much of the score the first one, two and three films cover.

    Args:
        cover: Medians over the forty users, `float64[3]`.

    Returns:
        The verdict.

    Examples:
        >>> two([0.1, 0.1, 0.1])
        Not yet. Sort each user's contributions, the largest first, add them up and
        divide by the score.
    """
    counted = _asked().counted
    ordered = [np.sort(parts)[::-1] for parts in counted]
    shares = np.array([parts[:3] / parts.sum() for parts in ordered])
    covered = shares.cumsum(axis=1)
    helps = np.array([np.maximum(parts, 0).sum() / parts.sum() for parts in counted])
    return matches(
        cover,
        np.median(covered, axis=0),
        because="Even three films leave a good part of the score out.",
        hint="Sort each user's contributions, the largest first, add them up and "
        "divide by the score.",
        mistakes=[
            (covered.mean(axis=0), "The median user is asked for, not the mean."),
            (np.median(shares, axis=0), "Two films cover what both add, not what the "
             "second one does."),
            (np.median(covered / helps[:, None], axis=0), "That is their share of what "
             "speaks for the film. What is asked for is their share of the score."),
            (np.median(covered, axis=0)[::-1], "One film first, three last."),
        ],
        tolerance=6e-3,
    )  # fmt: skip


def many(passes: float) -> Verdict:
    """Check how many explanations that name the whole history pass both checks.

    Args:
        passes: Share of the forty.

    Returns:
        The verdict.

    Examples:
        >>> many(1.0)
        Not yet. All of them are grounded. What of the second check, of the film that
        is named first?
    """
    asked = _asked()
    said = [
        Explanation("You watched " + ", ".join(f'"{name}"' for name in names) + ".")
        for names in asked.watched
    ]
    cited = [
        checks.find_cited(each, names, film, asked.finder)
        for each, names, film in zip(said, asked.watched, asked.films, strict=True)
    ]
    found = checks.check_explanations(cited, asked.counted).mean()
    return matches(
        passes,
        found["passes"],
        because="The first film that is named is the one that is checked.",
        hint="Build one sentence a user, with each title in quotation marks, and hand "
        "them to `checked`.",
        mistakes=[
            (found["grounded"], "All of them are grounded. What of the second check, "
             "of the film that is named first?"),
            (found["lowers"], "To lower the score is not enough: it must do so by "
             "more than most of the others."),
            (found["top 1"], "It need not be the film that counted most."),
            (found["top 3"], "It need not be one of the three that counted most."),
        ],
        tolerance=6e-3,
    )  # fmt: skip


def other(often: float, vectors: np.ndarray) -> Verdict:
    """Check how often EASE names the film that counted for a text profile.

    Args:
        often: Share of the forty users.
        vectors: The centered ones of the chapter, `float[1682, D]`.

    Returns:
        The verdict.

    Examples:
        >>> other(1.0, np.random.default_rng(0).normal(size=(1682, 8)))
        Not yet. Is it EASE that explains? A model that explains itself is always right.
    """
    asked = _asked()
    items = asked.recent.n_items
    vectors = np.asarray(vectors)
    numbers = np.issubdtype(vectors.dtype, np.number) and np.isfinite(vectors).all()
    if not numbers or vectors.ndim != 2 or len(vectors) != items:
        return Verdict(False, "Hand over the chapter's `vectors`, one film a row, too.")
    profile = DotProduct(vectors, cosine=True).fit(asked.recent)
    films = profile.recommend(asked.users, k=1, rng=SEED).items[:, 0]
    of_text = [
        contributions.additive_parts(profile, user, asked.recent)[1][:, film]
        for user, film in zip(asked.users, films, strict=True)
    ]
    of_ease = [parts[:, film] for parts, film in zip(asked.parts, films, strict=True)]
    found = agreement(of_text, [parts.argmax() for parts in of_ease]).mean()
    old = agreement(of_text, [parts.argmax() for parts in asked.counted]).mean()
    return matches(
        often,
        found["top 1"],
        because="Above chance, and mostly wrong: another model's reasons.",
        hint="For the profile's best film: which film of the history adds most by "
        "EASE, and which by the profile?",
        mistakes=[
            (1.0, "Is it EASE that explains? A model that explains itself is always "
             "right."),
            (found["top 3"], "It is to be the film that counted most, not one of "
             "three."),
            (found["chance 1"], "That is what a film drawn at random reaches."),
            (old["top 1"], "The reasons are for EASE's own best film. Ask for those of "
             "the profile's."),
        ],
        tolerance=6e-3,
    )  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """The users whom the chapter asks about, and what counted for them.

    Attributes:
        recent: The last ten films of every user.
        users: `int64[B]`.
        films: `str[B]`, the title of each user's best film.
        watched: The titles of each history.
        parts: For each user what each film adds to every score, `float64[n, I]`.
        counted: The same for his best film, `float64[n]`.
        finder: Knows all titles.
    """

    recent: Interactions
    users: np.ndarray
    films: list[str]
    watched: list[list[str]]
    parts: list[np.ndarray]
    counted: list[np.ndarray]
    finder: checks.TitleFinder


@cache
def _asked() -> _Asked:
    movielens = load_movielens_100k()
    titles = [checks.short_title(title) for title in movielens.items.title]
    train = stratified_split(movielens.interactions, ratio=0.75, seed=42).train
    recent = last_events(train, 10, rng=SEED)
    model = EASE(l2=500.0).fit(train).fold_in(recent)
    asked = load("explanations")["protocol"]
    split = [contributions.additive_parts(model, user) for user in asked["users"]]
    return _Asked(
        recent=recent,
        users=np.array(asked["users"]),
        films=[titles[film] for film in asked["first"]],
        watched=[[titles[item] for item in own] for own, _, _ in split],
        parts=[parts for _, parts, _ in split],
        counted=[
            parts[:, film]
            for (_, parts, _), film in zip(split, asked["first"], strict=True)
        ],
        finder=checks.TitleFinder(movielens.items.title),
    )
