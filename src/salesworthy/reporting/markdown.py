"""A little Markdown as HTML: headings, lists, tables, paragraphs, ``code`` and **bold**; everything else is text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from salesworthy.reporting.html import Html, anchor_of, html, joined, tag

_MARKED = re.compile(r"`([^`]*)`|\*\*(.+?)\*\*")
_RULE = re.compile(r"\|[-:| ]+\|\s*")
_CELLS = re.compile(r"(?<!\\)\|")


def from_markdown(text: str, *, below: int = 0) -> Html:
    """Markdown as HTML; what is not known to it is shown as it is written.

    Args:
        text: Markdown.
        below: How many levels lower headings stand: 1 makes a title a chapter.

    Example:
        >>> from_markdown("**For.** a `<b>`")
        '<p><strong>For.</strong> a <code>&lt;b&gt;</code></p>'
    """
    return joined(_blocks(text.splitlines(), below), "\n")


def _blocks(lines: list[str], below: int) -> Iterator[Html]:
    for kind, group in groupby(lines, key=_kind):
        block = list(group)
        if kind == "heading":
            yield from (_heading(line, below) for line in block)
        elif kind == "item":
            yield tag("ul", joined(tag("li", inline(line[2:])) for line in block))
        elif kind == "row":
            yield _table(block)
        elif kind == "text":
            yield tag("p", inline(" ".join(block)))


def _kind(line: str) -> str:
    if line.startswith("- "):
        return "item"
    starts = {"#": "heading", "|": "row"}
    return starts.get(line[0], "text") if line else "blank"


def _heading(line: str, below: int) -> Html:
    level = len(line) - len(line.lstrip("#"))
    title = line[level + 1 :]
    return tag(f"h{min(level + below, 6)}", inline(title), id=anchor_of(title) if level + below == 2 else None)


def _table(lines: list[str]) -> Html:
    if len(lines) < 2 or not _RULE.fullmatch(lines[1]):
        return tag("p", inline(" ".join(lines)))
    head, _, *rows = [[cell.strip().replace("\\|", "|") for cell in _CELLS.split(line)[1:-1]] for line in lines]
    header = tag("tr", joined(tag("th", inline(cell), scope="col") for cell in head))
    body = joined(tag("tr", joined(tag("td", inline(cell)) for cell in row)) for row in rows)
    whole = tag("table", joined([tag("thead", header), tag("tbody", body)]))
    return tag("div", whole, class_="scroll", tabindex="0")


def inline(text: str) -> Html:
    """A line with its code and its bold words."""
    parts, at = [], 0
    for found in _MARKED.finditer(text):
        parts.append(html(text[at : found.start()]))
        code, bold = found.groups()
        parts.append(tag("code", code) if bold is None else tag("strong", inline(bold)))
        at = found.end()
    return joined([*parts, html(text[at:])])
