"""What the dates in the tables say about today: rows from the future, and an export that has grown old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.intake.limited import limited_database

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.outcomes.labels import LabelRule

OUTCOMES_END_EARLY = "OUTCOMES_END_EARLY"
OLD_DAYS = 14
"""An outcome table without any outcome for so long was perhaps exported earlier."""


def date_findings(checked: CheckedTables, rule: LabelRule, *, now: int) -> list[Finding]:
    """Findings about moments that lie after now, and about labels that an old export cannot settle.

    Tables that have an order instead of dates say nothing about today, and are left aside.

    Args:
        checked: Checked tables.
        rule: What counts as a conversion, and for how long.
        now: This moment, in microseconds.
    """
    with limited_database() as connection:
        dates = _Dates(checked, connection)
        return [*dates.in_the_future(now), *dates.old_export(rule, now)]


class _Dates:
    def __init__(self, checked: CheckedTables, connection: Any) -> None:
        self.checked = checked
        self.connection = connection
        self.ordered = {finding.table for finding in checked.findings if finding.code == "ORDER_NOT_DATES"}

    def _ask(self, query: str, *tables: str) -> Any:
        return self.connection.execute(query, [str(self.checked.paths[table]) for table in tables]).fetchone()

    def in_the_future(self, now: int) -> Iterator[Finding]:
        for table in self.checked.paths:
            for column in TABLES[table].columns:
                if table in self.ordered or column.kind != Kind.MOMENT or not self._has(table, column.name):
                    continue
                count = self._ask(f'SELECT count(*) FROM read_parquet(?) WHERE "{column.name}" > {now}', table)[0]
                if count:
                    says = f"{table}: {count:,} value(s) of {column.name} lie in the future; not known until then"
                    todo = "check how the column is written, and its time zone"
                    yield Finding("IN_THE_FUTURE", Severity.WARN, says, table, column.name, count, todo)

    def old_export(self, rule: LabelRule, now: int) -> Iterator[Finding]:
        """Handoffs without an outcome whose window closed after the newest one: are they lost, or not exported yet?"""
        table, moment = ("handoffs", "handed_at") if "handoffs" in self.checked.paths else ("leads", "created_at")
        if rule.absent != "open" or not self._has("outcomes", "at") or self.ordered & {table, "outcomes"}:
            return
        newest = self._ask(f'SELECT max("at") FROM read_parquet(?) WHERE "at" <= {now}', "outcomes")[0]
        if newest is None or now - newest < OLD_DAYS * MICROSECONDS_PER_DAY:
            return
        query = (
            f"SELECT count(*) FROM read_parquet(?) AS asked WHERE {moment} + {rule.window} > {newest} "
            f"AND {moment} + {rule.window} <= {now} "
            "AND NOT EXISTS (SELECT 1 FROM read_parquet(?) AS told WHERE told.lead_id = asked.lead_id)"
        )
        count = self._ask(query, table, "outcomes")[0]
        if count:
            says = (
                f"outcomes: the newest is of {format_moment(newest)}; {count:,} handoff(s) without an outcome, whose "
                "window closed after it, count as lost"
            )
            todo = f"if the export is older than today, name its day: --as-of {format_moment(newest)[:10]}"
            yield Finding(OUTCOMES_END_EARLY, Severity.WARN, says, "outcomes", "at", count, todo)

    def _has(self, table: str, column: str) -> bool:
        facts = self.checked.schema.get(table, {}).get(column)
        return facts is not None and facts.present
