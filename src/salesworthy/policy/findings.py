"""Findings about a policy on a day: what is overdue, expired, or stands there without effect."""

from __future__ import annotations

from collections.abc import Iterator

from salesworthy.domain.findings import Finding, Severity
from salesworthy.policy.document import Policy
from salesworthy.policy.parts import Day
from salesworthy.policy.rule import RuleKind

OVERRIDE_STALE = "policy_override_stale"
REVIEW_OVERDUE = "policy_review_overdue"
ASSET_EXPIRED = "policy_asset_expired"
ASSET_NOT_REVIEWED = "policy_asset_not_reviewed"
WORDING_EXPIRED = "policy_wording_expired"
RULE_UNUSED = "policy_rule_unused"
NOT_STARTED = "policy_not_started"


def policy_findings(policy: Policy, day: Day) -> tuple[Finding, ...]:
    """What somebody should look at. A stale override blocks: it fails loudly, and is never silently let go.

    Args:
        policy: The policy.
        day: The day of the question.
    """
    checks = (_not_started, _overrides, _reviews, _assets, _wording, _unused)
    return tuple(finding for check in checks for finding in check(policy, day))


def _not_started(policy: Policy, day: Day) -> Iterator[Finding]:
    if not policy.has_started(day):
        says = f"the policy {policy.version} starts on {policy.policy.starts}, after {day}"
        yield Finding(NOT_STARTED, Severity.BLOCK, says, todo="use the version that was in force then")


def _overrides(policy: Policy, day: Day) -> Iterator[Finding]:
    for each in policy.overrides:
        if each.is_stale(day):
            about = f"lead {each.lead}" if each.lead else f"account {each.account}"
            says = f"the override {each.code} of {about} ({each.decision}, by {each.owner}) expired on {each.expires}"
            yield Finding(
                OVERRIDE_STALE, Severity.BLOCK, says, column=each.code, todo="remove it, or renew it with a reason"
            )


def _reviews(policy: Policy, day: Day) -> Iterator[Finding]:
    for rule in policy.rules:
        if rule.is_in_force(day) and rule.review < day:
            says = f"the rule {rule.code} ({rule.title}) was to be reviewed by {rule.review}"
            yield Finding(
                REVIEW_OVERDUE,
                Severity.WARN,
                says,
                column=rule.code,
                todo=f"{rule.approver} reviews it and sets a new day",
            )
    for blocked in policy.blocked_regions:
        if blocked.is_in_force(day) and blocked.review < day:
            says = f"the block on {blocked.region} was to be reviewed by {blocked.review}"
            yield Finding(
                REVIEW_OVERDUE, Severity.WARN, says, column=blocked.region, todo=f"{blocked.approver} reviews it"
            )


def _assets(policy: Policy, day: Day) -> Iterator[Finding]:
    used = {step.asset: track.code for track in policy.tracks for step in track.steps}
    for asset in policy.assets:
        where = f", and the track {used[asset.id]} sends it" if asset.id in used else ""
        severity = Severity.WARN if asset.id in used else Severity.INFO
        if asset.expires <= day:
            says = f"the asset {asset.id} ({asset.title}) expired on {asset.expires}{where}: it is never suggested"
            yield Finding(ASSET_EXPIRED, severity, says, column=asset.id, todo="renew its review, or take it out")
        elif asset.claims_reviewed is None:
            says = f"nobody has reviewed the claims of {asset.id} ({asset.title}){where}: it is never suggested"
            yield Finding(ASSET_NOT_REVIEWED, severity, says, column=asset.id, todo="have its claims reviewed")


def _wording(policy: Policy, day: Day) -> Iterator[Finding]:
    for each in policy.wording.approved:
        if each.expires <= day:
            says = f"the approval of the sentence {each.id} by {each.approved_by} expired on {each.expires}"
            yield Finding(WORDING_EXPIRED, Severity.WARN, says, column=each.id, todo="have it approved again")


def _unused(policy: Policy, day: Day) -> Iterator[Finding]:
    """Requirements and actions that no criteria set names: they are evaluated, and decide nothing."""
    sets = [each for each in policy.criteria if each.is_in_force(day)]
    named = {code for each in sets for code in (*each.fit, *each.actions)}
    for rule in policy.rules:
        if rule.kind in (RuleKind.REQUIRE, RuleKind.ACTION) and rule.code not in named and rule.is_in_force(day):
            says = f"no criteria set names the rule {rule.code} ({rule.title})"
            yield Finding(
                RULE_UNUSED, Severity.WARN, says, column=rule.code, todo="name it in a criteria set, or end it"
            )
