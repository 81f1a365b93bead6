"""Charts as SVG: drawn by Vega-Lite without a network, in colours that follow the reader's light or dark page.

Notebooks show a chart as it is, pages place it with ``figure``. The SVG on a page has no ids
that another chart could have, no font of its own, and says what it shows to those who cannot see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from salesworthy.reporting.chart_parts import Chart
from salesworthy.reporting.html import Html, Text, joined, more, table, tag
from salesworthy.reporting.style import LIGHT, variable

FONT = "system-ui, sans-serif"
_SVG = "http://www.w3.org/2000/svg"
_KEPT_ROLE = {"class", "role", "pointer-events", "aria-hidden", "aria-roledescription", "aria-label"}
_DOT = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?")
"""How Vega writes a dot: two half circles."""
_PLACE = re.compile(r"translate\(([-\d.]+),([-\d.]+)\)")
_CONFIG: dict[str, Any] = {
    "aria": False,
    "font": FONT,
    "padding": 2,
    "view": {"stroke": None},
    "axis": {
        "labelColor": LIGHT["soft"],
        "titleColor": LIGHT["soft"],
        "gridColor": LIGHT["line"],
        "domainColor": LIGHT["line"],
        "tickColor": LIGHT["line"],
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridOpacity": 0.6,
        "tickSize": 3,
    },
    "legend": {"labelColor": LIGHT["soft"], "titleColor": LIGHT["soft"], "labelFontSize": 11, "titleFontSize": 11},
    "header": {"labelColor": LIGHT["ink"], "labelFontSize": 11, "titleColor": LIGHT["soft"]},
    "text": {"color": LIGHT["ink"], "fontSize": 11},
}


def svg(chart: Chart) -> str:
    """A chart as an SVG document of its own, in the colours of a light page, on paper.

    The same chart gives the same bytes.
    """
    return _written(_drawn(chart, paper=LIGHT["paper"]), name="clip")


def inline_svg(chart: Chart, *, name: str, says: str) -> Html:
    """A chart as SVG for a page.

    Args:
        chart: A chart.
        name: Different for every chart of the page.
        says: What it shows, for those who cannot see it.
    """
    root = _drawn(chart)
    for key in ("width", "height"):
        root.attrib.pop(key, None)
    root.attrib |= {"role": "img", "aria-label": says}
    text = _written(root, name=name).replace(f' xmlns="{_SVG}"', "", 1)
    colours = {colour: variable(key) for key, colour in reversed(LIGHT.items())}
    return Html(re.sub(r'(?<=")#[0-9a-f]{6}(?=")', lambda found: colours.get(found[0], found[0]), text))


def figure(
    chart: Chart,
    *,
    name: str,
    title: str,
    says: Text,
    header: Sequence[Text],
    rows: Sequence[Sequence[Text]],
    numbers: Sequence[int] | None = None,
) -> Html:
    """A chart with its title, what to see in it, and its figures as a table on demand.

    Args:
        chart: A chart.
        name: Different for every chart of the page.
        title: What is shown.
        says: How to read it.
        header: Columns of the table.
        rows: Its cells.
        numbers: Columns that hold numbers; all but the first by default.
    """
    columns = range(1, len(header)) if numbers is None else numbers
    figures = more("The figures", table(header, rows, numbers=columns, says=title))
    caption = tag("figcaption", joined([tag("strong", title), says]))
    return tag("figure", joined([caption, inline_svg(chart, name=name, says=title), figures]))


def _drawn(chart: Chart, *, paper: str | None = None) -> ElementTree.Element:
    import vl_convert

    drawn = vl_convert.vegalite_to_svg({**chart.spec, "config": {**_CONFIG, "background": paper}})
    return ElementTree.fromstring(drawn)  # noqa: S314 -- drawn here, a line above


def _written(root: ElementTree.Element, *, name: str) -> str:
    ElementTree.register_namespace("", _SVG)
    _renumber(root, name)
    for element in root.iter():
        _slim(element)
    _drop_empty(root)
    return ElementTree.tostring(root, encoding="unicode")


def _renumber(root: ElementTree.Element, name: str) -> None:
    """Ids that depend on the chart alone: Vega numbers them through the life of the process."""
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    fresh = {f"url(#{old})": f"url(#{name}-{number})" for number, old in enumerate(ids)}
    for element in root.iter():
        if "id" in element.attrib:
            element.attrib["id"] = f"{name}-{ids.index(element.attrib['id'])}"
        for key, value in element.attrib.items():
            element.attrib[key] = fresh.get(value, value)


def _slim(element: ElementTree.Element) -> None:
    """Without what only Vega's own runtime reads."""
    kept = {"role", "aria-label"} if element.attrib.get("role") == "img" else set()
    for key in _KEPT_ROLE - kept:
        element.attrib.pop(key, None)
    if element.attrib.get("opacity") == "1":
        del element.attrib["opacity"]
    dot = _DOT.fullmatch(element.attrib.get("d", ""))
    place = _PLACE.fullmatch(element.attrib.get("transform", ""))
    if dot and place:
        element.tag = f"{{{_SVG}}}circle"
        del element.attrib["d"], element.attrib["transform"]
        element.attrib |= {"cx": _short(place[1]), "cy": _short(place[2]), "r": _short(dot[1])}


def _short(number: str) -> str:
    return f"{float(number):.1f}".removesuffix(".0")


def _drop_empty(element: ElementTree.Element) -> None:
    for child in list(element):
        _drop_empty(child)
        unseen = child.attrib.get("display") == "none" or ("d" in child.attrib and not _is_visible(child))
        if unseen or (child.tag == f"{{{_SVG}}}g" and not len(child)):
            element.remove(child)


def _is_visible(path: ElementTree.Element) -> bool:
    return bool(path.attrib["d"]) and "h0v0h0" not in path.attrib["d"]


def legend(entries: Sequence[tuple[str, str, Sequence[int]]]) -> Html:
    """Which line is which: text, name of its colour, and dashes (none for a whole line)."""
    return tag("ul", joined(_entry(*entry) for entry in entries), class_="legend")


def _entry(text: str, colour: str, dashes: Sequence[int]) -> Html:
    dash = f' stroke-dasharray="{",".join(map(str, dashes))}"' if dashes else ""
    line = f'<line x1="1" y1="5" x2="27" y2="5" stroke="{variable(colour)}" stroke-width="3"{dash}/>'
    return tag("li", joined([Html(f'<svg viewBox="0 0 28 10" aria-hidden="true">{line}</svg>'), tag("span", text)]))
