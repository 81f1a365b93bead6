"""What else a run under a policy promises: sites, objections, drafts, samples, hostile texts."""

from __future__ import annotations

import pytest
from tests.cases.pipeline import AS_OF, World

from salesworthy.domain.errors import GateRefused
from salesworthy.qualification.packet_page import packets_page
from salesworthy.runs.explain import explain, explain_now
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow

MICROS = AS_OF.value // 1_000


def leads_at_one_site(folder):
    found = World(folder)
    for lead in ("L1", "L2", "L3"):
        found.lead(lead)
        found.consent(lead, 30, "opt_in")
    found.act("L1", 2, "form", "pricing")
    found.act("L2", 1, "form", "evaluation")
    return found


@pytest.fixture
def world(tmp_path):
    return leads_at_one_site(tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Folder, scores, packets and manifest of a run over these leads; not to be changed."""
    found = leads_at_one_site(tmp_path_factory.mktemp("told"))
    return found.folder, *found.scored()


def test_two_people_at_one_site_are_one_deal(told):
    _, scores, packets, manifest = told
    assert {lead: row["owner"] for lead, row in scores.items()} == {
        "L1": "uk_ireland_team", "L2": "uk_ireland_team", "L3": None,
    }  # fmt: skip
    assert packets["L1"]["deal"] == {
        "primary": "L2", "is_primary": False, "leads": ["L2", "L1"], "stands_in_for": None, "is_over_capacity": False,
    }  # fmt: skip
    assert packets["L2"]["deal"]["is_primary"]
    assert {each["lead_id"]: each["decision"] for each in packets["L2"]["colleagues"]}["L1"] == "MQL"
    assert packets["L2"]["site"]["people_active"] == 2
    assert manifest["owners"]["uk_ireland_team"] == {"leads": 2, "as_stand_in": 0, "over_capacity": 0}


def test_a_sample_request_goes_to_the_desk(world):
    world.lead("L9", account="A9")
    world.act("L9", 1, "form", "sample")
    world.act("L3", 1, "form", "sample")
    scores, packets, _ = world.scored()
    assert scores["L9"]["owner"] == "sample_desk"
    assert (scores["L3"]["owner"], packets["L3"]["path"]) == ("uk_ireland_team", "samples")
    assert packets["L3"]["trigger"]["served_by"] == "sample_desk"


def test_an_objection_removes_the_lead_altogether(world):
    world.consent("L1", 1, "objected")
    scores, packets, manifest = world.scored()
    assert sorted(scores) == ["L2", "L3"]
    assert manifest["suppressed"] == {"objected to direct marketing": 1}
    assert "L1" not in str(packets)
    workspace = open_workspace(world.folder, environ={})
    with pytest.raises(GateRefused, match="L1 objected to direct marketing"):
        explain(workspace, "L1", now=MICROS)


def test_a_draft_decides_only_when_asked_for_and_says_so_everywhere(world):
    world.scored()
    (world.folder / "policy" / "approvals.yaml").unlink()
    with pytest.raises(GateRefused, match="is a draft"):
        world.scored()
    scores, packets, manifest = world.scored(draft=True)
    assert manifest["draft"]
    assert manifest["policy_status"].startswith("DRAFT")
    versions = {row["policy_version"] for row in scores.values()} | {
        each["policy_version"] for each in packets.values()
    }
    assert versions == {manifest["policy_version"]}
    assert manifest["policy_version"].startswith("2026.1-draft-")
    assert all(each["draft"] for each in packets.values())
    assert "DRAFT" in packets_page(packets.values())


def test_a_stale_override_fails_loudly(world):
    stale = "{code: OLD, lead: L1, decision: MQL, reason: r, owner: o, starts: 2025-01-01, expires: 2026-01-01}"
    world.scored()
    (world.folder / "policy" / "85_overrides.yaml").write_text(f"overrides:\n  - {stale}\n")
    with pytest.raises(GateRefused):
        world.scored()
    _, _, manifest = world.scored(draft=True)
    assert "policy_override_stale" in {each["code"] for each in manifest["findings"]}


def test_a_page_escapes_what_came_with_the_lead(told):
    packets = told[2]
    page = packets_page(packets.values())
    assert "St &lt;b&gt;Anna&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "http" not in page
    assert page.count("<article>") == 2


def test_a_published_lead_and_the_same_lead_now_are_told_alike(told):
    workspace = open_workspace(told[0], environ={})
    for lead in ("L1", "L2", "L3"):
        published = explain(workspace, lead, now=MICROS)
        (now,) = explain_now(workspace, [lead], as_of=MICROS)
        for each in (published, now):
            each.pop("run_id")
            if each["packet"] is not None:
                each["packet"].pop("run_id")
        assert published == now
    rules = {each["rule"]: each for each in explain(workspace, "L2", now=MICROS)["rule_path"]["rules"]}
    assert rules["EVALUATION_REQUEST"]["decided"]
    assert rules["EVALUATION_REQUEST"]["sentence"] == "Asked for a product evaluation 1 day ago"
    reasons = explain(workspace, "L2", now=MICROS)["reasons"]
    first = (reasons[0]["rank"], reasons[0]["code"], reasons[0]["degree"])
    assert first == (1, "EVALUATION_REQUEST", "decided")
    assert [each["rank"] for each in reasons] == list(range(1, len(reasons) + 1))
