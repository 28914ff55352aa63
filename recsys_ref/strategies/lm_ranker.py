"""A language model ranks what a first stage retrieved.

Two stages, because a language model is too slow to read a catalogue for each
user, and grounded, because what it says is only ever the score of a candidate:
a film that does not exist cannot be recommended.

Book section 3.4.
"""

import json
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm import tqdm

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.interactions import Interactions
from recsys_ref.ranking import PADDING, Ranking, one_seed, top_k
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.standardized import standardized

Prompt = Any  # whatever the prompt builder makes and the scorer takes
PromptBuilder = Callable[[Interactions], Prompt]
Scorer = Callable[[Prompt, list[str]], np.ndarray]


@dataclass(eq=False)
class LMRanker(Recommender):
    r"""Reorder a first stage's best candidates by what a scorer makes of them.

    score(u, i) = (1 - weight) z(first stage) + weight z(scorer)

    where z takes the mean over the user's candidates away and divides by their
    standard deviation, so that the two are in one unit; candidates that are all
    scored alike get 0. A user's list holds none but his candidates, and padding
    where they are fewer than k. The scorer is not asked about a user without
    events, who keeps the first stage's order.

    Candidates are handed to the scorer in an order drawn from the seed of
    `recommend`. In the first stage's order a scorer that merely prefers the
    first place would seem to have its taste.

    Attributes:
        first_stage: Retrieves candidates. A copy is fitted; it stays as it is.
        scorer: Called once a user with a prompt and C texts. Returns
            `float[C]`, finite, higher is better. For the likelihood of a title:
            `lambda prompt, texts: log_likelihood(model, prompt, texts)`.
        prompt: Called with the training events of one user, at least one.
            Makes the prompt, as from `profiles.textual.history_text`.
        texts: `str[I]`, what the scorer reads of each item. Where two items
            have the same text, only the first stage can tell them apart.
        n_candidates: C, how many items of each user are reordered, at least 1.
        weight: From 0, the first stage alone, to 1, the scorer alone.
        progress: Whether to draw a bar of users on stderr, if that is a terminal.
        first_stage_: The fitted first stage; set by `fit`.

    Raises:
        ValueError: From `fit`, if a hyperparameter is out of its range or
            `texts` are not one string an item. From `recommend` and `score`, if
            the scorer gives anything but a finite number for each text.

    References:
        Hou et al. (2023), LLMRank, https://arxiv.org/abs/2305.08845

    Examples:
        >>> import pandas as pd
        >>> from recsys_ref.strategies.popularity import Popularity
        >>> table = Interactions.from_frame(pd.DataFrame({
        ...     "user_id": [1, 1, 2, 2, 3], "item_id": [7, 8, 8, 9, 9],
        ... }))
        >>> def shared_words(prompt, texts):
        ...     words = set(prompt.split())
        ...     return np.array([len(words & set(text.split())) for text in texts])
        >>> texts = ["space ship", "love story", "lost in space"]
        >>> def prompt(history):
        ...     return " ".join(texts[i] for i in history.item)
        >>> ranker = LMRanker(Popularity(), shared_words, prompt, texts)
        >>> ranker.fit(table).recommend([0, 1, 2], k=2).items
        array([[ 2, -1],
               [ 0, -1],
               [ 0,  1]])
    """

    first_stage: Recommender
    scorer: Scorer = field(repr=False)
    prompt: PromptBuilder = field(repr=False)
    texts: Sequence[str] = field(repr=False)
    n_candidates: int = 20
    weight: float = 1.0
    progress: bool = False
    first_stage_: Recommender = field(init=False, repr=False)
    history_: Interactions = field(init=False, repr=False)
    start_: np.ndarray = field(init=False, repr=False)

    def _fit(self, interactions: Interactions) -> None:
        check_whole_number("n_candidates", self.n_candidates, 1)
        if not 0 <= self.weight <= 1:
            raise ValueError(f"weight: must be in [0, 1], got {self.weight}")
        _check_texts(self.texts, interactions.n_items)
        self.first_stage_ = copy(self.first_stage).fit(interactions)
        self._keep(interactions)

    def _fold_in(self, interactions: Interactions) -> None:
        self.first_stage_ = self.first_stage_.fold_in(interactions)
        self._keep(interactions)

    def _keep(self, interactions: Interactions) -> None:
        """Store the histories, user by user."""
        self.history_ = interactions.select(
            np.argsort(interactions.user, kind="stable")
        )
        self.start_ = np.searchsorted(
            self.history_.user, np.arange(interactions.n_users + 1)
        )

    def score(self, users: np.ndarray) -> np.ndarray:
        """Score the whole catalogue, `float32[B, I]`, as if all were candidates.

        The scorer then reads I texts a user, and z is over them all.
        `recommend` reads C, and is what to use.
        """
        users = self._check_users(users)
        scores = self.first_stage_.score(users).astype(np.float64)
        everything = np.arange(scores.shape[1])
        for row, user in enumerate(self._bar(users)):
            scores[row] = self._blend(user, everything, scores[row], seed=0)
        return scores.astype(np.float32)

    def recommend(
        self,
        users: np.ndarray,
        *,
        k: int = 10,
        exclude_seen: bool = True,
        candidates: np.ndarray | None = None,
        rng: np.random.Generator | int = 0,
    ) -> Ranking:
        """Retrieve the candidates of some users, and rank them, best first.

        Args:
            users: `int64[B]`, user indices.
            k: Length of each list, at most `n_candidates`.
            exclude_seen: Whether items of the fitted events are left out.
            candidates: `int64[N]`, the only items that the first stage may
                retrieve. Default: all.
            rng: Seed that breaks ties between equal scores, in both stages.

        Raises:
            KeyError: If a user is unknown.
            RuntimeError: If `fit` has not been called.
            ValueError: If `k` is not in [1, `n_candidates`], or the scorer
                gives anything but a finite number for each text.
        """
        users = self._check_users(users)
        check_whole_number("k", k, 1)
        if k > self.n_candidates:
            raise ValueError(
                f"k: must be at most n_candidates = {self.n_candidates}, got {k}; "
                "there is nothing else to rank"
            )
        rng = one_seed(rng)  # for both stages and all users
        retrieved = self.first_stage_.recommend(
            users,
            k=self.n_candidates,
            exclude_seen=exclude_seen,
            candidates=candidates,
            rng=rng,
        )
        items = np.full((len(users), k), PADDING, dtype=np.int64)
        scores = np.full((len(users), k), np.nan, dtype=np.float32)
        blended = np.zeros((1, self.seen_.shape[1]))
        for row, user in enumerate(self._bar(users)):
            real = retrieved.items[row] != PADDING
            own, first = retrieved.items[row][real], retrieved.scores[row][real]
            blended[0, own] = self._blend(user, own, first, seed=rng)
            best = top_k(
                blended, k, users=users[row : row + 1], candidates=own, rng=rng
            )
            items[row], scores[row] = best.items[0], best.scores[0]
        return Ranking(users, items, scores)

    def _blend(
        self, user: int, items: np.ndarray, first: np.ndarray, seed: int
    ) -> np.ndarray:
        """Score items `int64[C]`, given the first stage's scores of them."""
        events = slice(self.start_[user], self.start_[user + 1])
        if self.weight == 0 or events.start == events.stop or not items.size:
            return standardized(first)
        history = self.history_.select(np.arange(events.start, events.stop))
        order = np.random.default_rng([seed, user]).permutation(items.size)
        texts = [str(self.texts[item]) for item in items[order]]
        given = np.asarray(self.scorer(self.prompt(history), texts))
        _check_scores(given, texts, user)
        second = np.empty(items.size)
        second[order] = given
        return (1 - self.weight) * standardized(first) + self.weight * standardized(
            second
        )

    def _bar(self, users: np.ndarray) -> tqdm:
        hidden = None if self.progress else True
        return tqdm(users, desc="users ranked", disable=hidden)


