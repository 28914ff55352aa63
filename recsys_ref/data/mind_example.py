"""A made-up folder in the format of MIND, bad lines included.

Articles, readers and clicks are invented. It shows what the reader of the format does
where the real folder is not at hand. Book section 6.4.
"""

import json
from pathlib import Path

import numpy as np

from recsys_ref.data.checks import check_whole_number

SECTIONS = {
    "sports": ("football_nfl", "stadium", "coach", "champion", "league"),
    "lifestyle": ("lifestyleroyals", "castle", "crown", "wedding", "queen"),
    "foodanddrink": ("recipes", "kitchen", "recipe", "bakery", "soup"),
}
START = np.datetime64("2019-11-09T00:00:00")  # the week of MIND's train part begins


def write_mind_example(
    folder: Path | str,
    *,
    n_articles: int = 60,
    n_readers: int = 20,
    n_pages: int = 80,
    bad_lines: bool = True,
    rng: np.random.Generator | int,
) -> None:
    """Write `behaviors.tsv` and `news.tsv`, UTF-8, tab-separated, without a header.

    Every reader prefers one of three sections. A page shows five articles; those of
    his section are clicked half of the time, others seldom.

    Args:
        folder: Where to write. It must be there.
        n_articles: Good lines of `news.tsv`, at least 10.
        n_readers: Readers, at least 1.
        n_pages: Good lines of `behaviors.tsv`, at least 1.
        bad_lines: Whether to add lines that a reader must not trust: a field
            missing or too many, no id, no title, an id twice, broken JSON; a time
            that is none, an article without a label, twice on a page, or not in the
            news. One history names an article that is not in the news.
        rng: Seed or generator of everything.

    Raises:
        ValueError: If there are too few of something.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_mind_example(folder, rng=0)
        ...     for path in sorted(Path(folder).iterdir()):
        ...         print(path.name, len(path.read_text(encoding="utf-8").splitlines()))
        behaviors.tsv 87
        news.tsv 66
    """
    for name, number, least in (
        ("n_articles", n_articles, 10),
        ("n_readers", n_readers, 1),
        ("n_pages", n_pages, 1),
    ):
        check_whole_number(name, number, least)
    rng = np.random.default_rng(rng)
    section = rng.integers(len(SECTIONS), size=n_articles)
    taste = rng.integers(len(SECTIONS), size=n_readers)
    tables = {
        "news.tsv": [
            _article(place, section[place], rng) for place in range(n_articles)
        ],
        "behaviors.tsv": [
            _page(page, int(rng.integers(n_readers)), section, taste, rng)
            for page in range(n_pages)
        ],
    }
    if bad_lines:
        tables["news.tsv"] += _bad_news()
        tables["behaviors.tsv"] += _bad_behaviors()
    for name, lines in tables.items():
        text = "".join(line + "\n" for line in lines)
        Path(folder, name).write_text(text, encoding="utf-8", newline="\n")


def _article(place: int, section: int, rng: np.random.Generator) -> str:
    """Write one line of news: every tenth has no abstract, and so no entities."""
    category, (subcategory, *words) = list(SECTIONS.items())[section]
    first, second = rng.choice(words, 2, replace=False)
    title = f"The {first}, the {second} and a café"
    entity = {
        "Label": first.title(),
        "Type": "C",
        "WikidataId": f"Q{1000 + place}",
        "Confidence": 1.0,
        "OccurrenceOffsets": [4],
        "SurfaceForms": [first],
    }
    told = place % 10 > 0
    return "\t".join(
        [
            f"N{place + 1}",
            category,
            subcategory,
            title,
            f"All about {second}." if told else "",
            f"https://news.example/{place + 1}.html",
            json.dumps([entity]),
            "[]" if told else "",
        ]
    )


def _page(
    page: int,
    reader: int,
    section: np.ndarray,
    taste: np.ndarray,
    rng: np.random.Generator,
) -> str:
    shown = rng.choice(section.size, 5, replace=False)
    chance = np.where(section[shown] == taste[reader], 0.5, 0.1)
    clicked = rng.random(5) < chance
    liked = np.flatnonzero(section == taste[reader])
    history = rng.permutation(liked)[: rng.integers(4)]
    when = (START + np.timedelta64(int(rng.integers(5 * 86_400)), "s")).item()
    hour = when.hour % 12 or 12
    half = "AM" if when.hour < 12 else "PM"
    return "\t".join(
        [
            str(page + 1),
            f"U{reader + 1}",
            f"{when.month}/{when.day}/{when.year} {hour}:{when:%M:%S} {half}",
            " ".join(f"N{item + 1}" for item in history),
            " ".join(
                f"N{item + 1}-{int(hit)}"
                for item, hit in zip(shown, clicked, strict=True)
            ),
        ]
    )


def _bad_news() -> list[str]:
    start, url = "sports\tfootball_nfl", "https://news.example/x.html"
    return [
        f"N900\t{start}\tA field is missing\tNo entities.",
        f"\t{start}\tNo id\tNone.\t{url}\t[]\t[]",
        f"N901\t{start}\t\tNo title.\t{url}\t[]\t[]",
        f"N1\t{start}\tThe same id again\tTwice.\t{url}\t[]\t[]",
        f"N902\t{start}\tBroken\tText.\t{url}\t[{{]\t[]",
        f'N903\t{start}\tNo list\tText.\t{url}\t[]\t{{"Label": 1}}',
    ]


def _bad_behaviors() -> list[str]:
    time = "11/11/2019 9:05:58 AM"
    return [
        f"901\tU1\t{time}\tN1 N2",
        f"902\t\t{time}\tN1 N2\tN3-1 N4-0",
        "903\tU1\t2019-11-11 09:05:58\tN1 N2\tN3-1 N4-0",
        f"904\tU1\t{time}\tN1 N2\tN3 N4",
        f"905\tU1\t{time}\tN1 N2\tN3-1 N99999-0",
        f"906\tU1\t{time}\tN1 N2\tN3-1 N3-0",
        f"907\tU1\t{time}\tN1 N99999\tN3-1 N4-0",  # kept: only its history is mended
    ]
