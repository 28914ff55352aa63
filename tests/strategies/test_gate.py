"""The gate against a plain loop, against no gate, and on planted truth."""

from dataclasses import replace

import numpy as np
import pytest

from recsys_ref.strategies.fusion import late_fusion
from recsys_ref.strategies.gate import LEVEL, Asked, Gate


def planted(n_users=60, n_items=30, seed=0, known=True):
    """Even users choose what part 0 says, odd ones what part 1 says."""
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(2, n_users, n_items)).astype(np.float32)
    kind = np.arange(n_users) % 2
    right = np.where(kind[:, None] == 0, parts[0], parts[1])
    relevant = right >= np.sort(right, axis=1)[:, -3:-2]
    users = np.column_stack([kind, rng.normal(size=n_users)])
    present = np.ones((n_items, 2), dtype=bool)
    return Asked(
        parts,
        users,
        rng.normal(size=(n_items, 1)),
        present,
        relevant if known else None,
    )


def hits(scores, relevant):
    """Share of users whose best item is relevant."""
    return relevant[np.arange(len(scores)), scores.argmax(axis=1)].mean()


def test_the_fused_score_is_a_plain_loop():
    asked = planted(8, 5)
    asked.present[2, 0] = False
    gate = Gate(l2=0.01).fit([asked])
    z_users = (asked.users - asked.users.mean(axis=0)) / asked.users.std(axis=0)
    z_items = (asked.items - asked.items.mean(axis=0)) / asked.items.std(axis=0)
    weights, fused = gate.weights(asked), gate.fuse(asked)
    for u in range(8):
        for i in range(5):
            logit = (
                gate.bias_ + z_users[u] @ gate.of_users_ + z_items[i] @ gate.of_items_
            )
            e = np.exp(logit - logit.max())
            e[:2] *= asked.present[i]
            e /= e.sum()
            np.testing.assert_allclose(weights[u, i], e, atol=1e-5)
            total = e[0] * asked.parts[0, u, i] + e[1] * asked.parts[1, u, i]
            assert fused[u, i] == pytest.approx(total, abs=1e-5)
    assert (weights[:, 2, 0] == 0).all(), "what is missing has no weight"


def test_the_gate_finds_who_heeds_what_and_a_blend_cannot():
    train, test = planted(seed=0), planted(seed=1)
    gate = Gate(l2=0.001).fit([train])
    gated = hits(gate.fuse(test), test.relevant)
    blends = [
        hits(late_fusion(test.parts, [w, 1 - w]), test.relevant)
        for w in np.linspace(0, 1, 21)
    ]
    assert gated > 0.95
    assert max(blends) < 0.85
    first = gate.weights(test)[:, :, 0].mean(axis=1)
    assert first[::2].min() > first[1::2].max()


def test_without_features_it_is_late_fusion_with_learned_weights():
    asked = planted()
    blind = replace(asked, users=asked.users[:, :0], items=asked.items[:, :0])
    gate = Gate().fit([blind])
    weights = gate.weights(blind)
    assert np.ptp(weights, axis=(0, 1)).max() < 1e-6
    np.testing.assert_allclose(
        gate.fuse(blind), late_fusion(blind.parts, weights[0, 0, :2]), atol=1e-5
    )


