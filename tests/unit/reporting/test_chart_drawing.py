"""Charts: the same bytes every time, no ids that clash, nothing from the network, colours that follow the page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from salesworthy.reporting.chart_parts import Chart, Look
from salesworthy.reporting.charts import CalibrationPoint, Moment, calibration, curves, over_time
from salesworthy.reporting.drawing import figure, inline_svg, legend, svg
from salesworthy.reporting.row_charts import ExpectedAndActual, Interval, bars, expected_and_actual, intervals
from salesworthy.reporting.share_charts import Part, Swarm, beeswarm, steps, waterfall
from salesworthy.reporting.style import DARK, LIGHT, STYLE

HOSTILE = '</text><script>alert("x")</script>'
LOOKS = {HOSTILE: Look("second", (4, 2)), "b": Look("ours")}
TOLD = steps(-1.0, [Part(HOSTILE, 2.0), Part("b", -0.5)], first="first", last="last", rest="{count} more")
CHARTS = {
    "curves": curves({"b": ([0.0, 1.0], [0.0, 1.0])}, LOOKS, x="x", y=HOSTILE, diagonal=True),
    "level": curves({HOSTILE: ([0.0, 1.0], [0.5, 1.0])}, LOOKS, x="x", y="y", level=0.2),
    "intervals": intervals(
        [Interval(HOSTILE, 0.5, 0.4, 0.6), Interval("none", None, None, None)], x="x", reference=0.0
    ),
    "bars": bars([(HOSTILE, 1.0)], x="x"),
    "expected": expected_and_actual([ExpectedAndActual(HOSTILE, 0.2, 0.3, 0.1, 0.4)], x="x"),
    "calibration": calibration([CalibrationPoint(0.1, 0.2, 0.1, 0.3)], LOOKS["b"], x="x", y="y"),
    "over time": over_time([Moment(HOSTILE, "1 Jan 25", 0.5), Moment("b", "1 Jan 25", 0.5, 0.4, 0.6)], LOOKS, y="y"),
    "waterfall": waterfall(TOLD),
    "swarm": beeswarm([Swarm(HOSTILE, [0.1, -0.2, 0.1], [0.0, None, 1.0])]),
}


@pytest.mark.parametrize("drawn", CHARTS.values(), ids=CHARTS)
def test_a_chart_is_drawn_alike_every_time_and_says_what_it_shows(drawn):
    first = inline_svg(drawn, name="one", says=f"shows {HOSTILE}")
    svg(CHARTS["curves"])  # numbers in Vega's process go on
    assert inline_svg(drawn, name="one", says=f"shows {HOSTILE}") == first
    root = ElementTree.fromstring(first)  # noqa: S314
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == f"shows {HOSTILE}"
    assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "http" not in first


@pytest.mark.parametrize("drawn", CHARTS.values(), ids=CHARTS)
def test_every_colour_follows_the_page(drawn):
    inline = inline_svg(drawn, name="one", says="x")
    bare = re.findall(r'(?:fill|stroke)="(#[0-9a-fA-F]+)"', inline)
    assert bare == []
    assert set(re.findall(r"var\(--([a-z]+)", inline)) <= set(LIGHT)
    alone = svg(drawn)
    assert "var(" not in alone
    assert set(re.findall(r'"(#[0-9a-f]{6})"', alone)) <= set(LIGHT.values())


def test_light_and_dark_have_the_same_names_and_no_colour_twice():
    assert list(LIGHT) == list(DARK)
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert all(f"--{name}:" in STYLE for name in LIGHT)


def test_two_charts_on_a_page_share_no_id():
    spec = CHARTS["bars"].spec
    clipped = Chart({**spec, "layer": [{**each, "mark": {**each["mark"], "clip": True}} for each in spec["layer"]]})
    drawn = [inline_svg(clipped, name=name, says="x") for name in ("one", "two")]
    ids = [set(re.findall(r' id="([^"]+)"', each)) for each in drawn]
    assert ids[0]
    assert not ids[0] & ids[1]
    for each, known in zip(drawn, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", each)) <= known


def test_a_figure_has_its_table():
    made = figure(
        CHARTS["bars"], name="n", title=HOSTILE, says=HOSTILE, header=["what", "how much"], rows=[[HOSTILE, "1"]]
    )
    assert "<script" not in made
    assert made.count("<svg") == made.count("<details>") == made.count("<table>") == 1
    assert '<td class="number">1</td>' in made


def test_a_legend_draws_the_dashes():
    made = legend([(HOSTILE, "ours", (4, 2)), ("whole", "plain", ())])
    assert "<script" not in made
    assert made.count("stroke-dasharray") == 1


def test_a_notebook_shows_a_chart_and_altair_takes_it_over():
    drawn = CHARTS["bars"]
    assert drawn._repr_svg_() == svg(drawn)
    assert drawn.to_altair().to_dict()["layer"][0]["mark"]["type"] == "bar"
