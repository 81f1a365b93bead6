"""One table from its sources, in two passes, and how its rows are accounted for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from salesworthy.domain.errors import InternalError
from salesworthy.domain.marks import ColumnMark
from salesworthy.domain.tables import Kind, TableSpec
from salesworthy.intake.checked import ColumnFacts, TableReport
from salesworthy.intake.notes import Notes
from salesworthy.intake.plan import SourcePlan
from salesworthy.intake.row_writers import PartsWriter, RejectedWriter
from salesworthy.intake.table_finishing import finish
from salesworthy.intake.table_reading import Desk, TableReading


@dataclass(frozen=True)
class CheckedTable:
    """A table that was checked: its columns, its row counts, an example of each rejection, what was noticed."""

    columns: dict[str, ColumnFacts]
    report: TableReport
    examples: dict[str, str]
    notes: Notes


def check_table(spec: TableSpec, plans: Sequence[SourcePlan], desk: Desk, told: Callable[[int], None]) -> CheckedTable:
    """Check one table.

    Args:
        spec: The table.
        plans: Its sources.
        desk: Where and how.
        told: Told the number of rows read, now and then.

    Raises:
        UserError: When a file is damaged.
    """
    notes = Notes(spec.name, str(desk.timezone))
    for plan in plans:
        for code, column, sentence in plan.notes:
            notes.say(code, column, sentence)
    desk.rejected(spec.name).parent.mkdir(parents=True, exist_ok=True)
    with RejectedWriter(desk.rejected(spec.name), spec.name, desk.suppression) as rejected:
        with PartsWriter(desk.folder / f"{spec.name}.staged.parquet") as kept:
            reading = TableReading(spec, plans, desk, notes, kept, rejected, told)
            reading.run()
        kinds = reading.carried.kinds()
        rows_kept = finish(reading, kinds)
    codes = dict(sorted(rejected.counts.items()))
    suppressed = reading.suppressed + rejected.suppressed
    report = TableReport(
        spec.name, reading.rows_in, rows_kept, codes, suppressed, 0, reading.passed_over, reading.mended
    )
    if report.unaccounted:
        raise InternalError(f"{spec.name}: {report.unaccounted} row(s) are not accounted for: {report}")
    return CheckedTable(
        _facts(spec, plans, kinds, reading.texts.marks()), report, rejected.examples | notes.spellings(), notes
    )


def _facts(
    spec: TableSpec, plans: Sequence[SourcePlan], kinds: Mapping[str, Kind], free: Mapping[str, ColumnMark]
) -> dict[str, ColumnFacts]:
    present = {each.column.name for plan in plans for each in plan.columns}
    if spec.name == "engagements":
        present.add("known_at")  # occurred_at, where nothing else is said
    marks = {**free, **{name: mark for plan in reversed(plans) for name, mark in plan.marks.items()}}
    own = {
        column.name: ColumnFacts(column.kind, column.name in present, carried=False, mark=marks.get(column.name))
        for column in spec.columns
    }
    carried = {
        name: ColumnFacts(kind, present=True, carried=True, mark=marks.get(name)) for name, kind in kinds.items()
    }
    return own | carried
