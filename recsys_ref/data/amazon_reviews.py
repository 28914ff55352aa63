"""Amazon Reviews 2023, one category, from the files as they are published.

A category is two files: `All_Beauty.jsonl.gz` with one review a line, and
`meta_All_Beauty.jsonl.gz` with one product a line. Both are read line by line.

Book section 6.1.
"""

import calendar
import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recsys_ref.data.checks import check_whole_number
from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.interactions import COLUMNS, Interactions
from recsys_ref.data.json_lines import FAULTS, find_json_lines, read_json_lines
from recsys_ref.data.report import CleaningReport, Step

REVIEW = ("user_id", "parent_asin", "rating", "timestamp")  # the fields used
# Nothing was reviewed before 1996. Read as milliseconds, a time in seconds
# would lie in January 1970, so the two cannot be mistaken for each other.
FIRST = calendar.timegm((1996, 1, 1, 0, 0, 0))
LAST = calendar.timegm((2100, 1, 1, 0, 0, 0))
TEXTS = ("categories", "features", "description")  # after the title
WRONG_KIND = "a field is a list or an object"
IN_SECONDS = "timestamp in seconds"


@dataclass(frozen=True, eq=False)
class AmazonReviews:
    """What people reviewed, the products, and an account of every line.

    Attributes:
        interactions: A review an event: `value` is the rating, 1 to 5, the
            item is the `parent_asin`, the time is in seconds.
        items: One product a row, in the order of `interactions.item_ids`:
            item_id, title, price (US dollars when the data were collected; NaN
            where unknown), category, store, and text, for a model to read.
            Without metadata a product has empty texts.
        report: What became of each line of the reviews.
        item_report: What became of each line of the metadata.
    """

    interactions: Interactions
    items: pd.DataFrame
    report: CleaningReport
    item_report: CleaningReport


def load_amazon_reviews(
    folder: Path | str,
    category: str,
    *,
    min_user_events: int = 1,
    min_item_events: int = 1,
    max_chars: int = 1000,
    progress: bool = True,
) -> AmazonReviews:
    """Load one category from a folder that holds its two files.

    The product is the `parent_asin`, as the publishers ask: colors and sizes
    share one. Of several reviews of one product by one user the last counts.
    Not read are `average_rating`, `rating_number` and `bought_together`. They
    are of the day of the crawl, so they know the reviews that a test withholds.

    Args:
        folder: Holds `{category}.jsonl` and `meta_{category}.jsonl`, or the
            same with `.gz`.
        category: As in the names of the files, such as "All_Beauty".
        min_user_events: As in `clean_interactions`, which cleans the reviews.
        min_item_events: As for users.
        max_chars: Where the text of a product is cut, in characters.
        progress: Whether to draw bars on standard error, if that is a terminal.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If a packed file is torn, or an argument is out of range.

    References:
        Hou et al. (2024), https://arxiv.org/abs/2403.03952
        Book section 6.1.
    """
    check_whole_number("max_chars", max_chars, 1)
    reviews, metadata = (
        find_json_lines(folder, stem) for stem in (category, f"meta_{category}")
    )
    raw, faults = _read_reviews(reviews, progress)
    clean, cleaning = clean_interactions(
        raw,
        time_range=(FIRST, LAST),
        min_user_events=min_user_events,
        min_item_events=min_item_events,
    )
    clean = clean.astype({"user_id": str, "item_id": str})
    events = Interactions.from_frame(clean)
    steps = [
        Step.of(name, "repaired" if name == IN_SECONDS else "dropped", faults[name])
        for name in (*FAULTS, WRONG_KIND, IN_SECONDS)
    ]
    lines = len(raw) + sum(step.rows for step in steps if step.action == "dropped")
    report = CleaningReport(lines, len(clean), (*steps, *cleaning.steps))
    items, item_report = _read_items(metadata, events.item_ids, max_chars, progress)
    return AmazonReviews(events, items, report, item_report)


