"""Friends, bubbles and returning users, on simulations with planted truths.

Three parts, each over five worlds. *Friends*: users choose one post a round; in
one half of the worlds friends are alike (homophily), in the other they copy
(influence), with as much agreement between friends. Ten rounds are for
choosing hyperparameters, the ten after them are the test. *Bubbles*: policies
learn from clicks on their own lists while tastes drift towards what is clicked.
*Returning*: users come back with a chance that depends on what they clicked.
The hyperparameters of the last two are chosen on a world of another seed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from protocol import digits, interval, main
from scipy.optimize import brentq
from scipy.sparse import csr_array

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.social import Relations, synthetic_friendships
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.exposure import overlap, spread
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import TextModel, load_encoder
from recsys_ref.ranking import top_k
from recsys_ref.simulate.influence import (
    Choices,
    expected_agreement,
    friends_and_strangers,
    own_choice,
    simulate_choices,
)
from recsys_ref.simulate.log import HOUR, Log, show
from recsys_ref.simulate.retention import ReturnModel, Weeks, simulate_weeks
from recsys_ref.simulate.rounds import Round, feedback_loop, topics_shown
from recsys_ref.simulate.world import World, make_world
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import blend
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.recent_popularity import RecentPopularity
from recsys_ref.strategies.social import Social
from recsys_ref.strategies.uniform import Uniform
from recsys_ref.strategies.varied import Varied

SEEDS, TUNING_SEED, K = (1, 2, 3, 4, 5), 100, 10
RESAMPLES = 2000
FRIENDS = {
    "world": {"n_users": 300, "n_items": 300, "n_topics": 6},
    "homophily": 0.8,
    "mean_degree": 8,
    "rounds": 40,
    "validation": [20, 30],
    "test": [30, 40],
    "newcomers": 60,
}
BUBBLES = {
    "world": {
        "n_users": 400,
        "n_items": 480,
        "n_topics": 6,
        "concentration": 0.5,
        "sharpness": 6.0,
        "base": -2.0,
    },
    "homophily": 0.8,
    "mean_degree": 8,
    "rounds": 20,
    "eta": 0.5,
    "drift": 0.03,
}
RETURNING = {
    "world": BUBBLES["world"],
    "weeks": 12,
    "lists_before": 40,
    "low": 0.75,
    "high": 1.0,
    "fresh_half_life_hours": 336.0,
}
Scores = Callable[[Interactions], np.ndarray]


def titles(model: TextModel, world: World) -> np.ndarray:
    """Embed the posts' titles and center them, `float32[I, D]`."""
    vectors = encode(model, world.titles.tolist())
    return vectors - vectors.mean(axis=0)


# --- Friends: homophily or influence ------------------------------------------


def friend_worlds(seed: int) -> dict[str, tuple[Relations, float, Choices]]:
    """Make two worlds of choices, alike in how much friends agree.

    Returns:
        "homophily" and "influence": friendships, lambda and choices.
    """
    world = make_world(rng=seed, **FRIENDS["world"])
    own, rounds = own_choice(world), FRIENDS["rounds"]
    group = world.taste.argmax(axis=1)
    alike, strangers = (
        synthetic_friendships(
            group, mean_degree=FRIENDS["mean_degree"], homophily=h, rng=seed
        )
        for h in (FRIENDS["homophily"], 0.0)
    )
    copying = matched_influence(own, alike, strangers)
    return {
        name: (
            friends,
            influence,
            simulate_choices(
                own, friends, influence=influence, rounds=rounds, rng=seed
            ),
        )
        for name, friends, influence in (
            ("homophily", alike, 0.0),
            ("influence", strangers, copying),
        )
    }


def matched_influence(own: np.ndarray, alike: Relations, others: Relations) -> float:
    """Return the lambda whose expected agreement is that of alike friends."""

    def gap(friends: Relations, influence: float) -> float:
        agree = expected_agreement(own, friends, influence=influence, rounds=20)
        known, unknown = friends_and_strangers(agree, friends)
        return known - unknown

    wanted = gap(alike, 0.0)
    return float(brentq(lambda x: gap(others, x) - wanted, 0.0, 0.99, xtol=0.005))


