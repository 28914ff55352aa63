import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from recsys_ref.data.lastfm_events import (
    AGAIN,
    EVENTS,
    NO_NAME,
    NO_TEXT,
    NO_TIME,
    NO_USER,
    NOT_ASKED,
    PROFILES,
    SIX_FIELDS,
    read_lastfm_events,
)
from recsys_ref.data.lastfm_example import write_lastfm_example


@pytest.fixture
def folder(tmp_path):
    write_lastfm_example(tmp_path, rng=0)
    return tmp_path


def line(user="user_000001", time="2009-04-08T01:57:47Z", artist="A", track="T"):
    return f"{user}\t{time}\tmbid\t{artist}\tmbid\t{track}"


def write(folder: Path, *lines, profiles="user_000001\tm\t30\tPeru\tMay 1, 2007\n"):
    (folder / EVENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / PROFILES).write_text(profiles, encoding="utf-8")
    return folder


def test_every_good_line_is_an_event(folder):
    data = read_lastfm_events(folder)
    rows = set()
    with open(folder / EVENTS, encoding="utf-8", errors="replace") as file:
        for fields in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(fields) == 6 and fields[5] and "\ufffd" not in fields[3]:
                try:
                    when = datetime.strptime(fields[1], "%Y-%m-%dT%H:%M:%S%z")
                except ValueError:
                    continue
                name = f"{fields[3]} - {fields[5]}"
                rows.add((fields[0], name, int(when.timestamp())))
    table = data.interactions.to_frame()
    read = zip(table["user_id"], table["item_id"], table["timestamp"], strict=True)
    assert set(read) == rows
    assert len(table) == len(rows) == 240


def test_every_bad_line_is_named(folder):
    report = read_lastfm_events(folder).reports[EVENTS]
    for reason, examples in {
        "blank line": (241,),
        SIX_FIELDS: (242,),
        NO_TIME: (243, 244),
        NO_NAME: (245,),
        NO_TEXT: (246,),
        AGAIN: (247,),
    }.items():
        assert report[reason].examples == examples, reason
    assert (report.rows_in, report.rows_out) == (247, 240)


def test_the_oldest_event_comes_first_and_ties_as_they_happened(tmp_path):
    same = "2009-04-08T01:57:47Z"
    write(  # the file has the newest first, so T was heard before S
        tmp_path, line(time="2009-04-09T00:00:00Z"), line(track="S"), line(time=same)
    )
    data = read_lastfm_events(tmp_path)
    heard = data.interactions.item_ids.take(data.interactions.item)
    assert heard.tolist() == ["A - T", "A - S", "A - T"]
    assert (np.diff(data.interactions.timestamp) >= 0).all()


def test_items_may_be_artists(folder):
    data = read_lastfm_events(folder, items="artists")
    assert data.items.columns.tolist() == ["item_id", "artist"]
    # A line that has a track without a name still names its artist.
    assert data.interactions.n_items == 4
    assert len(data.interactions) == 240 + 1


def test_users_may_be_picked(folder):
    data = read_lastfm_events(folder, users=["user_000002"])
    assert data.interactions.user_ids.tolist() == ["user_000002"]
    assert len(data.interactions) == 40
    # All lines of the five others, but those that cannot be told to be theirs.
    assert data.reports[EVENTS][NOT_ASKED].rows == 5 * 40 + 4


def test_names_that_join_to_one_text_stay_apart(tmp_path):
    write(tmp_path, line(artist="A - B", track="C"), line(artist="A", track="B - C"))
    data = read_lastfm_events(tmp_path)
    assert data.interactions.n_items == 2
    assert data.items[["artist", "track"]].to_numpy().tolist() == [
        ["A - B", "C"],
        ["A", "B - C"],
    ]


def test_a_byte_order_mark_makes_no_user(folder):
    path = folder / EVENTS
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_lastfm_events(folder).interactions.n_users == 6


def test_a_user_needs_an_id(tmp_path):
    write(tmp_path, line(), line(user=" "))
    assert read_lastfm_events(tmp_path).reports[EVENTS][NO_USER].examples == (2,)


def test_profiles_stand_beside_their_users(folder):
    data = read_lastfm_events(folder)
    assert data.users["user_id"].tolist() == data.interactions.user_ids.tolist()
    assert data.users["gender"].tolist() == ["m", "f", ""] * 2
    assert np.isnan(data.users["age"][0])
    assert data.users["age"][1] == 24
    report = data.reports[PROFILES]
    assert report["user listed before"].rows == 1
    assert report["user without events"].rows == 1


def test_profiles_need_no_header_and_may_be_wrong(tmp_path):
    rows = "user_000001\tx\t30\tPeru\t\n"
    write(tmp_path, line(), profiles=rows)
    data = read_lastfm_events(tmp_path)
    assert data.reports[PROFILES]["gender not m, f or empty"].rows == 1
    assert data.users.loc[0, "gender"] == ""
    write(tmp_path, line(), profiles="user_000001\tm\told\tPeru\t\n")
    report = read_lastfm_events(tmp_path).reports[PROFILES]
    assert report["age not a whole number or empty"].rows == 1


def test_errors_name_what_is_missing(tmp_path, folder):
    with pytest.raises(ValueError, match="items: must be 'tracks' or 'artists'"):
        read_lastfm_events(folder, items="albums")
    with pytest.raises(ValueError, match="no event is left"):
        read_lastfm_events(folder, users=["nobody"])
    (folder / PROFILES).unlink()
    with pytest.raises(FileNotFoundError, match=r"userid-profile\.tsv"):
        read_lastfm_events(folder)