def test_it_minimizes_the_loss_that_it_states():
    """No step along any single number makes it smaller."""
    asked = planted(20, 12)
    gate = Gate(l2=0.05, steps=200).fit([asked])
    z_users = (asked.users - asked.users.mean(axis=0)) / asked.users.std(axis=0)
    z_items = (asked.items - asked.items.mean(axis=0)) / asked.items.std(axis=0)
    parts = np.concatenate([np.moveaxis(asked.parts, 0, -1), np.zeros((20, 12, 1))], -1)

    def loss(bias, of_users, of_items, factor):
        logit = bias + (z_users @ of_users)[:, None] + (z_items @ of_items)[None]
        weights = np.exp(logit) / np.exp(logit).sum(axis=-1, keepdims=True)
        scores = factor * (weights * parts).sum(axis=-1)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        of_user = [
            -row[chosen].mean()
            for row, chosen in zip(logs, asked.relevant, strict=True)
        ]
        ridge = 0.05 * ((of_users**2).sum() + (of_items**2).sum())
        return np.mean(of_user) + ridge + LEVEL * (bias**2).sum()

    learned = [gate.bias_, gate.of_users_, gate.of_items_]
    factors = np.exp(np.linspace(-1, 4, 4001))
    at = [loss(*learned, factor) for factor in factors]
    factor, best = factors[int(np.argmin(at))], min(at)
    assert gate.loss_ == pytest.approx(best, abs=1e-4)
    for n, values in enumerate(learned):
        for cell in np.ndindex(values.shape):
            for step in (-0.05, 0.05):
                moved = [np.array(part) for part in learned]
                moved[n][cell] += step
                assert loss(*moved, factor) > best - 1e-6


def test_a_stronger_ridge_shrinks_to_no_gate():
    asked = planted()
    strong = Gate(l2=100.0).fit([asked])
    assert np.abs(strong.of_users_).max() < 0.01
    weak = Gate(l2=0.001).fit([asked])
    assert np.abs(weak.of_users_).max() > 0.3


def test_dropout_is_a_second_lesson_and_comes_from_the_seed():
    asked = planted()
    plain, one, again, other = (
        Gate(dropout=d, rng=r).fit([asked])
        for d, r in ((0.0, 0), (0.5, 0), (0.5, 0), (0.5, 1))
    )
    np.testing.assert_array_equal(one.bias_, again.bias_)
    assert np.abs(one.bias_ - other.bias_).max() > 1e-4
    assert one.loss_ > plain.loss_, "with less to go by"


def test_users_who_chose_nothing_do_not_count():
    asked = planted()
    more = Asked(
        np.concatenate([asked.parts, asked.parts[:, :5] * 3], axis=1),
        np.vstack([asked.users, asked.users[:5]]),
        asked.items,
        asked.present,
        np.vstack([asked.relevant, np.zeros((5, 30), bool)]),
    )
    scale = np.vstack([asked.users, asked.users[:5]])
    mean, std = scale.mean(axis=0), scale.std(axis=0)
    one = Gate(l2=1e-3).fit([more])
    zero = asked.users.mean(axis=0), asked.users.std(axis=0)
    assert one.loss_ == pytest.approx(Gate(l2=1e-3).fit([asked]).loss_, abs=0.02)
    assert np.abs(mean - zero[0]).max() < 0.2
    assert np.abs(std - zero[1]).max() < 0.2


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("parts", np.zeros((2, 3)), "parts: must be float"),
        ("users", np.zeros((3, 2)), r"users: must be \[60, any\]"),
        ("present", np.ones((30, 3), bool), r"present: must be \[30, 2\]"),
        ("relevant", np.ones((60, 2), bool), r"relevant: must be \[60, 30\]"),
        ("items", np.full((30, 1), np.nan), "items: must be finite"),
    ],
)
def test_what_does_not_fit_together_is_refused(field, value, match):
    with pytest.raises(ValueError, match=match):
        replace(planted(), **{field: value})


def test_bad_hyperparameters_and_no_lessons_are_refused():
    asked = planted()
    for bad, match in (
        ({"l2": -1.0}, "l2"),
        ({"steps": 0}, "steps"),
        ({"dropout": 1.0}, "dropout"),
    ):
        with pytest.raises(ValueError, match=match):
            Gate(**bad).fit([asked])
    with pytest.raises(ValueError, match="each with relevant"):
        Gate().fit([planted(known=False)])
    with pytest.raises(ValueError, match="asked: needs at least one"):
        Gate().fit([])
    nothing = replace(asked, relevant=np.zeros((60, 30), bool))
    with pytest.raises(ValueError, match="relevant item"):
        Gate().fit([nothing])
    with pytest.raises(RuntimeError, match="call fit first"):
        Gate().fuse(asked)
