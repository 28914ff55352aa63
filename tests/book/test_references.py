"""The bibliography is whole, checked, and agrees with what the book links."""

import re
import unicodedata
from pathlib import Path

import nbformat
import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).resolve().parents[2]
BIB = parse_file(ROOT / "chapters/references.bib", encoding="utf-8")
ENTRIES = BIB.entries
VENUES = ("journal", "booktitle", "publisher", "institution", "eprint", "url")
IDENTIFIERS = ("eprint", "doi", "url", "isbn")
NOT_CONFIRMED = "not confirmed: "

_LINK = re.compile(r"https?://[^\s<>\"'`|\\]+")
# Hosts that serve papers; a link there needs an entry.
_PAPERS = re.compile(
    r"//(?:www\.)?(?:arxiv\.org|doi\.org|dl\.acm\.org|aclanthology\.org|jmlr\.org"
    r"|jstor\.org|openreview\.net|proceedings\.mlr\.press|gaussianprocess\.org)/"
)
# "Steck (2019), https://..." and "[Steck 2019](https://...)": the names that stand
# before the year, and what is linked next.
_CITED = re.compile(
    r"([A-ZÄÖÜ][\w'-]+(?: [A-Z][\w'-]+)?)"
    r"(?:,? (?:et al\.|and others|and colleagues))?"
    r"(?:(?:, [A-Z][\w'-]+(?: [A-Z][\w'-]+)?)*,? and [A-Z][\w'-]+)?"
    r"(?:,? \(?)((?:19|20)\d\d)\)?[^()\[\]]{0,90}?[,;:]?\]?[ (]*(https?://[^\s)]+)"
)


def texts():
    """Yield (file, text) of all that may cite: sources, scripts, chapters."""
    for folder in ("recsys_ref", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "chapters").rglob("*.md")):
        yield path, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
        yield path, "\n\n".join(prose)


def cleaned(link):
    """Take off what belongs to the sentence around a link."""
    return link.partition(")")[0].rstrip(".,;:")


def addresses(entry):
    """Return the addresses under which an entry may be linked."""
    fields = entry.fields
    found = {fields["url"]} if "url" in fields else set()
    if "eprint" in fields:
        found.add(f"https://arxiv.org/abs/{fields['eprint']}")
    if "doi" in fields:
        found.add(f"https://doi.org/{fields['doi']}")
    return found


def plain(name):
    """Return a name without braces, commands and accents, in small letters."""
    name = re.sub(r"\\\W|\\\w+ ?|[{}]", "", name)
    name = unicodedata.normalize("NFKD", name)
    return "".join(each for each in name if not unicodedata.combining(each)).lower()


def surnames(entry):
    people = entry.persons.get("author") or entry.persons["editor"]
    return [plain(" ".join([*each.prelast_names, *each.last_names])) for each in people]


KNOWN = {address: key for key, entry in ENTRIES.items() for address in addresses(entry)}
LINKS = sorted(
    {
        (str(path.relative_to(ROOT)), cleaned(link))
        for path, text in texts()
        for link in _LINK.findall(text)
        if _PAPERS.search(link)
    }
)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_says_who_what_where_when_and_what_was_seen(key):
    entry = ENTRIES[key]
    fields = entry.fields
    assert surnames(entry)
    assert fields["title"].strip()
    assert re.fullmatch(r"(19|20)\d\d", fields["year"])
    assert any(fields.get(name) for name in VENUES), "no venue"
    note = fields.get("note", "")
    assert not note or note.startswith(NOT_CONFIRMED)
    named = any(fields.get(name) for name in IDENTIFIERS)
    assert named or note == f"{NOT_CONFIRMED}an identifier"
    assert len(fields["checked"]) > 20, "say what was seen"


@pytest.mark.parametrize("key", ENTRIES)
def test_a_key_is_the_first_author_the_year_and_a_word(key):
    first, year, word = re.fullmatch(r"([a-z]+)(\d{4})([a-z0-9]+)", key).groups()
    name = re.sub(r"\W", "", surnames(ENTRIES[key])[0])
    assert first in name
    assert year == ENTRIES[key].fields["year"]
    assert word


def test_keys_are_sorted_and_no_address_is_given_twice():
    assert list(ENTRIES) == sorted(ENTRIES)
    every = [address for entry in ENTRIES.values() for address in addresses(entry)]
    assert len(every) == len(set(every))


def test_every_paper_that_is_linked_has_an_entry():
    missing = [f"{path}: {link}" for path, link in LINKS if link not in KNOWN]
    assert LINKS
    assert not missing, "\n".join(missing)


def test_every_entry_is_linked_or_spoken_of():
    every = {cleaned(link) for _, text in texts() for link in _LINK.findall(text)}
    linked = {KNOWN[link] for link in every if link in KNOWN}
    pages = "\n".join(text for path, text in texts() if path.suffix == ".md")
    cited = {
        key.strip()
        for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", pages)
        for key in keys.split(",")
    }
    assert cited <= set(ENTRIES)
    named = {"okabe2008color": "Okabe and Ito (2008)",
             "efron1993bootstrap": "Efron and Tibshirani (1993)",
             "rasmussen2006gaussian": "Rasmussen and Williams"}  # fmt: skip
    sources = " ".join(" ".join(text for _, text in texts()).split())
    by_name = {key for key, name in named.items() if name in sources}
    assert set(ENTRIES) - linked - cited - by_name == set()


def test_names_and_years_beside_a_link_are_those_of_the_entry():
    wrong, seen = [], 0
    for path, text in texts():
        for name, year, link in _CITED.findall(" ".join(text.split())):
            key = KNOWN.get(cleaned(link))
            if key is None:
                continue
            seen += 1
            entry = ENTRIES[key]
            eprint = re.match(r"(\d\d)\d\d\.", entry.fields.get("eprint", ""))
            years = {entry.fields["year"], *([f"20{eprint[1]}"] if eprint else [])}
            known = " ".join(surnames(entry))
            if plain(name.split()[-1]) not in known or year not in years:
                wrong.append(f"{path.name}: {name} {year} for {key}")
    assert seen > 20  # the pattern finds something
    assert not wrong, "\n".join(wrong)
