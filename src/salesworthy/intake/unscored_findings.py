"""What is said about acts that score nothing: how many, why, and who has to do something about it."""

from __future__ import annotations

from salesworthy.domain.approved_use import NoScore
from salesworthy.domain.findings import Finding, Severity
from salesworthy.intake.unscored_acts import ACTS, COLUMN, Unscored

SAYS = {
    NoScore.OFF_LABEL: "are about uses that the product is not approved for, and score nothing",
    NoScore.TRANSFER_OF_VALUE: "are transfers of value (meals, fees, speaker roles ...), and score nothing",
    NoScore.UNAPPROVED_CAMPAIGN: "belong to campaigns that nobody approved, and score nothing",
}
TODO = {
    NoScore.OFF_LABEL: "questions about such uses go to medical information, not to sales",
    NoScore.TRANSFER_OF_VALUE: "",
    NoScore.UNAPPROVED_CAMPAIGN: "have the campaigns approved: campaigns.approved_at; check --json lists them",
}


def unscored_findings(found: Unscored) -> list[Finding]:
    """A finding for every reason that some act has, and one for acts that wait for an approval."""
    findings = []
    for why, count in sorted(found.by_why.items()):
        severity = Severity.INFO if why == NoScore.TRANSFER_OF_VALUE else Severity.WARN
        says = f"{ACTS}: {count:,} act(s) {SAYS[why]}"
        findings.append(Finding(f"NO_SCORE_{why.name}", severity, says, ACTS, COLUMN, count, TODO[why]))
    if found.later:
        says = f"{ACTS}: {found.later:,} act(s) happened before their campaign was approved, and count from that day on"
        findings.append(Finding("APPROVED_LATER", Severity.INFO, says, ACTS, "known_at", found.later))
    return findings
