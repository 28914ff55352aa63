"""Measure what each strategy gives users of whom little is known.

    python benchmarks/cold_users.py

writes `recsys_ref/results/cold_users.json`.

A fifth of the users is held out, five times over. Of each, the first 20
ratings may be shown and all later ones are test, whatever is shown. The first
0, 1, 2, 3, 5, 10 or 20 are shown, ties in time broken at random; the 20 are
masked in every list, shown or not, so that each point of a curve ranks the
same candidates for the same test. Models are fitted on the other users and
fold the shown ratings in.

Every seed chooses its hyperparameters on users cut from its own training
users in the same way, two cuts; weights that depend on the number of known
ratings are chosen for each number.

Friendships are made up (`data.social.synthetic_friendships`), between users of
like taste: k-means of iALS user factors, fitted on training users, with all
users folded in by their whole histories, test included. So a friend knows what
a list is tested on, by the group that he shares; what friends are worth here is
planted, and says nothing about real friends. Beside it, "by first 20": the same
groups, but held-out users are placed by their 20 ratings alone.

Questions are answered from the 20 ratings; a film that is not among them gets
no answer, and an answer "no" is not used. `ConditionalMean` folds them in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import protocol
from protocol import SEEDS, K, digits
from scipy.cluster.vq import kmeans2
from tqdm import tqdm

from recsys_ref.content.embed import embed_items
from recsys_ref.content.whiten import Whitening
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.order import places
from recsys_ref.data.social import Relations, synthetic_friendships
from recsys_ref.data.split import cold_users
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import pool_seeds
from recsys_ref.lm.pretrained import load_encoder
from recsys_ref.ranking import top_k
from recsys_ref.strategies import elicitation
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.social import Social
from recsys_ref.strategies.standardized import standardized

SHARE, MOST, VALIDATION_SHARE, VALIDATION_CUTS = 0.2, 20, 0.25, (1, 2)
KNOWN = (0, 1, 2, 3, 5, 10, 20)
GROUPS, DEGREE, HOMOPHILY = 8, 20.0, (0.0, 0.25, 0.5, 0.75, 1.0)
DIMENSIONS = 64
METRIC = f"ndcg@{K}"
MODELS: dict[str, Callable[..., Recommender]] = {
    "EASE": EASE,
    "IALS": IALS,
    "ItemKNN": ItemKNN,
    "Conditional": ConditionalMean,
}
SPACES = {
    "EASE": {"l2": [400.0, 1600.0, 6400.0, 25600.0, 102400.0]},
    "IALS": {"factors": [16, 64], "l2": [5.0, 10.0, 20.0, 40.0], "alpha": [4.0]},
    "ItemKNN": {"neighbours": [200, 400, 800], "shrinkage": [100.0, 300.0, 1000.0]},
    "Conditional": {"noise": [0.25, 0.5, 1.0, 2.0, 4.0]},
}
BLENDS = {  # each part beside its weights; chosen for each number of ratings
    "Popularity + text": {"text": [0.0, 0.05, 0.1, 0.2, 0.4]},
    "Popularity + EASE": {"EASE": [0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]},
    "Popularity + EASE + text": {
        "EASE": [0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
        "text": [0.0, 0.05, 0.1, 0.2, 0.4],
    },
    "Conditional + text": {"text": [0.0, 0.05, 0.1, 0.2, 0.4]},
}
SMOOTHING = {"smoothing": [1.0, 3.0, 10.0, 30.0, 100.0]}
FRIENDS = {"social": [0.0, 0.25, 0.5, 1.0, 2.0]}
NOISE = {"noise": [0.1, 0.2, 0.5, 1.0, 2.0]}
QUESTIONS = (
    *("popularity", "entropy", "popularity x entropy", "random"),
    *("informative", "adaptive"),
)


@dataclass(eq=False)
class Cold:
    """Warm users to fit on, cold ones to serve, what they may tell, their test.

    Attributes:
        warm: Events of the training users.
        known: The first 20 events of each cold user.
        test: The later events of the cold users.
        whole: All events, of warm and cold users.
        cold: `int64[C]`, the cold users.
        seed: Of ties, friendships and groups.
        scores: Scores of models already fitted, by their name and number.
    """

    warm: Interactions
    known: Interactions
    test: Interactions
    whole: Interactions
    cold: np.ndarray
    seed: int
    scores: dict = field(default_factory=dict)

    @classmethod
    def of(cls, x: Interactions, share: float, seed: int) -> "Cold":
        """Hold out a share of the users."""
        split = cold_users(x, share=share, rng=seed, known=MOST)
        is_cold = np.isin(split.train.user, split.cold)
        warm, known = split.train.select(~is_cold), split.train.select(is_cold)
        return cls(warm, known, split.test, x, split.cold, seed)

    @cached_property
    def _place(self) -> np.ndarray:
        """Number each known event within its user, the earliest 0."""
        known = self.known
        tie = np.random.default_rng(self.seed).permutation(len(known))
        return places(known.user, known.timestamp, tie)[0]

    def first(self, n: int) -> Interactions:
        """Return the first n events of each cold user."""
        return self.known.select(self._place < n)

    def scored(self, model: Recommender, n: int) -> np.ndarray:
        """Fold the first n ratings in, and score."""
        return model.fold_in(self.first(n)).score(self.cold)

    def measure(self, scores: np.ndarray) -> Evaluation:
        """Rank the same candidates, measure on the same test."""
        masked = self.known.matrix()[self.cold]
        ranking = top_k(scores, K, users=self.cold, excluded=masked, rng=self.seed)
        return evaluate(ranking, self.test.matrix(), metrics=[metrics.ndcg])

    @cached_property
    def _factors(self) -> dict[bool, np.ndarray]:
        """`float32[U, D]` by all events (True), or cold ones by 20 (False)."""
        model = IALS(factors=16, l2=20.0, alpha=4.0).fit(self.warm)
        by_all = model.fold_in(self.whole).user_factors_
        by_20 = by_all.copy()
        by_20[self.cold] = model.fold_in(self.known).user_factors_[self.cold]
        return {True: by_all, False: by_20}

    def friends(self, homophily: float, *, by_all: bool = True) -> Relations:
        """Make friendships up between all users who have a taste."""
        users = np.unique(self.whole.user)
        factors = unit_rows(self._factors[by_all][users]).astype(np.float64)
        rng = np.random.default_rng(self.seed)
        return synthetic_friendships(
            kmeans2(factors, GROUPS, minit="++", rng=rng)[1],
            mean_degree=DEGREE,
            homophily=homophily,
            rng=self.seed,
            user_ids=self.warm.user_ids[users],
        )


def search_models(cuts: list[Cold]) -> dict:
    """Choose each model's hyperparameters by its mean over 1 to 20 ratings."""

    def measure(cut: Cold, name: str, **parameters: object) -> Evaluation:
        model = MODELS[name](**parameters).fit(cut.warm)
        return pool_seeds({n: cut.measure(cut.scored(model, n)) for n in KNOWN[1:]})

    return {
        name: protocol.tune(
            lambda cut, name=name, **given: measure(cut, name, **given), space, cuts
        )
        for name, space in SPACES.items()
    }


