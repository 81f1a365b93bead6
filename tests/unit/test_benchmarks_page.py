"""Every benchmark can be run by name, and the page about their results needs nothing else."""

from __future__ import annotations

import json
import re
from importlib import import_module

import pytest
from experiments.benchmarks.__main__ import SHORT
from experiments.benchmarks.page import benchmarks_page, write_benchmarks
from experiments.benchmarks.page_scale import beyond
from experiments.benchmarks.results import RESULTS

STEPS = ("check", "features", "score")


def measured(leads, seconds):
    told = {"seconds": seconds, "processor_seconds": seconds, "peak_memory_mb": 300}
    return {"leads": leads, "acts": 20 * leads, "steps": dict.fromkeys(STEPS, told)}


def scale(*points):
    engine = {"memory_limit": "4GB", "threads": 2}
    return {"leads": points[-1]["leads"], "engine": engine, "load": [0.5], "steps": {}, "points": list(points)}


@pytest.mark.parametrize("name", sorted(SHORT))
def test_a_benchmark_can_be_run(name):
    module = import_module(f"experiments.benchmarks.{name}")
    assert callable(module.run)
    assert module.__doc__


def test_what_was_not_measured_lies_on_a_straight_line():
    points = [measured(10_000, 99.0), measured(100_000, 20.0), measured(1_000_000, 110.0)]
    assert beyond(points) == dict.fromkeys(STEPS, pytest.approx(1_010.0))
    assert not beyond(points[:1])
    assert not beyond([*points, measured(10_000_000, 500.0)])


def test_the_page_says_what_was_not_measured():
    drawn_out = benchmarks_page({"scale": scale(measured(100_000, 2.0), measured(1_000_000, 11.0))})
    assert "Ten million leads were not measured" in drawn_out
    whole = benchmarks_page({"scale": scale(measured(1_000_000, 2.0), measured(10_000_000, 11.0))})
    assert "not measured" not in whole


def test_the_page_of_our_results_needs_no_network_and_has_every_benchmark():
    results = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    text = benchmarks_page(results)
    assert text == benchmarks_page(results)
    assert not re.search(r"(src|href)=.(https?:|//)", text)
    assert "<script" not in text
    headings = re.findall(r'<h2 id="([^"]+)"', text)
    assert len(headings) == len(results) + 1
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_short_form_says_so(tmp_path):
    (tmp_path / "scale.json").write_text(json.dumps(scale(measured(1_000, 1.0))))
    assert "Do not quote its figures" in write_benchmarks(tmp_path).read_text()
    assert "Do not quote" not in benchmarks_page({"scale": scale(measured(1_000, 1.0))})
