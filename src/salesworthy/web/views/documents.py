"""Documents that other parts of the product write as whole pages, shown inside ours."""

from __future__ import annotations

import re

from markupsafe import Markup

_MAIN = re.compile(r"<main>(.*)</main>", re.DOTALL)
_TITLE = re.compile(r"<h1[^>]*>.*?</h1>", re.DOTALL)


def content_of(page: str) -> Markup:
    """What stands on a page that ``reporting.page`` made, without its own title and frame.

    Everything that came with data is escaped there already; the page's own look is that of our sheet.

    Example:
        >>> content_of("<html><main><h1>A</h1><p>b &lt; c</p></main></html>")
        Markup('<p>b &lt; c</p>')
    """
    found = _MAIN.search(page)
    return Markup(_TITLE.sub("", found[1], count=1) if found else "")  # noqa: S704 -- escaped where it was made
