"""The made-up shop: what the file says is what the code gives."""

import numpy as np
import pytest
import shop

from recsys_ref import results
from recsys_ref.lm.encode import encode
from recsys_ref.strategies.dot_product import DotProduct


@pytest.fixture(scope="module")
def table():
    return results.load("shop")


@pytest.fixture(scope="module")
def case():
    return shop.Case(0)


@pytest.fixture(scope="module")
def vectors(case, encoder):
    text = encode(encoder, case.shop.world.titles.tolist())
    return shop.product_vectors(case.shop, text, 0)


def test_the_file_holds_what_is_computed_anew(case, vectors, table):
    chosen = table["chosen"]["0"]
    carts = chosen["weights"]["carts"]
    runs = {
        "weights: carts": case.measure(
            shop.factors(case.known, carts).score(case.users)
        ),
        "+ MiniLM": case.measure(
            shop.blended(
                case,
                case.known,
                chosen["factors"],
                vectors["MiniLM"],
                chosen["blends"]["+ MiniLM"],
            )
        ),
        "text, of what he bought": case.measure(
            DotProduct(vectors["MiniLM"], cosine=True)
            .fit(case.known["purchase"])
            .score(case.users)
        ),
    }
    for name, run in runs.items():
        in_file = table["seeds"][name]["0"]
        for metric in ("ndcg@10", "purchases", "surplus"):
            found = run.means()[metric]
            assert found == pytest.approx(in_file[metric], abs=3e-3), (name, metric)
    for name, row in shop.relations(case, vectors).items():
        for kind, value in row.items():
            in_file = table["relations_by_seed"]["0"][name][kind]
            assert value == pytest.approx(in_file, abs=5e-3), (name, kind)


def test_the_three_parts_of_the_log_do_not_overlap(case):
    for kind, known in case.known.items():
        train, validation = case.train[kind], case.validation[kind]
        assert len(train) + len(validation) == len(known)
        assert train.timestamp.max() < validation.timestamp.min()
        assert known.timestamp.max() < case.test[kind].timestamp.min()


def test_nobody_is_offered_what_he_has_bought(case):
    ranking = case.rank(np.zeros((shop.USERS, 256)), case.known)
    bought = case.known["purchase"].matrix().toarray()
    assert not np.take_along_axis(bought, ranking.items, axis=1).any()


def test_what_was_chosen_is_the_best_of_the_weightings(table):
    for chosen in table["chosen"].values():
        means = {name: how["mean"] for name, how in chosen["weights"].items()}
        assert chosen["factors"]["mean"] == max(means.values())
        assert means[chosen["factors"]["weights"]] == max(means.values())


def test_average_precision_by_hand():
    signal = np.array([[0.0, 3.0, 2.0, 1.0]] * 4)
    related = np.zeros((4, 4), bool)
    related[:, 1:3] = True
    np.fill_diagonal(related, False)
    # item 0: both on top, 1; item 1: 2 on top, 1; item 2: 1 on top; item 3: both
    assert shop.average_precision(signal, related) == 1
    signal[0] = [0.0, 1.0, 2.0, 3.0]  # ranks 2 and 3: (1/2 + 2/3) / 2
    expected = (3 + (1 / 2 + 2 / 3) / 2) / 4
    assert shop.average_precision(signal, related) == pytest.approx(expected)


def test_words_that_all_titles_share_count_nothing():
    found = shop.word_vectors(np.array(["red tent", "red bag"]))
    np.testing.assert_allclose(found[:, 1], 0)  # bag, red, tent
    assert found[0, 2] == found[1, 0] == pytest.approx(np.log(2))
