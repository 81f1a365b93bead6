"""HTML from text: everything is escaped unless it was made here.

``Html`` is markup that is safe to place on a page. Every function takes plain text, which it escapes, or ``Html``,
which it leaves as it is; so text that came with a lead, a campaign or a file cannot become markup by being forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape


class Html(str):
    """Markup that is safe on a page.

    Example:
        >>> html("<script>"), html(Html("<b>sure</b>"))
        ('&lt;script&gt;', '<b>sure</b>')
    """

    __slots__ = ()


Text = str
"""Plain text, which is escaped, or ``Html``, which is not."""


def html(text: Text) -> Html:
    """Text as markup."""
    return text if isinstance(text, Html) else Html(escape(str(text)))


def joined(parts: Iterable[Text], between: str = "") -> Html:
    """Parts one after the other."""
    return Html(html(between).join(html(part) for part in parts))


def tag(name: str, content: Text = "", **attributes: str | None) -> Html:
    """An element; attributes of None are left out, and a trailing underscore in a name is dropped.

    Example:
        >>> tag("p", "a < b", class_="note")
        '<p class="note">a &lt; b</p>'
    """
    given = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    written = "".join(f' {key}="{escape(value)}"' for key, value in given)
    return Html(f"<{name}{written}>{html(content)}</{name}>")


def paragraph(text: Text, *, kind: str | None = None) -> Html:
    """A paragraph; ``kind`` is one of ``lead``, ``note`` or ``soft``."""
    return tag("p", text, class_=kind)


def items(lines: Iterable[Text], *, kind: str | None = None) -> Html:
    """A list; nothing where there are no lines."""
    found = [tag("li", line) for line in lines]
    return tag("ul", joined(found), class_=kind) if found else Html("")


def facts(pairs: Mapping[str, Text]) -> Html:
    """Names with their values, side by side."""
    return tag("dl", joined(part for name, value in pairs.items() for part in (tag("dt", name), tag("dd", value))))


def callout(text: Text, *, kind: str = "note", title: str = "") -> Html:
    """A remark set apart; ``kind`` is ``good``, ``note`` or ``warning``."""
    head = tag("strong", title) if title else Html("")
    return tag("div", joined([head, text if isinstance(text, Html) else paragraph(text)]), class_=f"callout {kind}")


def table(
    header: Sequence[Text], rows: Iterable[Sequence[Text]], *, numbers: Iterable[int] = (), says: str = ""
) -> Html:
    """A table that scrolls sideways where it does not fit.

    Args:
        header: One text per column.
        rows: Cells, as many as the header has.
        numbers: Columns that hold numbers, which stand to the right.
        says: Its caption.
    """
    right = set(numbers)
    kinds = ["number" if column in right else None for column in range(len(header))]
    head = joined(tag("th", cell, scope="col", class_=kind) for cell, kind in zip(header, kinds, strict=True))
    body = joined(
        tag("tr", joined(tag("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True))) for row in rows
    )
    caption = tag("caption", says) if says else Html("")
    whole = tag("table", joined([caption, tag("thead", tag("tr", head)), tag("tbody", body)]))
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=says or "Table")


def more(summary: Text, content: Html) -> Html:
    """Content that is shown on demand."""
    return tag("details", joined([tag("summary", summary), content]))


def section(title: Text, *content: Text, level: int = 2) -> Html:
    """A part of a page under a heading that can be linked to."""
    anchor = anchor_of(title) if level == 2 else None
    return tag("section", joined([tag(f"h{level}", title, id=anchor), *content]))


def anchor_of(title: str) -> str:
    """The name under which a heading can be linked to.

    Example:
        >>> anchor_of("Figures, window by window")
        'figures-window-by-window'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
