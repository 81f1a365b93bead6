"""Reasons that rules give: the one that decided stands first; without a model, the points follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from salesworthy.domain.reasons import Family
from salesworthy.domain.verdicts import APPROVED, Verdict, days_column, points_column, verdict_column
from salesworthy.policy.in_force import PolicyInForce, RuleInForce
from salesworthy.policy.rule import RuleKind
from salesworthy.qualification.arrays import Codes, Floats, coded, distinct_rows, numbers, yes
from salesworthy.qualification.deciding import BY_OVERRIDE
from salesworthy.qualification.reason_rows import DEGREES, ReasonRows, Words

Rows = npt.NDArray[np.signedinteger]
LEADING = pa.schema([("lead", pa.int64()), ("family", pa.string()), ("code", pa.string()), ("sentence", pa.string())])
"""A reason that stands before those of the model; ``lead`` is the row of the batch that it is about."""
STRONG_POINTS, CLEAR_POINTS = 20.0, 8.0
FAMILIES = {
    RuleKind.REQUIRE: Family.FIT,
    RuleKind.EXCLUDE: Family.FIT,
    RuleKind.ACTION: Family.INTEREST,
    RuleKind.DEDUCT: Family.INTEREST,
    RuleKind.TIER: Family.ACCOUNT,
    RuleKind.STEP: Family.INTEREST,
}


def leading_reasons(decided: pa.Table, judged: pa.Table, policy: PolicyInForce) -> pa.Table:
    """The rule or override that decided, for each lead that one decided; columns of ``LEADING``, in order of leads.

    Args:
        decided: What ``decide`` gave.
        judged: The verdicts behind it, in the same order.
        policy: What is in force on the day.
    """
    by, names = coded(decided.column("decided_by"))
    found = [_of_rule(policy.by_code[name], np.flatnonzero(by == place), judged) for place, name in enumerate(names)
             if name in policy.by_code]  # fmt: skip
    overrides = {f"{BY_OVERRIDE}{each.code}": each for each in policy.policy.overrides}
    for place, name in enumerate(names):
        if name in overrides:
            each = overrides[name]
            says = f"{each.owner} decided so until {each.expires}: {each.reason}"
            rows = np.flatnonzero(by == place)
            found.append(_rows(rows, Family.OTHER, each.code, [says] * len(rows)))
    return pa.concat_tables([LEADING.empty_table(), *found]).sort_by("lead")


def points_reasons(judged: pa.Table, policy: PolicyInForce) -> ReasonRows:
    """Awards and deductions as reasons, heaviest first: what decides where there is no model.

    Grain: one row per lead and rule that gave or took points, without log-odds.

    Args:
        judged: Verdicts and points, one row per lead.
        policy: What is in force on the day.
    """
    rules = [*policy.of_kind(RuleKind.AWARD), *policy.of_kind(RuleKind.DEDUCT)]
    points = np.zeros((judged.num_rows, len(rules)))
    for column, rule in enumerate(rules):
        points[:, column] = numbers(judged, points_column(rule.code))
    points *= yes(judged, APPROVED)[:, None]
    order = np.argsort(-points, axis=1, kind="stable")
    lead, place = np.nonzero(np.take_along_axis(points, order, axis=1) > 0)
    which = order[lead, place]
    return ReasonRows(
        lead,
        (place + 1).astype(np.int16),
        Words(which, [str(_family(rule)) for rule in rules]),
        Words(which, [rule.code for rule in rules]),
        None,
        Words(np.searchsorted([CLEAR_POINTS, STRONG_POINTS], points[lead, which], "right"), DEGREES),
        Words(which, [rule.rule.sentence(rule.rule.acts_on) for rule in rules]),
    )


def _family(rule: RuleInForce) -> Family:
    if rule.kind == RuleKind.AWARD:
        return Family.FIT if rule.rule.axis == "fit" else Family.INTEREST
    return FAMILIES[rule.kind]


def _of_rule(rule: RuleInForce, rows: Rows, judged: pa.Table) -> pa.Table:
    """What a rule says of the leads that it decided; every different sentence is put into words once."""
    taken = judged.select([verdict_column(rule.code)]).take(pa.array(rows))
    verdicts = numbers(taken, verdict_column(rule.code)).astype(np.int32)
    days = _whole_days(judged, rule, rows)
    kinds, which = distinct_rows(np.stack([verdicts, days], axis=1))
    said = [rule.rule.sentence(Verdict(verdict), None if day < 0 else day) for verdict, day in kinds.tolist()]
    return _rows(rows, _family(rule), rule.code, [said[each] for each in which])


def _whole_days(judged: pa.Table, rule: RuleInForce, rows: Rows) -> Codes:
    if days_column(rule.code) not in judged.column_names:
        return np.full(len(rows), -1, np.int32)
    days: Floats = numbers(judged, days_column(rule.code))[rows]
    return np.where(np.isnan(days), -1, days).astype(np.int32)


def _rows(rows: Rows, family: Family, code: str, sentences: Sequence[str]) -> pa.Table:
    return pa.table(
        [
            pa.array(rows, pa.int64()),
            pa.repeat(pa.scalar(str(family)), len(rows)),
            pa.repeat(pa.scalar(code), len(rows)),
            pa.array(sentences, pa.string()),
        ],
        schema=LEADING,
    )
