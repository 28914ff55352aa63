"""The checks of chapter 4 let the right answer pass and name typical mistakes."""

import numpy as np
import pytest

from recsys_ref.check import math as check
from recsys_ref.strategies.ease import ease_weights


def _says(verdict, words):
    assert not verdict
    assert words in verdict.message


def test_rotate_agrees_with_a_quarter_turn():
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    users, items = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]])
    assert np.allclose((users @ turn) @ (items @ turn).T, users @ items.T)
    assert not np.allclose((users @ turn) @ (items @ turn), users @ items)
    assert check.rotate("U V^T")
    assert check.rotate(" u v^t ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("U V", "Does it cancel"),
        ("both", "meet its transpose"),
        ("neither", "lengths and angles"),
        ("V U", "none of the choices"),
        (1.0, "none of the choices"),
        (None, "none of the choices"),
        ([1, 2], "none of the choices"),
    ],
)
def test_rotate_hints(answer, words):
    _says(check.rotate(answer), words)


def _solved(x, ridge):
    gram = x.T @ x
    return np.linalg.solve(gram + ridge * np.eye(len(gram)), gram)


def _descended(x, ridge):
    """Walk down the gradient until it vanishes, without an equation."""
    weights = np.zeros((x.shape[1], x.shape[1]))
    step = 1 / (np.linalg.norm(x, 2) ** 2 + ridge)
    for _ in range(40_000):
        weights -= step * (x.T @ (x @ weights - x) + ridge * weights)
    return weights


@pytest.mark.parametrize("function", [_solved, _descended])
def test_diagonal_lets_each_way_to_the_minimum_pass(function):
    assert check.diagonal(function)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (ease_weights, "still zero"),
        (lambda x, ridge: _solved(x, 1.0), "derivative of |X"),
        (lambda x, ridge: _solved(x, ridge**0.5 + 1), "solve for B"),
        (lambda x, ridge: np.eye(5), "solve for B"),
        (lambda x, ridge: x @ _solved(x, ridge), "shape (4, 5)"),
        (lambda x, ridge: np.linalg.solve(x, x), "LinAlgError"),
        (lambda x, ridge: None, "return"),
        (lambda: 1, "TypeError"),
        (np.eye(5), "function itself"),
        ("solve", "function itself"),
    ],
)
def test_diagonal_hints(function, words):
    verdict = check.diagonal(function)
    _says(verdict, words)
    assert "0.375" not in verdict.message
