"""Events of several kinds add up to what a loop gives."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.behaviors import weigh
from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.ials import IALS

WEIGHTS = {"view": 0.1, "cart": 1.0, "purchase": 3.0}


@pytest.fixture
def behaviors():
    rng = np.random.default_rng(0)
    return {
        kind: Interactions(
            rng.integers(6, size=n),
            rng.integers(5, size=n),
            rng.random(n),
            rng.integers(9, size=n),
            pd.RangeIndex(6),
            pd.RangeIndex(5),
        )
        for kind, n in (("view", 30), ("cart", 9), ("purchase", 4))
    }


def test_values_add_up_as_in_a_loop(behaviors):
    wanted = np.zeros((6, 5))
    for kind, table in behaviors.items():
        for user, item in zip(table.user, table.item, strict=True):
            wanted[user, item] += WEIGHTS[kind]
    table = weigh(behaviors, WEIGHTS)
    np.testing.assert_allclose(table.matrix(table.value).toarray(), wanted)
    assert len(table) == 43
    assert sorted(table.timestamp) == sorted(
        np.concatenate([x.timestamp for x in behaviors.values()])
    )


def test_a_weight_of_zero_leaves_no_trace(behaviors):
    table = weigh(behaviors, WEIGHTS | {"view": 0.0})
    assert len(table) == 13
    alone = weigh(behaviors, {"view": 0, "cart": 0, "purchase": 1})
    assert (alone.matrix() != behaviors["purchase"].matrix()).nnz == 0


def test_a_strategy_reads_the_weights(behaviors):
    """Twice the weights are half the alpha: c = 1 + alpha r."""
    twice = {kind: 2 * weight for kind, weight in WEIGHTS.items()}
    how = {"factors": 2, "l2": 1.0, "use_values": True}
    one = IALS(alpha=4.0, **how).fit(weigh(behaviors, WEIGHTS))
    other = IALS(alpha=2.0, **how).fit(weigh(behaviors, twice))
    everyone = np.arange(6)
    np.testing.assert_allclose(one.score(everyone), other.score(everyone), rtol=1e-4)


def test_what_does_not_fit_is_refused(behaviors):
    with pytest.raises(KeyError, match=r"must name .*'cart'"):
        weigh(behaviors, {"view": 1.0})
    with pytest.raises(ValueError, match=r"weights\['view'\]"):
        weigh(behaviors, WEIGHTS | {"view": -1.0})
    with pytest.raises(ValueError, match="one must be above 0"):
        weigh(behaviors, dict.fromkeys(WEIGHTS, 0.0))
    others = Interactions([0], [0], [1], [0], pd.RangeIndex(6), pd.RangeIndex(4))
    with pytest.raises(ValueError, match="same user_ids"):
        weigh(behaviors | {"cart": others}, WEIGHTS)
