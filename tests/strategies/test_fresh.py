"""Freshness: a product of interest and age, written as a sum."""

import numpy as np
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.fresh import Fresh
from recsys_ref.strategies.popularity import Popularity

TABLE = Interactions([0, 1, 1, 2], [0, 0, 1, 2], [1] * 4, [0] * 4, range(3), range(4))
PUBLISHED = np.array([0.0, 10.0, 20.0, 30.0])


def test_the_order_is_that_of_the_product_at_any_time():
    counts = Popularity().fit(TABLE).score([0])[0].astype(float)
    ours = Fresh(Popularity(), PUBLISHED, half_life=8.0, weight=1.5).fit(TABLE)
    for now in (30.0, 1000.0):
        product = 2 ** (1.5 * counts) * 2 ** (-(now - PUBLISHED) / 8.0)
        np.testing.assert_array_equal(
            np.argsort(product), np.argsort(ours.score([0])[0])
        )


def test_without_weight_it_is_the_newest_and_without_age_the_inner_one():
    newest = Fresh(Popularity(), PUBLISHED, half_life=8.0, weight=0.0).fit(TABLE)
    assert newest.recommend([0], k=4, exclude_seen=False).items[0].tolist() == [
        3,
        2,
        1,
        0,
    ]
    ageless = Fresh(Popularity(), PUBLISHED, half_life=np.inf).fit(TABLE)
    np.testing.assert_array_equal(
        ageless.score([0, 1]), Popularity().fit(TABLE).score([0, 1])
    )


def test_the_strategy_given_stays_unfitted_and_users_can_be_folded_in():
    inner = DotProduct(np.eye(4))
    ours = Fresh(inner, PUBLISHED, half_life=8.0).fit(TABLE)
    assert not hasattr(inner, "seen_")
    other = Interactions([0], [3], [1], [0], ["new"], range(4))
    folded = ours.fold_in(other)
    np.testing.assert_allclose(
        folded.score([0])[0], [-3.75, -2.5, -1.25, 1.0], rtol=1e-6
    )
    assert ours.score([2])[0, 2] == pytest.approx(1 - 1.25)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"published": PUBLISHED[:3]}, r"must have shape \[4\], got \(3,\)"),
        ({"published": PUBLISHED * np.nan}, "must be finite"),
        ({"weight": np.inf}, "must be finite"),
        ({"half_life": -1.0}, "half_life: must be a finite number > 0, got -1.0"),
    ],
)
def test_wrong_arguments_are_named(changed, message):
    given = {"inner": Popularity(), "published": PUBLISHED} | changed
    with pytest.raises(ValueError, match=message):
        Fresh(**given).fit(TABLE)