def known_methods(
    friends: Relations, vectors: np.ndarray, seed: int
) -> dict[str, tuple[Callable[..., np.ndarray], dict[str, Sequence]]]:
    """Return what scores the posts for all users, and what to try of it."""
    shuffled = np.random.default_rng(seed).permutation(vectors)
    priors = [0.03, 0.1, 0.3, 1.0, 3.0]
    return {
        "Popularity": (plain(lambda: Popularity()), {}),
        "Friends": (
            friends_scores(friends),
            {"window": [1, 3, 10, 40], "smoothing": [0.1, 0.5, 2.0, 8.0, 32.0]},
        ),
        "EASE": (plain(lambda l2: EASE(l2=l2)), {"l2": [20.0, 60.0, 200.0, 600.0]}),
        "Text": (
            plain(lambda prior: DotProduct(vectors, cosine=True, prior=prior)),
            {"prior": priors},
        ),
        "Shuffled text": (
            plain(lambda prior: DotProduct(shuffled, cosine=True, prior=prior)),
            {"prior": priors},
        ),
    }


BLENDS = {
    "EASE + friends": ("EASE", "Friends"),
    "Text + friends": ("Text", "Friends"),
    "EASE + text": ("EASE", "Text"),
}
WEIGHTS = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0]


def plain(make: Callable[..., Recommender]) -> Callable[..., np.ndarray]:
    """Return a function from past events and hyperparameters to scores."""

    def scores(past: Interactions, **how: float) -> np.ndarray:
        return make(**how).fit(past).score(np.arange(past.n_users))

    return scores


def friends_scores(friends: Relations) -> Callable[..., np.ndarray]:
    """Score by what friends chose in the last rounds, `window` of them."""

    def scores(past: Interactions, window: int, smoothing: float) -> np.ndarray:
        recent = past.timestamp > past.timestamp.max() - window * HOUR
        model = Social(friends, smoothing=smoothing).fit(past.select(recent))
        return model.score(np.arange(past.n_users))

    return scores


def rolled(
    choices: Choices,
    rounds: Sequence[int],
    score: Callable[[Interactions], np.ndarray],
    newcomers: np.ndarray | None = None,
) -> np.ndarray:
    """Predict each round's choice from all rounds before.

    Args:
        choices: What users chose.
        rounds: First and last (excluded) to predict.
        score: From past events to `float32[U, I]`.
        newcomers: Users whose own past nobody knows, the only ones measured.
            None: all are measured, with their past.

    Returns:
        nDCG@10 a user, the mean over rounds whose choice was new to him; NaN
        where none was.
    """
    n_users = choices.items.shape[1]
    measured = np.arange(n_users) if newcomers is None else newcomers
    values = []
    for turn in range(*rounds):
        past = choices.interactions(0, turn)
        if newcomers is not None:
            past = past.select(~np.isin(past.user, newcomers))
        seen, chosen = past.matrix(), choices.items[turn, measured]
        new = np.asarray(seen.toarray()[measured, chosen] == 0)
        relevant = csr_array(
            (np.ones(new.sum()), (measured[new], chosen[new])), shape=seen.shape
        )
        ranking = top_k(
            score(past)[measured], K, users=measured, excluded=seen[measured], rng=turn
        )
        values.append(evaluate(ranking, relevant).per_user["ndcg@10"])
    return pd.concat(values, axis=1).mean(axis=1).to_numpy()


def best_of(
    choices: Choices,
    score: Callable[..., np.ndarray],
    space: Mapping[str, Sequence],
    newcomers: np.ndarray | None = None,
) -> dict[str, float]:
    """Choose hyperparameters on the validation rounds."""
    trials = [dict(zip(space, each, strict=True)) for each in product(*space.values())]
    means = [
        np.nanmean(
            rolled(
                choices,
                FRIENDS["validation"],
                lambda past, how=how: score(past, **how),
                newcomers,
            )
        )
        for how in trials
    ]
    return trials[int(np.argmax(means))]


