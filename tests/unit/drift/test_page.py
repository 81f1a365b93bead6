"""The page and the document: complete, the same each time, safe, and of nothing but itself."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from small_market import Market
from weekly_sums import MONDAY, quiet, weeks, with_jump

from salesworthy.cli.drift import drift_text
from salesworthy.domain.findings import Severity
from salesworthy.drift.document import document_of, headline
from salesworthy.drift.estimates import performance
from salesworthy.drift.event_tables import Events
from salesworthy.drift.evidence import Evidence
from salesworthy.drift.findings import Cause, DriftFinding, Level, ranked
from salesworthy.drift.outcome_watch import Handed
from salesworthy.drift.page import drift_page
from salesworthy.drift.thresholds import strays
from salesworthy.drift.watched import Family
from salesworthy.drift.watching import Watch, findings_of
from salesworthy.drift.weeks import WEEK
from salesworthy.engines.duckdb import DuckDBEngine
from salesworthy.features.catalogue import Catalogue

EVIL = "<script>alert(1)</script>"


def report(found, watch, strayed):
    handed = Handed(
        *(np.zeros(0, np.int64),) * 2, *(np.zeros(0),) * 2, np.zeros(0, bool), np.zeros((0, 0)), (), np.zeros(0, bool)
    )
    flow = {"table": "leads", "newest": "2026-01-01", "days_old": 1.0, "rows_last_week": 5}
    rest = {"usual_rows_a_week": 7.0, "weeks_without_rows": 0, "set_aside_share": 0.0}
    return {
        "headline": headline(found, strayed, watch.weekly.weeks),
        "as_of": "2026-01-02",
        "model_version": None,
        **document_of(watch, found, strayed),
        "performance": performance(handed, as_of=0, window=WEEK),
        "issued_scores": 0,
        "flow": [flow | rest],
        "not_applicable": [{"what": "scores and reasons", "why": "no model is in force: promote one"}],
    }


@pytest.fixture(scope="module")
def told():
    with DuckDBEngine(threads=1) as engine:
        market = Market()
        market.leads["source"][market.late(market.leads, "created_at") & (market.leads["source"] == "web")] = EVIL
        found = list(market.findings(engine).values())
        import pyarrow as pa

        tables = {"leads": engine.from_arrow("leads", pa.table(market.leads))}
        events = Events(engine, tables, weeks(60), MONDAY + 60 * WEEK)
        from salesworthy.drift.watched import joined

        watch = Watch(joined(weeks(60), events.parts()), Evidence(events, pa.table({"drift_week": [0]})), Catalogue())
        yield report(found, watch, strays(watch.weekly, 59, every=52))


def test_the_page_needs_nothing_else_and_lets_no_text_become_markup(told):
    page = drift_page(told)
    assert EVIL in json.dumps(told)
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert not re.search(r"<script|@import|url\((?!#)", page)


def test_every_chart_has_its_table(told):
    page = drift_page(told)
    charts = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert charts
    assert all('role="img"' in chart and "<table>" in chart for chart in charts)
    assert len(charts) == page.count('role="img"')


def test_the_same_report_gives_the_same_bytes_and_is_plain_json(told):
    assert drift_page(told) == drift_page(json.loads(json.dumps(told, allow_nan=False)))


def test_the_terminal_tells_evidence_cause_and_what_to_do(told):
    text = drift_text(told)
    first = told["findings"][0]
    for part in (first["evidence"], first["cause"], first["todo"], first["since"], "Not watched: scores and reasons"):
        assert part in text


def test_too_short_a_past_is_said_and_still_makes_a_page():
    watch = Watch(quiet(10, 3, seed=0), None, Catalogue())
    found = report([], watch, None)
    assert found["headline"].startswith("Too early to tell: 10 whole week(s)")
    assert found["findings"] == found["watched"] == []
    assert "Too early to tell" in drift_page(found)


def test_a_quiet_week_says_how_much_was_looked_at():
    watch = Watch(quiet(80, 3, seed=0), None, Catalogue())
    found = report([], watch, strays(watch.weekly, 79, every=52))
    assert "Nothing strays further than chance lets it, of 3 figures" in found["headline"]
    assert "callout good" in drift_page(found)


def test_a_finding_says_where_it_began_what_it_touches_and_when_it_was_first_seen():
    class Nowhere:
        sample = type("Sample", (), {"column_names": []})

    weekly = with_jump(quiet(90, 5, seed=3), thing=2, week=84, share=0.97)
    found = findings_of(Watch(weekly, Nowhere(), Catalogue()), 89)
    assert [each.thing for each in found] == ["thing2"]
    assert found[0].since == weeks(90).day(84)
    assert found[0].first_seen == weeks(90).day(85)
    rows = weekly.totals[86:90, 2].sum()
    level = found[0].levels[0]
    assert level.now == pytest.approx(0.97, abs=0.01)
    assert found[0].affected == pytest.approx(rows * (level.now - level.before), rel=0.02)


def finding(thing, *, severity=Severity.WARN, effect=0.0, follows=None):
    return DriftFinding(
        "X", thing, severity, Family.FEATURE, thing, "", Cause(follows=follows), "", "", "", 1, (Level("", 0, 1, 5),),
        effect, 1, "leads",
    )  # fmt: skip


def test_causes_come_before_consequences_grave_ones_first_then_effect_times_volume():
    given = [
        finding("follows", effect=9.0, follows=("feature", "big"), severity=Severity.INFO),
        finding("small", effect=0.1),
        finding("wide", effect=-0.1),
        finding("big", effect=0.4),
        finding("grave", severity=Severity.BLOCK),
    ]
    shares = {each.key: 0.1 for each in given} | {("feature", "wide"): 0.9}
    assert [each.thing for each in ranked(given, shares)] == ["grave", "wide", "big", "small", "follows"]
