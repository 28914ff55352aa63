"""The numbers of `three_by_three`: an erratum to be found, tables to be told apart."""

import numpy as np
import pytest

from recsys_ref.course import three_by_three
from recsys_ref.course.three_by_three import APART, TEMPERATURE, draw

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_erratum_has_four_cells_and_the_right_row_sums(seed):
    drawn = draw(np.random.default_rng(seed))
    exact = drawn.square.U @ drawn.square.V.T
    off = np.abs(drawn.printed - exact)
    assert (off > 0.015).sum() == 4, "no slip can be taken for a rounding"
    assert (off < 1e-9).sum() == 5
    np.testing.assert_allclose(drawn.printed.sum(axis=1), exact.sum(axis=1))
    assert drawn.printed.min() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_one_table_is_right_and_no_two_agree(seed):
    drawn = draw(np.random.default_rng(seed))
    U, V, X = drawn.square.U, drawn.square.V, drawn.square.X
    lengths = np.outer(*(np.linalg.norm(m, axis=1) for m in (U, V)))
    weight = np.exp(U @ V.T / lengths / TEMPERATURE) * (X == 0)
    right = weight / weight.sum(axis=1, keepdims=True)
    tables = np.array(list(drawn.tables.values()))
    assert (np.abs(tables - right).max(axis=(1, 2)) < 1e-4).sum() == 1
    apart = np.abs(tables[:, None] - tables).max(axis=(2, 3))
    assert apart[~np.eye(6, dtype=bool)].min() >= APART


@pytest.mark.parametrize("seed", SEEDS)
def test_the_wide_example_has_one_answer_and_needs_its_mask(seed):
    wide = draw(np.random.default_rng(seed)).wide
    scores = wide.U @ wide.V.T
    assert np.diff(np.sort(scores, axis=1), axis=1).min() > 0.008, "no ties"
    best = np.argsort(-scores, axis=1)[:, :2]
    masked = np.argsort(np.where(wide.X == 1, np.inf, -scores), axis=1)[:, :2]
    assert (best != masked).any()
    for matrix in (wide.U, wide.V):
        np.testing.assert_allclose(matrix.sum(axis=1), 1)
        np.testing.assert_allclose(10 * matrix, np.rint(10 * matrix))
    assert (wide.X.sum(axis=1) == 2).all(), "three are left for everyone"


def test_another_seed_is_another_example():
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.printed == same.printed).all()
    assert (one.printed != other.printed).any()


@pytest.mark.parametrize(
    ("limit", "message"), [("APART", "no clear tables"), ("GAP", "no clear lists")]
)
def test_a_generator_without_clear_numbers_is_refused(monkeypatch, limit, message):
    monkeypatch.setattr(three_by_three, limit, 2.0)
    monkeypatch.setattr(three_by_three, "PATIENCE", 200)
    with pytest.raises(ValueError, match=message):
        draw(np.random.default_rng(0))
