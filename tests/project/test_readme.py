"""The figures that the README shows are those that were computed."""

import re
from pathlib import Path

from recsys_ref import results

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
OURS = {
    "Popularity": "Popularity",
    "SAR": "SAR",
    "Item-kNN": "ItemKNN",
    "EASE, a linear model": "EASE",
    "Implicit ALS, from 2008": "IALS",
}


def test_the_table_shows_the_stored_results():
    table = results.load("movielens_100k")
    published = {n: r["ndcg"] for n, r in table["published"]["rows"].items()}
    ours = {n: table["seeds"][key]["42"]["ndcg"] for n, key in OURS.items()}
    lines = re.findall(r"^\|(.*\|.*\| *\|.*)\|$", README, re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    left = {row[0].removesuffix(" (on stars)"): row[1] for row in rows[1:]}
    right = {row[3]: row[4] for row in rows[1:] if row[3]}
    for side, values in ((left, published), (right, ours)):
        assert side == {n: f"{v:.3f}".lstrip("0") for n, v in values.items()}


def test_what_text_adds_is_what_the_files_hold():
    warm, few = results.load("warm"), results.load("few_users")["minus_ease"]
    cold = results.load("cold_items")["versus"]
    pooled = {
        "many ratings, over EASE with iALS": (
            warm["pairs"]["Prior EASE + IALS - EASE + IALS"]["pooled"],
            warm["pairs"]["Genre prior EASE + IALS - EASE + IALS"]["pooled"],
        ),
        **{
            f"{size} users to learn from, over EASE": (
                few[size]["EASE + text"]["pooled"],
                few[size]["EASE + genres"]["pooled"],
            )
            for size in ("100", "50")
        },
        "films without ratings, over a map from genres and year": (
            cold["+ all three less genre + year"]["pooled"],
            None,
        ),
    }

    def cell(gap):
        if gap is None:
            return "none"
        mean, low, high = (
            f"{gap[name]:.3f}".lstrip("0") for name in ("mean", "low", "high")
        )
        return f"+{mean} [{low}, {high}]"

    for where, gaps in pooled.items():
        assert f"| {where} | {' | '.join(map(cell, gaps))} |" in README