def blended(one: Scores, two: Scores) -> Callable[..., np.ndarray]:
    """Add the standardized scores of two methods, the second with a weight."""

    def scores(past: Interactions, weight: float) -> np.ndarray:
        return blend([one(past), two(past)], [1.0, weight])

    return scores


def remembered(score: Scores) -> Scores:
    """Keep the scores of each number of past events: blends ask again."""
    kept: dict[int, np.ndarray] = {}

    def scores(past: Interactions) -> np.ndarray:
        if len(past) not in kept:
            kept[len(past)] = score(past)
        return kept[len(past)]

    return scores


def one_friend_world(
    seed: int, friends: Relations, choices: Choices, vectors: np.ndarray
) -> dict[str, dict]:
    """Tune and measure all methods; per-user values and what was chosen."""
    values, chosen, fixed = {}, {}, {}
    methods = known_methods(friends, vectors, seed)
    for name, (score, space) in methods.items():
        chosen[name] = best_of(choices, score, space)
        fixed[name] = remembered(
            lambda past, score=score, how=chosen[name]: score(past, **how)
        )
        values[name] = rolled(choices, FRIENDS["test"], fixed[name])
    for name, (first, second) in BLENDS.items():
        score = blended(fixed[first], fixed[second])
        chosen[name] = best_of(choices, score, {"weight": WEIGHTS})
        weight = chosen[name]["weight"]
        values[name] = rolled(
            choices, FRIENDS["test"], lambda past, s=score, w=weight: s(past, w)
        )
    newcomers = new_users(seed)
    for name in ("Popularity", "Friends"):
        score, space = methods[name]
        how = best_of(choices, score, space, newcomers)
        chosen[f"New: {name}"] = how
        values[f"New: {name}"] = rolled(
            choices,
            FRIENDS["test"],
            lambda past, score=score, how=how: score(past, **how),
            newcomers,
        )
    return {"values": values, "chosen": chosen}


def new_users(seed: int) -> np.ndarray:
    """Draw the users whose past is not known, `int64[N]`, sorted."""
    n_users = FRIENDS["world"]["n_users"]
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(n_users, FRIENDS["newcomers"], replace=False))


PAIRS = (
    ("Friends", "Popularity"),
    ("EASE", "Popularity"),
    ("Text", "Popularity"),
    ("Text", "Shuffled text"),
    ("Text", "EASE"),
    ("Friends", "EASE"),
    ("Friends", "Text"),
    ("EASE + friends", "EASE"),
    ("EASE + text", "EASE"),
    ("Text + friends", "Text"),
    ("New: Friends", "New: Popularity"),
)


def friends_part(model: TextModel) -> dict:
    """Measure the worth of friends' signals in both kinds of world."""
    runs: dict[str, list[dict]] = {"homophily": [], "influence": []}
    copying_by_seed = {}
    for seed in SEEDS:
        vectors = titles(model, make_world(rng=seed, **FRIENDS["world"]))
        for kind, (friends, copying, choices) in friend_worlds(seed).items():
            runs[kind].append(one_friend_world(seed, friends, choices, vectors))
            if copying:
                copying_by_seed[str(seed)] = digits(copying)
    result: dict = {"parameters": FRIENDS, "copying": copying_by_seed}
    for kind, worlds in runs.items():
        pooled = {
            name: np.concatenate([run["values"][name] for run in worlds])
            for name in worlds[0]["values"]
        }
        result[kind] = {
            "seeds": {
                name: [digits(np.nanmean(run["values"][name])) for run in worlds]
                for name in pooled
            },
            "mean": {name: digits(np.nanmean(v)) for name, v in pooled.items()},
            "chosen": [run["chosen"] for run in worlds],
            "minus": {
                f"{a} - {b}": interval(pooled[a], pooled[b], n_resamples=RESAMPLES)
                for a, b in PAIRS
            },
        }
    return result


def against(
    pooled: Mapping[str, np.ndarray], pairs: Iterable[tuple[str, str]]
) -> dict[str, dict[str, float]]:
    """Bound each difference over the users of all worlds, with 95 %."""
    return {
        f"{a} - {b}": interval(pooled[a], pooled[b], n_resamples=RESAMPLES)
        for a, b in pairs
    }


