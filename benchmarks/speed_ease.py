"""Time EASE, fit and lists for all users, against RecTools, on MovieLens-100K.

Run by `make bench`, or in an environment with the extra `bench`:

    python benchmarks/speed_ease.py

Both start from their own kind of table, made before the clock starts, learn
from the same 75,066 events with the same ridge, and give every user 10 films
that he has not rated. Both have one thread, in BLAS and in RecTools's ranker,
then two.

RecTools 0.19 multiplies a user's history with the rows of the weight matrix,
where the paper and this package take its columns: column j is the regression
that predicts item j. The weights agree, the lists differ by one item in
twenty, and from our transposed weights come RecTools's lists exactly.
"""

import warnings

import numpy as np
import pandas as pd
from rectools.dataset import Dataset
from rectools.models import EASEModel
from threadpoolctl import threadpool_limits
from timing import compare, versions

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.metrics import ndcg
from recsys_ref.ranking import Ranking, top_k
from recsys_ref.strategies.ease import EASE

L2, K = 600.0, 10


def rectools_lists(table: pd.DataFrame, n_users: int) -> np.ndarray:
    """Bring RecTools's answer into the form of `Ranking.items`."""
    table = table.sort_values(["user_id", "rank"])
    return table.item_id.to_numpy().reshape(n_users, K)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of items that the lists have in common."""
    common = [len(np.intersect1d(*pair)) for pair in zip(a, b, strict=True)]
    return float(np.mean(common)) / K


def say_how_alike(train: Interactions, test: Interactions, theirs: np.ndarray) -> None:
    """Print overlaps and nDCG, and check that the transpose explains both."""
    users = np.arange(train.n_users)
    model = EASE(l2=L2).fit(train)
    ours = model.recommend(users, k=K)
    rows = train.matrix() @ model.weights_.T.astype(np.float64)
    transposed = top_k(rows, K, excluded=train.matrix())
    for name, items in (
        ("ours", ours.items),
        ("ours, weights transposed", transposed.items),
        ("RecTools", theirs),
    ):
        ranking = Ranking(users, items, np.zeros(items.shape, dtype=np.float32))
        mean = evaluate(ranking, test.matrix(), metrics=[ndcg]).means().iloc[0]
        print(f"{name}: nDCG@{K} {mean:.4f}, items shared {overlap(items, theirs):.2%}")
    assert overlap(transposed.items, theirs) > 0.999, "not explained by the transpose"


def main() -> None:
    """Print the ratio of times, and how alike the lists are."""
    split = stratified_split(load_movielens_100k().interactions, seed=42)
    train, users = split.train, np.arange(split.train.n_users)
    events = {"user_id": train.user, "item_id": train.item, "weight": 1.0}
    dataset = Dataset.construct(pd.DataFrame(events).assign(datetime="1998-01-01"))

    def ours() -> Ranking:
        return EASE(l2=L2).fit(train).recommend(users, k=K)

    def theirs(n_threads: int = 1) -> pd.DataFrame:
        model = EASEModel(L2, recommend_n_threads=n_threads)
        return model.fit(dataset).recommend(users, dataset, k=K, filter_viewed=True)

    print(versions("numpy", "scipy", "rectools"))
    for threads in (1, 2):
        with threadpool_limits(threads):
            jobs = {"ours": ours, "RecTools": lambda n=threads: theirs(n)}
            print(f"threads {threads}:", compare(jobs).report("ours", "RecTools"))
    say_how_alike(train, split.test, rectools_lists(theirs(), len(users)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # peers warn of each other's old habits
    main()
