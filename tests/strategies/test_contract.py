"""What holds for every strategy, on tables whose right answer is known."""

import importlib
import pkgutil
from dataclasses import MISSING, dataclass, fields, replace

import numpy as np
import pandas as pd
import pytest

import recsys_ref.strategies
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.social import Relations
from recsys_ref.data.synthetic import checkerboard
from recsys_ref.privacy.deletion import ForgettingEASE
from recsys_ref.privacy.private_models import PrivateEASE, PrivatePopularity
from recsys_ref.ranking import PADDING
from recsys_ref.strategies import base
from recsys_ref.strategies.alpharec import AlphaRec
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.bought_together import BoughtTogether
from recsys_ref.strategies.cold_start import ColdStart
from recsys_ref.strategies.collective_ease import CollectiveEASE
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import Hybrid
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.item_knn import ItemKNN
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.prior_ease import PriorEASE
from recsys_ref.strategies.recent_popularity import RecentPopularity
from recsys_ref.strategies.relistening import Relistening
from recsys_ref.strategies.sasrec import SASRec
from recsys_ref.strategies.session_knn import SessionKNN
from recsys_ref.strategies.social import Social
from recsys_ref.strategies.uniform import Uniform
from recsys_ref.strategies.warm_up import WarmUp

USERS, ITEMS = 12, 10
COLOURS = np.eye(2)[np.arange(ITEMS) % 2]  # the board's items, as vectors
PERSONAL = [
    ItemKNN(),
    ItemKNN("jaccard", neighbours=3, shrinkage=1.0),
    ItemKNN("lift"),
    ItemKNN("counts"),
    ItemKNN.sar(),
    EASE(l2=1.0),
    EASE(l2=1.0, half_life=2.0),
    SessionKNN(neighbours=4),
    SessionKNN(half_life=2.0),
    IALS(factors=3, l2=0.1, steps=2),
    IALS(factors=8, l2=3.0, l2_exponent=1.0, use_values=True),
    SASRec(width=8, heads=1, dropout=0.0, epochs=40, learning_rate=0.05, rng=1),
    ColdStart(COLOURS, EASE(l2=1.0)),
    ColdStart(COLOURS, EASE(l2=1.0), width=1.0, offset=0.5),
    ForgettingEASE(l2=1.0),
    PrivateEASE(float("inf"), clip=10.0, l2=1.0),
    CollectiveEASE(COLOURS, text=1.0, l2=1.0),
    PriorEASE(COLOURS, neighbours=3, l2=1.0),
    BoughtTogether(),
    BoughtTogether(COLOURS, width=0.1),
    AlphaRec(COLOURS, factors=2, hidden=4, steps=20, learning_rate=0.05),
    Hybrid([EASE(l2=1.0), ItemKNN()], weights=[1.0, 0.5]),
    DotProduct(COLOURS),
    DotProduct(COLOURS - 0.3, cosine=True, weighting="order", half_life=2.0, last=3),
]
WARM_UP = WarmUp([Popularity(), EASE(l2=1.0)], {0: (1, 0), 1: (0.1, 1)})
FRIENDS = Relations([[0, 2], [2, 4], [3, 5], [4, 6]], range(USERS), "hand")
SOCIAL = Social(FRIENDS, smoothing=1.0)
EVERY = [
    Popularity(),
    RecentPopularity(half_life=2.0),
    DotProduct(COLOURS, prior=0.1),
    ColdStart(COLOURS, EASE(l2=1.0), prior=0.1),
    WARM_UP,
    SOCIAL,
    Uniform(),
    ConditionalMean(noise=0.1),
    Relistening(),
    PrivatePopularity(epsilon=float("inf")),
    *PERSONAL,
]


def fresh(strategies):
    """Parametrize over unfitted copies."""
    return pytest.mark.parametrize(
        "strategy", [pytest.param(replace(each), id=repr(each)) for each in strategies]
    )


def table(pairs, n_users=USERS, n_items=ITEMS):
    frame = pd.DataFrame(pairs, columns=["user_id", "item_id"])
    return Interactions.from_frame(
        frame, user_ids=range(n_users), item_ids=range(n_items)
    )


@pytest.fixture
def board():
    return checkerboard(USERS, ITEMS).train


@pytest.fixture
def edges():
    """User 0 has seen everything, user 1 nothing, the others some."""
    some = [(u, i) for u in range(2, USERS) for i in range(ITEMS) if (u + i) % 3]
    return table([(0, i) for i in range(ITEMS)] + some)


def test_every_strategy_that_events_alone_can_fit_stands_in_this_contract():
    for module in pkgutil.iter_modules(recsys_ref.strategies.__path__):
        importlib.import_module(f"recsys_ref.strategies.{module.name}")
    package = {
        each for each in Recommender.__subclasses__() if "recsys_ref" in each.__module__
    }
    needs_more = {  # such as vectors
        strategy
        for strategy in package
        for each in fields(strategy)
        if each.init and each.default is each.default_factory is MISSING
    }
    assert package - needs_more <= {type(each) for each in EVERY} <= package