def fit_all(cold: Cold, chosen: Mapping, vectors: np.ndarray, rng: int) -> None:
    """Fit, fold in and score each part for each number of ratings."""
    parts = {name: MODELS[name](**chosen[name]) for name in MODELS}
    shuffled = np.random.default_rng(rng).permutation(vectors)
    parts |= {
        "Popularity": Popularity(),
        "text": DotProduct(vectors),
        "shuffled text": DotProduct(shuffled),
    }
    for name, part in parts.items():
        part.fit(cold.warm)
        for n in KNOWN:
            cold.scores[name, n] = cold.scored(part, n)


def blend(cold: Cold, base: str, weights: Mapping[str, float], n: int) -> np.ndarray:
    """Add weighted standardized scores to those of a base, as `WarmUp` does."""
    total = standardized(cold.scores[base, n])
    for name, weight in weights.items():
        if weight:
            total += weight * standardized(cold.scores[name, n])
    return total


def search_blends(cuts: list[Cold]) -> dict:
    """Choose the weights of each blend for each number of ratings."""
    return {
        name: {
            n: protocol.tune(
                lambda cut, n=n, name=name, **weights: cut.measure(
                    blend(cut, name.split(" + ")[0], weights, n)
                ),
                space,
                cuts,
            )
            for n in KNOWN[1:]
        }
        for name, space in BLENDS.items()
    }


def search_friends(cuts: list[Cold], homophily: float, by_all: bool) -> tuple:
    """Choose the smoothing, then the weight of friends beside own ratings."""

    def score(cut: Cold, smoothing: float) -> np.ndarray:
        friends = cut.friends(homophily, by_all=by_all)
        social = Social(friends, smoothing).fit(cut.warm)
        return cut.scored(social, 0)

    smoothing = protocol.tune(
        lambda cut, smoothing: cut.measure(score(cut, smoothing)), SMOOTHING, cuts
    )
    for cut in cuts:
        cut.scores |= dict.fromkeys(
            [("social", n) for n in KNOWN], score(cut, **smoothing.best)
        )
    weights = {
        n: protocol.tune(
            lambda cut, social, n=n: cut.measure(
                blend(cut, "Conditional", {"social": social}, n)
            ),
            FRIENDS,
            cuts,
        )
        for n in KNOWN
    }
    return smoothing, weights


