"""The long table adds up to nDCG, fixed scores stay fixed, vectors are MiniLM's."""

import numpy as np
import pytest

from recsys_ref.content.embed import embed_items
from recsys_ref.course.honest_comparison import (
    FixedScores,
    events,
    film_vectors,
    main_directions,
    shares_of_ndcg,
)
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.lm.pretrained import load_encoder


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


@pytest.fixture(scope="module")
def films():
    movielens = load_movielens_100k()
    count = np.bincount(movielens.interactions.item, minlength=len(movielens.items))
    return movielens.items.select(count >= 100)


def test_the_stored_vectors_are_what_minilm_says(films):
    stored = film_vectors(films)
    made = main_directions(embed_items(load_encoder(), films))
    assert stored.shape == made.shape == (338, 32)
    # Up to a turn, which a processor may choose: compare what films have in common.
    np.testing.assert_allclose(stored @ stored.T, made @ made.T, atol=0.01)


def test_the_stored_vectors_keep_most_of_what_films_have_in_common(films):
    whole = embed_items(load_encoder(), films)
    whole = whole - whole.mean(axis=0)
    stored = film_vectors(films)
    above = np.triu_indices(len(films), 1)
    correlation = np.corrcoef((whole @ whole.T)[above], (stored @ stored.T)[above])
    assert correlation[0, 1] > 0.95


def test_vectors_come_in_the_order_asked_for_and_no_film_is_guessed(films):
    turned = films.select(np.arange(len(films))[::-1])
    np.testing.assert_array_equal(film_vectors(turned), film_vectors(films)[::-1])
    with pytest.raises(KeyError, match="no vectors of the films"):
        film_vectors(load_movielens_100k().items)


def test_main_directions_keep_distances_when_all_are_kept():
    vectors = np.random.default_rng(0).normal(size=(9, 4))
    kept = main_directions(vectors, size=4)

    def distances(x):
        return np.linalg.norm(x[:, None] - x[None], axis=2)

    np.testing.assert_allclose(distances(kept), distances(vectors), atol=1e-12)
    spread = kept.var(axis=0)
    assert (np.diff(spread) <= 0).all()