@fresh(PERSONAL)
def test_the_withheld_item_of_the_users_own_colour_comes_first(strategy, board):
    ranking = strategy.fit(board).recommend(np.arange(ITEMS), k=3)
    assert ranking.items[:, 0].tolist() == list(range(ITEMS))


@fresh(EVERY)
def test_fit_returns_the_strategy_and_leaves_its_hyperparameters(strategy, board):
    before = repr(strategy)
    assert strategy.fit(board) is strategy
    assert repr(strategy) == before
    for each in fields(strategy):
        assert each.init != each.name.endswith("_"), each.name


@fresh(EVERY)
def test_scores_are_float32_with_a_row_a_user_and_a_column_an_item(strategy, board):
    scores = strategy.fit(board).score(np.array([3, 0, 3]))
    assert scores.dtype == np.float32
    assert scores.shape == (3, ITEMS)
    assert (scores[0] == scores[2]).all()


@fresh(EVERY)
def test_before_fit_score_and_recommend_say_what_to_do(strategy):
    for ask in (strategy.score, strategy.recommend):
        with pytest.raises(RuntimeError, match="call fit first"):
            ask(np.array([0]))


@fresh(EVERY)
def test_a_fit_that_failed_is_no_fit(strategy):
    nobody = Interactions([], [], [], [], user_ids=[], item_ids=[1])
    with pytest.raises(ValueError, match="at least one user and one item"):
        strategy.fit(nobody)
    with pytest.raises(RuntimeError, match="call fit first"):
        strategy.score(np.array([0]))


@fresh(EVERY)
@pytest.mark.parametrize("user", [-1, USERS])
def test_an_unknown_user_is_named(strategy, board, user):
    strategy.fit(board)
    for ask in (strategy.score, strategy.recommend):
        with pytest.raises(KeyError, match=rf"\[0, {USERS}\), got \[{user}\]"):
            ask(np.array([0, user]))


@fresh(EVERY)
@pytest.mark.parametrize("users", [np.array([0.5]), np.array([[0]]), ["ann"]])
def test_users_are_whole_numbers(strategy, board, users):
    with pytest.raises(ValueError, match="users: must be whole numbers"):
        strategy.fit(board).recommend(users)


@fresh(EVERY)
def test_no_users_give_no_lists(strategy, board):
    ranking = strategy.fit(board).recommend([], k=4)
    assert ranking.users.shape == (0,)
    assert ranking.items.shape == ranking.scores.shape == (0, 4)
    assert strategy.score([]).shape == (0, ITEMS)


@fresh(EVERY)
def test_a_user_without_events_gets_a_full_list(strategy, edges):
    ranking = strategy.fit(edges).recommend([1], k=ITEMS)
    assert sorted(ranking.items[0].tolist()) == list(range(ITEMS))
    assert np.isfinite(ranking.scores).all()


@fresh(PERSONAL)
def test_a_user_without_events_is_scored_zero_by_who_knows_only_histories(
    strategy, edges
):
    assert (strategy.fit(edges).score([1]) == 0).all()


@fresh(EVERY)
def test_a_user_who_has_seen_everything_gets_padding(strategy, edges):
    ranking = strategy.fit(edges).recommend([0], k=3)
    assert (ranking.items == PADDING).all()
    assert np.isnan(ranking.scores).all()
    anyway = strategy.recommend([0], k=3, exclude_seen=False)
    assert (anyway.items != PADDING).all()


@fresh(EVERY)
def test_a_k_beyond_the_catalogue_pads(strategy, edges):
    strategy.fit(edges)
    ranking = strategy.recommend(np.arange(USERS), k=ITEMS + 5)
    assert ranking.k == ITEMS + 5
    for user, items in enumerate(ranking.items):
        unseen = set(range(ITEMS)) - set(edges.item[edges.user == user].tolist())
        offered = items[: len(unseen)]
        assert set(offered.tolist()) == unseen
        assert (items[len(unseen) :] == PADDING).all()


@fresh(EVERY)
def test_no_events_at_all_are_still_a_table(strategy):
    ranking = strategy.fit(table([])).recommend(np.arange(USERS), k=ITEMS)
    assert (np.sort(ranking.items, axis=1) == np.arange(ITEMS)).all()


@fresh(EVERY)
def test_only_candidates_are_offered(strategy, board):
    ranking = strategy.fit(board).recommend([0], k=4, candidates=np.array([1, 5]))
    assert sorted(ranking.items[0].tolist()) == [PADDING, PADDING, 1, 5]