def answers(cold: Cold, model: ConditionalMean, kind: str) -> dict[int, Interactions]:
    """Return what cold users tell when asked 0 to 20 questions."""
    most = max(KNOWN)
    if kind == "adaptive":
        one_each = Interactions(  # cold users only: an interview takes time
            np.searchsorted(cold.cold, cold.known.user),
            *(getattr(cold.known, name) for name in ("item", "value", "timestamp")),
            cold.known.user_ids[cold.cold],
            cold.known.item_ids,
        )
        asked = elicitation.interview(model, one_each, most)
        by_user = np.zeros((cold.known.n_users, most), dtype=np.int64)
        by_user[cold.cold] = asked
        hit = by_user[cold.known.user] == cold.known.item[:, None]
        return {n: cold.known.select(hit[:, :n].any(axis=1)) for n in KNOWN}
    questions = (
        elicitation.informative_questions(model, most)
        if kind == "informative"
        else elicitation.question_list(cold.warm, most, kind, rng=cold.seed)
    )
    return {n: elicitation.ask(cold.known, questions[:n]) for n in KNOWN}


def search_questions(cuts: list[Cold]) -> dict:
    """Choose the noise for each kind of questions but the slow adaptive one."""

    def measure(cut: Cold, kind: str, noise: float) -> Evaluation:
        model = ConditionalMean(noise).fit(cut.warm)
        told = answers(cut, model, kind)
        return pool_seeds(
            {n: cut.measure(model.fold_in(told[n]).score(cut.cold)) for n in KNOWN[1:]}
        )

    return {
        kind: protocol.tune(
            lambda cut, noise, kind=kind: measure(cut, kind, noise), NOISE, cuts
        )
        for kind in QUESTIONS
        if kind != "adaptive"
    }


def run(x: Interactions, vectors: np.ndarray, seed: int) -> tuple[dict, dict, dict]:
    """Choose on training users, measure on the held-out ones of one seed."""
    cold = Cold.of(x, SHARE, seed)
    cuts = [
        Cold.of(cold.warm, VALIDATION_SHARE, 1000 * cut + seed)
        for cut in VALIDATION_CUTS
    ]
    runs: dict[str, dict[int, Evaluation]] = {}
    models = search_models(cuts)
    best = {name: search.best for name, search in models.items()}
    for place in (cold, *cuts):
        fit_all(place, best, vectors, rng=seed)
    for name in ("Popularity", *MODELS, "text"):
        runs[name] = {n: cold.measure(cold.scores[name, n]) for n in KNOWN}
    blends = search_blends(cuts)
    for name, searches in blends.items():
        base = name.split(" + ")[0]
        weights = {0: dict.fromkeys(BLENDS[name], 0.0)}
        weights |= {n: search.best for n, search in searches.items()}
        runs[name] = {n: cold.measure(blend(cold, base, weights[n], n)) for n in KNOWN}
        if "text" in BLENDS[name]:
            for n in KNOWN:  # the weights that real text was given
                weights[n] = {
                    part.replace("text", "shuffled text"): weight
                    for part, weight in weights[n].items()
                }
            runs[name.replace("text", "shuffled text")] = {
                n: cold.measure(blend(cold, base, weights[n], n)) for n in KNOWN
            }
    friend_record = {}
    for homophily, by_all in (*((h, True) for h in HOMOPHILY), (1.0, False)):
        smoothing, weights = search_friends(cuts, homophily, by_all)
        friends = cold.friends(homophily, by_all=by_all)
        social = Social(friends, **smoothing.best).fit(cold.warm)
        scores = cold.scored(social, 0)
        cold.scores |= dict.fromkeys([("social", n) for n in KNOWN], scores)
        kind = f"h = {homophily}" if by_all else f"by first 20, h = {homophily}"
        runs[f"Friends, {kind}"] = dict.fromkeys(KNOWN, cold.measure(scores))
        runs[f"Conditional + friends, {kind}"] = {
            n: cold.measure(blend(cold, "Conditional", weights[n].best, n))
            for n in KNOWN
        }
        friend_record[kind] = {
            "smoothing": protocol.search_record(smoothing, SMOOTHING),
            "weights": {
                str(n): protocol.search_record(search, FRIENDS)
                for n, search in weights.items()
            },
            "without_friends": int((social.ties_.sum(axis=1)[cold.cold] == 0).sum()),
        }
    questions = search_questions(cuts)
    told_record = {}
    for kind in QUESTIONS:
        noise = questions["informative" if kind == "adaptive" else kind].best
        model = ConditionalMean(**noise).fit(cold.warm)
        told = answers(cold, model, kind)
        runs[f"Questions, {kind}"] = {
            n: cold.measure(model.fold_in(told[n]).score(cold.cold)) for n in KNOWN
        }
        told_record[kind] = {
            str(n): digits(len(told[n]) / len(cold.cold)) for n in KNOWN
        }
    record = {
        "models": {
            name: protocol.search_record(search, SPACES[name])
            for name, search in models.items()
        },
        "blends": {
            name: {
                str(n): protocol.search_record(search, BLENDS[name])
                for n, search in searches.items()
            }
            for name, searches in blends.items()
        },
        "friends": friend_record,
        "questions": {
            kind: protocol.search_record(search, NOISE)
            for kind, search in questions.items()
        },
    }
    return runs, record, told_record


