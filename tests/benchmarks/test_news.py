"""News on a made-up newsroom: what the file says is what the code gives."""

import news
import numpy as np
import pytest

from recsys_ref import results
from recsys_ref.data.rolling import rolling_windows
from recsys_ref.data.vectors import unit_rows
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.fresh import Fresh
from recsys_ref.strategies.hybrid import Hybrid
from recsys_ref.strategies.pages import score_windows

SEED = 0
PAIR = ("Age, clicks, text", "Age, clicks")


@pytest.fixture(scope="module")
def table():
    return results.load("news")


@pytest.fixture(scope="module")
def site():
    return news.make_site(SEED)


@pytest.fixture(scope="module")
def chosen(table):
    return {
        name: {
            key: float(value) if value == "inf" else value
            for key, value in each.items()
        }
        for name, each in table["chosen"][str(SEED)].items()
    }


@pytest.fixture(scope="module")
def tested(site, chosen):
    windows = rolling_windows(*news.TEST, length=news.HOUR)
    names = ["text", *{chosen[name]["counted"] for name in PAIR}]
    return news.score_parts(site, names, windows, SEED)


def test_the_file_holds_what_is_computed_anew(table, chosen, tested):
    pages, parts = tested
    used = news.methods(chosen)
    scores = {name: news.combine(used[name], parts) for name in (*PAIR, "Newest first")}
    readers = {}
    for name, values in news.measure(pages, scores, SEED).items():
        for metric, value in table["means"][str(SEED)][name].items():
            assert values[metric].mean() == pytest.approx(value, abs=1e-3)
        readers[name] = news.by_reader(values["ndcg@10"].to_numpy(), pages.user)
    gap = news.interval(*(readers[name] for name in PAIR))
    in_file = table["versus"][" - ".join(PAIR)][str(SEED)]
    for end in ("mean", "low", "high"):
        assert gap[end] == pytest.approx(in_file[end], abs=2e-3)


def test_the_sum_of_parts_is_what_the_strategies_say(site, chosen, tested):
    how, (pages, parts) = chosen[PAIR[0]], tested
    counted = news.strategies(site, SEED)[how["counted"]]
    text = DotProduct(unit_rows(site.vectors["text"]), cosine=True)
    both = Hybrid([text, counted], [how["weight"], how["clicks"]], standardize=False)
    whole = Fresh(both, site.room.published, how["half_life"] * news.HOUR)
    window = rolling_windows(*news.TEST, length=news.HOUR)[:1]
    some = pages.select(window[0].holds(pages.timestamp))
    _, found = score_windows(whole, site.clicks, some, window)
    ours = news.combine(how, parts)[: len(some)]
    centred = np.stack(found) - np.mean(found, axis=1, keepdims=True)
    assert len(some) > 10
    np.testing.assert_allclose(
        centred, ours - ours.mean(axis=1, keepdims=True), atol=2e-3
    )


def test_quick_ndcg_is_that_of_the_package(tested, chosen):
    pages, parts = tested
    scores = news.combine(chosen[PAIR[0]], parts)
    clicked = np.stack(pages.clicked)
    slow = news.measure(pages, {"x": scores}, SEED)["x"]["ndcg@10"].mean()
    assert news.quick_ndcg(scores, clicked, SEED) == pytest.approx(slow, abs=1e-9)


def test_what_was_chosen_was_tried(table):
    tried = news.candidates()
    for chosen in table["chosen"].values():
        assert list(chosen) == list(tried)
        for name, each in chosen.items():
            kept = {
                key: float(value) if value == "inf" else value
                for key, value in each.items()
                if key != "validation"
            }
            assert kept in tried[name], name


def test_richer_methods_are_no_worse_on_validation(table):
    """Their grids hold the poorer ones', but for the weight of the text."""
    for chosen in table["chosen"].values():
        poor, rich = (chosen[name]["validation"] for name in PAIR[::-1])
        assert rich > poor - 0.005


def test_the_report_shows_every_method_and_pair(table):
    report = news.report(table)
    for name in table["means"]["0"]:
        assert name in report
    for a, b in news.PAIRS:
        assert f"{a} - {b}" in report
