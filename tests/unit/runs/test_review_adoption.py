"""Adoption and the way back, without any leads: what is in force, who signed, what was cut off."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import pytest
from tests.unit.runs.review_workspace import NOW, VOTERS, approve, propose, workspace_with_two_reviews

from salesworthy.domain.errors import GateRefused, UserError
from salesworthy.domain.moments import parse_moment
from salesworthy.ledger.reviews import InForce, Vote
from salesworthy.policy.governance import ROLES
from salesworthy.policy.loading import load_policy
from salesworthy.runs.review import minutes_of, show, vote
from salesworthy.runs.review_adoption import adopt, roll_back
from salesworthy.runs.review_case import in_force, place_of_policy
from salesworthy.runs.review_files import EVIDENCE, POLICY, folder_of_proposal, folder_of_review
from salesworthy.runs.workspace import open_workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(tmp_path):
    return workspace_with_two_reviews(tmp_path)


def decides(workspace):
    policy = load_policy(place_of_policy(workspace))
    return policy.version if policy.is_approved else None


def test_votes_become_signatures_and_the_way_back_leads_to_the_same_files(workspace):
    before = load_policy(place_of_policy(workspace))
    sha = propose(workspace, "Q1", "2026.2")
    with pytest.raises(GateRefused, match="not all votes are in"):
        adopt(workspace, "Q1", by="M. Weber", now=NOW)
    approve(workspace, "Q1")
    assert adopt(workspace, "Q1", by="M. Weber", now=NOW, note="agreed")["state"] == "adopted"
    policy = load_policy(place_of_policy(workspace))
    assert {role: each.by for role, each in policy.signed_by.items()} == VOTERS
    assert {each.on for each in policy.signed_by.values()} == {dt.date(2026, 7, 2)}
    recorded = {each.role: each.by for each in workspace.ledger.approvals.all() if each.content_sha256 == sha}
    assert (policy.content_hash, recorded) == (sha, VOTERS)
    with pytest.raises(GateRefused, match="in force already"):
        adopt(workspace, "Q1", by="M. Weber", now=NOW)
    back = roll_back(workspace, by="H. Lindqvist", now=NOW, note="too many calls")
    assert (back["state"], decides(workspace)) == ("rolled_back", "2026.1")
    assert load_policy(place_of_policy(workspace)) == before
    assert [(each["action"], each["policy"]) for each in back["decisions"]] == [
        ("adopt", "2026.2"),
        ("revert", "2026.1"),
    ]
    with pytest.raises(GateRefused, match="no review changed anything"):
        roll_back(workspace, by="H. Lindqvist", now=NOW)
    workspace.ledger.verify_audit()


def test_a_second_review_needs_a_replay_against_what_stands_now(workspace):
    propose(workspace, "Q1", "2026.2")
    propose(workspace, "Q2", "2026.3")
    for review in ("Q1", "Q2"):
        approve(workspace, review)
    adopt(workspace, "Q1", by="M. Weber", now=NOW)
    refused = show(workspace, "Q2")["can"]["adopt"]
    assert not refused["allowed"]
    assert "the policy has changed since this was proposed" in refused["says"]
    propose(workspace, "Q2", "2026.3", number=2)
    assert show(workspace, "Q2")["voted"] == []
    approve(workspace, "Q2")
    adopt(workspace, "Q2", by="M. Weber", now=NOW)
    assert not show(workspace, "Q1")["can"]["rollback"]["allowed"]
    for version in ("2026.2", "2026.1"):
        roll_back(workspace, by="M. Weber", now=NOW)
        assert decides(workspace) == version


def test_a_policy_that_starts_later_waits(workspace):
    propose(workspace, "Q1", "2026.2", starts="2026-09-01")
    approve(workspace, "Q1")
    with pytest.raises(GateRefused, match="starts on 2026-09-01"):
        adopt(workspace, "Q1", by="M. Weber", now=NOW)
    assert (decides(workspace), workspace.ledger.reviews.adoptions()) == ("2026.1", ())
    adopt(workspace, "Q1", by="M. Weber", now=parse_moment("2026-09-02"))
    assert decides(workspace) == "2026.2"


def test_documents_that_were_changed_are_refused(workspace):
    propose(workspace, "Q1", "2026.2")
    approve(workspace, "Q1")
    header = folder_of_proposal(workspace, "Q1/1") / POLICY / "00_policy.yaml"
    header.write_text(header.read_text(encoding="utf-8").replace("2026.2", "2026.9"), encoding="utf-8")
    with pytest.raises(UserError, match="changed since the ledger recorded it"):
        adopt(workspace, "Q1", by="M. Weber", now=NOW)
    path = folder_of_review(workspace, "Q1") / EVIDENCE
    path.write_bytes(path.read_bytes().replace(b"2026.1", b"2026.0"))
    with pytest.raises(UserError, match="changed since the ledger recorded it"):
        show(workspace, "Q1")


def test_an_adoption_that_dies_while_files_are_exchanged_goes_on(workspace):
    propose(workspace, "Q1", "2026.2")
    approve(workspace, "Q1")
    obstacle = place_of_policy(workspace) / ".10_fit.yaml.stage"
    obstacle.mkdir()
    with pytest.raises(IsADirectoryError):
        adopt(workspace, "Q1", by="M. Weber", now=NOW)
    assert decides(workspace) is None
    obstacle.rmdir()
    found = adopt(workspace, "Q1", by="M. Weber", now=NOW)
    assert (found["state"], decides(workspace)) == ("adopted", "2026.2")
    assert len([each for each in workspace.ledger.reviews.adoptions() if each.proposal_id]) == 1


def registered(workspace, tmp_path, version):
    bundle = tmp_path / f"bundle-{version}"
    bundle.mkdir()
    (bundle / "bundle.json").write_text(f'{{"name": "{version}"}}')
    digest = sha256((bundle / "bundle.json").read_bytes()).hexdigest()
    entry = workspace.registry.register(
        bundle, bundle_sha256=digest, trained_as_of=0, data_fingerprint="", figures={}, now=1
    )
    assert entry.version == version


def test_the_model_before_comes_back_with_the_policy(workspace, tmp_path):
    for version in ("v1", "v2", "v3"):
        registered(workspace, tmp_path, version)
    workspace.registry.promote("v1", "a person", 1)
    ways = {"Q1": ([], "rollback"), "Q2": (["v3"], "promote")}  # then the champion before v2 is v3, and not v1
    for review, (between, action) in ways.items():
        sha = propose(workspace, review, f"2026.{review}", model="v2")
        approve(workspace, review)
        for version in (*between, "v2"):  # as an adoption does, when its gate passes
            workspace.registry.promote(version, "a person", 3)
        adopt(workspace, review, by="M. Weber", now=NOW)
        assert in_force(workspace) == InForce(sha, "v2")
        roll_back(workspace, by="M. Weber", now=NOW)
        assert (in_force(workspace).model_version, decides(workspace)) == ("v1", "2026.1")
        assert workspace.ledger.promotions()[-1].action == action


def test_minutes_are_the_same_bytes_and_show_no_vote_early(workspace):
    propose(workspace, "Q1", "2026.2")
    vote(workspace, "Q1", role="compliance", said="reject", by="C. Brandt", now=NOW, note="claims | not [reviewed](x)")
    early = minutes_of(workspace, "Q1")
    assert "votes are shown once all are in; wait for sales leadership and marketing operations" in early
    assert "reject" not in early
    assert "claims" not in early
    for role in ROLES[:2]:
        vote(workspace, "Q1", role=role, said="approve", by=VOTERS[role], now=NOW)
    late = minutes_of(workspace, "Q1")
    assert "| compliance | C. Brandt | rejects | 2026-07-02 | claims \\| not \\[reviewed](x) |" in late
    assert late == minutes_of(open_workspace(workspace.folder, environ={}), "Q1")
    again = Vote("Q1/1", "compliance", "approve", "", "C. Brandt", NOW)
    with pytest.raises(GateRefused, match="voted already"):
        workspace.ledger.reviews.vote(again)
