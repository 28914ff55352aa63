"""Questions: by hand on four films, and on planted topics."""

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.elicitation import (
    ask,
    informative_questions,
    interview,
    question_list,
    rating_entropy,
)


@pytest.fixture(scope="module")
def planted():
    return planted_topics(
        300, 40, 4, events_per_user=8, noise=0.05, rng=2, concentration=0.05
    )


@pytest.fixture
def rated():
    """Film 0: all agree. Film 1: two ratings. Film 2: four. Film 3: nobody."""
    return Interactions(
        [0, 1, 2, 3, 0, 1, 0, 1, 2, 3],
        [0, 0, 0, 0, 1, 1, 2, 2, 2, 2],
        [4, 4, 4, 4, 1, 5, 1, 2, 4, 5],
        np.zeros(10),
        range(4),
        range(4),
    )


def test_the_entropy_of_ratings_is_that_of_the_textbook(rated):
    expected = [0, np.log(2), np.log(4), 0]
    assert rating_entropy(rated) == pytest.approx(expected)
    assert rating_entropy(rated.select([])).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("criterion", "first"),
    [("entropy", [2, 1]), ("popularity x entropy", [2, 1])],
)
def test_lists_follow_their_criterion(rated, criterion, first):
    assert question_list(rated, 2, criterion).tolist() == first


def test_equals_are_ordered_by_the_seed(rated):
    both = {tuple(question_list(rated, 2, "popularity", rng=r)) for r in range(20)}
    assert both == {(0, 2), (2, 0)}
    drawn = {tuple(question_list(rated, 4, "random", rng=r)) for r in range(20)}
    assert len(drawn) > 5
    assert all(sorted(each) == [0, 1, 2, 3] for each in drawn)


def test_informative_questions_are_those_of_a_plain_loop(planted):
    model = ConditionalMean(noise=0.3).fit(planted.interactions)
    covariance, mean = model.covariance_.astype(float), model.mean_
    asked = []
    for _ in range(4):
        worth = {}
        for i in set(range(40)) - set(asked):
            settled = sum(covariance[i, j] ** 2 for j in range(40))
            worth[i] = mean[i] * settled / (covariance[i, i] + 0.3)
        best = max(worth, key=worth.get)
        asked.append(best)
        taken = np.outer(covariance[best], covariance[best])
        covariance = covariance - mean[best] * taken / (covariance[best, best] + 0.3)
    assert informative_questions(model, 4).tolist() == asked


def test_the_first_questions_go_to_different_topics(planted):
    model = ConditionalMean(noise=0.01).fit(planted.interactions)
    first = informative_questions(model, 4)
    assert len(set(planted.item_topic[first])) >= 3


def test_an_interview_begins_alike_and_parts_at_the_first_yes(planted):
    x = planted.interactions
    model = ConditionalMean(noise=0.05).fit(x)
    pool = x.select(x.user >= 250)
    asked = interview(model, pool, 6, candidates=40)
    assert asked.shape == (300, 6)
    assert (asked[:, 0] == informative_questions(model, 1)[0]).all()
    assert all(len(set(row)) == 6 for row in asked.tolist())
    yes = pool.matrix().toarray()[np.arange(300), asked[:, 0]] > 0
    assert yes.any()
    assert (asked[:250] == asked[0]).all()  # they have nothing to tell
    told = asked[250:][yes[250:]]
    assert (told[:, 1] != asked[0, 1]).any()


def test_answers_are_the_events_of_the_pool_that_were_asked_for(rated):
    told = ask(rated, [1, 3])
    assert sorted(zip(told.user.tolist(), told.item.tolist(), strict=True)) == [
        (0, 1),
        (1, 1),
    ]
    assert told.user_ids.equals(rated.user_ids)
    assert len(ask(rated, [])) == 0


@pytest.mark.parametrize("n", [0, 5, 1.5])
def test_a_number_of_questions_out_of_range_is_named(rated, n):
    model = ConditionalMean().fit(rated)
    for call in (
        lambda: question_list(rated, n),
        lambda: informative_questions(model, n),
        lambda: interview(model, rated, n),
    ):
        with pytest.raises(ValueError, match="n: must be"):
            call()


def test_other_faults_are_named(rated):
    with pytest.raises(ValueError, match="criterion: must be one of"):
        question_list(rated, 1, "fame")
    with pytest.raises(RuntimeError, match="call fit first"):
        informative_questions(ConditionalMean(), 1)
    other = Interactions([], [], [], [], [0], [1])
    with pytest.raises(ValueError, match="item_ids of the fitted table"):
        interview(ConditionalMean().fit(rated), other, 1)
