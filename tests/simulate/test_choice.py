import numpy as np
import pytest

from recsys_ref.simulate.choice import at, choice_probabilities, clicks, one_choice
from recsys_ref.simulate.examination import position_examination


def test_examination_is_a_power_of_the_rank():
    assert position_examination(3, 2.0).tolist() == pytest.approx([1, 1 / 4, 1 / 9])
    assert position_examination(3, 0.0).tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="k: must be a whole number of at least 1"):
        position_examination(0)
    with pytest.raises(ValueError, match="eta: "):
        position_examination(3, -1.0)


def test_the_share_of_clicks_is_examination_times_attraction():
    attraction, n = np.array([0.2, 0.9, 0.5]), 40_000
    seen = position_examination(3)
    drawn = clicks(np.tile(attraction, (n, 1)), seen, rng=0)
    due = attraction * seen
    error = np.sqrt(due * (1 - due) / n)
    assert (np.abs(drawn.mean(axis=0) - due) < 4 * error).all()


def test_places_are_independent():
    drawn = clicks(np.full((40_000, 2), 0.5), np.array([1.0, 1.0]), rng=1)
    assert drawn.all(axis=1).mean() == pytest.approx(0.25, abs=0.01)


def test_choices_come_as_often_as_the_enumeration_says():
    utility, seen, n = (
        np.array([[0.5, 2.0, -np.inf]]),
        np.array([1.0, 0.5, 1.0]),
        40_000,
    )
    taken = one_choice(np.repeat(utility, n, axis=0), seen, rng=0)
    due = choice_probabilities(utility, seen)[0]
    share = np.array([(taken == place).mean() for place in range(3)])
    assert (np.abs(share - due) < 4 * np.sqrt(due * (1 - due) / n) + 1e-12).all()
    assert share[2] == 0


def test_the_enumeration_is_the_logit_if_all_is_seen():
    utility = np.array([[0.3, -1.0, 1.2]])
    due = np.exp(utility) / (1 + np.exp(utility).sum())
    assert np.allclose(choice_probabilities(utility, np.ones(3)), due)


def test_nothing_seen_is_nothing_taken():
    assert (one_choice(np.full((50, 2), 9.0), np.zeros(2), rng=0) == -1).all()
    assert choice_probabilities(np.full((1, 2), 9.0), np.zeros(2)).sum() == 0


def test_padding_gets_what_is_missing():
    assert at(np.array([[1.0, 2.0]]), [[1, -1]], missing=-9.0).tolist() == [[2, -9]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clicks(np.array([[1.2]]), np.ones(1), 0), "attraction: must be in"),
        (lambda: clicks(np.array([[0.2]]), np.ones(2), 0), "examination: must have"),
        (lambda: clicks(np.array([[0.2]]), np.full(1, 2.0), 0), "examination: must be"),
        (lambda: one_choice(np.array([[np.nan]]), np.ones(1), 0), "utility: must be"),
        (lambda: one_choice(np.array([[np.inf]]), np.ones(1), 0), "utility: must be"),
        (
            lambda: choice_probabilities(np.zeros((1, 13)), np.ones(13)),
            "at most 12 places, got 13",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
