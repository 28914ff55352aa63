"""Cold items: the map by other libraries and by hand, and what text cannot say."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import Ridge

from recsys_ref.data.split import cold_items
from recsys_ref.data.synthetic import planted_topics
from recsys_ref.strategies.cold_start import ColdStart, text_map
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.popularity import Popularity


@pytest.fixture(scope="module")
def planted():
    return planted_topics(
        200, 100, 5, events_per_user=15, noise=0.1, rng=0, concentration=0.1
    )


@pytest.fixture(scope="module")
def split(planted):
    return cold_items(planted.interactions, rng=1)


@pytest.fixture(scope="module")
def vectors(planted):
    noise = 0.2 * np.random.default_rng(2).normal(size=(100, 5))
    return np.eye(5)[planted.item_topic] + noise


def own_topic_share(model, planted, split):
    users = np.flatnonzero(planted.user_mixture.max(axis=1) > 0.7)
    listed = model.recommend(users, k=2, candidates=split.cold).items
    own = planted.user_topic[users][:, None]
    return (planted.item_topic[listed] == own).mean()


@pytest.mark.parametrize("l2", [0.1, 4.0])
def test_the_linear_map_is_sklearns_ridge_with_an_intercept(l2):
    rng = np.random.default_rng(0)
    warm, cold, columns = (rng.normal(size=s) for s in ((30, 4), (7, 4), (5, 30)))
    theirs = Ridge(alpha=l2).fit(warm + 3, columns.T).predict(cold + 3).T
    ours = columns @ text_map(warm + 3, cold + 3, l2=l2)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_the_gaussian_map_is_the_mean_of_a_gaussian_process():
    """Its intercept aside, which does nothing where each column's mean is 0."""
    rng = np.random.default_rng(0)
    warm, cold, columns = (rng.normal(size=s) for s in ((30, 4), (7, 4), (5, 30)))
    columns -= columns.mean(axis=1, keepdims=True)
    process = GaussianProcessRegressor(RBF(1.5), alpha=0.3, optimizer=None)
    theirs = process.fit(warm, columns.T).predict(cold).T
    ours = columns @ text_map(warm, cold, l2=0.3, width=1.5)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("width", [None, 2.0])
