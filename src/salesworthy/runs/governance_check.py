"""``policy check``: does a policy fit its workspace, who signed it, and what should somebody look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesworthy.domain.findings import Finding
from salesworthy.domain.moments import from_micros
from salesworthy.policy.document import Policy
from salesworthy.policy.findings import OVERRIDE_STALE, policy_findings
from salesworthy.policy.governance import ROLES
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.wording import wording_findings
from salesworthy.rules.compiling import RuleSet, compile_rules
from salesworthy.runs.governance import OpenPolicy, named, open_policy
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.publish import latest_run
from salesworthy.runs.signature_findings import signature_findings
from salesworthy.runs.workspace import Workspace

COUNTED = (
    "criteria",
    "products",
    "campaign_types",
    "blocked_regions",
    "routes",
    "owners",
    "tracks",
    "assets",
    "overrides",
    "cases",
)
"""Sections whose entries are counted, beside rules."""


@dataclass(frozen=True)
class PolicyReport:
    """A policy without mistakes, on a day.

    Attributes:
        opened: The policy, and what it was checked against.
        in_force: What of it holds on the day.
        rules: Its rules, parsed.
        findings: What somebody should look at.
        latest: The manifest of the newest run that the policy's rules were counted in; None where there is none.
    """

    opened: OpenPolicy
    in_force: PolicyInForce
    rules: RuleSet
    findings: tuple[Finding, ...]
    latest: Mapping[str, Any] | None

    @property
    def stale_overrides(self) -> tuple[Finding, ...]:
        """Overrides whose time is over: scoring refuses a policy that still holds one."""
        return tuple(each for each in self.findings if each.code == OVERRIDE_STALE)

    def as_dict(self) -> dict[str, Any]:
        """The report as ``policy check --json`` prints it."""
        policy = self.opened.policy
        return {
            **named(policy, self.opened.folder),
            "day": self.in_force.day.isoformat(),
            "starts": policy.policy.starts.isoformat(),
            "signatures": _signatures(policy),
            "rules": _by_kind(self.in_force),
            "counts": _counts(policy),
            "columns_read": sorted(map(str, self.rules.needs)),
            "findings": [each.as_dict() for each in self.findings],
            "latest_run": None if self.latest is None else _run(self.latest, policy),
        }


def check_policy(
    workspace: Workspace, *, as_of: int, folder: Path | None = None, progress: Progress = silent
) -> PolicyReport:
    """Check a policy: every condition against the workspace's features and columns, then what is overdue or expired.

    Args:
        workspace: Whose tables and features.
        as_of: The moment of the question, in microseconds.
        folder: Where the policy is; the workspace's own by default.
        progress: Told about the steps.

    Raises:
        ConfigurationMistakes: With every mistake of all files, each with file and line.
    """
    opened = open_policy(workspace, folder, progress=progress)
    in_force = opened.policy.at(from_micros(as_of).date())
    rules = compile_rules(in_force, opened.columns)
    findings = (
        *policy_findings(opened.policy, in_force.day),
        *wording_findings(opened.catalogue, in_force),
        *signature_findings(opened.policy, workspace.ledger.approvals.all()),
    )
    return PolicyReport(opened, in_force, rules, findings, _latest_manifest(workspace))


def _latest_manifest(workspace: Workspace) -> Mapping[str, Any] | None:
    found = latest_run(workspace.default_out)
    if found is None or not found[1].get("policy_version"):
        return None
    return found[1]


def _signatures(policy: Policy) -> list[dict[str, Any]]:
    """One entry per role; ``by`` and ``on`` are null where nobody signed the present content."""
    signed = policy.signed_by
    return [
        {"role": role, "by": signed[role].by, "on": signed[role].on.isoformat()}
        if role in signed
        else {"role": role, "by": None, "on": None}
        for role in ROLES
    ]


def _by_kind(in_force: PolicyInForce) -> dict[str, dict[str, int]]:
    total = Counter(rule.kind for rule in in_force.rules)
    now = Counter(rule.kind for rule in in_force.rules if rule.in_force)
    return {str(kind): {"rules": total[kind], "in_force": now[kind]} for kind in RuleKind}


def _counts(policy: Policy) -> dict[str, int]:
    return {section: len(getattr(policy, section)) for section in COUNTED}


def _run(manifest: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Alarms and the form-capture report of the newest run; those of the policy itself are told for today already."""
    return {
        "run_id": manifest["run_id"],
        "as_of": manifest["as_of"],
        "policy_version": manifest["policy_version"],
        "same_content": manifest.get("policy_sha256") == policy.content_hash,
        "alarms": [each for each in manifest.get("findings", []) if not each["code"].startswith("policy_")],
        "form_capture": list(manifest.get("form_capture", [])),
    }
