"""What became of every row of a workspace, held against what was planted; and whether mending undoes the faults."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from experiments.conservation.tables import COLUMNS, ERASED, KEPT, PASSED_OVER, SUPPRESSED, World

from salesworthy.domain.moments import zone
from salesworthy.intake.check import check_tables
from salesworthy.intake.checked import CheckedTables
from salesworthy.intake.mending import Mending
from salesworthy.intake.suppression import Suppression, Why
from salesworthy.runs.settings import load_settings

MARK = re.compile(r"(?:leads|engagements|outcomes|content|handoffs):(?:\u00e9\u00e9|\ufffd)?\d{4}")
OUT = Suppression(salt="conservation").adding(ERASED, why=Why.ERASED, at=0)
Places = Counter[tuple[str, str]]
"""(Place, mark) -> rows; a place is kept, or the code of a reason."""


@dataclass(frozen=True)
class Account:
    """Rows of a workspace: how many came in, and those that are not where they belong."""

    rows: int
    tables: int
    codes: Counter[str]
    astray: list[str]


def read(folder: Path, mending: Mending | None = None) -> CheckedTables:
    """The checked tables of a workspace, with nobody's word but the planted one."""
    settings = load_settings(folder, {})
    return check_tables(
        settings.tables, root=folder, timezone=zone(settings.workspace.timezone), folder=folder / "store",
        max_rejected_share=1.0, refuse_undated=True, suppression=OUT, mending=mending or Mending(),
    )  # fmt: skip


def account(world: World, folder: Path) -> Account:
    """Read a workspace and look for every row of it."""
    checked = read(folder)
    reports = {each.table: each for each in checked.reports}
    astray: list[str] = []
    codes: Counter[str] = Counter()
    for table in world.tables:
        report, fates = reports[table.name], Counter(row.fate for row in table.rows)
        told = (report.rows_in, report.suppressed, report.passed_over, report.unaccounted)
        due = (len(table.rows), fates[SUPPRESSED], fates[PASSED_OVER], 0)
        if told != due:
            astray.append(f"{table.name}: rows, suppressed, passed over, unaccounted are {told}, not {due}")
        expected = Counter((row.fate, row.given[-1] if row.fate != "RAGGED_ROW" else row.mark) for row in table.rows)
        expected = Counter({place: n for place, n in expected.items() if place[0] not in {SUPPRESSED, PASSED_OVER}})
        found = places(checked, table.name)
        astray += [f"{place}: {n} row(s) are not there" for place, n in (expected - found).items()]
        astray += [f"{place}: {n} row(s) too many" for place, n in (found - expected).items()]
        codes += fates
    return Account(codes.total(), len(world.tables), codes, astray)


def places(checked: CheckedTables, table: str) -> Places:
    """Where the rows of a table are, as their marks say."""
    found: Places = Counter()
    for mark in pl.read_parquet(checked.paths[table])["mark"]:
        found[KEPT, mark] += 1
    if table in checked.rejected:
        for code, raw in pl.read_parquet(checked.rejected[table]).select("code", "raw").iter_rows():
            found[code, (MARK.findall(raw) or [raw])[-1]] += 1
    return found


def mended(world: World, folder: Path, right: Path) -> list[str]:
    """Tables that are not, byte for byte, those of the workspace without faults once every row is put right."""
    tables = {table.name: table for table in world.tables}
    said = {
        name: {
            (raw, copy): dict(zip(COLUMNS[name], tables[name].rows[row - 2].right, strict=True))
            for row, raw, copy in pl.read_parquet(path).select("row", "raw", "copy").iter_rows()
        }
        for name, path in read(folder).rejected.items()
    }
    again, never = read(folder, Mending(said)), read(right)
    differ = [name for name, path in again.paths.items() if path.read_bytes() != never.paths[name].read_bytes()]
    return differ + sorted(again.rejected)


def marks(checked: CheckedTables) -> Counter[str]:
    """Every mark in kept rows and in rows set aside, wherever it stands in them."""
    found: Counter[str] = Counter()
    for path in checked.paths.values():
        found += Counter(MARK.findall(json.dumps(pl.read_parquet(path).rows(), ensure_ascii=False)))
    for path in checked.rejected.values():
        found += Counter(MARK.findall("\n".join(pl.read_parquet(path)["raw"])))
    return found
