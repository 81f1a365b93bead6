"""Acts that are in no file yet: what the check would have made of them, or all that is wrong with them."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.tables import TABLES, Kind
from salesworthy.intake.checked import CheckedTables, ColumnFacts
from salesworthy.intake.machine_clicks_settings import MachineClickSettings
from salesworthy.intake.unscored_acts import mark_unscored
from salesworthy.runs.few_acts import GivenActs

TYPES = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.YES_NO: pa.bool_(),
    Kind.MOMENT: pa.int64(),
}
NOW = 1_782_864_000_000_000
CONTENT = [
    {"content_id": "C1", "topic": "outcomes", "approved_use": None},
    {"content_id": "C2", "topic": "off-label use", "approved_use": None},
    {"content_id": "C3", "topic": "medicare fee schedule", "approved_use": "approved"},
    {"content_id": "C4", "topic": "outcomes", "approved_use": "transfer_of_value"},
]
CAMPAIGNS = [
    {"campaign_id": "K1", "type": "webinar", "approved_at": NOW - 1_000},
    {"campaign_id": "K2", "type": "webinar", "approved_at": None},
    {"campaign_id": "K3", "type": "speaker dinner meal", "approved_at": 0},
    {"campaign_id": "K4", "type": "congress", "approved_at": NOW + 1_000},
]
ROW = {"lead_id": "L1", "occurred_at": NOW - 5_000, "kind": "form"}
ACTS = [
    ROW,
    {**ROW, "content_id": "C1", "campaign_id": "K1", "value": 2.0},
    {**ROW, "content_id": "C2"},
    {**ROW, "content_id": "C3", "campaign_id": "K3"},
    {**ROW, "content_id": "C4", "campaign_id": "K2"},
    {**ROW, "campaign_id": "K2", "known_at": NOW - 4_000},
    {**ROW, "campaign_id": "K4"},
    {**ROW, "campaign_id": "nowhere"},
    {**ROW, "kind": "speaker fee"},
    {**ROW, "no_score": "off_label"},
]


def schema_of(table):
    return pa.schema([(each.name, TYPES[each.kind]) for each in TABLES[table].columns])


@pytest.fixture
def checked(tmp_path):
    paths, facts = {}, {}
    for table, rows in (("engagements", []), ("content", CONTENT), ("campaigns", CAMPAIGNS)):
        paths[table] = tmp_path / f"{table}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=schema_of(table)), paths[table])
        facts[table] = {each.name: ColumnFacts(each.kind, True, False) for each in TABLES[table].columns}
    return CheckedTables(facts, paths, {}, (), (), "")


def acts(rows, checked, *, clicks=None, schema=None, leads=("L1",)):
    workspace = SimpleNamespace(settings=SimpleNamespace(machine_clicks=clicks or MachineClickSettings()))
    given = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows, schema=schema)
    return GivenActs.of(workspace, checked).as_checked(given, leads, as_of=NOW)


def test_they_are_marked_as_the_check_marks_them_in_the_table(checked):
    found = acts(ACTS, checked, schema=schema_of("engagements"))
    same = [{**each, "known_at": each.get("known_at", each["occurred_at"]), "machine": False} for each in ACTS]
    pq.write_table(pa.Table.from_pylist(same, schema=schema_of("engagements")), checked.paths["engagements"])
    mark_unscored(checked.paths, approvals=True)
    assert found.to_pylist() == pq.read_table(checked.paths["engagements"]).to_pylist()
    assert {row["no_score"] for row in found.to_pylist()} == {
        *(None, "off_label", "transfer_of_value", "unapproved_campaign")
    }


def test_columns_may_be_few_and_moments_may_be_timestamps(checked):
    at = dt.datetime(2026, 6, 30, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    moment = int(at.timestamp()) * 1_000_000
    given = pa.Table.from_pylist([{"kind": " form ", "lead_id": "L1", "occurred_at": moment, "agent": ""}])
    zoned = given["occurred_at"].cast(pa.timestamp("us", "+02:00"))
    (found,) = acts(given.set_column(2, "occurred_at", zoned), checked).to_pylist()
    assert (found["kind"], found["occurred_at"], found["known_at"], found["agent"]) == ("form", moment, moment, None)


@pytest.mark.parametrize(("on", "expected"), [(True, [False, True, True]), (False, [None, True, None])])
def test_an_agent_that_names_a_machine_is_one_where_machines_are_told(checked, on, expected):
    rows = [
        {**ROW, "agent": agent, "machine": said} for agent, said in (("Firefox", None), ("x", True), ("ABot/1", None))
    ]
    found = acts(rows, checked, clicks=MachineClickSettings(on=on))
    assert found["machine"].to_pylist() == expected


def test_a_click_is_taken_only_where_machines_are_not_told(checked):
    click = [{**ROW, "kind": "Click"}]
    with pytest.raises(WrongUsage, match="judged by the acts around it"):
        acts(click, checked)
    assert acts(click, checked, clicks=MachineClickSettings(on=False)).num_rows == 1


def test_all_mistakes_of_the_rows_are_told_together(checked):
    rows = [{**ROW, "lead_id": "L2"}, {**ROW, "occurred_at": NOW + 1}, {**ROW, "kind": " "}, {**ROW, "no_score": "why"}]
    with pytest.raises(WrongUsage) as refused:
        acts(rows, checked, schema=schema_of("engagements"))
    for part in ("row 1: L2 is not asked", "row 2: occurred_at is later", "row 3: kind is empty", "row 4: no_score is"):
        assert part in str(refused.value)


def test_all_mistakes_of_the_columns_are_told_together(checked):
    given = pa.table(
        {"lead_id": ["L1"], "occurred_at": pa.array([NOW], pa.timestamp("us")), "campain_id": ["K1"], "value": ["much"]}
    )
    with pytest.raises(WrongUsage) as refused:
        acts(given, checked)
    for part in ("occurred_at has no time zone", "campaign_id", "value holds string", "kind is missing"):
        assert part in str(refused.value)