# --- Bubbles ------------------------------------------------------------------


def policies(
    friends: Relations, vectors: np.ndarray, how: Mapping[str, float]
) -> dict[str, tuple[Callable[[Interactions], object], float]]:
    """Return what learns from clicks, and its share of exploration."""

    def text(clicks: Interactions) -> Recommender:
        return DotProduct(vectors, cosine=True, prior=how["prior"]).fit(clicks)

    def ease(clicks: Interactions) -> Recommender:
        return EASE(l2=how["l2"]).fit(clicks)

    return {
        "Random": (lambda clicks: Uniform().fit(clicks), 0.0),
        "Popularity": (lambda clicks: Popularity().fit(clicks), 0.0),
        "Friends": (
            lambda clicks: Social(friends, smoothing=how["smoothing"]).fit(clicks),
            0.0,
        ),
        "EASE": (ease, 0.0),
        "Text": (text, 0.0),
        "EASE, explores": (ease, 0.2),
        "Text, explores": (text, 0.2),
        "Text, varied": (
            lambda clicks: Varied(text(clicks), narrow(vectors), 0.3, 120),
            0.0,
        ),
    }


def narrow(vectors: np.ndarray, width: int = 16) -> np.ndarray:
    """Project vectors to their first principal axes, `float32[I, width]`."""
    return vectors @ np.linalg.svd(vectors, full_matrices=False)[2][:width].T


def bubble_world(seed: int) -> tuple[World, Relations]:
    """Make a world and its friendships, more of them within a favorite topic."""
    world = make_world(rng=seed, **BUBBLES["world"])
    friends = synthetic_friendships(
        world.taste.argmax(axis=1),
        mean_degree=BUBBLES["mean_degree"],
        homophily=BUBBLES["homophily"],
        rng=seed,
    )
    return world, friends


def loop(world: World, fit: Callable, exploration: float, seed: int) -> list[Round]:
    """Run a feedback loop with the parameters of this script."""
    return feedback_loop(
        world,
        fit,
        rounds=BUBBLES["rounds"],
        k=K,
        eta=BUBBLES["eta"],
        drift=BUBBLES["drift"],
        exploration=exploration,
        rng=seed,
    )


def measured(turns: Sequence[Round]) -> pd.DataFrame:
    """Measure bubbles and sameness round by round."""
    rows = []
    for turn in turns:
        shown = spread(topics_shown(turn.world, turn.log.items))
        taste = spread(turn.world.taste)
        rows.append(
            {
                "clicks": turn.expected_clicks.mean(),
                "shown_topics": shown.topics,
                "shown_between": shown.between,
                "overlap": overlap(turn.ranking, turn.world.n_items),
                "taste_topics": taste.topics,
                "taste_between": taste.between,
            }
        )
    return pd.DataFrame(rows)


def tuned(
    value: Callable[[str, Mapping[str, float]], float],
) -> tuple[dict[str, float], dict]:
    """Choose l2, prior and smoothing, each by its own method's clicks."""
    space = {
        "l2": ("EASE", [1.0, 5.0, 20.0, 100.0, 500.0]),
        "prior": ("Text", [0.02, 0.1, 0.3, 1.0]),
        "smoothing": ("Friends", [0.1, 0.3, 1.0, 5.0, 20.0]),
    }
    start = {name: values[0] for name, (_, values) in space.items()}
    best, record = {}, {}
    for name, (method, values) in space.items():
        clicks = [value(method, start | {name: each}) for each in values]
        best[name] = values[int(np.argmax(clicks))]
        record[name] = {"space": values, "clicks": [digits(each) for each in clicks]}
    return best, record


