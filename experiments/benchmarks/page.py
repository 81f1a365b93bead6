"""One page about all results: python -m experiments.benchmarks.page [FOLDER] writes page.html beside the JSON files."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.benchmarks.page_scale import scale_chapter
from experiments.benchmarks.results import RESULTS

from salesworthy.reporting.drawing import figure
from salesworthy.reporting.html import Html, callout, facts, html, joined, more, paragraph, section, table, tag
from salesworthy.reporting.page import CHAPTERS, page, write_page
from salesworthy.reporting.row_charts import bars

Result = Mapping[str, Any]
RATIOS = {
    "train_in_plain_fits": ("train", "one plain LightGBM fit on the same rows"),
    "rules_and_decisions_per_features": ("all rules and decisions", "the features of the same run"),
    "ours_per_hand_written_sql": ("features through our layer", "the same features as one hand-written SQL query"),
    "first_time_per_features": ("a first drift report", "the features of a scoring run"),
    "a_week_later_per_features": ("a drift report a week later", "the features of a scoring run"),
    "score_per_naive_bayes": ("score, per lead", "a naive Bayes over form fields in pandas, as Odoo rescores"),
}
"""Key of a result -> what costs so many times of what."""
SCRIPT = "a plain pandas, LightGBM and shap script, per lead"
KERNEL = "times the cost of our kernel"
KNOWN = {"benchmark", "python", "cores", "peak_memory_mb", "steps", "points"}


def write_benchmarks(folder: Path) -> Path:
    """Write the page of a folder of results; returns where it is.

    Args:
        folder: Holds ``NAME.json`` per benchmark.
    """
    results = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    target = folder / "page.html"
    write_page(benchmarks_page(results, short=folder != RESULTS), target)
    return target


def benchmarks_page(results: Mapping[str, Result], *, short: bool = False) -> str:
    """The page; the same results give the same bytes."""
    chapters = dict(_chapters(results))
    head = [
        tag("h1", "Benchmarks"),
        paragraph("What salesworthy costs, beside something that a reader knows.", kind="lead"),
        paragraph(
            "A ratio is of two things that ran in one process, one after the other; seconds are of the machine that "
            "the figures name, and of what else it did. Processor seconds depend less on that, and are drawn.",
            kind="soft",
        ),
        *([callout("The short form: it shows that all of it runs. Do not quote its figures.", kind="warning")] * short),
        CHAPTERS,
    ]
    body = [*head, *(section(title, content) for title, content in chapters.items())]
    footer = tag("footer", "Written by salesworthy.")
    return page("Benchmarks", [*body, footer], contents=chapters, style="td { min-width: 5rem }")


def _chapters(results: Mapping[str, Result]) -> Iterator[tuple[str, Html]]:
    yield "In short", _ratios(results)
    if "scale" in results:
        yield "What a night costs, by leads", scale_chapter(results["scale"])
    for name, result in results.items():
        if name != "scale":
            yield name.replace("_", " ").capitalize(), _benchmark(name, result)


def _ratios(results: Mapping[str, Result]) -> Html:
    """Every ratio against a named peer, one row each."""
    rows = []
    for result in results.values():
        for key, (ours, peer) in RATIOS.items():
            if key in result:
                rows.append((ours, peer, f"{result[key]:g} times", f"{result['leads']:,}"))
        if "end_to_end" in result:
            times = result["end_to_end"]["times cheaper than the script"]
            rows.append(("score and reasons, Parquet to Parquet", SCRIPT, f"1/{times:g}", f"{result['leads']:,}"))
    header = ("What", "beside what", "costs", "Leads")
    return table(header, rows, numbers=(2, 3), says="Ratios")


def _benchmark(name: str, result: Result) -> Html:
    parts = [paragraph(_question(name)), _about(result)]
    parts += [] if "pages" in result else [_steps(name, result)]  # its steps are those of the load generator
    parts += [_kernel(name, size, told) for size, told in result.get("kernels", {}).items()]
    parts += [_pages(result["pages"])] if "pages" in result else []
    rest = {key: value for key, value in result.items() if key not in KNOWN}
    parts.append(more("Everything that was written down", tag("pre", json.dumps(rest, indent=1))))
    return joined(parts)


def _question(name: str) -> str:
    """The first paragraph of the benchmark's own docstring."""
    try:
        told = importlib.import_module(f"experiments.benchmarks.{name}").__doc__ or ""
    except ModuleNotFoundError:
        return name
    return " ".join(told.partition("\n\n")[0].split())


def _about(result: Result) -> Html:
    leads = result["leads"] if isinstance(result["leads"], int) else max(result["leads"].values(), default=0)
    told = {
        "Leads": f"{leads:,}",
        "Peak memory": f"{result['peak_memory_mb']:,} MB",
        "Machine": f"{result['cores']} cores, Python {result['python']}",
    }
    ratios = [
        paragraph(f"{ours[:1].upper()}{ours[1:]}: {result[key]:g} times {peer}.")
        for key, (ours, peer) in RATIOS.items()
        if key in result
    ]
    return joined([*ratios, facts(told)])


def _steps(name: str, result: Result) -> Html:
    steps = result["steps"]
    rows = [(step, f"{each['processor_seconds']:,.1f}", f"{each['seconds']:,.1f}") for step, each in steps.items()]
    chart = bars(
        [(step, each["processor_seconds"]) for step, each in steps.items()], x="processor seconds", form=",.2~f"
    )
    return figure(
        chart, name=f"steps-{name}", title="Where the time went", says="Processor seconds per step.",
        header=("Step", "Processor seconds", "Seconds"), rows=rows,
    )  # fmt: skip


def _kernel(name: str, size: str, told: Result) -> Html:
    per_lead, times = told["microseconds per lead"], told[KERNEL]
    place = size.replace(" ", "-").replace(",", "")
    return figure(
        bars(list(times.items()), x="times the cost of our kernel", form=",.2~f"),
        name=f"kernel-{name}-{place}", title=f"Scores and shares: {size}",
        says=html("What a lead costs, as a multiple of our kernel."),
        header=("Who", "Times our kernel", "Microseconds per lead"),
        rows=[(who, f"{times[who]:,.2f}", f"{per_lead[who]:,.1f}") for who in times],
    )  # fmt: skip


def _pages(pages: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Html:
    rows = [
        (load, kind, f"{each['pages']:,}", *(f"{each[key]:,.0f}" for key in ("p50_ms", "p95_ms", "p99_ms")))
        for load, kinds in pages.items()
        for kind, each in kinds.items()
        if "pages" in each
    ]
    header = ("Readers take", "Page", "Answers", "Median, ms", "95 %, ms", "99 %, ms")
    return table(header, rows, numbers=range(2, 6), says="How long pages take with 20 people in them")


def main() -> None:
    """``page [FOLDER]``."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    sys.stdout.write(f"{write_benchmarks(folder)}\n")


if __name__ == "__main__":
    main()
