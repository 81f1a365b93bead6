"""The three worked cases that must hold, from raw tables to the packet, step by step."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.cases.pipeline import AS_OF, World

pytestmark = pytest.mark.slow

PUMPS = {
    "role": "department_head",
    "department": "intensive_care",
    "specialty": "intensive_care",
    "product": "infusion_pump",
}
HOSPITAL = {"facility_type": "acute_care_hospital", "region": "dach", "country": "DE", "beds": 340.0}
TARGET = {"facility_type": "university_hospital", "region": "north_america", "country": "US", "beds": 700.0}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def asks_for_an_evaluation(world, lead="L1", account="A1"):
    world.lead(lead, account, site=HOSPITAL, **PUMPS)
    world.act(lead, 2, "form", "evaluation")
    world.consent(lead, 40, "opt_in")


def test_evaluation_request(world):
    asks_for_an_evaluation(world)
    scores, packets, manifest = world.scored()
    lead, packet = scores["L1"], packets["L1"]
    assert (lead["decision"], lead["decided_by"]) == ("MQL", "EVALUATION_REQUEST")
    assert lead["owner"] == "dach_critical_care"
    assert lead["respond_by"] == AS_OF.to_pydatetime() + dt.timedelta(hours=4)
    assert lead["policy_version"] == manifest["policy_version"] == "2026.1"
    assert packet["why"]["sentence"] == "Asked for a product evaluation 2 days ago"
    assert packet["use_case"] == {"product": "infusion_pump", "use_case": "replacement", "timeframe": None}
    assert packet["call_plan"] == ["Technical briefing", "Clinical evidence", "Evaluation site and dates"]
    assert [(each["at"], each["what"]) for each in packet["actions"]] == [("2026-03-08", "Form: evaluation")]
    assert packet["site"]["tier"] == "TIER_1"
    assert {each["id"] for each in packet["assets"]} == {"ERROR_STUDY_PUMPS", "EVIDENCE_LIBRARY", "EVALUATION_GUIDE"}
    assert (packet["nurture"]["state"], packet["nurture"]["starts"]) == ("waits", "2026-03-10T04:00:00Z")
    assert lead["track"] is None
    assert any("no model is in force, so points decide" in each for each in manifest["warnings"])


# handed over and called so many days ago -> track, nurture
CONTACTS = {
    (1.9, 1.88): (None, "stopped"),
    (1.9, 0.5): (None, "stopped"),
    (1.9, None): ("CLINICAL_EVIDENCE", "runs"),
    (0.1, None): (None, "waits"),
}


def test_nurture_runs_beside_the_evaluation_only_without_contact_in_the_window(world):
    leads = {days: f"L{number}" for number, days in enumerate(CONTACTS)}
    for number, (days, lead) in enumerate(leads.items()):
        asks_for_an_evaluation(world, lead, f"A{number}")
        world.handed(lead, *days)
    scores, packets, _ = world.scored()
    assert {row["decision"] for row in scores.values()} == {"MQL"}
    found = {days: (scores[lead]["track"], packets[lead]["nurture"]["state"]) for days, lead in leads.items()}
    assert found == CONTACTS


def test_clinical_webinar_before_and_after_the_click(world):
    world.lead("L1")
    world.act("L1", 20, "webinar", "clinical_outcomes")
    world.consent("L1", 30, "opt_in")
    before, packets, _ = world.scored()
    assert before["L1"]["decision"] != "MQL"
    assert before["L1"]["track"] == "CLINICAL_EVIDENCE"
    assert packets == {}
    world.act("L1", 3, "open", "clinical_evidence")
    after, packets, _ = world.scored()
    lead, packet = after["L1"], packets["L1"]
    assert (lead["decision"], lead["decided_by"]) == ("MQL", "WEBINAR_THEN_EVIDENCE")
    assert lead["next_step"] == "Offer a Q&A call with a clinical specialist or the literature"
    assert packet["call_plan"] == []
    assert (lead["track"], packet["nurture"]["state"]) == ("CLINICAL_EVIDENCE", "runs")
    assert [each["what"] for each in packet["actions"]] == ["Webinar: clinical outcomes", "Open: clinical evidence"]
    world.act("L1", 1, "download", "procurement")
    higher, _, _ = world.scored()
    assert (higher["L1"]["decision"], higher["L1"]["track"]) == ("MQL", None)


def test_target_account_before_and_after_interest_rises(world):
    surgeon = {"role": "nurse_manager", "department": "surgery", "specialty": "surgery", "product": "endoscopy_tower"}
    world.lead("L1", site=TARGET, **surgeon)
    world.act("L1", 12, "view", "product_overview")
    world.act("L1", 11, "open", "product_overview")
    world.consent("L1", 12, "implied")
    before, packets, _ = world.scored()
    lead = before["L1"]
    assert (lead["decision"], lead["decided_by"], lead["track"]) == ("TRACKED", "TIER_1", "CLINICAL_EVIDENCE")
    assert packets == {}
    world.act("L1", 1, "form", "demo")
    after, packets, _ = world.scored()
    assert (after["L1"]["decision"], after["L1"]["decided_by"]) == ("MQL", "DEMO_REQUEST")
    assert after["L1"]["owner"] == "na_surgery"
    assert packets["L1"]["site"]["is_target"]
