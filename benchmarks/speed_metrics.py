"""Time nDCG, recall and MAP of all users: this package, ranx and RecTools.

Run by `make bench`, or in any environment with ranx; RecTools is timed where
it can be imported:

    python benchmarks/speed_metrics.py

The size is that of MovieLens-100K's 75/25 split: 943 users, 1,682 items,
24,934 relevant pairs, lists of 10. Who is relevant does not matter to the
time, so the data are drawn and nothing needs fetching. Each library starts
from what it likes best, made before the clock starts: arrays for ours, dicts
for ranx, data frames for RecTools. All must give the same means.
"""

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from timing import compare, versions

from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.metrics import average_precision, ndcg, recall
from recsys_ref.ranking import Ranking, top_k

USERS, ITEMS, RELEVANT, K = 943, 1682, 24_934, 10
MEASURED = {"ndcg": ndcg, "recall": recall, "map": average_precision}
Job = Callable[[], dict[str, float]]


def draw(rng: np.random.Generator) -> tuple[Ranking, csr_array]:
    """Draw relevant pairs, at least one for each user, and lists that find some."""
    weight = rng.pareto(1.0, (USERS, 1)) * rng.pareto(1.0, ITEMS)
    weight[:, 0] = np.inf  # an item for everyone, so that nobody is left out
    border = np.partition(weight, -RELEVANT, axis=None)[-RELEVANT]
    relevant = weight >= border
    scores = relevant + 2 * rng.random((USERS, ITEMS))
    return top_k(scores, K, rng=0), csr_array(relevant.astype(np.float64))


def ours(ranking: Ranking, relevant: csr_array) -> dict[str, Job]:
    """Evaluate arrays."""

    def job() -> dict[str, float]:
        means = evaluate(ranking, relevant, metrics=MEASURED.values()).means()
        return dict(zip(MEASURED, means, strict=True))

    return {"recsys_ref": job}


def ranx(ranking: Ranking, relevant: csr_array) -> dict[str, Job]:
    """Evaluate dicts: with ranx's own objects made by the job, and ready."""
    from ranx import Qrels, Run
    from ranx import evaluate as ranx_evaluate

    rows, items = relevant.nonzero()
    truth: dict[str, dict[str, int]] = {str(user): {} for user in range(USERS)}
    for row, item in zip(rows.tolist(), items.tolist(), strict=True):
        truth[str(row)][str(item)] = 1
    lists = {
        str(user): {str(item): K - place for place, item in enumerate(items)}
        for user, items in zip(ranking.users, ranking.items.tolist(), strict=True)
    }
    names = [f"{name}@{K}" for name in MEASURED]

    def measure(qrels: Qrels, run: Run) -> dict[str, float]:
        means = ranx_evaluate(qrels, run, names)
        return {name: float(means[f"{name}@{K}"]) for name in MEASURED}

    # ranx compiles at the first call, and warns of a cast of its own.
    warnings.filterwarnings("ignore", "unsafe cast from uint64 to int64")
    ready = Qrels(truth), Run(lists)
    return {
        "ranx, construction included": lambda: measure(Qrels(truth), Run(lists)),
        "ranx, ready-made objects": lambda: measure(*ready),
    }


def rectools(ranking: Ranking, relevant: csr_array) -> dict[str, Job]:
    """Evaluate data frames, with the same denominators as ours."""
    from rectools.metrics import MAP, NDCG, Recall, calc_metrics

    lists = pd.DataFrame(
        {
            "user_id": np.repeat(ranking.users, K),
            "item_id": ranking.items.ravel(),
            "rank": np.tile(np.arange(1, K + 1), USERS),
        }
    )
    rows, items = relevant.nonzero()
    truth = pd.DataFrame({"user_id": rows, "item_id": items})
    metrics = {
        "ndcg": NDCG(K, divide_by_achievable=True),
        "recall": Recall(K),
        "map": MAP(K),
    }
    return {"RecTools": lambda: calc_metrics(metrics, lists, truth)}


PEERS = {"ranx": ranx, "rectools": rectools}


def main() -> None:
    """Print the medians and how they compare."""
    peers = [name for name in PEERS if find_spec(name)]
    print(versions("numpy", "pandas", *peers))
    data = draw(np.random.default_rng(0))
    jobs = ours(*data)
    for name in peers:
        jobs |= PEERS[name](*data)
    expected = jobs["recsys_ref"]()
    for name, job in jobs.items():
        means = job()
        for metric, mean in expected.items():
            assert np.isclose(means[metric], mean), (name, metric, means[metric], mean)
    timing = compare(jobs)
    for name in jobs:
        low, ratio, high = timing.ratio(name, "recsys_ref")
        print(
            f"{name:30}{1e3 * timing[name]:9.2f} ms, {ratio:.1f} times ours "
            f"(quartiles {low:.1f} to {high:.1f})"
        )


if __name__ == "__main__":
    main()
