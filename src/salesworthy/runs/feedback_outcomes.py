"""Feedback as a source of outcomes: ``source = "ledger"`` under ``[tables.outcomes]``."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.domain.feedback import FeedbackKind
from salesworthy.intake.settings import LEDGER, SourceSettings, Tables

if TYPE_CHECKING:
    from salesworthy.ledger.feedback import Feedback
    from salesworthy.runs.workspace import Workspace

OUTCOMES = pa.schema(
    [
        ("lead_id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("disposition", pa.string()),
        ("reason", pa.string()),
        ("reason_matched", pa.bool_()),
        ("first_contact_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""One row per disposition in the ledger, as the table ``outcomes`` has it. ``reason_matched`` is false as soon as one
reason that was asked about did not match."""


def with_feedback(workspace: Workspace) -> Tables:
    """The sources of the workspace's tables, feedback written to a file in the place of the ledger.

    Skips and appeals are no outcomes. Erased leads are not among the rows.
    """
    tables = workspace.settings.tables
    if not any(source.source == LEDGER for source in tables.get("outcomes", ())):
        return tables
    path = _write(workspace)

    def read(source: SourceSettings) -> SourceSettings:
        return source.model_copy(update={"source": None, "path": str(path)}) if source.source == LEDGER else source

    return {**tables, "outcomes": tuple(read(source) for source in tables["outcomes"])}


def outcome_rows(feedback: tuple[Feedback, ...]) -> pa.Table:
    """Dispositions as rows of ``OUTCOMES``, in the order of leads and moments."""
    said = [each for each in feedback if each.kind == FeedbackKind.DISPOSITION and each.lead_id is not None]
    rows = [
        {
            "lead_id": each.lead_id,
            "at": each.at,
            "disposition": each.disposition,
            "reason": each.reason,
            "reason_matched": all(each.reasons_matched.values()) if each.reasons_matched else None,
            "first_contact_at": each.first_contact_at,
        }
        for each in said
    ]
    table = pa.Table.from_pylist(rows, schema=OUTCOMES)
    return table.sort_by([(name, "ascending") for name in ("lead_id", "at", "disposition")])


def _write(workspace: Workspace) -> Path:
    folder = workspace.cache / "ledger"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "outcomes.parquet"
    rows = outcome_rows(workspace.ledger.feedback.all())
    with NamedTemporaryFile(dir=folder, prefix=".outcomes-", delete=False) as stage:
        pq.write_table(rows, stage)
    Path(stage.name).replace(path)
    return path
