"""Building checked tables: every table in turn, then what holds between them, then into the store."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.domain.tables import TABLES
from salesworthy.intake import store
from salesworthy.intake.care import Care
from salesworthy.intake.caring import Cared, take_care
from salesworthy.intake.checked import CheckedTables
from salesworthy.intake.limits import hold_limits
from salesworthy.intake.mending import Mending
from salesworthy.intake.plan import Locate, plan_tables
from salesworthy.intake.settings import Tables
from salesworthy.intake.suppression import Suppression
from salesworthy.intake.table_check import CheckedTable, check_table
from salesworthy.intake.table_findings import table_findings
from salesworthy.intake.table_reading import Desk

REFUSED = "refused"
"""Folder of the rows that were set aside when a limit was broken, to look into."""


def build(
    tables: Tables,
    locate: Locate,
    fingerprint: str,
    *,
    timezone: tzinfo,
    folder: Path,
    refuse_undated: bool,
    max_rejected_share: float,
    progress: Callable[[str, float], None],
    suppression: Suppression,
    care: Care,
    mending: Mending,
) -> CheckedTables:
    """Check every table and store the result; see ``check.check_tables``."""
    plans = plan_tables(tables, locate)
    stage = store.new_stage(folder)
    desk = Desk(stage, timezone, refuse_undated, suppression, mending)
    try:
        found: dict[str, CheckedTable] = {}
        for number, (name, plan) in enumerate(plans.items()):
            start, step = number / len(plans), 1 / len(plans)

            def told(rows: int, name: str = name, start: float = start, step: float = step) -> None:
                progress(f"{name}: {rows:,} rows", start + step * (1 - 1 / (1 + rows / 1e6)))

            found[name] = check_table(TABLES[name], plan, desk, told)
        _hold(found, stage, folder, max_rejected_share)
        checked = _checked(take_care(found, desk, care), desk, fingerprint)
        progress("tables", 1.0)
        return store.put(folder, stage, checked)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _checked(cared: Cared, desk: Desk, fingerprint: str) -> CheckedTables:
    found = cared.tables
    schema = {name: each.columns for name, each in found.items()}
    paths = {name: desk.kept(name) for name in found}
    notes = [finding for each in found.values() for finding in each.notes.findings()]
    return CheckedTables(
        schema=schema,
        paths=paths,
        rejected={name: desk.rejected(name) for name, each in found.items() if each.report.rejected},
        reports=tuple(each.report for each in found.values()),
        findings=(*notes, *cared.findings, *table_findings(schema, paths, spill=desk.folder)),
        fingerprint=fingerprint,
        merged=cared.merged,
        uncertain=cared.uncertain,
    )


def _hold(found: dict[str, CheckedTable], stage: Path, folder: Path, max_rejected_share: float) -> None:
    examples = {name: each.examples for name, each in found.items()}
    try:
        hold_limits([each.report for each in found.values()], examples, max_rejected_share)
    except DataLimitExceeded as error:
        if not any(each.report.rejected for each in found.values()):
            raise
        refused = folder / REFUSED
        shutil.rmtree(refused, ignore_errors=True)
        shutil.move(stage / "rejected", refused)
        todo = f"{error.todo}; the rows are in {refused}"
        raise DataLimitExceeded(error.what, where=error.where, todo=todo) from error
