"""What feeds hold: which key fields each source fills in, and whether its keys lead anywhere, now against before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.intake.checked import ColumnFacts
from salesworthy.intake.feeds import FEEDS

FILLED, LEADING = "filled", "leading"
KEY_FIELDS = {
    "leads": ("account_id", "role", "department", "specialty", "campaign_id", "product"),
    "engagements": ("content_id", "campaign_id"),
    "outcomes": ("reason",),
}
"""Table -> fields that rules, reasons and routing live on."""
REFERENCES = {"lead_id": "leads", "account_id": "accounts", "content_id": "content", "campaign_id": "campaigns"}
RECENT_DAYS, BEFORE_DAYS = 28, 84
FEWEST = 50
"""Rows below which a share says nothing."""
FALL, SURE = 0.2, 5.0
"""A share has fallen by so much, and by so many standard errors: by chance that happens once in a million times."""


@dataclass(frozen=True)
class Share:
    """How many rows of a feed have a field filled (or, of those, how many lead somewhere), lately and before.

    Attributes:
        table: Its table.
        by: The column that tells its feeds apart; empty where it is one.
        feed: The feed; the table's name where it is one.
        field: The field.
        what: ``filled`` or ``leading``.
        rows: Rows of the last 28 days, or those of them that have the field filled.
        share: The share of them; None where there is none.
        rows_before: Rows of the twelve weeks before.
        share_before: The share of those.
    """

    table: str
    by: str
    feed: str
    field: str
    what: str
    rows: int
    share: float | None
    rows_before: int
    share_before: float | None

    @property
    def has_fallen(self) -> bool:
        """Whether the share is clearly smaller than it was."""
        if self.share is None or self.share_before is None or min(self.rows, self.rows_before) < FEWEST:
            return False
        pooled = (self.share * self.rows + self.share_before * self.rows_before) / (self.rows + self.rows_before)
        error = sqrt(pooled * (1 - pooled) * (1 / self.rows + 1 / self.rows_before))
        fall = self.share_before - self.share
        return fall >= FALL and fall > SURE * error

    def as_dict(self) -> dict[str, Any]:
        """The share as ``check --json`` prints it."""
        return {**asdict(self), "has_fallen": self.has_fallen}


def feed_shares(
    connection: Any, schema: Mapping[str, Mapping[str, ColumnFacts]], paths: Mapping[str, Path]
) -> list[Share]:
    """Shares of filled fields, and of keys that lead somewhere, per feed.

    Args:
        connection: An open DuckDB connection.
        schema: Tables and columns.
        paths: Their Parquet files.
    """
    return [share for table in FEEDS if table in paths for share in _of_table(connection, table, schema, paths)]


def share_findings(shares: list[Share]) -> Iterator[Finding]:
    """``COVERAGE_FELL`` and ``UNMATCHED_ROSE``."""
    for each in filter(lambda share: share.has_fallen, shares):
        of = f" of {each.by} {each.feed}" if each.by else ""
        now, before = each.share or 0.0, each.share_before or 0.0
        lately = f"of the last {RECENT_DAYS} days"
        if each.what == FILLED:
            says = f"{each.table}{of}: {each.field} is filled in {now:.0%} of the rows {lately}; it was in {before:.0%}"
            code, todo = "COVERAGE_FELL", "look at the form or the export that this source comes from"
        else:
            target = REFERENCES[each.field]
            says = f"{each.table}{of}: {1 - now:.0%} of {each.field} {lately} lead nowhere; {1 - before:.0%} did"
            code, todo = "UNMATCHED_ROSE", f"look whether {target} is exported as often as this source"
        yield Finding(code, Severity.WARN, says, each.table, each.field, each.rows, todo, each.feed)


def _of_table(
    connection: Any, table: str, schema: Mapping[str, Mapping[str, ColumnFacts]], paths: Mapping[str, Path]
) -> Iterator[Share]:
    at, by = FEEDS[table]
    columns = schema[table]
    fields = [name for name in KEY_FIELDS.get(table, ()) if columns[name].present]
    keys = [name for name, target in REFERENCES.items() if target in paths and target != table]
    keys = [name for name in keys if name in columns and columns[name].present and not columns[name].carried]
    if not fields and not keys:
        return
    sums = [f'count("{name}")' for name in fields]
    for name in keys:
        sums += [f'count("{name}")', f'count("{name}") FILTER ("{name}" IN (SELECT "{name}" FROM {REFERENCES[name]}))']
    for name in {REFERENCES[key] for key in keys}:
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet('{_quoted(paths[name])}')"
        )
    feed = f"coalesce(\"{by}\", 'not known')" if by else "''"
    newest = f'(SELECT max("{at}") FROM read_parquet($1))'
    recent, before = RECENT_DAYS * MICROSECONDS_PER_DAY, (RECENT_DAYS + BEFORE_DAYS) * MICROSECONDS_PER_DAY
    rows = connection.execute(
        f'SELECT {feed} AS feed, "{at}" > {newest} - {recent} AS recent, count(*), {", ".join(sums)} '
        f'FROM read_parquet($1) WHERE "{at}" > {newest} - {before} GROUP BY 1, 2 ORDER BY 1, 2',
        [str(paths[table])],
    ).fetchall()
    counted = {(row[0], row[1]): row[2:] for row in rows}
    nothing = (0,) * (1 + len(sums))
    for name in dict.fromkeys(row[0] for row in rows):
        now, then = counted.get((name, True), nothing), counted.get((name, False), nothing)
        for place, field in enumerate(fields, start=1):
            yield _share(table, by, name, field, FILLED, now[0], now[place], then[0], then[place])
        for place, field in enumerate(keys):
            filled = 1 + len(fields) + 2 * place
            yield _share(table, by, name, field, LEADING, now[filled], now[filled + 1], then[filled], then[filled + 1])


def _share(  # noqa: PLR0917
    table: str, by: str | None, feed: str, field: str, what: str, rows: int, hits: int, before: int, hits_before: int
) -> Share:
    now, then = hits / rows if rows else None, hits_before / before if before else None
    return Share(table, by or "", feed or table, field, what, rows, now, before, then)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
