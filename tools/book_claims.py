"""Sphinx extension: the claims ledger, from marks in the chapters.

Directives: `{claim} ID` with `:section:` and `:verdict:` marks a place of a
Markdown page (in notebooks the cell's metadata do it); `{claims-ledger} CHAPTER`
lists the claims of a chapter of the article, `{claims-filter}` chooses among them,
and `{claims-figure}` counts them. The build warns, and so with `-W` fails, where
the claims file and the marks do not agree.
"""

from pathlib import Path
from typing import ClassVar

import claims_html
from claims import CHAPTERS, Claim, Mark, anchor, problems, read_claims, with_directives
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

_log = logging.getLogger(__name__)


class ClaimsDomain(Domain):
    """What the pages hold: marks, ledgers and drawings."""

    name = "claims"
    label = "Claims"
    initial_data: ClassVar = {"marks": {}, "ledgers": {}, "drawn": {}}
    data_version = 1
    claims: ClassVar[list[Claim]] = []  # read anew by each build

    @property
    def marks(self) -> list[Mark]:
        """The marks of all pages."""
        return [mark for found in self.data["marks"].values() for mark in found]

    @property
    def entries(self) -> list[claims_html.Entry]:
        """The claims that have a mark, in the order of the claims file."""
        marks = {mark.id: mark for mark in self.marks}
        return [(each, marks[each.id]) for each in self.claims if each.id in marks]

    def ledger_of(self, chapter: str) -> tuple[str, str] | None:
        """Return the page and the place that list the claims of a chapter."""
        for document, places in self.data["ledgers"].items():
            if chapter in places:
                return document, places[chapter]
        return None

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        for held in self.data.values():
            if isinstance(held, dict):  # not the version
                held.pop(docname, None)

    def merge_domaindata(self, docnames: list[str], otherdata: dict) -> None:
        """Take over what another process has read."""
        for kind in self.initial_data:
            for name in docnames:
                if name in otherdata[kind]:
                    self.data[kind][name] = otherdata[kind][name]


def _domain(env: BuildEnvironment) -> ClaimsDomain:
    return env.get_domain("claims")


class claim_mark(nodes.General, nodes.Element):
    """Stands for a badge until all pages are read."""


class claims_view(nodes.General, nodes.Element):
    """Stands for a ledger, a filter or a figure until all pages are read."""


class ClaimDirective(SphinxDirective):
    """Mark the place that decides a claim."""

    required_arguments = 1
    option_spec: ClassVar = {
        "section": directives.unchanged,
        "verdict": directives.unchanged,
        "cell": directives.flag,  # it follows the code cell that decides
    }

    def run(self) -> list[nodes.Node]:
        """Note the mark."""
        mark = Mark(
            self.arguments[0],
            self.options.get("section", ""),
            self.options.get("verdict", ""),
            self.env.docname,
        )
        _domain(self.env).data["marks"].setdefault(self.env.docname, []).append(mark)
        return [claim_mark(mark=mark, at_cell="cell" in self.options)]


class ViewDirective(SphinxDirective):
    """Ask for a view of all claims."""

    def run(self) -> list[nodes.Node]:
        """Note that this page changes with the claims."""
        _domain(self.env).data["drawn"][self.env.docname] = True
        return [claims_view(kind=self.name)]


class LedgerDirective(ViewDirective):
    """Ask for the claims of a chapter of the article."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Note where the chapter is listed."""
        chapter = self.arguments[0]
        if chapter not in CHAPTERS:
            known = ", ".join(CHAPTERS)
            raise self.error(f"unknown chapter {chapter!r}, known are {known}")
        (node,) = super().run()
        node["chapter"] = chapter
        return [node]


def _read_file(app: Sphinx) -> None:
    try:
        claims = read_claims(Path(app.srcdir, app.config.claims_file))
    except ValueError as error:
        raise ExtensionError(str(error)) from error
    _domain(app.env).claims = claims


def _mark_notebook(app: Sphinx, document: str, source: list[str]) -> None:
    if app.env.doc2path(document).endswith(".ipynb"):
        source[0] = with_directives(source[0])


def _place(app: Sphinx, document: nodes.document) -> None:
    """Name the cells that marks follow, and the sections that hold ledgers."""
    for node in document.findall(claim_mark):
        before = node.previous_sibling()
        while isinstance(before, claim_mark):
            before = before.previous_sibling()
        if node["at_cell"] and isinstance(before, nodes.container):
            before["ids"].append(node["mark"].anchor)
        else:
            node["at_cell"] = False
    for node in document.findall(claims_view):
        if "chapter" in node:
            around = node.parent
            while around and not isinstance(around, nodes.section):
                around = around.parent
            place = around["ids"][0] if around else ""
            ledgers = _domain(app.env).data["ledgers"]
            ledgers.setdefault(app.env.docname, {})[node["chapter"]] = place


def _check(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Say what does not agree; draw the views again, whoever has changed."""
    domain = _domain(env)
    for document, message in problems(domain.claims, domain.marks):
        _log.warning(message, location=document, type="claims")
    for chapter in CHAPTERS:
        listed = any(mark.chapter == chapter for _, mark in domain.entries)
        if listed and domain.ledger_of(chapter) is None:
            message = f"no page lists the claims of chapter {chapter}"
            _log.warning(message, type="claims")
    return list(domain.data["drawn"])


def _draw(app: Sphinx, document: nodes.document, name: str) -> None:
    """Put badges, ledgers, filters and figures in the places kept for them."""
    for node in [*document.findall(claim_mark), *document.findall(claims_view)]:
        html = _html(app, node, name)
        node.replace_self(nodes.raw("", html, format="html"))


def _html(app: Sphinx, node: nodes.Element, name: str) -> str:
    domain = _domain(app.env)

    def address(document: str, place: str) -> str:
        return f"{app.builder.get_relative_uri(name, document)}#{place}"

    def chapter_address(chapter: str) -> str:
        return address(*(domain.ledger_of(chapter) or (name, "")))

    if isinstance(node, claim_mark):
        mark = node["mark"]
        document, _ = domain.ledger_of(mark.chapter) or (name, "")
        href = address(document, anchor("ledger", mark.id))
        return claims_html.badge(mark, href, at_cell=node["at_cell"])
    if node["kind"] == "claims-figure":
        marks = [mark for _, mark in domain.entries]
        return claims_html.figure(marks, chapter_address)
    if node["kind"] == "claims-filter":
        return claims_html.verdict_filter()
    chapter = node["chapter"]
    return claims_html.ledger(
        [entry for entry in domain.entries if entry[1].chapter == chapter],
        f"Claims of {claims_html.chapter_name(chapter)}",
        lambda mark: address(mark.document, mark.anchor),
        lambda mark: app.env.titles[mark.document].astext(),
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_config_value("claims_file", "chapters/claims.yml", "env")
    app.add_domain(ClaimsDomain)
    app.add_directive("claim", ClaimDirective)
    app.add_directive("claims-figure", ViewDirective)
    app.add_directive("claims-filter", ViewDirective)
    app.add_directive("claims-ledger", LedgerDirective)
    app.connect("builder-inited", _read_file)
    app.connect("source-read", _mark_notebook)
    app.connect("doctree-read", _place)
    app.connect("env-updated", _check)
    app.connect("doctree-resolved", _draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