def test_weights_sum_to_one_and_vectors_of_one_kind_give_the_average(width):
    rng = np.random.default_rng(0)
    warm, cold = rng.normal(size=(9, 3)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(text_map(warm, cold, l2=1.0, width=width).sum(0), 1.0)
    flat = text_map(np.ones((9, 3)), np.ones((4, 3)), l2=1.0, width=width)
    np.testing.assert_allclose(flat, 1 / 9)


def test_without_warm_or_cold_items_the_map_is_empty():
    some, none = np.ones((3, 2)), np.zeros((0, 2))
    assert text_map(some, none, l2=1.0).shape == (3, 0)
    assert text_map(none, some, l2=1.0).shape == (0, 3)


@pytest.mark.parametrize("width", [None, 1.0])
@pytest.mark.parametrize("behaviour", [EASE(l2=5.0), IALS(factors=8)], ids=["E", "I"])
def test_users_get_cold_items_of_their_topic_and_shuffled_texts_do_not(
    planted, split, vectors, behaviour, width
):
    options = {"behaviour": behaviour, "width": width}
    model = ColdStart(vectors, **options).fit(split.train)
    assert own_topic_share(model, planted, split) > 0.85
    shuffled = np.random.default_rng(3).permutation(vectors)
    nonsense = ColdStart(shuffled, **options).fit(split.train)
    assert own_topic_share(nonsense, planted, split) < 0.45


def test_scores_are_those_of_a_plain_loop(split, vectors):
    model = ColdStart(vectors, EASE(l2=5.0), l2=0.5, prior=0.2).fit(split.train)
    plain = EASE(l2=5.0).fit(split.train).score([0, 3])
    count = np.bincount(split.train.item, minlength=100)
    warm = np.flatnonzero(count)
    carry = text_map(vectors[warm], vectors[split.cold], l2=0.5)
    scores = model.score([0, 3])
    for row in range(2):
        for item in warm:
            expected = plain[row, item] + 0.2 * np.log(1 + count[item])
            assert scores[row, item] == pytest.approx(expected, abs=1e-4)
        for place, item in enumerate(split.cold):
            expected = sum(
                carry[w, place] * (plain[row, i] + 0.2 * np.log(1 + count[i]))
                for w, i in enumerate(warm)
            )
            assert scores[row, item] == pytest.approx(expected, abs=1e-4)


def test_without_cold_items_it_is_the_behavioural_model(planted, vectors):
    x = planted.interactions.select(np.isin(planted.interactions.item, range(90)))
    everything = type(x)(x.user, x.item, x.value, x.timestamp, x.user_ids, range(90))
    warm = vectors[:90]
    model = ColdStart(warm, EASE(l2=5.0), offset=1.0).fit(everything)
    assert not model.cold_.any()
    plain = EASE(l2=5.0).fit(everything).score(range(200))
    assert (model.score(range(200)) == plain).all()


def test_the_model_that_is_given_stays_unfitted(split, vectors):
    behaviour = EASE(l2=5.0)
    ColdStart(vectors, behaviour).fit(split.train)
    with pytest.raises(RuntimeError, match="call fit first"):
        behaviour.score([0])


def test_a_user_without_history_gets_the_predicted_popular(split, vectors):
    x = split.train
    loved = x.select(x.user > 0)
    model = ColdStart(vectors, EASE(l2=5.0), prior=1.0).fit(loved)
    assert (ColdStart(vectors, EASE(l2=5.0)).fit(loved).score([0]) == 0).all()
    warm = np.flatnonzero(~model.cold_)
    ours = model.recommend([0], k=5, candidates=warm).items
    popular = Popularity().fit(loved).recommend([0], k=5, candidates=warm).items
    assert (ours == popular).all()
    assert np.ptp(model.score([0])[0, split.cold]) > 0


def test_constant_vectors_make_all_cold_items_alike(split):
    model = ColdStart(np.ones((100, 3)), EASE(l2=5.0)).fit(split.train)
    scores = model.score(range(200))
    warm = scores[:, ~model.cold_].mean(axis=1)
    np.testing.assert_allclose(
        scores[:, split.cold], warm[:, None].repeat(20, 1), atol=1e-5
    )


def test_an_item_with_text_and_no_event_anywhere_is_cold_like_the_others(
    split, vectors
):
    nobody = split.train.select(split.train.item != split.train.item[0])
    model = ColdStart(vectors, EASE(l2=5.0)).fit(nobody)
    assert model.cold_[split.train.item[0]]
    assert np.isfinite(model.score(range(200))).all()


def test_calibrated_cold_items_are_in_the_lists_raw_ones_drown(split, vectors):
    raw = ColdStart(vectors, EASE(l2=5.0), l2=1e4).fit(split.train)
    calibrated = ColdStart(vectors, EASE(l2=5.0), l2=1e4, offset=0.0)
    share = [
        np.isin(model.recommend(range(200), k=10).items, split.cold).mean()
        for model in (raw, calibrated.fit(split.train))
    ]
    assert share[0] < share[1] / 2
    before = raw.recommend(range(200), k=5, candidates=split.cold)
    after = calibrated.recommend(range(200), k=5, candidates=split.cold)
    assert (before.items == after.items).mean() > 0.99


def test_new_users_are_served_by_what_was_learned_of_the_items(split, vectors):
    model = ColdStart(vectors, EASE(l2=5.0), offset=0.0).fit(split.train)
    half = split.train.select(split.train.user < 100)
    folded = model.fold_in(half)
    np.testing.assert_allclose(folded.score([3]), model.score([3]), atol=1e-6)
    assert (folded.score([150]) == 0).all()
    assert (model.score([150]) != 0).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"l2": 0}, "l2: must be a finite number > 0"),
        ({"width": -1.0}, "width: must be a finite number > 0"),
        ({"prior": np.inf}, "prior: must be finite"),
        ({"offset": np.nan}, "offset: must be finite"),
        ({"item_vectors": np.ones((3, 2))}, r"item_vectors: must have shape \[100, D"),
        ({"item_vectors": np.full((100, 2), np.nan)}, "must be finite, got nan"),
    ],
)
def test_what_is_wrong_is_named(split, vectors, change, message):
    with pytest.raises(ValueError, match=message):
        ColdStart(**({"item_vectors": vectors} | change)).fit(split.train)


def test_vectors_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="cold: must have length 2, got 3"):
        text_map(np.ones((4, 2)), np.ones((4, 3)), l2=1.0)
