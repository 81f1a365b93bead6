"""The manifest of a scoring run: what stands behind it, and what should be looked at."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import ibis.expr.types as ir

from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.policy.approvals import status_line
from salesworthy.rules.alarms import alarms, count_verdicts, form_capture
from salesworthy.rules.consents import TABLE as CONSENTS
from salesworthy.runs.features import OpenTables
from salesworthy.runs.run_policy import RunPolicy
from salesworthy.runs.score_batch import Deciders
from salesworthy.runs.score_files import Written

STALE_AFTER = 60 * MICROSECONDS_PER_DAY
"""Beyond this age of the newest lead, the moment asked for is probably not the one meant."""
OBJECTED = "objected to direct marketing"


def manifest_of(
    data: OpenTables, deciders: Deciders, written: Written, asked: ir.Table, *, as_of: int
) -> dict[str, Any]:
    """What a run writes beside its files; the same run gives the same.

    Args:
        data: Checked tables.
        deciders: The model and the policy in force.
        written: What was written of them.
        asked: The leads that were to be scored, those who objected among them.
        as_of: The moment of the question, in microseconds.
    """
    model, policy = deciders.model, deciders.policy
    found = {
        "as_of": format_moment(as_of),
        "model_version": deciders.model_version,
        "model_sha256": None if model is None else model.bundle.sha256,
        "policy_version": deciders.policy_version or None,
        "versions": {"model": deciders.model_version, "policy": deciders.policy_version or None},
        "data_fingerprint": data.checked.fingerprint,
        "fingerprint": data.checked.fingerprint,
        "base_log_odds": deciders.base_log_odds,
        "scored_leads": data.workspace.settings.scoring.leads,
        "counts": written.counts,
        "warnings": _warnings(data, deciders, written, as_of),
        "rejected": {report.table: sum(report.rejected.values()) for report in data.checked.reports},
    }
    found["suppressed"] = {OBJECTED: _count(data, asked) - sum(written.counts.values())}
    return found if policy is None else {**found, **_about_policy(data, policy, written)}


def _about_policy(data: OpenTables, policy: RunPolicy, written: Written) -> dict[str, Any]:
    counts = count_verdicts(data.engine, written.rows, policy.rules)
    findings = [*policy.findings, *alarms(counts, policy.rules)]
    capture = form_capture(counts)
    return {
        "policy_sha256": policy.policy.content_hash,
        "policy_status": status_line(policy.policy),
        "draft": policy.is_draft,
        "thresholds": _thresholds(policy, written),
        "rules": [each.as_dict() for each in counts],
        "findings": [each.as_dict() for each in findings],
        "form_capture": [{"fact": fact, "unknown": count, "rules": list(rules)} for fact, count, rules in capture],
        "owners": _owners(written),
        "exploration": _exploration(policy, written),
    }


def _exploration(policy: RunPolicy, written: Written) -> dict[str, float]:
    """The share of leads below the threshold that is sent at random, how many may be drawn, and how many were."""
    return {
        "share": policy.in_force.exploration,
        "below_threshold": written.drawn + written.not_drawn,
        "drawn": written.drawn,
    }


def _thresholds(policy: RunPolicy, written: Written) -> dict[str, dict[str, float | None]]:
    """Criteria set -> the thresholds that its leads were measured by in this run; null where nobody could pass."""
    found = {}
    for each in policy.in_force.criteria:
        propensity = written.thresholds.get(each.code, each.propensity)
        is_reachable = propensity is not None and math.isfinite(propensity)
        found[each.code] = {
            "propensity": propensity if is_reachable else None,
            "points": each.points,
            "leads_per_week": each.leads_per_week,
        }
    return found


def _owners(written: Written) -> dict[str, dict[str, int]]:
    """Owner -> leads, and those of them that were taken for others or over capacity."""
    if written.handed is None:
        return {}
    columns = written.handed.select(["owner", "stands_in_for", "is_over_capacity"]).to_pylist()
    totals: dict[str, Counter[str]] = {}
    for row in columns:
        counter = totals.setdefault(row["owner"] or "nobody", Counter(leads=0, as_stand_in=0, over_capacity=0))
        counter.update(leads=1, as_stand_in=int(bool(row["stands_in_for"])), over_capacity=int(row["is_over_capacity"]))
    return {owner: dict(counter) for owner, counter in sorted(totals.items())}


def _warnings(data: OpenTables, deciders: Deciders, written: Written, as_of: int) -> list[str]:
    found = []
    if not written.counts:
        found.append('no lead was open at that moment; `scoring.leads = "all"` scores judged leads too')
    newest = data.engine.to_arrow(data.tables["leads"].created_at.max().as_table()).column(0)[0].as_py()
    if newest is not None and as_of - newest > STALE_AFTER:
        days = (as_of - newest) // MICROSECONDS_PER_DAY
        found.append(f"the newest lead is {days:,} days old; name the day that the data were exported on with --as-of")
    settings = data.workspace.settings.policy
    if deciders.policy is None and "path" in settings.model_fields_set:
        found.append(f"there is no policy in {settings.path!r}, so nothing is decided and every lead is SCORED")
    if deciders.policy is not None:
        found += _policy_warnings(data, deciders, deciders.policy, written)
    return found


def _policy_warnings(data: OpenTables, deciders: Deciders, policy: RunPolicy, written: Written) -> list[str]:
    found = [deciders.by_points] if deciders.by_points else []
    if policy.is_draft:
        found.append(f"DRAFT: the policy {policy.policy.version} is not in force; nothing here may be acted upon")
    if CONSENTS not in data.tables:
        found.append("there is no table consents, so nobody is known to have agreed to e-mail and nobody is on a track")
    if written.counts and policy.in_force.exploration and not written.drawn + written.not_drawn:
        found.append(
            "nobody below the threshold fits and may be contacted, so nobody could be drawn at random to learn from"
        )
    for code, threshold in written.thresholds.items():
        if math.isinf(threshold):
            found.append(
                f"{code}: more leads share the highest propensity than can be worked, so none passes the threshold"
            )
    return found


def _count(data: OpenTables, table: ir.Table) -> int:
    return int(data.engine.to_arrow(table.count().as_table()).column(0)[0].as_py())
