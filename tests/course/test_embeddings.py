"""What is drawn for the assignment `embeddings` is what the book would compute."""

import numpy as np
import pytest

from recsys_ref.content.whiten import mean_cosine
from recsys_ref.course.embeddings import LINE, TITLE, draw, told
from recsys_ref.data.items import TEMPLATE
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import load_encoder


@pytest.fixture(scope="module")
def drawn():
    return draw(np.random.default_rng(1))


def test_the_same_seed_draws_the_same_and_another_seed_another(drawn):
    again, other = (draw(np.random.default_rng(seed)) for seed in (1, 2))
    assert drawn.titles == again.titles
    assert drawn.reports == again.reports
    assert drawn.titles != other.titles
    assert drawn.reports != other.reports


def test_pooled_states_are_the_librarys_vectors(drawn):
    some = slice(0, 12)
    mask = drawn.mask[some, :, None]
    mean = (drawn.states[some] * mask).sum(axis=1) / mask.sum(axis=1)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    theirs = encode(load_encoder(), drawn.titles[some], cache=False)
    np.testing.assert_allclose(mean, theirs, atol=1e-4)


def test_lines_are_the_librarys_vectors_of_the_same_films(drawn):
    items = load_movielens_100k().items
    titles = items.text(TITLE).tolist()
    rows = [titles.index(title) for title in drawn.titles[:12]]
    same = [titles.count(title) == 1 for title in drawn.titles[:12]]
    theirs = encode(load_encoder(), items.text(LINE)[rows].tolist(), cache=False)
    np.testing.assert_allclose(drawn.lines[:12][same], theirs[same], atol=1e-4)
    assert (drawn.genres[:12][same] == items.genres[rows][same]).all()
    assert LINE == TEMPLATE, "as in the book"


def test_padding_looks_like_any_vector(drawn):
    filling = drawn.states[drawn.mask == 0]
    assert len(filling) > 100
    assert np.linalg.norm(filling, axis=1).min() > 1


def test_every_film_has_a_genre(drawn):
    assert drawn.genres.any(axis=1).all()


def test_no_two_reports_are_alike():
    for seed in range(3):
        values = sorted(draw(np.random.default_rng(seed)).reports.values())
        assert np.diff(values).min() > 0.0025


def test_reports_by_loops():
    rng = np.random.default_rng(5)
    states = rng.normal(1, 1, (4, 3, 6)).astype(np.float32)
    mask = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 1, 0]])
    found = told(states, mask)
    vectors = [states[i, : mask[i].sum()].mean(axis=0) for i in range(4)]

    def over_pairs(rows, cosine=True, same=False):
        values = []
        for i, a in enumerate(rows):
            for j, b in enumerate(rows):
                size = np.linalg.norm(a) * np.linalg.norm(b) if cosine else 1
                if same or i != j:
                    values.append(a @ b / size)
        return np.mean(values)

    assert found["right"] == pytest.approx(over_pairs(vectors), abs=1e-6)
    assert found["right"] == pytest.approx(mean_cosine(np.array(vectors)), abs=1e-6)
    assert found["diagonal"] == pytest.approx(over_pairs(vectors, same=True), abs=1e-6)
    assert found["dot"] == pytest.approx(over_pairs(vectors, cosine=False), abs=1e-5)
    assert found["padding"] == pytest.approx(over_pairs(states.mean(axis=1)), abs=1e-6)
    assert found["first"] == pytest.approx(over_pairs(states[:, 0]), abs=1e-6)


def test_what_was_read_cannot_be_changed(drawn):
    with pytest.raises(ValueError, match="read-only"):
        drawn.states[0, 0, 0] = 0
