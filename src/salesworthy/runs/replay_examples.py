"""Examples of a replay: leads whose decision changes, and the rule that made the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from salesworthy.domain.decisions import Decision
from salesworthy.domain.moments import format_moment
from salesworthy.domain.verdicts import Verdict
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.policy.rule import RuleKind
from salesworthy.policy.words import amount
from salesworthy.qualification.deciding import (
    BY_MATRIX,
    BY_OVERRIDE,
    BY_POINTS,
    BY_PROPENSITY,
    NO_CRITERIA,
    NOT_APPROVED,
)
from salesworthy.runs.replay_week import NOT_SCORED, ReplayWeek, Side

MOST = 10
VERDICTS = {
    Decision.BLOCKED: Verdict.FAIL,
    Decision.DISQUALIFIED: Verdict.FAIL,
    Decision.HELD: Verdict.UNKNOWN,
    Decision.NURTURE: Verdict.FAIL,
    Decision.TRACKED: Verdict.PASS,
    Decision.MQL: Verdict.PASS,
}
"""What a rule said of a lead that it decided so."""
STAGES = {Decision.BLOCKED: 1, Decision.DISQUALIFIED: 3, Decision.HELD: 4}
FIT, APPROVAL, ACTION, MEASURED = 5, 6, 7, 8
Row = Mapping[str, Any]


def examples(weeks: Sequence[ReplayWeek]) -> list[dict[str, Any]]:
    """Up to ten leads whose decision changes, from every from-to pair in turn; each lead once.

    Args:
        weeks: The weeks of a replay.
    """
    by_pair: dict[tuple[str, str], list[tuple[ReplayWeek, Row]]] = {}
    seen: set[str] = set()
    for week in weeks:
        for row in week.rows.filter(week.rows["changed"]).to_pylist():
            if row["lead_id"] not in seen:
                seen.add(row["lead_id"])
                by_pair.setdefault((row["old.decision"], row["new.decision"]), []).append((week, row))
    return [_example(week, row) for week, row in _in_turn(by_pair)]


def _in_turn(by_pair: Mapping[Any, list[tuple[ReplayWeek, Row]]]) -> Iterator[tuple[ReplayWeek, Row]]:
    order = sorted(by_pair, key=lambda pair: (-len(by_pair[pair]), pair))
    turns = max((len(each) for each in by_pair.values()), default=0)
    found = (by_pair[pair][turn] for turn in range(turns) for pair in order if turn < len(by_pair[pair]))
    yield from (each for each, _ in zip(found, range(MOST), strict=False))


def _example(week: ReplayWeek, row: Row) -> dict[str, Any]:
    old, new = _of(row, "old"), _of(row, "new")
    return {
        "lead_id": row["lead_id"],
        "week": format_moment(week.moment)[:10],
        "region": row["region"],
        "from": old["decision"],
        "to": new["decision"],
        "rule": _made_the_difference(old, new, week),
        "before": _because(old, week.old),
        "after": _because(new, week.new),
    }


def _of(row: Row, side: str) -> dict[str, Any]:
    return {name.partition(".")[2]: value for name, value in row.items() if name.startswith(f"{side}.")}


def _made_the_difference(old: Row, new: Row, week: ReplayWeek) -> str:
    """What stands earlier in the order of precedence: it decides now, or decided before and does no longer."""
    is_olds = _stage(old, week.old.policy) < _stage(new, week.new.policy)
    decider = old if is_olds else new
    by = decider["decided_by"]
    return f"{by} of {decider['criteria']}" if by in (BY_PROPENSITY, BY_POINTS, BY_MATRIX) else str(by)


def _stage(side: Row, policy: PolicyInForce) -> int:
    """Place in the order of precedence of ``qualification.deciding``."""
    decision, by = side["decision"], side["decided_by"]
    if decision == NOT_SCORED:
        return 0
    if by.startswith(BY_OVERRIDE):
        return STAGES[Decision.BLOCKED] + 1
    if decision in STAGES:
        return STAGES[Decision(decision)]
    if by in (NO_CRITERIA, side["criteria"]) or _is_kind(by, policy, RuleKind.REQUIRE):
        return FIT
    if by == NOT_APPROVED:
        return APPROVAL
    return ACTION if _is_kind(by, policy, RuleKind.ACTION) else MEASURED


def _is_kind(code: str, policy: PolicyInForce, kind: RuleKind) -> bool:
    return code in policy.by_code and policy.by_code[code].kind == kind


def _because(side: Row, policy: Side) -> str:
    """Why a lead was decided so, as a sentence."""
    by, in_force = side["decided_by"], policy.policy
    if by in in_force.by_code:
        rule = in_force.by_code[by].rule
        return rule.sentence(VERDICTS[Decision(side["decision"])], side["trigger_days"])
    if by == BY_PROPENSITY:
        limit = policy.thresholds.get(side["criteria"])
        needed = "none is set" if limit is None else f"{amount(limit, 'probability')} is needed"
        return f"The propensity is {amount(side['propensity'] or 0.0, 'probability')}; {needed} in {side['criteria']}"
    if by == BY_POINTS:
        limit = in_force.criteria_of(side["criteria"]).points
        return f"{side['points']:g} points; {limit or 0:g} are needed in {side['criteria']}"
    if by == BY_MATRIX:
        cell = f"{side['fit_grade']}{side['interest_grade']}"
        return f"Over the threshold, but the matrix of {side['criteria']} makes no MQLs of {cell}"
    return _otherwise(by, side)


def _otherwise(by: str, side: Row) -> str:
    if by.startswith(BY_OVERRIDE):
        return f"A person decided so: {by.removeprefix(BY_OVERRIDE)}"
    if side["decision"] == NOT_SCORED:
        return "Objected to direct marketing"
    if by == NOT_APPROVED:
        return "Product or campaign type is not approved for scoring"
    return f"No criteria set with requirements in force applies ({by})"
