"""Feedback: what sales says of leads, from a file or one piece at a time, into the ledger."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesworthy.domain.errors import WrongUsage
from salesworthy.domain.feedback import FeedbackKind
from salesworthy.domain.moments import zone
from salesworthy.intake.suppression import read_suppression
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.feedback_codes import NEXT_STEPS, FeedbackRejection, RowRefused
from salesworthy.runs.feedback_leads import KnownLeads, known_leads
from salesworthy.runs.feedback_rows import Row, checked_feedback, feedback_of, read_rows
from salesworthy.runs.progress import Progress, silent
from salesworthy.runs.workspace import Workspace

BY = "feedback"
"""Who brings a file, as the audit trail has it; who said what stands on each row."""


@dataclass(frozen=True)
class FeedbackReport:
    """What became of a file's rows; none is lost.

    Attributes:
        rows_in: Rows of the file.
        recorded: Pieces that the ledger did not have, per kind.
        known_already: Rows that repeat what it had, or what stands in another row.
        rejected: Rows set aside, per code.
        rejected_file: Where those are; None when there are none.
        not_handed: Recorded dispositions of leads that no decision in the ledger had handed to sales by then.
        unanswered: Rows whose plain yes or no could not be tied to a reason, because no decision stands behind them.
    """

    rows_in: int
    recorded: Mapping[str, int]
    known_already: int
    rejected: Mapping[str, int]
    rejected_file: Path | None
    not_handed: int
    unanswered: int

    def as_dict(self) -> dict[str, Any]:
        """The report as ``feedback --json`` prints it."""
        codes = {
            code: {"rows": count, "says": FeedbackRejection[code].value, "todo": NEXT_STEPS[FeedbackRejection[code]]}
            for code, count in self.rejected.items()
        }
        return {
            "rows_in": self.rows_in,
            "recorded": dict(self.recorded),
            "known_already": self.known_already,
            "rejected": codes,
            "rejected_file": None if self.rejected_file is None else str(self.rejected_file),
            "not_handed": self.not_handed,
            "unanswered": self.unanswered,
        }


def load_feedback(workspace: Workspace, path: Path, *, now: int, progress: Progress = silent) -> FeedbackReport:
    """Record the feedback in a CSV or Parquet file; the same file again changes nothing.

    A row that cannot be recorded is set aside with its code, in ``feedback/set_aside`` of the workspace; one about
    somebody who was erased is counted and kept nowhere.

    Args:
        workspace: Whose ledger.
        path: Columns ``lead_id``, ``at``, ``by``, and ``kind``, ``disposition``, ``reason``, ``reason_matched``,
            ``reason_matched.CODE``, ``first_contact_at``, ``run_id``, ``note`` as far as they are there.
        now: This moment, in microseconds.
        progress: Told about the steps.

    Raises:
        UserError: When the file cannot be read, or a needed column is missing.
    """
    progress("feedback", 0.0)
    rows = read_rows(path, zone(workspace.settings.workspace.timezone))
    known = known_leads(workspace, [lead for row in rows if (lead := row.text("lead_id"))])
    good, bad = _sorted_out(rows, known, now)
    recorded = workspace.ledger.feedback.record([each for _, each in good], by=BY, now=now, came_by=path.name)
    progress("feedback", 1.0)
    listed = read_suppression(workspace.folder)
    kept = [(row, code) for row, code in bad if not listed.holds(row.text("lead_id") or "")]
    return FeedbackReport(
        rows_in=len(rows),
        recorded=dict(sorted(Counter(each.kind for each in recorded).items())),
        known_already=len(good) - len(recorded),
        rejected=dict(sorted(Counter(code.name for _, code in bad).items())),
        rejected_file=_set_aside(workspace, path, kept) if kept else None,
        not_handed=sum(1 for each in recorded if each.run_id is None and each.kind == FeedbackKind.DISPOSITION),
        unanswered=sum(1 for row, each in good if row.text("reason_matched") and not each.reasons_matched),
    )


def give_feedback(workspace: Workspace, given: Feedback, *, now: int, came_by: str = "page") -> Feedback | None:
    """Record one piece of feedback, as a page does; None when it was said before in the same words.

    Args:
        workspace: Whose ledger.
        given: What is said; ``run_id`` is filled in.
        now: This moment, in microseconds.
        came_by: Which way it came.

    Raises:
        WrongUsage: When it breaks a rule; the message is the sentence of the rule.
    """
    try:
        checked = checked_feedback(given, known_leads(workspace, [str(given.lead_id)]), now=now)
    except RowRefused as refused:
        raise WrongUsage(refused.code.value, where=refused.code.name, todo=NEXT_STEPS[refused.code]) from refused
    recorded = workspace.ledger.feedback.record([checked], by=given.by, now=now, came_by=came_by)
    return recorded[0] if recorded else None


def _sorted_out(
    rows: Sequence[Row], known: KnownLeads, now: int
) -> tuple[list[tuple[Row, Feedback]], list[tuple[Row, FeedbackRejection]]]:
    good, bad = [], []
    for row in rows:
        try:
            good.append((row, feedback_of(row, known, now=now)))
        except RowRefused as refused:
            bad.append((row, refused.code))
    return good, bad


def _set_aside(workspace: Workspace, path: Path, bad: Sequence[tuple[Row, FeedbackRejection]]) -> Path:
    """The rows as they stood, with their codes; named by the file's content, so that the same file writes it again."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    target = workspace.folder / "feedback" / "set_aside" / f"{path.stem}-{digest}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table(
        {
            "row": pa.array([row.number for row, _ in bad], pa.int64()),
            "code": [code.name for _, code in bad],
            "says": [code.value for _, code in bad],
            "values": [json.dumps(dict(row.values), default=str, ensure_ascii=False) for row, _ in bad],
        }
    )
    stage = target.with_name(f".{target.name}.stage")
    pq.write_table(table, stage)
    stage.replace(target)
    return target
