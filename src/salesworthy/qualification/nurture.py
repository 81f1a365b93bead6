"""Nurture beside a call: it waits for the response window, runs once that was missed, and stops at contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from salesworthy.domain.moments import MICROSECONDS_PER_DAY
from salesworthy.policy.in_force import PolicyInForce
from salesworthy.qualification.lead_facts import is_contacted

MICROSECONDS_PER_HOUR = MICROSECONDS_PER_DAY // 24
MICROSECONDS_PER_SECOND = 1_000_000


class NurtureState(StrEnum):
    """Whether a track runs beside the call."""

    RUNS = "runs"
    WAITS = "waits"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Nurture:
    """Nurture beside a call: its state, why, and from which moment it runs unless sales makes contact before."""

    state: NurtureState
    says: str
    starts: int | None = None


def window_of(policy: PolicyInForce, trigger: str | None) -> int:
    """How soon sales makes first contact after a trigger, in microseconds."""
    return int((policy.response_hours(trigger) or 0.0) * MICROSECONDS_PER_HOUR)


def nurture_of(lead: Mapping[str, Any], policy: PolicyInForce, *, as_of: int, window: int) -> Nurture:
    """Whether a track runs beside the call to an MQL.

    Args:
        lead: A row of ``DECIDED`` and of ``LEAD_FACTS``.
        policy: What is in force on the day.
        as_of: The moment of the question, in microseconds.
        window: How soon sales makes first contact, in microseconds; see ``window_of``.
    """
    since = _trigger_at(lead, as_of)
    if is_contacted(lead, since):
        return Nurture(NurtureState.STOPPED, "Sales has made contact")
    if step := _stays_until(lead, policy):
        return Nurture(NurtureState.RUNS, f"Runs until there is evidence of {step}, or sales makes contact")
    handed = lead["handed_at"] if since is None or (lead["handed_at"] or 0) >= since else None
    due = (as_of if handed is None else handed) + window
    if handed is not None and as_of >= due:
        return Nurture(NurtureState.RUNS, "Sales has not made contact within the response window", due)
    return Nurture(NurtureState.WAITS, "Runs only if sales makes no contact within the response window", due)


def _trigger_at(lead: Mapping[str, Any], as_of: int) -> int | None:
    """When the action behind an MQL happened, rounded down: days are fractions."""
    if lead["trigger"] is None or lead["trigger_days"] is None:
        return None
    return int(as_of - lead["trigger_days"] * MICROSECONDS_PER_DAY) - MICROSECONDS_PER_SECOND


def _stays_until(lead: Mapping[str, Any], policy: PolicyInForce) -> str:
    """The buying step whose evidence ends the lead's stay in its track; empty where it does not stay."""
    until = policy.by_code[lead["trigger"]].rule.nurture_until if lead["trigger"] else None
    if until is None:
        return ""
    order = [step.code for step in policy.policy.buying_steps]
    reached = order.index(lead["buying_step"]) if lead["buying_step"] else -1
    found = policy.step(until)
    return found.title.lower() if found is not None and reached < order.index(until) else ""
