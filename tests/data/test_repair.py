"""Wrong decoding is undone, lost bytes are reported, clean text is left alone."""

import unicodedata

import ftfy.bad_codecs  # noqa: F401  what browsers call windows-1252
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_ref.data.repair import repair_text

TITLES = [
    "Misérables, Les",
    "Double vie de Véronique, La",
    "C'est arrivé près de chez vous",
    "Á köldum klaka (Cold Fever)",
    "L'Âge d'or",
    "JLG/JLG - autoportrait de décembre",
    "千と千尋の神隠し",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("wrong", ["latin-1", "sloppy-windows-1252"])
def test_utf_8_read_as_something_else_is_turned_back(title, wrong):
    garbled = title.encode("utf-8").decode(wrong)
    assert garbled != title
    texts, report = repair_text([garbled])
    assert texts == [title]
    assert report["decoded wrongly"].rows == 1


def test_text_garbled_twice_is_turned_back_twice():
    garbled = "Misérables".encode().decode("latin-1").encode().decode("windows-1252")
    assert repair_text([garbled])[0] == ["Misérables"]


def test_clean_titles_come_back_as_they_were(movielens):
    titles = movielens.items.title.tolist() + TITLES
    texts, report = repair_text(titles)
    assert texts == titles
    assert all(step.rows == 0 for step in report.steps)


@given(st.text(st.characters(max_codepoint=0x7E, exclude_categories=["C"])))
def test_plain_ascii_is_never_touched(text):
    assert repair_text([text])[0] == [text]


PARTS = ["Ã", "©", "Â", "\x00", "â€™", "\x92", "ï»¿", "e", "\u0301", "\ufffd", " "]


@given(st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PARTS)).map("".join)))
def test_what_was_repaired_needs_no_repair(text):
    repaired, _ = repair_text([text])
    assert unicodedata.is_normalized("NFC", repaired[0])
    again, report = repair_text(repaired)
    assert again == repaired
    assert not any(step.rows for step in report.steps if step.action == "repaired")


def test_one_repair_can_uncover_another():
    texts, report = repair_text(["Ã\x00©", "ï»¿x"])  # behind a NUL; a garbled BOM
    assert texts == ["é", "x"]
    assert report["decoded wrongly"].examples == (0, 1)
    assert report["control characters"].examples == (0, 1)


def test_lost_bytes_are_reported_and_nothing_is_invented():
    texts = ["Cin\ufffdma", "Ã\ufffdge", "fine"]
    repaired, report = repair_text(pd.Series(texts, index=["a", "b", "c"]))
    assert repaired == texts
    lost = report["replacement characters, bytes are lost"]
    assert (lost.action, lost.rows, lost.examples) == ("kept", 2, ("a", "b"))


def test_control_characters_go_and_line_breaks_stay():
    texts, report = repair_text(["a\x00b\x07", "line\nbreak\t", "\ufeffmark"])
    assert texts == ["ab", "line\nbreak\t", "mark"]
    assert report["control characters"].examples == (0, 2)


def test_accents_are_composed():
    texts, report = repair_text(["Cafe\u0301", "Café"])
    assert texts == ["Café", "Café"]
    assert report["not in Unicode form NFC"].examples == (0,)


def test_what_is_not_text_is_refused_by_its_label():
    with pytest.raises(ValueError, match="must be strings, got nan in row b"):
        repair_text(pd.Series(["x", float("nan")], index=["a", "b"], dtype=object))
    with pytest.raises(ValueError, match="must be strings, got 7 in row 1"):
        repair_text(["x", 7])


def test_no_texts_give_an_empty_report():
    texts, report = repair_text([])
    assert texts == []
    assert (report.rows_in, report.dropped) == (0, 0)
