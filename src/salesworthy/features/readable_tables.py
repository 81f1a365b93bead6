"""The tables that a catalogue reads, checked before any question is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ibis
import ibis.expr.types as ir

from salesworthy.domain.errors import InternalError, UserError
from salesworthy.domain.tables import TABLES, Kind

Tables = Mapping[str, ir.Table]
_DTYPES = {Kind.ID: "string", Kind.TEXT: "string", Kind.NUMBER: "float64", Kind.YES_NO: "boolean", Kind.MOMENT: "int64"}


def refuse_missing(tables: Tables, reads: Iterable[tuple[str, str, str]]) -> None:
    """Refuse a catalogue that reads what is not there: without its facts a feature would look like "nothing happened".

    Args:
        tables: Tables at hand.
        reads: (feature, table, column), where a column of the vocabulary may be absent: it is null then.

    Raises:
        UserError: Naming every missing table and column with a feature that needs it.
    """
    missing = dict.fromkeys(
        f"{table} (for {feature})" if table not in tables else f"{table}.{column} (for {feature})"
        for feature, table, column in reads
        if not _readable(tables, table, column)
    )
    if missing:
        raise UserError(
            f"features need what the tables do not have: {', '.join(missing)}",
            where="tables",
            todo="give these tables and columns, or train on a catalogue without these features",
        )


def _readable(tables: Tables, table: str, column: str) -> bool:
    if table not in tables:
        return False
    return column in tables[table].columns or (table in TABLES and column in TABLES[table].by_name)


def column_of(tables: Tables, table: str, column: str) -> ir.Value:
    """A column of a table; null throughout where the vocabulary has it and the table does not.

    Raises:
        InternalError: When neither has it; ``refuse_missing`` was not asked.
    """
    if column in tables[table].columns:
        return tables[table][column]
    spec = TABLES[table].by_name.get(column)
    if spec is None:
        raise InternalError(f"{table}.{column} is not there")
    return ibis.null(_DTYPES[spec.kind])
