"""The checks of chapter 4.1 let the right answer pass and name typical mistakes."""

from itertools import product

import numpy as np
import pytest

from recsys_ref.check import worked_example as check

U, V = check.U, check.V
LEFT = np.array([[0.41, 0.37], [0.40, 0.42], [0.44, 0.36]])  # from section 4.1
GARBAGE = ["many", None, {}, [[1, 2, 3]]]


def _says(verdict, words):
    assert not verdict
    assert words in verdict.message


def test_square_agrees_with_sums():
    sums = [[sum(u * v) for v in V[:2]] for u in U]
    assert np.allclose(sums, LEFT)
    assert check.square(sums)
    assert check.square(LEFT)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((U @ V)[:, :2], "two columns"),
        (U[:, :2] @ V[:2, :2], "cut the profiles"),
        (U @ V[:, :2], "two columns"),
        (U @ V[1:].T, "first item"),
        (U @ V, "shape (3, 3)"),
        (LEFT.T, "shape (2, 3)"),
        (LEFT[:, ::-1], "three numbers"),
        *((thing, "") for thing in GARBAGE),
    ],
)
def test_square_hints(answer, words):
    verdict = check.square(answer)
    _says(verdict, words)
    assert not any(f"{value:.2f}" in verdict.message for value in LEFT.ravel())


def test_chinese_agrees_with_the_vocabulary():
    vocabulary = check.load_encoder().tokenizer.get_vocab()
    known = [character in vocabulary for character in "".join(check.WORDS)]
    assert sum(known) == 1
    right = len(known) - sum(known)
    assert check.chinese(right)
    for answer, words in (
        (0, "No error"),
        (6, "one of the characters"),
        (1, "that it knows"),
        (3, "Those are the words"),
        (17, "tokenize"),
        *((thing, "") for thing in GARBAGE),
    ):
        verdict = check.chinese(answer)
        _says(verdict, words)
        assert str(right) not in verdict.message


def test_mend_agrees_with_sorting_every_matrix_near_the_printed_one():
    tenths = [np.array(r) / 10 for r in product(range(11), repeat=3) if sum(r) == 10]
    good = 0
    for first, second in product(tenths, repeat=2):
        matrix = np.array([first, second, V[2]])
        want = []
        for row, printed in zip(U @ matrix, check.PRINTED, strict=True):
            best = sorted(range(3), key=lambda item: -printed[item])
            scores = [round(row[item], 9) for item in best]
            want.append(scores[0] > scores[1] > scores[2])
        assert bool(check.mend(matrix)) == all(want)
        good += all(want)
    assert good > 10


MENDED = np.array([[0.5, 0.3, 0.2], [0.4, 0.6, 0.0], [0.1, 0.2, 0.7]])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (V, "User 2 does not"),
        (np.eye(3)[:, ::-1], "User 1 does not"),
        (np.array([[0.5, 0.5, 0]] * 3), "same score"),
        (MENDED + np.array([0.05, -0.05, 0]), "tenths"),
        (MENDED - np.array([0.2, 0, -0.2]), "negative"),
        (np.full((3, 3), np.nan), "finite"),
        (MENDED + np.array([0.1, 0, 0]), "sums to 1"),
        (MENDED.T, "columns sum"),
        (np.zeros((3, 3)), "sums to 1"),
        *((thing, "") for thing in GARBAGE),
    ],
)
def test_mend_hints(answer, words):
    assert check.mend(MENDED)
    _says(check.mend(answer), words)
