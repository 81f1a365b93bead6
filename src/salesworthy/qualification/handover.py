"""Handover: an owner, a time to respond by, a next step and the track beside the call, for each MQL of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa

from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.lead_facts import LEAD_FACTS
from salesworthy.qualification.nurture import NurtureState, nurture_of, window_of
from salesworthy.qualification.routing import Assigned, Waiting, route_leads
from salesworthy.qualification.tables import DECIDED

FIGURES = pa.schema(
    [
        ("propensity", pa.float64()),
        ("propensity_low", pa.float64()),
        ("propensity_high", pa.float64()),
        ("log_odds", pa.float64()),
        ("suiting_track", pa.string()),
        ("row", pa.int64()),
    ]
)
"""What is kept of leads beside decisions and facts; ``row`` is their place in the run."""
KEPT = pa.schema([*DECIDED, *(field for field in LEAD_FACTS if field.name != "lead_id"), *FIGURES])
"""Leads that routing and the view of their sites need: MQLs, tracked ones, and those who wait for a threshold."""
HANDED = pa.schema(
    [
        ("owner", pa.string()),
        ("desk", pa.string()),
        ("respond_by", pa.timestamp("us", tz="UTC")),
        ("next_step", pa.string()),
        ("track", pa.string()),
        ("primary_lead", pa.string()),
        ("deal_leads", pa.list_(pa.string())),
        ("stands_in_for", pa.string()),
        ("is_over_capacity", pa.bool_()),
        ("nurture_state", pa.string()),
        ("nurture_says", pa.string()),
        ("nurture_starts", pa.int64()),
    ]
)
"""What the handover adds to an MQL. ``track`` is set where one runs beside the call; ``suiting_track`` names it."""
LONGEST_DEAL = 20
"""Leads of one deal that a packet names; the rest is counted at the site."""
ROUTED_BY = [
    *("lead_id", "account_id", "path", "trigger", "region", "country", "specialty", "product"),
    *("propensity", "points", "handed_at"),
]
_ROWS = 5_000


def hand_over(
    mqls: pa.Table,
    policy: PolicyInForce,
    *,
    as_of: int,
    site_owners: Mapping[str, str] | None = None,
    full: Collection[str] = (),
) -> pa.Table:
    """The MQLs of a run with everything that sales needs to begin.

    Grain: one row per row of ``mqls``, in its order; its columns, then those of ``HANDED``.

    Args:
        mqls: Columns of ``KEPT``; all MQLs of the run, since sites and capacity are shared.
        policy: What is in force on the day.
        as_of: The moment of the question, in microseconds.
        site_owners: Account -> who works it already, where that is known.
        full: Owners whose capacity of the week is used up.
    """
    routed = route_leads(map(_waiting, _leads(mqls.select(ROUTED_BY))), policy, site_owners=site_owners, full=full)
    columns: dict[str, list[Any]] = {name: [] for name in HANDED.names}
    windows = {each: window_of(policy, each) for each in mqls.column("trigger").unique().to_pylist()}
    for lead in _leads(mqls):
        for name, value in _handed(lead, routed[lead["lead_id"]], policy, as_of, windows[lead["trigger"]]).items():
            columns[name].append(value)
    added = pa.table([pa.array(columns[field.name], field.type) for field in HANDED], schema=HANDED)
    return pa.table([*mqls.columns, *added.columns], names=[*mqls.column_names, *added.column_names])


def next_step_of(policy: PolicyInForce, trigger: str | None, step: str | None) -> str:
    """What sales is told to do: the trigger's own step, or that of the buying step."""
    if trigger is not None and policy.by_code[trigger].rule.next_step:
        return str(policy.by_code[trigger].rule.next_step)
    found = policy.step(step) if step is not None else None
    return (found or policy.policy.buying_steps[0]).next_step


def _leads(mqls: pa.Table) -> Iterator[dict[str, Any]]:
    for start in range(0, mqls.num_rows, _ROWS):
        yield from mqls.slice(start, _ROWS).to_pylist()


def _waiting(lead: Mapping[str, Any]) -> Waiting:
    propensity = lead["propensity"]
    return Waiting(
        lead["lead_id"],
        lead["account_id"],
        lead["path"] or "sales",
        lead["trigger"],
        lead["region"],
        lead["country"],
        lead["specialty"],
        lead["product"],
        strength=lead["points"] if propensity is None else propensity,
        handed_at=lead["handed_at"],
    )


def _handed(
    lead: Mapping[str, Any], assigned: Assigned, policy: PolicyInForce, as_of: int, window: int
) -> dict[str, Any]:
    nurture = nurture_of(lead, policy, as_of=as_of, window=window)
    return {
        "owner": assigned.owner,
        "desk": assigned.desk,
        "respond_by": as_of + window,
        "next_step": next_step_of(policy, lead["trigger"], lead["buying_step"]),
        "track": lead["suiting_track"] if nurture.state == NurtureState.RUNS else None,
        "primary_lead": assigned.primary,
        "deal_leads": list(assigned.leads[:LONGEST_DEAL]),
        "stands_in_for": assigned.stands_in_for,
        "is_over_capacity": assigned.is_over_capacity,
        "nurture_state": str(nurture.state),
        "nurture_says": nurture.says,
        "nurture_starts": nurture.starts,
    }
