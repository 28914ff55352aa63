"""SASRec on planted sequences, and what it does where there is little."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from recsys_ref.data.interactions import Interactions
from recsys_ref.data.split import leave_last_out
from recsys_ref.strategies.sasrec import SCALE, SASRec

ITEMS = 20
SMALL = SASRec(
    width=16, heads=2, dropout=0.0, learning_rate=0.02, epochs=60, patience=20
)


def planted(n_users=60, seed=0):
    """Each user begins somewhere; after item i comes item i + 1, in a circle."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [
            {"user_id": u, "item_id": (first + t) % ITEMS, "timestamp": t}
            for u, first in enumerate(rng.integers(0, ITEMS, n_users))
            for t in range(rng.integers(4, 9))
        ]
    )
    return Interactions.from_frame(frame, item_ids=range(ITEMS))


def same_second(*items, users=1):
    """All events of one second, for some users and one more without any."""
    frame = pd.DataFrame(
        [{"user_id": u, "item_id": i} for u in range(users) for i in items]
    )
    return Interactions.from_frame(
        frame, user_ids=range(users + 1), item_ids=range(ITEMS)
    )


def test_a_planted_order_is_learned():
    table = planted()
    model = replace(SMALL).fit(table)
    top = model.recommend(np.arange(table.n_users), k=1).items[:, 0]
    last = np.array([history[-1] for history in model.histories_])
    assert (top == (last + 1) % ITEMS).all()
    assert model.validation_losses_.min() < 0.5 < np.log(ITEMS)


def test_the_same_seed_gives_the_same_model_and_leaves_global_state_alone():
    table, everyone = planted(), np.arange(60)
    strategy = replace(SMALL, dropout=0.3, epochs=3)
    torch.manual_seed(1)
    first = strategy.fit(table).score(everyone)
    drawn = torch.rand(3)
    torch.manual_seed(1)
    assert (torch.rand(3) == drawn).all()  # nothing was drawn in between
    assert (replace(strategy).fit(table).score(everyone) == first).all()
    other = replace(strategy, rng=1).fit(table).score(everyone)
    assert np.abs(other - first).max() > 0.01


def test_the_events_set_aside_are_those_of_leave_last_out():
    """Spoiling them changes the losses that are watched, not the first epoch."""
    table = planted()
    split = leave_last_out(table, rng=0)
    last = np.isin(
        table.timestamp * 1000 + table.user,
        split.test.timestamp * 1000 + split.test.user,
    )
    frame = table.to_frame()
    frame.loc[last, "item_id"] = 0
    spoiled = Interactions.from_frame(frame, item_ids=range(ITEMS))
    once = replace(SMALL, epochs=1)
    weights = [
        torch.nn.utils.parameters_to_vector(
            replace(once).fit(each).network_.parameters()
        )
        for each in (table, spoiled)
    ]
    assert (weights[0] == weights[1]).all()


def test_training_stops_when_validation_does_not_improve():
    """Random items: there is nothing to learn but that there is nothing."""
    rng = np.random.default_rng(0)
    user = np.repeat(np.arange(40), 6)
    x = Interactions(
        user, rng.integers(0, ITEMS, 240), np.ones(240), rng.integers(0, 99, 240),
        range(40), range(ITEMS),
    )  # fmt: skip
    model = replace(SMALL, epochs=60, patience=2).fit(x)
    losses = model.validation_losses_
    assert len(losses) < 60
    assert losses.argmin() == len(losses) - 3
    known = leave_last_out(x, rng=0)
    scores = torch.tensor(model.fold_in(known.train).score(known.test.user))
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(known.test.item))
    assert float(loss) == pytest.approx(losses.min(), abs=1e-4)  # the best is kept


def test_only_the_last_events_count():
    model = replace(SMALL, length=3, epochs=2).fit(planted())
    longer = model.fold_in(planted(seed=1))
    cut = {u: history[-3:] for u, history in enumerate(longer.histories_)}
    frame = pd.DataFrame(
        [
            {"user_id": u, "item_id": i, "timestamp": t}
            for u, items in cut.items()
            for t, i in enumerate(items)
        ]
    )
    short = model.fold_in(Interactions.from_frame(frame, item_ids=range(ITEMS)))
    np.testing.assert_allclose(
        short.score(np.arange(60)), longer.score(np.arange(60)), atol=1e-5
    )


