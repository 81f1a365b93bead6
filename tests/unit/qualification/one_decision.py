"""The reference: one lead decided line by line, in plain Python, as slowly and plainly as the order of precedence."""

from __future__ import annotations

import hashlib
import math

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.consent import consent_answer
from salesworthy.policy.rule import RuleKind


def decide_one(row, policy, propensity, thresholds):  # noqa: C901, PLR0911, PLR0912
    """(decision, decided_by) of one lead."""

    def says(code):
        return Verdict(row[f"rule.{code}"])

    exclusions = policy.of_kind(RuleKind.EXCLUDE)
    criteria = next((each for each in policy.criteria if each.code == row["criteria"]), None)
    fit = [] if criteria is None else [code for code in criteria.criteria.fit if policy.by_code[code].in_force]
    fits = bool(fit) and all(says(code) == Verdict.PASS for code in fit) and row["approved"]

    for rule in exclusions:
        if rule.rule.decision == "BLOCKED" and says(rule.code) == Verdict.FAIL:
            return "BLOCKED", rule.code
    open_block = any(rule.rule.decision == "BLOCKED" and says(rule.code) == Verdict.UNKNOWN for rule in exclusions)
    override = None
    for about, key in (("lead", "lead_id"), ("account", "account_id")):
        live = [
            each for each in policy.policy.overrides
            if each.is_in_force(policy.day) and getattr(each, about) is not None and getattr(each, about) == row[key]
        ]  # fmt: skip
        if live and (live[0].decision != "MQL" or (fits and not open_block)):
            override = override or live[0]
    if override is not None:
        return str(override.decision), f"override:{override.code}"
    for rule in exclusions:
        if says(rule.code) == Verdict.FAIL:
            return "DISQUALIFIED", rule.code
    for rule in exclusions:
        if rule.rule.when_unknown == "hold" and says(rule.code) == Verdict.UNKNOWN:
            return "HELD", rule.code
    if criteria is None:
        return "NURTURE", "no_criteria"
    for code in fit:
        if says(code) == Verdict.UNKNOWN:
            return "HELD", code
    for code in fit:
        if says(code) == Verdict.FAIL:
            return "NURTURE", code
    if not fit:
        return "NURTURE", criteria.code
    if not row["approved"]:
        return "NURTURE", "not_approved"
    fit_grade, interest_grade = policy.fit_grade(row["points.fit"]), policy.interest_grade(row["points.interest"])
    if criteria.fit_suffices(fit_grade):
        for code in criteria.criteria.actions:
            if says(code) == Verdict.PASS:
                return "MQL", code
    threshold = criteria.propensity
    if criteria.leads_per_week is not None:
        threshold = thresholds.get(criteria.code, math.inf)
    if propensity is None or threshold is None:
        by, over = "points", criteria.points is not None and row["points"] >= criteria.points
    else:
        by, over = "propensity", propensity >= threshold
    cell = criteria.recommends(fit_grade, interest_grade)
    if over and cell == "MQL":
        return "MQL", by
    tier = next((rule for rule in policy.of_kind(RuleKind.TIER) if says(rule.code) == Verdict.PASS), None)
    if cell == "TRACKED" and tier is not None and tier.rule.target:
        return "TRACKED", tier.code
    return "NURTURE", "matrix" if over else by


def explore_one(row, facts, policy, propensity, thresholds, *, as_of):
    """(decision, decided_by, probability of being sent) of one lead after the draw, written from the words alone."""
    decision, by = decide_one(row, policy, propensity, thresholds)
    if decision == "MQL":
        return decision, by, 1.0
    if decision != "NURTURE" or by not in ("propensity", "points", "matrix"):
        return decision, by, 0.0
    criteria = next(each for each in policy.criteria if each.code == row["criteria"])
    if not criteria.fit_suffices(policy.fit_grade(row["points.fit"])):
        return decision, by, 0.0
    since = facts["consent.general.at"]
    may_be_contacted = consent_answer(
        policy.policy.consent, policy.day, state=facts["consent.general.state"], region=facts["region"],
        days=None if since is None else (as_of - since) / MICROSECONDS_PER_DAY,
        channel="email", purpose="marketing", content_type="general",
    ).allowed  # fmt: skip
    if not may_be_contacted:
        return decision, by, 0.0
    share = policy.policy.scoring.exploration.at(policy.day)
    digits = hashlib.sha256(b"salesworthy exploration/" + row["lead_id"].encode()).hexdigest()[:13]
    is_drawn = int(digits, 16) < share * 16**13
    return ("MQL", "exploration", share) if is_drawn else (decision, by, share)
