"""Two stages, on planted topics: the scorer's taste orders the first stage's finds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.synthetic import TOPIC_WORDS, planted_topics
from recsys_ref.lm.pretrained import load_causal
from recsys_ref.lm.scoring import log_likelihood
from recsys_ref.ranking import PADDING, top_k
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.lm_ranker import LMRanker, remembered
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.standardized import standardized

TOPIC = {word: topic for topic, words in enumerate(TOPIC_WORDS) for word in words}
C = 12
USERS = np.arange(60)


@pytest.fixture(scope="module")
def planted():
    return planted_topics(60, 40, 4, events_per_user=8, noise=0.1, rng=3)


def topics_of(text):
    return np.array([TOPIC[word] for word in text.split()])


def topic_scorer(prompt, texts):
    """Count the words of the prompt that are of each text's topic."""
    seen = np.bincount(topics_of(prompt), minlength=len(TOPIC_WORDS))
    return np.array([float(seen[topics_of(text)[0]]) for text in texts])


def titles_of(planted):
    return lambda history: " ".join(planted.titles[history.item])


def ranker(planted, scorer=topic_scorer, **options):
    options = {"n_candidates": C, "first_stage": Popularity()} | options
    return LMRanker(
        scorer=scorer, prompt=titles_of(planted), texts=list(planted.titles), **options
    )


def table(pairs, n_users, n_items):
    return Interactions.from_frame(
        pd.DataFrame(pairs, columns=["user_id", "item_id"]),
        user_ids=range(n_users),
        item_ids=range(n_items),
    )


def by_hand(planted, user, weight):
    """The candidates of one user and their blended scores, item by item."""
    train = planted.interactions
    counts = train.matrix().sum(axis=0)
    first = Popularity().fit(train).recommend([user], k=C).items[0]
    prompt = " ".join(planted.titles[train.item[train.user == user]])
    second = [topic_scorer(prompt, [planted.titles[item]])[0] for item in first]
    both = []
    for values in (counts[first], np.array(second)):
        spread = np.sqrt(np.mean((values - np.mean(values)) ** 2))
        both.append((values - np.mean(values)) / (spread if spread else 1))
    blended = (1 - weight) * both[0] + weight * both[1]
    return dict(zip(first.tolist(), blended, strict=True))


@pytest.mark.parametrize("weight", [0.3, 0.8, 1.0])
def test_lists_are_the_candidates_by_blended_score(planted, weight):
    strategy = ranker(planted, weight=weight).fit(planted.interactions)
    ranking = strategy.recommend(USERS, k=C)
    for user, items, scores in zip(USERS, ranking.items, ranking.scores, strict=True):
        expected = by_hand(planted, user, weight)
        assert set(items.tolist()) == set(expected)
        np.testing.assert_allclose(scores, [expected[i] for i in items], atol=1e-6)
        assert (np.diff(scores) <= 0).all()


def test_a_scorer_that_knows_the_topics_beats_a_first_stage_that_does_not(planted):
    strategy = ranker(planted).fit(planted.interactions)
    plain = strategy.first_stage_.recommend(USERS, k=C)

    def truth(ranking):
        return np.take_along_axis(planted.true_score, ranking.items, axis=1)

    best = np.sort(truth(plain), axis=1)[:, -3:].mean()
    ranked = truth(strategy.recommend(USERS, k=3)).mean()
    assert truth(plain.head(3)).mean() < 0.6 * best
    assert ranked > 0.9 * best


