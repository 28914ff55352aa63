"""What methods cost: what the file says is what the code gives."""

import cost as script
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.lm.pretrained import load_causal, load_encoder
from recsys_ref.lm.scoring import tokenize
from recsys_ref.strategies.ease import EASE


@pytest.fixture(scope="module")
def table():
    return results.load("cost")


@pytest.fixture(scope="module")
def rows(table):
    return {row["method"]: row for row in table["rows"]}


def test_every_method_has_one_row(table):
    asked = [(row["regime"], row["method"]) for row in table["rows"]]
    long = [("long text", name) for name in script.LONG]
    assert asked == [*script.METHODS, *long]


def test_quality_is_that_of_the_files_named(table):
    known = script.qualities()
    for row in table["rows"]:
        method = row["regime"], row["method"]
        if method in known:
            assert (row["ndcg"], row["ndcg_from"]) == known[method]
    assert [row for row in table["rows"] if row["regime"] == "long text"] == (
        script.long_rows()
    )


def test_tokens_and_operations_are_counted_anew(table):
    items = script.load_movielens_100k().items
    texts = items.text(script.TEMPLATE).tolist()
    model = load_encoder()
    assert table["catalog"]["MiniLM"]["tokens"] == sum(map(len, model.token_ids(texts)))
    titles = items.text(script.cold_items.TITLE).tolist()
    again = script.scored(load_causal(), script.cold_items.PROMPT, titles)
    assert again == {name: table["catalog"]["surprise"][name] for name in again}


def test_what_the_ranker_reads_is_its_prompt_and_the_titles_but_their_ends():
    model, titles = load_causal(), [" Alien", " The Lion King", " Heat"]
    start, ends = tokenize(model, "A film:", titles)
    found = script.scored(model, "A film:", titles)
    assert found["tokens"] == len(start) + sum(len(ids) - 1 for ids in ends)
    parameters = script.Shape.of(model.model.config).weights
    assert found["flops"] > 2 * parameters * found["tokens"]


def test_the_ranker_stands_beside_what_it_reorders(table):
    train = script.events_of("20 candidates")[0]
    users = script.asked_users(train, script.RANKER)
    best = EASE(l2=400.0).fit(train).recommend(users, k=10)
    value = evaluate(best, script.split_of_seed().test.matrix()).means()["ndcg@10"]
    found = table["ranker"]
    assert found["users"] == len(users)
    assert found["ndcg"]["EASE"] == pytest.approx(value, abs=2e-3)
    for name, gap in found["differences"].items():
        other = name.partition(" minus ")[2]
        mean = found["ndcg"][script.RANKER] - found["ndcg"][other]
        assert gap["mean"] == pytest.approx(mean, abs=1e-6)
        assert gap["low"] < gap["mean"] < gap["high"]


def test_ratios_follow_from_the_times(table):
    for row in table["rows"]:
        if "ratio_to_ease" not in row:
            continue
        ease, ratio, n = row["ease"], row["ratio_to_ease"], script.EVERYONE / 1e3
        for key, name in (("train", "train_cpu_seconds"), ("serve", "ms_per_user")):
            assert ratio[key] == pytest.approx(row[name] / ease[name], rel=1e-3)
        whole = row["catalog_cpu_seconds"] + row["train_cpu_seconds"]
        whole += n * row["ms_per_user"]
        ours = ease["train_cpu_seconds"] + n * ease["ms_per_user"]
        assert ratio["all"] == pytest.approx(whole / ours, rel=1e-3)


def test_only_methods_that_read_text_pay_for_the_catalog(table):
    for row in table["rows"]:
        if row["regime"] == "long text":
            continue
        need = script.READERS.get(row["method"], ())
        seconds = sum(table["catalog"][name]["cpu_seconds"] for name in need)
        assert row["catalog_cpu_seconds"] == pytest.approx(seconds, abs=1e-6)


def test_orders_of_magnitude_hold_here_too(rows):
    """Any machine should see these, so far are they apart."""
    assert rows["EASE"]["ratio_to_ease"]["all"] == pytest.approx(1, abs=0.5)
    assert rows["SASRec from text"]["ratio_to_ease"]["train"] > 20
    assert rows[script.RANKER]["ratio_to_ease"]["serve"] > 200
    train = script.events_of("20 candidates")[0]
    everyone = np.arange(train.n_users)
    fit, serve, lists = script.run_once(lambda: EASE(l2=400.0), train, everyone)
    assert lists.shape == (train.n_users, script.K)
    assert fit + serve > 0


def test_the_report_has_a_line_for_every_method(table, rows):
    report = script.report(table)
    for name in rows:
        assert name in report
