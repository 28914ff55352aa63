"""The claims as a reader sees them: the badge, the ledger, the figure."""

from collections import Counter
from collections.abc import Callable
from html import escape

from claims import CHAPTERS, VERDICTS, Claim, Mark, anchor

Entry = tuple[Claim, Mark]
# The verdict in one sign, beside the word and the color.
SIGNS = {
    "holds": "✓",
    "holds when": "◐",
    "does not hold": "✗",
    "not testable here": "○",
}
# What one says of several claims.
PLURAL = {
    "holds": "hold",
    "holds when": "hold when a condition is met",
    "does not hold": "do not hold",
    "not testable here": "cannot be tested here",
}
LABEL, PITCH, ROW = 108, 15, 26  # of the figure, in its units


def verdict_label(verdict: str) -> str:
    """Return the verdict as a sign and a word, in its color."""
    return (
        f'<span class="claim-verdict" data-verdict="{_slug(verdict)}">'
        f'<span aria-hidden="true">{SIGNS.get(verdict, "?")}</span> '
        f"{escape(verdict)}</span>"
    )


def badge(mark: Mark, href: str, *, at_cell: bool) -> str:
    """Return what stands at the marked place; a cell has the anchor itself."""
    place = "" if at_cell else f' id="{mark.anchor}"'
    return (
        f'<p class="claim-mark"{place}>{verdict_label(mark.verdict)} '
        f'<a href="{escape(href)}">Claim {escape(mark.id)}: see the ledger</a></p>'
    )


def ledger(
    entries: list[Entry],
    label: str,
    href: Callable[[Mark], str],
    title: Callable[[Mark], str],
) -> str:
    """Return the table of some claims.

    Args:
        entries: The claims with their marks.
        label: What the table holds, for those who hear it.
        href: The address of the place that decides.
        title: The title of the page in which that is.
    """
    if not entries:
        return "<p>None of its claims is decided yet.</p>"
    # The roles keep it a table where a small screen stacks its cells.
    heads = "".join(
        f'<th role="columnheader" scope="col">{name}</th>'
        for name in ("What the article says", "How the book tests it", "Verdict")
    )
    rows = "\n".join(_row(*entry, href, title) for entry in entries)
    return (
        f'<table class="claims-ledger" role="table" aria-label="{escape(label)}">'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody></table>'
    )


def _row(
    claim: Claim, mark: Mark, href: Callable[[Mark], str], title: Callable[[Mark], str]
) -> str:
    section = mark.section if mark.section == "abstract" else f"section {mark.section}"
    decided = f"Decided in {_named(title(mark))}"
    return (
        f'<tr role="row" id="{anchor("ledger", claim.id)}" '
        f'data-verdict="{_slug(mark.verdict)}">'
        f'<th role="rowheader" scope="row"><p>{escape(claim.english)}</p>'
        f'<p class="claim-original" lang="zh">{escape(claim.original)}</p>'
        f'<p class="claim-id">{escape(claim.id)}, {escape(section)}</p></th>'
        f'<td role="cell"><p>{escape(claim.test)}</p>'
        f'<p><a href="{escape(href(mark))}">{escape(decided)}</a></p>'
        f'</td><td role="cell"><p>{verdict_label(mark.verdict)}</p>'
        f"<p>{escape(claim.finding)}</p></td></tr>"
    )


def _named(title: str) -> str:
    """Return "chapter 3.1" for a title that begins with its number."""
    number = title.split()[0].rstrip(".")
    return f"chapter {number}" if number[0].isdecimal() else title


def verdict_filter() -> str:
    """Return the buttons that choose a verdict; a script shows and serves them."""
    buttons = "".join(
        f'<button type="button" aria-pressed="{"false" if name else "true"}" '
        f'value="{_slug(name)}">{verdict_label(name) if name else "all"}</button>'
        for name in ("", *VERDICTS)
    )
    return (
        '<div class="claims-filter" role="group" aria-label="Show claims by verdict" '
        f'hidden>{buttons}<span role="status"></span></div>'
    )


