"""The handbook as one HTML page that needs nothing else: no scripts, no files, no network."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
body { color: #1a1a1a; background: #fff; overflow-wrap: break-word } a { color: #0b4f8a }
h1, h2, h3 { line-height: 1.2 } h1 { font-size: 1.9rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #bbb } h3 { margin: 1.6rem 0 .4rem; font-size: 1.05rem }
nav { background: #f6f6f6; border: 1px solid #ddd; padding: .6rem 1rem }
nav ul { columns: 14rem; margin: .3rem 0; padding-left: 1.1rem } ul { margin: .4rem 0 }
table { border-collapse: collapse; margin: 1rem 0 } .scroll { overflow-x: auto }
th, td { border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top; min-width: 4rem }
th { background: #f6f6f6 } td:last-child { min-width: 9rem }
code { background: #f1f1f1; padding: 0 .2rem; font-size: .9em; overflow-wrap: anywhere }
td code { overflow-wrap: normal }
@media (max-width: 40rem) {
  body { margin: 1rem auto } td, th { min-width: 6rem } .scroll td:last-child { min-width: 12rem }
}
@media print { body { max-width: none; font-size: 11px } h3 { break-after: avoid } nav { display: none } }
"""
_CODE = re.compile(r"`([^`]*)`")
_CELLS = re.compile(r"(?<!\\)\|")


def handbook_page(markdown: str) -> str:
    """A handbook as an HTML page.

    Args:
        markdown: What ``handbook`` gave: headings, lists, tables and paragraphs.
    """
    lines = markdown.splitlines()
    title = html.escape(lines[0].removeprefix("# ")) if lines else ""
    head, rest = _parted(lines)
    body = "\n".join([*_blocks(head), _contents(rest), *_blocks(rest)])
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the first chapter, and the chapters."""
    first = next((place for place, line in enumerate(lines) if line.startswith("## ")), len(lines))
    return lines[:first], lines[first:]


def _contents(lines: list[str]) -> str:
    """Links to the chapters."""
    titles = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    links = "".join(f'<li><a href="#{_anchor(title)}">{_text(title)}</a></li>' for title in titles)
    return f'<nav aria-label="Chapters"><ul>{links}</ul></nav>' if titles else ""


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _blocks(lines: list[str]) -> Iterator[str]:
    for kind, group in groupby(lines, key=_kind):
        block = list(group)
        if kind == "heading":
            yield from (_heading(line) for line in block)
        elif kind == "item":
            yield "<ul>" + "".join(f"<li>{_text(line[2:])}</li>" for line in block) + "</ul>"
        elif kind == "row":
            yield _table(block)
        elif kind == "text":
            yield f"<p>{_text(' '.join(block))}</p>"


def _kind(line: str) -> str:
    starts = {"#": "heading", "-": "item", "|": "row"}
    return starts.get(line[0], "text") if line else "blank"


def _heading(line: str) -> str:
    level = len(line) - len(line.lstrip("#"))
    title = line[level + 1 :]
    anchor = f' id="{_anchor(title)}"' if level == 2 else ""
    return f"<h{level}{anchor}>{_text(title)}</h{level}>"


def _table(lines: list[str]) -> str:
    head, _, *rows = [[cell.strip().replace("\\|", "|") for cell in _CELLS.split(line)[1:-1]] for line in lines]
    header = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _text(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", html.escape(text))
