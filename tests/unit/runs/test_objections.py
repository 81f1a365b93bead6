"""Consent canaries: an objection, an expired consent and a blocked region have effect, and only where they should."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tests.cases.pipeline import AS_OF, World, ago

from salesworthy.domain.errors import GateRefused
from salesworthy.runs import score as scoring
from salesworthy.runs.check import checked_tables
from salesworthy.runs.export import export
from salesworthy.runs.features import features_for_spine
from salesworthy.runs.objections import Arrivals
from salesworthy.runs.score import score, score_leads
from salesworthy.runs.training_set import training_set
from salesworthy.runs.workspace import Workspace, open_workspace

pytestmark = pytest.mark.slow

NOW = AS_OF.value // 1_000
LEADS = ("L1", "L2", "L3", "L4")
"""L1 and L4 share a site; the others are alone at theirs."""


def leads_who_agreed(folder):
    found = World(folder)
    for number, lead in enumerate(LEADS):
        found.lead(lead, account="A0" if lead in ("L1", "L4") else f"A{number}", days=400)
        found.act(lead, 2, "form", "evaluation")
        found.consent(lead, 80, "opt_in")
        if lead != "L2":
            found.handed(lead, 300)
    outcome = {"lead_id": "L1", "at": ago(290), "disposition": "accepted", "first_contact_at": ago(291)}
    found.rows["outcomes"] += [outcome, {**outcome, "lead_id": "L3", "disposition": "rejected"}]
    found.rows["outcomes"] += [{**outcome, "lead_id": "L4", "disposition": "rejected"}]
    return found


@pytest.fixture
def world(tmp_path):
    return leads_who_agreed(tmp_path)


def run(world) -> tuple[dict, dict]:
    scores, packets, _ = world.scored()
    plain = {lead: {**row, "run_id": ""} for lead, row in scores.items()}
    return plain, {lead: {**packet, "run_id": ""} for lead, packet in packets.items()}


def scoring_all(world):
    inner = world._written

    def written() -> Workspace:
        workspace = inner()
        settings = workspace.folder / "salesworthy.toml"
        settings.write_text(settings.read_text() + '[scoring]\nleads = "all"\n')
        return open_workspace(workspace.folder, environ={})

    world._written = written
    return world


@pytest.fixture
def everyone(world):
    """All leads are scored, judged or not."""
    return scoring_all(world)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """What a run says of everyone as long as nothing happens; not to be changed."""
    return run(scoring_all(leads_who_agreed(tmp_path_factory.mktemp("untouched"))))


@pytest.mark.parametrize("days", [10, 0, -5], ids=["before", "now", "after the moment asked for"])
def test_an_objection_on_record_removes_the_lead_and_nothing_else(everyone, untouched, days):
    before, packets = untouched
    everyone.consent("L1", days, "objected")
    after, packets_after = run(everyone)
    assert after == {lead: before[lead] for lead in before if lead not in ("L1", "L4")} | {"L4": after["L4"]}
    assert {name: packets_after[name] for name in ("L2", "L3")} == {name: packets[name] for name in ("L2", "L3")}
    assert "L1" not in json.dumps(packets_after)


def test_the_acts_of_an_objector_count_in_nobodys_features(everyone):
    workspace = everyone._written()
    spine = pd.DataFrame({"lead_id": list(LEADS), "as_of": [AS_OF] * 4})
    before = features_for_spine(workspace, pa.Table.from_pandas(spine)).to_pylist()
    everyone.consent("L1", 1, "objected")
    after = features_for_spine(everyone._written(), pa.Table.from_pandas(spine)).to_pylist()
    everyone.rows["engagements"] = [row for row in everyone.rows["engagements"] if row["lead_id"] != "L1"]
    alone = features_for_spine(everyone._written(), pa.Table.from_pandas(spine)).to_pylist()
    catalogue = workspace.catalogue(checked_tables(workspace)).catalogue
    rates = {feature.name for feature in catalogue if feature.kind == "history"}
    assert {
        name for lead in (1, 2) for name in before[lead] if repr(before[lead][name]) != repr(after[lead][name])
    } <= rates
    assert repr(after[3]) == repr(alone[3]) != repr(before[3])
    known = {name for name, value in after[0].items() if value not in (None, 0, 0.0, False)} - rates
    assert known == {"lead_id", "as_of"}


def test_nothing_is_learned_from_an_objector(world):
    before = training_set(world._written(), as_of=NOW)
    assert sorted(before.data.lead_id.tolist()) == ["L1", "L3", "L4"]
    world.consent("L4", 1, "objected")
    after = training_set(world._written(), as_of=NOW)
    assert (sorted(after.data.lead_id.tolist()), after.objected) == (["L1", "L3"], {"L4"})
    world.consent("L4", 0, "opt_in")
    again = training_set(world._written(), as_of=NOW)
    assert sorted(again.data.lead_id.tolist()) == ["L1", "L3", "L4"]


def test_expiry_and_a_blocked_region_have_effect_on_that_lead_alone(everyone, untouched):
    before, _ = untouched
    row = next(row for row in everyone.rows["consents"] if row["lead_id"] == "L3")
    row["at"] = ago(5_000)
    expired, packets = run(everyone)
    assert {lead: expired[lead] for lead in LEADS if lead != "L3"} == {
        lead: before[lead] for lead in LEADS if lead != "L3"
    }
    assert not any(each["allowed"] for each in packets["L3"]["consent"] if each["channel"] == "email")
    site = next(site for site in everyone.rows["accounts"] if site["account_id"] == "A1")
    blocked = blocked_region(everyone.folder / "policy")
    site |= {"region": blocked, "country": "XX"}
    after, _ = run(everyone)
    assert after["L2"]["decision"] == "BLOCKED" != before["L2"]["decision"]
    assert {lead: after[lead] for lead in LEADS if lead != "L2"} == {
        lead: expired[lead] for lead in LEADS if lead != "L2"
    }


def blocked_region(policy: Path) -> str:
    from salesworthy.policy.loading import load_policy

    return load_policy(policy).blocked_regions[0].region


def test_an_objection_that_arrives_during_the_run_counts(everyone, untouched, monkeypatch):
    """Written right before publishing, as a CRM would at any moment."""
    before, _ = untouched
    workspace = everyone._written()
    inner, calls = scoring.manifest_of, []

    def arrives(*given, **named):
        calls.append(1)
        if len(calls) == 1:
            everyone.consent("L1", 0, "objected")
            everyone._written()
        return inner(*given, **named)

    monkeypatch.setattr(scoring, "manifest_of", arrives)
    found = score(workspace, as_of=NOW, now=NOW)
    rows = pl.read_parquet(found.folder / "scores" / "*.parquet").to_dicts()
    assert [row["lead_id"] for row in rows] == ["L2", "L3", "L4"]
    expected = pl.DataFrame([before["L2"], before["L3"]]).drop("run_id", "as_of", "respond_by").to_dicts()
    assert [{name: row[name] for name in expected[0]} for row in rows[:2]] == expected
    assert (len(calls), found.manifest["suppressed"]) == (2, {"objected to direct marketing": 1})
    assert [run.name for run in (everyone.folder / "out" / "runs").iterdir()] == [found.folder.name]
    monkeypatch.undo()
    assert score(workspace, as_of=NOW, now=NOW).already_published


def test_a_change_of_the_file_without_a_new_objection_does_not_stop_a_run(everyone, monkeypatch):
    workspace = everyone._written()
    inner, calls = scoring.manifest_of, []

    def arrives(*given, **named):
        calls.append(1)
        everyone.consent("L2", 0, "opt_in")
        everyone._written()
        return inner(*given, **named)

    monkeypatch.setattr(scoring, "manifest_of", arrives)
    assert score(workspace, as_of=NOW, now=NOW).manifest["suppressed"] == {"objected to direct marketing": 0}
    assert len(calls) == 1


def test_objections_that_keep_arriving_stop_the_run_and_publish_nothing(everyone, monkeypatch):
    workspace = everyone._written()
    inner, calls = scoring.manifest_of, []

    def arrives(*given, **named):
        calls.append(1)
        everyone.consent(LEADS[len(calls) - 1], 0, "objected")
        everyone._written()
        return inner(*given, **named)

    monkeypatch.setattr(scoring, "manifest_of", arrives)
    with pytest.raises(GateRefused, match="objected"):
        score(workspace, as_of=NOW, now=NOW)
    assert list((everyone.folder / "out" / "runs").iterdir()) == []


def test_an_erasure_during_the_work_counts_as_well(world):
    from salesworthy.intake.suppression import Why, read_suppression
    from salesworthy.policy.consent import ConsentStates
    from salesworthy.runs.erase_removal import write_suppression

    workspace = world._written()
    arrivals = Arrivals(workspace)
    assert not arrivals.any(frozenset(), ConsentStates())
    write_suppression(workspace, read_suppression(workspace.folder).adding(["L1"], why=Why.ERASED, at=NOW))
    assert arrivals.any(frozenset(), ConsentStates())


def test_an_objection_after_the_run_is_not_written_into_a_crm(everyone):
    """Neither as a whole nor as what has changed; what the CRM holds of the lead is to be emptied."""
    workspace = everyone._written()
    first = score(workspace, as_of=NOW - 86_400_000_000, now=NOW).manifest["run_id"]
    score(workspace, as_of=NOW, now=NOW)
    everyone.consent("L1", 0, "objected")
    later = everyone._written()
    for since, apart in ((None, ""), (first, f"-since-{first}")):
        found = export(later, "salesforce", changed_since=since)
        written, emptied = (Path(each.path) for each in found.files)
        assert "L1" not in written.read_text(encoding="utf-8")
        assert emptied.name.endswith(f"{apart}-no-longer-scored.csv")
        assert emptied.read_text(encoding="utf-8").split() == ["Id", "L1"]
    assert export(later, "salesforce", dry_run=True).no_longer_scored == 1


@pytest.mark.parametrize("named", ["L1", "L2,L1"])
def test_an_objector_is_not_scored_on_demand_either(everyone, named):
    everyone.consent("L1", 1, "objected")
    with pytest.raises(GateRefused, match="L1 objected to direct marketing, and is not scored"):
        score_leads(everyone._written(), named.split(","), as_of=NOW)
