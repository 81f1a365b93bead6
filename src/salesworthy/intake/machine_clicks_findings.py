"""What is said about machine clicks: how many, by which rules, at which sources, and whether more than before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.intake.machine_clicks import ACTS, MachineClicks
from salesworthy.intake.machine_clicks_settings import MachineClickSettings

SOURCES_TOLD = 5


def machine_click_findings(
    connection: Any, paths: Mapping[str, Path], judged: MachineClicks, settings: MachineClickSettings
) -> list[Finding]:
    """The count as ``MACHINE_CLICKS``, and ``MACHINE_CLICKS_JUMP`` for each source where the share rose.

    Args:
        connection: An open DuckDB connection.
        paths: Checked tables, in which the acts are judged.
        judged: What was found.
        settings: Since when, how much and among how many is a rise; which acts are clicks.
    """
    if not judged.machines:
        return []
    rows = connection.execute(_query(paths, settings), [list(settings.kinds)]).fetchall()
    return [_count(judged, rows), *(each for row in rows if (each := _jump(row, settings)))]


def _query(paths: Mapping[str, Path], settings: MachineClickSettings) -> str:
    """Per source, most clicks first: clicks and clicks of machines, before the latest days and in them."""
    acts = _read(paths[ACTS])
    recent = round(settings.jump_days * MICROSECONDS_PER_DAY)
    leads = f"LEFT JOIN {_read(paths['leads'])} AS leads USING (lead_id)" if "leads" in paths else ""
    source = "coalesce(leads.source, 'not known')" if leads else "'not known'"
    return (
        f"WITH newest AS (SELECT max(occurred_at) - {recent} AS since FROM {acts}) "
        f"SELECT {source} AS source, count(*) FILTER (occurred_at < since), "
        "count(*) FILTER (occurred_at < since AND acts.machine), count(*) FILTER (occurred_at >= since), "
        f"count(*) FILTER (occurred_at >= since AND acts.machine) FROM {acts} AS acts {leads}, newest "
        "WHERE list_contains(?, lower(kind)) GROUP BY 1 ORDER BY count(*) DESC, 1"
    )


def _read(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def _count(judged: MachineClicks, rows: list[tuple[Any, ...]]) -> Finding:
    rules = ", ".join(f"{rule.value} {count:,}" for rule, count in judged.by_rule.items() if count)
    told = [f"{source} {(old + new) / (before + after):.0%}" for source, before, old, after, new in rows[:SOURCES_TOLD]]
    by_source = f"; share of clicks by source of the lead: {', '.join(told)}" if told else ""
    says = f"{ACTS}: {judged.machines:,} of {judged.acts:,} acts were made by machines ({rules}) and do not count"
    return Finding("MACHINE_CLICKS", Severity.INFO, says + by_source, ACTS, "machine", judged.machines)


def _jump(row: tuple[Any, ...], settings: MachineClickSettings) -> Finding | None:
    source, before, machines_before, after, machines_after = row
    if min(before, after) < settings.jump_clicks:
        return None
    old, new = machines_before / before, machines_after / after
    per_person = machines_after / max(after - machines_after, 1)
    if per_person < settings.jump_times * max(machines_before, 1) / max(before - machines_before, 1):
        return None
    says = (
        f"{ACTS}: {new:.0%} of the clicks of leads from {source} were made by machines in the latest "
        f"{settings.jump_days:g} days, {old:.0%} before"
    )
    todo = "look at the mails of these days, and whether a scanner that nobody knows passes for people"
    return Finding("MACHINE_CLICKS_JUMP", Severity.WARN, says, ACTS, "machine", machines_after, todo)
