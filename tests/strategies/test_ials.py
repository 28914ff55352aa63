"""Implicit ALS against per-row normal equations, its own loss, and a peer."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.ials_solver import RowSystems


@pytest.fixture
def table():
    """60 users, 40 items, ratings 1 to 5; user 0 and item 0 have no events."""
    drawn = planted_topics(60, 40, 3, events_per_user=9, noise=0.2, rng=4).interactions
    kept = drawn.select((drawn.user != 0) & (drawn.item != 0))
    value = np.random.default_rng(5).integers(1, 6, len(kept))
    return Interactions(
        kept.user, kept.item, value, kept.timestamp, kept.user_ids, kept.item_ids
    )


def solved_row_by_row(extra, y, l2):
    """The normal equations of Hu et al., one row at a time, in float64."""
    x = np.zeros((len(extra), y.shape[1]))
    for row, weights in enumerate(extra):
        confidence = np.diag(1 + weights)
        left = y.T @ confidence @ y + l2[row] * np.eye(y.shape[1])
        x[row] = np.linalg.solve(left, y.T @ confidence @ (weights > 0))
    return x


def loss_of_all_cells(extra, x, y, l2_users, l2_items):
    error = (1 + extra) * ((extra > 0) - x @ y.T) ** 2
    return error.sum() + l2_users @ (x**2).sum(1) + l2_items @ (y**2).sum(1)


@pytest.mark.parametrize("exponent", [0.0, 0.7])
def test_enough_steps_solve_every_rows_normal_equations(table, exponent):
    extra = 2.0 * table.matrix(table.value)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 6), dtype=np.float32)
    y = rng.standard_normal((40, 6), dtype=np.float32)
    systems = RowSystems.of(extra.astype(np.float32), l2=1.5, exponent=exponent)
    predicted = (x @ y.T)[systems.row, systems.column]
    ours, after = systems.improve(x, y, predicted, steps=12)
    expected = solved_row_by_row(
        extra.toarray(), y.astype(float), systems.l2[:, 0].astype(float)
    )
    np.testing.assert_allclose(ours, expected, atol=2e-4)
    np.testing.assert_allclose(
        after, (ours @ y.T)[systems.row, systems.column], atol=1e-4
    )


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("use_values", [False, True])
def test_the_losses_are_those_of_all_cells_and_never_rise(table, steps, use_values):
    strategy = IALS(
        5, l2=2.0, alpha=3.0, iterations=25, steps=steps, use_values=use_values
    ).fit(table)
    extra = (3.0 * table.matrix(table.value if use_values else None)).toarray()
    expected = loss_of_all_cells(
        extra,
        strategy.user_factors_.astype(float),
        strategy.item_factors_.astype(float),
        np.full(60, 2.0),
        np.full(40, 2.0),
    )
    assert strategy.losses_.shape == (25,)
    assert strategy.losses_[-1] == pytest.approx(expected, rel=1e-5)
    assert (np.diff(strategy.losses_) < 1e-5 * strategy.losses_[0]).all()
    assert strategy.losses_[-1] < 0.8 * strategy.losses_[0]


def test_it_comes_to_rest_where_both_sides_are_solved(table):
    strategy = IALS(4, l2=3.0, alpha=2.0, iterations=400).fit(table)
    x, y = (
        factors.astype(float)
        for factors in (strategy.user_factors_, strategy.item_factors_)
    )
    extra = 2.0 * table.matrix().toarray()
    np.testing.assert_allclose(
        x, solved_row_by_row(extra, y, np.full(60, 3.0)), atol=3e-3
    )
    np.testing.assert_allclose(
        y, solved_row_by_row(extra.T, x, np.full(40, 3.0)), atol=3e-3
    )


def test_one_step_a_turn_reaches_the_loss_of_exact_turns(table):
    cheap, exact = (
        IALS(6, l2=2.0, iterations=20, steps=steps).fit(table).losses_[-1]
        for steps in (1, 20)
    )
    assert cheap == pytest.approx(exact, rel=0.01)


def test_the_loss_is_as_low_as_that_of_the_peer_library(table):
    from implicit.als import AlternatingLeastSquares

    ours = IALS(6, l2=2.0, alpha=3.0, iterations=60).fit(table)
    with warnings.catch_warnings(action="ignore"):  # it dislikes threaded BLAS
        peer = AlternatingLeastSquares(
            6, regularization=2.0, alpha=4.0, iterations=60, random_state=1
        )  # its alpha is the whole confidence, 1 + ours
        peer.fit(csr_matrix(table.matrix(), dtype=np.float32), show_progress=False)
    theirs = loss_of_all_cells(
        3.0 * table.matrix().toarray(),
        peer.user_factors.astype(float),
        peer.item_factors.astype(float),
        np.full(60, 2.0),
        np.full(40, 2.0),
    )
    assert ours.losses_[-1] == pytest.approx(theirs, rel=0.01)


def test_the_ridge_follows_the_rows_confidence_and_keeps_its_mean():
    extra = csr_array(np.array([[3.0, 3.0, 0.0], [0.0, 3.0, 0.0]], dtype=np.float32))
    for exponent, ratio in ((0.0, 1.0), (1.0, 9 / 6), (2.0, (9 / 6) ** 2)):
        l2 = RowSystems.of(extra, l2=10.0, exponent=exponent).l2[:, 0]
        assert l2.mean() == pytest.approx(10.0)
        assert l2[0] / l2[1] == pytest.approx(ratio)


def test_rows_without_events_stay_at_zero(table):
    strategy = IALS(4, l2=1.0).fit(table)
    assert (strategy.user_factors_[0] == 0).all()
    assert (strategy.item_factors_[0] == 0).all()


def test_the_seed_decides_the_start(table):
    same, again, other = (
        IALS(4, l2=1.0, iterations=2, rng=seed).fit(table).item_factors_
        for seed in (1, np.random.default_rng(1), 2)
    )
    assert (same == again).all()
    assert (same != other).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factors": 0}, "factors: must be at least 1 and whole, got 0"),
        ({"iterations": 1.5}, "iterations: must be at least 1 and whole, got 1.5"),
        ({"steps": 0}, "steps: must be at least 1"),
        ({"l2": 0.0}, "l2: must be a finite number > 0, got 0.0"),
        ({"l2_exponent": float("nan")}, "l2_exponent: must be finite, got nan"),
        ({"alpha": float("inf")}, "alpha: must be a finite number > 0, got inf"),
    ],
)
def test_bad_hyperparameters_are_named(table, arguments, message):
    with pytest.raises(ValueError, match=message):
        IALS(**arguments).fit(table)


def test_a_negative_confidence_is_refused():
    disliked = Interactions([0], [0], [-1.0], [0], [0], [0])
    IALS().fit(disliked)
    with pytest.raises(ValueError, match=r"values of at least 0, got -1\.0"):
        IALS(use_values=True).fit(disliked)


@pytest.mark.parametrize("use_values", [False, True])
def test_new_users_folded_in_solve_their_normal_equations(table, use_values):
    """With the item factors as they are, and the ridge of the fitted table."""
    fitted = table.select(table.user < 40)
    model = IALS(factors=5, l2=2.0, l2_exponent=0.7, use_values=use_values)
    model.fit(fitted)
    new = table.select(table.user >= 40)
    weights = (new.value if use_values else np.ones(len(new))) * model.alpha
    extra = new.matrix(weights).toarray()
    ridge = (table.n_items + extra.sum(axis=1)) ** 0.7
    of_fit = fitted.matrix(fitted.value if use_values else None) * model.alpha
    ridge *= 2.0 / ((table.n_items + of_fit.sum(axis=1)) ** 0.7).mean()
    x = solved_row_by_row(extra, model.item_factors_.astype(float), ridge)
    folded = model.fold_in(new)
    np.testing.assert_allclose(folded.user_factors_, x, atol=1e-5)
    assert folded.item_factors_ is model.item_factors_
    assert (folded.user_factors_[:40] == 0).all()  # they have no events here
    assert folded.fold_in(fitted).score([3]) == pytest.approx(
        model.fold_in(fitted).score([3])
    )


def test_negative_values_are_not_folded_in(table):
    model = IALS(factors=2, use_values=True).fit(table)
    bad = Interactions([0], [1], [-1.0], [0], table.user_ids, table.item_ids)
    with pytest.raises(ValueError, match="values of at least 0, got -1"):
        model.fold_in(bad)
