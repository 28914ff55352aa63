"""Bad lines of a file are named by their number, good ones come through."""

import pytest

from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.raw import check_files, read_table

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


def test_a_folder_that_is_an_archive_is_named_as_such(tmp_path):
    archive = tmp_path / "data.zip"
    archive.write_bytes(b"PK")
    with pytest.raises(FileNotFoundError, match=r"data\.zip: is a file, not"):
        check_files(archive, ["a.dat"], "data.zip")
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder"):
        check_files(tmp_path / "nowhere", ["a.dat"], "data.zip")


def test_the_error_names_all_files_that_are_missing(tmp_path):
    (tmp_path / "a.dat").touch()
    (tmp_path / "b.dat").mkdir()
    names = ["a.dat", "b.dat", "c.dat"]
    with pytest.raises(FileNotFoundError, match=r"lacks \['b.dat', 'c.dat'\]"):
        check_files(tmp_path, names, "data.zip")
    for name in names[1:]:
        (tmp_path / "there").mkdir(exist_ok=True)
        (tmp_path / "there" / name).touch()
    assert check_files(tmp_path / "there", names[1:], "data.zip") is None


def test_a_byte_order_mark_is_no_part_of_the_first_field(tmp_path):
    path = tmp_path / "marked.tsv"
    path.write_bytes(b"\xef\xbb\xbfu1\tx\nu1\ty\n")
    frame, report = read_table(path, ["user_id", "item_id"])
    assert list(frame.user_id) == ["u1", "u1"]
    assert report.dropped == 0
