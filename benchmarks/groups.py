"""Who is served worse: the main methods by gender, age and occupation.

    python benchmarks/groups.py

writes `recsys_ref/results/groups.json`.

The splits are those of `movielens_100k.py`, seeds 42 to 46, and the methods have the
hyperparameters that `warm.py` holds; nothing is chosen here. A user's value is his
mean nDCG@10 over the five splits.

Each attribute parts the users into groups (ages into the bands of MovieLens-1M). The
plain mean of a group mixes what the method does for it with how long its histories
are, so there are adjusted means, too: within five bands of about equal size by the
number of a user's ratings. A gap is the highest less the lowest mean of the groups of
at least 20 users. Its p-value deals the groups anew among the users (of a band), and
is adjusted by Holm over the three attributes.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import protocol
import torch
import warm
from protocol import SEEDS, digits
from tqdm import tqdm

import recsys_ref.results
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.movielens_1m import AGES
from recsys_ref.evaluation.groups import LEAST, bands, by_group, gap_test
from recsys_ref.evaluation.seeds import pool_seeds
from recsys_ref.evaluation.significance import holm

METHODS = (
    "Popularity",
    "ItemKNN",
    "EASE",
    "IALS",
    "Text",
    "AlphaRec",
    "Prior EASE + IALS + AlphaRec",
)
BANDS = 5
KINDS = ("plain", "adjusted")


def attributes() -> dict[str, np.ndarray]:
    """Return the group of each user by each attribute, `str[U]`."""
    users = load_movielens_100k().users
    starts, names = np.array(list(AGES)), np.array(list(AGES.values()))
    return {
        "gender": users.gender,
        "age": names[np.searchsorted(starts, users.age, side="right") - 1],
        "occupation": users.occupation,
    }


def activity_bands() -> np.ndarray:
    """Return each user's band by the number of his ratings, `int64[U]`."""
    events = load_movielens_100k().interactions
    return bands(np.bincount(events.user, minlength=events.n_users), BANDS)


def values(
    methods: tuple[str, ...] = METHODS, seeds: tuple[int, ...] = SEEDS
) -> dict[str, pd.Series]:
    """Measure each user by each method, and average over the splits."""
    chosen = recsys_ref.results.load("warm")["chosen"]
    text = any(name in warm.WITH_TEXT for name in methods)
    vectors = warm.item_vectors() if text else {}
    runs = {name: {} for name in methods}
    splits = protocol.published_splits()
    for seed in tqdm(seeds, desc="splits"):
        bench = warm.Bench(splits[seed], vectors)
        for name in methods:
            runs[name][seed] = bench.method(name, chosen)
    return {name: pool_seeds(by).per_user[warm.METRIC] for name, by in runs.items()}


def measure(value: pd.Series) -> dict[str, dict]:
    """Compare the groups of every attribute, plainly and within bands."""
    record = {}
    for kind, within in (("plain", None), ("adjusted", activity_bands())):
        tests = {
            name: gap_test(value, groups, within=within, rng=0)
            for name, groups in attributes().items()
        }
        adjusted = holm(np.array([test.p for test in tests.values()]))
        record[kind] = {
            name: {
                "gap": digits(test.gap),
                "highest": test.highest,
                "lowest": test.lowest,
                "p": digits(test.p),
                "holm": digits(p),
                "users": test.n_users,
                "too_small": list(test.too_small),
                "undefined": test.n_undefined,
                "groups": rows(
                    by_group(value, attributes()[name], within=within, rng=0)
                ),
            }
            for (name, test), p in zip(tests.items(), adjusted, strict=True)
        }
    return record


def rows(table: pd.DataFrame) -> dict[str, dict]:
    """Return a table of groups as the file holds it; None for NaN."""
    counts = ("users", "undefined")
    return {
        str(name): {
            column: int(number)
            if column in counts
            else None
            if np.isnan(number)
            else digits(number)
            for column, number in row.items()
        }
        for name, row in table.iterrows()
    }


def histories() -> dict[str, dict]:
    """Count the ratings of each group's users: their median."""
    events = load_movielens_100k().interactions
    amount = pd.Series(np.bincount(events.user, minlength=events.n_users))
    return {
        name: {str(g): float(m) for g, m in amount.groupby(groups).median().items()}
        for name, groups in attributes().items()
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    torch.set_num_threads(1)
    by_method = values()
    band = activity_bands()
    return {
        "protocol": {
            "split": "stratified_split(ratings, ratio=0.75, by='item', seed=seed)",
            "seeds": list(SEEDS),
            "metric": f"{warm.METRIC}, a user's mean over the splits",
            "bands": BANDS,
            "least": LEAST,
            "resamples": "by_group 2,000 and gap_test 10,000, seed 0",
        },
        "median_ratings": histories(),
        "by_band": {
            name: {str(b): digits(m) for b, m in value.groupby(band).mean().items()}
            for name, value in by_method.items()
        },
        "methods": {
            name: measure(value)
            for name, value in tqdm(by_method.items(), desc="groups")
        },
    }


def report(results: Mapping) -> str:
    """Lay out the gaps, plain and adjusted."""
    lines = []
    for kind in KINDS:
        lines.append(f"{kind:30}{'attribute':12}{'gap':>8}{'Holm p':>8}")
        for name, record in results["methods"].items():
            for attribute, row in record[kind].items():
                lines.append(
                    f"{name:30}{attribute:12}{row['gap']:8.4f}{row['holm']:8.4f}"
                    f"  {row['highest']} over {row['lowest']}"
                )
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
