"""HetRec-2011 Last.fm: the official lines are read, bad ones named by number."""

import shutil

import numpy as np
import pandas as pd
import pytest

from recsys_ref.data.hetrec_example import write_hetrec_example
from recsys_ref.data.hetrec_lastfm import README, read_hetrec_lastfm
from recsys_ref.data.social import edge_homophily

# The examples of the official readme, and the least around them.
OFFICIAL = {
    "artists.dat": (
        "id\tname\turl\tpictureURL\n"
        "707\tMetallica\thttp://www.last.fm/music/Metallica\thttp://u/7560709.jpg\n"
        "51\tRöyksopp\thttp://www.last.fm/music/R%C3%B6yksopp\t\n"
        "52\t椎名林檎\thttp://www.last.fm/music/x\thttp://u/2.jpg\n"
    ).encode(),
    "tags.dat": "tagID\ttagValue\n1\tmetal\n13\tchillout\n14\tfrançais\n".encode(
        "latin-1"
    ),
    "user_artists.dat": b"userID\tartistID\tweight\n2\t51\t13883\n275\t707\t1\n",
    "user_taggedartists.dat": (
        b"userID\tartistID\ttagID\tday\tmonth\tyear\n2\t52\t13\t1\t4\t2009\n"
    ),
    "user_taggedartists-timestamps.dat": (
        b"userID\tartistID\ttagID\ttimestamp\n"
        b"2\t52\t13\t1238536800000\n"
        b"3\t52\t14\t1238536800999\n"
        b"9\t52\t14\t1238536800000\n"
        b"9\t707\t14\t-428720400000\n"
    ),
    "user_friends.dat": b"userID\tfriendID\n2\t275\n275\t2\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, content in OFFICIAL.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def append(folder, name, *lines):
    with open(folder / name, "ab") as file:
        for line in lines:
            file.write(line if isinstance(line, bytes) else f"{line}\n".encode())


def found(report):
    return {step.reason: step.examples for step in report.steps if step.rows}


def test_the_official_examples_are_read(folder):
    data = read_hetrec_lastfm(folder)
    events = data.interactions
    assert events.to_frame().to_dict("list") == {
        "user_id": [2, 275],
        "item_id": [51, 707],
        "value": [13883.0, 1.0],
        "timestamp": [0, 0],
    }
    assert events.item_ids.tolist() == [707, 51, 52]  # 52: no listener, an item
    assert data.artists["artist_id"].tolist() == [707, 51, 52]
    assert data.friends.user_ids.tolist() == [2, 275]
    assert data.friends.edges.tolist() == [[0, 1]]
    # The tag that two users gave comes first, though its number is larger.
    assert data.text().tolist() == [
        "Metallica: français",
        "Röyksopp",
        "椎名林檎: français, chillout",
    ]
    assert data.assignments["timestamp"].tolist()[:2] == [1238536800, 1238536800]
    assert data.assignments["tag"].tolist() == ["chillout"] + 3 * ["français"]
    assert repr(data).startswith("HetrecLastfm(Interactions(2 events, 2 users")


def test_only_the_most_frequent_tags_make_the_text(folder):
    assert read_hetrec_lastfm(folder, max_tags=1).text()[2] == "椎名林檎: français"
    append(folder, "user_taggedartists-timestamps.dat", "4\t52\t13\t0", "5\t52\t1\t0")
    three = read_hetrec_lastfm(folder).text()[2]
    assert three == "椎名林檎: chillout, français, metal"  # a tie: smaller id first


def test_an_impossible_time_is_kept_and_reported(folder):
    data = read_hetrec_lastfm(folder)
    report = data.reports["user_taggedartists-timestamps.dat"]
    step = report["timestamp before 1970"]
    assert (step.action, step.examples) == ("kept", (5,))
    assert data.assignments["timestamp"].iloc[-1] == -428720400


def test_bad_artists_and_tags_are_named_by_line(folder):
    append(folder, "artists.dat", b"53\tR\xf6yksopp\turl\tpicture\n")  # Latin-1
    append(folder, "artists.dat", "54\tNo picture field\turl", "", "x\tname\turl\t")
    append(folder, "artists.dat", "51\tAgain\turl\t", "55\t \turl\t")
    append(folder, "tags.dat", "13\tagain", "15", "\tjazz")
    data = read_hetrec_lastfm(folder)
    assert data.artists["artist_id"].tolist() == [707, 51, 52]
    assert data.artists["name"].iloc[1] == "Röyksopp"
    assert found(data.reports["artists.dat"]) == {
        "not utf-8": (5,),
        "not 4 fields": (6,),
        "blank line": (7,),
        "id not a whole number": (8,),
        "name empty": (10,),
        "listed before": (9,),
    }
    assert found(data.reports["tags.dat"]) == {
        "not 2 fields": (6,),
        "tagID not a whole number": (7,),
        "listed before": (5,),
    }


def test_bad_listening_counts_are_named_by_line(folder):
    append(
        folder,
        "user_artists.dat",
        "2\t707",  # 4 short
        "2\t707\t5\t6",  # 5 long
        "2\t99\t5",  # 6 unknown artist
        "2\t707\t-5",  # 7 negative
        "2\t707\t0",  # 8 never listened
        "2\t707\t5.5",  # 9 no count
        "2\t51\t4",  # 10 again, with another weight: the first stays
        "nobody\t707\t4",  # 11
        f"2\t707\t{'9' * 30}",  # 12 beyond any integer
    )
    data = read_hetrec_lastfm(folder)
    assert data.interactions.value.tolist() == [13883, 1]
    assert found(data.reports["user_artists.dat"]) == {
        "not 3 fields": (4, 5),
        "userID not a whole number": (11,),
        "weight not a whole number": (9, 12),
        "weight below 1": (7, 8),
        "artistID not in artists.dat": (6,),
        "listed before": (10,),
    }
    report = data.reports["user_artists.dat"]
    assert (report.rows_in, report.rows_out) == (11, 2)


def test_bad_tag_assignments_and_friendships_are_named_by_line(folder):
    file = "user_taggedartists-timestamps.dat"
    append(folder, file, "2\t52\t77\t0", "2\t99\t13\t0", "2\t52\t13\t5", "2\t52\t1\tx")
    append(folder, "user_friends.dat", "2\t2", "2\t77")
    data = read_hetrec_lastfm(folder)
    assert found(data.reports[file]) == {
        "timestamp not a whole number": (9,),
        "artistID not in artists.dat": (7,),
        "tagID not in tags.dat": (6,),
        "listed before": (8,),
        "timestamp before 1970": (5,),
    }
    assert found(data.reports["user_friends.dat"]) == {
        "user not in user_ids": (5,),
        "user is his own friend": (4,),
        "friendship listed before": (3,),
    }


def test_what_the_readme_counts_stands_beside_what_was_read(folder):
    counts = read_hetrec_lastfm(folder).counts()
    assert counts["read"].tolist() == [2, 3, 2, 3, 4, 1]
    assert counts["readme"].to_dict() == README
    # The readme's own averages follow from its counts.
    assert round(2 * README["friendships"] / README["users"], 3) == 13.443
    assert round(README["listening counts"] / README["users"], 3) == 49.067
    assert round(README["listening counts"] / README["artists"], 3) == 5.265
    assert round(README["tag assignments"] / README["users"], 3) == 98.562


@pytest.mark.parametrize("name", [n for n in OFFICIAL if n != "user_taggedartists.dat"])
def test_a_missing_file_and_a_wrong_header_are_named(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(b"id;name\n" + content)
    with pytest.raises(ValueError, match=rf"{name}, line 1: must be \("):
        read_hetrec_lastfm(folder)
    (folder / name).unlink()
    with pytest.raises(
        FileNotFoundError, match=rf"lacks \['{name}'\], needs .*; unpack hetrec"
    ):
        read_hetrec_lastfm(folder)


def test_nothing_left_and_bad_arguments_are_refused(folder, tmp_path):
    (folder / "user_artists.dat").write_text("userID\tartistID\tweight\n2\t99\t4\n")
    with pytest.raises(ValueError, match=r"user_artists\.dat: no listening count"):
        read_hetrec_lastfm(folder)
    with pytest.raises(ValueError, match="max_tags: must be a whole number"):
        read_hetrec_lastfm(folder, max_tags=0)
    shutil.rmtree(folder)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        read_hetrec_lastfm(folder)


def test_the_example_is_read_alike_with_and_without_its_bad_lines(tmp_path):
    read = []
    for bad in (False, True):
        write_hetrec_example(tmp_path, bad_lines=bad, rng=3)
        read.append(read_hetrec_lastfm(tmp_path))
    clean, spoiled = read
    pd.testing.assert_frame_equal(
        clean.interactions.to_frame(), spoiled.interactions.to_frame()
    )
    pd.testing.assert_frame_equal(clean.artists, spoiled.artists)
    assert (clean.friends.edges == spoiled.friends.edges).all()
    dropped = {name: report.dropped for name, report in clean.reports.items()}
    # Each friendship is told from either side, and the second time dropped.
    assert dropped.pop("user_friends.dat") == len(clean.friends)
    assert set(dropped.values()) == {0}
    dropped = {name: report.dropped for name, report in spoiled.reports.items()}
    assert dropped.pop("user_friends.dat") == len(clean.friends) + 3
    assert dropped == {
        "artists.dat": 3,
        "tags.dat": 0,
        "user_artists.dat": 7,
        "user_taggedartists-timestamps.dat": 2,
    }
    late = spoiled.assignments["timestamp"] != clean.assignments["timestamp"]
    assert late.sum() == 1
    assert (spoiled.assignments["timestamp"][late] < 0).all()


def test_friends_of_the_example_share_their_favorite_tag(tmp_path):
    write_hetrec_example(tmp_path, n_users=300, homophily=0.8, rng=0)
    data = read_hetrec_lastfm(tmp_path)
    tag = data.artists["tags"].str.split(", ").str[0].to_numpy()
    events = data.interactions
    table = pd.crosstab(events.user, tag[events.item])
    favorite = table.drop(columns="", errors="ignore").idxmax(axis=1)
    measured = edge_homophily(data.friends, favorite.to_numpy())
    assert 0.6 < measured.coefficient < 0.9  # planted: 0.8, seen through ten counts


def test_the_example_follows_its_seed_and_needs_room(tmp_path):
    written = []
    for rng in (5, np.random.default_rng(5), 6):
        write_hetrec_example(tmp_path, rng=rng)
        written.append((tmp_path / "user_artists.dat").read_bytes())
    assert written[0] == written[1] != written[2]
    assert b"\r\n" in written[0]
    with pytest.raises(ValueError, match="n_users, n_artists: must be at least 12"):
        write_hetrec_example(tmp_path, n_users=5, rng=0)
