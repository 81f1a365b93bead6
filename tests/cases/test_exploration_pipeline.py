"""A few leads below the threshold go to sales at random, and everything that is written of them says so."""

from __future__ import annotations

import shutil

import pytest
from tests.cases.pipeline import AS_OF, World
from tests.unit.qualification.conftest import EXAMPLE
from tests.unit.qualification.test_exploration import with_share

from salesworthy.qualification.exploration import draw_of
from salesworthy.qualification.packet_page import packets_page
from salesworthy.runs.explain import explain_now
from salesworthy.runs.policy_cases import run_cases
from salesworthy.runs.workspace import open_workspace

LEADS = [f"L{number}" for number in range(1, 25)]
NOT_CONTACTABLE = "L4"
pytestmark = pytest.mark.slow


def test_worked_cases_are_judged_without_the_draw(engine, world):
    policy = with_share(world.policy, 1.0)
    below = [case for case in policy.cases if case.expect.decision == "NURTURE"][:4]
    found = run_cases(engine, policy, below, catalogue=world.catalogue, columns=world.columns, schema=world.schema)
    assert [each.failures for each in found] == [()] * 4
    assert any(each.outcome["sent_probability"] == 1.0 for each in found)


@pytest.fixture
def workspace(tmp_path):
    """Leads that fit and did nothing, one without consent, and one that asked; a draft policy that sends 40 %."""
    made = World(tmp_path)
    for lead in LEADS:
        made.lead(lead, account=f"A{lead}", site={"facility_type": "physician_clinic", "beds": 10.0})
        if lead != NOT_CONTACTABLE:
            made.consent(lead, 30, "opt_in")
    made.lead("ASKED", account="A0")
    made.consent("ASKED", 30, "opt_in")
    made.act("ASKED", 1, "form", "evaluation")
    shutil.copytree(EXAMPLE, tmp_path / "policy")
    document = tmp_path / "policy" / "00_policy.yaml"
    document.write_text(document.read_text().replace("exploration: 0.05", "exploration: 0.4"))
    return made


def test_the_drawn_are_sent_and_the_probability_is_written_down(workspace):
    scores, packets, manifest = workspace.scored(draft=True)
    expected = {lead for lead in LEADS if draw_of(lead) < 0.4 and lead != NOT_CONTACTABLE}
    drawn = {lead for lead, row in scores.items() if row["decided_by"] == "exploration"}
    assert drawn == expected
    assert 0 < len(drawn) < len(LEADS)
    assert {lead: row["sent_probability"] for lead, row in scores.items()} == {
        **dict.fromkeys(LEADS, 0.4), NOT_CONTACTABLE: 0.0, "ASKED": 1.0,
    }  # fmt: skip
    assert set(packets) == {*drawn, "ASKED"}
    assert manifest["exploration"] == {"share": 0.4, "below_threshold": len(LEADS) - 1, "drawn": len(drawn)}
    assert manifest["counts"]["MQL"] == len(drawn) + 1
    assert not any("drawn at random" in each for each in manifest["warnings"])
    for lead in drawn:
        row, why = scores[lead], packets[lead]["why"]
        assert (row["decision"], row["owner"] is not None, row["track"]) == ("MQL", True, None)
        assert why["sentence"].startswith("Fits, and is below the threshold for an MQL: drawn at random, as 40.0% of")
        assert (why["decided_by"], why["sent_probability"]) == ("exploration", 0.4)
        assert why["sentence"] in packets_page([packets[lead]]).replace("&#x27;", "'")
    assert packets["ASKED"]["why"]["sent_probability"] == 1.0


def test_a_single_lead_has_the_draw_of_the_batch(workspace):
    scores, packets, _ = workspace.scored(draft=True)
    opened = open_workspace(workspace.folder, environ={})
    lead = next(lead for lead, row in scores.items() if row["decided_by"] == "exploration")
    (found,) = explain_now(opened, [lead], as_of=AS_OF.value // 1_000, draft=True)
    assert (found["decided_by"], found["sent_probability"]) == ("exploration", 0.4)
    assert found["packet"]["why"] == packets[lead]["why"]


def test_where_nobody_may_be_contacted_nobody_is_drawn_and_that_is_said(workspace):
    workspace.rows["consents"].clear()
    scores, _, manifest = workspace.scored(draft=True)
    assert "exploration" not in {row["decided_by"] for row in scores.values()}
    assert any("nobody could be drawn at random" in each for each in manifest["warnings"])
