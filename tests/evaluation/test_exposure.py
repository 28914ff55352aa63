"""Spread within and between people, against closed forms and plain loops."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon

from recsys_ref.evaluation.exposure import Spread, overlap, spread
from recsys_ref.ranking import Ranking


def ranked(items):
    items = np.asarray(items)
    return Ranking(np.arange(len(items)), items, np.full(items.shape, np.nan))


def test_bubbles_sameness_and_variety_are_three_different_things():
    bubbles = spread(np.eye(4))
    assert (bubbles.within, bubbles.topics) == (0, 1)
    assert bubbles.between == pytest.approx(np.log(4))
    same = spread(np.tile([0.5, 0.5, 0, 0], (4, 1)))
    assert same.within == pytest.approx(np.log(2))
    assert same.topics == pytest.approx(2)
    assert same.between == pytest.approx(0, abs=1e-12)
    half = spread([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    assert (half.within, half.between) == pytest.approx((np.log(2), np.log(2)))


@given(
    arrays(
        np.float64, (3, 4), elements=st.floats(0, 9).filter(lambda x: not 0 < x < 1e-9)
    )
)
def test_both_parts_are_entropies_by_hand(shares):
    rows = [row / row.sum() for row in shares if row.sum() > 0]
    found = spread(shares)
    if not rows:
        assert np.isnan(found.within)
        assert np.isnan(found.between)
        return

    def h(p):
        return -sum(x * np.log(x) for x in p if x > 0)

    assert found.within == pytest.approx(np.mean([h(row) for row in rows]), abs=1e-9)
    assert found.total == pytest.approx(h(np.mean(rows, axis=0)), abs=1e-9)
    assert found.between >= 0
    assert found.between <= np.log(4) + 1e-9


def test_between_two_people_it_is_scipys_divergence():
    rows = np.random.default_rng(0).dirichlet(np.ones(5), size=2)
    assert spread(rows).between == pytest.approx(jensenshannon(*rows) ** 2)
    assert spread(7 * rows).within == pytest.approx(spread(rows).within)


def test_the_overlap_is_the_mean_over_pairs():
    rng = np.random.default_rng(0)
    items = np.array([rng.choice(9, 4, replace=False) for _ in range(6)])
    pairs = [len(set(a) & set(b)) / 4 for a, b in combinations(items.tolist(), 2)]
    assert overlap(ranked(items), 9) == pytest.approx(np.mean(pairs))
    assert overlap(ranked([[0, 1], [1, 0]]), 2) == 1
    assert overlap(ranked([[0, 1], [2, 3]]), 4) == 0
    assert np.isnan(overlap(ranked([[0, 1]]), 4))


def test_lists_drawn_by_lot_overlap_in_k_of_i():
    rng = np.random.default_rng(1)
    items = rng.permuted(np.tile(np.arange(50), (800, 1)), axis=1)[:, :5]
    assert overlap(ranked(items), 50) == pytest.approx(5 / 50, abs=0.002)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([[-0.1, 1.1]], "shares: must be .* not negative"),
        ([[np.nan, 1.0]], "shares: must be"),
        ([1.0, 2.0], r"shares: must be .* got shape \(2,\)"),
    ],
)
def test_bad_shares_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        spread(shares)


def test_lists_that_are_not_full_or_not_of_the_catalogue_are_refused():
    with pytest.raises(ValueError, match="ranking: every list must be full"):
        overlap(ranked([[0, -1], [1, 2]]), 4)
    with pytest.raises(ValueError, match=r"ranking.items: must be in \[0, 2\)"):
        overlap(ranked([[0, 1], [1, 2]]), 2)


def test_a_spread_adds_up():
    assert Spread(0.4, 0.3).total == pytest.approx(0.7)
