"""The nearest text, and how often it names what counted."""

import numpy as np
import pytest

from recsys_ref.explanation.nearest_text import agreement, nearest_in_history

RNG = np.random.default_rng(5)


def test_the_order_is_that_of_the_cosines():
    vectors = RNG.normal(size=(20, 6))
    history = np.array([3, 8, 11, 19])
    order = nearest_in_history(vectors, history, 5, rng=0)

    def cosine(i):
        a, b = vectors[i], vectors[5]
        return a @ b / np.sqrt((a @ a) * (b @ b))

    assert order.tolist() == sorted(range(4), key=lambda p: -cosine(history[p]))


def test_equal_texts_are_ordered_by_lot():
    vectors = np.ones((9, 3))
    first = {
        int(nearest_in_history(vectors, np.arange(8), 8, rng=seed)[0])
        for seed in range(60)
    }
    assert first == set(range(8))
    again = nearest_in_history(vectors, np.arange(8), 8, rng=4)
    assert (
        again.tolist() == nearest_in_history(vectors, np.arange(8), 8, rng=4).tolist()
    )


def test_agreement_is_what_a_loop_counts():
    parts = [RNG.normal(size=n) for n in (3, 6, 10)]
    cited = [2, 0, 7]
    table = agreement(parts, cited, tops=[1, 3])
    for row, (values, place) in enumerate(zip(parts, cited, strict=True)):
        order = sorted(range(len(values)), key=lambda p, v=values: -v[p])
        assert table["top 1"][row] == (order[0] == place)
        assert table["top 3"][row] == (place in order[:3])
        assert table["chance 3"][row] == pytest.approx(min(3 / len(values), 1))
        others = [v for p, v in enumerate(values) if p != place]
        assert table["beats"][row] == pytest.approx(np.mean(values[place] > others))
        assert table["speaks"][row] == (values[place] > 0)


def test_a_random_citation_reaches_chance():
    """The mean over all places is the chance level, ties or none."""
    for values in ([0.4, 0.1, -0.3, 0.2, 0.0], [0.5, 0.5, 0.5, 0.1], [0.0] * 6):
        every = agreement([np.array(values)] * len(values), range(len(values)))
        assert every["top 1"].mean() == pytest.approx(every["chance 1"].mean())
        assert every["top 3"].mean() == pytest.approx(every["chance 3"].mean())
        assert every["beats"].mean() == pytest.approx(0.5)


def test_one_film_has_nothing_to_beat():
    table = agreement([np.array([0.2])], [0])
    assert table["top 1"][0] == table["chance 1"][0] == table["chance 3"][0] == 1
    assert np.isnan(table["beats"][0])


def test_wrong_arguments_are_named():
    with pytest.raises(IndexError, match="items"):
        nearest_in_history(np.ones((3, 2)), np.array([0, 3]), 1, rng=0)
    with pytest.raises(ValueError, match="cited: must be 1"):
        agreement([np.ones(2)], [0, 1])
    with pytest.raises(ValueError, match="must not be empty"):
        agreement([np.array([])], [0])
    with pytest.raises(IndexError, match="cited"):
        agreement([np.ones(2)], [2])
    with pytest.raises(ValueError, match="tops"):
        agreement([np.ones(2)], [0], tops=[0])
