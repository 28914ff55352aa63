"""U V^T: by a loop, on planted topics, and on the article's example."""

from dataclasses import replace

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.profiles.behaviour import last_events, profile
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.popularity import Popularity


@pytest.fixture(scope="module")
def planted():
    return planted_topics(
        300, 120, 6, events_per_user=12, noise=0.1, rng=0, concentration=0.1
    )


@pytest.fixture(scope="module")
def topic_vectors(planted):
    """What a perfect reader of the titles would give: one-hot topics, and noise."""
    rng = np.random.default_rng(1)
    noise = 0.2 * rng.normal(size=(120, 6))
    return np.eye(6)[planted.item_topic] + noise


def own_topic_share(ranking, planted):
    listed = planted.item_topic[ranking.items]
    return np.mean(listed == planted.user_topic[ranking.users][:, None])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cosine": True},
        {"weighting": "order", "half_life": 20.0},
        {"last": 8},
        {"prior": 0.05},
    ],
    ids=str,
)
def test_on_planted_topics_users_get_their_own_topic(planted, topic_vectors, options):
    users = np.flatnonzero(planted.user_mixture.max(axis=1) > 0.7)
    strategy = DotProduct(topic_vectors, **options).fit(planted.interactions)
    share = own_topic_share(strategy.recommend(users, k=5), planted)
    shuffled = np.random.default_rng(2).permutation(topic_vectors)
    nonsense = DotProduct(shuffled, **options).fit(planted.interactions)
    assert share > 0.9
    assert own_topic_share(nonsense.recommend(users, k=5), planted) < 0.4


def test_without_noise_scores_are_the_users_own_shares_of_topics(planted):
    """V one-hot and U the mean: the score of an item is its topic's share."""
    x = planted.interactions
    scores = DotProduct(np.eye(6)[planted.item_topic]).fit(x).score(np.arange(300))
    for user in range(0, 300, 17):
        topics = planted.item_topic[x.item[x.user == user]]
        for item in range(0, 120, 7):
            share = np.mean(topics == planted.item_topic[item])
            assert scores[user, item] == pytest.approx(share)


def test_a_user_vector_that_is_given_is_used(planted):
    """The true mixtures rank topics as the truth does."""
    vectors = np.eye(6)[planted.item_topic]
    strategy = DotProduct(vectors, planted.user_mixture).fit(planted.interactions)
    ranking = strategy.recommend(np.arange(300), k=1, exclude_seen=False)
    assert own_topic_share(ranking, planted) == 1


@pytest.mark.parametrize("cosine", [False, True])
@pytest.mark.parametrize("prior", [0.0, 0.7])
def test_scores_are_those_of_a_plain_loop(cosine, prior):
    rng = np.random.default_rng(3)
    pairs = np.argwhere(rng.random((9, 8)) < 0.4)
    n = len(pairs)
    x = Interactions(
        *pairs.T, rng.integers(1, 6, n), rng.integers(0, 99, n), range(9), range(8)
    )
    vectors = rng.normal(size=(8, 5))
    vectors[2] = 0
    options = {"weighting": "recency", "half_life": 30.0}
    ours = DotProduct(vectors, cosine=cosine, prior=prior, **options).fit(x)
    scores = ours.score(np.arange(9))
    users = profile(x, vectors, **options)
    for user in range(9):
        for item in range(8):
            product = float(users[user] @ vectors[item])
            lengths = np.linalg.norm(users[user]) * np.linalg.norm(vectors[item])
            if cosine:
                product = product / lengths if lengths else 0.0
            liked = len({u for u, i in pairs.tolist() if i == item})
            expected = product + prior * np.log(1 + liked)
            assert scores[user, item] == pytest.approx(expected, abs=1e-5)


def test_the_articles_example():
    """U and V of the article's section 4, multiplied by hand."""
    u = np.array([[0.5, 0.3, 0.2], [0.4, 0.5, 0.1], [0.6, 0.2, 0.2]])
    v = np.array([[0.6, 0.3, 0.1], [0.4, 0.5, 0.1], [0.1, 0.2, 0.7]])
    by_hand = [[0.41, 0.37, 0.25], [0.40, 0.42, 0.21], [0.44, 0.36, 0.24]]
    strategy = DotProduct(v, u).fit(Interactions([], [], [], [], range(3), range(3)))
    np.testing.assert_allclose(strategy.score([0, 1, 2]), by_hand, atol=1e-6)
    ranked = strategy.recommend([0, 1, 2], k=3).items.tolist()
    assert ranked == [[0, 1, 2], [1, 0, 2], [0, 1, 2]]


