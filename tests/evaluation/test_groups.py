"""Metrics by group against plain means, least squares and known chances."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.evaluation.groups import bands, by_group, gap_test


@pytest.fixture
def data():
    """300 users of three groups; group c has longer histories, and only that."""
    rng = np.random.default_rng(0)
    groups = np.repeat(["a", "b", "c"], 100)
    amount = rng.lognormal(3 + (groups == "c"), 0.7)
    values = 0.1 * np.log(amount) + rng.normal(0, 0.05, 300)
    return values, groups, amount


def test_plain_means_are_those_of_pandas(data):
    values, groups, _ = data
    values = np.where(np.arange(300) % 7 == 0, np.nan, values)
    table = by_group(values, groups, n_resamples=50, rng=0)
    peer = pd.Series(values).groupby(groups).agg(["count", "mean"])
    np.testing.assert_allclose(table["mean"], peer["mean"])
    assert (table["users"] == peer["count"]).all()
    assert (table["users"] + table["undefined"] == 100).all()
    everyone = np.nanmean(values)
    np.testing.assert_allclose(table["gap"], peer["mean"] - everyone)


def test_the_interval_of_a_plain_mean_is_that_of_the_central_limit(data):
    values, groups, _ = data
    table = by_group(values, groups, n_resamples=4000, rng=0)
    for name in "abc":
        some = values[groups == name]
        half = 1.96 * some.std() / np.sqrt(len(some))
        width = (table.high[name] - table.low[name]) / 2
        assert width == pytest.approx(half, rel=0.08)
        assert table.low[name] < some.mean() < table.high[name]


def test_adjusted_means_are_those_of_least_squares(data):
    values, groups, amount = data
    band = bands(amount, 5)
    ours = by_group(values, groups, within=band, n_resamples=10, rng=0)["mean"]
    group_columns = (groups[:, None] == np.array(["a", "b", "c"])).astype(float)
    band_columns = (band[:, None] == np.arange(1, 5)).astype(float)
    design = np.hstack([group_columns, band_columns])
    fitted, *_ = np.linalg.lstsq(design, values, rcond=None)
    expected = fitted[:3] + band_columns.mean(axis=0) @ fitted[3:]
    np.testing.assert_allclose(ours, expected)


def test_a_gap_that_is_only_history_length_goes_within_bands(data):
    values, groups, amount = data
    plain = gap_test(values, groups, n_resamples=999, rng=0)
    assert plain.highest == "c"
    assert plain.p == pytest.approx(0.001)
    within = gap_test(values, groups, within=bands(amount, 20), n_resamples=999, rng=0)
    assert within.gap < plain.gap / 3
    assert within.p > 0.05


def test_a_gap_of_the_group_itself_stays_within_bands(data):
    values, groups, amount = data
    values = values + 0.06 * (groups == "b")
    within = gap_test(values, groups, within=bands(amount, 10), n_resamples=999, rng=0)
    assert within.highest == "b"
    assert within.p < 0.01
    assert within.gap == pytest.approx(0.06, abs=0.02)


def test_the_gap_is_the_largest_difference_of_the_means(data):
    values, groups, amount = data
    for within in (None, bands(amount, 4)):
        gap = gap_test(values, groups, within=within, n_resamples=9, rng=0)
        means = by_group(values, groups, within=within, n_resamples=9, rng=0)["mean"]
        assert gap.gap == pytest.approx(np.ptp(means))
        assert (gap.highest, gap.lowest) == (means.idxmax(), means.idxmin())


def test_without_a_difference_p_is_uniform():
    rng = np.random.default_rng(5)
    groups, band = np.repeat([0, 1, 2], 20), np.tile([0, 1], 30)
    p = [
        gap_test(
            rng.normal(size=60) + 5 * band,
            groups,
            within=band,
            n_resamples=99,
            rng=seed,
        ).p
        for seed in range(200)
    ]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.10
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)


def test_p_is_that_of_all_deals_of_a_tiny_case():
    values = np.array([1.0, 2.0, 3.0, 10.0])
    groups = np.array(["a", "a", "b", "b"])
    # Of the 6 ways to choose a's two users, 2 make a gap of 5: {1, 2} and {3, 10}.
    p = gap_test(values, groups, least=1, n_resamples=20_000, rng=0).p
    assert p == pytest.approx(1 / 3, abs=0.015)


def test_users_without_a_value_and_small_groups_are_named():
    values = np.r_[np.arange(50.0), [np.nan] * 3, [900.0] * 4]
    groups = np.array(["a"] * 25 + ["b"] * 28 + ["few"] * 4)
    table = by_group(values, groups, n_resamples=20, rng=0)
    assert table.loc["few", ["mean", "low", "high", "gap"]].isna().all()
    assert table["users"].tolist() == [25, 25, 4]
    assert table["undefined"].tolist() == [0, 3, 0]
    assert table["gap"].sum() == pytest.approx(0), "a small group is in no mean"
    gap = gap_test(values, groups, n_resamples=20, rng=0)
    assert gap.too_small == ("few",)
    assert gap.n_undefined == 3
    assert gap.n_users == 50


def test_bands_are_even_and_ordered():
    amounts = np.random.default_rng(0).lognormal(3, 1, 100)
    band = bands(amounts, 5)
    assert np.bincount(band).tolist() == [20] * 5
    assert (np.diff(band[np.argsort(amounts)]) >= 0).all()
    assert bands(np.ones(10), 5).tolist() == [2] * 10


def test_wrong_arguments_are_named():
    values, groups = np.arange(40.0), np.repeat(["a", "b"], 20)
    with pytest.raises(ValueError, match="must have one length"):
        by_group(values, groups[:3], rng=0)
    with pytest.raises(ValueError, match="must be finite"):
        by_group(np.full(40, np.inf), groups, rng=0)
    with pytest.raises(ValueError, match="none has 50 users"):
        by_group(values, groups, least=50, rng=0)
    with pytest.raises(ValueError, match=r"level: must be in \(0, 1\)"):
        by_group(values, groups, level=95, rng=0)
    with pytest.raises(ValueError, match="need two groups of at least 20"):
        gap_test(values, np.repeat("a", 40), rng=0)
    with pytest.raises(ValueError, match="n_resamples"):
        gap_test(values, groups, n_resamples=0, rng=0)
    with pytest.raises(ValueError, match="need n >= 1"):
        bands(values, 0)
