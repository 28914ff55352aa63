"""Bad lines of a file are named by their number, good ones come through."""

import pytest

from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.raw import read_table

COLUMNS = ["user_id", "item_id", "value", "timestamp"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "u.data"


def test_every_bad_line_is_listed_with_its_number(path):
    path.write_bytes(
        b"1\t2\t3\t4\n"  # 1
        b"\n"  # 2 blank
        b"1\t2\t3\n"  # 3 short
        b"1\t2\t3\t4\t5\n"  # 4 long
        b"caf\xe9\t2\t3\t4\n"  # 5 Latin-1
        b" \t \n"  # 6 blank
        b"8\t\t3\t4\r\n"  # 7 an empty field is a field
        b"9\t8\t7\t6"  # 8 no line end
    )
    frame, report = read_table(path, COLUMNS)
    assert frame.index.tolist() == [1, 7, 8]
    assert frame.loc[7].tolist() == ["8", "", "3", "4"]
    assert frame.loc[8].tolist() == ["9", "8", "7", "6"]
    assert (report.rows_in, report.rows_out) == (8, 3)
    assert report["blank line"].examples == (2, 6)
    assert report["not utf-8"].examples == (5,)
    assert report["not 4 fields"].examples == (3, 4)


def test_the_right_encoding_reads_what_the_wrong_one_drops(path):
    path.write_text("1::Café::3\n2::Thé\n", encoding="latin-1")
    frame, report = read_table(path, ["a", "b", "c"], sep="::", encoding="latin-1")
    assert frame.b.tolist() == ["Café"]
    assert report["not 3 fields"].rows == 1
    assert read_table(path, ["a", "b", "c"], sep="::")[1]["not utf-8"].rows == 2


def test_a_header_is_skipped_and_not_counted(path):
    path.write_text("user:token,item:token\n5,6\nx\n")
    frame, report = read_table(path, ["user", "item"], sep=",", header=True)
    assert frame.to_dict("index") == {2: {"user": "5", "item": "6"}}
    assert report.rows_in == 2
    assert report["not 2 fields"].examples == (3,)


def test_line_numbers_survive_into_the_cleaning_report(path):
    path.write_text("1\t2\t3\t4\nbad line\n1\t2\t9\t4\n")
    frame, _ = read_table(path, COLUMNS)
    clean, report = clean_interactions(frame)
    assert clean.index.tolist() == [1]
    assert report["value not in [1.0, 5.0]"].examples == (3,)


def test_an_empty_file_is_an_empty_table(path):
    path.write_text("")
    frame, report = read_table(path, COLUMNS)
    assert frame.shape == (0, 4)
    assert report.rows_in == 0


def test_a_missing_file_and_bad_arguments_are_named(path):
    with pytest.raises(FileNotFoundError, match=r"u\.data"):
        read_table(path, COLUMNS)
    with pytest.raises(ValueError, match="sep: must not be empty"):
        read_table(path, COLUMNS, sep="")
    with pytest.raises(ValueError, match="columns: must be distinct names"):
        read_table(path, ["a", "a"])
