"""What the ledger issued, for handoffs of a CRM that do not say why, and with which probability, a lead was sent."""

from __future__ import annotations

import pyarrow as pa

from salesworthy.outcomes.exposure import Issued
from salesworthy.runs.features import OpenTables

SCHEMA = pa.schema([("lead_id", pa.string()), ("said_at", pa.int64()), ("chance", pa.float64())])


def issued_exposure(data: OpenTables, *, until: int) -> Issued | None:
    """Decisions that were handed to people, with the probability of being sent; None where there are none.

    Args:
        data: Checked tables.
        until: Decisions as of later moments are not seen, in microseconds.
    """
    if "handoffs" not in data.tables:
        return None
    rows = [
        {"lead_id": each.lead_id, "said_at": each.as_of, "chance": each.probability}
        for each in data.workspace.ledger.decisions.until(until)
        if each.lead_id is not None and each.probability is not None
    ]
    if not rows:
        return None
    decisions = data.engine.from_arrow("issued_exposure", pa.Table.from_pylist(rows, SCHEMA))
    return Issued(decisions, data.workspace.label_rule.utc_offsets)
