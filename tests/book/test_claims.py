"""The claims ledger: each claim has its mark, and each mark its claim."""

import io
import json
import re
from pathlib import Path

import claims
import claims_html
import contents
import nbformat
import prose
import pytest
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = claims.read_claims(ROOT / "chapters/claims.yml")

CONF = """
extensions = ["myst_nb", "book_claims"]
claims_file = "claims.yml"
nb_execution_mode = "off"
html_theme = "basic"
"""
LEDGER = """# Ledger

## Section 1

```{claims-ledger} 1
```

## Section 5

```{claims-ledger} 5
```
"""
FRONT = """# Front

```{toctree}
first
second
ledger
```

```{claims-figure}
```
"""


def mark(claim_id, section="1", verdict="holds"):
    return {"id": claim_id, "section": section, "verdict": verdict}


def notebook(*marks, source="1 + 1"):
    """Return a notebook with a code cell for each mark."""
    cells = [nbformat.v4.new_markdown_cell("# Chapter")]
    for found in marks:
        cells.append(nbformat.v4.new_code_cell(source, metadata={"claim": found}))
    return written(cells)


def written(cells):
    python = {"language_info": {"name": "python"}}
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=python))


def entry(claim_id, **changes):
    fields = {
        "id": claim_id,
        "original": f"原文 {claim_id}",
        "english": f"What {claim_id} says.",
        "test": f"How {claim_id} is tested.",
        "finding": f"Why {claim_id} fares so.",
    }
    return {**fields, **changes}


