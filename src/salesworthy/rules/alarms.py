"""Counts per rule and verdict, and alarms: rules that touch nobody or everybody, facts whose absence holds leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from salesworthy.domain.findings import Finding, Severity
from salesworthy.domain.verdicts import Verdict, missing_column, verdict_column
from salesworthy.engines.protocol import Engine
from salesworthy.rules.compiling import RuleSet

TOUCHES_NOBODY = "rule_touches_nobody"
TOUCHES_EVERYBODY = "rule_touches_everybody"
MOSTLY_UNKNOWN = "rule_mostly_unknown"
UNKNOWN_SHARE = 0.5
"""Beyond this share of UNKNOWN a rule says more about forms than about leads."""
FEWEST = 100
"""Leads below which a count says nothing."""


@dataclass(frozen=True)
class RuleCounts:
    """How many leads got each verdict of a rule, and per missing fact how many UNKNOWN it took part in."""

    rule: str
    title: str
    verdicts: Mapping[Verdict, int]
    missing: Mapping[str, int]

    @property
    def leads(self) -> int:
        """How many leads were judged."""
        return sum(self.verdicts.values())

    def as_dict(self) -> dict[str, object]:
        """The counts as JSON writes them."""
        verdicts = {verdict.name: count for verdict, count in self.verdicts.items()}
        return {"rule": self.rule, "title": self.title, "verdicts": verdicts, "missing": dict(self.missing)}


def count_verdicts(engine: Engine, judged: ir.Table, rules: RuleSet) -> tuple[RuleCounts, ...]:
    """Counts per rule, in one pass.

    Args:
        engine: Where the verdicts are.
        judged: What ``evaluate_rules`` gave; materialise it first where it is used again.
        rules: The rules.
    """
    sums: dict[str, ir.Value] = {}
    for number, rule in enumerate(rules.rules):
        verdict = judged[verdict_column(rule.code)]
        for each in Verdict:
            sums[f"v{number}_{int(each)}"] = (verdict == ibis.literal(int(each), "int8")).sum()
        unknown = verdict == ibis.literal(int(Verdict.UNKNOWN), "int8")
        for place, fact in enumerate(rules.reads.get(rule.code, ())):
            sums[f"m{number}_{place}"] = (unknown & judged[missing_column(fact)]).sum()
    row = engine.to_arrow(judged.agg(**sums)).to_pylist()[0]
    return tuple(
        RuleCounts(
            rule.code,
            rule.rule.rule.title,
            {each: int(row[f"v{number}_{int(each)}"] or 0) for each in Verdict},
            {fact: int(row[f"m{number}_{place}"] or 0) for place, fact in enumerate(rules.reads.get(rule.code, ()))},
        )
        for number, rule in enumerate(rules.rules)
    )


def alarms(counts: tuple[RuleCounts, ...], rules: RuleSet) -> tuple[Finding, ...]:
    """Rules that touch nobody or everybody, and rules that mostly cannot tell.

    Args:
        counts: What ``count_verdicts`` gave.
        rules: The rules.
    """
    found: list[Finding] = []
    for each in counts:
        rule = rules.policy.by_code[each.rule]
        if rule.in_force and each.leads >= FEWEST:
            found += _alarms_of(each, rule.rule.acts_on)
    return tuple(found)


def _alarms_of(counts: RuleCounts, acts_on: Verdict) -> list[Finding]:
    touched, unknown = counts.verdicts[acts_on], counts.verdicts[Verdict.UNKNOWN]
    name = f"the rule {counts.rule} ({counts.title})"
    if unknown > UNKNOWN_SHARE * counts.leads:
        missing = max(counts.missing, key=lambda fact: counts.missing[fact], default="")
        says = f"{name} cannot tell for {unknown:,} of {counts.leads:,} leads, mostly for want of {missing}"
        return [
            Finding(
                MOSTLY_UNKNOWN, Severity.WARN, says, column=missing, count=unknown, todo=f"ask for {missing} in forms"
            )
        ]
    if touched == 0:
        says = f"{name} touches nobody of {counts.leads:,} leads"
        return [
            Finding(
                TOUCHES_NOBODY, Severity.WARN, says, column=counts.rule, todo="mend or retire it at the next review"
            )
        ]
    if touched == counts.leads:
        says = f"{name} touches all {counts.leads:,} leads"
        return [
            Finding(
                TOUCHES_EVERYBODY,
                Severity.WARN,
                says,
                column=counts.rule,
                count=touched,
                todo="it tells no lead from another: mend it",
            )
        ]
    return []


def form_capture(counts: tuple[RuleCounts, ...]) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """Facts whose absence caused UNKNOWN: how many verdicts each, and of which rules; the costliest first."""
    causes: dict[str, list[tuple[int, str]]] = {}
    for each in counts:
        for fact, count in each.missing.items():
            if count:
                causes.setdefault(fact, []).append((count, each.rule))
    report = (
        (fact, sum(count for count, _ in of), tuple(rule for _, rule in sorted(of, reverse=True)))
        for fact, of in causes.items()
    )
    return tuple(sorted(report, key=lambda line: (-line[1], line[0])))
