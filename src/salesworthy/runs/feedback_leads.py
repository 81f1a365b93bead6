"""What is known of the leads that feedback speaks of: decisions handed to sales, and leads kept from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from salesworthy.domain.decisions import Decision
from salesworthy.domain.reasons import TAXONOMY
from salesworthy.ledger.decisions import HandedDecision
from salesworthy.runs.check import checked_tables
from salesworthy.runs.publish import latest_run
from salesworthy.runs.workspace import Workspace

SUPPRESSED = tuple(str(each) for each in Decision if each not in {Decision.MQL, Decision.SCORED})
"""Decisions that keep a lead from sales, and that can be appealed against."""


@dataclass(frozen=True)
class KnownLeads:
    """What is known of leads.

    Attributes:
        handed: Lead -> its decisions, oldest first.
        listed: Leads that the table ``leads`` holds.
        suppressed: Lead -> run and decision that keeps it from sales, in the newest published run.
    """

    handed: Mapping[str, Sequence[HandedDecision]]
    listed: frozenset[str]
    suppressed: Mapping[str, tuple[str, str]]

    def decision_at(self, lead_id: str, at: int, run_id: str | None = None) -> HandedDecision | None:
        """The decision that feedback of a moment answers: that of the run named, or the latest before it."""
        decisions = self.handed.get(lead_id, ())
        if run_id is not None:
            return next((each for each in decisions if each.run_id == run_id), None)
        earlier = [each for each in decisions if each.as_of <= at]
        return earlier[-1] if earlier else None

    def codes_of(self, lead_id: str) -> frozenset[str]:
        """Reason codes that may be answered for a lead."""
        own = (code for decision in self.handed.get(lead_id, ()) for code in decision.reasons)
        return frozenset((*TAXONOMY, *own))


def known_leads(workspace: Workspace, asked: Sequence[str]) -> KnownLeads:
    """What is known of some leads: from the ledger, the checked table of leads, and the newest published run."""
    wanted = sorted(set(asked))
    handed: dict[str, list[HandedDecision]] = defaultdict(list)
    for decision in workspace.ledger.decisions.of_leads(wanted):
        handed[str(decision.lead_id)].append(decision)
    for decisions in handed.values():
        decisions.sort(key=lambda each: each.as_of)
    path = checked_tables(workspace).paths["leads"]
    rows = pq.read_table(path, columns=["lead_id"], filters=pc.field("lead_id").isin(wanted))
    return KnownLeads(handed, frozenset(rows["lead_id"].to_pylist()), _suppressed(workspace, wanted))


def _suppressed(workspace: Workspace, wanted: Sequence[str]) -> dict[str, tuple[str, str]]:
    latest = latest_run(workspace.default_out)
    if latest is None:
        return {}
    folder, manifest = latest
    mine = pc.field("lead_id").isin(wanted) & pc.field("decision").isin(SUPPRESSED)
    rows = ds.dataset(folder / "scores", format="parquet").to_table(columns=["lead_id", "decision"], filter=mine)
    return {row["lead_id"]: (manifest["run_id"], row["decision"]) for row in rows.to_pylist()}
