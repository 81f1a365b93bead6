"""Figures of groups of issued decisions: how many were issued, judged and accepted, against what was foretold.

Groups are places, rules, campaigns, and owners: the teams that the policy routes to. They stand in the order of their
names: nothing here ranks anybody. Figures of fewer than ``FEWEST`` judged leads are not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from salesworthy.domain.moments import format_moment
from salesworthy.model.metrics import Figure, figures
from salesworthy.model.weighted import wilson
from salesworthy.runs.grade_issues import Graded

FEWEST = 10
"""Below this number of leads a figure says more about persons than about a group."""
BINS = 10
NOBODY = "(none)"

GROUPS: dict[str, Callable[[Graded], Iterable[str | None]]] = {
    "reason": lambda each: each.decision.reasons or (None,),
    "decided_by": lambda each: (each.decision.decided_by,),
    "route": lambda each: (each.decision.path,),
    "owner": lambda each: (each.decision.owner,),
    "territory": lambda each: (each.decision.region,),
    "campaign": lambda each: (each.campaign_id,),
    "model_version": lambda each: (each.decision.model_version,),
    "policy_version": lambda each: (each.decision.policy_version,),
    "month": lambda each: (format_moment(each.decision.as_of)[:7],),
}
"""What decisions are grouped by; a decision stands under each of its reasons."""


def share(hits: int, of: int) -> Figure:
    """A share with Wilson's interval; none of nothing."""
    if not of:
        return Figure(None, None, None)
    low, high = wilson(hits / of, of)
    return Figure(hits / of, min(low, hits / of), max(high, hits / of))


def group_figures(graded: Sequence[Graded], overall: float | None = None) -> dict[str, Any]:
    """Counts and figures of a group.

    ``expected`` is the mean propensity of the judged leads that had one, ``accepted_share`` what came of the judged,
    ``lift`` that share over the one of all. ``not_judged`` are those that sales never judged, ``waiting`` those whose
    outcome window is open.

    Args:
        graded: The group.
        overall: Share of all judged leads that were accepted.
    """
    judged = [each for each in graded if each.label is not None]
    settled = sum(1 for each in graded if each.settled)
    found: dict[str, Any] = {
        "issued": len(graded),
        "judged": len(judged),
        "not_judged": settled - len(judged),
        "waiting": len(graded) - settled,
    }
    if len(judged) < FEWEST:
        return {**found, "too_few": True, "expected": None, "accepted_share": None, "lift": None}
    accepted = share(sum(1 for each in judged if each.label), len(judged))
    foretold = [each.decision.propensity for each in judged if each.decision.propensity is not None]
    return {
        **found,
        "too_few": False,
        "expected": float(np.mean(foretold)) if foretold else None,
        "accepted_share": accepted.to_json(),
        "lift": accepted.value / overall if overall and accepted.value is not None else None,
    }


def by_group(graded: Sequence[Graded], overall: float | None) -> dict[str, dict[str, dict[str, Any]]]:
    """Grouping -> group -> figures, groups in the order of their names."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for grouping, keys in GROUPS.items():
        members: dict[str, list[Graded]] = defaultdict(list)
        for each in graded:
            for key in keys(each):
                members[key or NOBODY].append(each)
        found[grouping] = {key: group_figures(members[key], overall) for key in sorted(members)}
    return found


def overall_figures(
    graded: Sequence[Graded], *, resamples: int, seed: int
) -> dict[str, dict[str, float | None]] | None:
    """All figures of the issued propensities against their outcomes; None where too few had both.

    Args:
        graded: Issued decisions.
        resamples: How many the intervals rest on.
        seed: Of the draws.
    """
    both = [each for each in graded if each.label is not None and each.decision.propensity is not None]
    if len(both) < FEWEST:
        return None
    y = np.array([each.label for each in both], dtype=np.float64)
    p = np.array([each.decision.propensity for each in both], dtype=np.float64)
    sites = [each.account_id or str(each.decision.lead_id) for each in both]
    groups = np.unique(np.array(sites, dtype=object).astype(str), return_inverse=True)[1]
    found = figures(y, p, groups, resamples=resamples, seed=seed)
    return {name: figure.to_json() for name, figure in found.items()}


def calibration_table(graded: Sequence[Graded]) -> list[Mapping[str, Any]]:
    """Up to ten bins of equally many judged leads by propensity: foretold against what came, lowest first."""
    both = sorted(
        (each.decision.propensity, each.label)
        for each in graded
        if each.label is not None and each.decision.propensity is not None
    )
    bins = min(BINS, len(both) // FEWEST)
    rows: list[Mapping[str, Any]] = []
    for part in np.array_split(np.array(both, dtype=np.float64), bins) if bins else []:
        foretold, came = part[:, 0], part[:, 1]
        accepted = share(int(came.sum()), len(part))
        rows.append(
            {
                "from": float(foretold[0]),
                "to": float(foretold[-1]),
                "judged": len(part),
                "expected": float(foretold.mean()),
                "accepted_share": accepted.to_json(),
            }
        )
    return rows
