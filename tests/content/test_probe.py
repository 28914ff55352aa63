"""The probe: scikit-learn, known truths, and what cannot be read at all."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from recsys_ref.content.probe import cross_predict


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(90, 6)) * np.arange(1, 7) + 5


def test_predictions_are_those_of_scikit_learns_ridge_fold_by_fold(vectors):
    targets = np.random.default_rng(1).normal(size=(90, 2)) + vectors[:, :2]
    predicted = cross_predict(vectors, targets, l2=0.3, folds=3, rng=4)
    fold = np.random.default_rng(4).permutation(np.arange(90) % 3)
    for part in range(3):
        train = vectors[fold != part]
        alpha = 0.3 * ((train - train.mean(0)) ** 2).sum() / 6
        peer = Ridge(alpha=alpha).fit(train, targets[fold != part])
        expected = peer.predict(vectors[fold == part])
        np.testing.assert_allclose(predicted[fold == part], expected, rtol=1e-9)


def test_no_row_is_predicted_from_itself(vectors):
    targets = vectors[:, :1].copy()
    before = cross_predict(vectors, targets, folds=90, rng=0)
    targets[7] += 1000
    after = cross_predict(vectors, targets, folds=90, rng=0)
    assert after[7] == pytest.approx(before[7])
    assert abs(after[8] - before[8]) > 1


def test_the_scale_and_the_place_of_the_vectors_do_not_matter(vectors):
    targets = vectors[:, :1]
    np.testing.assert_allclose(
        cross_predict(1e-3 * vectors - 7, targets, rng=0),
        cross_predict(vectors, targets, rng=0),
        rtol=1e-6,
    )


def test_nothing_is_read_off_vectors_that_say_nothing(vectors):
    rng = np.random.default_rng(2)
    targets = rng.normal(size=(90, 1))
    predicted = cross_predict(vectors, targets, rng=0)
    assert ((predicted - targets) ** 2).sum() > 0.9 * (
        (targets - targets.mean()) ** 2
    ).sum()


def test_equal_vectors_predict_the_mean_of_the_other_folds():
    targets = np.arange(4.0)[:, None]
    predicted = cross_predict(np.ones((4, 2)), targets, folds=4, rng=0)
    np.testing.assert_allclose(predicted, (6 - targets) / 3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"l2": 0.0}, "l2: must be > 0"),
        ({"l2": np.nan}, "l2: must be > 0"),
        ({"folds": 1}, "folds"),
        ({"folds": 91}, "at most 90 rows, got 91"),
        ({"targets": np.zeros((89, 1))}, r"targets: must have shape \[90, D\]"),
        ({"targets": np.full((90, 1), np.nan)}, "targets: must be finite"),
        ({"vectors": np.zeros(90)}, "vectors: must have shape"),
    ],
)
def test_bad_input_is_named(vectors, changed, message):
    arguments = {"vectors": vectors, "targets": np.zeros((90, 1)), "rng": 0} | changed
    with pytest.raises(ValueError, match=message):
        cross_predict(**arguments)
