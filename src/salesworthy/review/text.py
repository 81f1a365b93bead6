"""Texts of minutes: what people wrote, made safe for a line of Markdown, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def shown(text: object) -> str:
    r"""What somebody wrote, on one line, so that it is neither a heading, a table nor a link.

    Example:
        >>> shown("agreed | see [here](x)\n# no")
        'agreed \\| see \\[here](x) # no'
    """
    words = " ".join(str(text).split())
    for mark in ("|", "[", "<"):
        words = words.replace(mark, f"\\{mark}")
    return words


def amount(value: float | None) -> str:
    """A figure with one decimal, or a dash where there is none."""
    return "-" if value is None else f"{value:,.1f}"


def share(figure: object) -> str:
    """A share with its interval (``value``, ``low``, ``high``), or a dash."""
    if not isinstance(figure, dict) or figure.get("value") is None:
        return "-"
    told = f"{figure['value']:.0%}"
    return told if figure.get("low") is None else f"{told} ({figure['low']:.0%} to {figure['high']:.0%})"


def rows(header: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    r"""A Markdown table; every cell is made safe.

    Example:
        >>> print(rows(["name", "n"], [["a|b", 1_200]]))
        | name | n |
        |---|---|
        | a\|b | 1,200 |
    """
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(_cell(each) for each in row)} |" for row in body]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else shown(value)
