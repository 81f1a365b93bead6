"""The policy that a run decides under: loaded, checked against the workspace, and approved, or a draft that says so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from salesworthy.domain.errors import GateRefused
from salesworthy.domain.findings import Finding, Severity
from salesworthy.features.catalogue import Catalogue
from salesworthy.policy.approvals import check_can_decide
from salesworthy.policy.document import Policy
from salesworthy.policy.findings import policy_findings
from salesworthy.policy.in_force import PolicyInForce, policy_at_moment
from salesworthy.policy.raw import policy_files
from salesworthy.runs.workspace import Workspace

if TYPE_CHECKING:
    from salesworthy.intake.checked import CheckedTables
    from salesworthy.rules.columns import RuleColumns
    from salesworthy.rules.compiling import RuleSet

HASH_SHOWN = 8


@dataclass(frozen=True)
class RunPolicy:
    """A policy at the moment of a run.

    Attributes:
        policy: The document.
        in_force: What of it holds on the day.
        rules: Its rules, parsed.
        catalogue: The features that its rules read, and those that these are made of.
        findings: What somebody should look at; nothing that blocks, unless this is a draft.
    """

    policy: Policy
    in_force: PolicyInForce
    rules: RuleSet
    catalogue: Catalogue
    findings: tuple[Finding, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether not everybody signed it, or it may not be in force yet: everything written says so."""
        return not self.policy.is_approved or any(each.severity == Severity.BLOCK for each in self.findings)

    @cached_property
    def version(self) -> str:
        """How it is named on everything that is written; a draft by its content too.

        Two drafts of one version differ, and neither is the approved one.
        """
        draft = f"-draft-{self.policy.content_hash[:HASH_SHOWN]}" if self.is_draft else ""
        return f"{self.policy.version}{draft}"

    @property
    def identity(self) -> str:
        """What decides a run's content: the version and the content behind it."""
        return f"{self.version}:{self.policy.content_hash}"


def policy_folder(workspace: Workspace) -> Path | None:
    """Where the workspace's policy is; None where it has none, also where the settings name a place for one."""
    folder = workspace.folder / workspace.settings.policy.path
    return folder if policy_files(folder) else None


def load_run_policy(
    workspace: Workspace, checked: CheckedTables, *, as_of: int, draft: bool = False
) -> RunPolicy | None:
    """The workspace's policy at a moment; None where it has none.

    Args:
        workspace: Whose policy.
        checked: Its tables, which say what rules may read.
        as_of: The moment, in microseconds.
        draft: Whether an unapproved policy may be used; everything that it writes says so.

    Raises:
        ConfigurationMistakes: With every mistake of the policy.
        GateRefused: When it is not approved, holds a stale override, or starts later, and no draft was asked for.
    """
    folder = policy_folder(workspace)
    if folder is None:
        return None
    from salesworthy.rules.checking import load_checked_policy

    catalogue, columns = what_rules_read(workspace, checked)
    found = run_policy(load_checked_policy(folder, columns), catalogue, columns, as_of=as_of)
    if not draft:
        check_can_decide(found.policy)
        refuse_blocked(found)
    return found


def what_rules_read(workspace: Workspace, checked: CheckedTables) -> tuple[Catalogue, RuleColumns]:
    """The workspace's features, and the columns that rules may name."""
    from salesworthy.features.vocabulary import Vocabulary
    from salesworthy.rules.columns import rule_columns

    catalogue = workspace.catalogue(checked).catalogue
    return catalogue, rule_columns(catalogue, Vocabulary(checked.schema))


def run_policy(policy: Policy, catalogue: Catalogue, columns: RuleColumns, *, as_of: int) -> RunPolicy:
    """A policy that was checked, at a moment.

    Args:
        policy: The document.
        catalogue: The workspace's features.
        columns: What rules may name.
        as_of: The moment, in microseconds.
    """
    from salesworthy.rules.compiling import compile_rules

    in_force = policy_at_moment(policy, as_of)
    rules = compile_rules(in_force, columns)
    return RunPolicy(policy, in_force, rules, read_by(rules, catalogue), policy_findings(policy, in_force.day))


def read_by(rules: RuleSet, catalogue: Catalogue) -> Catalogue:
    """The features that rules read, with those that their expressions read, in the order of the catalogue."""
    needed = {ref.name for ref in rules.needs if not ref.table}
    while more := {name for each in catalogue if each.name in needed for name in each.reads} - needed:
        needed |= more
    return Catalogue(tuple(each for each in catalogue if each.name in needed))


def refuse_blocked(found: RunPolicy) -> None:
    """Refuse a policy with a finding that blocks.

    Raises:
        GateRefused: Naming every one.
    """
    blocking = [each for each in found.findings if each.severity == Severity.BLOCK]
    if blocking:
        raise GateRefused(
            "; ".join(each.says for each in blocking),
            where="policy",
            todo=f"{blocking[0].todo}; or score with --draft",
        )
