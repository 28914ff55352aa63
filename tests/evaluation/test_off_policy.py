"""Off-policy estimates against hand counts, all logs of a bandit, and coverage."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recsys_ref.evaluation.off_policy import (
    check_support,
    direct_method,
    doubly_robust,
    effective_sample_size,
    importance_weights,
    ips,
    snips,
)

# A bandit small enough to write down all its logs: two contexts, three items.
CONTEXT = np.array([0.3, 0.7])
LOGGING = np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]])
TARGET = np.array([[0.1, 0.1, 0.8], [0.6, 0.3, 0.1]])
REWARD = np.array([[0.2, 0.5, 0.9], [0.7, 0.1, 0.4]])  # chance of a click
TRUTH = (CONTEXT[:, None] * TARGET * REWARD).sum()
MODEL = np.array([[0.3, 0.3, 0.6], [0.4, 0.2, 0.2]])  # wrong everywhere
# One row of a log: (context, item, reward) and its probability.
ROWS = [
    (c, a, r, CONTEXT[c] * LOGGING[c, a] * (REWARD[c, a] if r else 1 - REWARD[c, a]))
    for c, a, r in product(range(2), range(3), (0, 1))
]


def estimates(rows, model=MODEL, weights_times=1.0):
    """All estimators on a log of (context, item, reward)."""
    context, item, reward = np.array(rows).T
    weights = importance_weights(LOGGING[context, item], TARGET[context, item])
    weights = weights_times * weights
    expected = (TARGET * model).sum(axis=1)[context]
    return {
        "ips": ips(reward, weights).value,
        "snips": snips(reward, weights).value,
        "dm": direct_method(expected).value,
        "dr": doubly_robust(
            reward, weights, modelled=model[context, item], expected=expected
        ).value,
    }


def over_all_logs(n, **how):
    """Return mean and variance of each estimate over every log of n rows, exactly."""
    chances, values = [], []
    for log in product(ROWS, repeat=n):
        chances.append(np.prod([row[3] for row in log]))
        values.append(list(estimates([row[:3] for row in log], **how).values()))
    chances, values = np.array(chances), np.array(values)
    assert chances.sum() == pytest.approx(1)
    mean = chances @ values
    return (
        dict(zip(("ips", "snips", "dm", "dr"), mean, strict=True)),
        dict(
            zip(
                ("ips", "snips", "dm", "dr"),
                chances @ (values - mean) ** 2,
                strict=True,
            )
        ),
    )


def test_a_hand_example():
    logging, target = [0.5, 0.25, 0.5, 0.2], [0.25, 0.5, 0.5, 0.6]
    weights = importance_weights(logging, target)
    assert weights.tolist() == pytest.approx([0.5, 2.0, 1.0, 3.0])
    rewards = [1, 1, 0, 0]
    assert ips(rewards, weights).value == pytest.approx(2.5 / 4)
    assert snips(rewards, weights).value == pytest.approx(2.5 / 6.5)
    assert effective_sample_size(weights) == pytest.approx(6.5**2 / 14.25)
    by_model = doubly_robust(
        rewards, weights, modelled=[0.5, 0.5, 0.5, 0.5], expected=[0.4, 0.4, 0.6, 0.6]
    )
    # .4 + .5 (.5); .4 + 2 (.5); .6 - .5; .6 - 3 (.5)
    assert by_model.value == pytest.approx((0.65 + 1.4 + 0.1 - 0.9) / 4)
    assert direct_method([0.4, 0.4, 0.6, 0.6]).value == pytest.approx(0.5)
    assert importance_weights(logging, target, cap=1.5).max() == 1.5


def test_ips_and_dr_are_unbiased_over_all_logs_and_the_others_are_not():
    mean, _ = over_all_logs(2)
    assert mean["ips"] == pytest.approx(TRUTH, abs=1e-12)
    assert mean["dr"] == pytest.approx(TRUTH, abs=1e-12)
    assert mean["dm"] == pytest.approx(CONTEXT @ (TARGET * MODEL).sum(axis=1))
    assert abs(mean["dm"] - TRUTH) > 0.05
    assert abs(mean["snips"] - TRUTH) > 0.01


def test_dr_with_a_right_model_is_unbiased_under_wrong_weights_and_ips_is_not():
    mean, _ = over_all_logs(2, model=REWARD, weights_times=1.7)
    assert mean["dr"] == pytest.approx(TRUTH, abs=1e-12)
    assert mean["ips"] == pytest.approx(1.7 * TRUTH)


def test_the_bias_of_snips_falls_with_the_log_and_its_variance_is_below_that_of_ips():
    biases = [abs(over_all_logs(n)[0]["snips"] - TRUTH) for n in (2, 3)]
    assert biases[1] < 0.9 * biases[0]
    _, variance = over_all_logs(3)
    assert variance["snips"] < variance["ips"]


def test_variances_are_those_of_the_closed_form():
    _, variance = over_all_logs(2)
    second = CONTEXT[:, None] * TARGET**2 / LOGGING * REWARD  # r^2 = r
    assert variance["ips"] == pytest.approx((second.sum() - TRUTH**2) / 2)
    # DR: of the contexts' values, and of what the model leaves over in each.
    values = (TARGET * REWARD).sum(axis=1)
    between = CONTEXT @ values**2 - TRUTH**2
    left = (REWARD - 2 * REWARD * MODEL + MODEL**2) * TARGET**2 / LOGGING
    gap = (TARGET * (REWARD - MODEL)).sum(axis=1)
    within = CONTEXT @ (left.sum(axis=1) - gap**2)
    assert variance["dr"] == pytest.approx((between + within) / 2)
    assert variance["dr"] < variance["ips"]


def draw_log(rng, n_users, rows_each=4):
    """Users whose contexts stay: their rows are alike, as in life."""
    context = np.repeat(rng.choice(2, n_users, p=CONTEXT), rows_each)
    item = (np.cumsum(LOGGING[context], axis=1) < rng.random((len(context), 1))).sum(
        axis=1
    )
    reward = rng.random(len(context)) < REWARD[context, item]
    return np.repeat(np.arange(n_users), rows_each), context, item, reward


def test_intervals_over_users_cover_the_truth_and_those_over_rows_do_not():
    rng = np.random.default_rng(0)
    names = ("ips", "snips", "dr", "rows")
    covered = dict.fromkeys(names, 0)
    for _ in range(600):
        users, context, item, reward = draw_log(rng, 150)
        weights = importance_weights(LOGGING[context, item], TARGET[context, item])
        expected = (TARGET * MODEL).sum(axis=1)[context]
        right = {"modelled": REWARD[context, item]}
        right["expected"] = (TARGET * REWARD).sum(axis=1)[context]
        found = (
            ips(reward, weights, users=users),
            snips(reward, weights, users=users),
            doubly_robust(
                reward,
                weights,
                modelled=MODEL[context, item],
                expected=expected,
                users=users,
            ),
            direct_method(right["expected"]),
        )
        for name, estimate in zip(names, found, strict=True):
            covered[name] += estimate.low <= TRUTH <= estimate.high
    for name in ("ips", "snips", "dr"):
        assert 0.92 < covered[name] / 600 < 0.975, name
    assert covered["rows"] / 600 < 0.75, "rows of a user are not independent"


def test_the_interval_of_rows_is_the_textbook_one_and_does_not_hang_on_user_ids():
    rng = np.random.default_rng(1)
    rewards, weights = rng.random(30), rng.random(30)
    estimate = ips(rewards, weights, level=0.9)
    low, high = stats.t.interval(
        0.9, 29, (rewards * weights).mean(), stats.sem(rewards * weights)
    )
    assert (estimate.low, estimate.high) == pytest.approx((low, high))
    named = ips(rewards, weights, users=rng.permutation(30) * 7 - 50, level=0.9)
    assert named.low == pytest.approx(estimate.low)
    assert named.n_users == 30


def test_snips_moves_with_a_constant_and_stays_in_range_where_ips_does_not():
    rewards, weights = np.array([1.0, 1.0, 1.0]), np.array([0.2, 0.3, 4.0])
    assert snips(rewards, weights).value == pytest.approx(1)
    assert ips(rewards, weights).value == pytest.approx(1.5)
    moved = snips(np.array([0.0, 1.0, 0.0]) + 5, weights)
    assert moved.value == pytest.approx(
        5 + snips(np.array([0.0, 1.0, 0.0]), weights).value
    )


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_the_effective_sample_size_lies_between_one_and_all(weights):
    size = effective_sample_size(np.array(weights))
    assert 1 - 1e-9 <= size <= len(weights) + 1e-9


def test_a_zero_model_makes_dr_ips_and_the_logging_policy_is_its_own_mean():
    users, context, item, reward = draw_log(np.random.default_rng(2), 20)
    weights = importance_weights(LOGGING[context, item], TARGET[context, item])
    zero = np.zeros(len(reward))
    assert doubly_robust(
        reward, weights, modelled=zero, expected=zero, users=users
    ) == ips(reward, weights, users=users)
    same = importance_weights(LOGGING[context, item], LOGGING[context, item])
    assert ips(reward, same).value == pytest.approx(reward.mean())
    assert effective_sample_size(same) == pytest.approx(len(reward))


def test_no_support_is_named():
    logging = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    check_support(logging, logging)
    with pytest.raises(ValueError, match=r"row 0 shows item 2 .* 0.2 .* 2 such places"):
        check_support(logging, np.array([[0.8, 0.0, 0.2], [0.5, 0.5, 0.0]]))
    with pytest.raises(ValueError, match="of one shape"):
        check_support(logging, logging[:1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: importance_weights([0.5], [0.5, 0.5]), "target: must have the 1 rows"),
        (lambda: importance_weights([0.5, 0.0], [0.5, 0.5]), r"\(0, 1\], got 0.0 in"),
        (lambda: importance_weights([0.5], [1.5]), r"target: must be in \[0, 1\]"),
        (lambda: importance_weights([np.nan], [0.5]), "logging: must be finite, got"),
        (lambda: importance_weights([0.5], [0.5], cap=0), "cap: must be > 0, got 0"),
        (lambda: ips([1.0, 0.0], [1.0]), "weights: must have the 2 rows of rewards"),
        (lambda: ips([1.0, 0.0], [1.0, -1.0]), "weights: must be >= 0, got -1.0"),
        (lambda: ips([1.0, np.inf], [1.0, 1.0]), "rewards: must be finite, got inf"),
        (lambda: ips([], []), r"rewards: must be float64\[N\], N > 0"),
        (lambda: ips([1.0], [1.0]), "users: need at least two .* got 1"),
        (lambda: ips([1.0, 0.0], [1.0, 1.0], users=[4, 4]), "at least two .* got 1"),
        (lambda: ips([1.0, 0.0], [1.0, 1.0], users=[4]), "users: must have the 2 rows"),
        (lambda: ips([1.0, 0.0], [1.0, 1.0], level=95), "level: must be in"),
        (lambda: snips([1.0, 0.0], [0.0, 0.0]), "not all 0, got 0.0 to 0.0"),
        (lambda: effective_sample_size([-1.0, 2.0]), ">= 0 and not all 0, got -1.0"),
        (
            lambda: doubly_robust([1, 0], [1, 1], modelled=[0], expected=[0, 0]),
            "modelled: must have the 2 rows of rewards",
        ),
        (
            lambda: doubly_robust([1, 0], [1, 1], modelled=[0, 0], expected=[0]),
            "expected: must have the 2 rows of rewards",
        ),
    ],
)
def test_logs_that_make_no_sense_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