def test_with_weight_0_the_first_stage_s_lists_stand_and_the_scorer_is_not_asked(
    planted,
):
    def never(prompt, texts):
        raise AssertionError("asked")

    for first_stage in (Popularity(), ItemKNN()):
        strategy = ranker(planted, never, first_stage=first_stage, weight=0.0)
        ours = strategy.fit(planted.interactions).recommend(USERS, k=7, rng=5)
        theirs = first_stage.fit(planted.interactions).recommend(USERS, k=7, rng=5)
        assert (ours.items == theirs.items).all()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_scorer_says_only_candidates_are_offered(planted, seed):
    noise = np.random.default_rng(seed)

    def wild(prompt, texts):
        return noise.normal(size=len(texts)) * 10.0 ** noise.integers(-300, 300)

    allowed = np.arange(0, 40, 2)
    options = {"candidates": allowed, "rng": seed}
    ranking = (
        ranker(planted, wild).fit(planted.interactions).recommend(USERS, k=C, **options)
    )
    first = Popularity().fit(planted.interactions)
    candidates = first.recommend(USERS, k=C, **options).items
    assert (np.sort(ranking.items) == np.sort(candidates)).all()
    assert np.isfinite(ranking.scores[ranking.items != PADDING]).all()
    seen = planted.interactions.matrix().toarray()
    for user, items in zip(USERS, ranking.items, strict=True):
        assert not seen[user, items[items != PADDING]].any()


def test_seen_items_are_candidates_if_they_are_wanted(planted):
    strategy = ranker(planted, n_candidates=40).fit(planted.interactions)
    ranking = strategy.recommend(USERS[:5], k=40, exclude_seen=False)
    assert (np.sort(ranking.items) == np.arange(40)).all()


def test_with_the_whole_catalogue_as_candidates_lists_are_those_of_score(planted):
    strategy = ranker(planted, n_candidates=40, weight=0.6).fit(planted.interactions)
    scores = strategy.score(USERS)
    assert scores.dtype == np.float32
    assert scores.shape == (60, 40)
    expected = top_k(scores, 40, users=USERS, rng=2)
    ranking = strategy.recommend(USERS, k=40, exclude_seen=False, rng=2)
    np.testing.assert_allclose(ranking.scores, expected.scores, atol=1e-6)
    assert (ranking.items == expected.items).mean() > 0.99  # rounding may part a tie


def test_the_prompt_is_made_from_the_user_s_own_training_events(planted):
    told = {}

    def keep(history):
        told[int(history.user[0])] = history
        return "rocket"

    strategy = replace(ranker(planted), prompt=keep).fit(planted.interactions)
    strategy.recommend([7, 2], k=1)
    assert list(told) == [7, 2]
    for user, history in told.items():
        own = planted.interactions.select(planted.interactions.user == user)
        pd.testing.assert_frame_equal(history.to_frame(), own.to_frame())
        assert history.n_items == 40


def test_candidates_scored_alike_are_ordered_by_the_seed_and_by_nothing_else(planted):
    """Not by the first stage, whose order all candidates would else keep."""
    flat = ranker(planted, lambda prompt, texts: np.full(len(texts), -3.5))
    flat.fit(planted.interactions)
    places = []
    for seed in range(40):
        lists = flat.recommend(USERS, k=C, rng=seed)
        assert (lists.scores == 0).all()
        order = flat.first_stage_.recommend(USERS, k=C, rng=seed).items
        places.append((lists.items[:, :1] == order).argmax(axis=1))
    share = np.bincount(np.concatenate(places), minlength=C) / (40 * len(USERS))
    # Alike but for ties within the first stage, which the same seed orders alike.
    assert np.abs(share - 1 / C).max() < 0.06, share
    again = flat.recommend(USERS, k=C, rng=0).items
    assert (again == flat.recommend(USERS, k=C, rng=0).items).all()
    assert (again != flat.recommend(USERS, k=C, rng=1).items).any()


def test_a_scorer_that_prefers_the_first_place_learns_nothing_from_it(planted):
    biased = ranker(planted, lambda prompt, texts: -np.arange(len(texts)))
    biased.fit(planted.interactions)
    first = [
        biased.recommend(USERS, k=1, rng=seed).items[:, 0]
        == biased.first_stage_.recommend(USERS, k=1, rng=seed).items[:, 0]
        for seed in range(40)
    ]
    assert abs(np.mean(first) - 1 / C) < 0.025


def test_a_user_without_events_keeps_the_first_stage_s_list(planted):
    events = table([(0, 1), (0, 2), (1, 2), (1, 3), (2, 2)], n_users=5, n_items=40)
    asked = []

    def scorer(prompt, texts):
        asked.append(prompt)
        return topic_scorer(prompt, texts)

    ranking = ranker(planted, scorer).fit(events).recommend([3, 4, 0], k=6, rng=1)
    plain = Popularity().fit(events).recommend([3, 4, 0], k=6, rng=1)
    assert (ranking.items[:2] == plain.items[:2]).all()
    assert asked == [" ".join(planted.titles[[1, 2]])]


