"""Response: how soon sales made contact with what it was handed, and what nobody touched."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from salesworthy.domain.errors import UserError
from salesworthy.domain.feedback import FeedbackKind
from salesworthy.domain.moments import MICROSECONDS_PER_DAY, format_moment
from salesworthy.domain.tables import Disposition
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.features import OpenTables, opened
from salesworthy.runs.grade_groups import FEWEST, NOBODY, share
from salesworthy.runs.grade_issues import first_issues
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

MICROSECONDS_PER_HOUR = MICROSECONDS_PER_DAY / 24
MOST_OVERDUE = 50
"""Untouched leads that are named, the longest overdue first."""


class Response(StrEnum):
    """What sales did with a lead that it was handed, as far as is known."""

    BEFORE = "before"
    IN_TIME = "in_time"
    LATE = "late"
    UNDATED = "undated"
    SKIPPED = "skipped"
    WAITING = "waiting"
    UNTOUCHED = "untouched"


SAYS = {
    Response.BEFORE: "In contact before it was handed over",
    Response.IN_TIME: "First contact inside the window",
    Response.LATE: "First contact after the window",
    Response.UNDATED: "Worked, and nobody wrote down when contact was made",
    Response.SKIPPED: "Skipped, with a reason",
    Response.WAITING: "Not touched yet, and the window is open",
    Response.UNTOUCHED: "Not touched, and the window has closed",
}


@dataclass(frozen=True)
class Responded:
    """A handover and the response to it; ``hours`` to first contact where that is known."""

    decision: HandedDecision
    response: Response
    hours: float | None


GROUPS: dict[str, Callable[[HandedDecision], str | None]] = {
    "owner": lambda each: each.owner,
    "trigger": lambda each: each.trigger,
    "territory": lambda each: each.region,
}
"""What handovers are grouped by; owners are the teams that the policy routes to."""


@dataclass(frozen=True)
class ResponseReport:
    """How sales responded to what it was handed by a moment (microseconds)."""

    as_of: int
    responded: tuple[Responded, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as ``response --json`` prints it; groups of fewer than ten handovers show their number alone."""
        late = [each for each in self.responded if each.response == Response.UNTOUCHED]
        late.sort(key=lambda each: (each.decision.respond_by or 0, each.decision.lead_id or ""))
        return {
            "as_of": format_moment(self.as_of),
            "says": {str(each): SAYS[each] for each in Response},
            "handovers": response_figures(self.responded),
            "by": {name: _grouped(self.responded, key) for name, key in GROUPS.items()},
            "untouched": [_overdue(each.decision, self.as_of) for each in late[:MOST_OVERDUE]],
            "untouched_not_named": max(0, len(late) - MOST_OVERDUE),
        }


def response(workspace: Workspace, *, as_of: int, progress: Progress = silent) -> ResponseReport:
    """How soon sales made contact, against the window of each handover.

    First contacts come from the table ``outcomes`` and from feedback, whichever is earlier and not before the handover.

    Args:
        workspace: Whose ledger and outcomes.
        as_of: What was known by then counts (microseconds).
        progress: Told about the steps.

    Raises:
        UserError: When no decision was handed to people by then.
    """
    decisions = workspace.ledger.decisions.until(as_of)
    if not decisions:
        raise UserError(
            f"the ledger holds no decision from before {format_moment(as_of)}",
            where="ledger",
            todo="`salesworthy score` records what it hands to sales, under a policy that is approved",
        )
    with opened(workspace, progress=progress) as data:
        known = Known.of(data, workspace.ledger.feedback.all(), as_of=as_of)
    issues = first_issues(decisions, workspace.label_rule.window)
    return ResponseReport(as_of, tuple(known.response_to(each, as_of) for each in issues))


