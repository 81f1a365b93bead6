"""Issued decisions with what became of them: one row per lead and handover, whatever number of runs repeated it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from salesworthy.ledger.decisions import HandedDecision
from salesworthy.outcomes.labels import label_handoffs
from salesworthy.runs.features import OpenTables

ISSUED = pa.schema([("lead_id", pa.string()), ("handed_at", pa.int64())])


@dataclass(frozen=True)
class Graded:
    """An issued decision and its outcome.

    Attributes:
        decision: As it was handed over.
        label: 1.0 accepted, 0.0 not, None where sales never judged it or the window is open.
        settled: Whether its outcome window has closed.
        account_id: The lead's site.
        campaign_id: The campaign that brought the lead.
    """

    decision: HandedDecision
    label: float | None
    settled: bool
    account_id: str | None
    campaign_id: str | None


def first_issues(decisions: Iterable[HandedDecision], window: int) -> list[HandedDecision]:
    """The decisions that began a handover, in order of time and lead.

    A lead that stays open is handed over again by every run. What comes within the outcome window of the decision that
    began it is the same handover. Decisions about erased leads are left out.

    Args:
        decisions: In any order.
        window: The outcome window, in microseconds.
    """
    began: dict[str, int] = {}
    found = []
    for each in sorted(decisions, key=lambda each: (each.as_of, each.lead_id or "", each.run_id)):
        if each.lead_id is not None and each.as_of > began.get(each.lead_id, each.as_of - window - 1) + window:
            began[each.lead_id] = each.as_of
            found.append(each)
    return found


def graded_issues(data: OpenTables, issues: list[HandedDecision], *, as_of: int) -> list[Graded]:
    """Issued decisions with their labels, in their order; those whose lead is in no table any more are left out.

    Args:
        data: Checked tables.
        issues: What ``first_issues`` gave.
        as_of: Outcomes recorded by then count (microseconds).
    """
    spine = [{"lead_id": each.lead_id, "handed_at": each.as_of} for each in issues]
    handed = data.engine.from_arrow("issued", pa.Table.from_pylist(spine, schema=ISSUED))
    labels = label_handoffs({**data.tables, "handoffs": handed}, data.workspace.label_rule, until=as_of)
    leads = data.tables["leads"].select("lead_id", "campaign_id")
    rows = data.engine.to_arrow(labels.left_join(leads, "lead_id").select(*_COLUMNS))
    found = {(row["lead_id"], row["handed_at"]): row for row in rows.to_pylist()}
    return [
        Graded(each, row["label"] if row["settled"] else None, row["settled"], row["account_id"], row["campaign_id"])
        for each in issues
        if (row := found.get((each.lead_id, each.as_of))) is not None
    ]


_COLUMNS = ("lead_id", "handed_at", "account_id", "campaign_id", "label", "settled")