class Book:
    """A small book in a folder, and what its builds complain about."""

    def __init__(self, folder):
        self.folder, self.out = folder / "source", folder / "site/html"
        self.folder.mkdir()
        self.write("conf.py", CONF)
        self.write("index.md", FRONT)
        self.write("ledger.md", LEDGER)
        self.claims(entry("1-a"), entry("5.1-b"))
        self.write("first.ipynb", notebook(mark("1-a")))
        self.write(
            "second.md",
            "# Page\n\n```{claim} 5.1-b\n:section: 5.1\n:verdict: holds when\n```\n",
        )

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def claims(self, *entries):
        self.write("claims.yml", json.dumps(entries))  # JSON is YAML

    def build(self, **options):
        """Build what has changed; return the warnings."""
        self.app, warnings = None, io.StringIO()
        places = (self.folder, self.folder, self.out, self.out.parent / "trees")
        with patch_docutils(self.folder), docutils_namespace():
            self.app = Sphinx(*places, "html", {}, None, warnings, **options)
            self.app.build()
        lines = re.sub(r"\x1b\[[\d;]+m", "", warnings.getvalue()).splitlines()
        return [line.replace(f"{self.folder}/", "") for line in lines]

    def page(self, name):
        return (self.out / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    return Book(tmp_path)


def rows(page):
    """Return the ids of the ledger's rows with their verdicts."""
    return re.findall(r'<tr role="row" id="ledger-(\S+)" data-verdict="(\S+)"', page)


def test_the_ledger_lists_each_claim_with_its_words_and_its_cell(book):
    assert book.build() == []
    page = book.page("ledger")
    assert rows(page) == [("1-a", "holds"), ("5-1-b", "holds-when")]
    for text in ("原文 1-a", "What 1-a says.", "How 1-a is tested.", "Why 1-a fares"):
        assert text in page
    assert 'href="first.html#claim-1-a"' in page
    assert 'href="second.html#claim-5-1-b"' in page


def test_the_place_that_decides_has_an_anchor_and_a_badge(book):
    book.build()
    for name, found in {"first": "1-a", "second": "5-1-b"}.items():
        page = book.page(name)
        assert page.count(f'id="claim-{found}"') == 1
        assert f'href="ledger.html#ledger-{found}"' in page
    cell = re.search(r'<div class="cell[^>]*>', book.page("first"))[0]
    assert 'id="claim-1-a"' in cell


def test_the_figure_counts_the_claims_and_leads_to_the_ledger(book):
    book.build()
    page = book.page("index")
    assert 'aria-label="1 Background: 1 holds"' in page
    assert 'aria-label="5 Code: 1 holds when"' in page
    assert re.findall(r'<a href="(ledger.html#section-\d)" aria', page) == [
        "ledger.html#section-1",
        "ledger.html#section-5",
    ]
    assert page.count('class="claim-square"') == 2 + len(claims.VERDICTS)
    assert "Of 2 claims of the article 1 holds, 1 holds when." in page


def test_a_cell_may_decide_several_claims(book):
    book.claims(entry("1-a"), entry("1-c"), entry("5.1-b"))
    book.write("first.ipynb", notebook([mark("1-a"), mark("1-c")]))
    assert book.build() == []
    page = book.page("first")
    for found in ("1-a", "1-c"):
        assert page.count(f'id="claim-{found}"') == 1
        assert page.index(f'id="claim-{found}"') < page.index("cell_input")


def test_a_marked_cell_of_prose_has_its_badge(book):
    prose_cell = nbformat.v4.new_markdown_cell(
        "Words decide.", metadata={"claim": mark("1-a")}
    )
    title = nbformat.v4.new_markdown_cell("# Chapter")
    book.write("first.ipynb", written([title, prose_cell]))
    assert book.build() == []
    assert '<p class="claim-mark" id="claim-1-a">' in book.page("first")


def test_a_changed_verdict_reaches_ledger_and_figure(book):
    book.build()
    book.write("first.ipynb", notebook(mark("1-a", verdict="does not hold")))
    assert book.build() == []
    assert rows(book.page("ledger"))[0] == ("1-a", "does-not-hold")
    assert "1 Background: 1 does not hold" in book.page("index")


def test_a_changed_word_reaches_the_ledger(book):
    book.build()
    book.claims(entry("1-a", finding="For another reason."), entry("5.1-b"))
    assert book.build() == []
    assert "For another reason." in book.page("ledger")


def test_a_page_that_is_gone_takes_its_marks_along(book):
    book.build()
    (book.folder / "second.md").unlink()
    book.write("index.md", FRONT.replace("second\n", ""))
    expected = "WARNING: claim 5.1-b: is in the claims file, and no cell is marked"
    assert book.build() == [expected]
    assert rows(book.page("ledger")) == [("1-a", "holds")]


def test_a_fault_is_reported_until_it_is_mended(book):
    book.claims(entry("1-a"))
    first, again = book.build(), book.build()
    assert first == again != []
    book.claims(entry("1-a"), entry("5.1-b"))
    assert book.build() == []


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            lambda book: book.claims(entry("1-a"), entry("1-x"), entry("5.1-b")),
            ["WARNING: claim 1-x: is in the claims file, and no cell is marked"],
        ),
        (
            lambda book: book.claims(entry("1-a")),
            ["second.md: WARNING: claim 5.1-b: marked, not in the claims file"],
        ),
        (
            lambda book: book.write("first.ipynb", notebook(mark("1-a"), mark("1-a"))),
            ["first.ipynb: WARNING: claim 1-a: marked 2 times"] * 2,
        ),
        (
            lambda book: book.write("first.ipynb", notebook(mark("1-a", "11"))),
            [
                "first.ipynb: WARNING: claim 1-a: unknown section '11', known are "
                + ", ".join(claims.SECTIONS)
            ],
        ),
        (
            lambda book: book.write(
                "first.ipynb", notebook(mark("1-a", verdict="Holds: mostly"))
            ),
            [
                "first.ipynb: WARNING: claim 1-a: unknown verdict 'Holds: mostly', "
                "known are holds, holds when, does not hold, not testable here"
            ],
        ),
        (
            lambda book: book.write("first.ipynb", notebook({"id": "1-a"})),
            [
                "first.ipynb: WARNING: claim 1-a: unknown section 'None'",
                "first.ipynb: WARNING: claim 1-a: unknown verdict 'None'",
            ],
        ),
        (
            lambda book: book.claims(entry("5.1-b"), entry("1-a")),
            [
                "WARNING: claim 1-a: of section 1, stands after section 5.1 in the "
                "claims file"
            ],
        ),
        (
            lambda book: book.claims(entry("1-a"), entry("1-a"), entry("5.1-b")),
            ["WARNING: claim 1-a: the claims file lists it 2 times"],
        ),
        (
            lambda book: book.write("ledger.md", LEDGER.split("## Section 5")[0]),
            ["WARNING: no page lists the claims of chapter 5"],
        ),
    ],
    ids=[
        "no mark", "no claim", "marked twice", "section", "verdict", "bare mark",
        "order", "listed twice", "not listed",
    ],
)  # fmt: skip
def test_what_does_not_agree_is_a_warning(book, spoil, expected):
    spoil(book)
    found = book.build()
    assert len(found) == len(expected)
    assert all(a.startswith(b) for a, b in zip(found, expected, strict=True)), found


