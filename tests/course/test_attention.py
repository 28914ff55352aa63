"""What is drawn for the assignment `attention` is clear, and right."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from recsys_ref.course import attention
from recsys_ref.course.attention import draw, told


def test_the_same_seed_draws_the_same_and_another_seed_another():
    first, again, other = (draw(np.random.default_rng(s)) for s in (1, 1, 2))
    assert (first.model.w_qkv == again.model.w_qkv).all()
    assert (first.query == again.query).all()
    assert first.sizes == again.sizes
    assert (first.query != other.query).any()
    assert first.sizes != other.sizes


def test_the_right_table_is_another_librarys():
    rng = np.random.default_rng(0)
    query, key = torch.from_numpy(rng.normal(size=(2, 1, 7, 4)))
    weights = scaled_dot_product_attention(
        query, key, torch.eye(7, dtype=torch.float64)[None], is_causal=True
    )
    table = told(query[0].numpy(), key[0].numpy())["right"]
    np.testing.assert_allclose(table, weights[0], atol=1e-12)


def test_each_mistake_shows_its_symptom():
    rng = np.random.default_rng(3)
    tables = told(*rng.normal(size=(2, 5, 4)))
    later = np.triu(np.ones((5, 5), dtype=bool), 1)
    for name in ("right", "unscaled", "peeks"):
        np.testing.assert_allclose(tables[name].sum(axis=1), 1)
    for name in ("right", "unscaled", "late mask", "over queries"):
        assert (tables[name][later] == 0).all()
    assert (tables["late mask"].sum(axis=1)[:-1] < 1).all()
    np.testing.assert_allclose(tables["over queries"].sum(axis=0), 1)
    assert (np.diag(tables["peeks"], 1) > 0).all()
    assert (np.diag(tables["peeks"], 2) == 0).all()
    ratio = np.log(tables["unscaled"][-1]) - np.log(tables["right"][-1]) * 2
    np.testing.assert_allclose(ratio, ratio[0])


def test_tables_of_any_student_can_be_told_apart():
    for seed in range(40):
        drawn = draw(np.random.default_rng(seed))
        assert sorted(drawn.tables) == list("ABCDE")
        right = told(drawn.query, drawn.key)
        for table in drawn.tables.values():
            gaps = [np.abs(table - each).max() for each in right.values()]
            assert sorted(gaps)[0] < 0.001
            assert sorted(gaps)[1] > 0.02


def test_the_pencil_example_shows_each_mistake():
    for seed in range(40):
        pencil = draw(np.random.default_rng(seed)).pencil
        scores = pencil.keys @ pencil.query
        assert len(set(scores.tolist())) == 4
        assert np.abs(scores).max() <= 6
    hidden = attention.Pencil(
        np.array([1, 0, 0, 0]),
        np.array([[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], [-60, 0, 0, 0]]),
        np.eye(4, 2, dtype=int),
    )
    assert not attention._pencil_is_clear(hidden), "the last one would not matter"


def test_sizes_and_history_fit_the_model():
    for seed in range(40):
        drawn = draw(np.random.default_rng(seed))
        assert len(drawn.history) < len(drawn.model.places)
        assert max(drawn.history) < len(drawn.model.films)
        assert drawn.model.w_out.shape[0] % drawn.model.n_heads == 0
        assert drawn.sizes.width == 64 * drawn.sizes.heads


def test_a_draw_that_never_is_clear_is_an_error():
    with pytest.raises(ValueError, match="rng: nothing clear in 1000 draws"):
        attention._until(lambda: 0, lambda made: False)
