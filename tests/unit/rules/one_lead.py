"""The reference: one lead, one rule at a time, in plain Python, as slowly and plainly as the words of the policy."""

from __future__ import annotations

import itertools
import re

from sqlglot import exp

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.rule import RuleKind
from salesworthy.rules.person_acts import by_person

DAY = MICROSECONDS_PER_DAY


def both(left, right):
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left, right):
    return negated(both(negated(left), negated(right)))


def negated(value):
    return None if value is None else not value


COMPARE = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.Add: lambda a, b: float(a) + b,
    exp.Sub: lambda a, b: float(a) - b,
    exp.Mul: lambda a, b: float(a) * b,
    exp.Div: lambda a, b: None if b == 0 else float(a) / b,
    exp.Contains: lambda a, b: b in a,
    exp.StartsWith: lambda a, b: a.startswith(b),
}


def value(node, facts):  # noqa: C901, PLR0911, PLR0912
    """What a condition gives for one lead; None where it hangs on what is missing."""

    def of(part):
        return value(part, facts)

    if isinstance(node, exp.Column):
        return facts[f"{node.table}.{node.name}" if node.table else node.name]
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else float(node.name)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Paren):
        return of(node.this)
    if isinstance(node, exp.And):
        return both(of(node.this), of(node.expression))
    if isinstance(node, exp.Or):
        return either(of(node.this), of(node.expression))
    if isinstance(node, exp.Not):
        return negated(of(node.this))
    if isinstance(node, exp.Is):
        wanted = None if isinstance(node.expression, exp.Null) else bool(node.expression.this)
        return of(node.this) is wanted
    if isinstance(node, exp.Between):
        found = of(node.this)
        return both(compared(exp.GTE, found, of(node.args["low"])), compared(exp.LTE, found, of(node.args["high"])))
    if isinstance(node, exp.In):
        found, result = of(node.this), False
        for option in node.expressions:
            result = either(result, compared(exp.EQ, found, of(option)))
        return result
    if isinstance(node, exp.Like):
        found, pattern = of(node.this), re.escape(node.expression.name).replace("%", ".*").replace("_", ".")
        return None if found is None else re.fullmatch(pattern, found) is not None
    if isinstance(node, exp.Coalesce):
        return next((found for part in [node.this, *node.expressions] if (found := of(part)) is not None), None)
    if isinstance(node, exp.Lower):
        found = of(node.this)
        return None if found is None else found.lower()
    if isinstance(node, exp.Case):
        for branch in node.args["ifs"]:
            if of(branch.this) is True:
                return of(branch.args["true"])
        return of(node.args["default"]) if node.args.get("default") is not None else None
    return compared(type(node), of(node.this), of(node.expression))


def compared(kind, left, right):
    return None if left is None or right is None else COMPARE[kind](left, right)


def known_acts(acts, as_of):
    """Acts that had happened and were known, by people; tags of content count from the day they were set."""
    for act in acts:
        if act["occurred_at"] > as_of or act["known_at"] > as_of:
            continue
        if value(by_person().tree, {"agent": act["agent"], "machine": act.get("machine")}) is not True:
            continue
        tagged = act["tagged_at"] is not None and act["tagged_at"] <= as_of
        yield {**act, "content.topic": act["topic"] if tagged else None}


def days_since_last_act(rule, acts, as_of):
    """Days since the last act of a sequence; None where no chain of acts makes it."""
    young = [act for act in known_acts(acts, as_of) if as_of - act["occurred_at"] < rule.within]
    fitting = [[act for act in young if value(condition.tree, act) is True] for condition in rule.acts]
    ends = [
        chain[-1]["occurred_at"]
        for chain in itertools.product(*fitting)
        if all(one["occurred_at"] < other["occurred_at"] for one, other in itertools.pairwise(chain))
    ]
    return (as_of - max(ends)) / DAY if ends else None


def verdict(rule, facts, days):
    if not rule.rule.in_force:
        return Verdict.NOT_IN_FORCE
    holds = True if rule.when is None else value(rule.when.tree, facts)
    if rule.acts:
        holds = both(holds, days is not None)
    if holds is None:
        return Verdict.UNKNOWN
    negative = rule.rule.kind in (RuleKind.EXCLUDE, RuleKind.DEDUCT)
    return Verdict.PASS if holds != negative else Verdict.FAIL


def points(rule, facts, found, days):
    """What a rule gives or takes."""
    acts_on = Verdict.FAIL if rule.rule.kind == RuleKind.DEDUCT else Verdict.PASS
    if found != acts_on:
        return 0.0
    given = rule.rule.points
    if rule.per is not None:
        given *= max(float(value(rule.per.tree, facts) or 0), 0.0)
    if rule.rule.cap is not None:
        given = min(given, rule.rule.cap)
    if rule.rule.half_life_days is not None:
        age = days if rule.acts else value(rule.since.tree, facts) if rule.since is not None else None
        given *= 0.5 ** (max(float(age or 0), 0.0) / rule.rule.half_life_days)
    return given


def approved(rules, facts):
    policy = rules.policy
    product, campaign = facts["leads.product"], facts["campaigns.type"]
    return (product is None or product in policy.products) and (campaign is None or campaign in policy.campaign_types)


def judge(rules, facts, acts, as_of):
    """Everything that the engine says of one lead."""
    row, given, taken = {}, {"fit": 0.0, "interest": 0.0}, 0.0
    for rule in rules.rules:
        days = days_since_last_act(rule, acts, as_of) if rule.acts else None
        found = verdict(rule, facts, days)
        row[f"rule.{rule.code}"] = int(found)
        if rule.acts:
            row[f"days.{rule.code}"] = days
        if rule.rule.in_force and rule.rule.kind in (RuleKind.AWARD, RuleKind.DEDUCT):
            amount = points(rule, facts, found, days)
            row[f"points.rule.{rule.code}"] = amount
            if rule.rule.kind == RuleKind.AWARD:
                given[rule.rule.rule.axis] += amount
            else:
                taken += amount
    taken = min(taken, rules.policy.negative_cap)
    scores = approved(rules, facts)
    row["points.fit"], row["points.interest"] = given["fit"] * scores, given["interest"] * scores
    row["points.deducted"] = taken * scores
    row["points"] = row["points.fit"] + row["points.interest"] - row["points.deducted"]
    row["approved"] = scores
    motion = next((code for code, test in rules.motions if value(test.tree, facts) is True), None)
    criteria = rules.policy.criteria_for(product=facts["leads.product"], motion=motion, region=facts["accounts.region"])
    row["motion"], row["criteria"] = motion, criteria.code if criteria else None
    for ref in rules.inputs:
        row[f"missing.{ref}"] = facts[str(ref)] is None
    return row
