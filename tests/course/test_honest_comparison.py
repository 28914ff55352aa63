"""The long table adds up to nDCG, and fixed scores stay what they are."""

import numpy as np
import pytest

from recsys_ref.course.honest_comparison import FixedScores, events, shares_of_ndcg
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate


def drawn(rng: np.random.Generator, n_users: int, n_items: int):
    cells = rng.permutation(n_users * n_items)
    return [divmod(int(cell), n_items) for cell in cells]


@pytest.mark.parametrize("seed", range(5))
def test_the_shares_of_a_user_add_up_to_his_ndcg(seed):
    rng = np.random.default_rng(seed)
    pairs = drawn(rng, 8, 12)
    train, test = events(pairs[:20], 8, 12), events(pairs[20:45], 8, 12)
    rankings = {
        name: FixedScores(rng.random((8, 12))).fit(train).recommend(np.arange(8), k=5)
        for name in ("ours", "theirs")
    }
    table = shares_of_ndcg(rankings, test)
    assert len(table) == len(test)
    summed = table.groupby("user")[["ours", "theirs"]].sum()
    for name, ranking in rankings.items():
        per_user = evaluate(ranking, test.matrix(), metrics=[metrics.ndcg]).per_user
        values = per_user["ndcg@5"].dropna()
        np.testing.assert_allclose(summed[name], values, atol=1e-12)
        assert list(summed.index) == list(values.index)


def test_padding_is_worth_nothing():
    train = events([(0, 0), (0, 1)], 1, 3)
    ranking = FixedScores(np.zeros((1, 3))).fit(train).recommend([0], k=4)
    assert (ranking.items[0, 1:] == -1).all()
    table = shares_of_ndcg({"all": ranking}, events([(0, 2)], 1, 3))
    assert table["all"].tolist() == [1.0]


def test_fixed_scores_keep_what_they_saw():
    first, second = events([(0, 0)], 1, 2), events([(0, 1)], 1, 2)
    strategy = FixedScores(np.array([[0.2, 0.1]]))
    strategy.fit(first).fit(second)
    assert strategy.fitted == [first, second]
    assert strategy.score([0]).tolist() == [[np.float32(0.2), np.float32(0.1)]]