def collect() -> dict:
    """Do everything; return what the file holds."""
    movielens = load_movielens_100k()
    x = movielens.interactions
    raw = embed_items(load_encoder(), movielens.items)
    vectors = Whitening(DIMENSIONS).fit(raw).transform(raw)
    by_seed = {seed: run(x, vectors, seed) for seed in tqdm(SEEDS, desc="seeds")}
    names = list(by_seed[SEEDS[0]][0])
    curves = {
        name: {n: {s: by_seed[s][0][name][n] for s in SEEDS} for n in KNOWN}
        for name in names
    }
    cold = Cold.of(x, SHARE, SEEDS[0])
    return {
        "protocol": {
            "words": " ".join(__doc__.split("\n\n", 3)[3].split()),
            "seeds": list(SEEDS),
            "known": list(KNOWN),
            "k": K,
            "cold_users": len(cold.cold),
            "test_events": len(cold.test),
            "groups": GROUPS,
            "mean_degree": DEGREE,
            "dimensions": DIMENSIONS,
        },
        "search": {str(seed): by_seed[seed][1] for seed in SEEDS},
        "answers": {str(seed): by_seed[seed][2] for seed in SEEDS},
        "seeds": {
            name: {
                str(n): {str(s): digits(run.means()[METRIC]) for s, run in runs.items()}
                for n, runs in by_n.items()
            }
            for name, by_n in curves.items()
        },
        "mean": {
            name: {
                str(n): mean_and_interval(pool_seeds(runs)) for n, runs in by_n.items()
            }
            for name, by_n in curves.items()
        },
        "minus_popularity": {
            name: {
                str(n): protocol.versus(runs, curves["Popularity"][n], METRIC)
                for n, runs in by_n.items()
            }
            for name, by_n in curves.items()
            if name != "Popularity"
        },
        "minus": {
            f"{a} - {b}": {
                str(n): protocol.versus(curves[a][n], curves[b][n], METRIC)
                for n in KNOWN
            }
            for a, b in PAIRS
        },
    }


PAIRS = (
    ("Conditional", "EASE"),
    ("Conditional", "ItemKNN"),
    ("Conditional + text", "Conditional"),
    ("Conditional + text", "Conditional + shuffled text"),
    ("Popularity + text", "Popularity + shuffled text"),
    ("Popularity + EASE + text", "Popularity + EASE"),
    ("Popularity + EASE + text", "Popularity + EASE + shuffled text"),
    *((f"Conditional + friends, h = {h}", "Conditional") for h in HOMOPHILY),
    ("Questions, informative", "Questions, popularity"),
    ("Questions, informative", "Questions, random"),
    ("Questions, informative", "Conditional"),
    ("Questions, adaptive", "Questions, informative"),
)


def mean_and_interval(run: Evaluation) -> dict[str, float]:
    """Bound a mean over users, pooled over seeds."""
    values = run.per_user[[METRIC]]
    return protocol.bound(Evaluation(values), Evaluation(0.0 * values), METRIC)


def report(results: Mapping) -> str:
    """Lay the curves side by side: mean over seeds, * where above popularity."""
    lines = [f"{'nDCG@10 after':36}" + "".join(f"{n:>9}" for n in KNOWN)]
    for name, by_n in results["seeds"].items():
        line = f"{name:36}"
        for n, means in by_n.items():
            gap = results["minus_popularity"].get(name, {}).get(n)
            mark = "*" if gap and gap["pooled"]["low"] > 0 else " "
            line += f"{np.mean(list(means.values())):8.4f}{mark}"
        lines.append(line)
    for name, by_n in results["minus"].items():
        lines.append(name)
        lines += [
            f"    {n:>2}  {protocol.in_words(gap)}"
            for n, gap in ((n, each["pooled"]) for n, each in by_n.items())
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