def figure(marks: list[Mark], href: Callable[[str], str]) -> str:
    """Return a drawing with a square a claim and a row a chapter of the article.

    Args:
        marks: All marks. The figure sorts them by verdict.
        href: The address of a chapter's part of the ledger.
    """
    counts = {
        chapter: Counter(mark.verdict for mark in marks if mark.chapter == chapter)
        for chapter in CHAPTERS
    }
    counts = {chapter: count for chapter, count in counts.items() if count}
    total = Counter(mark.verdict for mark in marks)
    longest = max((count.total() for count in counts.values()), default=1)
    width, height = LABEL + PITCH * longest, ROW * len(counts)
    rows = "\n".join(
        _figure_row(chapter, count, href(chapter), place * ROW, width)
        for place, (chapter, count) in enumerate(counts.items())
    )
    summary = f"Of {total.total()} claims of the article {in_words(total)}."
    legend = "".join(
        f"<li>{_square(name)} {PLURAL[name]}: {total[name]}</li>" for name in VERDICTS
    )
    return (
        '<figure class="claims-figure">'
        f'<svg viewBox="0 0 {width} {height}" role="group" '
        'aria-labelledby="claims-figure-title">\n'
        '<title id="claims-figure-title">The claims of each section, by verdict'
        f"</title>\n{rows}\n</svg>\n"
        f'<ul class="claims-legend">{legend}</ul>\n'
        f"<figcaption>{summary} A square is a claim; a row leads to the ledger."
        f"</figcaption>\n{_as_table(counts)}</figure>"
    )


def in_words(count: Counter[str]) -> str:
    """Return "7 hold, 2 do not hold", without what does not occur."""
    found = [
        f"{count[name]} {name if count[name] == 1 else PLURAL[name]}"
        for name in VERDICTS
        if count[name]
    ]
    return ", ".join(found)


def chapter_name(chapter: str) -> str:
    """Return "3 Algorithm", and "Abstract" for what has no number."""
    name = CHAPTERS[chapter]
    return f"{chapter} {name}" if chapter.isdecimal() else name


def _figure_row(
    chapter: str, count: Counter[str], href: str, top: int, width: int
) -> str:
    name = chapter_name(chapter)
    kinds = [kind for kind in VERDICTS for _ in range(count[kind])]
    squares = "".join(
        f'<g transform="translate({LABEL + PITCH * place} {top + 6})">'
        f"{_SHAPES[kind]}</g>"
        for place, kind in enumerate(kinds)
    )
    return (
        f'<a href="{escape(href)}" aria-label="{name}: {in_words(count)}">'
        f'<rect class="row" x="0" y="{top + 1}" width="{width}" height="{ROW - 2}"/>'
        f'<text x="2" y="{top + 18}">{name}</text>{squares}</a>'
    )


def _square(verdict: str) -> str:
    return (
        '<svg viewBox="-1 -1 14 14" width="14" height="14" aria-hidden="true">'
        f"{_SHAPES[verdict]}</svg>"
    )


def _as_table(counts: dict[str, Counter[str]]) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in VERDICTS)
    rows = "".join(
        f'<tr><th scope="row">{chapter_name(chapter)}</th>'
        + "".join(f"<td>{count[name]}</td>" for name in VERDICTS)
        + "</tr>"
        for chapter, count in counts.items()
    )
    return (
        "<details><summary>The same in numbers</summary>"
        f'<table><thead><tr><th scope="col">Section</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></details>"
    )


def _slug(verdict: str) -> str:
    return escape(verdict.replace(" ", "-"))


# A form for each verdict, so that color alone says nothing: full, half, crossed,
# hollow.
_FRAME = '<rect class="frame" x="0.75" y="0.75" width="10.5" height="10.5"/>'
_INSIDE = {
    "holds": '<rect class="fill" x="0" y="0" width="12" height="12"/>',
    "holds when": _FRAME + '<path class="fill" d="M0 12V0H12z"/>',
    "does not hold": _FRAME + '<path class="stroke" d="M2.5 2.5l7 7m0-7l-7 7"/>',
    "not testable here": _FRAME,
}
_SHAPES = {
    name: f'<g class="claim-square" data-verdict="{_slug(name)}">{shape}</g>'
    for name, shape in _INSIDE.items()
}