def bubbles_part(model: TextModel) -> dict:
    """Follow exposure and tastes over rounds, for every policy and seed."""
    world, friends = bubble_world(TUNING_SEED)
    vectors = titles(model, world)

    def clicks(method: str, how: Mapping[str, float]) -> float:
        fit, exploration = policies(friends, vectors, how)[method]
        return measured(loop(world, fit, exploration, TUNING_SEED)).clicks.mean()

    best, record = tuned(clicks)
    tables: dict[str, list[pd.DataFrame]] = {}
    for seed in SEEDS:
        world, friends = bubble_world(seed)
        for name, (fit, share) in policies(friends, titles(model, world), best).items():
            tables.setdefault(name, []).append(measured(loop(world, fit, share, seed)))
    curves = {
        name: {
            column: {
                how: [digits(x) for x in getattr(stacked, how)(axis=0)]
                for how in ("mean", "min", "max")
            }
            for column, stacked in (
                (column, np.array([run[column] for run in each]))
                for column in each[0].columns
            )
        }
        for name, each in tables.items()
    }
    return {"parameters": BUBBLES, "chosen": best, "search": record, "curves": curves}


# --- Returning ----------------------------------------------------------------


def returning_world(kind: str, seed: int) -> tuple[World, Relations, Log]:
    """Make a world whose posts last, or where new ones come every week.

    Returns:
        The world, friendships, and the clicks of random lists shown before the
        first week, as many for each user, so that behavior is known.
    """
    how, weeks = RETURNING["world"], RETURNING["weeks"]
    rng = np.random.default_rng(seed)
    if kind == "new posts":
        hours = (weeks + 3) * 168.0
        world = make_world(
            rng=rng,
            arrival_rate=how["n_items"] / hours,
            half_life=RETURNING["fresh_half_life_hours"],
            **how,
        )
        world = replace(world, arrival=world.arrival - 3 * 168.0)
    else:
        world = make_world(rng=rng, **how)
    friends = synthetic_friendships(
        world.taste.argmax(axis=1),
        mean_degree=BUBBLES["mean_degree"],
        homophily=BUBBLES["homophily"],
        rng=rng,
    )
    offered = np.flatnonzero(world.available(0.0))
    users = np.tile(np.arange(world.n_users), RETURNING["lists_before"])
    lists = rng.permuted(np.tile(offered, (users.size, 1)), axis=1)[:, :K]
    return world, friends, show(world, users, lists, rng=rng)


def returning_policies(
    world: World, friends: Relations, vectors: np.ndarray, how: Mapping[str, float]
) -> dict[str, Callable[[Interactions], object]]:
    """Return what learns from the clicks of those who are there."""
    topics = np.eye(world.n_topics)[world.item_topic]
    shuffled = np.random.default_rng(0).permutation(vectors)
    return {
        "Random": lambda clicks: Uniform().fit(clicks),
        "Popularity": lambda clicks: Popularity().fit(clicks),
        "Recent popularity": lambda clicks: RecentPopularity(
            half_life=RETURNING["fresh_half_life_hours"] * HOUR
        ).fit(clicks),
        "Friends": lambda clicks: Social(friends, smoothing=how["smoothing"]).fit(
            clicks
        ),
        "EASE": lambda clicks: EASE(l2=how["l2"]).fit(clicks),
        "iALS": lambda clicks: IALS(factors=8, l2=how["ials_l2"]).fit(clicks),
        "Text": lambda clicks: DotProduct(vectors, cosine=True, prior=how["prior"]).fit(
            clicks
        ),
        "Shuffled text": lambda clicks: DotProduct(
            shuffled, cosine=True, prior=how["prior"]
        ).fit(clicks),
        "Topic labels": lambda clicks: DotProduct(
            topics - topics.mean(axis=0), cosine=True, prior=how["topic_prior"]
        ).fit(clicks),
    }


def weeks_of(world: World, fit: Callable, history: Log, seed: int) -> Weeks:
    """Run the weeks with the parameters of this script."""
    returns = ReturnModel(low=RETURNING["low"], high=RETURNING["high"])
    weeks = RETURNING["weeks"]
    return simulate_weeks(
        world, fit, returns, weeks=weeks, k=K, history=history, rng=seed
    )


