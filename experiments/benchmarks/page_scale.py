"""Cost curves on the page: processor seconds and memory per step over leads, and what lies beyond the largest size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesworthy.reporting.chart_parts import Look, chart, layer, measured
from salesworthy.reporting.drawing import figure, legend
from salesworthy.reporting.html import Html, callout, joined, paragraph, table, tag
from salesworthy.reporting.style import LIGHT

LOOKS = {"check": Look("ours"), "features": Look("second", (6, 3)), "score": Look("fourth", (2, 2))}
BEYOND = 10_000_000
DRAWN_OUT = {"type": "line", "strokeDash": [1, 4], "strokeWidth": 1.2}
Result = Mapping[str, Any]


def scale_chapter(result: Result) -> Html:
    """The chapter of the cost curves."""
    points = result["points"]
    engine = result["engine"]
    told = f"engine.memory_limit {engine['memory_limit']}, {engine['threads']} threads, load {result['load'][0]}"
    parts = [
        paragraph(
            "Every step ran in a process of its own, on raw tables of the synthetic market, twenty acts to a lead; all "
            f"leads were scored ({told}). 'score' is the whole batch job on checked tables, its features included."
        ),
        legend([(step, look.colour, look.dashes) for step, look in LOOKS.items()]),
        tag("div", joined([_seconds(points), _memory(points)]), class_="charts"),
        _table(points),
    ]
    further = beyond(points)
    if further:
        parts.insert(3, callout(_says(further, points), title="Ten million leads were not measured. "))
    return joined(parts)


def beyond(points: Sequence[Result], leads: int = BEYOND) -> dict[str, float]:
    """Processor seconds per step at a size that was not measured: a straight line through the two largest sizes.

    Empty where there are fewer than two sizes, or the size was measured.
    """
    if len(points) < 2 or points[-1]["leads"] >= leads:
        return {}
    first, last = points[-2:]
    share = (leads - first["leads"]) / (last["leads"] - first["leads"])
    found = {}
    for step in LOOKS:
        low, high = (each["steps"][step]["processor_seconds"] for each in (first, last))
        found[step] = low + share * (high - low)
    return found


def _says(further: Mapping[str, float], points: Sequence[Result]) -> str:
    sizes = " and ".join(f"{each['leads']:,}" for each in points[-2:])
    told = ", ".join(f"{step} {seconds / 60:,.0f} processor minutes" for step, seconds in further.items())
    return (
        f"A straight line through {sizes} leads gives: {told}. Dotted in the chart. Memory is not drawn out: "
        "beyond its limit the engine spills."
    )


def _seconds(points: Sequence[Result]) -> Html:
    further, last = beyond(points), points[-1]
    layers = []
    for step, look in LOOKS.items():
        rows = [{"leads": each["leads"], "value": each["steps"][step]["processor_seconds"]} for each in points]
        layers += _line(rows, look, "processor seconds")
        if further:
            ends = [rows[-1], {"leads": BEYOND, "value": further[step]}]
            layers.append(layer(ends, {**DRAWN_OUT, "color": LIGHT[look.colour]}, **_axes("processor seconds")))
    rows = [
        (f"{each['leads']:,}", *(f"{each['steps'][step]['processor_seconds']:,.1f}" for step in LOOKS))
        for each in points
    ]
    if further:
        rows.append((f"{BEYOND:,}, drawn out", *(f"{further[step]:,.0f}" for step in LOOKS)))
    return figure(
        chart(layers, 280), name="scale-seconds", title="Processor seconds per step",
        says=f"Both axes in powers of ten; measured up to {last['leads']:,} leads.",
        header=("Leads", *LOOKS), rows=rows,
    )  # fmt: skip


def _memory(points: Sequence[Result]) -> Html:
    layers = []
    for step, look in LOOKS.items():
        rows = [{"leads": each["leads"], "value": each["steps"][step]["peak_memory_mb"]} for each in points]
        layers += _line(rows, look, "peak memory, MB")
    rows = [(f"{each['leads']:,}", *_of_steps(each, "peak_memory_mb", ",")) for each in points]
    return figure(
        chart(layers, 280), name="scale-memory", title="Peak memory per step",
        says="Megabytes of the whole process, libraries and engine included.", header=("Leads", *LOOKS), rows=rows,
    )  # fmt: skip


def _of_steps(point: Result, what: str, form: str) -> list[str]:
    return [format(point["steps"][step][what], form) for step in LOOKS]


def _line(rows: Sequence[Mapping[str, float]], look: Look, title: str) -> list[dict[str, Any]]:
    dots = {"type": "point", "color": LIGHT[look.colour], "filled": True, "size": 36, "opacity": 1}
    return [layer(rows, look.line(), **_axes(title)), layer(rows, dots, **_axes(title))]


def _axes(title: str) -> dict[str, dict[str, Any]]:
    by_tens = {"scale": {"type": "log", "nice": False}, "axis": {"format": "~s", "tickCount": 4}}
    return {"x": measured("leads", "leads", **by_tens), "y": measured("value", title, **by_tens)}


def _table(points: Sequence[Result]) -> Html:
    rows = [
        (
            step, f"{each['leads']:,}", f"{each['acts']:,}", f"{told['seconds']:,.1f}",
            f"{told['processor_seconds']:,.1f}", f"{told['peak_memory_mb']:,}",
            f"{1e6 * told['processor_seconds'] / each['leads']:,.0f}",
        )
        for each in points
        for step, told in each["steps"].items()
    ]  # fmt: skip
    header = ("Step", "Leads", "Acts", "Seconds", "Processor seconds", "Peak MB", "Processor µs per lead")
    return table(header, rows, numbers=range(1, 7), says="What was measured")
