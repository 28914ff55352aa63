"""What text adds where there are few users to learn from.

    python benchmarks/few_users.py

writes `recsys_ref/results/few_users.json`.

Five draws, one for each of the published splits, seeds 42 to 46. In each, 400
users are drawn, of whom the first 50, 100, 200 or 400 are trained on (their
train ratings alone). All others, 543, are test users, the same at each size:
the model folds in their train ratings and recommends 10 other films, which
are compared with their test ratings.

Hyperparameters are chosen anew for each draw and size, on its training users
alone: ten folds of them (four where there are 200 or more), each fitted on the
users outside it. Of those inside, a quarter of the ratings is withheld. EASE
with a prior includes EASE (strength 0), so validation may refuse the text. The
neighbors are kept at 30.

The text is that of `warm.py`; genre and year alone are the control without a
language model, and a third kind of vector has both side by side. In the
shuffled control the text vectors are dealt to other films, with the
hyperparameters chosen for the true ones.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import protocol
from protocol import SEEDS, K, digits
from tqdm import tqdm
from warm import METRIC, genre_vectors, shuffled, text_vectors

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.seeds import over_seeds
from recsys_ref.ranking import top_k
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.prior_ease import (
    PriorEASE,
    prior_weights,
    text_neighbours,
)
from recsys_ref.strategies.text_directions import text_directions

FOLDS, NEIGHBOURS = {50: 10, 100: 10, 200: 4, 400: 4}, 30
SIZES = tuple(FOLDS)
SPACE = {
    "l2": [25.0, 50.0, 100.0, 200.0, 400.0, 800.0],
    "strength": [0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5],
}
SOURCES = {
    "EASE + text": "text",
    "EASE + genres": "genres",
    "EASE + text + genres": "both",
}
METHODS = ("Popularity", "EASE", *SOURCES, "EASE + shuffled text")


def sources() -> dict[str, np.ndarray]:
    """Return the films' vectors of each kind, `float32[I, D]`."""
    text, genres = text_vectors(), genre_vectors()
    return {"text": text, "genres": genres, "both": np.hstack([text, genres])}


def of_users(x: Interactions, users: np.ndarray) -> Interactions:
    """Keep the events of some users."""
    return x.select(np.isin(x.user, users))


