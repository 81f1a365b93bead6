"""What features cost over the same features as one hand-written SQL query on the same DuckDB.

Both read the same checked tables, with the same threads and the same limit of memory, and leave their rows in the
engine; both are asked twice, in turns, and the rows must be equal.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
from experiments.benchmarks.results import Timed, write

from salesworthy.features.catalogue import Catalogue
from salesworthy.outcomes.open_leads import known_leads
from salesworthy.runs.check import check
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.init import write_workspace
from salesworthy.runs.workspace import open_workspace

DAY = "2026-07-01"
ROUNDS = 2
COUNTS = {
    "evaluation_requests_30d": ("kind = 'form' AND topic = 'evaluation'", 30),
    "evaluation_requests_90d": ("kind = 'form' AND topic = 'evaluation'", 90),
    "demo_requests_30d": ("kind = 'form' AND topic = 'demo'", 30),
    "demo_requests_90d": ("kind = 'form' AND topic = 'demo'", 90),
    "sample_requests_90d": ("kind = 'form' AND topic = 'sample'", 90),
    "clinical_evidence_90d": (
        "kind IN ('open', 'download', 'view') AND topic IN ('clinical_evidence', 'clinical_outcomes')", 90,
    ),
    "acts_30d": ("true", 30),
    "acts_90d": ("true", 90),
}  # fmt: skip
"""Counts per lead: which acts, within how many days."""
RECENCIES = {
    "days_since_evaluation_request": "kind = 'form' AND topic = 'evaluation'",
    "days_since_last_act": "true",
}
FACTS = {
    "role": "l.role",
    "department": "l.department",
    "specialty": "l.specialty",
    "facility_type": "a.facility_type",
    "in_health_system": "CASE WHEN a.account_id IS NOT NULL THEN (a.parent_account_id IS NOT NULL)::DOUBLE END",
    "beds": "a.beds",
    "region": "a.region",
}
SITE = ("site_acts_90d", 90)
NAMES = (*FACTS, *COUNTS, *RECENCIES, SITE[0])
AGENTS = ("safelinks", "barracuda", "proofpoint", "mimecast", "headless", "bot", "crawler", "spider")
PERSON = "CASE WHEN machine IS NOT NULL THEN NOT machine ELSE agent IS NULL OR NOT ({}) END".format(
    " OR ".join(f"contains(lower(agent), '{agent}')" for agent in AGENTS)
)
A_DAY = 86_400_000_000


def run(leads: int) -> None:
    """Features of every lead of a market, ours and by hand."""
    print(f"features, {leads:,} leads")
    timed = Timed()
    with TemporaryDirectory() as place:
        folder = Path(place) / "demo"
        write_workspace(folder, example=True, leads=leads, seed=7)
        workspace = open_workspace(folder, environ={})
        as_of = workspace.moment(DAY)
        check(workspace)
        with opened(workspace) as data:
            catalogue = _catalogue(workspace.catalogue(data.checked).catalogue)
            for turn in range(1, ROUNDS + 1):
                with timed.step(f"ours, {turn}"):
                    _ours(data, catalogue, as_of, f"ours_{turn}")
                with timed.step(f"by hand, {turn}"):
                    _by_hand(data, as_of, f"by_hand_{turn}")
            differing = _differing(data)
    ours, by_hand = (sum(timed.processor_seconds(f"{who}, {turn}") for turn in (1, 2)) for who in ("ours", "by hand"))
    write(
        "features", timed, leads=leads, features=len(NAMES), rows_that_differ=differing,
        ours_per_hand_written_sql=round(ours / by_hand, 2), ratios_of="processor seconds",
    )  # fmt: skip


def _catalogue(whole: Catalogue) -> Catalogue:
    found = {feature.name: feature for feature in whole.features}
    return Catalogue(tuple(found[name] for name in NAMES))


def _ours(data: OpenTables, catalogue: Catalogue, as_of: int, name: str) -> None:
    spine = known_leads(data.tables, as_of=as_of).mutate(as_of=ibis.literal(as_of, "int64"))
    data.engine.materialise(name, data.features(spine, catalogue, until=as_of))


def _by_hand(data: OpenTables, as_of: int, name: str) -> None:
    _run(data, f"CREATE TABLE {name} AS {sql(as_of)}")


def sql(as_of: int) -> str:
    """The query, with one pass over the acts."""
    since = {days: as_of - days * A_DAY for days in (30, 90)}
    counts = [
        f"count(*) FILTER (WHERE ({acts}) AND occurred_at > {since[days]}) AS {name}"
        for name, (acts, days) in COUNTS.items()
    ]
    recencies = [
        f"({as_of} - max(occurred_at) FILTER (WHERE {acts})) / {A_DAY}.0 AS {name}" for name, acts in RECENCIES.items()
    ]
    facts = ", ".join(f"{value} AS {name}" for name, value in FACTS.items())
    told = [f"coalesce(p.{name}, 0) AS {name}" for name in COUNTS] + [f"p.{name}" for name in RECENCIES]
    site, days = SITE
    return f"""
        WITH acts AS (
            SELECT e.lead_id, e.occurred_at, e.kind, c.topic FROM engagements e LEFT JOIN content c USING (content_id)
            WHERE e.known_at <= {as_of} AND e.occurred_at <= {as_of} AND {PERSON}
        ), per_lead AS (
            SELECT lead_id, {", ".join([*counts, *recencies])} FROM acts GROUP BY lead_id
        ), per_site AS (
            SELECT account_id, count(*) AS {site} FROM acts JOIN leads USING (lead_id)
            WHERE occurred_at > {since[days]} AND account_id IS NOT NULL GROUP BY account_id
        )
        SELECT l.lead_id, {facts}, {", ".join(told)},
            CASE WHEN l.account_id IS NOT NULL THEN coalesce(s.{site}, 0) END AS {site}
        FROM leads l LEFT JOIN accounts a USING (account_id) LEFT JOIN per_lead p USING (lead_id)
        LEFT JOIN per_site s ON s.account_id = l.account_id WHERE l.created_at <= {as_of}
    """


def _differing(data: OpenTables) -> int:
    """Rows of the one that are not in the other."""
    columns = ", ".join(
        f"round({name}::DOUBLE, 9)" if name in RECENCIES else f"{name}::VARCHAR" if name not in COUNTS else name
        for name in NAMES
        if name not in {"beds", "in_health_system"}
    )
    columns += ", beds::DOUBLE, in_health_system::DOUBLE"
    ours, theirs = (f"SELECT lead_id, {columns} FROM {name}" for name in ("ours_1", "by_hand_1"))
    found = _run(data, f"SELECT count(*) FROM (({ours} EXCEPT {theirs}) UNION ALL ({theirs} EXCEPT {ours}))")
    return int(found.fetchone()[0])


def _run(data: OpenTables, statement: str):
    return data.engine.backend.raw_sql(statement)
