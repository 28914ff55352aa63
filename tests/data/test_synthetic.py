"""The truth of synthetic tables is what their makers say it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.synthetic import TOPIC_WORDS, checkerboard, planted_topics
from recsys_ref.strategies.popularity import Popularity


@given(st.integers(4, 12), st.integers(4, 12))
def test_a_checkerboard_is_black_and_white_without_its_diagonal(n_users, n_items):
    split = checkerboard(n_users, n_items)
    for user in range(n_users):
        liked = {i for i in range(n_items) if (user - i) % 2 == 0}
        assert set(split.train.item[split.train.user == user]) == liked - {user}
        assert set(split.test.item[split.test.user == user]) == liked & {user}


def test_the_diagonal_may_stay():
    split = checkerboard(4, 5, withhold_diagonal=False)
    assert len(split.test) == 0
    assert len(split.train) == 10


def test_the_right_top_1_is_found_by_counting_what_likeminded_users_chose():
    """A strategy that knows the user's colour needs nothing but counts."""
    train = checkerboard(10, 10).train
    for user in range(10):
        alike = train.select(train.user % 2 == user % 2)
        first = Popularity().fit(alike).recommend([user], k=1).items[0, 0]
        assert first == user


@pytest.fixture(scope="module")
def planted():
    return planted_topics(300, 60, 5, events_per_user=10, noise=0.2, rng=4)


def test_planted_shapes_and_counts(planted):
    assert np.bincount(planted.interactions.user).tolist() == [10] * 300
    assert planted.interactions.matrix().nnz == 3000  # nobody takes one twice
    assert np.unique(planted.interactions.timestamp).size == 3000
    assert np.bincount(planted.item_topic).tolist() == [12] * 5
    assert planted.user_mixture.sum(axis=1) == pytest.approx(np.ones(300))
    assert planted.true_score.sum(axis=1) == pytest.approx(np.ones(300))
    assert (planted.user_topic == planted.user_mixture.argmax(axis=1)).all()


def test_the_true_score_is_a_plain_formula(planted):
    for user, item in ((0, 0), (17, 59), (299, 31)):
        share = planted.user_mixture[user, planted.item_topic[item]]
        expected = 0.8 * share / 12 + 0.2 / 60
        assert planted.true_score[user, item] == pytest.approx(expected)


def test_first_events_follow_the_true_score(planted):
    """Each user's first event falls in his topics as often as it should."""
    x = planted.interactions
    first = x.select(x.timestamp < x.n_users)
    assert first.user.tolist() == list(range(300))
    topic_score = np.stack(
        [planted.true_score[:, planted.item_topic == t].sum(axis=1) for t in range(5)],
        axis=1,
    )
    drawn = np.bincount(planted.item_topic[first.item], minlength=5)
    variance = (topic_score * (1 - topic_score)).sum(axis=0)
    assert (np.abs(drawn - topic_score.sum(axis=0)) < 4 * np.sqrt(variance)).all()
    own = planted.item_topic[first.item] == planted.user_topic
    chance = topic_score[np.arange(300), planted.user_topic]
    error = np.sqrt((chance * (1 - chance)).sum())
    assert abs(own.sum() - chance.sum()) < 4 * error


def test_all_noise_is_uniform_and_no_noise_never_leaves_the_users_topics():
    noisy = planted_topics(2000, 10, 2, events_per_user=1, noise=1, rng=0)
    assert noisy.true_score == pytest.approx(np.full((2000, 10), 0.1))
    counts = np.bincount(noisy.interactions.item, minlength=10)
    assert np.abs(counts - 200).max() < 60  # 4.5 standard errors
    pure = planted_topics(
        200, 40, 2, events_per_user=5, noise=0, rng=0, concentration=1e-3
    )
    x = pure.interactions
    assert (pure.true_score[x.user, x.item] > 0).all()
    clear = pure.user_mixture.max(axis=1)[x.user] > 1 - 1e-12
    assert clear.mean() > 0.9
    assert (pure.item_topic[x.item] == pure.user_topic[x.user])[clear].all()


def test_titles_are_words_of_the_items_topic(planted):
    for title, topic in zip(planted.titles, planted.item_topic, strict=True):
        words = title.split()
        assert len(set(words)) == 3
        assert set(words) <= set(TOPIC_WORDS[topic])
    assert len(set(planted.titles)) == 60
    frame = planted.items
    assert frame.columns.tolist() == ["item_id", "title", "topic"]
    assert frame.title.tolist() == planted.titles.tolist()


def test_no_two_topics_share_a_word():
    words = [word for topic in TOPIC_WORDS for word in topic]
    assert len(words) == len(set(words)) == 12 * 8


def test_an_items_id_says_nothing_of_its_topic():
    planted = planted_topics(1, 1200, 4, events_per_user=1, noise=1, rng=2)
    low = np.bincount(planted.item_topic[:600], minlength=4)
    assert low.tolist() != [150] * 4  # dealt out in turn would be
    assert np.abs(low - 150).max() < 40


def test_the_seed_decides_everything():
    calls = [
        planted_topics(9, 9, 3, events_per_user=3, noise=0.5, rng=rng)
        for rng in (1, np.random.default_rng(1), 2)
    ]
    same = [
        (c.interactions.item.tolist(), c.titles.tolist(), c.user_mixture.tolist())
        for c in calls
    ]
    assert same[0] == same[1]
    assert same[0] != same[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_users": 0}, r"n_users: must be in \[1, inf\], got 0"),
        ({"n_items": 1}, r"n_items: must be in \[2, inf\], got 1"),
        ({"n_topics": 13}, r"n_topics: must be in \[1, 12\], got 13"),
        ({"events_per_user": 9}, r"events_per_user: must be in \[1, 8\], got 9"),
        ({"noise": -0.1}, r"noise: must be in \[0, 1\], got -0.1"),
        ({"concentration": 0}, "concentration: must be > 0, got 0"),
        (
            {"events_per_user": 8, "noise": 0, "concentration": 1e-4},
            "topics hold fewer than 8 items",
        ),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {
        "n_users": 5,
        "n_items": 8,
        "n_topics": 2,
        "events_per_user": 4,
        "noise": 0.5,
        "rng": 0,
    }
    with pytest.raises(ValueError, match=message):
        planted_topics(**arguments | change)


def test_a_checkerboard_too_small_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="n_users: must be at least 4, got 3"):
        checkerboard(3, 8)
    with pytest.raises(ValueError, match="n_items: must be at least 4, got 2"):
        checkerboard(8, 2)
