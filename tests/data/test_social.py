"""Friendships: a graph that is one, a file read line by line, a planted truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.social import (
    Relations,
    edge_homophily,
    read_hetrec_friends,
    synthetic_friendships,
)

PAIRS = st.sets(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(
        lambda pair: pair[0] < pair[1]
    )
)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_graph_is_the_same_from_whichever_side_it_is_told(pairs, random):
    told = [pair if random.random() < 0.5 else pair[::-1] for pair in sorted(pairs)]
    random.shuffle(told)
    relations = Relations(told, range(7), "test")
    assert [tuple(edge) for edge in relations.edges.tolist()] == sorted(pairs)
    matrix = np.zeros((7, 7))
    for first, second in pairs:
        matrix[first, second] = matrix[second, first] = 1
    assert (relations.adjacency().toarray() == matrix).all()
    assert relations.adjacency().dtype == np.float64
    assert relations.degree.tolist() == matrix.sum(axis=0).tolist()
    for user in range(7):
        assert (
            relations.neighbours(user).tolist() == np.flatnonzero(matrix[user]).tolist()
        )


def test_nothing_in_the_graph_can_be_changed():
    source = np.array([[0, 1]])
    relations = Relations(source, ["a", "b"], "test")
    source[:] = 9
    assert relations.edges.tolist() == [[0, 1]]
    for part in (relations.edges, relations.adjacency().data):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 5


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([[0, 3]], r"edges: every index must be in \[0, 3\), got 0 to 3"),
        ([[-1, 1]], r"edges: .* got -1 to 1"),
        ([[0, 1], [2, 2]], "edges: user index 2 is his own friend"),
        ([[0, 1], [1, 2], [1, 0]], "edges: must be distinct pairs, got 1 edge again"),
    ],
)
def test_what_is_no_simple_graph_is_refused(edges, message):
    with pytest.raises(ValueError, match=message):
        Relations(edges, range(3), "test")


def test_an_unknown_user_has_no_neighbours_to_ask_for():
    relations = Relations([], range(3), "test")
    assert relations.neighbours(2).tolist() == []
    for user in (-1, 3):
        with pytest.raises(KeyError, match=rf"user: must be in \[0, 3\), got {user}"):
            relations.neighbours(user)
    with pytest.raises(ValueError, match="user_ids: must be distinct"):
        Relations([], [1, 1], "test")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "user_friends.dat"


def test_each_friendship_of_the_file_is_read_once(path):
    lines = ["userID\tfriendID", "2\t275", "2\t428", "275\t2", "428\t2", "428\t275"]
    path.write_text("\r\n".join(lines) + "\r\n")
    relations, report = read_hetrec_friends(path, [428, 275, 2, 1])
    assert relations.edges.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert relations.user_ids.tolist() == [428, 275, 2, 1]
    assert repr(relations) == "Relations(HetRec-2011 Last.fm, 4 users, 3 edges)"
    assert (report.rows_in, report.rows_out) == (5, 3)
    assert report["friendship listed before"].examples == (4, 5)


def test_every_bad_line_of_the_file_is_reported_by_number(path):
    path.write_bytes(
        b"userID\tfriendID\n"  # 1
        b"2\t3\n"
        b"2\n"  # 3 short
        b"2\t99\n"  # 4 unknown
        b"3\t3\n"  # 5 himself
        b"two\t3\n"  # 6 no id
        b"\n"  # 7 blank
        b"3\t\xff\n"  # 8 no UTF-8
        b"3\t2\n"  # 9 the other side
    )
    relations, report = read_hetrec_friends(path, [2, 3])
    assert relations.edges.tolist() == [[0, 1]]
    assert {s.reason: s.examples for s in report.steps} == {
        "blank line": (7,),
        "not utf-8": (8,),
        "not 2 fields": (3,),
        "user not in user_ids": (4, 6),
        "user is his own friend": (5,),
        "friendship listed before": (9,),
    }
    assert report.rows_in == 8


def test_a_file_without_friendships_is_read_and_a_wrong_one_is_not(path):
    path.write_text("userID\tfriendID\n")
    assert len(read_hetrec_friends(path, [1, 2])[0]) == 0
    path.write_text("userID\tartistID\tweight\n2\t51\t13883\n")
    with pytest.raises(ValueError, match=r"user_friends\.dat, line 1: must be"):
        read_hetrec_friends(path, [1, 2])
    with pytest.raises(FileNotFoundError):
        read_hetrec_friends(path.with_name("none"), [1])


GROUPS = np.repeat([0, 1, 2], [20, 40, 60])
WITHIN = (20 * 19 + 40 * 39 + 60 * 59) / (120 * 119)  # by hand, of all pairs


@pytest.mark.parametrize("homophily", [0, 0.3, 0.8, 1])
def test_the_planted_homophily_is_the_expected_one(homophily):
    expected = WITHIN + homophily * (1 - WITHIN)
    shares = []
    for seed in range(200):
        friends = synthetic_friendships(
            GROUPS, mean_degree=5, homophily=homophily, rng=seed
        )
        assert len(friends) == 300
        first, second = friends.edges.T
        shares.append(np.mean(GROUPS[first] == GROUPS[second]))
    error = np.sqrt(expected * (1 - expected) / 300 / 200)
    assert abs(np.mean(shares) - expected) <= 4 * error


def test_pairs_of_a_kind_are_equally_likely():
    hits = np.zeros((6, 6))
    rng = np.random.default_rng(0)
    labels = list("aaabbb")
    for _ in range(3000):
        friends = synthetic_friendships(labels, mean_degree=1, homophily=0.5, rng=rng)
        hits[tuple(friends.edges.T)] += 1
    same = np.equal.outer(labels, labels)
    upper = np.triu(np.ones((6, 6), dtype=bool), k=1)
    # 3 edges, m = 6/15, so 3 * 0.7 within, over 6 pairs, and 3 * 0.3 over 9
    for where, chance in ((upper & same, 0.35), (upper & ~same, 0.1)):
        error = np.sqrt(chance * (1 - chance) / 3000)
        assert np.abs(hits[where] / 3000 - chance).max() < 4 * error


def test_made_up_friends_are_called_synthetic_and_follow_their_seed():
    made = [
        synthetic_friendships(GROUPS, mean_degree=3, homophily=0.5, rng=rng)
        for rng in (7, np.random.default_rng(7), 8)
    ]
    assert made[0].edges.tolist() == made[1].edges.tolist()
    assert made[0].edges.tolist() != made[2].edges.tolist()
    assert made[0].source == "synthetic"
    assert "synthetic" in repr(made[0])
    named = synthetic_friendships(
        ["x", "y"], mean_degree=1, homophily=0, rng=0, user_ids=["ann", "bob"]
    )
    assert named.user_ids.tolist() == ["ann", "bob"]


def test_homophily_is_measured_by_hand():
    relations = Relations([[0, 1], [0, 2], [2, 3], [3, 4]], range(5), "test")
    measured = edge_homophily(relations, ["a", "a", "b", "b", "b"])
    assert measured.share == 3 / 4
    assert measured.random_share == (1 + 3) / 10
    assert measured.coefficient == pytest.approx((0.75 - 0.4) / 0.6)
    nothing = edge_homophily(Relations([], range(5), "test"), [1, 1, 2, 2, 2])
    assert np.isnan(nothing.share)
    assert nothing.random_share == 0.4
    alike = edge_homophily(relations, ["a"] * 5)
    assert (alike.share, alike.random_share) == (1, 1)
    assert np.isnan(alike.coefficient)
    assert np.isnan(edge_homophily(Relations([], [1], "test"), [1]).random_share)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"homophily": 1.1}, r"homophily: must be in \[0, 1\], got 1.1"),
        ({"homophily": np.nan}, "homophily: must be"),
        ({"mean_degree": 0}, r"mean_degree: must be in \(0, 3\], got 0"),
        ({"mean_degree": 3.5}, "mean_degree: must be in"),
        ({"homophily": 1, "mean_degree": 2}, "4 edges within groups .* 2 pairs"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"mean_degree": 1, "homophily": 0.5, "rng": 0}
    with pytest.raises(ValueError, match=message):
        synthetic_friendships(["a", "a", "b", "b"], **arguments | change)


def test_there_must_be_one_label_a_user():
    with pytest.raises(ValueError, match=r"labels: must have shape \[3\], got \(2,\)"):
        edge_homophily(Relations([], range(3), "test"), [1, 2])