def test_a_user_without_events_gets_the_popular(planted, topic_vectors):
    few = planted.interactions.select(planted.interactions.user > 0)
    ranking = DotProduct(topic_vectors, prior=0.5).fit(few).recommend([0], k=20)
    popular = Popularity().fit(few).recommend([0], k=20)
    assert (ranking.items == popular.items).all()


def test_a_heavy_prior_is_popularity(planted, topic_vectors):
    heavy = DotProduct(topic_vectors, prior=1e4).fit(planted.interactions)
    popular = Popularity().fit(planted.interactions)
    counts = popular.popularity_
    ours = counts[heavy.recommend(np.arange(300), k=10).items]
    best = counts[popular.recommend(np.arange(300), k=10).items]
    assert (ours == best).all()


def test_only_the_last_events_make_the_profile(planted, topic_vectors):
    x = planted.interactions
    x = replace(x, timestamp=np.zeros(len(x)))  # so the seed decides which are last
    ours = DotProduct(topic_vectors, last=3, rng=4).fit(x)
    expected = profile(last_events(x, 3, rng=4), topic_vectors)
    np.testing.assert_array_equal(ours.user_vectors_, expected)
    unseen = ours.recommend(np.arange(300), k=120)
    assert (np.sum(unseen.items >= 0, axis=1) == 108).all()  # all 12 stay out


def test_cosine_does_not_favour_long_vectors(planted, topic_vectors):
    stretched = topic_vectors * np.random.default_rng(5).uniform(0.1, 9, (120, 1))
    x, u = planted.interactions, planted.user_mixture
    plain = DotProduct(topic_vectors, u, cosine=True).fit(x).score(np.arange(50))
    long = DotProduct(stretched, u, cosine=True).fit(x).score(np.arange(50))
    np.testing.assert_allclose(plain, long, atol=1e-5)
    assert np.abs(plain).max() <= 1 + 1e-6


def test_a_longer_representation_shows_no_vectors():
    assert repr(DotProduct(np.eye(3), prior=0.1)) == (
        "DotProduct(weighting='mean', half_life=None, last=None, cosine=False, "
        "prior=0.1, rng=0)"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"item_vectors": np.eye(3)}, r"item_vectors: must have shape \[120, D\]"),
        ({"item_vectors": np.full((120, 2), np.nan)}, "item_vectors: must be finite"),
        (
            {"user_vectors": np.ones((3, 6))},
            r"user_vectors: must have shape \[300, D\]",
        ),
        ({"user_vectors": np.ones((300, 5))}, "user_vectors: must have length 6, .* 5"),
        ({"user_vectors": np.full((300, 6), np.inf)}, "user_vectors: must be finite"),
        ({"weighting": "median"}, "weighting: must be one of"),
        ({"weighting": "order"}, "half_life: must be > 0"),
        ({"last": 0}, "n: must be a whole number of at least 1, got 0"),
        ({"prior": float("nan")}, "prior: must be finite, got nan"),
    ],
)
def test_bad_hyperparameters_are_named(planted, topic_vectors, arguments, message):
    strategy = DotProduct(**{"item_vectors": topic_vectors} | arguments)
    with pytest.raises(ValueError, match=message):
        strategy.fit(planted.interactions)


def test_users_whose_vectors_were_given_cannot_make_way_for_others(
    planted, topic_vectors
):
    model = DotProduct(topic_vectors, user_vectors=planted.user_mixture)
    model.fit(planted.interactions)
    with pytest.raises(ValueError, match="user_vectors: were given"):
        model.fold_in(planted.interactions)


def test_the_prior_stays_that_of_the_fitted_table(planted, topic_vectors):
    model = DotProduct(topic_vectors, prior=1.0).fit(planted.interactions)
    nobody = planted.interactions.select([])
    scores = model.fold_in(nobody).score([0, 1])
    assert scores == pytest.approx(np.tile(model.prior_, (2, 1)))
    assert scores.max() > 0