def test_fewer_candidates_than_k_are_padded(planted):
    whole = [(0, item) for item in range(40)]
    some = [(1, item) for item in range(38)] + [(2, 0)]
    strategy = ranker(planted).fit(table(whole + some, n_users=3, n_items=40))
    ranking = strategy.recommend([0, 1, 2], k=4)
    assert (ranking.items[0] == PADDING).all()
    assert np.isnan(ranking.scores[0]).all()
    assert sorted(ranking.items[1].tolist()) == [PADDING, PADDING, 38, 39]
    assert (ranking.items[2] != PADDING).all()
    few = strategy.recommend([2], k=4, candidates=np.array([0, 5, 9]))
    assert sorted(few.items[0].tolist()) == [PADDING, PADDING, 5, 9]
    wide = replace(strategy, n_candidates=50).fit(planted.interactions)
    assert (wide.recommend([0], k=45).items[0, 32:] == PADDING).all()


def test_one_user_s_list_does_not_depend_on_who_else_is_ranked(planted):
    biased = ranker(planted, lambda prompt, texts: -np.arange(len(texts)))
    biased.fit(planted.interactions)
    whole = biased.recommend(USERS, k=5, rng=4)
    assert (biased.recommend([17], k=5, rng=4).items[0] == whole.items[17]).all()
    drawn = [
        biased.recommend(USERS, k=5, rng=np.random.default_rng(8)).items
        for _ in range(2)
    ]
    assert (drawn[0] == drawn[1]).all()


def test_the_first_stage_that_is_given_stays_as_it_is(planted):
    first = Popularity()
    strategy = ranker(planted, first_stage=first).fit(planted.interactions)
    assert not hasattr(first, "seen_")
    assert strategy.first_stage is first
    assert "scorer" not in repr(strategy)
    again = strategy.fit(table([(0, 0)], n_users=2, n_items=40))
    assert again.recommend([1], k=1).items.tolist() == [[0]]


def test_no_users_give_no_lists(planted):
    ranking = ranker(planted).fit(planted.interactions).recommend([], k=4)
    assert ranking.items.shape == ranking.scores.shape == (0, 4)


def test_before_fit_and_for_unknown_users_errors_say_so(planted):
    strategy = ranker(planted)
    for ask in (strategy.recommend, strategy.score):
        with pytest.raises(RuntimeError, match="call fit first"):
            ask([0])
    strategy.fit(planted.interactions)
    for ask in (strategy.recommend, strategy.score):
        with pytest.raises(KeyError, match=r"\[0, 60\), got \[60\]"):
            ask([0, 60])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda n: np.full(n, np.nan), "finite numbers, got nan for user 5 and '"),
        (lambda n: np.append(np.zeros(n - 1), -np.inf), "got -inf for user 5 and '"),
        (lambda n: np.zeros(n - 1), r"12 numbers for user 5.*float64 of shape \(11,\)"),
        (lambda n: np.zeros((n, 1)), r"of shape \(12, 1\)"),
        (lambda n: 0.5, r"of shape \(\)"),
        (lambda n: ["good"] * n, "12 numbers for user 5, one a text, got <U4"),
        (lambda n: [None] * n, "got object"),
    ],
)
def test_a_scorer_that_gives_no_finite_number_a_text_is_refused(
    planted, given, message
):
    strategy = ranker(planted, lambda prompt, texts: given(len(texts)))
    with pytest.raises(ValueError, match=f"scorer: must give.*{message}"):
        strategy.fit(planted.interactions).recommend([5])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": 1.1}, r"weight: must be in \[0, 1\], got 1.1"),
        ({"weight": float("nan")}, r"weight: must be in \[0, 1\], got nan"),
        ({"n_candidates": 0}, "n_candidates: must be a whole number of at least 1"),
        ({"n_candidates": 2.5}, "n_candidates: must be a whole number"),
        ({"texts": ["a", "b"]}, "texts: must be 40 strings, one an item, got "),
        ({"texts": "a" * 40}, "texts: must be 40 strings"),
        (
            {"texts": ["a"] * 39 + [" "]},
            "texts: must say something, got ' ' for item 39",
        ),
        ({"texts": ["a"] * 39 + [7]}, "texts: must say something, got 7"),
    ],
)
def test_hyperparameters_out_of_range_are_refused_by_fit(planted, options, message):
    strategy = replace(ranker(planted), **options)
    with pytest.raises(ValueError, match=message):
        strategy.fit(planted.interactions)
    with pytest.raises(RuntimeError, match="call fit first"):
        strategy.recommend([0])