@fresh(EVERY)
def test_ties_do_not_follow_the_item_ids(strategy):
    """Item i is chosen by user i alone; thousands of users chose nothing."""
    n = 3000
    symmetric = table([(i, i) for i in range(ITEMS)], n_users=n)
    first = strategy.fit(symmetric).recommend(np.arange(ITEMS, n), k=1).items[:, 0]
    share = np.bincount(first, minlength=ITEMS) / (n - ITEMS)
    assert np.abs(share - 1 / ITEMS).max() < 0.03, share


@fresh(EVERY)
def test_the_seed_decides_everything(strategy, edges):
    lists = [
        replace(strategy)
        .fit(edges)
        .recommend(np.arange(USERS), k=ITEMS, rng=seed)
        .items
        for seed in (5, 5, 6)
    ]
    assert (lists[0] == lists[1]).all()
    assert (lists[0] != lists[2]).any()  # the order of user 1's ties, at least


@fresh(EVERY)
def test_a_second_fit_forgets_the_first(strategy, board, edges):
    once = replace(strategy).fit(edges).score(np.arange(USERS))
    given = hasattr(strategy, "item_vectors")  # then the catalogue stays as it is
    bigger = checkerboard(2 * USERS, ITEMS if given else 3 * ITEMS).train
    twice = strategy.fit(bigger).fit(edges).score(np.arange(USERS))
    assert (once == twice).all()


@fresh(EVERY)
def test_batches_give_the_lists_of_one_call(strategy, monkeypatch):
    """On a table without twins: a matrix product may round twins apart."""
    chosen = np.random.default_rng(0).random((USERS, ITEMS)) < 0.4
    chosen[1] = False
    strategy.fit(table(np.argwhere(chosen)))
    whole = strategy.recommend(np.arange(USERS), k=4)
    monkeypatch.setattr(base, "BATCH", 5)
    parts = strategy.recommend(np.arange(USERS), k=4)
    assert (whole.items == parts.items).all()
    generators = [
        strategy.recommend([1, 2], k=ITEMS, rng=np.random.default_rng(3))
        for _ in range(2)
    ]
    assert (generators[0].items == generators[1].items).all()


def settled(strategy):
    """Let an iterative strategy run to its end."""
    return replace(strategy, iterations=300) if isinstance(strategy, IALS) else strategy


@fresh(EVERY)
def test_the_table_that_was_fitted_folded_in_changes_no_score(strategy, edges):
    strategy = settled(strategy).fit(edges)
    folded = strategy.fold_in(edges)
    atol = 2e-4 if isinstance(strategy, IALS) else 0
    everyone = np.arange(USERS)
    assert folded.score(everyone) == pytest.approx(strategy.score(everyone), abs=atol)
    assert folded.seen_ is edges.matrix()


@fresh(EVERY)
def test_who_is_folded_in_is_scored_by_his_history_alone(strategy, edges):
    """Not by his number: some of the users, the last first, and a newcomer."""
    edges = Interactions.from_frame(
        edges.to_frame().assign(timestamp=range(len(edges))), user_ids=edges.user_ids
    )
    strategy = settled(strategy).fit(edges)
    before = strategy.score(np.arange(USERS)).copy()
    some = edges.select(edges.user > 4).to_frame()
    ids = [*range(USERS - 1, 4, -1), "new"]
    others = Interactions.from_frame(some, user_ids=ids, item_ids=edges.item_ids)
    folded = strategy.fold_in(others)
    scores = folded.score(np.arange(len(ids)))
    assert scores.dtype == np.float32
    assert scores[:-1] == pytest.approx(before[ids[:-1]], abs=2e-4)
    assert scores[-1] == pytest.approx(before[1], abs=1e-6)  # user 1 has no events
    for user, items in enumerate(folded.recommend(np.arange(len(ids)), k=3).items):
        assert not set(items) & set(others.item[others.user == user].tolist())
    assert type(folded) is type(strategy)
    assert (strategy.score(np.arange(USERS)) == before).all()  # it stays as it is


@fresh(EVERY)
def test_folding_in_needs_a_fit_and_its_items(strategy, board):
    with pytest.raises(RuntimeError, match="call fit first"):
        strategy.fold_in(board)
    other = table([(0, 1)], n_items=ITEMS + 1)
    with pytest.raises(ValueError, match=f"the {ITEMS} item_ids of the fitted table"):
        strategy.fit(board).fold_in(other)


@fresh(EVERY)
def test_a_value_that_is_not_finite_never_reaches_a_strategy(strategy, board):
    frame = board.to_frame()
    frame.loc[4, "value"] = np.inf
    with pytest.raises(ValueError, match="value: must be finite, got inf in row 4"):
        strategy.fit(Interactions.from_frame(frame))


def test_a_score_that_is_not_finite_is_refused(board):
    @dataclass
    class Broken(Popularity):
        def score(self, users):
            return super().score(users) * np.float32(np.nan)

    with pytest.raises(ValueError, match="scores: must be finite"):
        Broken().fit(board).recommend([0])