def draw(n_users: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the users to train on, in order, and the test users."""
    order = np.random.default_rng(seed).permutation(n_users)
    return order[: max(SIZES)], order[max(SIZES) :]


def folds(train: Interactions, users: np.ndarray) -> list[Split]:
    """Cut training users into a part to fit on and users to fold in.

    Returns:
        For each fold the events to fit on, as `train`, and those of the others,
        as `test`.
    """
    parts = np.array_split(users, FOLDS[len(users)])
    return [
        Split(of_users(train, np.setdiff1d(users, part)), of_users(train, part))
        for part in parts
    ]


def measure(scores: np.ndarray, users, seen, relevant) -> Evaluation:
    """Rank what the users have not shown, and compare with what they withheld."""
    ranking = top_k(scores, K, users=users, excluded=seen.matrix()[users])
    return evaluate(ranking, relevant.matrix(), metrics=[metrics.ndcg])


def validate(train: Interactions, users: np.ndarray, links: Mapping, seed: int) -> dict:
    """Return each source's validation means, `float64[l2, strength]`.

    The weights, and so the scores, are linear in the strength of the prior
    (`prior_weights`): two fits give them for all strengths.
    """
    values = {name: [] for name in links}
    for fold in folds(train, users):
        cut = stratified_split(fold.test, by="user", ratio=0.75, seed=seed)
        others = np.unique(cut.test.user)
        shown = cut.train.matrix()[others].astype(np.float32)
        fitted = fold.train.matrix()
        rows = {name: [] for name in links}
        for l2 in SPACE["l2"]:
            none = shown @ prior_weights(fitted, 0 * links["EASE + text"], l2)
            for name, prior in links.items():
                full = shown @ prior_weights(fitted, prior, l2)
                rows[name].append(
                    [
                        measure(none + c * (full - none), others, cut.train, cut.test)
                        .per_user[METRIC]
                        .to_numpy()
                        for c in SPACE["strength"]
                    ]
                )
        for name in links:
            values[name].append(np.array(rows[name]))  # [l2, strength, users]
    return {name: np.concatenate(v, axis=2).mean(axis=2) for name, v in values.items()}


def choose(means: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return the best pair of each source, and the best l2 without a prior."""
    plain = next(iter(means.values()))[:, 0]
    chosen = {"EASE": {"l2": SPACE["l2"][int(plain.argmax())]}}
    for name, table in means.items():
        row, column = np.unravel_index(table.argmax(), table.shape)
        chosen[name] = {
            "l2": SPACE["l2"][row],
            "strength": SPACE["strength"][column],
        }
    return chosen


def strategies(chosen: Mapping[str, Mapping], seed: int) -> dict[str, Recommender]:
    """Build all methods with what was chosen."""
    vectors = sources()
    dealt = shuffled({"text": vectors["text"]}, seed)["text"]
    priors = {
        name: PriorEASE(vectors[source], neighbours=NEIGHBOURS, **chosen[name])
        for name, source in SOURCES.items()
    }
    control = replace(priors["EASE + text"], item_vectors=dealt)
    return {
        "Popularity": Popularity(),
        "EASE": EASE(**chosen["EASE"]),
        **priors,
        "EASE + shuffled text": control,
    }


def run_draw(split: Split, size: int, seed: int, chosen: Mapping) -> dict:
    """Measure all methods on one draw and size."""
    users, others = draw(split.train.n_users, seed)
    train = of_users(split.train, users[:size])
    shown = of_users(split.train, others)
    withheld = of_users(split.test, others)
    return {
        name: measure(
            strategy.fit(train).fold_in(shown).score(others), others, shown, withheld
        )
        for name, strategy in strategies(chosen, seed).items()
    }


def all_links() -> dict:
    """Return the graph of neighbors of each source."""
    vectors = sources()
    return {
        name: text_neighbours(
            text_directions(vectors[source], len(vectors[source])), NEIGHBOURS
        )
        for name, source in SOURCES.items()
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    splits, links = protocol.published_splits(), all_links()
    chosen: dict[str, dict] = {str(size): {} for size in SIZES}
    means: dict[str, dict] = {str(size): {} for size in SIZES}
    runs = {str(size): {name: {} for name in METHODS} for size in SIZES}
    pairs = [(size, seed) for size in SIZES for seed in SEEDS]
    for size, seed in tqdm(pairs, desc="draws"):
        at, split = str(size), splits[seed]
        users = draw(split.train.n_users, seed)[0][:size]
        found = validate(of_users(split.train, users), users, links, seed)
        best = choose(found)
        means[at][str(seed)] = {
            name: [[digits(v) for v in row] for row in table]
            for name, table in found.items()
        }
        chosen[at][str(seed)] = best
        for name, result in run_draw(split, size, seed, best).items():
            runs[at][name][seed] = result
    return {
        "protocol": {
            "split": "stratified_split(ratings, ratio=0.75, by='item', seed=seed)",
            "k": K,
            "seeds": list(SEEDS),
            "sizes": list(SIZES),
            "test_users": "the 543 users not drawn, folded in",
            "chosen_on": "folds of the training users, for each draw and size",
            "folds": {str(size): n for size, n in FOLDS.items()},
            "neighbours": NEIGHBOURS,
        },
        "search": {"space": SPACE, "means": means},
        "chosen": chosen,
        "seeds": {
            size: {name: protocol.seed_means(by) for name, by in table.items()}
            for size, table in runs.items()
        },
        "over_seeds": {
            size: {
                name: {k: digits(v) for k, v in over_seeds(by).loc[METRIC].items()}
                for name, by in table.items()
            }
            for size, table in runs.items()
        },
        "minus_ease": {
            size: {
                name: protocol.versus(by, table["EASE"])
                for name, by in table.items()
                if name != "EASE"
            }
            for size, table in runs.items()
        },
        "text_minus": {
            size: {
                name: protocol.versus(table["EASE + text"], table[name])
                for name in (
                    "EASE + genres",
                    "EASE + shuffled text",
                    "EASE + text + genres",
                )
            }
            for size, table in runs.items()
        },
    }


def report(results: Mapping) -> str:
    """Lay the methods out, size by size."""
    lines = [f"{'users':6}{'method':22}{'nDCG@10':>8}   minus EASE"]
    for size, table in results["over_seeds"].items():
        for name, row in table.items():
            line = f"{size:6}{name:22}{row['mean']:8.4f}"
            if name != "EASE":
                gap = results["minus_ease"][size][name]["pooled"]
                line += f"   {protocol.in_words(gap)}"
            lines.append(line)
        for name, gaps in results["text_minus"][size].items():
            gap = gaps["pooled"]
            lines.append(f"{size:6}text minus {name}: {protocol.in_words(gap)}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