@pytest.mark.parametrize("k", [0, 2.5, C + 1])
def test_a_k_that_candidates_cannot_fill_is_refused(planted, k):
    with pytest.raises(ValueError, match="k: must be"):
        ranker(planted).fit(planted.interactions).recommend([0], k=k)


def test_texts_may_be_an_array(planted):
    strategy = replace(ranker(planted), texts=planted.titles.astype(str))
    ours = strategy.fit(planted.interactions).recommend(USERS, k=3).items
    assert (
        ours == ranker(planted).fit(planted.interactions).recommend(USERS, k=3).items
    ).all()


def test_a_remembered_scorer_is_asked_once_for_all_weights(planted):
    asked = []

    def scorer(prompt, texts):
        asked.append(prompt)
        return topic_scorer(prompt, texts)

    memory = remembered(scorer)
    for weight in (0.2, 0.5, 1.0):
        ours = ranker(planted, memory, weight=weight).fit(planted.interactions)
        fresh = ranker(planted, weight=weight).fit(planted.interactions)
        lists = [each.recommend(USERS[:9], k=5) for each in (ours, fresh)]
        assert (lists[0].items == lists[1].items).all()
    assert len(asked) == 9


def test_what_is_remembered_cannot_be_changed_from_outside():
    memory = remembered(lambda prompt, texts: np.ones(len(texts)))
    messages = [{"role": "user", "content": "Hi"}]
    memory(messages, ["a"])[:] = 7
    assert memory(messages, ["a"]) == 1


@pytest.mark.usefixtures("one_thread")
def test_a_real_language_model_finds_the_planted_topic():
    """By likelihood of a title after titles; the first stage knows nothing."""
    planted = planted_topics(
        30, 40, 4, events_per_user=6, noise=0.0, rng=0, concentration=0.001
    )
    model = load_causal()

    def scorer(prompt, texts):
        return log_likelihood(model, prompt, texts)

    def prompt(history):
        return "\n".join(planted.titles[history.item]) + "\n"

    strategy = LMRanker(
        Popularity(), scorer, prompt, list(planted.titles), n_candidates=10
    ).fit(planted.interactions)
    users = USERS[:6]
    ranking = strategy.recommend(users, k=10)
    assert np.isfinite(ranking.scores).all()
    plain = strategy.first_stage_.recommend(users, k=10)
    assert (np.sort(ranking.items) == np.sort(plain.items)).all()

    own = planted.item_topic == planted.user_topic[users][:, None]  # bool[B, I]
    offered = np.take_along_axis(own, ranking.items, axis=1)
    known = offered.any(axis=1)  # the first stage found one of his topic
    assert known.sum() >= 4
    assert offered[known, 0].mean() > 0.8

    history = planted.interactions.select(planted.interactions.user == 2)
    expected = log_likelihood(
        model, prompt(history), list(planted.titles[ranking.items[2]]), how="naive"
    )
    np.testing.assert_allclose(ranking.scores[2], standardized(expected), atol=1e-3)


def test_who_is_folded_in_is_ranked_by_his_history(planted):
    """The lists of the users in another order are the lists in that order."""
    model = ranker(planted, weight=0.5).fit(planted.interactions)
    last_first = np.arange(planted.interactions.n_users)[::-1]
    turned = Interactions.from_frame(
        planted.interactions.to_frame(), user_ids=last_first
    )
    folded = model.fold_in(turned)
    expected = model.score(last_first[:5])
    assert folded.score(np.arange(5)) == pytest.approx(expected, abs=1e-5)
