"""The frame of a page that needs nothing else: no scripts, no files, no network."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from salesworthy.reporting.html import Html, Text, anchor_of, html, joined, tag
from salesworthy.reporting.style import STYLE


def page(title: str, content: Iterable[Text], *, contents: Iterable[str] = (), style: str = "") -> str:
    """A whole page.

    Args:
        title: Stands in the browser's tab; the page's own heading is part of the content.
        content: Its parts, in order. Where the list of chapters goes, put ``CHAPTERS``.
        contents: Titles of the chapters (``section`` of level 2) to link to.
        style: Rules beside the common sheet; never text of others.
    """
    links = joined(tag("li", tag("a", each, href=f"#{anchor_of(each)}")) for each in contents)
    nav = tag("nav", tag("ul", links), aria_label="Chapters") if links else Html("")
    body = joined(nav if part is CHAPTERS else part for part in content)
    head = (
        f'<meta charset="utf-8"><title>{html(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}{style}</style>'
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


CHAPTERS = Html("<!-- chapters -->")
"""Where a page lists its chapters."""


def write_page(text: str, path: Path) -> None:
    """Write a page, complete or not at all; its folder is made."""
    stage = path.with_name(f".{path.name}.stage")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        stage.write_text(text, encoding="utf-8")
        stage.replace(path)
    finally:
        stage.unlink(missing_ok=True)