def test_events_of_one_second_are_ordered_alike_for_everyone():
    model = replace(SMALL, epochs=2).fit(planted())
    folded = model.fold_in(same_second(3, 8, 1, 12, users=2))
    assert folded.histories_[0].tolist() == folded.histories_[1].tolist()
    backwards = model.fold_in(same_second(12, 1, 8, 3, users=2))
    assert folded.histories_[0].tolist() == backwards.histories_[0].tolist()


def test_a_user_without_history_is_scored_zero():
    model = replace(SMALL, epochs=2).fit(same_second(1, 2, users=5))
    scores = model.score([5, 0])
    assert (scores[0] == 0).all()
    assert (scores[1] != 0).any()


def test_where_nothing_can_be_set_aside_all_epochs_are_run():
    model = replace(SMALL, epochs=4).fit(same_second(1))
    assert np.isnan(model.validation_losses_).tolist() == [True] * 4
    assert np.isfinite(model.score([0, 1])).all()


def start(vectors):
    return replace(SMALL, item_vectors=vectors)._start(ITEMS, np.random.default_rng(0))


def test_item_vectors_are_where_the_embedding_starts_at_the_scale_of_a_random_one():
    vectors = np.random.default_rng(5).normal(size=(ITEMS, 16)) * 37
    weight = start(vectors).gpt.wte.weight.detach().numpy()
    assert np.sqrt((weight**2).mean()) == pytest.approx(SCALE, rel=1e-5)
    np.testing.assert_allclose(
        weight / weight[0, 0], vectors / vectors[0, 0], rtol=1e-4
    )
    random = start(None).gpt.wte.weight.detach().numpy()
    assert random.std() == pytest.approx(SCALE, rel=0.1)
    blocks = [list(start(each).gpt.h.parameters()) for each in (vectors, None)]
    assert all((a == b).all() for a, b in zip(*blocks, strict=True))


def test_items_without_a_vector_start_at_random():
    vectors = np.random.default_rng(5).normal(size=(ITEMS, 16))
    vectors[4] = 0
    weight = start(vectors).gpt.wte.weight.detach()
    random = start(None).gpt.wte.weight.detach()
    assert (weight[4] == random[4]).all()
    assert (weight[3] != random[3]).all()
    assert (start(0 * vectors).gpt.wte.weight == random).all()


def test_vectors_that_are_all_alike_can_still_be_trained_apart():
    table = planted()
    model = replace(SMALL, item_vectors=np.ones((ITEMS, 16))).fit(table)
    assert model.validation_losses_.min() < 1


def test_an_item_without_events_is_scored_all_the_same():
    table = same_second(1, 2, users=3)
    assert np.isfinite(replace(SMALL, epochs=1).fit(table).score([0])).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 15}, "width: must be a multiple of heads = 2, got 15"),
        ({"layers": 0}, "layers: must be a whole number of at least 1, got 0"),
        ({"length": 2.5}, "length: must be a whole number"),
        ({"epochs": 0}, "epochs: must be"),
        ({"patience": 0}, "patience: must be"),
        ({"batch_tokens": 0}, "batch_tokens: must be"),
        ({"dropout": 1.0}, r"dropout: must be in \[0, 1\), got 1.0"),
        ({"averaging": -0.1}, r"averaging: must be in \[0, 1\), got -0.1"),
        ({"learning_rate": 0.0}, "learning_rate: must be finite and > 0, got 0.0"),
        ({"weight_decay": np.nan}, "weight_decay: must be finite and >= 0, got nan"),
        (
            {"item_vectors": np.ones((3, 16))},
            r"item_vectors: must have shape \[20, D\]",
        ),
        ({"item_vectors": np.ones((ITEMS, 4))}, "must have length width = 16, got 4"),
    ],
)
def test_bad_hyperparameters_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **wrong).fit(planted())


def test_a_bar_is_drawn_only_where_asked(capsys):
    replace(SMALL, epochs=1).fit(planted())
    assert capsys.readouterr().err == ""
