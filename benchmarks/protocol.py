"""What the scripts that write result files share.

`make tables` runs them on one thread: that is steadier on a busy machine, and
adds up in the same order everywhere.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

import recsys_ref.results
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import Evaluation
from recsys_ref.evaluation.seeds import pool_seeds
from recsys_ref.evaluation.significance import paired_bootstrap
from recsys_ref.evaluation.tuning import Search, grid_search

K, RATIO, SEEDS = 10, 0.75, (42, 43, 44, 45, 46)
VALIDATION_RATIO, VALIDATION_CUTS = 0.9, (42, 43, 44, 45, 46)


def published_splits() -> dict[int, Split]:
    """Cut MovieLens-100K as the published benchmark does, once a seed."""
    ratings = load_movielens_100k().interactions
    return {seed: stratified_split(ratings, ratio=RATIO, seed=seed) for seed in SEEDS}


def validation_cuts(train: Interactions) -> list[Split]:
    """Withhold a tenth of a train part, five times over.

    A quarter would leave a sparser train part, which wants a stronger ridge
    than the one that it is chosen for.
    """
    return [
        stratified_split(train, ratio=VALIDATION_RATIO, by="item", seed=seed)
        for seed in VALIDATION_CUTS
    ]


def tune(
    measure: Callable[..., Evaluation],
    space: Mapping[str, Sequence],
    cuts: Sequence[Split],
    metric: str = "ndcg@10",
) -> Search:
    """Search on validation cuts; a user's value is his mean over the cuts.

    Args:
        measure: Called with a cut and one value for each hyperparameter, by
            name; fits on the cut's train part, measures on its test part.
        space: The values to try of each hyperparameter.
        cuts: The validation cuts.
        metric: The column of `Evaluation.per_user` that counts.
    """

    def objective(**parameters: object) -> np.ndarray:
        runs = {i: measure(cut, **parameters) for i, cut in enumerate(cuts)}
        return pool_seeds(runs).per_user[metric].to_numpy()

    return grid_search(objective, space)


def interval(
    a: np.ndarray | pd.Series, b: np.ndarray | pd.Series, *, n_resamples: int = 10_000
) -> dict[str, float]:
    """Bound the mean of `a - b`, with 95 %, as the files hold it."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    found = paired_bootstrap(a, b, n_resamples=n_resamples, rng=0)
    return {name: digits(getattr(found, name)) for name in ("mean", "low", "high")}


def wilson(hits: Sequence[bool]) -> tuple[float, float]:
    """Bound a share by Wilson's interval, with 95 %: lower and upper end."""
    n, p, z = len(hits), float(np.mean(hits)), 1.959964
    middle = p + z * z / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    low, high = (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
    return max(low, 0.0), min(high, 1.0)


def bound(a: Evaluation, b: Evaluation, metric: str = "ndcg@10") -> dict[str, float]:
    """Bound the mean difference of a metric over users, with 95 %."""
    return interval(a.per_user[metric], b.per_user[metric])


def versus(
    runs: Mapping[int, Evaluation],
    base: Mapping[int, Evaluation],
    metric: str = "ndcg@10",
) -> dict[str, dict[str, float]]:
    """Bound the difference on each seed, and over users pooled over seeds."""
    per_seed = {str(seed): bound(runs[seed], base[seed], metric) for seed in runs}
    pooled = bound(pool_seeds(runs), pool_seeds(base), metric)
    return {**per_seed, "pooled": pooled}


def seed_means(runs: Mapping[int, Evaluation]) -> dict[str, dict[str, float]]:
    """Return each seed's mean of each metric, as the files hold them."""
    return {
        str(seed): {metric: digits(mean) for metric, mean in run.means().items()}
        for seed, run in runs.items()
    }


def search_record(search: Search, space: Mapping[str, Sequence]) -> dict:
    """Return what was tried and what was chosen, as the files hold it."""
    return {
        "space": {name: list(values) for name, values in space.items()},
        "means": [digits(mean) for mean in search.trials["mean"]],
        "chosen": search.best,
    }


def in_words(gap: Mapping[str, float]) -> str:
    """Write what `bound` returns, as in "+0.0066 [+0.0050, +0.0081]"."""
    return f"{gap['mean']:+.4f} [{gap['low']:+.4f}, {gap['high']:+.4f}]"


def digits(number: float) -> float:
    """Round as the files have it: rounded once more to six it must stay right."""
    return round(float(number), 8)


def main(
    script: str, collect: Callable[[], dict], report: Callable[[Mapping], str]
) -> None:
    """Run a script: collect, write the file, print the report.

    The file begins with the command and the CPU seconds that made it.

    Args:
        script: `__file__` of the script; its stem names the file of results.
        collect: Does everything; returns what the file holds.
        report: Lays the results out for people.
    """
    name = Path(script).stem
    folder = Path(recsys_ref.results.__file__).parent
    parser = argparse.ArgumentParser(prog=f"python benchmarks/{name}.py")
    parser.add_argument("--output", type=Path, default=folder / f"{name}.json")
    output = parser.parse_args().output
    begun = process_time()
    results = collect()
    head = {
        "command": f"python benchmarks/{name}.py",
        "cpu_seconds": round(process_time() - begun),
    }
    text = json.dumps(head | results, indent=1)
    output.write_text(text + "\n", encoding="utf-8")
    print(report(results))
