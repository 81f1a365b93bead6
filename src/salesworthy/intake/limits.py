"""Limits that checked tables must keep: a lead table with rows, and not too many rows set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesworthy.domain.errors import DataLimitExceeded
from salesworthy.intake.checked import TableReport
from salesworthy.intake.rejection import NEXT_STEPS, Rejection

NEEDED = "leads"


def hold_limits(
    reports: Iterable[TableReport], examples: Mapping[str, Mapping[str, str]], max_rejected_share: float
) -> None:
    """Refuse tables that broke a limit.

    Args:
        reports: Row counts per table.
        examples: Table -> code -> a row that was set aside for it.
        max_rejected_share: The largest share of a table's rows that may be set aside.

    Raises:
        DataLimitExceeded: Naming every table that did.
    """
    broken = [report for report in reports if _share(report) > max_rejected_share]
    if broken:
        worst = broken[0]
        code = Rejection[max(worst.rejected, key=lambda each: (worst.rejected[each], each))]
        example = examples.get(worst.table, {}).get(code.name, "")
        raise DataLimitExceeded(
            f"{'; '.join(_words(report) for report in broken)}. The limit is {max_rejected_share:.0%} "
            f"(limits.max_rejected_share). Most often: {code.name}: {code.value} For example: {example[:300]}",
            where=f"tables.{worst.table}",
            todo=NEXT_STEPS[code],
        )
    for report in reports:
        if report.table == NEEDED and report.kept == 0:
            raise DataLimitExceeded(
                f"the table {NEEDED} has no rows ({report.rows_in:,} came in)",
                where=f"tables.{NEEDED}",
                todo="check its path, and the rows that were set aside",
            )


def _share(report: TableReport) -> float:
    return sum(report.rejected.values()) / report.about if report.about else 0.0


def _words(report: TableReport) -> str:
    codes = ", ".join(f"{code} {count:,}" for code, count in sorted(report.rejected.items(), key=lambda e: -e[1]))
    total = sum(report.rejected.values())
    return f"{report.table}: {total:,} of {report.about:,} rows were set aside ({codes})"
