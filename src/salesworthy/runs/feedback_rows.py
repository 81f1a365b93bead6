"""Rows of a feedback file, read into what the ledger records; a row that cannot be recorded says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

import polars as pl

from salesworthy.domain.errors import UserError
from salesworthy.domain.feedback import DISPOSITIONS, LONGEST_NOTE, REASONS, FeedbackKind
from salesworthy.domain.names import nearest
from salesworthy.domain.tables import Disposition
from salesworthy.intake.files import ParquetFile, Piece, RowFile, TextFile
from salesworthy.intake.locations import PARQUET_SUFFIXES
from salesworthy.intake.moments import read_moments
from salesworthy.intake.values import NO, YES, as_id, without_missing
from salesworthy.ledger.feedback import Feedback
from salesworthy.runs.feedback_codes import FeedbackRejection, RowRefused
from salesworthy.runs.feedback_leads import KnownLeads

NEEDED = ("lead_id", "at", "by")
COLUMNS = (*NEEDED, "kind", "disposition", "reason", "reason_matched", "first_contact_at", "run_id", "note")
ANSWER = "reason_matched."
"""Columns called ``reason_matched.CODE`` answer for one reason code each."""
SLACK = 86_400_000_000
"""Clocks and time zones may be a day apart before a moment counts as one that has not come."""


@dataclass(frozen=True)
class Row:
    """A row of the file: its number there, its values as they stood, and the moments among them in microseconds."""

    number: int
    values: Mapping[str, Any]
    at: int | None = None
    first_contact_at: int | None = None
    is_ragged: bool = False

    def text(self, name: str) -> str | None:
        """A value as text."""
        value = self.values.get(name)
        return None if value is None else str(value)


def read_rows(path: Path, timezone: tzinfo) -> list[Row]:
    """The rows of a CSV or Parquet file.

    Raises:
        UserError: When there is no such file, it cannot be read, or a needed column is missing.
    """
    if not path.is_file():
        raise UserError("there is no such file", where=str(path), todo="give a CSV or Parquet file")
    file: RowFile = ParquetFile(path) if path.suffix.lower() in PARQUET_SUFFIXES else TextFile(path)
    _refuse_columns(path, file.columns)
    rows: list[Row] = []
    for piece in file.pieces():
        if isinstance(piece, Piece):
            rows += _rows(piece, timezone)
        else:
            rows += [Row(each.row, {"row": each.text}, is_ragged=True) for each in piece]
    return sorted(rows, key=lambda row: row.number)


def _refuse_columns(path: Path, columns: tuple[str, ...]) -> None:
    for name in NEEDED:
        if name not in columns:
            raise UserError(f"there is no column {name!r}", where=str(path), todo=nearest(name, columns))
    unknown = [name for name in columns if name not in COLUMNS and not name.startswith(ANSWER)]
    if unknown:
        raise UserError(
            f"nothing is known of a column {unknown[0]!r}", where=str(path), todo=nearest(unknown[0], COLUMNS)
        )


def _rows(piece: Piece, timezone: tzinfo) -> Iterator[Row]:
    frame = without_missing(piece.frame, ())
    frame = frame.with_columns(as_id(frame["lead_id"]).alias("lead_id"))
    moments = {
        name: read_moments(frame[name], timezone).micros if name in frame.columns else pl.Series([None] * len(frame))
        for name in ("at", "first_contact_at")
    }
    for number, values, at, contact in zip(
        piece.rows, frame.iter_rows(named=True), moments["at"], moments["first_contact_at"], strict=True
    ):
        yield Row(number, values, at, contact)


def feedback_of(row: Row, known: KnownLeads, *, now: int) -> Feedback:
    """The feedback that a row gives.

    Raises:
        RowRefused: When it cannot be recorded.
    """
    if row.is_ragged:
        raise RowRefused(FeedbackRejection.RAGGED_ROW)
    lead, by = _needed(row, "lead_id"), _needed(row, "by")
    if row.at is None or (row.first_contact_at is None and row.text("first_contact_at") is not None):
        raise RowRefused(FeedbackRejection.UNREADABLE_MOMENT)
    given = Feedback(
        lead_id=lead,
        at=row.at,
        by=by,
        kind=(row.text("kind") or FeedbackKind.DISPOSITION).lower(),
        disposition=_lower(row.text("disposition")),
        reason=_lower(row.text("reason")),
        reasons_matched=_answers(row, known),
        run_id=row.text("run_id"),
        first_contact_at=row.first_contact_at,
        note=row.text("note"),
    )
    return checked_feedback(given, known, now=now)


def checked_feedback(given: Feedback, known: KnownLeads, *, now: int) -> Feedback:
    """Feedback that holds the rules, with the run whose decision it answers.

    Raises:
        RowRefused: When it breaks one.
    """
    lead = str(given.lead_id)
    if max(given.at, given.first_contact_at or 0) > now + SLACK:
        raise RowRefused(FeedbackRejection.IN_THE_FUTURE)
    _check_words(given)
    if not known.codes_of(lead) >= set(given.reasons_matched):
        raise RowRefused(FeedbackRejection.UNKNOWN_REASON_CODE)
    if given.note is not None and len(given.note) > LONGEST_NOTE:
        raise RowRefused(FeedbackRejection.NOTE_TOO_LONG)
    return _answering(given, lead, known)


def _check_words(given: Feedback) -> None:
    if given.kind not in tuple(FeedbackKind):
        raise RowRefused(FeedbackRejection.UNKNOWN_KIND)
    kind = FeedbackKind(given.kind)
    is_disposition = kind == FeedbackKind.DISPOSITION
    if (given.disposition in DISPOSITIONS) != is_disposition or (given.disposition and not is_disposition):
        raise RowRefused(FeedbackRejection.UNKNOWN_DISPOSITION)
    gives_reason = kind in (FeedbackKind.SKIP, FeedbackKind.APPEAL) or given.disposition == Disposition.REJECTED
    if given.reason is None and gives_reason:
        raise RowRefused(FeedbackRejection.REASON_IS_MISSING)
    if given.reason is not None and given.reason not in REASONS[kind]:
        raise RowRefused(FeedbackRejection.UNKNOWN_REASON)
    if kind == FeedbackKind.ANSWER and not given.reasons_matched:
        raise RowRefused(FeedbackRejection.ANSWER_IS_MISSING)


def _answering(given: Feedback, lead: str, known: KnownLeads) -> Feedback:
    if lead not in known.listed and lead not in known.handed:
        raise RowRefused(FeedbackRejection.UNKNOWN_LEAD)
    run_id: str | None
    if given.kind == FeedbackKind.APPEAL:
        if lead not in known.suppressed:
            raise RowRefused(FeedbackRejection.NOT_SUPPRESSED)
        run_id = known.suppressed[lead][0]
    else:
        answered = known.decision_at(lead, given.at, given.run_id)
        if answered is None and given.kind in (FeedbackKind.SKIP, FeedbackKind.ANSWER):
            raise RowRefused(FeedbackRejection.NEVER_HANDED)
        run_id = None if answered is None else answered.run_id
    return Feedback(**{**vars(given), "run_id": run_id})


def _needed(row: Row, name: str) -> str:
    value = row.text(name)
    if value is None:
        missing = {"lead_id": FeedbackRejection.MISSING_LEAD, "by": FeedbackRejection.MISSING_PERSON}
        raise RowRefused(missing[name])
    return value


def _lower(value: str | None) -> str | None:
    return None if value is None else value.strip().lower().replace(" ", "_")


def _answers(row: Row, known: KnownLeads) -> dict[str, bool]:
    """Reason code -> whether it matched. A plain yes or no answers for the first reason of the decision."""
    found = {
        name.removeprefix(ANSWER): _yes_or_no(str(value))
        for name, value in row.values.items()
        if name.startswith(ANSWER) and value is not None
    }
    told = row.text("reason_matched")
    if told is None:
        return found
    if "=" in told:
        pairs = [each.partition("=") for each in told.split(";") if each.strip()]
        return {**found, **{code.strip().upper(): _yes_or_no(answer) for code, _, answer in pairs}}
    decision = None if row.at is None else known.decision_at(str(row.text("lead_id")), row.at, row.text("run_id"))
    answer = _yes_or_no(told)
    return found if decision is None or not decision.reasons else {**found, decision.reasons[0]: answer}


def _yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word not in (*YES, *NO):
        raise RowRefused(FeedbackRejection.UNREADABLE_ANSWER)
    return word in YES
