"""Profiles written by hand: right, wrong, vague and empty, on planted topics."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.items import Items
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.profiles.evidence import histories
from recsys_ref.profiles.faithful import check_profile, faithfulness
from recsys_ref.profiles.textual import TextualProfile

TOPICS = ("Space", "Crime", "Romance", "War")
USERS = np.arange(30)


@pytest.fixture(scope="module")
def planted():
    """Each user is of one topic; topic t is released in the decade 1960 + 10 t."""
    return planted_topics(
        30, 40, 4, events_per_user=6, noise=0.0, rng=0, concentration=0.001
    )


@pytest.fixture(scope="module")
def items(planted):
    topic = planted.item_topic
    return Items(
        ids=planted.interactions.item_ids,
        title=planted.titles.astype(str),
        year=1960 + 10 * topic + 3,
        genres=topic[:, None] == np.arange(4),
        genre_names=TOPICS,
    )


@pytest.fixture(scope="module")
def known(planted, items):
    return histories(items, planted.interactions)


def about(planted, topic, user=None):
    """Say what is true of those who like a topic, or of one user of it."""
    titles = ()
    if user is not None:
        mine = planted.interactions.user == user
        titles = tuple(planted.titles[planted.interactions.item[mine][:2]])
    return TextualProfile(
        likes=(TOPICS[topic],), eras=(f"{1960 + 10 * topic}s",), titles=titles
    )


def test_a_right_profile_is_supported_in_full_and_a_wrong_one_not_at_all(
    planted, known
):
    own = planted.user_topic
    right = [about(planted, own[user], user) for user in USERS]
    wrong = [about(planted, (own[user] + 1) % 4) for user in USERS]
    measured = faithfulness(right, known, USERS, rng=0)
    assert (measured.statements == 4).all()
    assert (measured.own == 1).all()
    assert (faithfulness(wrong, known, USERS, rng=0).own == 0).all()


def test_what_is_true_of_others_of_the_topic_is_seen_by_the_control(planted, known):
    """With all others, the control is the share of them who are of the topic."""
    own = planted.user_topic
    right = [about(planted, topic) for topic in own]
    measured = faithfulness(right, known, USERS, n_others=100, rng=0)
    alike = [(np.delete(own, user) == own[user]).mean() for user in USERS]
    np.testing.assert_allclose(measured.others, alike)
    np.testing.assert_allclose(measured.gain, 1 - np.array(alike))


def test_a_vague_profile_gains_nothing_however_well_supported(planted, known):
    vague = TextualProfile(likes=TOPICS)
    measured = faithfulness([vague] * 30, known, USERS, rng=0)
    assert (measured.own == 0.25).all()
    np.testing.assert_allclose(measured.gain, 0, atol=1e-12)


def test_a_profile_that_says_nothing_has_no_share(known):
    moody = TextualProfile(moods=("dark",))
    measured = faithfulness([TextualProfile(), moody], known, [4, 5], rng=0)
    assert measured.statements.tolist() == [0, 0]
    assert measured[["own", "others", "gain"]].isna().all(axis=None)
    assert check_profile(moody, known, 5).empty


def test_dislikes_are_held_against_the_ratings(planted, items):
    x = planted.interactions
    mixed = planted_topics(30, 40, 4, events_per_user=20, noise=1.0, rng=1).interactions
    stars = np.where(planted.item_topic[mixed.item] == 2, 1.0, 4.0)
    rated = type(x)(
        mixed.user, mixed.item, stars, mixed.timestamp, x.user_ids, x.item_ids
    )
    known = histories(items, rated)
    had = [2 in planted.item_topic[rated.item[rated.user == user]] for user in USERS]
    right = TextualProfile(dislikes=("Romance",))
    wrong = TextualProfile(dislikes=("Space", "Crime", "War"))
    shares = [faithfulness([p] * 30, known, USERS, rng=0).own for p in (right, wrong)]
    assert (shares[0] == had).all()
    assert (shares[1] == 0).all()
    assert np.mean(had) > 0.9


def test_statements_are_listed_one_a_row_and_repeats_count_once(planted, known):
    said = TextualProfile(
        likes=("Space", " space", "War"),
        dislikes=("Space",),
        titles=("No Such Film", "no such film!"),
    )
    user = int(np.flatnonzero(planted.user_topic == 0)[0])
    checked = check_profile(said, known, user)
    expected = pd.DataFrame(
        {
            "part": ["likes", "likes", "dislikes", "titles"],
            "claim": ["Space", "War", "Space", "No Such Film"],
            "supported": [True, False, False, False],
        }
    )
    pd.testing.assert_frame_equal(checked, expected, check_dtype=False)


def test_single_parts_can_be_measured(planted, known):
    user = int(np.flatnonzero(planted.user_topic == 0)[0])
    said = TextualProfile(likes=("Space", "War"), eras=("1990s",))
    for parts, share in ((["likes"], 0.5), (["eras"], 0.0), (["likes", "eras"], 1 / 3)):
        measured = faithfulness([said], known, [user], parts=parts, rng=0)
        assert measured.own.item() == pytest.approx(share)


def test_a_sample_of_others_estimates_all_of_them_and_the_seed_decides(planted, known):
    right = [about(planted, topic) for topic in planted.user_topic]
    every = faithfulness(right, known, USERS, n_others=29, rng=0).others
    draws = [
        faithfulness(right, known, USERS, n_others=3, rng=seed).others
        for seed in range(40)
    ]
    assert abs(np.mean(draws) - every.mean()) < 0.02
    again = faithfulness(right, known, USERS, n_others=3, rng=0).others
    pd.testing.assert_series_equal(again, draws[0])
    assert not draws[0].equals(draws[1])


def test_users_without_events_are_no_control(planted, items):
    x = planted.interactions
    alone = histories(items, x.select(x.user == 3))
    right = about(planted, planted.user_topic[3])
    measured = faithfulness([right], alone, [3], rng=0)
    assert measured.own.item() == 1
    assert np.isnan(measured.others.item())
    assert np.isnan(measured.gain.item())


def test_what_does_not_fit_is_refused(known):
    one = [TextualProfile(likes=("War",))]
    with pytest.raises(ValueError, match="users: must be 1, one a profile, got 2"):
        faithfulness(one, known, [0, 1], rng=0)
    with pytest.raises(ValueError, match="n_others: must be a whole number"):
        faithfulness(one, known, [0], n_others=0, rng=0)
    with pytest.raises(ValueError, match=r"parts: must be some of .*got \['moods'\]"):
        faithfulness(one, known, [0], parts=["likes", "moods"], rng=0)
    for users in ([30], [-1]):
        with pytest.raises(KeyError, match=r"user: must be in \[0, 30\)"):
            faithfulness(one, known, users, rng=0)