def remembered(scorer: Scorer) -> Scorer:
    """Make a scorer that answers what it was asked before from memory.

    To try several values of `weight`, or several measures, the language model
    then runs once: candidates, prompts and their order are the same each time.

    Args:
        scorer: For prompts that JSON can write: strings, or messages.

    Examples:
        >>> def scorer(prompt, texts):
        ...     print("asked")
        ...     return np.zeros(len(texts))
        >>> twice = remembered(scorer)
        >>> twice("I liked", [" Alien"]), twice("I liked", [" Alien"])
        asked
        (array([0.]), array([0.]))
    """
    known: dict[str, np.ndarray] = {}

    def answer(prompt: Prompt, texts: list[str]) -> np.ndarray:
        question = json.dumps([prompt, texts])
        if question not in known:
            known[question] = np.array(scorer(prompt, texts))  # own copy
        return known[question].copy()

    return answer


def _check_texts(texts: Sequence[str], n_items: int) -> None:
    if isinstance(texts, str) or len(texts) != n_items:
        raise ValueError(
            f"texts: must be {n_items} strings, one an item, got {texts!r:.80}"
        )
    for item, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"texts: must say something, got {text!r} for item {item}")


def _check_scores(scores: np.ndarray, texts: list[str], user: int) -> None:
    if scores.shape != (len(texts),) or scores.dtype.kind not in "iufb":
        raise ValueError(
            f"scorer: must give {len(texts)} numbers for user {user}, one a text, "
            f"got {scores.dtype} of shape {scores.shape}"
        )
    if not np.isfinite(scores).all():
        worst = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise ValueError(
            f"scorer: must give finite numbers, got {scores[worst]} for user {user} "
            f"and {texts[worst]!r}"
        )
