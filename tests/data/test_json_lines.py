"""Every line comes out, as an object or as the name of its fault."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.json_lines import FAULTS, find_json_lines, read_json_lines

LINES = (
    b'{"a": 1}\n'  # 1
    b"\n"  # 2
    b'{"a": \n'  # 3
    b"[1, 2]\n"  # 4
    b'{"a": "caf\xe9"}\n'  # 5
    b"7\n"  # 6
    b" \t\r\n"  # 7
    b'{"a": "caf\xc3\xa9"}'  # 8 no line end
)
FOUND = [
    (1, {"a": 1}),
    (2, "blank line"),
    (3, "not JSON"),
    (4, "not a JSON object"),
    (5, "not utf-8"),
    (6, "not a JSON object"),
    (7, "blank line"),
    (8, {"a": "café"}),
]


def test_a_plain_and_a_packed_file_read_alike(tmp_path):
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(LINES)
    packed.write_bytes(gzip.compress(LINES))
    assert list(read_json_lines(plain)) == FOUND
    assert list(read_json_lines(packed)) == FOUND
    assert {fault for _, fault in FOUND if isinstance(fault, str)} == set(FAULTS)


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=5))
def test_what_json_writes_is_read(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert list(read_json_lines(path)) == list(enumerate(records, 1))


def test_depth_and_digits_beyond_the_parser_are_not_json(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 200_000 + "\n" + "9" * 5000 + '\n{"a": 1}\n')
    assert [found for _, found in read_json_lines(path)] == [
        "not JSON",
        "not JSON",
        {"a": 1},
    ]


@pytest.mark.parametrize("cut", [5, 400, -9])
def test_a_torn_packed_file_is_an_error_with_the_line(tmp_path, cut):
    whole = gzip.compress(b"".join(b'{"a": %d}\n' % (n * n) for n in range(500)))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[:cut])
    with pytest.raises(ValueError, match=r"a\.jsonl\.gz: .* torn .* after line \d+"):
        list(read_json_lines(path))


def test_a_packed_name_on_an_unpacked_file_is_an_error(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(LINES)
    with pytest.raises(ValueError, match=r"after line 0 .*; download it again"):
        list(read_json_lines(path))


def test_a_damaged_packed_file_is_an_error(tmp_path):
    whole = bytearray(gzip.compress(LINES * 50))
    whole[len(whole) // 2] ^= 255
    (tmp_path / "a.jsonl.gz").write_bytes(whole)
    with pytest.raises(ValueError, match="torn or damaged"):
        list(read_json_lines(tmp_path / "a.jsonl.gz"))


def test_a_missing_file_is_named_with_what_is_there(tmp_path):
    (tmp_path / "All_Beauty.json").touch()
    with pytest.raises(
        FileNotFoundError, match=r"needs x\.jsonl or x\.jsonl\.gz, has \['All_B"
    ):
        find_json_lines(tmp_path, "x")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        find_json_lines(tmp_path / "nowhere", "x")
    (tmp_path / "x.jsonl.gz").touch()
    assert find_json_lines(tmp_path, "x").name == "x.jsonl.gz"
    (tmp_path / "x.jsonl").touch()
    assert find_json_lines(str(tmp_path), "x").name == "x.jsonl"


def test_a_bar_is_drawn_on_a_terminal_only(tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    list(read_json_lines(path, progress=True))
    assert capsys.readouterr().err == ""
