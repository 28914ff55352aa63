"""Read the Markdown cells of a notebook: headings, sentences, directives."""

import re
from collections.abc import Iterator

GIVEN = "<!-- given -->"  # marks a line whose figures are definitions or cited

_FENCE = re.compile(r"^\s*(`{3,}|~{3,}|:{3,})\s*(\{[\w:-]+\})?")
_LITERAL_DIRECTIVES = {"{code}", "{code-block}", "{math}", "{literalinclude}"}
# What may hold figures that no code of ours computed.
_EXEMPT = [
    re.compile(r"\$\$.*?\$\$", re.DOTALL),
    re.compile(r"\$[^$\n]+\$"),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL),  # code and roles
    re.compile(r"!?\[[^\]]*\]\([^)]*\)"),  # links
    re.compile(r"<?https?://[^\s>)]+>?"),
    re.compile(r"\b(?:sections?|chapters?)\s+\d+(?:\.\d+)*"
               r"(?:(?:,|\s+and|\s+or|\s+to)\s+\d+(?:\.\d+)*)*", re.IGNORECASE),
    re.compile(r"\b(?:Python|version|PyTorch)\s+\d+(?:\.\d+)*"),
    re.compile(r"\b(?:95|100)\s?%"),  # a confidence level; all of it
]  # fmt: skip
_FIGURE = re.compile(
    r"(?<![\w.,])(?:"
    r"\d+(?:[.,]\d+)*\s?%"  # 12 %, 12.5%
    r"|\d*\.\d+(?![\w.]*\w)"  # 0.123, .123
    r"|\d{1,3}(?:,\d{3})+(?!\w)"  # 1,682
    r")"
)


def headings(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield (level, text) of the headings outside fences."""
    for line in _outside_code(markdown):
        if match := re.match(r"^(#{1,6})\s+(.*?)\s*$", line):
            yield len(match[1]), match[2]


def typed_figures(markdown: str) -> list[str]:
    """Find results that were typed into a sentence.

    Decimals, percentages and numbers with thousands separators count, outside
    code, mathematics, tables, links, headings, and lines marked `GIVEN`.
    """
    lines = [
        line
        for line in _outside_code(markdown)
        if GIVEN not in line and not re.match(r"^\s*(\||#{1,6}\s|:[\w-]+:)", line)
    ]
    text = "\n".join(lines)
    for pattern in _EXEMPT:
        text = pattern.sub(" ", text)
    return [match[0].strip() for match in _FIGURE.finditer(text)]


def glued_names(markdown: str) -> list[str]:
    """Return the names that `glue` roles ask for, without their format."""
    roles = re.findall(r"\{glue(?::[\w:-]+)?\}\s?`([^`]+)`", markdown)
    return [role.split(":")[0].strip() for role in roles]


def directives(markdown: str, name: str) -> list[tuple[str, str]]:
    """Return (argument, options and content) of each directive of that name."""
    pattern = rf"^(`{{3,}}|:{{3,}})\{{{name}\}}[ ]?(.*?)$\n(.*?)^\1"
    found = re.findall(pattern, markdown, re.MULTILINE | re.DOTALL)
    return [(argument.strip(), body) for _, argument, body in found]


def option(body: str, name: str) -> str | None:
    """Return an option of a directive's body, None where it has none."""
    match = re.search(rf"^:{name}:\s*(.*?)\s*$", body, re.MULTILINE)
    return match[1] if match else None


def _outside_code(markdown: str) -> Iterator[str]:
    """Yield the lines outside code blocks; prose inside directives counts."""
    literal = None  # the fence that ends the current code block
    for line in markdown.splitlines():
        fence = _FENCE.match(line)
        if literal is not None:
            if fence and fence[1].startswith(literal):
                literal = None
        elif fence is None:
            yield line
        elif fence[1][0] != ":" and not line.strip(" `~"):
            continue  # the end of a directive
        elif fence[2] in _LITERAL_DIRECTIVES or (not fence[2] and fence[1][0] != ":"):
            literal = fence[1]
