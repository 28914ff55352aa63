"""MIND's files: what is good is read, what is bad is named by its line."""

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.mind import read_mind
from recsys_ref.data.mind_example import write_mind_example

ENTITY = '[{"Label": "Big Ben", "WikidataId": "Q41225", "Confidence": 1.0}]'
NEWS = (
    f"N1\tnews\tnewsworld\tBig Ben falls silent\tIt is being mended.\thttps://x\t{ENTITY}\t[]\n"
    "N2\tsports\tsoccer\tA late goal\t\thttps://y\t[]\t\n"
)
BEHAVIORS = (
    "7\tU9\t11/11/2019 9:05:58 AM\tN2 N1\tN1-1 N2-0\n"
    "8\tU1\t11/12/2019 12:00:01 AM\t\tN2-0\n"
    "9\tU9\t11/13/2019 12:30:00 PM\tN1\tN2-1\n"
)  # fmt: skip


def folder_of(tmp_path, behaviors=BEHAVIORS, news=NEWS):
    (tmp_path / "behaviors.tsv").write_text(behaviors, encoding="utf-8")
    (tmp_path / "news.tsv").write_text(news, encoding="utf-8")
    return tmp_path


def test_every_field_of_good_lines_is_read(tmp_path):
    mind = read_mind(folder_of(tmp_path))
    assert repr(mind) == "Mind(2 articles, 3 pages, 2 clicks)"
    assert mind.news.title.tolist() == ["Big Ben falls silent", "A late goal"]
    assert mind.news.abstract.tolist() == ["It is being mended.", ""]
    assert mind.news.title_entities[0][0]["WikidataId"] == "Q41225"
    assert mind.news.abstract_entities.tolist() == [[], []]
    pages = mind.impressions
    assert pages.user_ids[pages.user].tolist() == ["U9", "U1", "U9"]
    assert [row.tolist() for row in pages.shown] == [[0, 1], [1], [1]]
    assert [row.tolist() for row in pages.clicked] == [[True, False], [False], [True]]
    assert [row.tolist() for row in pages.history] == [[1, 0], [], [0]]
    times = ["2019-11-11 09:05:58", "2019-11-12 00:00:01", "2019-11-13 12:30:00"]
    due = [int(pd.Timestamp(time, tz="UTC").timestamp()) for time in times]
    assert pages.timestamp.tolist() == due


def test_clicks_are_the_events_and_no_history_is(tmp_path):
    events = read_mind(folder_of(tmp_path)).interactions
    frame = events.to_frame()
    assert frame.user_id.tolist() == ["U9", "U9"]
    assert frame.item_id.tolist() == ["N1", "N2"]
    assert (events.n_users, events.n_items) == (2, 2)


def test_every_bad_line_of_the_behaviors_is_named(tmp_path):
    bad = (
        "10\tU1\t11/11/2019 9:05:58 AM\tN1\n"  # line 4: four fields
        "11\t\t11/11/2019 9:05:58 AM\tN1\tN1-0\n"  # 5: no reader
        "12\tU1\t13/45/2019 9:05:58 AM\tN1\tN1-0\n"  # 6: no such day
        "13\tU1\t11/11/2019 9:05:58 AM\tN1\tN1 N2\n"  # 7: no labels
        "14\tU1\t11/11/2019 9:05:58 AM\tN1\tN1-2\n"  # 8: a label of 2
        "15\tU1\t11/11/2019 9:05:58 AM\tN1\t\n"  # 9: an empty page
        "16\tU1\t11/11/2019 9:05:58 AM\tN1\tN1-0 N77-1\n"  # 10: unknown
        "17\tU1\t11/11/2019 9:05:58 AM\tN1\tN1-0 N1-1\n"  # 11: twice
        "18\tU1\t11/11/2019 9:05:58 AM\tN77 N2\tN1-1\n"  # 12: repaired
        "\n"  # 13: blank
    )
    mind = read_mind(folder_of(tmp_path, BEHAVIORS + bad))
    report = mind.reports["behaviors.tsv"]
    assert (report.rows_in, report.rows_out) == (13, 4)
    found = {step.reason: step.examples for step in report.steps if step.rows}
    assert found == {
        "blank line": (13,),
        "not 5 fields": (4,),
        "no user id": (5,),
        "bad time": (6,),
        "article without label 0 or 1": (7, 8, 9),
        "unknown news id shown": (10,),
        "article twice on a page": (11,),
        "unknown news id in history": (12,),
    }
    assert mind.impressions.history[-1].tolist() == [1]
    assert report["unknown news id in history"].action == "repaired"


def test_every_bad_line_of_the_news_is_named(tmp_path):
    bad = (
        "N3\tnews\tworld\tToo short\tText.\thttps://z\t[]\n"  # 3
        "\tnews\tworld\tNo id\tText.\thttps://z\t[]\t[]\n"  # 4
        "N4\tnews\tworld\t \tText.\thttps://z\t[]\t[]\n"  # 5
        "N1\tnews\tworld\tAgain\tText.\thttps://z\t[]\t[]\n"  # 6
        "N5\tnews\tworld\tBroken\tText.\thttps://z\t[{]\t[]\n"  # 7
        "N6\tnews\tworld\tNo list\tText.\thttps://z\t[]\t3\n"  # 8
        "N7\tnews\tworld\tNo objects\tText.\thttps://z\t[1]\t[]\n"  # 9
    )
    mind = read_mind(folder_of(tmp_path, news=NEWS + bad))
    report = mind.reports["news.tsv"]
    assert (report.rows_in, report.rows_out) == (9, 2)
    assert report["not 8 fields"].examples == (3,)
    assert report["no news id"].examples == (4,)
    assert report["no title"].examples == (5,)
    assert report["news id listed before"].examples == (6,)
    assert report["entities not a JSON list of objects"].examples == (7, 8, 9)


def test_a_missing_file_and_a_file_without_good_lines_are_named(tmp_path):
    (tmp_path / "news.tsv").write_text(NEWS, encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"lacks \['behaviors.tsv'\]"):
        read_mind(tmp_path)
    with pytest.raises(ValueError, match=r"behaviors.tsv: has no good line"):
        read_mind(folder_of(tmp_path, behaviors="1\tU1\n"))
    with pytest.raises(ValueError, match=r"news.tsv: has no good line"):
        read_mind(folder_of(tmp_path, news="\n"))


def test_the_example_has_the_good_lines_asked_for_and_one_bad_of_each_kind(tmp_path):
    write_mind_example(tmp_path, n_articles=30, n_pages=50, rng=1)
    mind = read_mind(tmp_path)
    assert (len(mind.news), len(mind.impressions)) == (30, 51)
    for name, dropped in (("behaviors.tsv", 6), ("news.tsv", 6)):
        assert mind.reports[name].dropped == dropped
    once = [s for r in mind.reports.values() for s in r.steps if s.rows == 1]
    assert len(once) == 11
    assert mind.reports["news.tsv"]["entities not a JSON list of objects"].rows == 2
    clean = tmp_path / "clean"
    clean.mkdir()
    write_mind_example(clean, n_articles=30, n_pages=50, bad_lines=False, rng=1)
    again = read_mind(clean)
    assert all(r.dropped == 0 for r in again.reports.values())
    np.testing.assert_array_equal(
        again.impressions.timestamp, mind.impressions.timestamp[:-1]
    )


def test_the_example_refuses_too_few(tmp_path):
    with pytest.raises(ValueError, match=r"n_articles: .* at least 10, got 3"):
        write_mind_example(tmp_path, n_articles=3, rng=0)
