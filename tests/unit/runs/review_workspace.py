"""A workspace with a signed policy and two open reviews, but without leads, and proposals without a replay of any."""

from __future__ import annotations

from tests.unit.policy.conftest import EXAMPLE

from salesworthy.domain.moments import parse_moment
from salesworthy.ledger.reviews import Proposal, Review, Vote
from salesworthy.model.registry import Registry
from salesworthy.policy.approvals import FILE
from salesworthy.policy.governance import ROLES
from salesworthy.policy.loading import load_policy
from salesworthy.runs.policy_place import copy_policy
from salesworthy.runs.review_case import place_of_policy, the_case
from salesworthy.runs.review_files import (
    EVIDENCE,
    POLICY,
    REPLAY,
    folder_of_proposal,
    folder_of_review,
    write_document,
)
from salesworthy.runs.workspace import open_workspace

SETTINGS = '[workspace]\nname = "acme"\n[tables.leads]\npath = "leads.csv"\n[policy]\npath = "policy"\n'
NOW = parse_moment("2026-07-02")
CASES = ("90_cases.yaml",)
"""Worked cases are not signed, and take most of the time to read."""
VOTERS = dict(zip(ROLES, ("H. Lindqvist", "R. Costa", "C. Brandt"), strict=True))
NOTHING = {"not_available": "there are no leads here"}
GROUP = {"leads": 0, "sql_expected": None, "sql_low": None, "sql_high": None, "sql_per_100": None}
REPLAYED = {
    "headline": "0 of 0 leads change decision",
    "from": "2026-06-01",
    "to": "2026-06-08",
    "moments": "decided every Monday at its first instant",
    "mqls": {
        **dict.fromkeys(("old", "new", "gained", "lost"), GROUP),
        "difference": {"sql_expected": 0.0, "low": 0.0, "high": 0.0},
    },
    "weeks": [],
    "pairs": [],
    "regions": {},
    "examples": [],
    "notes": [],
}


def workspace_with_two_reviews(tmp_path):
    """A workspace with a policy and no leads, and the reviews Q1 and Q2, opened."""
    (tmp_path / "salesworthy.toml").write_text(SETTINGS)
    copy_policy(EXAMPLE, tmp_path / "policy", without=CASES)
    made = open_workspace(tmp_path, environ={})
    vars(made)["registry"] = Registry(made.ledger, tmp_path / "models")  # a workspace's own tells MLflow, too
    evidence = {
        "in_force": {"policy_version": "2026.1", "model_version": None},
        "sections": dict.fromkeys(("drift", "grading", "rules", "response"), NOTHING),
    }
    for name in ("Q1", "Q2"):
        written = write_document(folder_of_review(made, name) / EVIDENCE, evidence)
        made.ledger.reviews.open(Review(name, NOW - 1, written, "M. Weber", NOW - 1))
    return made


def propose(workspace, review, version, *, starts="2024-01-01", model=None, number=1):
    """What ``review propose`` leaves behind, without a replay of leads."""
    proposal_id = f"{review}/{number}"
    folder = folder_of_proposal(workspace, proposal_id)
    copy_policy(EXAMPLE, folder / POLICY, without=(FILE, *CASES))
    header = folder / POLICY / "00_policy.yaml"
    text = header.read_text(encoding="utf-8").replace('"2026.1"', f'"{version}"')
    header.write_text(text.replace("  starts: 2024-01-01", f"  starts: {starts}", 1), encoding="utf-8")
    case = the_case(workspace, review)
    before = {"policy_version": load_policy(place_of_policy(workspace)).version, "model_version": None}
    content = {
        "why": "a test",
        "against": vars(case.in_force),
        "expected": case.latest,
        "before": before,
        "after": {"policy_version": version, "model_version": model},
        "differences": [],
        "cases": 0,
        "gate": [],
    }
    sha = load_policy(folder / POLICY).content_hash
    replay = write_document(folder / REPLAY, REPLAYED)
    workspace.ledger.reviews.propose(
        Proposal(proposal_id, review, "thresholds", sha, model, replay, content, "M. Weber", NOW)
    )
    return sha


def approve(workspace, review):
    (*_, last) = workspace.ledger.reviews.proposals(review)
    for role, name in VOTERS.items():
        workspace.ledger.reviews.vote(Vote(last.proposal_id, role, "approve", "", name, NOW))
