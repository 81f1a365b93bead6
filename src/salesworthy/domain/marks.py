"""Marks of columns: what a field map knows about a column by its name, so that nobody learns from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from salesworthy.domain.approved_use import names_transfer_of_value


class MarkKind(StrEnum):
    """Why a column is no honest feature."""

    AFTER_OUTCOME = "after_outcome"
    """Filled in, or still changed, once sales has the lead: the leakage audit stops training on it."""
    PERSONAL = "personal"
    """Says who a person is."""
    WORKER = "worker"
    """Says who works on the lead."""
    TRANSFER_OF_VALUE = "transfer_of_value"
    """Says by its name that it holds what a person was given, paid or hired for."""
    FREE_TEXT = "free_text"
    """May hold anything, data of patients too."""
    LOOKS_FREE = "looks_free"
    """Nobody said what it is, and its values look like free text: no feature by itself, only where a person says so."""


NEVER_FEATURES = {
    MarkKind.PERSONAL: "says who a person is",
    MarkKind.WORKER: "says who works on the lead",
    MarkKind.TRANSFER_OF_VALUE: "is a transfer of value",
    MarkKind.FREE_TEXT: "is free text",
}
"""Marks whose columns never reach a model, whatever a person answers for; each as the words of a sentence."""


BY_NAME = "its name"


@dataclass(frozen=True)
class ColumnMark:
    """A mark, and what sets it: a field map, the values, or the name."""

    kind: MarkKind
    by: str

    @property
    def says(self) -> str:
        """The mark as the end of a sentence that begins with the column.

        Example:
            >>> ColumnMark(MarkKind.WORKER, "salesforce/lead").says
            'says who works on the lead (field map salesforce/lead), which is never a feature'
            >>> ColumnMark(MarkKind.AFTER_OUTCOME, "salesforce/lead").says
            'is filled in, or goes on changing, once sales has the lead (field map salesforce/lead)'
        """
        if self.kind is MarkKind.LOOKS_FREE:
            return "looks like free text (its values are long, and many of them differ)"
        if self.kind is MarkKind.TRANSFER_OF_VALUE:
            return (
                f"{NEVER_FEATURES[self.kind]} by its name, which is never a feature; give it another name if it is none"
            )
        if self.kind in NEVER_FEATURES:
            return f"{NEVER_FEATURES[self.kind]} (field map {self.by}), which is never a feature"
        return f"is filled in, or goes on changing, once sales has the lead (field map {self.by})"


def mark_by_name(column: str) -> ColumnMark | None:
    """The mark that a column has by its name alone, whatever it came from.

    Example:
        >>> mark_by_name("speaker_fee").says
        'is a transfer of value by its name, which is never a feature; give it another name if it is none'
    """
    return ColumnMark(MarkKind.TRANSFER_OF_VALUE, BY_NAME) if names_transfer_of_value(column) else None
