"""The rule path of one lead: what every rule says of it, in the order in which rules decide, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from salesworthy.domain.verdicts import (
    APPROVED,
    CRITERIA,
    MOTION,
    POINTS,
    POINTS_DEDUCTED,
    POINTS_FIT,
    POINTS_INTEREST,
    Verdict,
    days_column,
    missing_column,
    points_column,
    verdict_column,
)
from salesworthy.policy.in_force import CriteriaInForce, PolicyInForce, RuleInForce
from salesworthy.policy.rule import RuleKind

Row = Mapping[str, Any]
POINTED = (RuleKind.AWARD, RuleKind.DEDUCT)
ORDER = (RuleKind.EXCLUDE, RuleKind.REQUIRE, RuleKind.ACTION, RuleKind.TIER, RuleKind.STEP, *POINTED)


def rule_path(judged: Row, policy: PolicyInForce, *, decided_by: str) -> dict[str, Any]:
    """What every rule says of a lead.

    Args:
        judged: The lead's row of what ``rules.evaluation.evaluate_rules`` gave.
        policy: What was in force.
        decided_by: What decided.

    Returns:
        ``criteria``, ``motion``, ``approved``, ``points`` per axis, ``missing`` facts, and ``rules``: one entry per
        rule that concerns the lead, in the order of precedence, each with ``decided``, ``verdict`` and ``sentence``.
    """
    criteria = next((each for each in policy.criteria if each.code == judged[CRITERIA]), None)
    rules = [_entry(rule, judged, decided_by) for rule in _concerned(policy, criteria)]
    return {
        "criteria": judged[CRITERIA],
        "criteria_title": None if criteria is None else criteria.criteria.title,
        "motion": judged[MOTION],
        "approved": judged[APPROVED],
        "points": {
            "total": judged[POINTS],
            "fit": judged[POINTS_FIT],
            "interest": judged[POINTS_INTEREST],
            "deducted": judged[POINTS_DEDUCTED],
        },
        "missing": missing_facts(judged),
        "rules": rules,
    }


def missing_facts(judged: Row) -> list[str]:
    """Facts that rules read and nobody knows of the lead."""
    prefix = missing_column("")
    return [name.removeprefix(prefix) for name, gone in judged.items() if name.startswith(prefix) and gone]


def _concerned(policy: PolicyInForce, criteria: CriteriaInForce | None) -> Iterator[RuleInForce]:
    """Rules in order of precedence; requirements and actions only those that the lead's criteria set names."""
    named: Sequence[str] = () if criteria is None else (*criteria.criteria.fit, *criteria.criteria.actions)
    for kind in ORDER:
        for rule in policy.of_kind(kind):
            if kind not in (RuleKind.REQUIRE, RuleKind.ACTION) or rule.code in named:
                yield rule


def _entry(rule: RuleInForce, judged: Row, decided_by: str) -> dict[str, Any]:
    verdict = Verdict(judged[verdict_column(rule.code)])
    days = judged.get(days_column(rule.code))
    entry = {
        "rule": rule.code,
        "kind": str(rule.kind),
        "title": rule.rule.title,
        "verdict": verdict.name,
        "sentence": rule.rule.sentence(verdict, days),
        "decided": rule.code == decided_by,
    }
    if rule.kind in POINTED:
        sign = -1 if rule.kind == RuleKind.DEDUCT else 1
        entry["points"] = sign * judged[points_column(rule.code)]
    return entry