RETURN_SPACE = {
    "smoothing": ("Friends", [0.1, 0.3, 1.0, 5.0, 20.0]),
    "l2": ("EASE", [20.0, 60.0, 200.0, 600.0]),
    "ials_l2": ("iALS", [0.2, 1.0, 5.0, 20.0, 80.0]),
    "prior": ("Text", [0.0, 0.02, 0.05, 0.1, 0.3, 1.0]),
    "topic_prior": ("Topic labels", [0.0, 0.02, 0.05, 0.1, 0.3, 1.0]),
}
RETURN_PAIRS = (
    ("Text", "Popularity"),
    ("Text", "Friends"),
    ("Text", "EASE"),
    ("Text", "iALS"),
    ("Text", "Shuffled text"),
    ("Text", "Topic labels"),
    ("EASE", "Popularity"),
    ("Friends", "Popularity"),
    ("Popularity", "Random"),
)


def returning_part(model: TextModel) -> dict:
    """Measure weeks active and who is there at the end, for every policy."""
    result: dict = {"parameters": RETURNING}
    for kind in ("lasting posts", "new posts"):
        world, friends, history = returning_world(kind, TUNING_SEED)
        vectors, best, record = titles(model, world), {}, {}
        start = {name: values[0] for name, (_, values) in RETURN_SPACE.items()}
        for name, (method, values) in RETURN_SPACE.items():
            clicks = []
            for each in values:
                how = start | {name: each}
                fit = returning_policies(world, friends, vectors, how)[method]
                clicks.append(
                    np.mean(
                        [
                            weeks_of(world, fit, history, seed).clicks.sum()
                            for seed in range(3)
                        ]
                    )
                    / world.n_users
                )
            best[name] = values[int(np.argmax(clicks))]
            record[name] = {"space": values, "clicks": [digits(x) for x in clicks]}
        runs: dict[str, list[Weeks]] = {}
        for seed in SEEDS:
            world, friends, history = returning_world(kind, seed)
            for name, fit in returning_policies(
                world, friends, titles(model, world), best
            ).items():
                runs.setdefault(name, []).append(weeks_of(world, fit, history, seed))
        pooled = {
            name: np.concatenate([run.weeks_active for run in each]).astype(float)
            for name, each in runs.items()
        }
        result[kind] = {
            "chosen": best,
            "search": record,
            "weeks_active": {
                name: [digits(run.weeks_active.mean()) for run in each]
                for name, each in runs.items()
            },
            "retention": {
                name: [
                    digits(x) for x in np.mean([run.retention for run in each], axis=0)
                ]
                for name, each in runs.items()
            },
            "good": {
                name: digits(
                    sum(run.good.sum() for run in each)
                    / sum(run.active.sum() for run in each)
                )
                for name, each in runs.items()
            },
            "minus": {
                f"{a} - {b}": interval(pooled[a], pooled[b], n_resamples=RESAMPLES)
                for a, b in RETURN_PAIRS
            },
        }
    return result


def collect() -> dict:
    """Run all three parts."""
    model = load_encoder()
    return {
        "seeds": list(SEEDS),
        "tuning_seed": TUNING_SEED,
        "friends": friends_part(model),
        "bubbles": bubbles_part(model),
        "returning": returning_part(model),
    }


def report(results: Mapping) -> str:
    """Lay the results out."""
    lines = []
    for kind in ("homophily", "influence"):
        table = pd.Series(results["friends"][kind]["mean"]).round(4)
        lines += [kind, table.to_string()]
        lines += [str(results["friends"][kind]["minus"])]
    last = {
        name: {column: values["mean"][-1] for column, values in columns.items()}
        for name, columns in results["bubbles"]["curves"].items()
    }
    lines.append(pd.DataFrame(last).T.round(3).to_string())
    for kind in ("lasting posts", "new posts"):
        part = results["returning"][kind]
        table = pd.DataFrame(
            {
                "weeks": pd.DataFrame(part["weeks_active"]).mean(),
                "last": {n: v[-1] for n, v in part["retention"].items()},
                "good": part["good"],
            }
        )
        lines += [kind, table.round(3).to_string(), str(part["minus"])]
        lines += [str(part["chosen"])]
    return "\n".join(lines)


if __name__ == "__main__":
    main(__file__, collect, report)
