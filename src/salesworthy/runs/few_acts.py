"""Acts that are in no file yet, as ``check`` would have written them into the table: a high-intent action just now.

They hold the contract of ``engagements``, or are refused, all mistakes together. What scores nothing (off-label, a
transfer of value, a campaign that is not approved) is marked as in the table, and so is what names a machine as its
agent. Clicks are refused where machine clicks are told: a click is judged by what happens around it, and counts only
when that is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.domain.approved_use import NoScore, why_no_score
from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.names import nearest
from salesworthy.domain.tables import TABLES

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.intake.machine_clicks_settings import MachineClickSettings
    from salesworthy.runs.workspace import Workspace

ACTS = "engagements"
_TIMES = ("occurred_at", "known_at")
Row = dict[str, Any]


@dataclass(frozen=True)
class Tags:
    """What is known of content and campaigns."""

    content: Mapping[str, Row]
    campaigns: Mapping[str, Row]
    approvals: bool

    @classmethod
    def of(cls, checked: CheckedTables) -> Tags:
        """As the tables say."""
        content = _by(checked, "content", "content_id", "topic", "approved_use")
        campaigns = _by(checked, "campaigns", "campaign_id", "type", "approved_at")
        return cls(
            content, campaigns, "campaigns" in checked.paths and checked.schema["campaigns"]["approved_at"].present
        )

    def why_no_score(self, row: Row) -> str | None:
        """As ``intake.unscored_acts`` says it: the source first, then kind, content, campaign and its approval."""
        content, campaign = self.content.get(row.get("content_id") or "", {}), self._campaign(row)
        found = (
            row.get("no_score")
            or why_no_score(row["kind"])
            or why_no_score(None, content.get("topic"), approved_use=content.get("approved_use"))
            or why_no_score(None, campaign_type=campaign.get("type"))
        )
        if found is None and row.get("campaign_id") and self.approvals and campaign.get("approved_at") is None:
            found = NoScore.UNAPPROVED_CAMPAIGN
        return None if found is None else str(found)

    def known_at(self, row: Row) -> int:
        """When it happened, unless it says otherwise; never before its campaign was approved."""
        known = row["occurred_at"] if row.get("known_at") is None else row["known_at"]
        approved = self._campaign(row).get("approved_at") if self.approvals else None
        return int(known if approved is None else max(known, approved))

    def _campaign(self, row: Row) -> Row:
        return self.campaigns.get(row.get("campaign_id") or "", {})


def _by(checked: CheckedTables, table: str, key: str, *columns: str) -> dict[str, Row]:
    if table not in checked.paths:
        return {}
    rows = pq.read_table(checked.paths[table], columns=[key, *columns]).to_pylist()
    return {row[key]: row for row in rows}


@dataclass(frozen=True)
class GivenActs:
    """Takes acts that are in no file yet; made once, as the tables are at this moment.

    Attributes:
        schema: The columns of the checked table.
        tags: What is known of content and campaigns.
        clicks: What tells a machine.
    """

    schema: pa.Schema
    tags: Tags
    clicks: MachineClickSettings

    @classmethod
    def of(cls, workspace: Workspace, checked: CheckedTables) -> GivenActs:
        """As a workspace and its tables say.

        Raises:
            WrongUsage: When there is no table of acts.
        """
        if ACTS not in checked.paths:
            raise WrongUsage("there is no table of acts that they could be added to", where=ACTS)
        schema = pq.read_schema(checked.paths[ACTS]).remove_metadata()
        return cls(schema, Tags.of(checked), workspace.settings.machine_clicks)

    def as_checked(self, given: pa.Table, leads: Sequence[str], *, as_of: int) -> pa.Table:
        """Acts with all columns of the checked table.

        Args:
            given: One row per act; moments as microseconds (int64) or as timestamps with a time zone.
            leads: The leads that are asked about; nobody else's acts are taken.
            as_of: The moment of the question, in microseconds: nothing later is taken.

        Raises:
            WrongUsage: When the rows do not hold the contract, naming every mistake.
        """
        mistakes: list[str] = []
        columns = {name: _column(given, name, self.schema, mistakes) for name in given.column_names}
        mistakes += [f"{name} is missing" for name in TABLES[ACTS].required if name not in given.column_names]
        self._refuse(mistakes)
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        found = (_mistakes_of(row, number, leads, as_of, self.clicks) for number, row in enumerate(rows, 1))
        self._refuse([each for of_row in found for each in of_row])
        finished = [_finished(row, self.tags, self.clicks) for row in rows]
        return pa.Table.from_pylist(finished, schema=self.schema)

    def _refuse(self, mistakes: Sequence[str]) -> None:
        if mistakes:
            columns = ", ".join(self.schema.names)
            raise WrongUsage("; ".join(mistakes), where=ACTS, todo=f"its columns are {columns}")


def _column(given: pa.Table, name: str, schema: pa.Schema, mistakes: list[str]) -> list[Any]:
    """The values of a column, of the kind that the table has."""
    if name not in schema.names:
        mistakes.append(f"{name} is no column of {ACTS}: {nearest(name, schema.names)}")
        return []
    column, kind = given[name], schema.field(name).type
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            mistakes.append(f"{name} has no time zone")
            return []
        column = column.cast(pa.timestamp("us", "UTC"))
    try:
        values = column.cast(kind).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        mistakes.append(f"{name} holds {column.type}, not {kind}")
        return []
    if pa.types.is_string(kind):
        return [None if each is None else each.strip() or None for each in values]
    return [None if isinstance(each, float) and math.isnan(each) else each for each in values]


def _mistakes_of(
    row: Row, number: int, leads: Sequence[str], as_of: int, clicks: MachineClickSettings
) -> Iterator[str]:
    for name in TABLES[ACTS].required:
        if row[name] is None:
            yield f"row {number}: {name} is empty"
    if row["lead_id"] is not None and row["lead_id"] not in leads:
        yield f"row {number}: {row['lead_id']} is not asked about"
    for name in _TIMES:
        if row.get(name) is not None and row[name] > as_of:
            yield f"row {number}: {name} is later than the moment of the question"
    if clicks.on and (row["kind"] or "").lower() in clicks.kinds:
        yield f"row {number}: a {row['kind']} is judged by the acts around it, and must be in the table"
    allowed = {str(each) for each in NoScore}
    if row.get("no_score") is not None and row["no_score"] not in allowed:
        yield f"row {number}: no_score is none of {', '.join(sorted(allowed))}"


def _finished(row: Row, tags: Tags, clicks: MachineClickSettings) -> Row:
    agent, machine = (row.get("agent") or "").lower(), row.get("machine")
    if clicks.on:
        machine = bool(machine) or any(each in agent for each in clicks.hints)
    return {**row, "known_at": tags.known_at(row), "machine": machine, "no_score": tags.why_no_score(row)}
