import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.session_knn import SessionKNN


def drawn(n_users, seed):
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(n_users), 6)
    item = np.concatenate([rng.choice(30, 6, replace=False) for _ in range(n_users)])
    return Interactions(
        user, item, np.ones(len(user)), np.arange(len(user)), range(n_users), range(30)
    )


def test_scores_are_those_of_a_plain_loop():
    train, begun = drawn(60, 0), drawn(7, 1)
    model = SessionKNN(neighbours=60).fit(train).fold_in(begun)
    past, now = train.matrix().toarray(), begun.matrix().toarray()
    due = np.zeros((7, 30))
    for u in range(7):
        for session in past:
            cosine = now[u] @ session / np.sqrt(now[u].sum() * session.sum())
            due[u] += cosine * session
    assert np.allclose(model.score(range(7)), due, atol=1e-5)


def test_neighbours_are_those_that_a_peer_finds():
    train, begun = drawn(200, 0), drawn(5, 1)
    past, now = train.matrix().toarray(), begun.matrix().toarray()
    peer = NearestNeighbors(metric="cosine", algorithm="brute").fit(past)
    distance, _ = peer.kneighbors(now, n_neighbors=20)
    model = SessionKNN(neighbours=20).fit(train).fold_in(begun)
    for u in range(5):
        everything = 1 - peer.kneighbors(now[[u]], n_neighbors=200)[0][0]
        border = 1 - distance[u, -1]
        near = everything[everything >= border - 1e-12]
        # Six items a session: summed scores are six times summed likenesses.
        assert model.score([u]).sum() == pytest.approx(6 * near.sum(), rel=1e-5)


def test_recent_items_count_more_with_a_half_life():
    past = Interactions(
        [0, 0, 1, 1], [0, 2, 1, 3], [1] * 4, [0] * 4, ["s", "t"], range(4)
    )
    now = Interactions([0, 0], [0, 1], [1, 1], [0, 60], ["now"], range(4))
    alike = SessionKNN().fit(past).fold_in(now).score([0])[0]
    recent = SessionKNN(half_life=1.0).fit(past).fold_in(now).score([0])[0]
    assert alike[2] == alike[3]
    assert recent[3] > recent[2]


def test_bad_hyperparameters_are_named():
    with pytest.raises(ValueError, match="neighbours: must be a whole number"):
        SessionKNN(neighbours=0).fit(drawn(5, 0))
    with pytest.raises(ValueError, match="half_life"):
        SessionKNN(half_life=0.0).fit(drawn(5, 0))
