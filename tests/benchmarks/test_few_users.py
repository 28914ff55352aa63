"""Text where users are few: what the file says is what the code gives."""

import few_users
import numpy as np
import protocol
import pytest

from recsys_ref import results
from recsys_ref.evaluation.significance import paired_bootstrap


@pytest.fixture(scope="module")
def table():
    return results.load("few_users")


@pytest.fixture(scope="module")
def split():
    return protocol.published_splits()[42]


@pytest.mark.parametrize("size", [50, 400])
def test_the_file_holds_what_is_computed_anew(split, table, size):
    chosen = table["chosen"][str(size)]["42"]
    runs = few_users.run_draw(split, size, 42, chosen)
    for name, run in runs.items():
        in_file = table["seeds"][str(size)][name]["42"][few_users.METRIC]
        assert run.means()[few_users.METRIC] == pytest.approx(in_file, abs=1e-3)
    gap = paired_bootstrap(
        runs["EASE + text"].per_user[few_users.METRIC],
        runs["EASE"].per_user[few_users.METRIC],
        rng=0,
    )
    in_file = table["minus_ease"][str(size)]["EASE + text"]["42"]
    assert gap.mean == pytest.approx(in_file["mean"], abs=1e-3)
    assert gap.low == pytest.approx(in_file["low"], abs=2e-3)


def test_training_and_test_users_are_strangers_and_sizes_are_nested(split):
    users, others = few_users.draw(943, 42)
    assert len(others) == 543
    assert not np.intersect1d(users, others).size
    train = few_users.of_users(split.train, users[:50])
    assert set(train.user) == set(users[:50])


def test_folds_share_the_users_among_them(split):
    users = few_users.draw(943, 42)[0][:50]
    parts = few_users.folds(few_users.of_users(split.train, users), users)
    held_out = [set(part.test.user) for part in parts]
    assert sum(map(len, held_out)) == 50
    assert set.union(*held_out) == set(users)
    for part in parts:
        assert not set(part.train.user) & set(part.test.user)


def test_what_was_chosen_is_the_best_of_what_was_tried(table):
    assert table["search"]["space"] == few_users.SPACE
    for size, draws in table["search"]["means"].items():
        for seed, means in draws.items():
            tables = {name: np.array(rows) for name, rows in means.items()}
            assert few_users.choose(tables) == table["chosen"][size][seed]


def test_validation_of_no_prior_is_that_of_ease(table):
    """At strength 0 the text and the genres say the same: nothing."""
    for draws in table["search"]["means"].values():
        for means in draws.values():
            plain = [np.array(rows)[:, 0] for rows in means.values()]
            for other in plain[1:]:
                np.testing.assert_allclose(plain[0], other, atol=1e-8)


def test_the_intervals_hold_the_differences_of_the_means(table):
    for size, methods in table["minus_ease"].items():
        for name, intervals in methods.items():
            for seed in map(str, few_users.SEEDS):
                means = (
                    table["seeds"][size][m][seed][few_users.METRIC]
                    for m in (name, "EASE")
                )
                gap = next(means) - next(means)
                assert intervals[seed]["mean"] == pytest.approx(gap, abs=1e-6)


def test_the_report_shows_every_size_and_method(table):
    report = few_users.report(table)
    for size in few_users.SIZES:
        for name in few_users.METHODS:
            assert f"{size:<6}{name}" in report
