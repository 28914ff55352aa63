"""Friends: by hand, and where what they are worth is known exactly."""

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.social import Relations, synthetic_friendships
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.social import Social


@pytest.fixture(scope="module")
def planted():
    """200 users of one topic each (of 4); each takes 6 of its 10 films."""
    return planted_topics(
        200, 40, 4, events_per_user=6, noise=0.0, rng=3, concentration=1e-3
    )


@pytest.mark.parametrize("smoothing", [0.5, 20.0])
def test_scores_are_those_of_a_plain_loop(planted, smoothing):
    x = planted.interactions
    table = x.select(x.user % 5 != 0)
    friends = synthetic_friendships(
        planted.user_topic, mean_degree=4, homophily=0.5, rng=0
    )
    scores = Social(friends, smoothing).fit(table).score(np.arange(200))
    rows = table.matrix().toarray()
    share = rows.sum(axis=0) / 160
    for user in range(0, 200, 7):
        heard = [f for f in friends.neighbours(user) if f % 5]
        total = smoothing * share + sum((rows[f] for f in heard), np.zeros(40))
        expected = total / (len(heard) + smoothing)
        assert scores[user] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("homophily", [0.0, 0.5, 1.0])
def test_the_gain_of_friends_is_the_planted_one(planted, homophily):
    """Own topic less the others: h x p, where p = 6 / 10 is known.

    A share s = m + h (1 - m) of a user's friends has his own topic. They chose
    6 of its 10 items, and nothing else. With topics of size U / T, m is all
    but 1 / T, and the difference of the two expected scores is h p times
    what the smoothing leaves; popularity adds nothing where topics are alike.
    """
    x, topic = planted.interactions, planted.user_topic
    own = planted.item_topic[None, :] == topic[:, None]
    popular = x.matrix().sum(axis=0) / 200
    smoothing = 1e-9
    margins = []
    for seed in range(10):
        friends = synthetic_friendships(
            topic, mean_degree=20, homophily=homophily, rng=seed
        )
        scores = Social(friends, smoothing).fit(x).score(np.arange(200))
        inside, outside = np.where(own, scores, 0), np.where(own, 0, scores)
        margins.append((inside.sum(1) / 10 - outside.sum(1) / 30).mean())
    of_group = np.bincount(topic) / 200
    mixing = (of_group**2).sum() - 1 / 200  # m, all but 1 / T
    same = mixing * 200 / 199
    share = same + homophily * (1 - same)
    expected = 0.6 * (share - (1 - share) / 3)
    assert popular.sum() == pytest.approx(6)
    assert np.mean(margins) == pytest.approx(expected, abs=0.02)
    if homophily:
        assert expected == pytest.approx(homophily * 0.6, abs=0.05)


def test_who_has_no_friends_gets_popularity(planted):
    x = planted.interactions
    lonely = Relations([], x.user_ids, "hand")
    lists = [
        each.fit(x).recommend([0, 1], k=5).items
        for each in (Social(lonely), Popularity())
    ]
    assert (lists[0] == lists[1]).all()


def test_friends_without_a_history_are_not_heard(planted):
    x = planted.interactions
    friends = Relations([[0, 1], [0, 2]], x.user_ids, "hand")
    only_1 = x.select(x.user == 1)
    scores = Social(friends, smoothing=1.0).fit(only_1).score([0])[0]
    rows = only_1.matrix().toarray()[1]
    assert scores == pytest.approx((rows + rows) / 2)  # the share of all is his


def test_newcomers_are_known_by_their_ids(planted):
    x = planted.interactions
    friends = Relations([[0, 1]], ["new", 7], "hand")
    model = Social(friends, smoothing=1.0).fit(x)
    new = Interactions([], [], [], [], ["stranger", "new"], x.item_ids)
    scores = model.fold_in(new).score([0, 1])
    share = x.matrix().sum(axis=0) / 200
    assert scores[0] == pytest.approx(share)
    assert scores[1] == pytest.approx((share + x.matrix().toarray()[7]) / 2)


@pytest.mark.parametrize("smoothing", [0.0, -1.0, np.nan, np.inf])
def test_a_bad_smoothing_is_named(planted, smoothing):
    friends = Relations([], [1], "hand")
    with pytest.raises(ValueError, match="smoothing: must be a finite number > 0"):
        Social(friends, smoothing).fit(planted.interactions)
