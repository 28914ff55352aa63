"""Amazon Reviews 2023: files in the published format, with everything wrong."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.amazon_reviews import load_amazon_reviews

MS = 1_588_687_728_923


def review(user="U1", item="B1", rating=5.0, timestamp=MS, **others):
    """One line of the reviews, with the fields of the published files."""
    return {
        "rating": rating,
        "title": "Such a lovely scent",
        "text": "It smells good.\nTry it!",
        "images": [],
        "asin": item,
        "parent_asin": item,
        "user_id": user,
        "timestamp": timestamp,
        "helpful_vote": 0,
        "verified_purchase": True,
    } | others


def product(item="B1", **others):
    """One line of the metadata, with the fields of the published files."""
    return {
        "main_category": "All Beauty",
        "title": "Leather Conditioner, 8-Ounce",
        "average_rating": 4.8,
        "rating_number": 10,
        "features": ["Softens", "  Protects\n"],
        "description": ["For shoes."],
        "price": 9.99,
        "images": [{"thumb": "https://x/1.jpg", "large": "https://x/2.jpg"}],
        "videos": [],
        "store": "Howard",
        "categories": ["Care", "Leather"],
        "details": {"UPC": "617390882781"},
        "parent_asin": item,
        "bought_together": None,
    } | others


def lines(rows):
    return b"".join(
        row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n"
        for row in rows
    )


@pytest.fixture
def write(tmp_path):
    def write(reviews, products, category="All_Beauty", packed=False):
        for stem, rows in ((category, reviews), (f"meta_{category}", products)):
            content = lines(rows)
            name = f"{stem}.jsonl{'.gz' if packed else ''}"
            (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
        return tmp_path

    return write


def without(record, name):
    return {key: value for key, value in record.items() if key != name}


def test_whole_files_come_through_plain_and_packed(write):
    reviews = [
        review(),
        review("U2", "B2", 1.0, MS + 1999, asin="B2-red"),
        review("U1", "B2", 3.0, MS + 2000, verified_purchase=False),
    ]
    products = [product("B2", price=None), product("B1"), product("B3")]
    plain = load_amazon_reviews(write(reviews, products), "All_Beauty")
    packed = load_amazon_reviews(write(reviews, products, "Books", True), "Books")
    for data in (plain, packed):
        events = data.interactions.to_frame()
        assert events.user_id.tolist() == ["U1", "U2", "U1"]
        assert events.item_id.tolist() == ["B1", "B2", "B2"]
        assert events.value.tolist() == [5.0, 1.0, 3.0]
        assert events.timestamp.tolist() == [1_588_687_728, 1588687730, 1588687730]
        assert data.report.rows_in == data.report.rows_out == 3
        assert data.items.item_id.tolist() == ["B1", "B2"]
        np.testing.assert_array_equal(data.items.price, [9.99, np.nan])
        assert data.item_report["product without a review"].examples == (3,)
        assert data.item_report.rows_out == 2
    first = plain.items.iloc[0]
    assert first.title == "Leather Conditioner, 8-Ounce"
    assert (first.category, first.store) == ("All Beauty", "Howard")
    assert first.text == (
        "Leather Conditioner, 8-Ounce. Care Leather. Softens Protects. For shoes"
    )


# What is wrong with a review, by the reason that the report must give.
BAD = {
    "blank line": b"\n",
    "not utf-8": b'{"rating": 5.0, "title": "caf\xe9"}\n',
    "not JSON": b'{"rating": 5.0, "title": "torn\n',
    "not a JSON object": b"[5.0]\n",
    "a field is a list or an object": review(user=["U1"]),
    "user_id missing": without(review(), "user_id"),
    "item_id missing": review(item=" "),
    "value missing": review(rating=None),
    "value not a number": review(rating=True),
    "value not in [1.0, 5.0]": review(rating=6.0),
    "timestamp missing": without(review(), "timestamp"),
    "timestamp not a number": review(timestamp="May 2020"),
    "timestamp not in [820454400, 4102444800]": review(timestamp=12),
}


def test_every_bad_row_is_reported_with_its_line_and_drops_nothing_else(write):
    good = [review(f"U{n}", f"B{n % 2}") for n in range(4)]
    folder = write([*good, *BAD.values()], [product("B0"), product("B1")])
    data = load_amazon_reviews(folder, "All_Beauty")
    assert len(data.interactions) == 4
    assert data.report.rows_in == 4 + len(BAD)
    assert data.report.rows_out == 4
    for line, reason in enumerate(BAD, start=5):
        assert data.report[reason].examples == (line,), reason
        assert data.report[reason].action == "dropped"
    assert sum(step.rows for step in data.report.steps) == len(BAD)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"rating": [5.0]}, "value not a number"),
        ({"rating": "five"}, "value not a number"),
        ({"rating": 0.0}, "value not in [1.0, 5.0]"),
        ({"rating": float("nan")}, "value not a number"),
        ({"rating": 10**400}, "value not a number"),
        ({"timestamp": 10**400}, "timestamp not a number"),
        ({"timestamp": True}, "timestamp not a number"),
        ({"timestamp": -MS}, "timestamp not in [820454400, 4102444800]"),
        ({"timestamp": MS * 1000}, "timestamp not in [820454400, 4102444800]"),
        ({"timestamp": "9" * 400}, "timestamp not finite"),
        ({"parent_asin": None}, "item_id missing"),
    ],
)
def test_odd_values_are_faults_and_no_crash(write, fault, reason):
    folder = write([review(), review("U2") | fault], [product()])
    data = load_amazon_reviews(folder, "All_Beauty")
    assert len(data.interactions) == 1
    assert data.report[reason].examples == (2,)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)


@given(
    st.lists(
        st.tuples(st.sampled_from([*review(), *product()]), JSON_VALUES), max_size=8
    )
)
def test_whatever_stands_in_a_field_every_line_is_accounted_for(
    tmp_path_factory, faults
):
    folder = tmp_path_factory.mktemp("amazon")
    for stem, record in (("X", review()), ("meta_X", product())):
        rows = [record | {name: value} for name, value in faults]
        (folder / f"{stem}.jsonl").write_bytes(lines([record, *rows]))
    data = load_amazon_reviews(folder, "X")
    assert data.report.rows_in == data.item_report.rows_in == 1 + len(faults)
    assert len(data.interactions) == data.report.rows_out >= 1
    assert data.items.item_id.tolist() == data.interactions.item_ids.tolist()
    assert "B1" in data.items.item_id.tolist()


def test_seconds_are_told_from_milliseconds_and_repaired(write):
    folder = write([review(), review("U2", timestamp=MS // 1000)], [product()])
    data = load_amazon_reviews(folder, "All_Beauty")
    assert data.interactions.timestamp.tolist() == [MS // 1000] * 2
    step = data.report["timestamp in seconds"]
    assert (step.action, step.examples) == ("repaired", (2,))


def test_of_duplicates_the_last_in_time_counts(write):
    reviews = [
        review(rating=2.0, timestamp=MS + 5000),
        review(rating=4.0),
        review(rating=1.0, timestamp=MS - 5000),
    ]
    data = load_amazon_reviews(write(reviews, [product()]), "All_Beauty")
    assert data.interactions.value.tolist() == [2.0]
    assert data.report["same user and item: kept last"].examples == (2, 3)


def test_a_product_without_metadata_stays_with_an_empty_text(write):
    data = load_amazon_reviews(
        write([review(), review(item="B9")], [product()]), "All_Beauty"
    )
    assert data.items.item_id.tolist() == ["B1", "B9"]
    assert data.items.loc[1, ["title", "text", "store"]].tolist() == ["", "", ""]
    assert np.isnan(data.items.price[1])
    step = data.item_report["reviewed and not listed"]
    assert (step.action, step.examples) == ("kept", ("B9",))


def test_faults_of_the_metadata_are_reported(write):
    products = [
        b"{\n",
        product(None),
        product("B1", price="from 14.99"),
        product("B1", price=1.0),
        product("B2", price="None"),
        product("B3", price=-1.0, title=None, features=None, description="Flat"),
        product("B4", title="half \ud83d", categories=[], features=[], description=[]),
    ]
    reviews = [review(item=f"B{n}") for n in (1, 2, 3, 4)]
    data = load_amazon_reviews(write(reviews, products), "All_Beauty")
    report = data.item_report
    assert (report.rows_in, report.rows_out) == (7, 4)
    assert report["not JSON"].examples == (1,)
    assert report["parent_asin missing"].examples == (2,)
    assert report["product listed again"].examples == (4,)
    assert report["price not a number"].examples == (3, 6)
    np.testing.assert_array_equal(data.items.price, [np.nan] * 3 + [9.99])
    assert data.items.text[2] == "Care Leather. Flat"
    assert data.items.text[3].encode()  # a tokenizer can read it
    assert data.items.text[3].startswith("half")


def test_the_core_is_kept_and_its_products_alone(write):
    reviews = [review(u, i) for u in ("U1", "U2") for i in ("B1", "B2")]
    reviews.append(review("U3", "B3"))
    folder = write(reviews, [product(f"B{n}") for n in (1, 2, 3)])
    data = load_amazon_reviews(
        folder, "All_Beauty", min_user_events=2, min_item_events=2
    )
    assert len(data.interactions) == 4
    assert data.items.item_id.tolist() == ["B1", "B2"]
    assert data.report["user with fewer than 2 events"].examples == (5,)


def test_a_long_text_is_cut(write):
    folder = write([review()], [product(description=["word " * 500])])
    data = load_amazon_reviews(folder, "All_Beauty", max_chars=40)
    assert len(data.items.text[0]) == 40
    with pytest.raises(ValueError, match="max_chars"):
        load_amazon_reviews(folder, "All_Beauty", max_chars=0)


def test_numbers_for_ids_stay_texts(write):
    """An id such as 0970408285 (a book) must not lose its zero."""
    folder = write([review("7", "0970408285")], [product("0970408285")])
    data = load_amazon_reviews(folder, "All_Beauty")
    assert data.interactions.item_ids.tolist() == ["0970408285"]
    assert data.items.text[0] != ""


def test_nothing_left_is_an_empty_table_and_a_full_report(write):
    data = load_amazon_reviews(write([b"\n"], []), "All_Beauty")
    assert (len(data.interactions), len(data.items)) == (0, 0)
    assert data.report["blank line"].rows == 1


def test_missing_files_are_named(write):
    folder = write([review()], [product()])
    (folder / "meta_All_Beauty.jsonl").unlink()
    with pytest.raises(FileNotFoundError, match=r"meta_All_Beauty\.jsonl\.gz, has"):
        load_amazon_reviews(folder, "All_Beauty")
    with pytest.raises(FileNotFoundError, match=r"needs Books\.jsonl or"):
        load_amazon_reviews(folder, "Books")


def test_a_torn_packed_file_is_an_error(write):
    reviews = [review(f"U{n}", f"B{n % 7}") for n in range(300)]
    folder = write(reviews, [product()], packed=True)
    path = folder / "All_Beauty.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match=r"All_Beauty\.jsonl\.gz: .* torn"):
        load_amazon_reviews(folder, "All_Beauty")
