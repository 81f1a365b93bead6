"""Findings about checked tables: how fresh and how full they are, and whether their keys lead anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.domain.tables import TABLES, Disposition, Kind
from salesworthy.intake.checked import ColumnFacts
from salesworthy.intake.feed_quality import feed_shares, share_findings
from salesworthy.intake.feeds import feed_findings
from salesworthy.intake.limited import limited_database

Schema = Mapping[str, Mapping[str, ColumnFacts]]

REFERENCES = {"lead_id": ("leads", "UNMATCHED_LEADS"), "account_id": ("accounts", "UNMATCHED_ACCOUNTS")} | {
    "content_id": ("content", "UNMATCHED_CONTENT"),
    "campaign_id": ("campaigns", "UNMATCHED_CAMPAIGNS"),
}
"""Column -> the table that it points to, and the code of rows that point to nothing."""


def table_findings(schema: Schema, paths: Mapping[str, Path], *, spill: Path | None = None) -> list[Finding]:
    """What there is to say about the kept rows.

    Args:
        schema: Tables and columns.
        paths: Their Parquet files.
        spill: An existing folder for what does not fit into memory.
    """
    with limited_database(spill) as connection:
        found = [each for table in paths for each in _of_table(table, schema[table], paths[table])]
        found += [each for table in paths for each in _unmatched(connection, table, schema, paths)]
        found += [each for table in paths for each in _alike(connection, table, paths)]
        found += _before_handoff(connection, schema, paths)
        found += feed_findings(connection, paths)
        found += share_findings(feed_shares(connection, schema, paths))
    if "handoffs" not in schema:
        says = "there is no handoffs table: every lead counts as handed over at created_at"
        found.append(Finding("NO_HANDOFFS", Severity.INFO, says, "handoffs"))
    return found


def _of_table(table: str, columns: Mapping[str, ColumnFacts], path: Path) -> Iterator[Finding]:
    filled, newest, rows = _statistics(path)
    if not rows:
        yield Finding("NO_ROWS", Severity.WARN, f"{table}: no row was kept", table)
        return
    for name, facts in columns.items():
        if facts.present and filled[name] == 0:
            yield Finding("EMPTY_COLUMN", Severity.WARN, f"{table}: {name} is empty in every row", table, name, rows)
    moment = next(
        (c.name for c in TABLES[table].columns if c.kind == Kind.MOMENT and newest.get(c.name) is not None), None
    )
    if moment is not None:
        says = f"{table}: the newest {moment} is {format_moment(newest[moment])}"
        yield Finding("FRESHNESS", Severity.INFO, says, table, moment, rows)
    own = [name for name, facts in columns.items() if facts.present and not facts.carried]
    shares = ", ".join(f"{name} {filled[name] / rows:.0%}" for name in own if filled[name] < rows)
    if shares:
        yield Finding("COVERAGE", Severity.INFO, f"{table}: filled are {shares}", table, "", rows)


def _statistics(path: Path) -> tuple[dict[str, int], dict[str, Any], int]:
    """Values per column, the largest of each integer column, and the number of rows, from the file's own statistics."""
    from pyarrow import parquet

    meta = parquet.read_metadata(path)
    names = [meta.schema.column(number).path for number in range(meta.num_columns)]
    filled: dict[str, int] = dict.fromkeys(names, 0)
    largest: dict[str, Any] = {}
    for group in range(meta.num_row_groups):
        for number, name in enumerate(names):
            statistics = meta.row_group(group).column(number).statistics
            if statistics is None:  # a group without rows
                continue
            filled[name] += statistics.num_values
            if statistics.has_min_max and isinstance(statistics.max, int) and not isinstance(statistics.max, bool):
                largest[name] = max(largest.get(name, statistics.max), statistics.max)
    return filled, largest, meta.num_rows


def _unmatched(connection: Any, table: str, schema: Schema, paths: Mapping[str, Path]) -> Iterator[Finding]:
    for column, (target, _) in REFERENCES.items():
        facts = schema[table].get(column)
        if target == table or target not in paths or facts is None or not facts.present or facts.carried:
            continue
        query = (
            f"SELECT count(*) FROM read_parquet(?) AS own WHERE own.{column} IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM read_parquet(?) AS other WHERE other.{column} = own.{column})"
        )
        count = connection.execute(query, [str(paths[table]), str(paths[target])]).fetchone()[0]
        if count:
            yield from _of_unmatched(connection, table, column, paths, count)


def _of_unmatched(connection: Any, table: str, column: str, paths: Mapping[str, Path], count: int) -> Iterator[Finding]:
    """Rows that lead nowhere: how many of all, and how many would, were it not for case and blanks."""
    target, code = REFERENCES[column]
    named, alike = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM read_parquet($2) AS same WHERE "
        f"same.{column} = own.{column}) AND {_folded(f'own.{column}')} IN (SELECT {_folded(column)} FROM "
        f"read_parquet($2))) FROM read_parquet($1) AS own WHERE own.{column} IS NOT NULL",
        [str(paths[table]), str(paths[target])],
    ).fetchone()
    says = f"{table}: {count:,} row(s) name a {column} that {target} does not have ({count / named:.1%})"
    yield Finding(code, Severity.WARN, says, table, column, count, f"check whether {target} is complete")
    if alike:
        says = f"{table}: {alike:,} row(s) name a {column} that {target} has in another case or with other blanks only"
        todo = "write keys alike in both exports; they are not taken for one another"
        yield Finding("KEYS_DIFFER", Severity.WARN, says, table, column, alike, todo)


def _alike(connection: Any, table: str, paths: Mapping[str, Path]) -> Iterator[Finding]:
    """Keys of a table that differ in case or blanks only: perhaps one entry, written twice."""
    for column in TABLES[table].key:
        query = (
            f"SELECT coalesce(sum(keys), 0) FROM (SELECT count(*) AS keys FROM read_parquet(?) "
            f"GROUP BY {_folded(column)} HAVING count(*) > 1)"
        )
        count = int(connection.execute(query, [str(paths[table])]).fetchone()[0])
        if count:
            says = f"{table}: {count:,} keys differ from another in case or blanks only"
            todo = "if they are one, write them alike; until then each is an entry of its own"
            yield Finding("KEYS_ALIKE", Severity.WARN, says, table, column, count, todo)


def _folded(column: str) -> str:
    return f"lower(regexp_replace({column}, '\\s', '', 'g'))"


def _before_handoff(connection: Any, schema: Schema, paths: Mapping[str, Path]) -> Iterator[Finding]:
    """Outcomes that no handoff can have led to; those of the same day are given the benefit of the doubt."""
    if not {"leads", "outcomes"} <= set(paths) or not schema["outcomes"]["at"].present:
        return
    table, moment = ("handoffs", "handed_at") if "handoffs" in paths else ("leads", "created_at")
    query = (
        f"WITH first AS (SELECT lead_id, min({moment}) AS handed FROM read_parquet(?) GROUP BY lead_id) "
        "SELECT count(*) FROM read_parquet(?) AS told JOIN first USING (lead_id) "
        f"WHERE told.disposition <> '{Disposition.OPEN}' AND told.at <= first.handed - {MICROSECONDS_PER_DAY}"
    )
    count = connection.execute(query, [str(paths[table]), str(paths["outcomes"])]).fetchone()[0]
    if count:
        says = f"outcomes: {count:,} row(s) are dated before their lead's first {moment}; they settle no handoff"
        todo = f"check which columns hold outcomes.at and {table}.{moment}, and how they are written"
        yield Finding("OUTCOMES_BEFORE_HANDOFF", Severity.WARN, says, "outcomes", "at", count, todo)
