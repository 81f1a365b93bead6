"""The handbook as one HTML page that needs nothing else: no scripts, no files, no network."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
body { color: #1a1a1a; background: #fff }
h1, h2, h3 { line-height: 1.2 } h2 { margin-top: 2.5rem; border-bottom: 1px solid #bbb }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top }
code { background: #f1f1f1; padding: 0 .2rem; overflow-wrap: anywhere } .scroll { overflow-x: auto }
@media print { body { max-width: none; font-size: 11px } h3 { break-after: avoid } }
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
    body = "\n".join(_blocks(lines))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


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
            yield "".join(f"<p>{_text(line)}</p>" for line in block)


def _kind(line: str) -> str:
    starts = {"#": "heading", "-": "item", "|": "row"}
    return starts.get(line[0], "text") if line else "blank"


def _heading(line: str) -> str:
    level = len(line) - len(line.lstrip("#"))
    return f"<h{level}>{_text(line[level + 1 :])}</h{level}>"


def _table(lines: list[str]) -> str:
    head, _, *rows = [[cell.strip().replace("\\|", "|") for cell in _CELLS.split(line)[1:-1]] for line in lines]
    header = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'


def _text(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", html.escape(text))