@dataclass(frozen=True)
class Known:
    """What is known of leads, each as moments in order of time.

    Attributes:
        contacts: First contacts.
        worked: Dispositions, whether or not they say when contact was made.
        skips: Skips.
        window: The outcome window in microseconds; a contact that lies no further back is still the same one.
    """

    contacts: Mapping[str, Sequence[int]]
    worked: Mapping[str, Sequence[int]]
    skips: Mapping[str, Sequence[int]]
    window: int

    @classmethod
    def of(cls, data: OpenTables, feedback: Iterable[Feedback], *, as_of: int) -> Known:
        """From outcomes and feedback that were there by a moment."""
        contacts: dict[str, list[int]] = defaultdict(list)
        worked: dict[str, list[int]] = defaultdict(list)
        skips: dict[str, list[int]] = defaultdict(list)
        for lead, at, disposition, contact in (*_outcomes(data, as_of), *_dispositions(feedback, as_of)):
            if contact is not None and contact <= as_of:
                contacts[lead].append(contact)
            if disposition not in {Disposition.UNTOUCHED, Disposition.OPEN} and at is not None:
                worked[lead].append(at)
        for each in feedback:
            if each.kind == FeedbackKind.SKIP and each.lead_id is not None and each.at <= as_of:
                skips[each.lead_id].append(each.at)
        return cls(_ordered(contacts), _ordered(worked), _ordered(skips), data.workspace.label_rule.window)

    def response_to(self, decision: HandedDecision, as_of: int) -> Responded:
        """The response to a handover."""
        before = bisect_left(self.contacts.get(str(decision.lead_id), ()), decision.as_of)
        if before and self.contacts[str(decision.lead_id)][before - 1] > decision.as_of - self.window:
            return Responded(decision, Response.BEFORE, None)
        contact = _first_after(self.contacts, decision)
        until = decision.respond_by
        if contact is not None:
            hours = (contact - decision.as_of) / MICROSECONDS_PER_HOUR
            is_late = until is not None and contact > until
            return Responded(decision, Response.LATE if is_late else Response.IN_TIME, hours)
        if _first_after(self.worked, decision) is not None:
            return Responded(decision, Response.UNDATED, None)
        if _first_after(self.skips, decision) is not None:
            return Responded(decision, Response.SKIPPED, None)
        is_open = until is None or until >= as_of
        return Responded(decision, Response.WAITING if is_open else Response.UNTOUCHED, None)


def response_figures(responded: Sequence[Responded]) -> dict[str, Any]:
    """Counts per response, hours to first contact, and the shares in time and untouched of those that are due.

    Due are handovers whose first contact came afterwards, or whose window has closed without one; skipped and undated
    ones, and those in contact before, are not among them.

    Args:
        responded: The group.
    """
    if len(responded) < FEWEST:
        return {"handovers": len(responded), "too_few": True}
    counts = {str(each): sum(1 for one in responded if one.response == each) for each in Response}
    hours = np.array([each.hours for each in responded if each.hours is not None])
    due = counts[Response.IN_TIME] + counts[Response.LATE] + counts[Response.UNTOUCHED]
    return {
        "handovers": len(responded),
        "too_few": False,
        "responses": counts,
        "due": due,
        "in_time_share": share(counts[Response.IN_TIME], due).to_json(),
        "untouched_share": share(counts[Response.UNTOUCHED], due).to_json(),
        "hours_to_contact": {"median": _quantile(hours, 0.5), "ninety_percent": _quantile(hours, 0.9)},
    }


def _grouped(responded: Sequence[Responded], key: Callable[[HandedDecision], str | None]) -> dict[str, dict[str, Any]]:
    members: dict[str, list[Responded]] = defaultdict(list)
    for each in responded:
        members[key(each.decision) or NOBODY].append(each)
    return {name: response_figures(members[name]) for name in sorted(members)}


def _ordered(moments: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    return {lead: sorted(each) for lead, each in moments.items()}


def _first_after(moments: Mapping[str, Sequence[int]], decision: HandedDecision) -> int | None:
    found = moments.get(str(decision.lead_id), ())
    place = bisect_left(found, decision.as_of)
    return found[place] if place < len(found) else None


def _outcomes(data: OpenTables, as_of: int) -> list[tuple[str, int | None, str, int | None]]:
    if "outcomes" not in data.tables:
        return []
    outcomes = data.tables["outcomes"]
    seen = outcomes.filter(outcomes["at"].isnull() | (outcomes["at"] <= as_of))
    rows = data.engine.to_arrow(seen.select("lead_id", "at", "disposition", "first_contact_at"))
    return [(row["lead_id"], row["at"], row["disposition"], row["first_contact_at"]) for row in rows.to_pylist()]


def _dispositions(feedback: Iterable[Feedback], as_of: int) -> list[tuple[str, int | None, str, int | None]]:
    return [
        (each.lead_id, each.at, str(each.disposition), each.first_contact_at)
        for each in feedback
        if each.kind == FeedbackKind.DISPOSITION and each.lead_id is not None and each.at <= as_of
    ]


def _overdue(decision: HandedDecision, as_of: int) -> dict[str, Any]:
    until = decision.respond_by or as_of
    return {
        "lead_id": decision.lead_id,
        "run_id": decision.run_id,
        "owner": decision.owner,
        "trigger": decision.trigger,
        "territory": decision.region,
        "respond_by": format_moment(until),
        "overdue_hours": (as_of - until) / MICROSECONDS_PER_HOUR,
    }


def _quantile(hours: np.typing.NDArray[np.float64], level: float) -> float | None:
    return float(np.quantile(hours, level)) if len(hours) else None