def _read_reviews(path: Path, progress: bool) -> tuple[pd.DataFrame, dict]:
    """Return the four fields by line number, and the numbers of faulty lines."""
    faults: dict[str, list[int]] = defaultdict(list)
    known: dict[str, str] = {}  # an id is in memory once, however often it occurs
    rows: dict[str, list] = {name: [] for name in ("line", *COLUMNS)}
    for number, review in read_json_lines(path, progress=progress):
        if isinstance(review, str):
            faults[review].append(number)
            continue
        user, item, rating, moment = (review.get(name) for name in REVIEW)
        if any(isinstance(value, (list, dict)) for value in (user, item, moment)):
            faults[WRONG_KIND].append(number)
            continue
        moment, repaired = _seconds(moment)
        if repaired:
            faults[IN_SECONDS].append(number)
        user, item = (known.setdefault(x, x) for x in (user, item))
        fields = (number, user, item, _text_or_number(rating), moment)
        for column, value in zip(rows.values(), fields, strict=True):
            column.append(value)
    return pd.DataFrame(rows, dtype=object).set_index("line"), faults


def _seconds(moment: object) -> tuple[object, bool]:
    """Turn milliseconds into seconds; say whether they were seconds already."""
    if not _is_number(moment):
        return _text_or_number(moment), False  # cleaning says what is wrong
    for unit, repaired in ((1000, False), (1, True)):
        if FIRST <= moment // unit <= LAST:
            return int(moment // unit), repaired
    return -1, False  # out of any range


def _text_or_number(value: object) -> object:
    """Leave None, texts and numbers; name the rest so that cleaning drops it."""
    if value is None or isinstance(value, str) or _is_number(value):
        return value
    return "no number"


def _is_number(value: object) -> bool:
    """Whether it is a number that a float can hold; `true` is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # of an int of hundreds of digits
        return False


def _read_items(
    path: Path, ids: pd.Index, max_chars: int, progress: bool
) -> tuple[pd.DataFrame, CleaningReport]:
    """Keep the products that were reviewed, each from its first line."""
    faults: dict[str, list[int]] = defaultdict(list)
    found: dict[str, dict] = {}
    lines = 0
    for lines, product in read_json_lines(path, progress=progress):
        item = product.get("parent_asin") if isinstance(product, dict) else None
        if isinstance(product, str):
            faults[product].append(lines)
        elif not isinstance(item, str) or not item.strip():
            faults["parent_asin missing"].append(lines)
        elif item.strip() not in ids:
            faults["product without a review"].append(lines)
        elif item.strip() in found:
            faults["product listed again"].append(lines)
        else:
            found[item.strip()], fault = _item(product, max_chars)
            if fault:
                faults["price not a number"].append(lines)
    empty = dict.fromkeys(("title", "category", "store", "text"), "")
    missing = [item for item in ids if item not in found]
    rows = [found.get(item, empty | {"price": math.nan}) for item in ids]
    columns = ["title", "price", "category", "store", "text"]
    frame = pd.DataFrame(rows, columns=columns).astype({"price": float})
    frame.insert(0, "item_id", ids)
    dropped = (
        *FAULTS,
        *("parent_asin missing", "product without a review", "product listed again"),
    )
    steps = [Step.of(name, "dropped", faults[name]) for name in dropped]
    unpriced = faults["price not a number"]
    steps.append(Step.of("price not a number", "kept", unpriced))
    steps.append(Step.of("reviewed and not listed", "kept", missing))
    return frame, CleaningReport(lines, len(found), tuple(steps))


def _item(product: dict, max_chars: int) -> tuple[dict, bool]:
    """Return what is kept of a product, and whether its price made no sense."""
    price = product.get("price")
    unknown = price in (None, "", "None")
    priced = not unknown and _is_number(price) and price >= 0
    title, category, store = (
        _words(product.get(name)) for name in ("title", "main_category", "store")
    )
    parts = (title, *(_words(product.get(name)) for name in TEXTS))
    text = ". ".join(part.rstrip(".") for part in parts if part)[:max_chars]
    return {
        "title": title,
        "price": float(price) if priced else math.nan,
        "category": category,
        "store": store,
        "text": text,
    }, not (priced or unknown)


def _words(value: object) -> str:
    """Join the texts of a field, which is one text or a list of them."""
    pieces = value if isinstance(value, list) else [value]
    text = " ".join(" ".join(x.split()) for x in pieces if isinstance(x, str))
    return text.encode("utf-8", "replace").decode()  # halves of a surrogate pair
