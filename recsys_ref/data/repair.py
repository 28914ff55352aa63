"""Repair of text that was decoded wrongly.

Book section 3.1.
"""

import unicodedata
from collections.abc import Iterable

import pandas as pd
from ftfy import TextFixerConfig, fix_encoding
from ftfy.fixes import remove_control_chars

from recsys_ref.data.report import CleaningReport, Step

# A lost byte stays visible as it came: no U+FFFD is put where there was none.
ENCODING = TextFixerConfig(replace_lossy_sequences=False)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LOST = "replacement characters, bytes are lost"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


REPAIRS = {
    "decoded wrongly": lambda text: fix_encoding(text, ENCODING),
    "control characters": remove_control_chars,
    "not in Unicode form NFC": _nfc,
}


def repair_text(texts: Iterable[str]) -> tuple[list[str], CleaningReport]:
    r"""Undo wrong decoding, and report what cannot be undone.

    UTF-8 read as Latin-1 or Windows-1252 is turned back where that leaves no
    doubt; control characters are removed, line breaks and tabs are not;
    letters and their accents are composed (NFC). A replacement character
    (U+FFFD) stands for bytes that are gone: it is reported and left. Other
    text comes back as it is.

    Args:
        texts: A series, whose labels the report uses, or any other iterable,
            whose positions it uses.

    Returns:
        As many texts, and the report. A text may count in several steps.

    Raises:
        ValueError: If a text is not a string.

    References:
        The library ftfy, https://ftfy.readthedocs.io; book section 3.1.

    Examples:
        >>> titles = ["MisÃ©rables, Les", "Café au Lait", "Cin\ufffdma"]
        >>> texts, report = repair_text(titles)
        >>> texts
        ['Misérables, Les', 'Café au Lait', 'Cin�ma']
        >>> report
        CleaningReport(3 rows in, 3 out: 1 decoded wrongly, 1 replacement
        characters, bytes are lost)
    """
    series = texts if isinstance(texts, pd.Series) else pd.Series(list(texts))
    labels, texts = series.index, list(series)
    for label, text in zip(labels, texts, strict=True):
        if not isinstance(text, str):
            raise ValueError(f"texts: must be strings, got {text!r} in row {label}")
    repaired, reasons = zip(*map(_repair, texts), strict=True) if texts else ((), ())
    steps = [
        Step.of(reason, "repaired", labels[[reason in found for found in reasons]])
        for reason in REPAIRS
    ]
    lost = [REPLACEMENT in text for text in repaired]
    steps.append(Step.of(LOST, "kept", labels[lost]))
    return list(repaired), CleaningReport(len(texts), len(texts), tuple(steps))


def _repair(text: str) -> tuple[str, set[str]]:
    """Repair until nothing changes: one repair can uncover the need of another."""
    reasons, before = set(), None
    while text != before:
        before = text
        for reason, repair in REPAIRS.items():
            repaired = repair(text)
            if repaired != text:
                reasons.add(reason)
            text = repaired
    return text, reasons
