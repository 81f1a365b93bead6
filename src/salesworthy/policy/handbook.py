"""The handbook: the policy as a document for people, generated from the policy itself."""

from __future__ import annotations

from salesworthy.policy.approvals import status_line
from salesworthy.policy.criteria import CampaignType, Product
from salesworthy.policy.document import Policy
from salesworthy.policy.findings import REVIEW_OVERDUE, policy_findings
from salesworthy.policy.handbook_rules import criteria_chapter, rules_chapter, scoring_chapter
from salesworthy.policy.handbook_text import Lines, decided, table, until
from salesworthy.policy.handbook_wording import wording_chapter
from salesworthy.policy.handbook_work import (
    assets_chapter,
    consent_chapter,
    overrides_chapter,
    reasons_chapter,
    retention_chapter,
    routes_chapter,
    steps_chapter,
    tracks_chapter,
)
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.parts import Day
from salesworthy.policy.words import day_in_words


def handbook(policy: Policy, day: Day) -> str:
    """The policy as Markdown: inputs, thresholds, rules, routes, tracks, assets, consent, taxonomy, approvals.

    Args:
        policy: The policy.
        day: Values of that day are shown; values that follow later are named with their start.
    """
    policy_of_day = policy.at(day)
    chapters = (
        _head,
        _findings,
        criteria_chapter,
        scoring_chapter,
        rules_chapter,
        steps_chapter,
        routes_chapter,
        consent_chapter,
        tracks_chapter,
        assets_chapter,
        reasons_chapter,
        wording_chapter,
        retention_chapter,
        overrides_chapter,
        _cases,
        _approvals,
    )
    return "\n".join(line for chapter in chapters for line in chapter(policy_of_day)).rstrip() + "\n"


def _head(now: PolicyInForce) -> Lines:
    policy = now.policy
    yield f"# {policy.policy.title}"
    yield ""
    yield f"Version {policy.version}, as in force on {day_in_words(now.day)}. {status_line(policy)}."
    yield ""
    yield f"Content hash `{policy.content_hash}`."
    yield ""
    yield "A lead is an MQL when it fits and either did what a criteria set requires, or lies over its threshold."
    yield "Never without fit."
    yield ""
    yield "## Inputs"
    yield ""
    yield from table(
        ("fact", "read from"), [(name, f"`{getattr(policy.facts, name)}`") for name in type(policy.facts).model_fields]
    )
    listed: tuple[Product | CampaignType, ...] = (*policy.products, *policy.campaign_types)
    yield from table(
        ("what scores", "from", "decided"),
        [(each.title, day_in_words(each.starts), decided(each)) for each in listed],
    )
    yield from table(
        ("blocked region", "from", "until", "review", "decided"),
        [
            (each.region, day_in_words(each.starts), until(each.ends), day_in_words(each.review), decided(each))
            for each in policy.blocked_regions
        ],
    )
    yield from table(
        ("sales motion", "when", "decided"), [(each.title, f"`{each.when}`", decided(each)) for each in policy.motions]
    )


def _findings(now: PolicyInForce) -> Lines:
    """Findings, a line each; overdue reviews, of which there may be many, a line per day on which they were due."""
    found = policy_findings(now.policy, now.day)
    if found:
        yield "## To look at"
        yield ""
        yield from (f"- {finding.says}; {finding.todo}" for finding in found if finding.code != REVIEW_OVERDUE)
        yield from _overdue(now, [finding.column for finding in found if finding.code == REVIEW_OVERDUE])
        yield ""


def _overdue(now: PolicyInForce, codes: list[str]) -> Lines:
    reviews = {rule.code: rule.review for rule in now.policy.rules}
    reviews |= {blocked.region: blocked.review for blocked in now.policy.blocked_regions}
    for day in sorted({reviews[code] for code in codes}):
        due = [code for code in codes if reviews[code] == day]
        yield f"- {len(due)} to be reviewed by {day_in_words(day)}: {', '.join(due)}"


def _cases(now: PolicyInForce) -> Lines:
    if now.policy.cases:
        yield "## Worked cases"
        yield ""
        yield from (f"- {each.says} ({each.code})" for each in now.policy.cases)
        yield ""


def _approvals(now: PolicyInForce) -> Lines:
    yield "## Approvals"
    yield ""
    yield f"{status_line(now.policy)}."
    yield ""
    yield from table(
        ("role", "by", "on", "this content"),
        [
            (
                each.role.replace("_", " "),
                each.by,
                day_in_words(each.on),
                "yes" if each.content == now.policy.content_hash else "an earlier one",
            )
            for each in now.policy.approvals
        ],
    )
