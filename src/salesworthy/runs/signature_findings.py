"""Signatures that stand beneath a policy, held against those that the ledger recorded when they were given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from salesworthy.domain.findings import Finding, Severity
from salesworthy.ledger.approvals import SignedPolicy
from salesworthy.policy.document import Policy
from salesworthy.policy.governance import ROLES

DIFFERS, NOT_RECORDED, NOT_WRITTEN = "signature_differs", "signature_not_recorded", "signature_not_written"
APPROVE = "`salesworthy policy approve --role {role} --by NAME`, by whoever signs"


def signature_findings(policy: Policy, recorded: Sequence[SignedPolicy]) -> Iterator[Finding]:
    """What differs between ``approvals.yaml`` and the ledger, role by role.

    A file can be edited by anybody, the ledger cannot. Where the ledger has no signature at all, it was not there when
    the policy was signed, and nothing is said.

    Args:
        policy: With its signatures.
        recorded: Every signature of the ledger.
    """
    if not recorded:
        return
    mine = {each.role: each for each in recorded if each.content_sha256 == policy.content_hash}
    for role in ROLES:
        written, known = policy.signed_by.get(role), mine.get(role)
        who, todo = role.replace("_", " "), APPROVE.format(role=role)
        if written is not None and known is None:
            says = f"{written.by} signs for {who} in approvals.yaml, and the ledger does not know of it"
            yield Finding(NOT_RECORDED, Severity.WARN, says, column=role, todo=todo)
        elif written is not None and known is not None and written.by != known.by:
            says = f"{written.by} signs for {who} in approvals.yaml; in the ledger {known.by} does"
            yield Finding(DIFFERS, Severity.WARN, says, column=role, todo="find out who edited approvals.yaml")
        elif written is None and known is not None:
            says = f"{known.by} signed for {who}, says the ledger; approvals.yaml does not have it"
            yield Finding(NOT_WRITTEN, Severity.WARN, says, column=role, todo="restore approvals.yaml, or sign again")
