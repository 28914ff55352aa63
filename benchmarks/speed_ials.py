"""Time implicit ALS against `implicit`, on MovieLens-100K.

Run by `make bench`, or in an environment with the extra `bench`:

    python benchmarks/speed_ials.py

Both fit the same loss to the same 75,066 events with as many factors and
iterations: `implicit` with its default solver (three conjugate gradient steps
a turn) and two threads, this package with one preconditioned step a turn and
one thread. BLAS has one thread on both sides, as `implicit` asks.
"""

import warnings

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits
from timing import compare, versions

from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.split import stratified_split
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.metrics import ndcg
from recsys_ref.ranking import top_k
from recsys_ref.strategies.ials import IALS

FACTORS = (32, 64, 128)
ITERATIONS, L2, ALPHA, K, SEEDS = 15, 30.0, 2.0, 10, 5


def ours(train, factors: int, rng: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Fit ours; return user and item factors."""
    model = IALS(factors, l2=L2, alpha=ALPHA, iterations=ITERATIONS, rng=rng)
    model.fit(train)
    return model.user_factors_, model.item_factors_


def theirs(matrix, factors: int, rng: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Fit theirs, whose `alpha` is the whole confidence, 1 + ours."""
    model = AlternatingLeastSquares(
        factors,
        regularization=L2,
        alpha=1 + ALPHA,
        iterations=ITERATIONS,
        num_threads=2,
        random_state=rng,
    )
    model.fit(matrix, show_progress=False)
    return model.user_factors, model.item_factors


def main() -> None:
    """Print the ratio of times, and nDCG over several seeds."""
    split = stratified_split(load_movielens_100k().interactions, seed=42)
    train, test = split.train, split.test.matrix()
    matrix = csr_matrix(train.matrix(), dtype=np.float32)

    def quality(user_factors: np.ndarray, item_factors: np.ndarray) -> float:
        scores = user_factors @ item_factors.T
        ranking = top_k(scores, K, excluded=train.matrix())
        return evaluate(ranking, test, metrics=[ndcg]).means().iloc[0]

    print(versions("numpy", "scipy", "implicit"))
    for factors in FACTORS:
        jobs = {
            "ours": lambda n=factors: ours(train, n),
            "implicit": lambda n=factors: theirs(matrix, n),
        }
        print(f"factors {factors}:", compare(jobs).report("ours", "implicit"))
        means = [
            np.mean([quality(*fit(data, factors, seed)) for seed in range(SEEDS)])
            for fit, data in ((ours, train), (theirs, matrix))
        ]
        print(
            f"  nDCG@{K}, mean of {SEEDS} seeds: "
            f"ours {means[0]:.4f}, implicit {means[1]:.4f}"
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1, "blas"):
        main()