def test_a_warning_fails_a_strict_build(book):
    book.claims(entry("1-a"))
    book.build(warningiserror=True, keep_going=True)
    assert book.app.statuscode == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- id: 1-a\n", r"entry 1 \(1-a\): needs the fields .* differs in"),
        ("{}", "must be a list of claims"),
        ("- 1", "entry 1: needs the fields"),
        ("- id: a: b", "claims.yml: mapping values"),
        (json.dumps([entry("1-a", test=" ")]), r"\(1-a\): test must be a text"),
        (json.dumps([entry("1-a", note="x")]), r"differs in \['note'\]"),
    ],
)
def test_a_claims_file_that_cannot_be_read_stops_the_build(book, text, message):
    book.write("claims.yml", text)
    with pytest.raises(ExtensionError, match=message):
        book.build()


def test_a_missing_claims_file_stops_the_build(book):
    (book.folder / "claims.yml").unlink()
    with pytest.raises(ExtensionError, match=r"claims\.yml"):
        book.build()


def test_a_chapter_without_claims_says_so(book):
    book.write("ledger.md", LEDGER + "\n## Section 9\n\n```{claims-ledger} 9\n```\n")
    assert book.build() == []
    assert "None of its claims is decided yet." in book.page("ledger")


def test_a_ledger_of_an_unknown_chapter_is_an_error(book):
    book.write("ledger.md", LEDGER + "\n```{claims-ledger} 12\n```\n")
    (found,) = book.build()
    assert "unknown chapter '12'" in found


def test_pages_read_in_another_process_are_taken_over(book):
    book.build()
    domain = book.app.env.get_domain("claims")
    read = {kind: dict(held) for kind, held in domain.data.items() if kind != "version"}
    for name in book.app.env.found_docs:
        domain.clear_doc(name)
    assert domain.marks == []
    domain.merge_domaindata(["first", "ledger", "index"], read)
    assert [found.id for found in domain.marks] == ["1-a"]
    assert domain.ledger_of("5") == ("ledger", "section-5")


def test_a_notebook_without_marks_is_left_as_it_is():
    text = notebook()
    assert claims.with_directives(text) is text


def test_each_verdict_has_its_own_sign_and_shape():
    for drawn in (claims_html.SIGNS, claims_html._INSIDE):
        assert set(drawn) == set(claims.VERDICTS)
        assert len(set(drawn.values())) == len(claims.VERDICTS)


def test_what_the_ledger_shows_is_escaped():
    claim = claims.Claim("1-a", "原<文>", "a < b", "c & d", "e")
    found = claims.Mark("1-a", "1", "holds", "first")
    table = claims_html.ledger([(claim, found)], '"q"', lambda _: "#", lambda _: "1")
    for text in ("原&lt;文&gt;", "a &lt; b", "c &amp; d", "&quot;q&quot;"):
        assert text in table


# The book's own claims.


def marks_of_the_book():
    """Read the marks without Sphinx: metadata of cells, directives in pages."""
    for name in contents.documents():
        page = ROOT / f"{name}.ipynb"
        if page.exists():
            for cell in nbformat.read(page, as_version=4).cells:
                found = cell.metadata.get("claim", [])
                for each in found if isinstance(found, list) else [found]:
                    yield claims.Mark(**each, document=name)
                texts = [cell.source] if cell.cell_type == "markdown" else []
                yield from directives_of(texts, name)
        else:
            yield from directives_of([(ROOT / f"{name}.md").read_text("utf-8")], name)


def directives_of(texts, name):
    for text in texts:
        for claim_id, body in prose.directives(text, "claim"):
            section, verdict = (prose.option(body, n) for n in ("section", "verdict"))
            yield claims.Mark(claim_id, section, verdict, name)


MARKS = list(marks_of_the_book())


def test_the_claims_of_the_book_and_their_marks_agree():
    assert list(claims.problems(CLAIMS, MARKS)) == []


def test_the_ledger_is_long_enough_to_be_one():
    assert len(CLAIMS) >= 30


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_told_in_words(claim):
    """Results stand in the chapters, where code computes them."""
    assert prose.typed_figures(claim.test) == []
    assert prose.typed_figures(claim.finding) == []
    assert claim.test.endswith(".")
    assert claim.finding.endswith(".")
    verdict = next(found.verdict for found in MARKS if found.id == claim.id)
    if verdict == "holds when":  # its condition goes on from there
        assert not claim.finding[0].isupper()
    else:
        assert claim.finding[0].isupper()


def test_the_built_ledger_shows_every_claim(site):
    page = (site / "chapters/10_1_claims.html").read_text(encoding="utf-8")
    slugs = {found.id: found.verdict.replace(" ", "-") for found in MARKS}
    expected = [(each.id.replace(".", "-"), slugs[each.id]) for each in CLAIMS]
    assert rows(page) == expected
